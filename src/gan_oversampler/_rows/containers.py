"""The user's containers: arrays, lists and DataFrames, and the same with new rows appended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gan_oversampler._rows import coding, frames, other_frames, pictures, sparse_tables
from gan_oversampler._rows.coding import Coding
from gan_oversampler._rows.frames import NUMERIC_KINDS, is_dataframe, numeric_counterpart


def _check_held_in_memory(X: Any) -> None:
    """Refuse what is computed later, or elsewhere."""
    if hasattr(X, "dask"):
        raise ValueError(
            f"X is a {type(X).__name__} of dask, which is computed later, but data in memory are expected: give "
            "X.compute(), or call fit, which reads it in parts, and then iter_samples or sample_dask."
        )
    if type(X).__name__ == "LazyFrame":
        raise ValueError(
            "X is a LazyFrame, which is computed later, but data in memory are expected: give X.collect()."
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
            f"X has dtype {X.dtype}, but real numbers of 64 bits at the most are expected: convert it first, numbers "
            "with X.astype(float), and categories with X.astype(object)."
        )
    if np.ma.is_masked(X):
        raise ValueError("X must hold no masked values, but it does: fill them in, for example with X.filled().")


def check_finite(rows: np.ndarray, may_miss: bool) -> None:
    """Refuse infinite values, and of images those that are missing.

    Raises
    ------
    ValueError
    """
    if rows.dtype.kind != "f" or np.isfinite(rows).all():
        return
    is_bad = np.isinf(rows) if may_miss else ~np.isfinite(rows)
    if is_bad.any():
        what = "infinity" if may_miss else "NaN or infinity"
        advice = "make them NaN, which a table may hold" if may_miss else "replace them"
        raise ValueError(
            f"X must hold finite numbers, but {is_bad.sum()} of its values are {what} (inf), the first in row "
            f"{np.argwhere(is_bad)[0][0]}: {advice}, or drop those rows."
        )


def check_is_no_text(X: Any) -> None:
    """Refuse a list or a column of texts, whose rows have no columns.

    Raises
    ------
    ValueError
    """
    is_flat = isinstance(X, list | tuple) or len(getattr(X, "shape", ())) == 1
    if is_flat and any(isinstance(value, str | bytes) for value in X):
        raise ValueError(
            f"X must have two dimensions or more, but it is a {type(X).__name__} of texts: make numbers of texts "
            "first, for example with TfidfVectorizer().fit_transform(X).toarray(), and give categories as a column of "
            "a DataFrame."
        )


def prepare(X: Any) -> Any:
    """X as its columns can be read: a list of rows as an array, and dense what is sparse.

    Raises
    ------
    ValueError
        Where X is not in memory, or does not hold real numbers or categories.
    """
    _check_held_in_memory(X)
    pictures.check_is_no_collection(X)
    check_is_no_text(X)
    if is_dataframe(X):
        frames.check_columns(X)
        return frames.densify(X)
    X = sparse_tables.to_dense(X) if sparse_tables.kind_of(X) else X
    X = pictures.stack(X) if pictures.kind_of(X) else X
    X = _array_of_list(X) if isinstance(X, list | tuple) else X
    if isinstance(X, np.ndarray):
        _check_array(X)
    return X


def _array_of_list(X: Any) -> np.ndarray:
    """A list of rows as an array, of objects where the values of a row are of several types."""
    array = np.asarray(X)
    if array.ndim != 2 or isinstance(X[0], np.ndarray):
        return array
    types = {type(value) for row in X for value in row}
    return array if len(types) == 1 and array.dtype.kind in NUMERIC_KINDS else np.array(X, object)


def column_names(X: Any) -> list[Any]:
    """Names of the columns, or their numbers where they have none."""
    return list(X.columns) if hasattr(X, "columns") else list(range(X.shape[1]))


def read(X: Any, categories: list[bool | None]) -> tuple[Any, dict[int, Coding]]:
    """Numbers that stand for the values of X, and the codings of columns of which they are not the values.

    Parameters
    ----------
    X : array or DataFrame, as `prepare` gives it
    categories : list of bool or None
        Whether each column is to be a category; None: it tells itself.

    Returns
    -------
    numbers : ndarray of shape (n, ...)
        Those of an array of numbers, or what is no table at all, as they are.
    codings : dict
    """
    if is_dataframe(X):
        return frames.read_frame(X, categories)
    if not isinstance(X, np.ndarray) and other_frames.is_other_frame(X):
        return other_frames.read_frame(X, categories)
    if isinstance(X, np.ndarray) and X.dtype.kind == "O" and X.ndim == 2 and X.size:
        return _read_columns(X, categories)
    return X, {}


def _read_columns(X: np.ndarray, categories: list[bool | None]) -> tuple[np.ndarray, dict[int, Coding]]:
    columns = [coding.read_values(i, X[:, i], category) for i, category in enumerate(categories)]
    numbers = np.column_stack([column for column, _ in columns]).astype(np.float64)
    return numbers, {i: c for i, (_, c) in enumerate(columns) if c is not None}


def code_numbers(rows: np.ndarray, categories: list[bool | None]) -> tuple[np.ndarray, dict[int, Coding]]:
    """The same for a table of numbers: some may be categories, or too large for float64 to hold."""
    is_plain = rows.dtype.kind == "f" or (rows.dtype.kind != "b" and coding.are_exact(rows))
    return (rows, {}) if is_plain and not any(categories) else _read_columns(rows, categories)


def check_rows(rows: np.ndarray) -> None:
    """Refuse, in one sentence, rows that are neither table rows nor images.

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


