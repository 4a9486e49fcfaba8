"""The draws: split first, then make the training minority rare."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.model_selection import StratifiedGroupKFold, train_test_split

from gan_oversampler._utils.seeds import child_seed, generator
from gan_oversampler.datasets import rows_kept

Index = npt.NDArray[np.int64]
Labels = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Draw:
    """One split of the rows.

    Attributes
    ----------
    number : int
    minority : ndarray of int
        Training rows of the minority in random order: the first n are the n that are kept, so that a larger n
        only adds rows.
    majority : ndarray of int
        Training rows of the rest.
    test : ndarray of int
        Held-out rows, with the share of positives that the data have.
    n_kept : int
        How many minority rows the methods may use.
    """

    number: int
    minority: Index
    majority: Index
    test: Index
    n_kept: int

    @property
    def is_rare(self) -> bool:
        """Whether minority rows were taken away, so that an oracle exists."""
        return self.n_kept < len(self.minority)

    @property
    def n_train(self) -> int:
        return len(self.minority) + len(self.majority)

    @property
    def prior(self) -> float:
        """Share of positives in the training fold before rows were taken away: that of the held-out rows."""
        return len(self.minority) / self.n_train

    def training(self, n_minority: int) -> Index:
        """Training rows with n minority rows, in the order of the data."""
        return np.sort(np.concatenate([self.minority[:n_minority], self.majority]))

    def held_out(self, n_minority: int) -> Index:
        """Rows that a method given `n_minority` minority rows must not know."""
        return np.concatenate([self.minority[n_minority:], self.test])


def group_splits(y: Labels, groups: Index, n_splits: int, seed: int) -> list[tuple[Index, Index]]:
    """Stratified folds of whole groups, those that hold both classes on both sides; fewer where groups are few."""
    n_splits = min(n_splits, len(np.unique(groups)))
    if n_splits < 2:
        return []
    folds = StratifiedGroupKFold(n_splits, shuffle=True, random_state=seed).split(y, y, groups)
    return [split for split in folds if all(len(np.unique(y[side])) == 2 for side in split)]


def _split_groups(y: Labels, groups: Index, test_size: float, seed: int) -> tuple[Index, Index]:
    """Training rows, and about `test_size` of the rows held out.

    Raises
    ------
    ValueError
        Where a class is in too few groups to be on both sides.
    """
    splits = group_splits(y, groups, max(2, round(1 / test_size)), seed)
    if not splits:
        raise ValueError(
            "groups must leave rows of both classes on both sides of a split, but the minority is in "
            f"{len(np.unique(groups[y == 1]))} groups and the rest in {len(np.unique(groups[y == 0]))}: give more."
        )
    return splits[0]


def make_draw(
    y: Labels, number: int, *, test_size: float, n_minority: float | None, seed: int, groups: Index | None = None
) -> Draw:
    """Split stratified, then put the training minority in random order."""
    split_seed = child_seed(seed, "split", number)
    if groups is None:
        train, test = train_test_split(np.arange(len(y)), test_size=test_size, stratify=y, random_state=split_seed)
    else:
        train, test = _split_groups(y, groups, test_size, split_seed)
    minority = generator(seed, "rare", number).permutation(np.sort(train[y[train] == 1]))
    majority = np.sort(train[y[train] == 0])
    return Draw(number, minority, majority, np.sort(test), rows_kept(n_minority, len(minority)))


def curve_sizes(n_kept: int, available: int) -> list[int]:
    """Points of the learning curve between what is kept and all: doubling, as 630, 1260 and 2520 from 315 to
    5,050."""
    doublings = int(np.log2(available / n_kept)) if n_kept < available else 0
    sizes = [n_kept * 2**i for i in range(1, doublings + 1)]
    # A last doubling close to all rows adds nothing to the curve.
    return [size for size in sizes if size < 0.9 * available]
