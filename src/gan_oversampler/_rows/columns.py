"""The kinds of a table's columns and the ties between columns, found once from the rows of all classes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from gan_oversampler._rows import ragged
from gan_oversampler._rows.column import MAX_DECIMALS, Column
from gan_oversampler._rows.orders import Order, find_orders
from gan_oversampler._rows.sums import Sums
from gan_oversampler._rows.ties import Tie, find_one_hot, find_ties

_NONE = np.empty(0)
_ANY_DECIMALS = MAX_DECIMALS + 1  # what a file has for a column that keeps to none
_FARTHEST, _NARROWEST = 1e100, 1e-100  # beyond, sums and squares end in infinity, or in 0


@dataclass(frozen=True, eq=False)
class Columns:
    """The columns of a table.

    Attributes
    ----------
    columns : tuple of Column
    one_hot : tuple of ndarray of int
        Groups of columns of which exactly one is 1 in every row.
    ties : tuple of Tie
        Columns that are a function of another one.
    sums : Sums
        Columns that are a weighted sum of others.
    orders : tuple of Order
        Columns that are never below another one.
    """

    columns: tuple[Column, ...]
    one_hot: tuple[np.ndarray, ...] = ()
    ties: tuple[Tie, ...] = ()
    sums: Sums = field(default_factory=Sums.none)
    orders: tuple[Order, ...] = ()

    @classmethod
    def find(cls, rows: np.ndarray, is_category: Any) -> Columns:
        """Columns of the rows of all classes.

        Parameters
        ----------
        rows : ndarray of shape (n, p)
            Numbers; a category is a code, a missing value NaN.
        is_category : array-like of shape (p,), bool
        """
        columns = tuple(Column.of(rows[:, i], bool(is_category[i])) for i in range(rows.shape[1]))
        one_hot = find_one_hot(rows, columns)
        known = cls(columns, one_hot, find_ties(rows, columns, one_hot))
        among = known._untied
        sums = Sums.find(rows, columns, among)
        among = among[~np.isin(among, list(sums.members))]
        return replace(known, sums=sums, orders=find_orders(rows, columns, among))

    @classmethod
    def of_numbers(cls, low: np.ndarray, high: np.ndarray) -> Columns:
        """Columns of which only the range is known."""
        ranges = zip(low.tolist(), high.tolist(), strict=True)
        return cls(tuple(Column(a, b, False, None, False, None) for a, b in ranges))

    @property
    def numeric(self) -> np.ndarray:
        """Columns that are numbers, without those of one-hot groups: ndarray of int."""
        grouped = {i for group in self.one_hot for i in group}
        return np.array([i for i, c in enumerate(self.columns) if not c.is_category and i not in grouped], int)

    @property
    def categories(self) -> np.ndarray:
        """Columns that are codes: ndarray of int."""
        return np.flatnonzero([column.is_category for column in self.columns])

    @property
    def missing(self) -> np.ndarray:
        """Columns that miss a value in some row: ndarray of int."""
        return np.flatnonzero([column.has_missing for column in self.columns])

    @property
    def _untied(self) -> np.ndarray:
        """Numeric columns that neither come from a real row nor follow another column: ndarray of int."""
        follow, inherited = [tie.target for tie in self.ties], self.inherited
        return np.array([i for i in self.numeric if not inherited[i] and i not in follow and self._adds(i)], int)

    def _adds(self, i: int) -> bool:
        """Whether values of a column can be added and squared."""
        low, high = self.columns[i].low, self.columns[i].high
        return max(-low, high) < _FARTHEST and high - low > _NARROWEST

    @property
    def inherited(self) -> np.ndarray:
        """Columns that a new row copies from its real row: bool ndarray of shape (p,)."""
        inherited = np.ones(len(self.columns), bool)
        inherited[self.numeric] = False
        for tie in self.ties:
            if not tie.is_free:
                inherited[[tie.source, tie.target]] = True
        return inherited

    def get_state(self) -> dict[str, np.ndarray]:
        """Arrays from which `from_state` restores these columns."""
        facts = [(c.low, c.high, c.is_category, c.is_whole, c.has_missing) for c in self.columns]
        decimals = [_ANY_DECIMALS if c.decimals is None else c.decimals for c in self.columns]
        levels = ragged.join([_NONE if c.levels is None else c.levels for c in self.columns])
        one_hot = ragged.join(self.one_hot, np.int64)
        ties = [(t.source, t.target, t.is_linear, t.is_free) for t in self.ties]
        at, gives = (ragged.join([getattr(tie, side) for tie in self.ties]) for side in ("at", "gives"))
        orders = [(order.lower, order.upper, order.gap) for order in self.orders]
        return {
            **self.sums.get_state(),
            "orders": np.array(orders, np.float64).reshape(-1, 3),
            "columns": np.array(facts, np.float64).reshape(-1, 5),
            "decimals": np.array(decimals, np.int64),
            "levels": levels[0],
            "level_sizes": levels[1],
            "one_hot": one_hot[0],
            "one_hot_sizes": one_hot[1],
            "ties": np.array(ties, np.int64).reshape(-1, 4),
            "tie_at": at[0],
            "tie_gives": gives[0],
            "tie_sizes": at[1],
        }

    @classmethod
    def from_state(cls, state: dict[str, np.ndarray]) -> Columns:
        """Columns from their state."""
        levels = [part if len(part) else None for part in ragged.split(state["levels"], state["level_sizes"])]
        of_before = np.where(state["columns"][:, 3], 0, _ANY_DECIMALS)  # files of before knew whole numbers only
        decimals = [None if kept == _ANY_DECIMALS else int(kept) for kept in state.get("decimals", of_before).tolist()]
        columns = [
            Column(low, high, bool(is_category), kept, bool(has_missing), known)
            for (low, high, is_category, _, has_missing), kept, known in zip(
                state["columns"].tolist(), decimals, levels, strict=True
            )
        ]
        at, gives = (ragged.split(state[name], state["tie_sizes"]) for name in ("tie_at", "tie_gives"))
        tied = [
            Tie(source, target, known, values, bool(is_linear), bool(is_free))
            for (source, target, is_linear, is_free), known, values in zip(
                state["ties"].tolist(), at, gives, strict=True
            )
        ]
        in_order = state.get("orders", np.empty((0, 3))).tolist()
        orders = tuple(Order(int(lower), int(upper), gap) for lower, upper, gap in in_order)
        one_hot = tuple(ragged.split(state["one_hot"], state["one_hot_sizes"]))
        return cls(tuple(columns), one_hot, tuple(tied), Sums.from_state(state), orders)
