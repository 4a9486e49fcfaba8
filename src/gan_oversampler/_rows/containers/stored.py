"""X that lies outside of memory: which rows a fit needs, and how they are read in parts.

Memory maps, datasets of h5py, arrays of Zarr, and arrays and DataFrames of dask are read here. So is any array that
has a shape and a dtype of NumPy, and gives rows for a slice. What is read is an array or a DataFrame of pandas.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gan_oversampler._rows import result_memory
from gan_oversampler._rows.containers.pandas_frames import join_parts

_MIN_OTHERS = 400
_MAX_OTHER_BYTES = 2**27
_BYTES_A_VALUE = 4  # at the least: more rows of small values than of float32 serve nobody
_BYTES_AT_ONCE = 2**20  # where a store does not name chunks of its own


def check_length(X: Any, n_labels: int) -> None:
    """Refuse an array that has not a row for each label, or does not know how many it has.

    Raises
    ------
    ValueError
    """
    n_rows = X.shape[0]
    if math.isnan(n_rows):
        raise ValueError(
            "X is an array of dask that does not know how many rows it has: call X.compute_chunk_sizes() first."
        )
    if n_rows != n_labels:
        raise ValueError(f"y must hold a label for each of the {n_rows} rows of X, but it holds {n_labels}.")


class Stored:
    """An array outside of memory, that is to be read in parts.

    Parameters
    ----------
    X : array or DataFrame
    """

    def __init__(self, X: Any) -> None:
        self.X = X

    def check_length(self, n_labels: int) -> None:
        """See `check_length`; as far as X knows its length."""
        check_length(self.X, n_labels)

    def _n_rows(self) -> str:
        return f"{self.X.shape[0]:,}"

    def _bytes_a_row(self) -> int:
        return int(np.prod(self.X.shape[1:])) * max(self.X.dtype.itemsize, _BYTES_A_VALUE)

    def _bytes_to_read_a_row(self) -> int:
        return int(np.prod(self.X.shape[1:])) * self.X.dtype.itemsize

    def _rows_at_once(self) -> int:
        """Rows of a chunk of the store, or of a MiB."""
        chunks = getattr(self.X, "chunks", None)
        return int(np.max(chunks[0])) if chunks else max(1, _BYTES_AT_ONCE // max(1, self._bytes_to_read_a_row()))

    def rows_to_read(self, labels: NDArray[Any], wanted: Collection[Any]) -> NDArray[np.int64]:
        """Rows that a fit needs: all of the classes to learn, and enough of the others.

        Of the others there are exactly as many as fit in 128 MiB, and 400 at the least, drawn once and for all whatever
        the seed of the fit. A row of each class is always among these.

        Returns
        -------
        ndarray of shape (n,), int64
            Sorted.
        """
        is_wanted = np.isin(labels, list(wanted))
        is_read = is_wanted.copy()
        is_read[np.unique(labels, return_index=True)[1]] = True
        n_others = max(_MIN_OTHERS, _MAX_OTHER_BYTES // max(1, self._bytes_a_row()))
        n_more = max(0, n_others - int(np.count_nonzero(is_read & ~is_wanted)))
        left = np.flatnonzero(~is_read)
        if n_more >= len(left):
            return np.arange(len(labels))
        is_read[np.random.default_rng(0).choice(left, n_more, replace=False, shuffle=False)] = True
        return np.flatnonzero(is_read)

    def in_memory(self, labels: NDArray[Any], wanted: Collection[Any]) -> tuple[Any, NDArray[Any]]:
        """The rows that a fit needs, and their labels.

        Raises
        ------
        ValueError
            Where X has not a row for each label.
        NotEnoughMemoryError
        """
        self.check_length(len(labels))
        index = self.rows_to_read(labels, wanted)
        said = f"Reading {len(index):,} of {self._n_rows()} of X"
        result_memory.check_training(
            len(index) * self._bytes_to_read_a_row(),
            f"{said}, those of the classes to learn and a sample of the others,",
            "name fewer classes in sampling_strategy, give a sample of the rows of large ones",
        )
        return self.read(index, len(labels)), labels[index]

    def read(self, index: NDArray[np.int64], n_labels: int) -> Any:
        """Rows of X, read in parts of which one at a time is in memory.

        Parameters
        ----------
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
        rows = np.empty((len(index), *self.X.shape[1:]), self.X.dtype)
        part = index // self._rows_at_once()
        start = 0
        for here in np.split(index, np.flatnonzero(np.diff(part)) + 1):
            block = np.asarray(self.X[int(here[0]) : int(here[-1]) + 1])
            rows[start : start + len(here)] = block[here - here[0]]
            start += len(here)
        return rows


class _StoredFrame(Stored):
    """A DataFrame of dask. Only reading tells how many rows it has."""

    def check_length(self, n_labels: int) -> None:
        pass

    def _n_rows(self) -> str:
        return "all rows"

    def _bytes_a_row(self) -> int:
        return 8 * len(self.X.columns)

    def _bytes_to_read_a_row(self) -> int:
        return 2 * self._bytes_a_row()  # parts, then joined

    def read(self, index: NDArray[np.int64], n_labels: int) -> Any:
        parts, start = [], 0
        for i in range(self.X.npartitions):
            part = self.X.partitions[i].compute()
            parts.append(part.iloc[index[(index >= start) & (index < start + len(part))] - start])
            start += len(part)
        if start != n_labels:
            raise ValueError(f"y must hold a label for each of the {start} rows of X, but it holds {n_labels}.")
        return join_parts(parts)


def stored_of(X: Any) -> Stored | None:
    """X as what is to be read in parts; None where it is in memory."""
    if isinstance(X, np.ndarray):
        return Stored(X) if isinstance(X, np.memmap) else None
    if hasattr(X, "dask") and hasattr(X, "columns"):
        return _StoredFrame(X)
    is_array = all(hasattr(X, name) for name in ("shape", "__array__", "__getitem__"))
    is_stored = is_array and isinstance(getattr(X, "dtype", None), np.dtype) and not hasattr(X, "iloc")
    return Stored(X) if is_stored else None
