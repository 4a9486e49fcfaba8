"""Columns that are tied: one-hot groups, and columns that are a function of another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln

from gan_oversampler._rows.column import LOG_CHANCE, MAX_COMPARED, Column, index_of_nearest, some_of

_TOLERANCE = 1e-6  # of a linear function, in shares of the range: float32 has no more digits

# -- one-hot groups --------------------------------------------------------------------------------------


def find_one_hot(rows: np.ndarray, columns: Sequence[Column]) -> tuple[np.ndarray, ...]:
    """Groups of 0/1 columns, one behind the other, of which exactly one is 1 in every row."""
    flags = [i for i, c in enumerate(columns) if c.levels is not None and not c.has_missing and c.levels.size == 2]
    flags = [i for i in flags if (columns[i].low, columns[i].high) == (0, 1)]
    groups, start = [], 0
    while start < len(flags):
        length = _group_length(rows, flags[start:])
        if length:
            groups.append(np.array(flags[start : start + length]))
        start += length or 1
    return tuple(groups)


def _group_length(rows: np.ndarray, flags: Sequence[int]) -> int:
    """How many of the first columns make up a group; 0 where they do not."""
    total = np.zeros(len(rows), np.int64)
    for length, flag in enumerate(flags, start=1):
        total += rows[:, flag].astype(np.int64)
        if total.max() > 1:
            return 0
        if total.min() == 1:
            return length
    return 0


# -- functions of another column -------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Tie:
    """A column that is a function of another one.

    Attributes
    ----------
    source, target : int
        Columns; the source is the target of no tie.
    at, gives : ndarray of shape (k,), float64
        Known values of the source, sorted, and of the target there.
    is_linear : bool
        Whether the target lies on the line through two known points; else its value is that at the nearest known one.
    is_free : bool
        Whether the source may take values that were not seen.
    """

    source: int
    target: int
    at: np.ndarray
    gives: np.ndarray
    is_linear: bool
    is_free: bool

    def settle_source(self, numbers: np.ndarray) -> np.ndarray:
        """Values that the source may take, nearest to these."""
        return numbers if self.is_free else self.at[index_of_nearest(self.at, numbers)]

    def follow(self, numbers: np.ndarray) -> np.ndarray:
        """Values of the target, for these of the source."""
        if not self.is_linear:
            return self.gives[index_of_nearest(self.at, numbers)]
        if np.array_equal(self.at, self.gives):
            return numbers
        share = (numbers - self.at[0]) / (self.at[1] - self.at[0])
        return self.gives[0] * (1 - share) + self.gives[1] * share


def _line(source: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """Two points of the line on which all (source, target) lie, or None."""
    ends = np.array([source.argmin(), source.argmax()])
    at, gives = source[ends], target[ends]
    with np.errstate(all="ignore"):
        share = (source - at[0]) / (at[1] - at[0])
        error = np.abs(gives[0] * (1 - share) + gives[1] * share - target).max()
        is_line = gives[0] != gives[1] and error <= _TOLERANCE * np.abs(gives[1] - gives[0])
    return (at, gives) if is_line else None


def _steps(values: np.ndarray) -> np.ndarray:
    """How often the values of each column change from row to row."""
    return np.count_nonzero(values[1:] != values[:-1], axis=0)


def _tie(rows: np.ndarray, columns: Sequence[Column], source: int, target: int) -> Tie | None:
    """The tie between two columns, whose values are missing in the same rows, if it holds in all rows."""
    pair = rows[:, [source, target]].astype(np.float64)
    x, y = pair[~np.isnan(pair).any(axis=1)].T
    if columns[source].is_number and columns[target].is_number and (line := _line(x, y)):
        return Tie(source, target, *line, is_linear=True, is_free=True)
    at, first, codes = np.unique(x, return_index=True, return_inverse=True)
    gives = y[first]
    if not (gives[codes] == y).all():
        return None
    is_stepwise = _steps(gives) == len(np.unique(gives)) - 1
    return Tie(source, target, at, gives, False, bool(is_stepwise) and not columns[source].is_category)


@dataclass(frozen=True, eq=False)
class _Sample:
    """Some different rows, in which ties are looked for first.

    Attributes
    ----------
    rows : ndarray of shape (n, p), float64
    n_levels, n_commonest : ndarray of shape (p,), int
        How many values a column has, and how often its commonest one comes.
    """

    rows: np.ndarray
    n_levels: np.ndarray
    n_commonest: np.ndarray

    @classmethod
    def of(cls, rows: np.ndarray) -> _Sample:
        """Sample of the rows, without those that come again: they would prove anything."""
        some = np.unique(some_of(rows).astype(np.float64), axis=0)
        counts = [np.unique(column, return_counts=True)[1] for column in some.T]
        return cls(some, np.array([len(c) for c in counts]), np.array([c.max() for c in counts]))

    def functions_of(self, source: int) -> np.ndarray:
        """Which columns are a function of the source here, and hardly by chance: bool ndarray of shape (p,).

        By chance, equal values of the source would meet equal values of another column as often as these are
        common, and its values would lie in order along the source in one of so many orders.
        """
        n = len(self.rows)
        ordered = self.rows[np.argsort(self.rows[:, source], kind="stable")]
        starts = np.flatnonzero(np.append(True, ordered[1:, source] != ordered[:-1, source]))
        is_function = (np.minimum.reduceat(ordered, starts) == np.maximum.reduceat(ordered, starts)).all(axis=0)
        repeats = (n - len(starts)) * np.log(self.n_commonest / n)
        is_table = (repeats < LOG_CHANCE) & (len(starts) <= n / 2)
        orders = gammaln(n + 1) - gammaln(self.n_commonest + 1) - gammaln(n - self.n_commonest + 1)
        is_stepwise = (_steps(ordered) == self.n_levels - 1) & (-orders < LOG_CHANCE) & (self.n_levels <= n / 2)
        return is_function & (is_table | is_stepwise | self._lines_of(source))

    def _lines_of(self, source: int) -> np.ndarray:
        lines = (_line(self.rows[:, source], column) is not None for column in self.rows.T)
        return np.fromiter(lines, bool)


def find_ties(rows: np.ndarray, columns: Sequence[Column], one_hot: Sequence[np.ndarray]) -> tuple[Tie, ...]:
    """Columns that are a function of one other column: linear, stepwise, or by a table of known values.

    Parameters
    ----------
    rows : ndarray of shape (n, p)
    columns : sequence of Column
    one_hot : sequence of ndarray of int
        Groups, whose columns are the source of nothing.
    """
    varying = np.flatnonzero([column.low < column.high for column in columns])
    if not 0 < len(varying) <= MAX_COMPARED:
        return ()
    return tuple(_ties_among(rows, columns, varying, {i for group in one_hot for i in group}))


def _patterns(rows: np.ndarray, columns: Sequence[Column]) -> list[bytes]:
    """What tells in which rows each column misses its value."""
    return [np.packbits(np.isnan(rows[:, i])).tobytes() if c.has_missing else b"" for i, c in enumerate(columns)]


def _ties_among(
    rows: np.ndarray, columns: Sequence[Column], varying: np.ndarray, no_sources: set[int]
) -> Iterator[Tie]:
    patterns = _patterns(rows, columns)
    for pattern in dict.fromkeys(patterns[i] for i in varying):
        group = np.array([i for i in varying if patterns[i] == pattern])
        present = rows if pattern == b"" else rows[~np.isnan(rows[:, group[0]])]
        yield from _ties_in(present, columns, group, no_sources)


def _ties_in(rows: np.ndarray, columns: Sequence[Column], group: np.ndarray, no_sources: set[int]) -> Iterator[Tie]:
    """Ties among columns whose values are all there."""
    sample = _Sample.of(rows[:, group])
    members = [int(i) for i in group]
    finest_first = sorted(range(len(group)), key=lambda k: (-sample.n_levels[k], not columns[members[k]].is_whole))
    sources: set[int] = set()
    targets: set[int] = set()
    for k in finest_first:
        source = members[k]
        if source in targets | no_sources:
            continue
        for target in set(group[sample.functions_of(k)].tolist()) - targets - sources - {source}:
            if tie := _tie(rows, columns, source, target):
                sources.add(source)
                targets.add(target)
                yield tie
