"""The user's containers: arrays, lists and DataFrames, and the same with new rows appended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from gan_oversampler._rows import pictures

NUMERIC_KINDS = "biuf"


def is_dataframe(X: Any) -> bool:
    """Whether X is a pandas DataFrame (recognised by its methods, so that pandas is not imported)."""
    return hasattr(X, "iloc") and hasattr(X, "columns")


def _check_columns(X: Any) -> None:
    """Refuse a DataFrame with columns that numbers cannot represent, or with repeated names."""
    if not len(X.columns):
        raise ValueError(f"X must have at least one column, but its shape is {X.shape}: give it a column of numbers.")
    if not X.columns.is_unique:
        twice = X.columns[X.columns.duplicated()][0]
        raise ValueError(f"X must have column names that all differ, but {twice!r} comes twice: rename the columns.")
    for name, dtype in zip(X.columns, X.dtypes, strict=True):
        if dtype.kind not in NUMERIC_KINDS + "O" or str(dtype) in ("category", "str", "string"):
            raise ValueError(
                f"Column {name!r} of X has dtype {dtype}, but numbers are expected: encode it first, "
                "for example with sklearn.preprocessing.OrdinalEncoder or OneHotEncoder."
            )


def _check_array(X: np.ndarray) -> None:
    """Refuse an array of anything but real numbers (of objects, scikit-learn will)."""
    if X.dtype.kind == "c":
        raise ValueError(f"Complex data not supported: X has dtype {X.dtype}, but real numbers are expected.")
    if X.dtype.names:
        raise ValueError(
            f"X must be an array of numbers, but it is a structured one with the fields {', '.join(X.dtype.names)}: "
            "give numpy.lib.recfunctions.structured_to_unstructured(X)."
        )
    if X.dtype.kind not in NUMERIC_KINDS + "O" or X.dtype.itemsize > 8:
        raise ValueError(
            f"X has dtype {X.dtype}, but real numbers of 64 bits at the most are expected: convert it first, for "
            "example with X.astype(float)."
        )
    if np.ma.is_masked(X):
        raise ValueError("X must hold no masked values, but it does: fill them in, for example with X.filled().")


def _check_finite(rows: np.ndarray) -> None:
    if rows.dtype.kind == "f" and not np.isfinite(rows).all():
        bad = np.argwhere(~np.isfinite(rows))
        raise ValueError(
            f"X must hold finite numbers, but {len(bad)} of its values are NaN or infinity (inf), the first in "
            f"row {bad[0][0]}: impute them, for example with sklearn.impute.SimpleImputer, or drop those rows."
        )


def prepare(X: Any) -> Any:
    """X as scikit-learn's validation takes it: numbers, a DataFrame's sparse columns made dense.

    Raises
    ------
    ValueError
        Where X, or a column of a DataFrame, does not hold real numbers.
    """
    pictures.check_is_no_collection(X)
    if is_dataframe(X):
        _check_columns(X)
        return _densify(X)
    X = pictures.stack(X) if pictures.kind_of(X) else X
    X = np.asarray(X) if isinstance(X, list | tuple) else X
    if isinstance(X, np.ndarray):
        _check_array(X)
    return X


def check_rows(rows: np.ndarray) -> None:
    """Refuse, in one sentence, rows that are neither table rows nor images, or not finite.

    Raises
    ------
    ValueError
    """
    if not 2 <= rows.ndim <= 4 or 0 in rows.shape:
        raise ValueError(
            f"X must have 2 to 4 dimensions, (n, p), (n, H, W) or (n, H, W, C), each at least 1, but its shape is "
            f"{rows.shape}: reshape it so that each row is a table row or an image."
        )
    _check_array(rows)
    _check_finite(rows)


def _is_missing(label: Any) -> bool:
    return label is None or type(label).__name__ == "NAType" or (isinstance(label, float) and not np.isfinite(label))


def _missing_labels(y: Any) -> np.ndarray:
    """Which labels are missing or infinite: bool ndarray of the shape of y."""
    if hasattr(y, "isna"):
        return np.asarray(y.isna())
    labels = np.asarray(y)
    if labels.dtype.kind == "O":
        return np.reshape([_is_missing(label) for label in labels.flat], labels.shape)
    return ~np.isfinite(labels) if labels.dtype.kind == "f" else np.zeros(labels.shape, bool)


def check_labels(y: Any) -> None:
    """Refuse, in one sentence, labels that are missing or have no order.

    Raises
    ------
    ValueError
    """
    missing = _missing_labels(y)
    if missing.ndim and missing.any():
        raise ValueError(
            f"y must hold a label for each row, but {missing.sum()} of its values are missing (NaN, None or NA) or "
            f"infinite, the first in row {np.argwhere(missing)[0][0]}: drop those rows or give them a label."
        )
    labels = np.asarray(y)
    if labels.dtype.kind == "c":
        raise ValueError("y must hold labels, but it holds complex numbers: use whole numbers or strings.")
    if labels.dtype.kind == "O" and len({isinstance(label, str) for label in labels.flat}) > 1:
        raise ValueError("y must hold labels of one type, but some are strings and some are not: use either.")


def _densify(X: Any) -> Any:
    sparse = {i: d.subtype for i, d in enumerate(X.dtypes) if str(d).startswith("Sparse")}
    if not sparse:
        return X
    dense = X.copy(deep=False)
    dense.columns = range(X.shape[1])
    dense = dense.astype(sparse)
    dense.columns = X.columns
    return dense


@dataclass(frozen=True)
class RowFormat:
    """The form of the rows of X, so that new rows get the same form.

    Attributes
    ----------
    kind : {"array", "list", "images", "PIL images", "dataframe"}
        The middle two are lists of arrays and of PIL images.
    row_shape : tuple of int
        Shape of one row: (p,), (H, W) or (H, W, C).
    dtypes : tuple of str
        One dtype for all values, or one per column of a DataFrame.
    columns : tuple of label, optional
        Column labels of a DataFrame.
    """

    kind: str
    row_shape: tuple[int, ...]
    dtypes: tuple[str, ...]
    columns: tuple[Any, ...] | None = None

    @classmethod
    def of(cls, X: Any, rows: np.ndarray) -> RowFormat:
        """Format of X, whose values are `rows`."""
        shape = tuple(rows.shape[1:])
        if is_dataframe(X):
            return cls("dataframe", shape, tuple(str(d) for d in X.dtypes), tuple(X.columns))
        dtype = X.dtype if isinstance(getattr(X, "dtype", None), np.dtype) else rows.dtype
        kind = pictures.kind_of(X) or ("array" if hasattr(X, "shape") else "list")
        return cls(kind, shape, (str(dtype),))

    @property
    def storage_dtype(self) -> np.dtype:
        """Dtype in which new rows can wait for `build`."""
        return np.dtype(np.float64 if self.kind == "dataframe" else self.dtypes[0])

    @property
    def n_features(self) -> int:
        """Number of values in a row."""
        return int(np.prod(self.row_shape))

    @property
    def whole(self) -> np.ndarray:
        """Which values must be whole numbers: bool ndarray of shape (n_features,)."""
        kinds = [numpy_dtype(dtype).kind in "biu" for dtype in self.dtypes]
        return np.array(kinds if self.kind == "dataframe" else kinds * self.n_features)

    @property
    def limits(self) -> tuple[np.ndarray, np.ndarray]:
        """Lowest and highest float64 that each value's dtype can hold: ndarrays of shape (n_features,)."""
        pairs = [_limits(numpy_dtype(dtype)) for dtype in self.dtypes]
        pairs = pairs if self.kind == "dataframe" else pairs * self.n_features
        low, high = np.array(pairs).T
        return low, high

    def build(self, values: np.ndarray) -> Any:
        """New rows in this format.

        Parameters
        ----------
        values : ndarray of shape (n, n_features), float64
            Already rounded and in the range of the dtypes.
        """
        if self.kind == "dataframe":
            return self._frame(values)
        rows = values.reshape(len(values), *self.row_shape).astype(self.dtypes[0])
        if self.kind in (pictures.ARRAYS, pictures.PIL_IMAGES):
            return pictures.unstack(rows, self.kind)
        return rows.tolist() if self.kind == "list" else rows

    def _frame(self, values: np.ndarray) -> Any:
        import pandas as pd

        frame = pd.DataFrame(values).astype({i: _pandas_dtype(name) for i, name in enumerate(self.dtypes)})
        frame.columns = pd.Index(list(self.columns or ()))
        return frame


