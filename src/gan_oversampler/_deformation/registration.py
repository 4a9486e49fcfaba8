"""Learn from pairs of similar images which deformations leave an image in its class.

Images of the other classes are plentiful: each is paired with a near neighbour, the deformation that carries
one onto the other is found by least squares, and one Gaussian is fitted to the deformations found.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from sklearn.neighbors import NearestNeighbors
from sklearn.utils.extmath import randomized_svd

from gan_oversampler._deformation.deformations import DeformationBasis, Floats, LearnedDeformation, warp

__all__ = ["learn_deformation", "register"]

Doubles = NDArray[np.float64]

_LONGEST_SIDE = 32  # larger images are registered at a reduced size: coefficients do not depend on it
_POOL = 30_000
_NEIGHBORS = 60
_COMPONENTS = 40
_MIN_PAIRS = 10
_BLURS = (2 / 28, 1 / 28, 0.0)  # as shares of the longer side, coarse to fine
_STEPS_PER_BLUR = 8
_LARGEST_STEP = 0.3
_LARGEST_REMAINDER = 0.5
_ROUGHNESS = 2.0  # against a mean squared difference that is scaled to 1
_AFFINE = 0.05


def _mean_squares(differences: Floats) -> Doubles:
    """Squares summed over channels and averaged over pixels: (n, H, W, C) -> (n,)."""
    sums = np.einsum("nhwc,nhwc->n", differences, differences)
    means: Doubles = sums.astype(np.float64) / (differences.shape[1] * differences.shape[2])
    return means


# --- registration: one batch of pairs, Levenberg-Marquardt from coarse to fine ------------------------------


def _penalty(basis: DeformationBasis) -> NDArray[Any]:
    """Quadratic form (n_coefficients, n_coefficients): roughness of the grid, size of the affine part."""
    along_rows, along_columns = (np.diff(np.eye(nodes), axis=0) for nodes in basis.grid)
    edges = np.vstack([np.kron(along_rows, np.eye(basis.grid[1])), np.kron(np.eye(basis.grid[0]), along_columns)])
    one_direction = np.zeros((basis.n_coefficients // 2,) * 2)
    one_direction[:3, :3] = _AFFINE * np.eye(3)
    one_direction[3:, 3:] = _ROUGHNESS / len(edges) * edges.T @ edges
    return np.kron(np.eye(2), one_direction)


class _Found(NamedTuple):
    """Where the search stands: coefficients (n, p), penalised cost (n,), and what the next step needs."""

    coefficients: Doubles
    cost: Doubles
    residual: Floats  # (n, H * W, C)
    slopes: Floats  # (n, H * W, C, 2): by row and by column, where the moved image was sampled

    def replaced_where(self, better: NDArray[np.bool_], other: _Found) -> _Found:
        def choose(mine: Any, theirs: Any) -> Any:
            return np.where(better.reshape(-1, *[1] * (mine.ndim - 1)), theirs, mine)

        return _Found(*(choose(mine, theirs) for mine, theirs in zip(self, other, strict=True)))


class _LeastSquares:
    """The penalised squared difference of a batch of pairs, and its normal equations.

    The sums over pixels are `weights @ products`, one matrix product for the whole batch, where `products`
    holds the product of each two columns of the basis.
    """

    def __init__(self, basis: DeformationBasis) -> None:
        self.basis = basis
        self.penalty: Doubles = _penalty(basis)
        self.matrix = basis.matrix * np.float32(basis.half)
        first, second = np.triu_indices(self.matrix.shape[1])
        self.products = self.matrix[:, first] * self.matrix[:, second]
        self.place = np.zeros((self.matrix.shape[1],) * 2, np.intp)
        self.place[first, second] = self.place[second, first] = np.arange(len(first))

    def evaluate(self, moving: Floats, fixed: Floats, coefficients: Doubles) -> _Found:
        """`moving` holds three planes a channel: the image, its slope by row, its slope by column."""
        n, height, width, n_channels = fixed.shape
        moved = warp(moving, self.basis.displacements(coefficients)).reshape(n, height * width, 3, n_channels)
        residual = moved[:, :, 0] - fixed.reshape(n, height * width, n_channels)
        penalty = np.einsum("ni,ij,nj->n", coefficients, self.penalty, coefficients, optimize=True)
        cost = _mean_squares(residual[:, :, None]) + penalty
        return _Found(coefficients, cost, residual, np.moveaxis(moved[:, :, 1:], 2, 3))

    def normal_equations(self, found: _Found) -> tuple[Doubles, Doubles]:
        """Curvature (n, p, p) and gradient (n, p) of half the cost."""
        n_pixels = len(self.matrix)
        weights = np.einsum("npci,npcj->ijnp", found.slopes, found.slopes)
        blocks = ((weights / n_pixels) @ self.products)[..., self.place]
        curvature = np.concatenate([np.concatenate(list(row), axis=2) for row in blocks], axis=1)
        pull = np.einsum("npci,npc->nip", found.slopes, found.residual) / n_pixels
        gradient = (pull @ self.matrix).reshape(len(curvature), -1)
        return curvature + self.penalty, gradient + found.coefficients @ self.penalty


def _damped_step(curvature: Doubles, gradient: Doubles, damping: Doubles) -> Doubles:
    diagonal = np.einsum("nii->ni", curvature)
    damped = curvature.copy()
    np.einsum("nii->ni", damped)[:] += damping[:, None] * (diagonal + 1e-3)
    step = np.linalg.solve(damped, -gradient[..., None])[..., 0]
    return np.clip(step, -_LARGEST_STEP, _LARGEST_STEP)


def _descend(problem: _LeastSquares, moving: Floats, fixed: Floats, start: Doubles) -> Doubles:
    """Levenberg-Marquardt: a pair takes a step only where its cost falls; else its next one is damped."""
    found = problem.evaluate(moving, fixed, start)
    damping = np.full(len(start), 1e-3)
    for _ in range(_STEPS_PER_BLUR):
        step = _damped_step(*problem.normal_equations(found), damping)
        proposed = problem.evaluate(moving, fixed, found.coefficients + step)
        better = proposed.cost < found.cost
        damping = np.where(better, damping / 4, damping * 8)
        found = found.replaced_where(better, proposed)
    return found.coefficients


def _with_slopes(images: Floats) -> Floats:
    return np.concatenate([images, *np.gradient(images, axis=(1, 2))], axis=-1)


def register(moving: Floats, fixed: Floats, basis: DeformationBasis) -> Floats:
    """Find the deformations that carry each moving image onto its fixed one.

    Parameters
    ----------
    moving, fixed : ndarray of shape (n, H, W, C), float32, any range
    basis : DeformationBasis of the images' size

    Returns
    -------
    ndarray of shape (n, n_coefficients), float32
        `warp(moving, basis.displacements(...))` differs from `fixed` no more than `moving` does.

    Notes
    -----
    Minimises the squared difference, scaled to a mean of 1 over the pairs so that neither range nor contrast
    matters, plus penalties on the roughness of the grid and on the affine part.

    References
    ----------
    Lucas, B. and Kanade, T. (1981). An iterative image registration technique. IJCAI.
    Marquardt, D. (1963). An algorithm for least-squares estimation of nonlinear parameters.
    doi:10.1137/0111030
    """
    problem = _LeastSquares(basis)
    coefficients = np.zeros((len(moving), basis.n_coefficients))
    scale = np.float32(1 / np.sqrt(max(_mean_squares(moving - fixed).mean(), np.finfo(np.float32).tiny)))
    for blur in _BLURS:
        sigma = blur * max(basis.height, basis.width)
        start, target = (gaussian_filter(images * scale, (0, sigma, sigma, 0)) for images in (moving, fixed))
        coefficients = _descend(problem, _with_slopes(start), target, coefficients)
    worse = _remaining(moving, fixed, basis, coefficients) > 1
    coefficients[worse] = 0
    return coefficients.astype(np.float32)


def _remaining(moving: Floats, fixed: Floats, basis: DeformationBasis, coefficients: NDArray[Any]) -> Doubles:
    """Share of each pair's squared difference that is left after the deformation: (n,)."""
    before = _mean_squares(moving - fixed)
    after = _mean_squares(warp(moving, basis.displacements(coefficients)) - fixed)
    return after / np.maximum(before, np.finfo(float).tiny)


