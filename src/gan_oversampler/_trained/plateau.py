"""Whether drawn rows still come nearer to the real ones: seen from the energy distance of each look at them."""

from __future__ import annotations

import numpy as np
from sklearn.metrics import pairwise_distances

from gan_oversampler._trained import diagnosis

_PATIENCE = 5
_NEAR = 0.1  # trainings of 16 tables came to .03 and below; one that stays far away may be one that went wrong


def noise_of_distance(n_drawn: int, real: np.ndarray) -> float:
    """How far the energy distance of rows varies that are drawn from the distribution of the real ones.

    Parameters
    ----------
    n_drawn : int
    real : ndarray of shape (n, ...)

    Returns
    -------
    float
        Standard deviation, of what `diagnosis.energy_distance` returns.

    Notes
    -----
    Of equal distributions, only what is left of the distances after rows and columns are centred varies. Its mean
    square s² gives the variance 2 s² (1 / n + 1 / m)² of the three U-statistics together.
    """
    rows = diagnosis.thinned(real)
    n, distances = len(rows), pairwise_distances(rows)
    if n < 2 or not distances.any():
        return 0.0
    left = distances - distances.mean(axis=0) - distances.mean(axis=1)[:, None] + distances.mean()
    n_pairs = n * (n - 1)
    square = (np.square(left).sum() - np.square(np.diag(left)).sum()) / n_pairs
    return float(np.sqrt(2 * square) * (1 / n_drawn + 1 / n) / (distances.sum() / n_pairs))


def has_settled(distances: np.ndarray, noise: float) -> bool:
    """Whether drawn rows are near, and five looks in a row found none nearer than the best before by more than noise.

    Parameters
    ----------
    distances : ndarray of shape (n_looks,)
    noise : float
    """
    best, best_look = np.inf, 0
    for look, distance in enumerate(distances):
        if distance < best - noise:
            best, best_look = distance, look
    return best < _NEAR and len(distances) - 1 - best_look >= _PATIENCE
