"""Columns that tell the rows apart and mean nothing else: numbers of customers, e-mail addresses."""

from __future__ import annotations

from numbers import Number

import numpy as np

from gan_oversampler._rows.user_rows import UserRows
from gan_oversampler._utils.warnings import warn

_MIN_ROWS = 20
_SOME_ROWS = 1000
_LARGEST_CHANCE = 1e-3


def _are_all_different(values: np.ndarray) -> bool:
    return all(len(np.unique(part)) == len(part) for part in (values[:_SOME_ROWS], values))


def _is_identifier(values: np.ndarray, is_category: bool) -> bool:
    """Whether values are all different, and numbers would not be if they were drawn at random from their range."""
    present = values[~np.isnan(values)]
    n = len(present)
    if n < _MIN_ROWS or not _are_all_different(present):
        return False
    if is_category:
        return True
    spread = float(present.max()) - float(present.min()) + 1
    is_rare = -n * (n - 1) / (2 * spread) < np.log(_LARGEST_CHANCE)
    return is_rare and bool((present == np.rint(present)).all())


def _values(rows: UserRows, i: int) -> tuple[np.ndarray, bool]:
    """Values of a column as numbers, codes where they are none, and whether these are codes."""
    values, coding = rows.numbers[:, i], rows.form.codings.get(i)
    if coding is None or coding.levels is None:
        return values, False
    if coding.is_category or not all(isinstance(level, Number) for level in coding.levels):
        return values, True
    return coding.levels.astype(np.float64)[values[~np.isnan(values)].astype(np.int64)], False


def warn_of_identifiers(rows: UserRows) -> None:
    """Name, in one warning, the columns of a table that hold another value in every row."""
    if rows.image_shape is not None:
        return
    found = [repr(name) for i, name in enumerate(rows.form.names) if _is_identifier(*_values(rows, i))]
    if found:
        warn(
            f"X holds another value in every row in column {', '.join(found)}, as identifiers do: new rows repeat such "
            "values, or lie between them. Drop what names rows and says nothing about them, and resample the rest.",
            UserWarning,
        )
