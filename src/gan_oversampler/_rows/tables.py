"""Rows of a table <-> the float32 tensors that the networks see: scores, one-hot blocks, missing indicators."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from sklearn.preprocessing import OneHotEncoder

from gan_oversampler._rows import ragged
from gan_oversampler._rows.columns import Columns
from gan_oversampler._rows.normal_scores import NormalScores

_ONE = np.float32(1 / np.sqrt(2))  # two categories then lie 1 apart, as numbers one standard deviation apart do
_MAX_CATEGORIES = 50
_MAX_ROWS = 100_000  # a distribution function of this many rows is as good as one of all rows


def _commonest(codes: np.ndarray) -> np.ndarray:
    """The most frequent codes, at most 50, sorted; 0 where every value is missing."""
    levels, counts = np.unique(codes[~np.isnan(codes)], return_counts=True)
    return np.sort(levels[np.argsort(-counts, kind="stable")[:_MAX_CATEGORIES]]) if len(levels) else np.zeros(1)


def _median(numbers: np.ndarray) -> float:
    """Median of the values that are not missing, itself a value that was seen; 0 if all are missing."""
    present = np.sort(numbers[~np.isnan(numbers)])
    return float(present[len(present) // 2]) if len(present) else 0.0


class TableCodec:
    """Rows of a table, of any class <-> float32 tensors, and back to valid rows.

    A tensor is made of blocks: the numeric columns as normal scores, fitted to the rows of all classes, so that
    these share one space; each category, or one-hot group, as a block of 0 and 1 / sqrt(2) (all 0 for a category
    that is missing or not among the 50 commonest); an indicator for each column that misses values.

    Parameters
    ----------
    columns : Columns
    scores : NormalScores
        Of the numeric columns.
    fill : ndarray of shape (n_numeric,), float64
        What stands for a missing number.
    levels : sequence of ndarray
        Codes that the blocks stand for, one array a block.
    patterns : ndarray of shape (k, n_missing), bool
        Which columns miss a value together, in rows of the class.
    pattern_shares : ndarray of shape (k,), float64
        How often.
    """

    def __init__(
        self,
        columns: Columns,
        scores: NormalScores,
        fill: np.ndarray,
        levels: tuple[np.ndarray, ...],
        patterns: np.ndarray,
        pattern_shares: np.ndarray,
    ) -> None:
        self.columns, self.scores, self.fill = columns, scores, fill
        self.category_levels, self.patterns, self.pattern_shares = levels, patterns, pattern_shares
        self.numeric, self.missing = columns.numeric, columns.missing
        self._encoder = OneHotEncoder(
            categories=list(levels), handle_unknown="ignore", sparse_output=False, dtype=np.float32
        ).set_output(transform="default")
        if levels:
            self._encoder.fit(np.array([[known[0] for known in levels]]))

    @classmethod
    def fit(cls, own: np.ndarray, every_row: np.ndarray, columns: Columns) -> TableCodec:
        """Codec for one class.

        Parameters
        ----------
        own : ndarray of shape (m, p)
            Rows of the class.
        every_row : ndarray of shape (n, p)
            Rows of all classes.
        columns : Columns
            Found from these.
        """
        numeric = [columns.columns[i] for i in columns.numeric]
        # New values may lie anywhere in the range of all classes, not only in that of their own.
        low, high = (np.array([getattr(c, side) for c in numeric]) for side in ("low", "high"))
        some = every_row[:: -(-len(every_row) // _MAX_ROWS), columns.numeric].astype(np.float64)
        fill = np.array([_median(column) for column in some.T])
        scores = NormalScores.fit(np.where(np.isnan(some), fill, some), low, high)
        codes = [every_row[:, i] for i in columns.categories]
        codes += [every_row[:, group].argmax(axis=1) for group in columns.one_hot]
        levels = tuple(_commonest(column.astype(np.float64)) for column in codes)
        patterns, counts = np.unique(np.isnan(own[:, columns.missing]), axis=0, return_counts=True)
        return cls(columns, scores, fill, levels, patterns, counts / len(own))

    # -- saved and read --------------------------------------------------------------------------------

    def get_state(self) -> dict[str, np.ndarray]:
        """Arrays from which `from_state` makes this codec again."""
        known = ragged.join(self.category_levels)
        own = {"fill": self.fill, "patterns": self.patterns, "pattern_shares": self.pattern_shares}
        return {
            **self.scores.get_state(),
            **self.columns.get_state(),
            **own,
            "known": known[0],
            "known_sizes": known[1],
        }

    @classmethod
    def from_state(cls, state: dict[str, np.ndarray]) -> TableCodec:
        """Codec from its state; one of the first release knew numbers only."""
        scores = NormalScores.from_state(state)
        if "columns" not in state:
            columns = Columns.of_numbers(scores.low, scores.high)
            nothing_missing = np.zeros((1, 0), bool)
            return cls(columns, scores, np.zeros(len(scores.low)), (), nothing_missing, np.ones(1))
        known = tuple(ragged.split(state["known"], state["known_sizes"]))
        own = (state["patterns"], state["pattern_shares"])
        return cls(Columns.from_state(state), scores, state["fill"], known, *own)

    # -- the blocks of a tensor ------------------------------------------------------------------------

    @property
    def n_numeric(self) -> int:
        """Width of the block of scores."""
        return len(self.numeric)

    @property
    def levels(self) -> tuple[np.ndarray | None, ...]:
        """Levels of each numeric column that keeps to some, None of the others."""
        return tuple(self.columns.columns[i].levels for i in self.numeric)

    @property
    def moves(self) -> np.ndarray:
        """Which numeric columns need not be those of the parent: bool ndarray of shape (n_numeric,)."""
        return ~self.columns.inherited[self.numeric]

    @property
    def blocks(self) -> tuple[slice, ...]:
        """Where each category or one-hot group lies in a tensor."""
        ends = self.n_numeric + np.cumsum([0, *map(len, self.category_levels)])
        return tuple(slice(int(a), int(b)) for a, b in pairwise(ends))

    @property
    def indicators(self) -> slice:
        """Where the missing indicators lie in a tensor."""
        size = self.tensor_shape[0]
        return slice(size - len(self.missing), size)

    @property
    def tensor_shape(self) -> tuple[int]:
        """(d,)."""
        return (self.n_numeric + sum(map(len, self.category_levels)) + len(self.missing),)

    # -- there -----------------------------------------------------------------------------------------

    def numbers(self, rows: np.ndarray) -> np.ndarray:
        """The numeric columns of rows, missing ones filled: ndarray of shape (n, n_numeric), float64."""
        numbers = rows[:, self.numeric].astype(np.float64)
        return np.where(np.isnan(numbers), self.fill, numbers)

    def _codes(self, rows: np.ndarray) -> np.ndarray:
        codes = [rows[:, i].astype(np.float64) for i in self.columns.categories]
        codes += [rows[:, group].argmax(axis=1).astype(np.float64) for group in self.columns.one_hot]
        return np.stack(codes, axis=1)

    def encode(self, rows: np.ndarray) -> np.ndarray:
        """Rows of shape (n, p) as tensors of shape (n, d), float32."""
        blocks = [self.scores.encode(self.numbers(rows)).astype(np.float32)]
        if self.category_levels:
            blocks.append(self._encoder.transform(self._codes(rows)) * _ONE)
        blocks.append(np.isnan(rows[:, self.missing]) * _ONE)
        return np.concatenate(blocks, axis=1)

    # -- and back --------------------------------------------------------------------------------------

    def decode(
        self,
        tensors: np.ndarray,
        parents: np.ndarray | None = None,
        parent_rows: np.ndarray | None = None,
        rng: np.random.Generator | None = None,
    ) -> np.ndarray:
        """Tensors as valid rows.

        Parameters
        ----------
        tensors : ndarray of shape (n, d), float32
        parents : ndarray of shape (n,), int, optional
            Row of `parent_rows` that each new row comes from, -1 for none. It has its categories, what it misses and
            what is tied by a table from there.
        parent_rows : ndarray of shape (m, p), optional
            Real rows of the class.
        rng : Generator, optional
            Draws what a row without a parent misses, as real rows of the class do.

        Returns
        -------
        rows : ndarray of shape (n, p), float64
        """
        rows = self._decode_alone(tensors)
        is_missing = self._draw_missing(len(rows), rng or np.random.default_rng(0))
        origins = np.full(rows.shape, np.nan)
        if parents is not None and parent_rows is not None:
            has_parent = parents >= 0
            origins[has_parent] = parent_rows[parents[has_parent]]
            inherited = np.flatnonzero(self.columns.inherited)
            rows[np.ix_(has_parent, inherited)] = origins[np.ix_(has_parent, inherited)]
            is_missing[has_parent] = np.isnan(origins[has_parent])
        self._relate(rows, origins)
        rows[is_missing] = np.nan
        return rows

    def _decode_alone(self, tensors: np.ndarray) -> np.ndarray:
        rows = np.empty((len(tensors), len(self.columns.columns)))
        numbers = self.scores.decode(tensors[:, : self.n_numeric].astype(np.float64))
        for i, column in zip(self.numeric, numbers.T, strict=True):
            rows[:, i] = self.columns.columns[i].settle(column)
        codes = [
            levels[tensors[:, block].argmax(axis=1)]
            for levels, block in zip(self.category_levels, self.blocks, strict=True)
        ]
        categories = self.columns.categories
        for i, column in zip(categories, codes, strict=False):
            rows[:, i] = column
        for group, column in zip(self.columns.one_hot, codes[len(categories) :], strict=True):
            rows[:, group] = column[:, None] == np.arange(len(group))
        return rows

    def _relate(self, rows: np.ndarray, origins: np.ndarray) -> None:
        """Keep, in place, what held between columns in every row; what comes from a parent keeps it already.

        Parameters
        ----------
        rows : ndarray of shape (n, p), float64
        origins : ndarray of shape (n, p), float64
            The real row that each comes from; NaN where there is none.
        """
        columns = self.columns.columns
        for order in self.columns.orders:
            order.keep(rows, columns, origins[:, order.upper] - origins[:, order.lower])
        self.columns.sums.keep(rows, columns, origins)
        for tie in self.columns.ties:
            rows[:, tie.source] = tie.settle_source(rows[:, tie.source])
            target = tie.follow(rows[:, tie.source])
            rows[:, tie.target] = columns[tie.target].settle(target)

    def _draw_missing(self, n: int, rng: np.random.Generator) -> np.ndarray:
        is_missing = np.zeros((n, len(self.columns.columns)), bool)
        if len(self.missing):
            drawn = rng.choice(len(self.patterns), size=n, p=self.pattern_shares)
            is_missing[:, self.missing] = self.patterns[drawn]
        return is_missing
