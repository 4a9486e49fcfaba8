"""Lists of rows, each a list or an array of one dimension, or lists deeper still."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from gan_oversampler._rows.coding import NUMERIC_KINDS, Codings
from gan_oversampler._rows.containers.container import Container, RowFormat


def copied(rows: Any) -> Any:
    """Rows of their own where these are lists or arrays, to any depth."""
    if isinstance(rows, list | tuple):
        return type(rows)(map(copied, rows))
    return rows.copy() if isinstance(rows, np.ndarray) else rows


class ListOfRows(Container):
    """A list or a tuple; new rows are arrays where the first one is, and otherwise lists of Python's own numbers."""

    kinds = ("list", "rows")

    @classmethod
    def holds(cls, X: Any) -> bool:
        return isinstance(X, list | tuple)

    @property
    def kind(self) -> str:
        return "rows" if isinstance(self.X[0], np.ndarray) else "list"

    def dense(self) -> Container:
        return Container(self._stacked()).dense()

    def _stacked(self) -> np.ndarray:
        """The rows as an array, of objects where the values of a row are of several types."""
        array = np.asarray(self.X)
        if array.ndim != 2 or isinstance(self.X[0], np.ndarray):
            return array
        types = {type(value) for row in self.X for value in row}
        return array if len(types) == 1 and array.dtype.kind in NUMERIC_KINDS else np.array(self.X, object)

    def form(self, numbers: np.ndarray, codings: Codings) -> RowFormat:
        form = super().form(numbers, codings)
        return replace(form, dtypes=("object",)) if codings else form

    @classmethod
    def build(cls, numbers: np.ndarray, form: RowFormat) -> list[Any]:
        rows = super().build(numbers, form)
        return list(rows) if form.kind == "rows" else rows.tolist()

    def append(self, new: list[Any]) -> list[Any]:
        return [*map(copied, self.X), *new]
