"""X as the samplers see it: numbers, whether they are images, and how their form is given back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from gan_oversampler._rows import containers
from gan_oversampler._rows.containers import RowFormat
from gan_oversampler._rows.image_shape import ImageShape, resolve_image_shape


def _marked_columns(given: Any, names: list[Any]) -> np.ndarray:
    """Columns that a list of names, of indices or a mask means: bool ndarray of shape (p,)."""
    marks = np.asarray(given)
    if marks.dtype == bool and marks.shape == (len(names),):
        return marks
    place = {name: i for i, name in enumerate(names)}
    is_marked = np.zeros(len(names), bool)
    for item in marks.tolist():
        is_index = isinstance(item, int) and not isinstance(item, bool) and -len(names) <= item < len(names)
        if item not in place and not is_index:
            raise ValueError(
                f"categorical_features names {item!r}, but X has no such column: give names of its {len(names)} "
                "columns, their indices, or a mask that is as long."
            )
        is_marked[place.get(item, item)] = True
    return is_marked


def categories_of(X: Any, categorical_features: Any) -> list[bool | None]:
    """Whether each column of X is to be a category; None: it tells itself.

    Parameters
    ----------
    X : array or DataFrame
    categorical_features : "auto", array-like or None

    Raises
    ------
    ValueError
        Where a column is named that X does not have.
    """
    names = containers.column_names(X)
    if isinstance(categorical_features, str):
        return [None] * len(names)
    if categorical_features is None:
        return [False] * len(names)
    return _marked_columns(categorical_features, names).tolist()


@dataclass(frozen=True, eq=False)
class UserRows:
    """The rows of X.

    Attributes
    ----------
    numbers : ndarray of shape (n, p), (n, H, W) or (n, H, W, C)
        Of a table, a missing value is NaN, and a category its code.
    image_shape : tuple of int or None
        (H, W) or (H, W, C); None for a table.
    form : RowFormat
    """

    numbers: np.ndarray
    image_shape: ImageShape | None
    form: RowFormat

    @classmethod
    def of(cls, X: Any, numbers: np.ndarray, codings: Any, categories: list[bool | None], image_shape: Any) -> UserRows:
        """Rows of X.

        Parameters
        ----------
        X : array-like or DataFrame
            As the user gave it.
        numbers, codings
            What `containers.read` made of it.
        categories : list of bool or None
        image_shape : "auto", tuple of int or None
            The parameter of the samplers.

        Raises
        ------
        ValueError
        """
        containers.check_rows(numbers)
        is_asked_for = numbers.ndim > 2 or not (image_shape is None or isinstance(image_shape, str))
        containers.check_finite(numbers, may_miss=not is_asked_for)
        is_table = bool(codings) or any(categories) or (numbers.dtype.kind == "f" and np.isnan(numbers).any())
        if is_table and is_asked_for:
            raise ValueError(
                f"X holds categories or values that float64 cannot hold, but image_shape={image_shape!r} says that its "
                "rows are images: give numbers, or image_shape=None for a table."
            )
        shape = None if is_table else resolve_image_shape(numbers, image_shape)
        if shape is None and not codings:
            numbers, codings = containers.code_numbers(numbers, categories)
        return cls(numbers, shape, RowFormat.of(X, numbers, codings))
