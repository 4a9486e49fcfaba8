"""The leakage check: new rows that equal held-out rows more often than chance explains."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats

from gan_oversampler.comparison._measure.row_keys import Keys, alike, row_keys

Labels = npt.NDArray[np.int64]
_SUSPECTED, _PROVEN = 1e-3, 1e-6
# An honest sampler may draw where rows are dense, and then meets held-out rows more often than real rows meet one
# another.
_DENSER = 10


class LeakageError(ValueError):
    """A sampler returned held-out rows, so scores would not measure generalisation."""


@dataclass(frozen=True)
class Rows:
    """Rows and their 0/1 labels, as a sampler was given or returned them, or as they were held out."""

    X: Any
    y: Labels


@dataclass(frozen=True)
class _ClassCounts:
    """One class: how many different new rows there are, how many equal held-out rows, and the same of real rows."""

    n_new: int
    n_hit: int
    n_real: int
    n_twins: int

    def p_value(self, denser: float) -> float:
        """How likely so many hits are, at most, for a sampler that meets rows `denser` times as often as real rows
        meet one another (at the upper 99.9 % limit of how often those do)."""
        often = stats.binomtest(self.n_twins, self.n_real).proportion_ci(0.998).high
        return float(stats.binomtest(self.n_hit, self.n_new, min(1.0, denser * often), "greater").pvalue)

    def in_words(self) -> str:
        twins = self.n_twins / self.n_real
        return (
            f"{self.n_hit:,} of {self.n_new:,} different new rows are held-out rows ({self.n_hit / self.n_new:.1%}), "
            f"and of real rows of that class {twins:.1%} equal another row"
        )


def _is_continuous(column: npt.NDArray[Any]) -> bool:
    """Whether a column holds real numbers, each only once."""
    if column.dtype == object:
        if not all(isinstance(value, float) for value in column):
            return False
        column = column.astype(float)
    is_whole = not np.issubdtype(column.dtype, np.floating) or bool((column == np.round(column)).all())
    return not is_whole and len(np.unique(column)) == len(column)


def _cannot_meet(rows: npt.NDArray[Any], keys: Keys) -> bool:
    """Whether no sampler can meet a held-out row by chance: some column is real-valued, and no two different rows
    share a value there."""
    different = rows[list({key: i for i, key in enumerate(keys)}.values())]
    return any(_is_continuous(column) for column in different.T)


def _class_counts(returned: Keys, y_returned: Labels, real: Keys, y_real: Labels, n_given: int) -> list[_ClassCounts]:
    """The counts of each class with new rows that are held-out rows; the first `n_given` real rows were given."""
    given, hidden, often = set(real[:n_given]), set(real[n_given:]), Counter(real)
    found = []
    for label in (0, 1):
        new = {key for key, y in zip(returned, y_returned, strict=True) if y == label} - given
        if hits := len(new & hidden):
            own = [often[key] for key, y in zip(real, y_real, strict=True) if y == label]
            found.append(_ClassCounts(len(new), hits, len(own), sum(n > 1 for n in own)))
    return found


@dataclass(frozen=True)
class Leakage:
    """What the check found.

    Attributes
    ----------
    n_leaked : int
        Returned rows that equal a held-out row and no row that was given.
    suspicion : str
        Why that may not be chance; empty if it may be.
    """

    n_leaked: int
    suspicion: str


def check_leakage(name: str, returned: Rows, given: Rows, hidden: Rows) -> Leakage:
    """Compare returned rows with held-out ones, class by class.

    Where rows repeat by nature (few distinct values), an honest sampler meets held-out rows too. So the share of
    different new rows of a class that are held-out rows is compared with the share of real rows of that class that
    equal another row.

    Raises
    ------
    LeakageError
        Chance cannot explain it: rows were met in a column of real numbers in which no two rows share a value, or
        far more often than real rows meet one another, ten times denser drawing allowed for (p < 1e-6).
    """
    matrices = alike(returned.X, given.X, hidden.X)
    keys, real = row_keys(matrices[0]), [*row_keys(matrices[1]), *row_keys(matrices[2])]
    counts = _class_counts(keys, returned.y, real, np.concatenate([given.y, hidden.y]), len(given.y))
    if not counts:
        return Leakage(0, "")
    unseen = set(real[len(given.y) :]) - set(real[: len(given.y)])
    n_leaked = sum(key in unseen for key in keys)
    worst = min(counts, key=lambda count: count.p_value(1))
    if worst.p_value(_DENSER) < _PROVEN or _cannot_meet(np.concatenate(matrices[1:]), real):
        raise LeakageError(
            f"{name} returned {n_leaked:,} rows that are held-out rows and no training rows: {worst.in_words()}. A "
            "sampler may know only the rows that fit_resample is given, so its score would say nothing."
        )
    return Leakage(n_leaked, worst.in_words() if worst.p_value(1) < _SUSPECTED else "")
