"""The label filter: keeps the drawn rows that a small classifier takes for the class asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

import numpy as np
from sklearn.neural_network import MLPClassifier

from gan_oversampler._classes.drawn import Drawn

MIN_OTHERS = 50
_N_EPOCHS = 3
_MAX_ROUNDS = 5


class LabelFilter:
    """A dense network of one hidden layer, as plain arrays: class against the rest.

    Parameters
    ----------
    weights : list of ndarray
        Kernels and biases of the two layers, float32.
    """

    def __init__(self, weights: list[np.ndarray]) -> None:
        self.weights = weights

    @classmethod
    def fit(cls, own: np.ndarray, others: np.ndarray, seed: int) -> Self:
        """Filter for a class.

        Parameters
        ----------
        own : ndarray of shape (n, ...), float32
            Rows of the class, as many as the others for the two errors to weigh alike.
        others : ndarray of shape (m, ...), float32
        seed : int
        """
        rows = np.concatenate([own, others]).reshape(len(own) + len(others), -1)
        labels = np.arange(len(rows)) < len(own)
        network = MLPClassifier((128,), batch_size=min(256, len(rows)), random_state=seed)
        for _ in range(_N_EPOCHS):  # fit() would warn that so few epochs do not converge
            network.partial_fit(rows, labels, classes=[False, True])
        kernels, biases = network.coefs_, network.intercepts_
        return cls([np.asarray(w, np.float32) for pair in zip(kernels, biases, strict=True) for w in pair])

    @classmethod
    def fit_copies(
        cls, own: np.ndarray, others: np.ndarray, deformation: Any, rng: np.random.Generator, seed: int
    ) -> Self:
        """Filter that knows the class by copies of its images, deformed if at all, as many as there are others."""
        copies = own[rng.integers(len(own), size=len(others))]
        return cls.fit(copies if deformation is None else deformation(copies, rng), others, seed)

    def scores(self, rows: np.ndarray) -> np.ndarray:
        """Log-odds that each row is of the class: ndarray of shape (n,), float32."""
        kernel, bias, out_kernel, out_bias = self.weights
        hidden = np.maximum(rows.reshape(len(rows), -1) @ kernel + bias, 0)
        return (hidden @ out_kernel + out_bias)[:, 0]

    def draw(self, draw: Callable[[int, np.random.Generator], Drawn], n: int, rng: np.random.Generator) -> Drawn:
        """Draw exactly n rows: those taken for the class and, if these are too few, the nearest to it.

        Drawing stops after a few rounds, so that a poor generator costs a few draws only.
        """
        kept: list[Drawn] = []
        rejected: list[Drawn] = []
        their_scores: list[np.ndarray] = []
        for _ in range(_MAX_ROUNDS):
            missing = n - sum(map(len, kept))
            if not missing:
                break
            drawn = draw(missing, rng)
            scores = self.scores(drawn.rows)
            is_kept = scores > 0
            kept.append(drawn.take(is_kept))
            rejected.append(drawn.take(~is_kept))  # NaN too: it is sorted last
            their_scores.append(scores[~is_kept])
        missing = n - sum(map(len, kept))
        if missing:
            nearest = np.argsort(-np.concatenate(their_scores), kind="stable")[:missing]
            kept.append(Drawn.joined(rejected).take(nearest))
        return Drawn.joined(kept)

    def get_state(self) -> dict[str, Any]:
        """Arrays from which `from_state` restores this filter."""
        return {f"weight_{i}": weight for i, weight in enumerate(self.weights)}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> LabelFilter:
        """Filter from its state."""
        return cls([state[f"weight_{i}"] for i in range(4)])
