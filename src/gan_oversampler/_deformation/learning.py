"""Learn from pairs of similar images which deformations leave an image in its class.

Images of the other classes are plentiful: each is paired with a near neighbour, the deformation that carries
one onto the other is found by least squares, and one Gaussian is fitted to the deformations found.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn import config_context
from sklearn.neighbors import NearestNeighbors
from sklearn.utils.extmath import randomized_svd

from gan_oversampler._deformation.deformations import LearnedDeformation
from gan_oversampler._deformation.registration import Doubles, mean_squares, register, remaining_share, unit_scale
from gan_oversampler._deformation.warp import DeformationBasis, Floats

_LONGEST_SIDE = 32  # larger images are registered at a reduced size: coefficients do not depend on it
_POOL = 30_000
_NEIGHBORS = 60
_COMPONENTS = 40
_MIN_PAIRS = 10
_LARGEST_REMAINDER = 0.5
_STRIDE_OF_FIRST_LOOK = 4
_MARGIN_OF_FIRST_LOOK = 0.02


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


def _gaussian(coefficients: Doubles) -> tuple[Floats, Floats]:
    """Mean and a factor of the covariance of the coefficients found."""
    mean = coefficients.mean(axis=0)
    _, singular, directions = np.linalg.svd(coefficients - mean, full_matrices=False)
    kept = singular > 1e-6 * singular[0]
    factor = directions[kept].T * (singular[kept] / np.sqrt(len(coefficients) - 1))
    return mean.astype(np.float32), factor.astype(np.float32)


class _Pairs:
    """Pairs of images, the deformations that carry one onto the other, and what of their difference is left."""

    def __init__(self, moving: Floats, fixed: Floats, basis: DeformationBasis) -> None:
        self.moving, self.fixed, self.basis = moving, fixed, basis
        self.differences = mean_squares(moving - fixed)
        self.coefficients = np.zeros((len(moving), basis.n_coefficients), np.float32)
        self.remaining = np.ones(len(moving))

    def register(self, rows: NDArray[np.bool_]) -> None:
        moving, fixed = self.moving[rows], self.fixed[rows]
        self.coefficients[rows] = register(moving, fixed, self.basis, unit_scale(self.differences))
        self.remaining[rows] = remaining_share(moving, fixed, self.basis, self.coefficients[rows])

    def explained(self, rows: NDArray[np.bool_]) -> float:
        """Share of the squared difference of these pairs that deforming one image into the other removed."""
        return float(1 - np.average(self.remaining[rows], weights=self.differences[rows]))


def learn_deformation(
    images: NDArray[Any],
    rng: np.random.Generator,
    *,
    n_pairs: int = 400,
    least_explained: float = 0.0,
) -> LearnedDeformation | None:
    """Learn the deformations that carry images onto their near neighbours.

    Parameters
    ----------
    images : ndarray of shape (n, H, W, C), any real dtype and range
        Images to learn from: those of the other classes, and the class's own if it is large. No labels
        are needed. Only a sample is read: millions of images cost no more than 30,000.
    rng : numpy.random.Generator
    n_pairs : int, default=400
        Pairs to register, fewer if there are not as many. 400 taught as much as 3,000.
    least_explained : float in [0, 1], default=0
        What is wanted of `explained`. Where a quarter of the pairs is further below than .02, the rest, which takes
        seconds, is not registered.

    Returns
    -------
    LearnedDeformation or None
        None if fewer than 10 pairs register: too few images, images all alike, or images that no deformation carries
        onto each other; or if less is explained than is wanted. A pair counts as registered if at most half its
        squared difference is left.

    Notes
    -----
    `explained` of the result is taken over all pairs, registered or not.

    References
    ----------
    Hauberg, S. et al. (2016). Dreaming more data: class-dependent distributions over diffeomorphisms for
    learned data augmentation. arXiv:1510.02795. There each class is learned from itself; here a class that is too
    small for this is learned from the many images of the other classes.
    """
    if len(images) < _MIN_PAIRS:
        return None
    moving, fixed = different_pairs(images, n_pairs, rng)
    if len(moving) < _MIN_PAIRS:
        return None
    basis = DeformationBasis.for_size(*images.shape[1:3])
    pairs = _Pairs(moving, fixed, basis.resized(*moving.shape[1:3]))
    first = np.arange(len(moving)) % _STRIDE_OF_FIRST_LOOK == 0
    pairs.register(first)
    if pairs.explained(first) < least_explained - _MARGIN_OF_FIRST_LOOK:
        return None
    pairs.register(~first)
    explained, registered = pairs.explained(np.ones(len(moving), bool)), pairs.remaining <= _LARGEST_REMAINDER
    if registered.sum() < _MIN_PAIRS or explained < least_explained:
        return None
    mean, factor = _gaussian(pairs.coefficients[registered].astype(np.float64))
    return LearnedDeformation(basis, mean, factor, explained)
