"""A user's own deformation: a plain function, whose images are checked before a network sees them."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from gan_oversampler._utils.names import is_of_keras, name_of

_FARTHEST = 3.0  # from 0: noise and contrast may go beyond [-1, 1], where new images are clipped
_MOST_BEYOND = 0.01
_DARK = -0.5


def _takes_two(function: Callable[..., Any]) -> bool:
    """Whether a call with two arguments suits the function, as far as it tells; a layer of Keras takes images alone."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # some that are written in C tell nothing
        return not is_of_keras(function)
    try:
        signature.bind(None, None)
    except TypeError:
        return False
    return not is_of_keras(function)


@dataclass(frozen=True)
class OwnDeformation:
    """A function from images and a random generator to images.

    Parameters
    ----------
    function : callable
        Takes images of shape (n, H, W, C), float32, and a `numpy.random.Generator`; returns images.

    Raises
    ------
    ValueError
        If it takes other arguments.
    """

    function: Callable[[np.ndarray, np.random.Generator], np.ndarray]

    def __post_init__(self) -> None:
        if not _takes_two(self.function):
            call = "layer(images, training=True)" if is_of_keras(self.function) else "function(images)"
            raise ValueError(
                f"The deformation {self.name} must take two arguments, images of shape (n, H, W, C) in [-1, 1] and a "
                "numpy.random.Generator, but it takes others: wrap it in a function that gives an array of NumPy, such "
                f"as lambda images, rng: numpy.asarray({call})."
            )

    @property
    def name(self) -> str:
        """The name of the function, as a user knows it."""
        return name_of(self.function)

    def __call__(self, images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return the deformed images: ndarray of shape (n, H, W, C), float32.

        Raises
        ------
        ValueError
            If the function returns anything but finite images of that shape, in numbers that are not whole and on the
            scale of those that it takes, from -1 to 1. On another scale most pixels would be clipped to black or white.
        """
        given = self.function(images, rng)
        shape = getattr(given, "shape", None)
        if shape != images.shape:
            got = f"an array of shape {shape}" if shape is not None else f"{type(given).__name__}"
            raise ValueError(
                f"The deformation {self.name} must give as many images as it takes, of shape {images.shape}, but it "
                f"gave {got}: let it return the deformed images, of the same size."
            )
        given = np.asarray(given)
        if not np.issubdtype(given.dtype, np.floating):
            raise ValueError(self._scale_sentence(f"values of type {given.dtype}"))
        deformed = given.astype(np.float32, copy=False)
        if not np.isfinite(deformed).all():
            raise ValueError(f"The deformation {self.name} must give finite values, but it gave NaN or infinity.")
        lowest, highest = deformed.min(), deformed.max()
        if (np.abs(deformed) > _FARTHEST).mean() > _MOST_BEYOND or (lowest >= 0 and images.min() < _DARK):
            raise ValueError(self._scale_sentence(f"values from {lowest:.3g} to {highest:.3g}"))
        return deformed

    def _scale_sentence(self, got: str) -> str:
        return (
            f"The deformation {self.name} must give images as it takes them, float32 from -1 (black) to 1 (white), "
            f"but it gave {got}: let it work on (images + 1) * 127.5 if it expects 0 to 255, and return its result / "
            "127.5 - 1."
        )
