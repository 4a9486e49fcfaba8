"""Numeric columns that are in order in every row, as a start and an end are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gan_oversampler._rows.column import LOG_CHANCE, MAX_COMPARED, Column, some_of

_N_SHIFTS = 7


@dataclass(frozen=True)
class Order:
    """A column that is never below another one.

    Attributes
    ----------
    lower, upper : int
        Columns.
    gap : float
        The least difference that was seen, 0 or more.
    """

    lower: int
    upper: int
    gap: float

    def keep(self, rows: np.ndarray, columns: Sequence[Column], parent_gaps: np.ndarray) -> None:
        """Raise the upper value, in place, where it is not as far above the lower one as it always was.

        Parameters
        ----------
        rows : ndarray of shape (n, p), float64
        columns : sequence of Column
        parent_gaps : ndarray of shape (n,), float64
            How far above to put it: as far as in the real row that each row comes from; NaN where there is none.
        """
        lower, upper = columns[self.lower], columns[self.upper]

        def above(values: np.ndarray, gaps: Any) -> np.ndarray:
            """Values so far above these, without what adding leaves behind the last decimal."""
            if lower.decimals is None or upper.decimals is None:
                return values + gaps
            return np.round(values + gaps, max(lower.decimals, upper.decimals))

        is_low = rows[:, self.upper] < above(rows[:, self.lower], self.gap)
        gaps = np.where(np.isnan(parent_gaps), self.gap, parent_gaps)[is_low]
        rows[is_low, self.upper] = upper.settle_above(above(rows[is_low, self.lower], gaps))


def _is_rarely_chance(lower: np.ndarray, upper: np.ndarray) -> bool:
    """Whether two columns would not be in order in every row if their values met at random.

    Columns whose values do not overlap are in order whatever happens, so there is nothing to keep.
    """
    shifts = np.linspace(1, len(lower) - 1, _N_SHIFTS).astype(int)
    ordered = np.mean([lower <= np.roll(upper, shift) for shift in shifts])
    return bool(ordered < 1 and (ordered == 0 or len(lower) * np.log(ordered) < LOG_CHANCE))


def _gap(lower: np.ndarray, upper: np.ndarray) -> float | None:
    """The least difference, rows with a missing value left out; None where it is below 0 or there is no row."""
    differences = upper - lower
    least = np.fmin.reduce(differences, initial=np.nan)
    return float(least) if least >= 0 else None


def find_orders(rows: np.ndarray, columns: Sequence[Column], among: np.ndarray) -> tuple[Order, ...]:
    """Pairs of columns in order, those of small values first, so that to keep one after the other keeps all.

    Parameters
    ----------
    rows : ndarray of shape (n, p)
    columns : sequence of Column
    among : ndarray of int
        Columns that may be looked at.
    """
    varying = [int(i) for i in among if columns[i].low < columns[i].high]
    if not 1 < len(varying) <= MAX_COMPARED:
        return ()
    return tuple(_orders_among(rows, columns, sorted(varying, key=lambda i: (np.nanmean(rows[:, i]), i))))


def _orders_among(rows: np.ndarray, columns: Sequence[Column], smallest_first: Sequence[int]) -> Iterator[Order]:
    some = some_of(rows)[:, smallest_first].astype(np.float64)
    below: list[set[int]] = []  # of each column, what is known to be below it
    for k, upper in enumerate(smallest_first):
        below.append(set())
        violates = some[:, :k] > some[:, k : k + 1]
        for j in reversed(np.flatnonzero(~violates.any(axis=0)).tolist()):  # the nearest first: others follow from it
            if j not in below[k] and (order := _order(rows, columns, smallest_first[j], upper, some[:, [j, k]])):
                below[k] |= {j} | below[j]
                yield order


def _order(rows: np.ndarray, columns: Sequence[Column], lower: int, upper: int, some: np.ndarray) -> Order | None:
    """The order of two columns, if they are in order in all rows, and hardly by chance."""
    pair = some[~np.isnan(some).any(axis=1)]
    if len(pair) < 2 or not _is_rarely_chance(*pair.T):
        return None
    gap = _gap(rows[:, lower].astype(np.float64), rows[:, upper].astype(np.float64))
    # The largest lower value may stand in a row that misses the upper one.
    if gap is None or columns[lower].high + gap > columns[upper].high:
        return None
    return Order(lower, upper, gap)
