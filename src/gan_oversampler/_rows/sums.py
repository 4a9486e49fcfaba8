"""Numeric columns that are a sum of others in every row, as a total is, or shares that add up to 1."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy.linalg import qr

from gan_oversampler._rows.column import MAX_COMPARED, Column, some_of

_MORE_ROWS_THAN_COLUMNS = 20  # so many rows lie on one hyperplane by no chance
_TOLERANCE = 1e-6  # in standard deviations, or shares of the range: float32 has no more digits


@dataclass(frozen=True, eq=False)
class Sums:
    """Columns that are weighted sums of others.

    Attributes
    ----------
    targets : ndarray of shape (k,), int
        Columns that are sums.
    sources : ndarray of shape (m,), int
        Columns that are added; none is a target.
    weights : ndarray of shape (k, m), float64
    constants : ndarray of shape (k,), float64
    centre : ndarray of shape (m,), float64
        Mean of each source.
    """

    targets: np.ndarray
    sources: np.ndarray
    weights: np.ndarray
    constants: np.ndarray
    centre: np.ndarray

    @classmethod
    def none(cls) -> Self:
        """No sums."""
        nothing = np.empty(0, np.int64)
        return cls(nothing, nothing, np.empty((0, 0)), np.empty(0), np.empty(0))

    @classmethod
    def find(cls, rows: np.ndarray, columns: Sequence[Column], among: np.ndarray) -> Self:
        """Sums that hold in all rows.

        Parameters
        ----------
        rows : ndarray of shape (n, p)
        columns : sequence of Column
        among : ndarray of int
            Columns that may be looked at.
        """
        varying = np.array([i for i in among if columns[i].low < columns[i].high and not columns[i].has_missing], int)
        if not 2 < len(varying) <= MAX_COMPARED:
            return cls.none()
        some = np.unique(some_of(rows)[:, varying].astype(np.float64), axis=0)
        if len(some) < len(varying) + _MORE_ROWS_THAN_COLUMNS:
            return cls.none()
        mean, spread = some.mean(axis=0), some.std(axis=0)
        is_free, weights = _solve((some - mean) / np.where(spread > 0, spread, 1))
        targets, sources = np.flatnonzero(~is_free), np.flatnonzero(is_free)
        if not len(targets):
            return cls.none()
        weights = _add_more_than_parts(weights * spread[targets, None] / spread[sources], targets, sources)
        weights = np.round(weights, 9)  # 1, and not 1.0000000000003
        constants = np.round(mean[targets] - weights @ mean[sources], 9)
        found = cls(varying[targets], varying[sources], weights, constants, mean[sources])
        return found._that_hold(rows, columns)

    def _that_hold(self, rows: np.ndarray, columns: Sequence[Column]) -> Self:
        """Those of the sums that hold in all rows, of the columns that are needed."""
        values = rows[:, self.sources].astype(np.float64)
        errors = np.abs(self._add(values) - rows[:, self.targets]).max(axis=0, initial=0)
        ranges = np.array([columns[i].high - columns[i].low for i in self.targets])
        holds = (errors <= _TOLERANCE * ranges) & (np.count_nonzero(self.weights, axis=1) > 1)
        is_added = self.weights[holds].any(axis=0)
        weights = self.weights[np.ix_(holds, is_added)]
        return type(self)(
            self.targets[holds], self.sources[is_added], weights, self.constants[holds], self.centre[is_added]
        )

    @property
    def members(self) -> set[int]:
        """All columns of the sums."""
        return {*self.targets.tolist(), *self.sources.tolist()}

    def _add(self, sources: np.ndarray) -> np.ndarray:
        return sources @ self.weights.T + self.constants

    def keep(self, rows: np.ndarray, columns: Sequence[Column], parents: np.ndarray) -> None:
        """Make each target the sum that it is, in place.

        Where a sum would leave its range, all that is added moves towards the parent, or the mean, which are inside.

        Parameters
        ----------
        rows : ndarray of shape (n, p), float64
        columns : sequence of Column
        parents : ndarray of shape (n, p), float64
            The real row that each row comes from; NaN where there is none.
        """
        if not len(self.targets):
            return
        low, high = (np.array([getattr(columns[i], side) for i in self.targets]) for side in ("low", "high"))
        centre = _settled(self.centre[None], [columns[i] for i in self.sources])
        anchors = np.where(np.isnan(parents[:, self.sources]), centre, parents[:, self.sources])
        values = rows[:, self.sources]
        share = _share_inside(self._add(anchors), self._add(values), low, high)
        moved = _settled(anchors + share[:, None] * (values - anchors), [columns[i] for i in self.sources])
        values = np.where(share[:, None] < 1, moved, values)
        sums = self._add(values)
        is_outside = ((sums < low) | (sums > high)).any(axis=1)  # by what rounding adds
        values[is_outside] = anchors[is_outside]
        rows[:, self.sources] = values
        for target, column in zip(self.targets, self._add(values).T, strict=True):
            rows[:, target] = columns[target].rounded(column)

    def get_state(self) -> dict[str, np.ndarray]:
        """Arrays from which these are made again."""
        return {
            "sum_targets": self.targets,
            "sum_sources": self.sources,
            "sum_weights": self.weights,
            "sum_constants": self.constants,
            "sum_centre": self.centre,
        }

    @classmethod
    def from_state(cls, state: dict[str, np.ndarray]) -> Self:
        """Sums from their state; files of before had none."""
        if "sum_targets" not in state:
            return cls.none()
        return cls(*(state[f"sum_{name}"] for name in ("targets", "sources", "weights", "constants", "centre")))


def _solve(scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which columns, of mean 0, are free, and the weights of the free ones in each of the others."""
    _, triangle, order = qr(scores, mode="economic", pivoting=True)
    sizes = np.abs(np.diag(triangle))
    rank = int((sizes > _TOLERANCE * sizes[0]).sum())
    is_free = np.zeros(scores.shape[1], bool)
    is_free[order[:rank]] = True
    weights = np.linalg.lstsq(scores[:, is_free], scores[:, ~is_free], rcond=None)[0].T
    return is_free, np.where(np.abs(weights) < _TOLERANCE, 0, weights)


def _add_more_than_parts(weights: np.ndarray, targets: np.ndarray, sources: np.ndarray) -> np.ndarray:
    """Weights after columns, in place, have changed sides: 2 a + b is whole where these are, (c - b) / 2 is not."""
    for k in range(len(targets)):
        sizes = np.where(weights[k] != 0, np.abs(weights[k]), np.inf)
        j = int(sizes.argmin())
        if sizes[j] > 1 - _TOLERANCE:
            continue
        targets[k], sources[j] = sources[j], targets[k]
        solved = -weights[k] / weights[k, j]
        solved[j] = 1 / weights[k, j]
        added = weights[:, j].copy()
        weights[:, j] = 0
        weights = weights + np.outer(added, solved)
        weights[k] = solved
        weights[np.abs(weights) < _TOLERANCE] = 0
    return weights


def _share_inside(start: np.ndarray, end: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """How far one may go from the start, which is inside, to the end: ndarray of shape (n,), in [0, 1]."""
    bound = np.where(end > high, high, low)
    is_outside = (end > high) | (end < low)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(is_outside, np.clip((bound - start) / (end - start), 0, 1), 1.0)
    return share.min(axis=1)


def _settled(values: np.ndarray, columns: Sequence[Column]) -> np.ndarray:
    return np.stack([column.settle(v) for column, v in zip(columns, values.T, strict=True)], axis=1)