def _is_no_label(label: Any) -> bool:
    return coding.is_missing(label) or (isinstance(label, float) and not np.isfinite(label))


def _missing_labels(y: Any) -> np.ndarray:
    """Which labels are missing or infinite: bool ndarray of the shape of y."""
    if hasattr(y, "isna"):
        return np.asarray(y.isna())
    labels = np.asarray(y)
    if labels.dtype.kind == "O":
        return np.reshape([_is_no_label(label) for label in labels.flat], labels.shape)
    return ~np.isfinite(labels) if labels.dtype.kind == "f" else np.zeros(labels.shape, bool)


def check_labels(y: Any) -> None:
    """Refuse, in one sentence, labels that are not there, are missing or have no order.

    Raises
    ------
    ValueError
    """
    if y is None:
        raise ValueError("A sampler requires y to be passed, but the target y is None: give a label for each row.")
    if not np.ndim(y):
        example = f"df[{y!r}], and leave that column out of X" if isinstance(y, str) else "a column of a DataFrame"
        raise ValueError(
            f"y must hold a label for each row, but it is of type {type(y).__name__}: give the labels themselves, such "
            f"as {example}."
        )
    missing = _missing_labels(y)
    if missing.ndim and missing.any():
        raise ValueError(
            f"y must hold a label for each row, but {missing.sum()} of its values are missing (NaN, None or NA) or "
            f"infinite, the first in row {np.argwhere(missing)[0][0]}: drop those rows or give them a label."
        )
    labels = np.asarray(y)
    if labels.dtype.kind == "c":
        raise ValueError("Complex data not supported: y holds complex numbers; use whole numbers or strings as labels.")
    given = np.array(y, object) if isinstance(y, list | tuple) and labels.dtype.kind in "US" else labels
    if given.dtype.kind == "O" and len({isinstance(label, str) for label in given.flat}) > 1:
        raise ValueError("y must hold labels of one type, but some are strings and some are not: use either.")


