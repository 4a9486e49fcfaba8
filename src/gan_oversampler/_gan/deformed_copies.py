"""Deformed copies of the real images for the steps of a training, made beforehand and used several times."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gan_oversampler._utils import seeds

_N_COPIES = 20  # of each image
_N_SEEN = 5  # times that each copy is seen, on average, before all are made anew
_MOST_VALUES = 2**22


class DeformedCopies:
    """Batches of deformed real images, from the seed and the step's number alone.

    A copy is seen five times. So a deformation costs a fifth of what it would cost in every step. Where images are so
    large that fewer than five batches are kept, a copy is seen as often as there are batches: one alone is seen once.

    Parameters
    ----------
    images : ndarray of shape (n, H, W, C), float32
    deformation : Deformation
        Draws the coefficients.
    deform : callable
        ``deform(images, coefficients)`` deforms one batch.
    batch_size, seed : int
    """

    def __init__(
        self, images: np.ndarray, deformation: Any, deform: Callable[..., Any], batch_size: int, seed: int
    ) -> None:
        self.images, self.deformation, self.deform = images, deformation, deform
        self.batch_size, self.seed = batch_size, seed
        n_copies = min(_N_COPIES * len(images), _MOST_VALUES // int(np.prod(images.shape[1:])))
        self.n_batches = max(1, n_copies // batch_size)
        self._period = -1

    @property
    def n_steps(self) -> int:
        """Steps until the copies are made anew."""
        return min(_N_SEEN, self.n_batches) * self.n_batches

    def _source(self, rng: np.random.Generator) -> np.ndarray:
        """Which image each copy is made of: every image as often as another, in a random order."""
        n_copies, n_images = self.n_batches * self.batch_size, len(self.images)
        rounds = [rng.permutation(n_images) for _ in range(-(-n_copies // n_images))]
        return np.concatenate(rounds)[:n_copies].reshape(self.n_batches, self.batch_size)

    def _make(self, period: int) -> None:
        rng = seeds.generator(self.seed, "copies", period)
        batches = [
            self.deform(self.images[rows], self.deformation.draw_all(self.batch_size, rng)).numpy()
            for rows in self._source(rng)
        ]
        self._copies, self._period = np.concatenate(batches), period

    def batch(self, step: int, rng: np.random.Generator) -> np.ndarray:
        """Copies for a step: ndarray of shape (batch_size, H, W, C), float32."""
        if step // self.n_steps != self._period:
            self._make(step // self.n_steps)
        return self._copies[rng.choice(len(self._copies), self.batch_size, replace=False)]
