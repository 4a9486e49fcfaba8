"""A user's own deformation: a plain function, whose images are checked before a network sees them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gan_oversampler._utils.names import name_of


@dataclass(frozen=True)
class OwnDeformation:
    """A function from images and a random generator to images.

    Parameters
    ----------
    function : callable
        Takes images of shape (n, H, W, C), float32, and a `numpy.random.Generator`; returns images.
    """

    function: Callable[[np.ndarray, np.random.Generator], np.ndarray]

    @property
    def name(self) -> str:
        """The name of the function, as a user knows it."""
        return name_of(self.function)

    def __call__(self, images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return the deformed images: ndarray of shape (n, H, W, C), float32.

        Raises
        ------
        ValueError
            If the function returns anything but finite images of that shape.
        """
        given = self.function(images, rng)
        shape = getattr(given, "shape", None)
        if shape != images.shape:
            got = f"an array of shape {shape}" if shape is not None else f"{type(given).__name__}"
            raise ValueError(
                f"The deformation {self.name} must give as many images as it takes, of shape {images.shape}, but it "
                f"gave {got}: let it return the deformed images, of the same size."
            )
        deformed = np.asarray(given, np.float32)
        if not np.isfinite(deformed).all():
            raise ValueError(f"The deformation {self.name} must give finite values, but it gave NaN or infinity.")
        return deformed
