"""X as the samplers see it: numbers, whether they are images, and how their form is given back; and further rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.utils.validation import check_X_y, validate_data

from gan_oversampler._rows.coding import Categories, Coding, Codings, code_numbers
from gan_oversampler._rows.containers import container_of
from gan_oversampler._rows.containers.container import Container, RowFormat, check_array
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


def _categories_of(dense: Container, categorical_features: Any) -> Categories:
    """Whether each column of a table is to be a category; None: it tells itself."""
    if len(np.shape(dense.X)) != 2:
        return []
    if isinstance(categorical_features, str):
        return [None] * len(dense.names)
    if categorical_features is None:
        return [False] * len(dense.names)
    return _marked_columns(categorical_features, dense.names).tolist()


def _check_rows(rows: np.ndarray) -> None:
    """Refuse, in one sentence, rows that are neither table rows nor images."""
    if not 2 <= rows.ndim <= 4 or 0 in rows.shape:
        raise ValueError(
            f"X must have 2 to 4 dimensions, (n, p), (n, H, W) or (n, H, W, C), each at least 1, but its shape is "
            f"{rows.shape}: reshape it so that each row is a table row or an image."
        )
    check_array(rows)


def _check_finite(rows: np.ndarray, may_miss: bool) -> None:
    """Refuse infinite values, and of images those that are missing."""
    if rows.dtype.kind != "f" or np.isfinite(rows).all():
        return
    is_bad = np.isinf(rows) if may_miss else ~np.isfinite(rows)
    if is_bad.any():
        what = "infinity" if may_miss else "NaN or infinity"
        advice = "make them NaN, which a table may hold" if may_miss else "replace them"
        raise ValueError(
            f"X must hold finite numbers, but {is_bad.sum()} of its values are {what} (inf), the first in row "
            f"{np.argwhere(is_bad)[0][0]}: {advice}, or drop those rows."
        )


def _looked_at(
    numbers: np.ndarray, codings: Codings, categories: Categories, image_shape: Any
) -> tuple[np.ndarray, ImageShape | None, Codings]:
    """The numbers, the shape of the images that they are, or of a table None, and the codings."""
    _check_rows(numbers)
    is_asked_for = numbers.ndim > 2 or not (image_shape is None or isinstance(image_shape, str))
    _check_finite(numbers, may_miss=not is_asked_for)
    is_table = bool(codings) or any(categories) or (numbers.dtype.kind == "f" and np.isnan(numbers).any())
    if is_table and is_asked_for:
        raise ValueError(
            f"X holds categories or values that float64 cannot hold, but image_shape={image_shape!r} says that its "
            "rows are images: give numbers, or image_shape=None for a table."
        )
    shape = None if is_table else resolve_image_shape(numbers, image_shape)
    if shape is None and not codings:
        numbers, codings = code_numbers(numbers, categories)
    return numbers, shape, codings


@dataclass(frozen=True, eq=False)
class UserRows:
    """The rows of X.

    Attributes
    ----------
    container : Container
        X as the user gave it.
    numbers : ndarray of shape (n, p), (n, H, W) or (n, H, W, C)
        Of a table, a missing value is NaN, and a category its code.
    image_shape : tuple of int or None
        (H, W) or (H, W, C); None for a table.
    form : RowFormat
    """

    container: Container
    numbers: np.ndarray
    image_shape: ImageShape | None
    form: RowFormat

    @classmethod
    def of(cls, X: Any, labels: Any, sampler: Any) -> tuple[UserRows, np.ndarray]:
        """Rows of X, and their labels as an array.

        Parameters
        ----------
        X : array-like or DataFrame
            As the user gave it.
        labels : array-like of shape (n,)
        sampler : estimator
            Says by its parameters which columns are categories and whether rows are images, and gets `n_features_in_`
            and `feature_names_in_`.

        Raises
        ------
        ValueError
        """
        container = container_of(X)
        dense = container.dense()
        categories = _categories_of(dense, sampler.categorical_features)
        numbers, codings = dense.read(categories)
        numbers, labels = check_X_y(
            numbers, labels, allow_nd=True, ensure_2d=False, ensure_all_finite=False, estimator=sampler
        )
        numbers, shape, codings = _looked_at(numbers, codings, categories, sampler.image_shape)
        rows = cls(container, numbers, shape, container.form(numbers, codings))
        validate_data(sampler, X=dense.X, reset=True, skip_check_array=True, ensure_2d=False)  # names of the columns
        sampler.n_features_in_ = rows.form.n_features
        return rows, labels

    def rehearse(self) -> None:
        """Give a real row back as a new one, so that what cannot be built is said before training.

        Raises
        ------
        ValueError
        """
        first = self.container.first()
        try:
            first.append(self.form.build(self.numbers[:1].reshape(1, -1)))
        except Exception as error:  # whatever a container of somebody else's stumbles over
            raise ValueError(
                f"New rows cannot be given the form of X, a {type(self.container.X).__name__} "
                f"({type(error).__name__}: {error}): give an array of numbers, or a DataFrame of plain dtypes."
            ) from error

    def followed_by(self, numbers: np.ndarray) -> Any:
        """X with new rows behind, of which these are the numbers: ndarray of shape (n_new, n_features)."""
        return self.container.append(self.form.build(numbers))


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
    dense = container_of(X).dense()
    if tuple(np.shape(dense.X)[1:]) != form.row_shape:
        raise ValueError(
            f"X must hold rows of shape {form.row_shape} like those that were fitted to, but its shape is "
            f"{np.shape(dense.X)}: give the same columns, or images of the same size."
        )
    if form.template is not None and list(dense.X.columns) != form.names:
        raise ValueError(
            f"X must have the columns {form.names}, but it has {list(dense.X.columns)}: give the same "
            "columns in the same order."
        )
    if not form.codings:
        return np.asarray(dense.read([None] * form.n_features)[0])
    categories: list[bool | None] = form.is_category.tolist()
    numbers, codings = dense.read(categories)
    if not codings:
        numbers, codings = code_numbers(np.asarray(numbers), categories)
    columns = [_recoded(numbers[:, i], codings.get(i), form.codings.get(i)) for i in range(form.n_features)]
    return np.column_stack(columns)
