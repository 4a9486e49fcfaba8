"""The arguments of the Displays: a fitted sampler, the user's rows and labels, a label."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from imblearn.utils import check_target_type
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import issparse
from sklearn.utils.validation import check_is_fitted


def dense(rows: Any) -> NDArray[Any]:
    """Rows as an array, sparse ones too."""
    return rows.toarray() if issparse(rows) else np.asarray(rows)


def rows_of(X: Any, y: Any, label: Any) -> NDArray[Any]:
    """The rows of a class: ndarray of shape (n, ...)."""
    rows = dense(X)
    labels, _ = check_target_type(y if hasattr(y, "dtype") else np.asarray(y), indicate_one_vs_all=True)
    own = rows[np.asarray(labels) == label]
    if not len(own):
        raise ValueError(f"label must be one of those in y, {np.unique(labels).tolist()}, but {label!r} was given.")
    return own


def learned(mapping: Mapping[Any, Any], label: Any, what: str) -> tuple[Any, Any]:
    """The label and its entry; label None means the only class."""
    if label is None and len(mapping) == 1:
        label = next(iter(mapping))
    if label not in mapping:
        known = [key.item() if isinstance(key, np.generic) else key for key in mapping]
        raise ValueError(f"label must be one of {known}, the classes with a {what}, but {label!r} was given.")
    return label, mapping[label]


def as_images(rows: ArrayLike, image_shape: tuple[int, ...] | None) -> NDArray[Any]:
    """Rows as images of shape (n, H, W, C)."""
    values = dense(rows)
    shape = image_shape if image_shape is not None else values.shape[1:]
    if len(shape) not in (2, 3):
        raise ValueError(
            f"Images of shape (H, W) or (H, W, C) are expected, but the rows have shape {tuple(shape)}: give "
            "image_shape, or look at a table with TableDisplay."
        )
    return values.reshape(len(values), *shape, *([1] if len(shape) == 2 else []))


def image_shape_of(sampler: Any) -> tuple[int, ...]:
    check_is_fitted(sampler, "models_")
    if sampler.image_shape_ is None:
        raise ValueError("The sampler took X for a table, but images are expected: look at it with TableDisplay.")
    return sampler.image_shape_
