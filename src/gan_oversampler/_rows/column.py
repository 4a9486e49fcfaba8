"""What one column of a table is, read from its values and not from its dtype.

A table is an array of numbers here: a category is a code (0, 1, ...), a missing value is NaN.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

MAX_LEVELS = 12
_ROWS_LOOKED_AT = 1000


def index_of_nearest(levels: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """Index of the sorted level that is nearest to each number; of NaN, the last one."""
    above = np.clip(np.searchsorted(levels, numbers), 1, max(len(levels) - 1, 1))
    above = np.minimum(above, len(levels) - 1)
    below = np.maximum(above - 1, 0)
    return np.where(numbers - levels[below] <= levels[above] - numbers, below, above)


def _few_levels(values: np.ndarray) -> np.ndarray | None:
    """The distinct values if they are few and repeat, otherwise None."""
    if len(np.unique(values[:_ROWS_LOOKED_AT])) > MAX_LEVELS:
        return None
    levels = np.unique(values)
    return levels if len(levels) <= min(MAX_LEVELS, len(values) / 2) else None


@dataclass(frozen=True, eq=False)
class Column:
    """One column of a table.

    Attributes
    ----------
    low, high : float
        Range; both 0 where every value is missing.
    is_category : bool
        Whether its numbers are codes without an order.
    is_whole : bool
        Whether every value is a whole number.
    has_missing : bool
    levels : ndarray of float64, optional
        The values of a numeric column that has at most 12, sorted.
    """

    low: float
    high: float
    is_category: bool
    is_whole: bool
    has_missing: bool
    levels: np.ndarray | None

    @classmethod
    def of(cls, numbers: np.ndarray, is_category: bool) -> Column:
        """Column of these numbers, ndarray of shape (n,)."""
        is_missing = np.isnan(numbers)
        values = numbers[~is_missing].astype(np.float64)
        if not len(values):
            return cls(0.0, 0.0, is_category, False, True, None)
        return cls(
            float(values.min()),
            float(values.max()),
            is_category,
            bool((values == np.rint(values)).all()),
            bool(is_missing.any()),
            None if is_category else _few_levels(values),
        )

    @property
    def is_number(self) -> bool:
        """Whether its numbers are more than codes, and continuous."""
        return not self.is_category and self.levels is None

    def settle(self, numbers: np.ndarray) -> np.ndarray:
        """The valid numbers nearest to these: in the range, whole or at a level where the column is so."""
        if self.levels is not None:
            return self.levels[index_of_nearest(self.levels, numbers)]
        return np.clip(np.rint(numbers) if self.is_whole else numbers, self.low, self.high)
