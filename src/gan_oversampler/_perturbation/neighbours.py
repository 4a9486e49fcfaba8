"""Nearest rows by index, found among so few that a large table costs seconds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.neighbors import NearestNeighbors

Floats = NDArray[np.float32]
Indices = NDArray[np.int32]


def nearest(rows: Floats, among: Floats, k: int) -> Indices:
    """The k rows of `among` nearest to each row, or all rows where there are fewer.

    Parameters
    ----------
    rows : ndarray of shape (n, d), float32
    among : ndarray of shape (m, d), float32
        At least one row.
    k : int

    Returns
    -------
    ndarray of shape (n, min(k, m)), int32
    """
    index = NearestNeighbors(n_neighbors=min(k, len(among))).fit(among)
    return index.kneighbors(rows, return_distance=False).astype(np.int32)


def nearest_others(rows: Floats, k: int) -> Indices:
    """The k other rows nearest to each row; a row that is alone is its own neighbour.

    Parameters
    ----------
    rows : ndarray of shape (n, d), float32
    k : int

    Returns
    -------
    ndarray of shape (n, max(1, min(k, n - 1))), int32
    """
    found = nearest(rows, rows, k + 1)
    return found[:, 1:] if len(rows) > 1 else found


def pick(candidates: Indices, rng: np.random.Generator) -> Indices:
    """One of the candidates in each line: ndarray of shape (n,)."""
    return candidates[np.arange(len(candidates)), rng.integers(candidates.shape[1], size=len(candidates))]
