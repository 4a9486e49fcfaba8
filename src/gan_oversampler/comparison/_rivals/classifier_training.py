"""The training of the convolutional classifier: batches, augmentation, mixing, weights, steps."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gan_oversampler._utils.seeds import generator
from gan_oversampler.comparison._rivals.mixing import Mixing
from gan_oversampler.comparison._rivals.reweighting import class_weights, is_reweighted

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]
Rows = tuple[Floats, Integers, Floats]  # images in [-1, 1], their classes, and how much each counts


def batches(n_rows: int, size: int, rng: np.random.Generator) -> Iterator[Integers]:
    """Rows of one batch after the other, for ever: every row once before any comes again."""
    waiting = np.empty(0, np.int64)
    while True:
        while len(waiting) < size:
            waiting = np.concatenate([waiting, rng.permutation(n_rows)])
        yield waiting[:size]
        waiting = waiting[size:]


def real_rows(
    images: Floats, classes: Integers, weights: Floats, size: int, rng: np.random.Generator
) -> Generator[Rows, None, None]:
    """Real rows in batches, for ever."""
    for chosen in batches(len(images), size, rng):
        yield images[chosen], classes[chosen], weights[chosen]


def cosine(step: int, n_steps: int) -> float:
    """The share of the learning rate in a step: from 1 along half a cosine towards 0."""
    return float(0.5 * (1 + np.cos(np.pi * step / n_steps)))


@dataclass(frozen=True)
class Training:
    """What a training is made of.

    Attributes
    ----------
    n_steps : int
    learning_rate : float
        In the first step.
    augment : callable or None
        Takes images and a random generator.
    mix : callable or None
        A function of `mixing`.
    deferred : bool
        Whether classes are weighted at the end.
    seed : int
    """

    n_steps: int
    learning_rate: float
    augment: Callable[[Floats, np.random.Generator], Floats] | None
    mix: Mixing | None
    deferred: bool
    seed: int

    def batches(self, drawn: Iterable[Rows], counts: Integers) -> Iterator[tuple[Floats, Floats]]:
        """Images and weighted labels of each step.

        Parameters
        ----------
        drawn : iterable of (images, classes, weights)
            Rows of each step, for `n_steps` or more.
        counts : ndarray of shape (n_classes,), int
            Rows of each class that there are.
        """
        changes, mixes = generator(self.seed, "augmentation"), generator(self.seed, "mixing")
        one_hot = np.eye(len(counts), dtype=np.float32)
        for step, (X, classes, weights) in zip(range(self.n_steps), drawn, strict=False):
            Y = one_hot[classes] * weights[:, None]
            if self.augment is not None:
                X = self.augment(X, changes)
            if self.mix is not None:
                mixture = self.mix(classes, counts, mixes)
                X, Y = mixture.images(X), mixture.labels(Y)
            if self.deferred and is_reweighted(step, self.n_steps):
                Y = Y * class_weights(counts)
            yield X, Y

    def train(self, network: Any, drawn: Iterable[Rows], counts: Integers) -> list[Floats]:
        """Train a `Network` from new weights, and return the weights that it ends with."""
        shares = counts.astype(np.float32)
        with network.fresh(generator(self.seed, "weights")):
            for step, (X, Y) in enumerate(self.batches(drawn, counts)):
                network.step(X, Y, shares, np.float32(self.learning_rate * cosine(step, self.n_steps)))
            trained: list[Floats] = network.weights
        return trained
