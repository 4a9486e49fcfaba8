"""The user's containers: arrays, lists and DataFrames in, the same with new rows appended out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

NUMERIC_KINDS = "biuf"


def is_dataframe(X: Any) -> bool:
    """Whether X is a pandas DataFrame (told by its methods, so that pandas is not imported)."""
    return hasattr(X, "iloc") and hasattr(X, "columns")


def _check_columns(X: Any) -> None:
    """Refuse the columns of a DataFrame that numbers cannot stand for."""
    for name, dtype in zip(X.columns, X.dtypes, strict=True):
        if dtype.kind not in NUMERIC_KINDS + "O" or str(dtype) in ("category", "str", "string"):
            raise ValueError(
                f"Column {name!r} of X has dtype {dtype}, but numbers are expected: encode it first, "
                "for example with sklearn.preprocessing.OrdinalEncoder or OneHotEncoder."
            )


def _check_finite(rows: np.ndarray) -> None:
    if rows.dtype.kind == "f" and not np.isfinite(rows).all():
        bad = np.argwhere(~np.isfinite(rows))
        raise ValueError(
            f"X must hold finite numbers, but {len(bad)} of its values are NaN or infinity (inf), the first in "
            f"row {bad[0][0]}: impute them, for example with sklearn.impute.SimpleImputer, or drop those rows."
        )


def prepare(X: Any) -> Any:
    """X as scikit-learn's validation takes it: a DataFrame of numbers, its sparse columns made dense.

    Raises
    ------
    ValueError
        Where a column of a DataFrame does not hold numbers.
    """
    if not is_dataframe(X):
        return X
    _check_columns(X)
    return _densify(X)


def check_rows(rows: np.ndarray) -> None:
    """Refuse, in one sentence, rows that are neither table rows nor images, or not finite.

    Raises
    ------
    ValueError
    """
    if rows.ndim > 4:
        raise ValueError(
            f"X must have 2 to 4 dimensions, (n, p), (n, H, W) or (n, H, W, C), but its shape is {rows.shape}: "
            "reshape it so that each row is a table row or an image."
        )
    _check_finite(rows)


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
    """How the rows of X looked, so that new rows can be given the same form.

    Attributes
    ----------
    kind : {"array", "list", "dataframe"}
    row_shape : tuple of int
        Shape of one row: (p,), (H, W) or (H, W, C).
    dtypes : tuple of str
        One dtype for all values, or one a column of a DataFrame.
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
        return cls("array" if hasattr(X, "shape") else "list", shape, (str(dtype),))

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
        kinds = [_numpy_dtype(dtype).kind in "biu" for dtype in self.dtypes]
        return np.array(kinds if self.kind == "dataframe" else kinds * self.n_features)

    @property
    def limits(self) -> tuple[np.ndarray, np.ndarray]:
        """Lowest and highest float64 that each value's dtype can hold: ndarrays of shape (n_features,)."""
        pairs = [_limits(_numpy_dtype(dtype)) for dtype in self.dtypes]
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
        return rows.tolist() if self.kind == "list" else rows

    def _frame(self, values: np.ndarray) -> Any:
        import pandas as pd

        frame = pd.DataFrame(values).astype({i: _pandas_dtype(name) for i, name in enumerate(self.dtypes)})
        frame.columns = pd.Index(list(self.columns or ()))
        return frame


def _numpy_dtype(name: str) -> np.dtype:
    """NumPy's counterpart of a NumPy or pandas dtype (nullable, sparse, Arrow) given by name."""
    plain = name.lower().removeprefix("sparse[").split(",")[0].rstrip("]").split("[")[0]
    return np.dtype("bool" if plain == "boolean" else plain)


def _pandas_dtype(name: str) -> Any:
    """Dtype of that name; pandas itself does not read back the names of sparse dtypes with a fill value."""
    if not name.startswith("Sparse["):
        return name
    import pandas as pd

    fill = name.removeprefix("Sparse[").rstrip("]").split(",")[-1].strip()
    dtype = _numpy_dtype(name)
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


def append_rows(X: Any, new: Any) -> Any:
    """X with the new rows behind: the originals are the very same values, in a container of their own."""
    if is_dataframe(X):
        import pandas as pd

        return pd.concat([X, new], ignore_index=True) if len(new) else X.copy().reset_index(drop=True)
    if isinstance(new, list):
        return [*X, *new]
    return np.concatenate([np.asarray(X), new])


def repeat_labels(y: Any, donors: np.ndarray) -> Any:
    """y with the labels of the rows `donors` behind: of whatever container, dtype and width y is.

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
        return [*y, *(y[i] for i in donors)]
    y = np.asarray(y)
    return np.concatenate([y, y[donors]])
