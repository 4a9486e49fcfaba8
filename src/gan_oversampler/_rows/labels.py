"""The labels of the rows: y of whatever container, checked, as an array, and with more labels behind."""

from __future__ import annotations

from typing import Any

import numpy as np
from imblearn.utils import check_target_type
from numpy.typing import NDArray
from sklearn.utils.multiclass import check_classification_targets

from gan_oversampler._rows import coding
from gan_oversampler._rows.containers.lists import copied
from gan_oversampler._rows.containers.other_frames import is_series, take


def _is_no_label(label: Any) -> bool:
    return coding.is_missing(label) or (isinstance(label, float) and not np.isfinite(label))


def _missing_labels(y: Any) -> np.ndarray:
    """Which labels are missing or infinite: bool ndarray of the shape of y."""
    if hasattr(y, "isna"):
        return np.asarray(y.isna())
    labels = np.asarray(y)
    if labels.dtype.kind == "O":
        return np.reshape([_is_no_label(label) for label in labels.flat], labels.shape)
    return ~np.isfinite(labels) if labels.dtype.kind == "f" else np.zeros(labels.shape, bool)


def check_labels(y: Any) -> None:
    """Refuse labels that are not there, are missing, have no order or are no classes.

    Raises
    ------
    ValueError
    """
    if y is None:
        raise ValueError("A sampler requires y to be passed, but the target y is None: give a label for each row.")
    if not np.ndim(y):
        example = f"df[{y!r}], and leave that column out of X" if isinstance(y, str) else "a column of a DataFrame"
        raise ValueError(
            f"y must hold a label for each row, but it is of type {type(y).__name__}: give the labels themselves, such "
            f"as {example}."
        )
    missing = _missing_labels(y)
    if missing.ndim and missing.any():
        raise ValueError(
            f"y must hold a label for each row, but {missing.sum()} of its values are missing (NaN, None or NA) or "
            f"infinite, the first in row {np.argwhere(missing)[0][0]}: drop those rows or give them a label."
        )
    labels = np.asarray(y)
    if labels.dtype.kind == "c":
        raise ValueError("Complex data not supported: y holds complex numbers; use whole numbers or strings as labels.")
    given = np.array(y, object) if isinstance(y, list | tuple) and labels.dtype.kind in "US" else labels
    if given.dtype.kind == "O" and len({isinstance(label, str) for label in given.flat}) > 1:
        raise ValueError("y must hold labels of one type, but some are strings and some are not: use either.")
    check_classification_targets(plain_labels(y))


def plain_labels(y: Any) -> Any:
    """y as an array whose labels are those that a user would write: whole numbers stay so, of whatever container.

    pandas' nullable numbers, and objects that are all of one type, become NumPy's own.
    """
    counterpart = coding.numeric_counterpart(str(getattr(y, "dtype", "")))
    if hasattr(y, "iloc") and counterpart is not None and not isinstance(y.dtype, np.dtype):
        return y.to_numpy(counterpart)
    labels = np.asarray(y)
    if labels.dtype.kind == "O" and len({type(label) for label in labels.flat}) == 1:
        natural = np.array(labels.tolist())
        return natural if natural.dtype.kind in "biu" else y if hasattr(y, "dtype") else labels
    return y if hasattr(y, "dtype") else labels


def labels_of(y: Any) -> NDArray[Any]:
    """The label of each row, checked: of one-hot y the column.

    Raises
    ------
    ValueError
    """
    check_labels(y)
    return np.asarray(check_target_type(plain_labels(y), indicate_one_vs_all=True)[0])


def repeat_labels(y: Any, donors: np.ndarray) -> Any:
    """y followed by the labels of the rows `donors`, in y's container, dtype and width.

    Parameters
    ----------
    y : array-like of shape (n,), (n, 1) or (n, n_classes)
    donors : ndarray of int
        For each new row, the index of an original row of its class.
    """
    if hasattr(y, "iloc"):
        order = np.concatenate([np.arange(len(y)), donors])
        return y.iloc[order].reset_index(drop=True)
    if not isinstance(y, np.ndarray | list | tuple) and is_series(y):
        return take(y, np.concatenate([np.arange(len(y)), donors]))
    if isinstance(y, list | tuple):
        return [copied(y[i]) for i in (*range(len(y)), *donors)]
    y = np.asarray(y)
    return np.concatenate([y, y[donors]], dtype=y.dtype)
