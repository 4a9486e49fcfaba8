"""Deformations under which an image stays in its class, and the warp that applies them.

A deformation is a displacement of pixels that is *linear* in a few numbers, its coefficients. The same
numbers therefore serve this module and the differentiable warp of the training step, and they do not depend
on the resolution: an image of another size takes them through a basis of that size.
"""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

import numpy as np

from gan_oversampler._deformation.warp import DeformationBasis, Floats, chunks_of, warp


@dataclass(frozen=True, eq=False)
class Deformation(ABC):
    """A random deformation of images: coefficients to draw, and the warp that applies them.

    Parameters
    ----------
    basis : DeformationBasis
    strength : float, keyword-only
        Factor on the drawn coefficients; 0 leaves every image unchanged.
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
        for chunk in chunks_of(len(images), images[:1].size or 1):
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
