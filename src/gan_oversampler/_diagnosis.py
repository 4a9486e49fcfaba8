"""Whether a training went wrong, told from its history and from what it draws.

The thresholds lie far outside of what healthy trainings show: a false alarm costs a training.
"""

from __future__ import annotations

import numpy as np
from sklearn.metrics import pairwise_distances

_EXPLODED = 1e4
_COLLAPSED = 0.05
_MAX_REAL = 1000


def has_exploded(history: dict[str, np.ndarray]) -> bool:
    """Whether the last step's losses are not finite, or beyond any that training comes back from."""
    last = [history[name][-1:] for name in ("generator_loss", "discriminator_loss")]
    return not (np.abs(np.concatenate(last)) < _EXPLODED).all()


def _thinned(rows: np.ndarray) -> np.ndarray:
    """At most 1,000 of the rows, evenly spaced and flat, float64."""
    index = np.linspace(0, len(rows) - 1, min(len(rows), _MAX_REAL)).astype(int)
    return rows[index].reshape(len(index), -1).astype(np.float64)


def energy_distance(drawn: np.ndarray, real: np.ndarray) -> float:
    """Energy distance of two samples as a share of the spread of the real one; about 0 for equal distributions.

    Parameters
    ----------
    drawn, real : ndarray of shape (n, ...) and (m, ...)
    """
    drawn, real = _thinned(drawn), _thinned(real)
    spread = pairwise_distances(real).mean()
    between, within = pairwise_distances(drawn, real).mean(), pairwise_distances(drawn).mean()
    return float((2 * between - within - spread) / spread) if spread else float(between)


def spread_ratio(drawn: np.ndarray, real: np.ndarray) -> float:
    """How much drawn rows vary, as a share of how much real ones do."""
    return float(drawn.std(axis=0).mean() / real.std(axis=0).mean())


def trouble(history: dict[str, np.ndarray], drawn: np.ndarray, real: np.ndarray) -> str:
    """What went wrong, to stand behind "Training"; empty where nothing did.

    Parameters
    ----------
    history : dict of ndarray
    drawn, real : ndarray of shape (n, ...) and (m, ...), float32
        Generated rows, and the real rows of the class, as the networks see them.
    """
    if has_exploded(history):
        return "diverged"
    ratio = spread_ratio(drawn, real)
    return f"collapsed (samples vary {ratio:.1%} as much as the data)" if ratio < _COLLAPSED else ""
