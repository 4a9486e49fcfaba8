"""Weights of rows: those of new rows beside those that a user gave."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def weights_of_rows(sample_weight: Any, n_rows: int) -> Floats:
    """Weight of each row of X: 1 if none were given.

    Raises
    ------
    ValueError
        If there is not one weight for each row, finite and 0 or more.
    """
    if sample_weight is None:
        return np.ones(n_rows)
    try:
        weights = np.asarray(sample_weight, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"sample_weight must hold a number for each row of X, but {error}.") from error
    if weights.shape != (n_rows,):
        raise ValueError(
            f"sample_weight must hold a number for each of the {n_rows} rows of X, but its shape is {weights.shape}."
        )
    if not (np.isfinite(weights) & (weights >= 0)).all():
        raise ValueError("sample_weight must hold finite numbers from 0 up, but some are negative, NaN or infinite.")
    return weights


def weight_of_new_row(own: Floats, n: int, relative: float | None) -> float:
    """What each of n new rows weighs beside the real rows of its class, whose weights are `own`."""
    return float(own.mean() if relative is None else relative * own.sum() / max(n, 1))


def append_weights(weights: Floats, labels: NDArray[Any], n_new: Mapping[Any, int], relative: float | None) -> Floats:
    """The weights with those of the new rows behind.

    Parameters
    ----------
    weights : ndarray of shape (n,), float64
    labels : ndarray of shape (n,)
    n_new : mapping of label to int
        How many new rows each class has, in their order.
    relative : float or None
        What the new rows of a class weigh together, as a multiple of what its real rows weigh together. None: each
        weighs as much as a real row of its class does on average.

    Returns
    -------
    ndarray of shape (n + n_new,), float64
    """
    parts = [weights]
    for label, n in n_new.items():
        parts.append(np.full(n, weight_of_new_row(weights[labels == label], n, relative)))
    return np.concatenate(parts)
