"""Mirror images and turns that map the image onto itself, drawn at random and put in front of a bending.

Each is linear in the pixel's place, so that a mirrored and bent image is one warp with other coefficients.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gan_oversampler._deformation.warp import DeformationBasis, Floats


class _Symmetry(NamedTuple):
    """A map of places (row, column) from the centre, and how often it must be repeated to change nothing."""

    matrix: NDArray[np.float32]
    order: int


def _map(*rows: tuple[int, int]) -> NDArray[np.float32]:
    return np.array(rows, np.float32)


_SYMMETRIES = {
    "left-right": _Symmetry(_map((1, 0), (0, -1)), 2),
    "up-down": _Symmetry(_map((-1, 0), (0, 1)), 2),
    "half turn": _Symmetry(_map((-1, 0), (0, -1)), 2),
    "quarter turn": _Symmetry(_map((0, 1), (-1, 0)), 4),
}
NAMES = tuple(_SYMMETRIES)
KEEPING_ROWS = tuple(name for name, symmetry in _SYMMETRIES.items() if symmetry.matrix[0, 0])
"""Names of those after which a row of pixels is still a row: an image of any size has them."""


def possible(height: int, width: int) -> tuple[str, ...]:
    """Names of the symmetries of an image of this size."""
    return NAMES if height == width else KEEPING_ROWS


def _mapped(images: Floats, _: Any, matrix: NDArray[np.float32]) -> Floats:
    """Images (n, H, W, C) in which the pixel at a place p from the centre has the value that was at M p."""
    turned = images if matrix[0, 0] else images.swapaxes(1, 2)
    return np.flip(turned, tuple(1 + np.flatnonzero(matrix.sum(axis=0) < 0)))


def elements(name: str) -> list[Callable[[Floats, Any], Floats]]:
    """Each mirror image or turn of a symmetry alone, done to every image: functions of images (n, H, W, C) and any."""
    matrix, order = _SYMMETRIES[name]
    return [partial(_mapped, matrix=np.linalg.matrix_power(matrix, power)) for power in range(1, order)]


def check_names(names: Any, basis: DeformationBasis) -> tuple[str, ...]:
    """Check names read from elsewhere.

    Raises
    ------
    ValueError
        If one is no symmetry of such an image, or there twice.
    """
    known = possible(basis.height, basis.width)
    if any(name not in known for name in names) or len(set(names)) != len(names):
        raise ValueError(f"Expected symmetries among {', '.join(known)}, each once; got {list(names)}.")
    return tuple(names)


def draw_maps(names: tuple[str, ...], n: int, rng: np.random.Generator) -> Floats:
    """Draw n maps from the group of these symmetries: ndarray of shape (n, 2, 2), float32."""
    maps = np.tile(np.eye(2, dtype=np.float32), (n, 1, 1))
    for name in names:
        matrix, order = _SYMMETRIES[name]
        powers = np.stack([np.linalg.matrix_power(matrix, power) for power in range(order)])
        maps = np.einsum("nij,njk->nik", powers[rng.integers(order, size=n)], maps)
    return maps


def map_first(coefficients: Floats, maps: Floats) -> Floats:
    """Coefficients of the warp that maps each image before it bends it.

    Parameters
    ----------
    coefficients : ndarray of shape (n, n_coefficients), float32
    maps : ndarray of shape (n, 2, 2), float32

    Returns
    -------
    ndarray of shape (n, n_coefficients), float32

    Notes
    -----
    With the map M and the displacement d, a pixel at p takes its value from M (p + d(p)) = p + (M - 1) p + M d(p).
    """
    by_direction = coefficients.reshape(len(coefficients), 2, -1)
    mapped = np.einsum("nij,njc->nic", maps, by_direction)
    beyond_identity = maps - np.eye(2, dtype=np.float32)
    mapped[:, :, 1] += beyond_identity[:, :, 1]  # slope along x, of columns
    mapped[:, :, 2] += beyond_identity[:, :, 0]  # slope along y, of rows
    return mapped.reshape(coefficients.shape)
