"""Registration: the deformation that carries one image onto another, by damped least squares."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from gan_oversampler._deformation.warp import DeformationBasis, Floats, warp

Doubles = NDArray[np.float64]

_BLURS = (2 / 28, 1 / 28, 0.0)  # as shares of the longer side, coarse to fine
_STEPS_PER_BLUR = 8
_LARGEST_STEP = 0.3
_ROUGHNESS = 2.0  # against a mean squared difference that is scaled to 1
_AFFINE = 0.05


def mean_squares(differences: Floats) -> Doubles:
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
    """The state of the search: coefficients (n, p), penalised cost (n,), and the values for the next step."""

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
        cost = mean_squares(residual[:, :, None]) + penalty
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
    """Levenberg-Marquardt: a pair takes a step only if its cost falls; otherwise its next step is damped."""
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


def unit_scale(differences: Doubles) -> np.float32:
    """The factor on the images of all pairs that brings the mean of their squared differences to 1."""
    return np.float32(1 / np.sqrt(max(differences.mean(), np.finfo(np.float32).tiny)))


def register(moving: Floats, fixed: Floats, basis: DeformationBasis, scale: np.float32 | None = None) -> Floats:
    """Find the deformations that carry each moving image onto its fixed one.

    Parameters
    ----------
    moving, fixed : ndarray of shape (n, H, W, C), float32, any range
    basis : DeformationBasis of the images' size
    scale : float, optional
        `unit_scale` of more pairs, of which these are part; otherwise that of these.

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
    scale = unit_scale(mean_squares(moving - fixed)) if scale is None else scale
    for blur in _BLURS:
        sigma = blur * max(basis.height, basis.width)
        start, target = (gaussian_filter(images * scale, (0, sigma, sigma, 0)) for images in (moving, fixed))
        coefficients = _descend(problem, _with_slopes(start), target, coefficients)
    worse = remaining_share(moving, fixed, basis, coefficients) > 1
    coefficients[worse] = 0
    return coefficients.astype(np.float32)


def remaining_share(moving: Floats, fixed: Floats, basis: DeformationBasis, coefficients: NDArray[Any]) -> Doubles:
    """Share of each pair's squared difference that is left after the deformation: (n,)."""
    before = mean_squares(moving - fixed)
    after = mean_squares(warp(moving, basis.displacements(coefficients)) - fixed)
    return after / np.maximum(before, np.finfo(float).tiny)
