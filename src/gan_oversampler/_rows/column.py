"""What one column of a table is, read from its values and not from its dtype.

A table is an array of numbers here: a category is a code (0, 1, ...), a missing value is NaN.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

MAX_LEVELS = 12
MAX_DECIMALS = 9
_ROWS_LOOKED_AT = 1000
_N_SPACINGS = 4  # off a decimal number by what adding and dividing leaves


MAX_COMPARED = 300
"""Columns that are compared with one another; in wider tables none is."""
LOG_CHANCE = np.log(1e-6)
"""Of a relation between columns that have nothing to do with each other."""
_SOME_ROWS = 2000


def some_of(rows: np.ndarray) -> np.ndarray:
    """About 2,000 of the rows, at equal distances, in which relations are looked for first."""
    return rows[:: -(-len(rows) // _SOME_ROWS)]


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


def find_decimals(values: np.ndarray) -> int | None:
    """Decimals that every value keeps to, as prices keep to 2; negative for tens (-1) and hundreds; None for no such.

    Parameters
    ----------
    values : ndarray of shape (n,), floats or whole numbers
        At least one, none missing. How exact they are is read from their dtype.

    Returns
    -------
    int in [-9, 9] or None
    """
    exactness = _N_SPACINGS * float(np.spacing(np.abs(values).max())) if values.dtype.kind == "f" else 0.0
    numbers = values.astype(np.float64)
    some = numbers[:_ROWS_LOOKED_AT]
    fewest = -MAX_DECIMALS if len(np.unique(some)) > MAX_LEVELS else 0  # a few values are multiples of ten by chance
    for decimals in range(fewest, MAX_DECIMALS + 1):
        if 10.0**-decimals < 10 * exactness:  # float32 holds no cents of a million
            return None
        if all(np.abs(np.round(part, decimals) - part).max() <= exactness for part in (some, numbers)):
            return decimals
    return None


@dataclass(frozen=True, eq=False)
class Column:
    """One column of a table.

    Attributes
    ----------
    low, high : float
        Range; both 0 where every value is missing.
    is_category : bool
        Whether its numbers are codes without an order.
    decimals : int or None
        How many every value keeps to; 0 for whole numbers, negative for tens and hundreds.
    has_missing : bool
    levels : ndarray of float64, optional
        The values of a numeric column that has at most 12, sorted.
    """

    low: float
    high: float
    is_category: bool
    decimals: int | None
    has_missing: bool
    levels: np.ndarray | None

    @classmethod
    def of(cls, numbers: np.ndarray, is_category: bool) -> Column:
        """Column of these numbers, ndarray of shape (n,)."""
        is_missing = np.isnan(numbers)
        values = numbers[~is_missing]
        if not len(values):
            return cls(0.0, 0.0, is_category, None, True, None)
        return cls(
            float(values.min()),
            float(values.max()),
            is_category,
            0 if is_category else find_decimals(values),
            bool(is_missing.any()),
            None if is_category else _few_levels(values.astype(np.float64)),
        )

    @property
    def is_whole(self) -> bool:
        """Whether every value is a whole number."""
        return self.decimals is not None and self.decimals <= 0

    @property
    def is_number(self) -> bool:
        """Whether its numbers are more than codes, and continuous."""
        return not self.is_category and self.levels is None

    def settle(self, numbers: np.ndarray) -> np.ndarray:
        """The valid numbers nearest to these: in the range, at a level or with as many decimals as the column has."""
        if self.levels is not None:
            return self.levels[index_of_nearest(self.levels, numbers)]
        return self.rounded(numbers)

    def rounded(self, numbers: np.ndarray) -> np.ndarray:
        """The numbers in the range that are nearest to these, with as many decimals as the column has."""
        rounded = numbers if self.decimals is None else np.round(numbers, self.decimals)
        return np.clip(rounded, self.low, self.high)

    def settle_above(self, bounds: np.ndarray) -> np.ndarray:
        """The smallest valid numbers that are not below these, or the highest there is."""
        if self.levels is not None:
            return self.levels[np.minimum(np.searchsorted(self.levels, bounds), len(self.levels) - 1)]
        settled = self.settle(bounds)
        if self.decimals is None:
            return settled
        return np.where(settled < bounds, self.settle(bounds + 10.0**-self.decimals), settled)
