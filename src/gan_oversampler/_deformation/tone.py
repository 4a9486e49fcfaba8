"""Random changes of contrast and brightness: a factor and an offset for each image."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gan_oversampler._deformation.warp import Floats

N_NUMBERS = 2
"""Numbers that describe the change of one image."""


@dataclass(frozen=True)
class Tone:
    """How far the tone of an image may change.

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
        """Draw n changes: ndarray of shape (n, N_NUMBERS), float32, the factor and the offset."""
        contrast, brightness = rng.uniform(-1, 1, (n, 2)).T
        return np.stack([np.exp(self.contrast * contrast), 2 * self.brightness * brightness], axis=1).astype(np.float32)


def change_tone(images: Floats, changes: Floats) -> Floats:
    """Change the tone of each image.

    Parameters
    ----------
    images : ndarray of shape (n, H, W, C), float32
        In [-1, 1]; a change ends there.
    changes : ndarray of shape (n, N_NUMBERS), float32
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
