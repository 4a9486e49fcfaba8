"""Rows that were drawn, and the row of the class that each was made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

NO_PARENT = -1
"""Parent of a row that was made from no single row."""


@dataclass(frozen=True, eq=False)
class Drawn:
    """Rows that were drawn for a class.

    Attributes
    ----------
    rows : ndarray of shape (n, ...)
        Encoded, float32, unless said otherwise.
    parents : ndarray of shape (n,), int64
        For each the position, among the rows of the class, of the one that it was made from; -1 where there is none.
    """

    rows: NDArray[Any]
    parents: NDArray[np.int64]

    @classmethod
    def without_parents(cls, rows: NDArray[Any]) -> Drawn:
        """Rows that were made from no single row."""
        return cls(rows, np.full(len(rows), NO_PARENT, np.int64))

    @classmethod
    def joined(cls, parts: Sequence[Drawn]) -> Drawn:
        """Several as one, in their order."""
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in ("rows", "parents")))

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, which: NDArray[Any]) -> Drawn:
        """Some of the rows, by a mask or by position."""
        return Drawn(self.rows[which], self.parents[which])
