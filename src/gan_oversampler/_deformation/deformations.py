"""Deformations under which an image stays in its class, and the warp that applies them.

A deformation is a displacement of pixels that is *linear* in a few numbers, its coefficients. The same
numbers therefore serve this module and the differentiable warp of the training step, and they do not depend
on the resolution: an image of another size takes them through a basis of that size.
"""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "AffineDeformation",
    "Deformation",
    "DeformationBasis",
    "LearnedDeformation",
    "cubic_weights",
    "deformation_from_state",
    "warp",
]

Floats = NDArray[np.float32]

_PIXELS_PER_CHUNK = 32_768  # the dozen work arrays of a chunk stay in the processor's cache


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


def _chunks(n_images: int, pixels_per_image: int) -> Iterator[slice]:
    step = max(1, _PIXELS_PER_CHUNK // pixels_per_image)
    return (slice(start, start + step) for start in range(0, n_images, step))


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


def _warp_chunk(images: Floats, displacements: Floats) -> Floats:
    n, height, width, n_channels = images.shape
    rows, by_row = _taps(displacements[:, 0] + np.arange(height, dtype=np.float32)[:, None], height)
    columns, by_column = _taps(displacements[:, 1] + np.arange(width, dtype=np.float32), width)
    padded = np.pad(images, ((0, 0), (1, 2), (1, 2), (0, 0)), mode="edge")
    start = (np.arange(n)[:, None, None] * (height + 3) + rows) * (width + 3) + columns
    planes = (np.ascontiguousarray(padded[..., channel]).ravel() for channel in range(n_channels))
    warped = np.stack([_gather(plane, start, width + 3, by_row, by_column) for plane in planes], axis=-1)
    lowest, highest = images.min(axis=(1, 2), keepdims=True), images.max(axis=(1, 2), keepdims=True)
    return np.clip(warped, lowest, highest, out=warped)


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
    for chunk in _chunks(len(images), images[:1].size or 1):
        warped[chunk] = _warp_chunk(np.asarray(images[chunk], np.float32), displacements[chunk])
    return warped


@dataclass(frozen=True, eq=False)
class Deformation(ABC):
    """A random deformation of images: coefficients to draw, and the warp that applies them.

    Parameters
    ----------
    basis : DeformationBasis
    strength : float, keyword-only
        Factor on what is drawn; 0 leaves every image as it is.
    """

    kind: ClassVar[str]

    basis: DeformationBasis
    strength: float = field(default=1.0, kw_only=True)

    @abstractmethod
    def draw(self, n: int, rng: np.random.Generator) -> Floats:
        """Draw the coefficients of n deformations: ndarray of shape (n, n_coefficients), float32."""

    def __call__(self, images: Floats, rng: np.random.Generator) -> Floats:
        """Return a deformed copy of each image, each under a deformation of its own.

        Parameters
        ----------
        images : ndarray of shape (n, H, W, C), float32, any range
        rng : numpy.random.Generator

        Returns
        -------
        ndarray of shape (n, H, W, C), float32
        """
        expected = (self.basis.height, self.basis.width)
        if images.ndim != 4 or images.shape[1:3] != expected:
            raise ValueError(
                f"This deformation expects images of shape (n, {expected[0]}, {expected[1]}, channels); "
                f"got {images.shape}. Use a deformation whose basis has that size (`basis.resized`)."
            )
        coefficients = self.draw(len(images), rng)
        deformed = np.empty(images.shape, np.float32)
        for chunk in _chunks(len(images), images[:1].size or 1):
            moved = self.basis.displacements(coefficients[chunk])
            deformed[chunk] = warp(images[chunk], moved)
        return deformed

    def scaled(self, strength: float) -> Self:
        """Return the same deformation at another strength."""
        return dataclasses.replace(self, strength=strength)

    def get_state(self) -> dict[str, Any]:
        """Describe the deformation in plain numbers and small arrays; `deformation_from_state` reads it."""
        own = {item.name: getattr(self, item.name) for item in dataclasses.fields(self)}
        basis = own.pop("basis")
        size = {"height": basis.height, "width": basis.width, "grid": list(basis.grid)}
        return {"kind": self.kind, **size, **own}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """Rebuild from what `get_state` returned."""
        if state["kind"] != cls.kind:
            raise ValueError(f"Expected the state of a deformation of kind {cls.kind!r}; got {state['kind']!r}.")
        own = {key: value for key, value in state.items() if key not in ("kind", "height", "width", "grid")}
        grid_height, grid_width = (int(nodes) for nodes in state["grid"])
        basis = DeformationBasis(int(state["height"]), int(state["width"]), (grid_height, grid_width))
        return cls(basis, **own)


@dataclass(frozen=True, eq=False)
class AffineDeformation(Deformation):
    """Small random affine maps, the same for every data set.

    Parameters
    ----------
    basis : DeformationBasis
    rotation : float, default=12
        Largest rotation either way, in degrees.
    scale : float, default=0.12
        Largest relative change of size.
    shear : float, default=0.2
        Largest shear.
    shift : float, default=1/28
        Largest shift along either axis, as a share of the longer side.
    strength : float, default=1

    Notes
    -----
    Each number is uniform between minus and plus its limit, independently of the others.

    References
    ----------
    Simard, P., Steinkraus, D. and Platt, J. (2003). Best practices for convolutional neural networks applied
    to visual document analysis. doi:10.1109/ICDAR.2003.1227801
    """

    kind: ClassVar[str] = "affine"

    rotation: float = 12.0
    scale: float = 0.12
    shear: float = 0.2
    shift: float = 1 / 28

    def draw(self, n: int, rng: np.random.Generator) -> Floats:
        """Draw the coefficients of n deformations: ndarray of shape (n, n_coefficients), float32."""
        turn, grow, slant, down, right = rng.uniform(-self.strength, self.strength, (n, 5)).T
        angle, size, slant = np.deg2rad(turn * self.rotation), 1 + grow * self.scale, slant * self.shear
        sine, cosine = np.sin(angle) * size, np.cos(angle) * size
        coefficients = np.zeros((n, 2, self.basis.n_coefficients // 2), np.float32)
        # coordinates are in half sides, the shift in whole ones; rotation * shear, less the identity
        coefficients[:, 0, :3] = np.stack([2 * self.shift * down, sine, cosine + sine * slant - 1], axis=-1)
        coefficients[:, 1, :3] = np.stack([2 * self.shift * right, cosine - 1, cosine * slant - sine], axis=-1)
        return coefficients.reshape(n, self.basis.n_coefficients)


@dataclass(frozen=True, eq=False)
class LearnedDeformation(Deformation):
    """Deformations drawn from a Gaussian that was fitted to observed ones.

    Parameters
    ----------
    basis : DeformationBasis
    mean : ndarray of shape (n_coefficients,), float32
    factor : ndarray of shape (n_coefficients, rank), float32
        A factor of the covariance: `factor @ factor.T`.
    explained : float in [0, 1]
        Share of the squared difference between neighbours that deforming one into the other removed.
    strength : float, default=0.75

    References
    ----------
    Hauberg, S. et al. (2016). Dreaming more data: class-dependent distributions over diffeomorphisms for
    learned data augmentation. arXiv:1510.02795
    """

    kind: ClassVar[str] = "learned"

    mean: Floats
    factor: Floats
    explained: float
    strength: float = field(default=0.75, kw_only=True)

    def draw(self, n: int, rng: np.random.Generator) -> Floats:
        """Draw the coefficients of n deformations: ndarray of shape (n, n_coefficients), float32."""
        noise = rng.standard_normal((n, self.factor.shape[1]), dtype=np.float32)
        # Drawn in every training step, and einsum, unlike @, gives the same bits with any number of BLAS threads.
        return np.float32(self.strength) * (self.mean + np.einsum("nr,cr->nc", noise, self.factor))


def deformation_from_state(state: Mapping[str, Any]) -> Deformation:
    """Rebuild any deformation from what its `get_state` returned."""
    kinds: dict[str, type[Deformation]] = {cls.kind: cls for cls in (AffineDeformation, LearnedDeformation)}
    if state["kind"] not in kinds:
        raise ValueError(f"Expected a deformation of kind {' or '.join(kinds)}; got {state['kind']!r}.")
    return kinds[state["kind"]].from_state(state)
