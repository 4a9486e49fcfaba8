"""X that lies outside of memory: which rows a fit needs, and how they are read in parts.

Memory maps, datasets of h5py, arrays of Zarr, and arrays and DataFrames of dask are read here. So is any array that
has a shape and a dtype of NumPy, and gives rows for a slice.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gan_oversampler._rows import frames, result_memory

_MIN_OTHERS = 400
_MAX_OTHER_BYTES = 2**27
_BYTES_A_VALUE = 4  # at the least: more rows of small values than of float32 serve nobody
_BYTES_AT_ONCE = 2**20  # where a store does not name chunks of its own


def _is_lazy_frame(X: Any) -> bool:
    """Whether X is a DataFrame of dask."""
    return hasattr(X, "dask") and hasattr(X, "columns")


def is_stored(X: Any) -> bool:
    """Whether X is an array or a DataFrame that is to be read in parts."""
    if isinstance(X, np.ndarray):
        return isinstance(X, np.memmap)
    if _is_lazy_frame(X):
        return True
    is_array = all(hasattr(X, name) for name in ("shape", "__array__", "__getitem__"))
    return is_array and isinstance(getattr(X, "dtype", None), np.dtype) and not hasattr(X, "iloc")


def _values_a_row(X: Any) -> int:
    return len(X.columns) if _is_lazy_frame(X) else int(np.prod(X.shape[1:]))


def _bytes_a_row(X: Any) -> int:
    return _values_a_row(X) * (8 if _is_lazy_frame(X) else max(X.dtype.itemsize, _BYTES_A_VALUE))


def rows_to_read(X: Any, labels: NDArray[Any], wanted: Collection[Any]) -> NDArray[np.int64]:
    """Rows that a fit needs: all of the classes to learn, and enough of the others.

    Of the others there are exactly as many as fit in 128 MiB, and 400 at the least, drawn once and for all whatever the
    seed of the fit. A row of each class is always among these.

    Returns
    -------
    ndarray of shape (n,), int64
        Sorted.
    """
    is_wanted = np.isin(labels, list(wanted))
    is_read = is_wanted.copy()
    is_read[np.unique(labels, return_index=True)[1]] = True
    n_others = max(_MIN_OTHERS, _MAX_OTHER_BYTES // max(1, _bytes_a_row(X)))
    n_more = max(0, n_others - int(np.count_nonzero(is_read & ~is_wanted)))
    left = np.flatnonzero(~is_read)
    if n_more >= len(left):
        return np.arange(len(labels))
    is_read[np.random.default_rng(0).choice(left, n_more, replace=False, shuffle=False)] = True
    return np.flatnonzero(is_read)


def check_memory(X: Any, n_rows: int) -> None:
    """Refuse to read so many rows of X where they do not fit in memory.

    Raises
    ------
    NotEnoughMemoryError
    """
    n_all = "all rows" if _is_lazy_frame(X) else f"{X.shape[0]:,}"
    a_row = 2 * _bytes_a_row(X) if _is_lazy_frame(X) else _values_a_row(X) * X.dtype.itemsize  # parts, then joined
    result_memory.check_training(
        n_rows * a_row,
        f"Reading {n_rows:,} of {n_all} of X, those of the classes to learn and a sample of the others,",
        "name fewer classes in sampling_strategy, give a sample of the rows of large ones",
    )


def check_length(X: Any, n_labels: int) -> None:
    """Refuse an array that has not a row for each label, or does not know how many it has.

    Raises
    ------
    ValueError
    """
    if _is_lazy_frame(X):  # only reading tells how many rows it has
        return
    n_rows = X.shape[0]
    if math.isnan(n_rows):
        raise ValueError(
            "X is an array of dask that does not know how many rows it has: call X.compute_chunk_sizes() first."
        )
    if n_rows != n_labels:
        raise ValueError(f"y must hold a label for each of the {n_rows} rows of X, but it holds {n_labels}.")


def _rows_at_once(X: Any) -> int:
    """Rows of a chunk of the store, or of a MiB."""
    chunks = getattr(X, "chunks", None)
    if chunks:
        return int(np.max(chunks[0]))
    return max(1, _BYTES_AT_ONCE // max(1, _values_a_row(X) * X.dtype.itemsize))


def _rows_of_array(X: Any, index: NDArray[np.int64]) -> NDArray[Any]:
    rows = np.empty((len(index), *X.shape[1:]), X.dtype)
    part = index // _rows_at_once(X)
    start = 0
    for here in np.split(index, np.flatnonzero(np.diff(part)) + 1):
        block = np.asarray(X[int(here[0]) : int(here[-1]) + 1])
        rows[start : start + len(here)] = block[here - here[0]]
        start += len(here)
    return rows


def _rows_of_frame(X: Any, index: NDArray[np.int64], n_labels: int) -> Any:
    parts, start = [], 0
    for i in range(X.npartitions):
        part = X.partitions[i].compute()
        parts.append(part.iloc[index[(index >= start) & (index < start + len(part))] - start])
        start += len(part)
    if start != n_labels:
        raise ValueError(f"y must hold a label for each of the {start} rows of X, but it holds {n_labels}.")
    return frames.join_parts(parts)


def read_rows(X: Any, index: NDArray[np.int64], n_labels: int) -> Any:
    """Rows of X, read in parts of which one at a time is in memory.

    Parameters
    ----------
    X : array or DataFrame outside of memory
    index : ndarray of int
        Sorted.
    n_labels : int
        How many rows X must have.

    Returns
    -------
    ndarray of shape (n, ...), or pandas DataFrame of n rows

    Raises
    ------
    ValueError
        Where a DataFrame turns out to have another number of rows.
    """
    return _rows_of_frame(X, index, n_labels) if _is_lazy_frame(X) else _rows_of_array(X, index)
