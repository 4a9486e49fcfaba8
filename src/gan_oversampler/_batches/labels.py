"""The labels of the rows, and the rows of each class."""

from __future__ import annotations

from typing import Any

import numpy as np
from imblearn.utils import check_target_type
from numpy.typing import NDArray
from sklearn.utils.multiclass import check_classification_targets

from gan_oversampler._rows import containers


def labels_of(y: Any) -> NDArray[Any]:
    """The label of each row: of one-hot y the column."""
    containers.check_labels(y)
    check_classification_targets(containers.plain_labels(y))
    return np.asarray(check_target_type(containers.plain_labels(y), indicate_one_vs_all=True)[0])


def members_of(places: NDArray[Any], n_classes: int) -> list[NDArray[Any]]:
    """Rows of each class; 4 bytes a row where that is enough."""
    dtype = np.int32 if len(places) < 2**31 else np.int64
    by_class = np.argsort(places, kind="stable").astype(dtype)
    return np.split(by_class, np.cumsum(np.bincount(places, minlength=n_classes))[:-1])
