"""Rows that come after a fit, as the numbers that stood for the same values in it."""

from __future__ import annotations

from typing import Any

import numpy as np

from gan_oversampler._rows import containers
from gan_oversampler._rows.coding import Coding
from gan_oversampler._rows.containers import RowFormat


def _recoded(numbers: np.ndarray, theirs: Coding | None, ours: Coding | None) -> np.ndarray:
    """A column's numbers, in the coding of the fit."""
    values = numbers if theirs is None else theirs.values(numbers)
    if ours is None or ours.levels is None:
        return values.astype(np.float64)
    codes = {level: float(code) for code, level in enumerate(ours.levels.tolist())}
    unknown = float(len(codes)) if ours.is_category else np.nan
    is_gone = np.isnan(numbers)
    found = [codes.get(value, unknown) for value in values.tolist()]
    return np.where(is_gone, np.nan, np.array(found, np.float64))


def read_further(X: Any, form: RowFormat) -> np.ndarray:
    """Rows like those that were fitted to.

    Parameters
    ----------
    X : array-like or DataFrame
    form : RowFormat
        Of the X that was fitted to.

    Returns
    -------
    ndarray of shape (n, ...)
        Numbers. A category that the fit did not see has a code that it does not know.

    Raises
    ------
    ValueError
        Where rows have another shape, or columns another order.
    """
    dense = containers.prepare(X)
    if tuple(np.shape(dense)[1:]) != form.row_shape:
        raise ValueError(
            f"X must hold rows of shape {form.row_shape} like those that were fitted to, but its shape is "
            f"{np.shape(dense)}: give the same columns, or images of the same size."
        )
    if form.template is not None and list(dense.columns) != list(form.template.columns):
        raise ValueError(
            f"X must have the columns {list(form.template.columns)}, but it has {list(dense.columns)}: give the same "
            "columns in the same order."
        )
    if not form.codings:
        return np.asarray(containers.read(dense, [None] * form.n_features)[0])
    categories: list[bool | None] = form.is_category.tolist()
    numbers, codings = containers.read(dense, categories)
    if not codings:
        numbers, codings = containers.code_numbers(np.asarray(numbers), categories)
    columns = [_recoded(numbers[:, i], codings.get(i), form.codings.get(i)) for i in range(form.n_features)]
    return np.column_stack(columns)
