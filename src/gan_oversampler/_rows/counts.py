"""How many rows to make: `sampling_strategy` as imbalanced-learn reads it, with counts checked first."""

from __future__ import annotations

import math
from collections.abc import Mapping
from numbers import Integral, Real
from typing import Any

import numpy as np
from imblearn.utils import check_sampling_strategy

_MAX_COUNT = np.iinfo(np.int64).max


def _check_counts(counts: Any) -> None:
    if not isinstance(counts, Mapping):
        raise ValueError(
            f"A callable sampling_strategy must return a dict of class -> number of rows, but it returned {counts!r}."
        )
    for label, count in counts.items():
        is_count = isinstance(count, Integral) and not isinstance(count, bool) and int(count) <= _MAX_COUNT
        if not is_count:
            raise ValueError(
                f"sampling_strategy must ask for a whole number of rows below 2**63, but for class {label!r} it asks "
                f"for {count!r}: give how many rows the class should have in the result."
            )


def _whole_ratio(ratio: float, labels: np.ndarray) -> float:
    """A ratio by which imbalanced-learn counts the rows that are meant: it cuts .29 of 100, or 28.999..., to 28."""
    n_majority = int(np.unique(labels, return_counts=True)[1].max())
    meant = round(ratio * n_majority)
    is_whole = math.isclose(ratio * n_majority, meant, rel_tol=1e-9)
    return min(1.0, (meant + 0.5) / n_majority) if is_whole else ratio


def rows_to_make(strategy: Any, labels: np.ndarray, sampling_type: str) -> dict[Any, int]:
    """Number of new rows of each class.

    Parameters
    ----------
    strategy : float, str, dict or callable
        The parameter `sampling_strategy`.
    labels : ndarray of shape (n,)
    sampling_type : str
        "over-sampling", in imbalanced-learn's words.

    Returns
    -------
    dict
        Class -> number of new rows, 0 or more, as plain int.

    Raises
    ------
    ValueError
    """
    if callable(strategy):
        strategy = strategy(labels)
        _check_counts(strategy)
    elif isinstance(strategy, Mapping):
        _check_counts(strategy)
    elif isinstance(strategy, Real) and 0 < float(strategy) <= 1:
        strategy = _whole_ratio(float(strategy), labels)
    return {label: int(n) for label, n in check_sampling_strategy(strategy, labels, sampling_type).items()}