@dataclass(frozen=True, eq=False)
class RowFormat:
    """The form of the rows of X, so that new rows get the same form.

    Attributes
    ----------
    kind : {"array", "list", "rows", "images", "PIL images", "dataframe", "other dataframe"} or one of scipy's
        "rows": a list of arrays of one dimension; "images", "PIL images": lists of these. See `sparse_tables.KINDS`.
    row_shape : tuple of int
        Shape of one row: (p,), (H, W) or (H, W, C).
    storage_dtype : dtype
        In which new rows can wait for `build`, as numbers.
    dtypes : tuple of str
        One dtype for all values, or one per column of a DataFrame.
    codings : dict
        Column -> Coding, of those whose numbers are not their values.
    template : DataFrame, optional
        X without its rows.
    """

    kind: str
    row_shape: tuple[int, ...]
    storage_dtype: np.dtype
    dtypes: tuple[str, ...]
    codings: dict[int, Coding] = field(default_factory=dict)
    template: Any = None

    @classmethod
    def of(cls, X: Any, rows: np.ndarray, codings: dict[int, Coding]) -> RowFormat:
        """Format of X, for whose values the numbers `rows` stand."""
        shape, dtype = tuple(rows.shape[1:]), rows.dtype
        if is_dataframe(X):
            # Numbers of several columns have room in float64 alone.
            names = tuple(str(d) for d in X.dtypes)
            return cls("dataframe", shape, np.dtype(np.float64), names, codings, X.iloc[:0].copy())
        if isinstance(X, list | tuple):
            kind = "rows" if isinstance(X[0], np.ndarray) and len(shape) == 1 else "list"
            return cls(pictures.kind_of(X) or kind, shape, dtype, ("object" if codings else str(dtype),), codings)
        if isinstance(getattr(X, "dtype", None), np.dtype):
            return cls(sparse_tables.kind_of(X) or "array", shape, dtype, (str(X.dtype),), codings)
        if other_frames.is_other_frame(X):
            names = tuple(str(d) for d in X.dtypes)
            return cls("other dataframe", shape, np.dtype(np.float64), names, codings, X[:0])
        return cls("array", shape, dtype, (str(dtype),), codings)

    @property
    def n_features(self) -> int:
        """Number of values in a row."""
        return int(np.prod(self.row_shape))

    @property
    def is_category(self) -> np.ndarray:
        """Which numbers are codes of categories: bool ndarray of shape (n_features,)."""
        coded = (self.codings.get(i) for i in range(self.n_features))
        return np.array([c is not None and c.is_category for c in coded])

    def _of_each_value(self, tell: Callable[[np.dtype], Any]) -> np.ndarray:
        """What holds of each value's dtype, float64 where it is no number: ndarray of shape (n_features, ...)."""
        told = np.array([tell(numeric_counterpart(name) or np.dtype(np.float64)) for name in self.dtypes])
        return told if self.template is not None else np.repeat(told, self.n_features, axis=0)

    @property
    def whole(self) -> np.ndarray:
        """Which values have a dtype of whole numbers: bool ndarray of shape (n_features,)."""
        return self._of_each_value(lambda dtype: dtype.kind in "biu")

    @property
    def limits(self) -> tuple[np.ndarray, np.ndarray]:
        """Lowest and highest float64 that each value's dtype can hold: ndarrays of shape (n_features,)."""
        low, high = self._of_each_value(_limits).T
        return low, high

    def build(self, numbers: np.ndarray) -> Any:
        """New rows in this format.

        Parameters
        ----------
        numbers : ndarray of shape (n, n_features)
            Valid ones: whole, and in the range of the dtypes, where these are so. The rows may share their memory.
        """
        if self.kind == "dataframe":
            return frames.build_frame(numbers, self.template, self.codings)
        if self.kind == "other dataframe":
            return other_frames.build_frame(numbers, self.template, self.codings)
        rows = self._array(numbers)
        if self.kind in (pictures.ARRAYS, pictures.PIL_IMAGES):
            return pictures.unstack(rows, self.kind)
        if self.kind in sparse_tables.KINDS:
            return sparse_tables.KINDS[self.kind](rows)
        return {"list": rows.tolist, "rows": lambda: list(rows), "array": lambda: rows}[self.kind]()

    def _array(self, numbers: np.ndarray) -> np.ndarray:
        if not self.codings:
            return numbers.reshape(len(numbers), *self.row_shape).astype(self.dtypes[0], copy=False)
        rows = np.empty(numbers.shape, self.dtypes[0])
        for i, column in enumerate(numbers.T):
            rows[:, i] = self.codings[i].values(column) if i in self.codings else column
        return rows


def plain_labels(y: Any) -> Any:
    """y as an array whose labels are those that a user would write: whole numbers stay so, of whatever container.

    pandas' nullable numbers, and objects that are all of one type, become NumPy's own.
    """
    counterpart = numeric_counterpart(str(getattr(y, "dtype", "")))
    if hasattr(y, "iloc") and counterpart is not None and not isinstance(y.dtype, np.dtype):
        return y.to_numpy(counterpart)
    labels = np.asarray(y)
    if labels.dtype.kind == "O" and len({type(label) for label in labels.flat}) == 1:
        natural = np.array(labels.tolist())
        return natural if natural.dtype.kind in "biu" else y if hasattr(y, "dtype") else labels
    return y if hasattr(y, "dtype") else labels


def _limits(dtype: np.dtype) -> tuple[float, float]:
    if dtype.kind == "b":
        return 0.0, 1.0
    if dtype.kind not in "iu":
        return -np.inf, np.inf
    info = np.iinfo(dtype)
    high = float(info.max)
    # float(2**63 - 1) is 2**63, which would wrap round when cast back.
    return float(info.min), high if int(high) <= info.max else float(np.nextafter(high, 0))


def _copied(rows: Any) -> Any:
    """Rows of their own where these are lists or arrays, to any depth."""
    if isinstance(rows, list | tuple):
        return type(rows)(map(_copied, rows))
    return rows.copy() if isinstance(rows, np.ndarray) or pictures.is_pil(rows) else rows


def append_rows(X: Any, new: Any) -> Any:
    """X followed by the new rows: the originals are the same values, in a new container."""
    if is_dataframe(X):
        return frames.append_frame(X, new)
    if not isinstance(X, np.ndarray | list | tuple) and other_frames.is_other_frame(X):
        return other_frames.append_frame(X, new)
    if sparse_tables.kind_of(X):
        return sparse_tables.append(X, new)
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
    if not isinstance(y, np.ndarray | list | tuple) and other_frames.is_series(y):
        return other_frames.take(y, np.concatenate([np.arange(len(y)), donors]))
    if isinstance(y, list | tuple):
        return [_copied(y[i]) for i in (*range(len(y)), *donors)]
    y = np.asarray(y)
    return np.concatenate([y, y[donors]], dtype=y.dtype)
