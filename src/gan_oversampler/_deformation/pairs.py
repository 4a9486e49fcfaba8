"""Pairs of near neighbours among images, to carry one onto the other."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn import config_context
from sklearn.neighbors import NearestNeighbors
from sklearn.utils.extmath import randomized_svd

from gan_oversampler._deformation.registration import mean_squares
from gan_oversampler._deformation.warp import Floats

_LONGEST_SIDE = 32  # larger images are registered at a reduced size: coefficients do not depend on it


_POOL = 30_000


_NEIGHBORS = 60


_COMPONENTS = 40


def reduced(images: Floats) -> Floats:
    """Average blocks of pixels until the longer side is about 32, or the shorter 2; smaller images stay unchanged."""
    _, height, width, _ = images.shape
    block = max(1, min(round(max(height, width) / _LONGEST_SIDE), min(height, width) // 2))
    if block == 1:
        return images
    padding = ((0, 0), (0, -height % block), (0, -width % block), (0, 0))
    padded = np.pad(images, padding, mode="edge")
    n, height, width, channels = padded.shape
    blocks = padded.reshape(n, height // block, block, width // block, block, channels)
    return blocks.mean(axis=(2, 4), dtype=np.float32)


def _read(images: NDArray[Any], rows: NDArray[np.intp]) -> Floats:
    """Copy of these rows as float32, at reduced size."""
    return reduced(images[rows].astype(np.float32, copy=False))


def _project(images: NDArray[Any], rows: NDArray[np.intp], rng: np.random.Generator) -> Floats:
    """Principal components of these rows, found from 3,000 rows. Rows are read in parts, so never copied whole."""
    some = _read(images, np.sort(rng.permutation(rows)[:3000]))
    flat = some.reshape(len(some), -1)
    n_components, seed = min(_COMPONENTS, *flat.shape), int(rng.integers(2**31))
    axes = randomized_svd(flat - flat.mean(axis=0), n_components, random_state=seed)[2]
    parts = (_read(images, rows[start : start + 1000]) for start in range(0, len(rows), 1000))
    return np.concatenate([part.reshape(len(part), -1) @ axes.T for part in parts])


def _neighbor_pairs(points: Floats, n_pairs: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """Distinct pairs (n, 2) of a point and one of its nearest: 60 where points are many, otherwise fewer."""
    n_neighbors = min(_NEIGHBORS, max(3, len(points) // 25), len(points) - 1)
    query = np.resize(rng.permutation(len(points)), min(n_pairs, len(points) * n_neighbors))
    distinct, back = np.unique(query, return_inverse=True)
    search = NearestNeighbors(n_neighbors=n_neighbors + 1, algorithm="brute").fit(points)
    nearest = search.kneighbors(points[distinct], return_distance=False)
    picked = nearest[back, rng.integers(1, n_neighbors + 1, len(query))]
    return np.unique(np.stack([query, picked], axis=1)[query != picked], axis=0)


@config_context(array_api_dispatch=False)  # its randomized SVD gives other bits, and warns
def different_pairs(images: NDArray[Any], n_pairs: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Images and a near neighbour of each, at reduced size: two arrays (n, H, W, C); no equal ones."""
    rows = np.sort(rng.choice(len(images), min(len(images), _POOL), replace=False))
    first, second = rows[_neighbor_pairs(_project(images, rows, rng), n_pairs, rng)].T
    moving, fixed = _read(images, first), _read(images, second)
    unequal = mean_squares(moving - fixed) > 0
    return moving[unequal], fixed[unequal]
