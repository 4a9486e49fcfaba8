"""Numeric columns <-> normal scores, each through its own distribution function."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.stats import norm
from sklearn.preprocessing import QuantileTransformer


def _to_unit(numbers: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Columns brought from [low, high] to [0, 1]; halves first, since high - low could overflow."""
    half = high / 2 - low / 2
    return np.clip((numbers / 2 - low / 2) / np.where(half > 0, half, 1.0), 0, 1)


class NormalScores:
    """Columns of numbers <-> normal scores of mean 0 and deviation 1.

    Each column goes through its own empirical distribution function to a normal one, as CTAB-GAN+ and TabDDPM
    found best for skewed columns; the way back can only give values between the lowest and highest one seen.

    Parameters
    ----------
    low, high : ndarray of shape (p,), float64
        Range of each column, which is brought to [0, 1] first: scikit-learn's transformer works with absolute
        tolerances.
    quantiles : ndarray of shape (n_quantiles, p), float64 in [0, 1]
    bound : float
        Normal score of the outermost rank; scikit-learn alone would put it at 5.2 even for ten rows.
    mean, scale : ndarray of shape (p,), float64
        Of the scores.
    """

    FIELDS = ("low", "high", "quantiles", "bound", "mean", "scale")

    def __init__(
        self,
        low: np.ndarray,
        high: np.ndarray,
        quantiles: np.ndarray,
        bound: Any,
        mean: np.ndarray,
        scale: np.ndarray,
    ) -> None:
        self.low, self.high, self.quantiles = low, high, quantiles
        self.bound, self.mean, self.scale = float(bound), mean, scale
        n_quantiles = len(quantiles)
        self._transformer = QuantileTransformer(n_quantiles=n_quantiles, output_distribution="normal").set_output(
            transform="default"
        )
        self._transformer.quantiles_ = quantiles
        self._transformer.references_ = np.linspace(0, 1, n_quantiles)
        self._transformer.n_quantiles_ = n_quantiles
        self._transformer.n_features_in_ = quantiles.shape[1]

    @classmethod
    def fit(cls, numbers: np.ndarray, low: np.ndarray, high: np.ndarray) -> NormalScores:
        """Scores of columns that lie between `low` and `high`.

        Parameters
        ----------
        numbers : ndarray of shape (n, p), float64
        low, high : ndarray of shape (p,), float64
        """
        numbers = np.sort(numbers, axis=0)  # so that sums do not depend on the order of the rows
        ranks = np.linspace(0, 1, min(len(numbers), 1000))
        quantiles = np.maximum.accumulate(np.quantile(_to_unit(numbers, low, high), ranks, axis=0))
        scores = cls(low, high, quantiles, norm.isf(0.5 / len(numbers)), np.zeros(1), np.ones(1))
        raw = scores._raw(numbers)
        spread = raw.std(axis=0)
        scores.mean, scores.scale = raw.mean(axis=0), np.where(spread > 0, spread, 1.0)
        return scores

    def _raw(self, numbers: np.ndarray) -> np.ndarray:
        if not numbers.shape[1]:  # which scikit-learn refuses
            return numbers
        return np.clip(self._transformer.transform(_to_unit(numbers, self.low, self.high)), -self.bound, self.bound)

    def encode(self, numbers: np.ndarray) -> np.ndarray:
        """Scores of the numbers: ndarrays of shape (n, p), float64."""
        return (self._raw(numbers) - self.mean) / self.scale

    def decode(self, scores: np.ndarray) -> np.ndarray:
        """Numbers of the scores, each column in its range: ndarrays of shape (n, p), float64."""
        if not scores.shape[1]:
            return scores
        raw = scores * self.scale + self.mean
        # The outermost score stands for the extreme itself; push it out to where scikit-learn has it.
        is_inside = np.abs(raw) < self.bound * (1 - 1e-5)
        share = self._transformer.inverse_transform(np.where(is_inside, raw, np.sign(raw) * 10))
        return np.clip(self.low * (1 - share) + self.high * share, self.low, self.high)

    def get_state(self) -> dict[str, np.ndarray]:
        """Arrays from which `from_state` makes this again."""
        return {name: np.asarray(getattr(self, name)) for name in self.FIELDS}

    @classmethod
    def from_state(cls, state: dict[str, np.ndarray]) -> NormalScores:
        """Scores from their state; further arrays in it are not looked at."""
        return cls(**{name: state[name] for name in cls.FIELDS})