# --- pairs: images that look alike --------------------------------------------------------------------------


def _reduced(images: Floats) -> Floats:
    """Average blocks of pixels until the longer side is about 32; smaller images stay as they are."""
    _, height, width, _ = images.shape
    block = max(1, round(max(height, width) / _LONGEST_SIDE))
    if block == 1:
        return images
    padding = ((0, 0), (0, -height % block), (0, -width % block), (0, 0))
    padded = np.pad(images, padding, mode="edge")
    n, height, width, channels = padded.shape
    blocks = padded.reshape(n, height // block, block, width // block, block, channels)
    return blocks.mean(axis=(2, 4), dtype=np.float32)


def _read(images: NDArray[Any], rows: NDArray[np.intp]) -> Floats:
    """Copy of these rows as float32, at reduced size."""
    return _reduced(images[rows].astype(np.float32, copy=False))


def _project(images: NDArray[Any], rows: NDArray[np.intp], rng: np.random.Generator) -> Floats:
    """Principal components of these rows, found from 3,000 of them; read in parts, so never copied whole."""
    some = _read(images, np.sort(rng.permutation(rows)[:3000]))
    flat = some.reshape(len(some), -1)
    n_components, seed = min(_COMPONENTS, *flat.shape), int(rng.integers(2**31))
    axes = randomized_svd(flat - flat.mean(axis=0), n_components, random_state=seed)[2]
    parts = (_read(images, rows[start : start + 1000]) for start in range(0, len(rows), 1000))
    return np.concatenate([part.reshape(len(part), -1) @ axes.T for part in parts])


def _neighbor_pairs(points: Floats, n_pairs: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """Distinct pairs (n, 2) of a point and one of its nearest: 60 where points are many, else fewer."""
    n_neighbors = min(_NEIGHBORS, max(3, len(points) // 25), len(points) - 1)
    query = np.resize(rng.permutation(len(points)), min(n_pairs, len(points) * n_neighbors))
    distinct, back = np.unique(query, return_inverse=True)
    search = NearestNeighbors(n_neighbors=n_neighbors + 1, algorithm="brute").fit(points)
    nearest = search.kneighbors(points[distinct], return_distance=False)
    picked = nearest[back, rng.integers(1, n_neighbors + 1, len(query))]
    return np.unique(np.stack([query, picked], axis=1)[query != picked], axis=0)


def _different_pairs(images: NDArray[Any], n_pairs: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Images and a near neighbour of each, at reduced size: two arrays (n, H, W, C); no equal ones."""
    rows = np.sort(rng.choice(len(images), min(len(images), _POOL), replace=False))
    first, second = rows[_neighbor_pairs(_project(images, rows, rng), n_pairs, rng)].T
    moving, fixed = _read(images, first), _read(images, second)
    unequal = _mean_squares(moving - fixed) > 0
    return moving[unequal], fixed[unequal]


# --- what the pairs teach -----------------------------------------------------------------------------------


def _gaussian(coefficients: Doubles) -> tuple[Floats, Floats]:
    """Mean and a factor of the covariance of the coefficients found."""
    mean = coefficients.mean(axis=0)
    _, singular, directions = np.linalg.svd(coefficients - mean, full_matrices=False)
    kept = singular > 1e-6 * singular[0]
    factor = directions[kept].T * (singular[kept] / np.sqrt(len(coefficients) - 1))
    return mean.astype(np.float32), factor.astype(np.float32)


def learn_deformation(
    images: NDArray[Any], rng: np.random.Generator, *, n_pairs: int = 400, min_pairs: int = _MIN_PAIRS
) -> LearnedDeformation | None:
    """Learn the deformations that carry images onto their near neighbours.

    Parameters
    ----------
    images : ndarray of shape (n, H, W, C), any real dtype and range
        Images that may teach: those of the other classes, and the class's own where it is large. No labels
        are needed. Only a sample is read: millions of images cost no more than 30,000.
    rng : numpy.random.Generator
    n_pairs : int, default=400
        Pairs to register, fewer where the images do not make as many. 400 taught as much as 3,000.
    min_pairs : int, default=10
        Fewer registered pairs than this teach nothing.

    Returns
    -------
    LearnedDeformation or None
        None where too few pairs register: too few images, images all alike, or images that no deformation
        carries onto each other. A pair counts as registered where at most half its squared difference
        is left.

    Notes
    -----
    `explained` of the result is taken over all pairs, registered or not.

    References
    ----------
    Hauberg, S. et al. (2016). Dreaming more data: class-dependent distributions over diffeomorphisms for
    learned data augmentation. arXiv:1510.02795. There each class teaches itself; here the many images of the
    other classes teach a class that is too small to.
    """
    if len(images) < min_pairs:
        return None
    moving, fixed = _different_pairs(images, n_pairs, rng)
    if len(moving) < min_pairs:
        return None
    basis = DeformationBasis.for_size(*images.shape[1:3])
    small = basis.resized(*moving.shape[1:3])
    coefficients = register(moving, fixed, small)
    remaining = _remaining(moving, fixed, small, coefficients)
    registered = remaining <= _LARGEST_REMAINDER
    if registered.sum() < min_pairs:
        return None
    mean, factor = _gaussian(coefficients[registered].astype(np.float64))
    explained = 1 - np.average(remaining, weights=_mean_squares(moving - fixed))
    return LearnedDeformation(basis, mean, factor, float(explained))
