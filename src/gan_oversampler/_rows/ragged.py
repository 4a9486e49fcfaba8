"""Several arrays of different lengths as two, for a state to save."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def join(arrays: Sequence[np.ndarray], dtype: type = np.float64) -> tuple[np.ndarray, np.ndarray]:
    """The arrays one behind the other, and their lengths."""
    flat: np.ndarray = np.concatenate([np.empty(0, dtype), *arrays]).astype(dtype)
    return flat, np.array([len(array) for array in arrays], np.int64)


def split(flat: np.ndarray, sizes: np.ndarray) -> list[np.ndarray]:
    """The arrays that `join` was given.

    Raises
    ------
    ValueError
        Where the lengths are not those of so many values.
    """
    if sizes.ndim != 1 or flat.ndim != 1 or (sizes < 0).any() or sizes.sum() != len(flat):
        raise ValueError(f"{sizes.sum()} values are said to follow, but there are {len(flat)}.")
    return np.split(flat, np.cumsum(sizes)[:-1]) if len(sizes) else []