def numpy_dtype(name: str) -> np.dtype:
    """NumPy's counterpart of a NumPy or pandas dtype (nullable, sparse, Arrow) given by name."""
    plain = name.lower().removeprefix("sparse[").split(",")[0].rstrip("]").split("[")[0]
    return np.dtype("bool" if plain == "boolean" else plain)


def _pandas_dtype(name: str) -> Any:
    """Dtype of that name; pandas itself does not read back the names of sparse dtypes with a fill value."""
    if not name.startswith("Sparse["):
        return name
    import pandas as pd

    fill = name.removeprefix("Sparse[").rstrip("]").split(",")[-1].strip()
    dtype = numpy_dtype(name)
    return pd.SparseDtype(dtype, fill == "True" if dtype.kind == "b" else dtype.type(fill))


def _limits(dtype: np.dtype) -> tuple[float, float]:
    if dtype.kind == "b":
        return 0.0, 1.0
    if dtype.kind not in "iu":
        return -np.inf, np.inf
    info = np.iinfo(dtype)
    high = float(info.max)
    # float(2**63 - 1) is 2**63, which would wrap round when cast back.
    return float(info.min), high if int(high) <= info.max else float(np.nextafter(high, 0))


def _append_frame(X: Any, new: Any) -> Any:
    import pandas as pd

    if not len(new):
        return X.copy().reset_index(drop=True)
    frame = pd.concat([X, new], ignore_index=True)
    # pandas turns a column of foreign byte order into a native one.
    return frame.astype({name: X.dtypes[name] for name in X.columns if frame.dtypes[name] != X.dtypes[name]})


def _copied(rows: Any) -> Any:
    """Rows of their own where these are lists or arrays, to any depth."""
    if isinstance(rows, list | tuple):
        return type(rows)(map(_copied, rows))
    return rows.copy() if isinstance(rows, np.ndarray) or pictures.is_pil(rows) else rows


def append_rows(X: Any, new: Any) -> Any:
    """X followed by the new rows: the originals are the same values, in a new container."""
    if is_dataframe(X):
        return _append_frame(X, new)
    if isinstance(new, list):
        return [*map(_copied, X), *new]
    X = np.asarray(X)
    return np.concatenate([X, new], dtype=X.dtype)


def repeat_labels(y: Any, donors: np.ndarray) -> Any:
    """y followed by the labels of the rows `donors`, in y's container, dtype and width.

    Parameters
    ----------
    y : array-like of shape (n,), (n, 1) or (n, n_classes)
    donors : ndarray of int
        For each new row, the index of an original row of its class.
    """
    if hasattr(y, "iloc"):
        order = np.concatenate([np.arange(len(y)), donors])
        return y.iloc[order].reset_index(drop=True)
    if isinstance(y, list | tuple):
        return [_copied(y[i]) for i in (*range(len(y)), *donors)]
    y = np.asarray(y)
    return np.concatenate([y, y[donors]], dtype=y.dtype)
