"""How many rows of each class stand in each batch: from counts alone, so that any worker finds it for any batch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]


class Part(NamedTuple):
    """Rows of a class in a batch.

    Attributes
    ----------
    start, stop : int
        Its real rows, as places in the order of the epoch.
    n_new : int
        Its rows drawn anew.
    """

    start: int
    stop: int
    n_new: int


def members_of(places: NDArray[Any], n_classes: int) -> list[NDArray[Any]]:
    """Rows of each class; 4 bytes a row where that is enough."""
    dtype = np.int32 if len(places) < 2**31 else np.int64
    by_class = np.argsort(places, kind="stable").astype(dtype)
    return np.split(by_class, np.cumsum(np.bincount(places, minlength=n_classes))[:-1])


def rows_shown(n_real: Counts, is_topped_up: NDArray[np.bool_], balance: float) -> Counts:
    """Rows of each class in an epoch: some classes are topped up to `balance` times the largest."""
    wanted = int(balance * int(n_real.max()) + 0.5)
    return np.where(is_topped_up, np.maximum(n_real, wanted), n_real)


def of_the_first(n: int, n_shown: Counts) -> Counts:
    """How many of the first n rows of an epoch are of each class.

    Row j of a class of m rows stands at (j + 1/2) / m of the epoch, and n rows are those that stand first. These are
    Webster's seats of a parliament: a larger n never takes one away, and all classes are spread evenly.
    """
    total, n_classes = int(n_shown.sum()), len(n_shown)
    at_least = (n - n_classes / 2) * (n_shown / total) - 1.5  # one row below the bound, for the rounding of floats
    counts = np.clip(np.floor(at_least), 0, n_shown).astype(np.int64)
    for _ in range(n - int(counts.sum())):
        counts[np.argmax(n_shown / (2 * counts + 1))] += 1
    return counts


@dataclass(frozen=True, eq=False)
class Plan:
    """The batches of an epoch.

    Attributes
    ----------
    n_real, n_shown : ndarray of shape (n_classes,), int64
        Real rows of each class, and all of its rows in an epoch.
    batch_size : int
    drop_last : bool
        Whether a last batch that is smaller is left out.
    """

    n_real: Counts
    n_shown: Counts
    batch_size: int
    drop_last: bool

    @property
    def n_rows(self) -> int:
        """Rows of an epoch, and those that `drop_last` leaves out."""
        return int(self.n_shown.sum())

    @property
    def is_even(self) -> bool:
        """Whether all batches have the same size."""
        return self.drop_last or self.n_rows % self.batch_size == 0

    def __len__(self) -> int:
        whole, rest = divmod(self.n_rows, self.batch_size)
        return whole + (rest > 0 and not self.drop_last)

    def batch(self, i: int) -> list[Part]:
        """The part of each class in a batch."""
        first, last = (min(k * self.batch_size, self.n_rows) for k in (i, i + 1))
        bounds = zip(of_the_first(first, self.n_shown).tolist(), of_the_first(last, self.n_shown).tolist(), strict=True)
        counts = zip(self.n_real.tolist(), self.n_shown.tolist(), strict=True)
        parts = []
        for (start, stop), (n_real, n_shown) in zip(bounds, counts, strict=True):
            first_real, last_real = (place * n_real // n_shown for place in (start, stop))  # spread evenly, too
            parts.append(Part(first_real, last_real, (stop - start) - (last_real - first_real)))
        return parts
