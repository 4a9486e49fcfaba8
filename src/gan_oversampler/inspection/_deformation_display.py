"""Deformed copies of real images."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gan_oversampler._deformation.deformations import AffineDeformation
from gan_oversampler._deformation.warp import DeformationBasis
from gan_oversampler._utils import seeds
from gan_oversampler.inspection._arguments import image_shape_of, learned, rows_of
from gan_oversampler.inspection._display import Display, Mosaic, as_pictures, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = NDArray[np.floating[Any]]


def _named(deformation: Any) -> dict[str, Any]:
    """A deformation by its kind or, where it does more than bend, the whole and each of its parts."""
    parts = getattr(deformation, "parts", {})
    if set(parts) <= {"bending"}:
        return {getattr(deformation, "kind", "callable"): deformation}
    return {"together": deformation, **parts}


@dataclass
class DeformationDisplay(Display):
    """Real images, their deformed copies as a sampler makes them, and random affine copies for comparison.

    Where a deformation also mirrors or turns images, or changes their tone, each part is shown alone, too.

    Parameters
    ----------
    real : ndarray of shape (n_images, H, W, C), float32 in [-1, 1]
    deformed : dict of str to ndarray of shape (n_images, n_deformed, H, W, C)
        Kind of deformation -> copies.

    Attributes
    ----------
    ax_, figure_ : matplotlib objects, after `plot`
    """

    real: NDArray[Any]
    deformed: dict[str, NDArray[Any]]

    @classmethod
    def from_estimator(
        cls,
        sampler: Any,
        X: Any,
        y: Any,
        label: Any,
        *,
        n_images: int = 4,
        n_deformed: int = 5,
        random_state: int | None = 0,
    ) -> DeformationDisplay:
        """Apply the deformation that a fitted sampler uses for a class.

        Parameters
        ----------
        sampler : GANOverSampler or DeformationOverSampler
            Fitted to images.
        X, y : array-likes
        label : label
            A class that it learned.
        n_images, n_deformed : int
            Real images, drawn at random, and deformed copies of each.
        random_state : int or None, default=0
        """
        image_shape_of(sampler)
        label, model = learned(sampler.models_, label, "model")
        if model.deformation is None:
            raise ValueError(f"The model of class {label!r} has no deformation to show: fit with another deformation.")
        own = rows_of(X, y, label)
        rng = seeds.generator(seeds.root_seed(random_state), "display")
        some = own[rng.permutation(len(own))[:n_images]]
        return cls.from_deformation(
            model.deformation, model.codec.encode(some), n_deformed=n_deformed, random_state=random_state
        )

    @classmethod
    def from_deformation(
        cls, deformation: Any, images: Floats, *, n_deformed: int = 5, random_state: int | None = 0
    ) -> DeformationDisplay:
        """Apply a deformation to images.

        Parameters
        ----------
        deformation : callable
            As the parameter `deformation` of the samplers takes.
        images : ndarray of shape (n, H, W, C), float32 in [-1, 1]
        n_deformed : int, default=5
        random_state : int or None, default=0
        """
        affine = AffineDeformation(DeformationBasis.for_size(*images.shape[1:3]))
        seed = seeds.root_seed(random_state)
        named = _named(deformation)
        copies = {
            kind: np.stack([deform(images, seeds.generator(seed, kind, i)) for i in range(n_deformed)], axis=1)
            for kind, deform in ({**named, "affine": affine} | named).items()
        }
        return cls(images, copies)

    def plot(self, ax: Axes | None = None) -> DeformationDisplay:
        """Draw a row for each image: the real one, then its copies by kind of deformation.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Where to draw; a new figure by default.
        """
        groups = [self.real[:, None], *self.deformed.values()]
        tiles = np.stack([as_pictures(row, -1, 1) for row in np.concatenate(groups, axis=1)])
        starts = np.cumsum([0, *(group.shape[1] for group in groups)])
        mosaic = Mosaic(tiles, column_breaks=tuple(int(start) for start in starts[1:-1]))
        width, height = mosaic.size(0.5)
        ax = new_axes(ax, width - 0.9, height)
        mosaic.draw(ax, [""] * len(tiles))
        ends = mosaic.lefts[starts[1:] - 1] + mosaic.width
        ax.set_xticks((mosaic.lefts[starts[:-1]] + ends) / 2, ["real", *self.deformed])
        ax.xaxis.tick_top()
        return self._drawn_on(ax)
