"""The leakage check: no row that a sampler returns may be a held-out row."""

from __future__ import annotations

from typing import Any

import numpy as np

# Where this share of held-out rows also occurs in training, rows repeat by nature (few distinct values), and
# a new row that equals a held-out one proves nothing.
_REPEATING = 0.01


class LeakageError(ValueError):
    """A sampler returned held-out rows, so what would be measured is not generalisation."""


def row_keys(X: Any, dtype: np.dtype[Any] | None = None) -> list[bytes] | list[tuple[Any, ...]]:
    """A hashable key per row: equal rows have equal keys."""
    if hasattr(X, "iloc"):
        return list(X.itertuples(index=False, name=None))
    rows = np.ascontiguousarray(np.asarray(X, dtype=dtype).reshape(len(X), -1))
    if rows.dtype == object:
        return [tuple(row) for row in rows]
    return [row.tobytes() for row in rows]


def count_leaked(X_resampled: Any, X_train: Any, X_held_out: Any) -> int:
    """How many resampled rows equal a held-out row and no training row.

    Parameters
    ----------
    X_resampled, X_train, X_held_out : ndarray or DataFrame
        What the sampler returned, what it was given, and what it must not know.
    """
    dtype = getattr(X_train, "dtype", None)
    known = set(row_keys(X_train, dtype))
    unseen = set(row_keys(X_held_out, dtype)) - known
    return sum(key in unseen for key in row_keys(X_resampled, dtype))


def rows_repeat(X_train: Any, X_held_out: Any) -> bool:
    """Whether held-out rows equal training rows by nature, as in tables of few distinct values."""
    known = set(row_keys(X_train))
    shared = sum(key in known for key in row_keys(X_held_out))
    return shared > _REPEATING * len(X_held_out)


def check_leakage(name: str, X_resampled: Any, X_train: Any, X_held_out: Any) -> int:
    """Return the number of leaked rows; raise LeakageError where that cannot be chance.

    Raises
    ------
    LeakageError
        Rows equal held-out rows, and the data are not such that rows repeat by nature.
    """
    leaked = count_leaked(X_resampled, X_train, X_held_out)
    if leaked and not rows_repeat(X_train, X_held_out):
        raise LeakageError(
            f"{name} returned {leaked} rows that are held-out rows and no training rows: a sampler "
            "may know only the "
            "rows that fit_resample is given, so its score would say nothing."
        )
    return leaked
