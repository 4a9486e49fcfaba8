"""Deformations under which an image stays in its class, and the warp that applies them.

A deformation has three parts: it bends the image, may mirror or turn it, and may change its tone. Bending is a
displacement of pixels that is *linear* in a few numbers, its coefficients. The same numbers therefore serve this module
and the differentiable warp of the training step, and they do not depend on the resolution: an image of another size
takes them through a basis of that size.
"""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

import numpy as np

from gan_oversampler._deformation.symmetry import check_names, draw_maps, map_first
from gan_oversampler._deformation.warp import DeformationBasis, Floats, in_chunks, warp_chunk

Change = Callable[[Floats, np.random.Generator], Floats]
"""What may be done to images: a deformation, or a part of one."""

N_OF_TONE = 2
"""Numbers that describe the change of an image's tone."""


@dataclass(frozen=True)
class Tone:
    """How far the contrast and the brightness of an image may change.

    Parameters
    ----------
    contrast : float, default=0
        Largest logarithm of the factor on the differences from the image's mean.
    brightness : float, default=0
        Largest offset of an image, as a share of the range from -1 to 1.
    """

    contrast: float = 0.0
    brightness: float = 0.0

    def __bool__(self) -> bool:
        return bool(self.contrast or self.brightness)

    def draw(self, n: int, rng: np.random.Generator) -> Floats:
        """Draw n changes: ndarray of shape (n, N_OF_TONE), float32, the factor and the offset."""
        contrast, brightness = rng.uniform(-1, 1, (n, 2)).T
        return np.stack([np.exp(self.contrast * contrast), 2 * self.brightness * brightness], axis=1).astype(np.float32)


def change_tone(images: Floats, changes: Floats) -> Floats:
    """Change the tone of each image.

    Parameters
    ----------
    images : ndarray of shape (n, H, W, C), float32
        In [-1, 1]; a change ends there.
    changes : ndarray of shape (n, N_OF_TONE), float32
        As `Tone.draw` gives them.

    Returns
    -------
    ndarray of shape (n, H, W, C), float32
    """
    factor, offset = changes.T[..., None, None, None]
    mean = images.mean(axis=(1, 2, 3), keepdims=True)
    changed = (images - mean) * factor + (mean + offset)
    # Another class may lie beyond the range of the class whose images are deformed.
    lowest, highest = images.min(axis=(1, 2, 3), keepdims=True), images.max(axis=(1, 2, 3), keepdims=True)
    return np.clip(changed, np.minimum(lowest, -1), np.maximum(highest, 1), out=changed)


@dataclass(frozen=True, eq=False)
class Deformation(ABC):
    """A random deformation of images: how they are bent, which a subclass draws, and what may be done besides.

    Parameters
    ----------
    basis : DeformationBasis
    strength : float, keyword-only
        Factor on the drawn coefficients; 0 bends nothing.
    symmetry : tuple of str, keyword-only, default=()
        Mirror images and turns, of `symmetry.NAMES`: each is done or not done at random.
    tone : Tone, keyword-only
        Changes of contrast and brightness; none by default.
    """

    kind: ClassVar[str]

    basis: DeformationBasis
    strength: float = field(default=1.0, kw_only=True)
    symmetry: tuple[str, ...] = field(default=(), kw_only=True)
    tone: Tone = field(default=Tone(), kw_only=True)

    @abstractmethod
    def draw(self, n: int, rng: np.random.Generator) -> Floats:
        """Draw the coefficients of n bendings: ndarray of shape (n, n_coefficients), float32."""

    def draw_warps(self, n: int, rng: np.random.Generator) -> Floats:
        """Draw the coefficients of n bendings of images that are mirrored or turned first."""
        bendings = self.draw(n, rng)
        return map_first(bendings, draw_maps(self.symmetry, n, rng)) if self.symmetry else bendings

    def draw_all(self, n: int, rng: np.random.Generator) -> Floats:
        """Draw the coefficients of n warps, and beside them the changes of tone, if there are any."""
        warps = self.draw_warps(n, rng)
        return np.hstack([warps, self.tone.draw(n, rng)]) if self.tone else warps

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
        coefficients = self.draw_warps(len(images), rng)
        changes = self.tone.draw(len(images), rng) if self.tone else None
        deformed = np.empty(images.shape, np.float32)
        moves = bool(self.strength or self.symmetry)

        def work(chunk: slice) -> None:
            warped = np.asarray(images[chunk], np.float32)
            if moves:
                warped = warp_chunk(warped, self.basis.displacements(coefficients[chunk]))
            deformed[chunk] = warped if changes is None else change_tone(warped, changes[chunk])

        in_chunks(work, len(images), images[:1].size)
        return deformed

    def scaled(self, strength: float) -> Self:
        """Return the same deformation with the bending at another strength."""
        return dataclasses.replace(self, strength=strength)

    def with_parts(self, symmetry: tuple[str, ...], tone: Tone) -> Self:
        """Return the same bending with these symmetries and this tone."""
        return dataclasses.replace(self, symmetry=symmetry, tone=tone)

    def resized(self, height: int, width: int) -> Self:
        """Return the same deformation for images of another size: coefficients do not depend on it."""
        return dataclasses.replace(self, basis=self.basis.resized(height, width))

    @property
    def parts(self) -> dict[str, Self]:
        """Each part that there is, alone, by its name."""
        alone = {
            "bending": self.with_parts((), Tone()) if self.strength else None,
            "symmetry": self.scaled(0.0).with_parts(self.symmetry, Tone()) if self.symmetry else None,
            "tone": self.scaled(0.0).with_parts((), self.tone) if self.tone else None,
        }
        return {name: part for name, part in alone.items() if part is not None}

    def get_state(self) -> dict[str, Any]:
        """Describe the deformation in plain numbers and small arrays; `deformation_from_state` reads it."""
        own = {item.name: getattr(self, item.name) for item in dataclasses.fields(self)}
        basis, symmetry, tone = (own.pop(name) for name in ("basis", "symmetry", "tone"))
        size = {"height": basis.height, "width": basis.width, "grid": list(basis.grid)}
        parts = {"symmetry": list(symmetry), "tone": list(dataclasses.astuple(tone))}
        return {"kind": self.kind, **size, **own, **{name: part for name, part in parts.items() if any(part)}}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """Rebuild from what `get_state` returned."""
        if state["kind"] != cls.kind:
            raise ValueError(f"Expected the state of a deformation of kind {cls.kind!r}; got {state['kind']!r}.")
        given = ("kind", "height", "width", "grid", "symmetry", "tone")
        own = {key: value for key, value in state.items() if key not in given}
        grid_height, grid_width = (int(nodes) for nodes in state["grid"])
        basis = DeformationBasis(int(state["height"]), int(state["width"]), (grid_height, grid_width))
        symmetry = check_names(state.get("symmetry", ()), basis)  # files of before had neither
        return cls(basis, **own, symmetry=symmetry, tone=Tone(*state.get("tone", ())))


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
