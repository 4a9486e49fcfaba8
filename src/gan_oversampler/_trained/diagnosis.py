"""Whether a training went wrong or has settled, judged by its history and by the rows it draws.

The thresholds lie beyond the worst of usable trainings, since a false alarm costs a training. Over 24 trainings on
digits and tables of 10 to 1,000 rows, the worst figures were: a discriminator right in 98.8 % of cases over 300 steps,
and a generator loss of 4.4 (both on 12 digits without deformation); drawn rows that varied 18 % as much as real ones
(preset="notebook" after 600 steps; otherwise 44 %); drawn rows 25 % as far from the nearest real row as real rows are
(a table of one column).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from sklearn.metrics import pairwise_distances

_EXPLODED = 1e4
_WON_STEPS, _WON_ACCURACY, _WON_LOSS = 300, 0.99, 8.0
_COLLAPSED = 0.05
_COPIED = 0.1
_N_DRAWN = 256
_MAX_REAL = 1000
_PATIENCE = 5
_NEAR = 0.1  # trainings of 16 tables came to .03 and below; one that stays far away may be one that went wrong


class Trouble(NamedTuple):
    """What went wrong in a training, and what to try, as parts of a sentence."""

    what: str
    advice: str


def has_exploded(history: dict[str, np.ndarray]) -> bool:
    """Whether the last step's losses are not finite, or too large for training to recover."""
    last = [loss for name in ("generator_loss", "discriminator_loss") for loss in history[name][-1:]]
    return not all(abs(loss) < _EXPLODED for loss in last)


def discriminator_won(history: dict[str, np.ndarray]) -> bool:
    """Whether the discriminator has lately been right all the time, so that the generator learns nothing from it."""
    accuracy, loss = (history[name][-_WON_STEPS:] for name in ("discriminator_accuracy", "generator_loss"))
    return bool(len(loss) == _WON_STEPS and accuracy.mean() > _WON_ACCURACY and loss.mean() > _WON_LOSS)


def thinned(rows: np.ndarray) -> np.ndarray:
    """At most 1,000 of the rows, evenly spaced and flat, float64."""
    index = np.linspace(0, len(rows) - 1, min(len(rows), _MAX_REAL)).astype(int)
    return rows[index].reshape(len(index), -1).astype(np.float64)


def _mean_distance(rows: np.ndarray) -> float:
    """Mean distance of two different rows; 0 for a single row."""
    n_pairs = len(rows) * (len(rows) - 1)
    return float(pairwise_distances(rows).sum() / n_pairs) if n_pairs else 0.0


def energy_distance(drawn: np.ndarray, real: np.ndarray) -> float:
    """Energy distance of two samples as a share of the spread of the real one.

    Its mean over samples of equal distributions is 0, however few their rows are, so that it may be a little below 0.
    It is infinite where drawn rows are not finite.

    Parameters
    ----------
    drawn, real : ndarray of shape (n, ...) and (m, ...)

    Notes
    -----
    No row is compared with itself (a U-statistic). Counting those distances of 0 would add about 1 / n + 1 / m.
    """
    if not np.isfinite(drawn).all():
        return np.inf
    drawn, real = thinned(drawn), thinned(real)
    between, spread = float(pairwise_distances(drawn, real).mean()), _mean_distance(real)
    return (2 * between - _mean_distance(drawn) - spread) / spread if spread else between


def spread_ratio(drawn: np.ndarray, real: np.ndarray) -> float:
    """The variation of drawn rows as a share of that of real rows; 1 if real rows do not vary."""
    spread = real.std(axis=0, dtype=np.float64).mean()
    return float(drawn.std(axis=0, dtype=np.float64).mean() / spread) if spread else 1.0


def novelty_ratio(drawn: np.ndarray, real: np.ndarray) -> float:
    """Median distance of drawn rows to the nearest real one, as a share of that of real rows to each other.

    It is 1 if most real rows have a duplicate: copies cannot be recognised then.
    """
    drawn, real = thinned(drawn), thinned(real)
    among = pairwise_distances(real)
    np.fill_diagonal(among, np.inf)
    usual = np.median(among.min(axis=1))
    return float(np.median(pairwise_distances(drawn, real).min(axis=1)) / usual) if usual else 1.0


def find_trouble(history: dict[str, np.ndarray], draw: Callable[[int], np.ndarray], real: np.ndarray) -> Trouble | None:
    """The trouble with a training; None if nothing went wrong.

    Parameters
    ----------
    history : dict of ndarray
        One value per step, as in `GANOverSampler.history_`.
    draw : callable
        ``draw(n)`` returns n generated rows, as the networks see them.
    real : ndarray of shape (n, ...), float32
        The real rows of the class.
    """
    drawn = draw(_N_DRAWN)
    if has_exploded(history) or not np.isfinite(drawn).all():
        return Trouble("diverged", "a smaller learning_rate, or another batch_size")
    if discriminator_won(history):
        return Trouble(
            "was won by the discriminator, which told every generated row from real ones",
            "a smaller learning_rate, deformation for images, or a discriminator with more dropout",
        )
    spread = spread_ratio(drawn, real)
    if spread < _COLLAPSED:
        what = f"collapsed (samples vary {spread:.1%} as much as the data)"
        return Trouble(what, "a smaller learning_rate, another batch_size or a larger max_iter")
    novelty = novelty_ratio(drawn, real)
    if novelty < _COPIED:
        what = f"learned its rows by heart (samples lie {novelty:.1%} as far from them as they do from each other)"
        return Trouble(what, "a smaller max_iter, deformation for images, or a smaller generator")
    return None


def noise_of_distance(n_drawn: int, real: np.ndarray) -> float:
    """How far the energy distance of rows varies that are drawn from the distribution of the real ones.

    Parameters
    ----------
    n_drawn : int
    real : ndarray of shape (n, ...)

    Returns
    -------
    float
        Standard deviation, of what `energy_distance` returns.

    Notes
    -----
    Of equal distributions, only what is left of the distances after rows and columns are centred varies. Its mean
    square s² gives the variance 2 s² (1 / n + 1 / m)² of the three U-statistics together.
    """
    rows = thinned(real)
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
