"""Warping images by displacements that are linear in a few coefficients: affine ones and those of a coarse grid."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from gan_oversampler._utils.blas_threads import n_processors

Floats = NDArray[np.float32]


_PIXELS_PER_CHUNK = 131_072  # long enough for threads not to wait for each other, and no great use of memory


def cubic_weights(fraction: NDArray[Any]) -> NDArray[Any]:
    """Weights of the four neighbours of a point under cubic convolution (Catmull-Rom, a = -1/2).

    Parameters
    ----------
    fraction : ndarray of any shape, in [0, 1)
        Distance of the point from the second of its four neighbours.

    Returns
    -------
    ndarray of shape (4, *fraction.shape), same dtype; sums to 1 over the first axis. A fraction of 0 gives
    exactly (0, 1, 0, 0).

    References
    ----------
    Keys, R. (1981). Cubic convolution interpolation for digital image processing.
    doi:10.1109/TASSP.1981.1163711
    """
    t = fraction
    return np.stack(
        [
            ((-0.5 * t + 1.0) * t - 0.5) * t,
            (1.5 * t - 2.5) * t * t + 1.0,
            ((-1.5 * t + 2.0) * t + 0.5) * t,
            (0.5 * t - 0.5) * t * t,
        ]
    )


def _upsampling(n_pixels: int, n_nodes: int) -> NDArray[np.float64]:
    """Matrix (n_pixels, n_nodes) of cubic interpolation; the outer nodes lie on the outer pixels."""
    position = np.linspace(0.0, n_nodes - 1.0, n_pixels)
    left = np.minimum(position.astype(int), max(n_nodes - 2, 0))
    matrix = np.zeros((n_pixels, n_nodes))
    for tap, weight in enumerate(cubic_weights(position - left), start=-1):
        np.add.at(matrix, (np.arange(n_pixels), np.clip(left + tap, 0, n_nodes - 1)), weight)
    return matrix


def _grid_for(height: int, width: int) -> tuple[int, int]:
    """Nodes per axis: 4 at 8 pixels, 6 at 28, 7 at 64; equally dense along both axes."""
    longer = max(height, width)
    nodes = int(np.clip(4 + round(np.log2(longer / 8)), 3, 9))
    return max(2, round(nodes * height / longer)), max(2, round(nodes * width / longer))


@dataclass(frozen=True)
class DeformationBasis:
    """The linear map from coefficients to displacements, for one image size.

    Each of the two directions of a displacement (down the rows, along the columns) is an affine function of
    the pixel's place plus a smooth field, given at the nodes of a coarse grid and interpolated cubically.

    Parameters
    ----------
    height, width : int
        Size of the images, in pixels.
    grid : (int, int)
        Nodes along the rows' axis and along the columns' axis.

    Notes
    -----
    Lengths are in units of half the longer side, along both axes, so a rotation is a rotation on images that
    are not square as well. With `m = 3 + grid[0] * grid[1]`, the first `m` coefficients move rows and the
    last `m` move columns; within each: shift, slope along x (columns), slope along y (rows), grid nodes row
    by row.
    """

    height: int
    width: int
    grid: tuple[int, int]

    @classmethod
    def for_size(cls, height: int, width: int) -> Self:
        """Basis with the grid that suits images of this size."""
        return cls(height, width, _grid_for(height, width))

    def resized(self, height: int, width: int) -> Self:
        """Return the basis that takes the same coefficients at another image size."""
        return dataclasses.replace(self, height=height, width=width)

    @property
    def half(self) -> float:
        """Half the longer side, in pixels: the unit of length of the coefficients."""
        return max(self.height, self.width) / 2

    @property
    def n_coefficients(self) -> int:
        """Numbers that describe one deformation: 2 * (3 + nodes)."""
        return 2 * (3 + self.grid[0] * self.grid[1])

    @cached_property
    def matrix(self) -> Floats:
        """Ndarray of shape (height * width, n_coefficients // 2), float32: one column a coefficient."""
        x = (np.arange(self.width) - (self.width - 1) / 2) / self.half
        y = (np.arange(self.height) - (self.height - 1) / 2) / self.half
        yy, xx = np.meshgrid(y, x, indexing="ij")
        affine = np.stack([np.ones_like(xx), xx, yy], axis=-1).reshape(-1, 3)
        nodes = np.kron(_upsampling(self.height, self.grid[0]), _upsampling(self.width, self.grid[1]))
        return np.hstack([affine, nodes]).astype(np.float32)

    def displacements(self, coefficients: NDArray[Any]) -> Floats:
        """Where each pixel of the deformed image looks, relative to its own place.

        Parameters
        ----------
        coefficients : ndarray of shape (n, n_coefficients)

        Returns
        -------
        ndarray of shape (n, 2, height, width), float32, in pixels, (row, column) along the second axis
        """
        by_direction = np.asarray(coefficients, np.float32).reshape(-1, self.n_coefficients // 2)
        moved = by_direction @ (self.matrix.T * np.float32(self.half))
        return moved.reshape(-1, 2, self.height, self.width)


def in_chunks(work: Callable[[slice], None], n_images: int, pixels_per_image: int) -> None:
    """Call ``work(images)`` for slices of images, on all processors: NumPy computes without Python's lock."""
    step = max(1, _PIXELS_PER_CHUNK // max(1, pixels_per_image))
    slices = [slice(start, start + step) for start in range(0, n_images, step)]
    n_threads = min(n_processors(), len(slices))
    if n_threads < 2:
        list(map(work, slices))
        return
    with ThreadPoolExecutor(n_threads) as pool:
        list(pool.map(work, slices))


def _taps(positions: NDArray[Any], size: int) -> tuple[NDArray[np.intp], Floats]:
    """First of the four neighbours (counted in the padded image) and their weights, along one axis."""
    clamped = np.clip(positions, 0, size - 1).astype(np.float32, copy=False)
    first = clamped.astype(np.intp)
    return first, cubic_weights(clamped - first.astype(np.float32))


def _gather(plane: Floats, start: NDArray[np.intp], width: int, by_row: Floats, by_column: Floats) -> Floats:
    """Weighted sum of the 4 x 4 neighbours; `plane` is flat, `width` is the length of its rows."""
    total, along_row, tap = (np.zeros_like(by_row[0]) for _ in range(3))
    for row in range(4):
        along_row[:] = 0
        for column in range(4):
            np.take(plane[row * width + column :], start, out=tap, mode="clip")
            tap *= by_column[column]
            along_row += tap
        along_row *= by_row[row]
        total += along_row
    return total


def warp_chunk(images: Floats, displacements: Floats) -> Floats:
    """`warp` of a few images."""
    n, height, width, n_channels = images.shape
    rows, by_row = _taps(displacements[:, 0] + np.arange(height, dtype=np.float32)[:, None], height)
    columns, by_column = _taps(displacements[:, 1] + np.arange(width, dtype=np.float32), width)
    padded = np.pad(images, ((0, 0), (1, 2), (1, 2), (0, 0)), mode="edge")
    start = (np.arange(n)[:, None, None] * (height + 3) + rows) * (width + 3) + columns
    warped = np.empty_like(images)
    for channel in range(n_channels):  # a plane each: NumPy is many times slower along a last axis of 3
        plane = np.ascontiguousarray(padded[..., channel])
        lowest, highest = (bound(axis=(1, 2), keepdims=True) for bound in (plane.min, plane.max))
        gathered = _gather(plane.ravel(), start, width + 3, by_row, by_column)
        warped[..., channel] = np.clip(gathered, lowest, highest, out=gathered)
    return warped


def warp(images: Floats, displacements: Floats) -> Floats:
    """Move the pixels of each image: output pixel p is the input at p + displacement(p).

    Parameters
    ----------
    images : ndarray of shape (n, H, W, C), float32, any range
    displacements : ndarray of shape (n, 2, H, W), float32, in pixels, (row, column)

    Returns
    -------
    ndarray of shape (n, H, W, C), float32, within the range of each input image and channel

    Notes
    -----
    Bicubic (Catmull-Rom). Beyond the border lies the nearest pixel of the border. Where nothing moves, the
    image comes back bit by bit.
    """
    warped = np.empty(images.shape, np.float32)

    def work(chunk: slice) -> None:
        warped[chunk] = warp_chunk(np.asarray(images[chunk], np.float32), displacements[chunk])

    in_chunks(work, len(images), images[:1].size)
    return warped
