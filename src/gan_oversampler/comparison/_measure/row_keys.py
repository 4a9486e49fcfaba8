"""Rows as keys: equal rows have equal keys, whatever the container, the dtype and the sign of zero."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Keys = list[Any]


def _as_numbers(cells: npt.NDArray[np.object_]) -> npt.NDArray[Any]:
    """Cells of a mixed table as numbers where all are."""
    try:
        return cells.astype(np.float64)
    except (TypeError, ValueError):
        return cells


def _matrix(X: Any) -> npt.NDArray[Any]:
    """Rows in 2 dimensions; missing values of a frame are NaN or None."""
    array = X.to_numpy() if hasattr(X, "to_numpy") else np.asarray(X)
    if array.dtype == object and hasattr(X, "notna"):
        array = X.astype(object).where(X.notna(), None).to_numpy()
    array = array.reshape(len(array), -1)
    return _as_numbers(array) if array.dtype == object else array


def _coarsest(dtypes: Sequence[np.dtype[Any]]) -> np.dtype[Any]:
    """The dtype in which rows of all these can be equal: a sampler that returns float32 has rounded its rows."""
    if any(not np.issubdtype(dtype, np.number) and dtype.kind != "b" for dtype in dtypes):
        return np.dtype(object)
    floats = [dtype for dtype in dtypes if np.issubdtype(dtype, np.floating)]
    return min(floats, key=lambda dtype: dtype.itemsize) if floats else np.result_type(*dtypes)


def _plain(value: Any) -> Any:
    """A cell that equals itself."""
    return None if value is None or value != value else value


def alike(*tables: Any) -> list[npt.NDArray[Any]]:
    """The rows of several tables as arrays of one dtype, at the precision of the coarsest.

    Parameters
    ----------
    *tables : ndarray or DataFrame
        Rows of the same columns; images are flattened.
    """
    matrices = [_matrix(table) for table in tables]
    dtype = _coarsest([matrix.dtype for matrix in matrices])
    with np.errstate(over="ignore"):
        return [matrix.astype(dtype, copy=False) for matrix in matrices]


def row_keys(rows: npt.NDArray[Any]) -> Keys:
    """A hashable key for every row; rows of two tables must be `alike` first."""
    if rows.dtype == object:
        return [tuple(map(_plain, row)) for row in rows.tolist()]
    return [row.tobytes() for row in np.ascontiguousarray(rows + rows.dtype.type(0))]
