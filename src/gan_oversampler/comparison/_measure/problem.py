"""The user's data as the comparison sees them: one class against the rest, in rows."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.utils import column_or_1d

from gan_oversampler._rows.containers.refused import check_is_no_text
from gan_oversampler._rows.groups import check_groups
from gan_oversampler._rows.labels import check_labels

Labels = npt.NDArray[np.int64]
Shape = tuple[int, ...]


@dataclass(frozen=True)
class Problem:
    """One class against the rest.

    Attributes
    ----------
    X : ndarray of shape (n_samples, n_features) or DataFrame
        Images are flat rows here, float32, integer ones in [0, 1].
    y : ndarray of shape (n_samples,), int64
        1 for the minority, 0 for the rest: what classifiers see and metrics use.
    labels : ndarray of shape (n_samples,)
        Labels for the samplers: the user's own labels if there are two, otherwise the same as `y`.
    minority : object
        The minority's label, in the user's labels.
    image_shape : tuple of int or None
    groups : ndarray of shape (n_samples,), int, or None
        Rows of one group stay on one side of each split.
    """

    X: Any
    y: Labels
    labels: npt.NDArray[Any]
    minority: Any
    image_shape: Shape | None
    groups: npt.NDArray[np.int64] | None = None

    def rows(self, index: npt.NDArray[np.int64]) -> Any:
        """The rows at `index`: always a copy."""
        return self.X.iloc[index] if hasattr(self.X, "iloc") else self.X[index]

    def positive(self, labels: Any) -> Labels:
        """1 where a returned label is the minority's."""
        one = self.labels[self.y == 1][0]
        return (np.asarray(labels) == one).astype(np.int64)


def _range_of(images: npt.NDArray[np.integer[Any]]) -> tuple[int, int]:
    """The values of black and white: 0 and 255 in uint8, elsewhere the least and the greatest there are."""
    return (0, 255) if images.dtype == np.uint8 else (int(images.min()), int(images.max()))


def flat_unit_range(images: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    """Images as flat float32 rows, integer ones brought to [0, 1] (see `_range_of`).

    The type alone does not tell the range: digits from 0 to 16 come as int64.
    """
    flat = images.reshape(len(images), -1)
    if not np.issubdtype(images.dtype, np.integer):
        return flat.astype(np.float32, copy=False)
    low, high = _range_of(images)
    if (low, high) == (0, 255):
        return flat.astype(np.float32) / np.float32(255)
    return ((flat.astype(np.float64) - low) / max(high - low, 1)).astype(np.float32)


def _as_rows(X: Any, image_shape: Shape | None) -> tuple[Any, Shape | None]:
    if sparse.issparse(X):
        raise TypeError("compare_samplers takes dense rows, and X is sparse: pass X.toarray().")
    check_is_no_text(X)
    if hasattr(X, "iloc") and np.ndim(X) == 2:
        return X, image_shape
    array = np.asarray(X)
    if array.ndim < 2:
        raise ValueError(
            f"X must have a row per sample, of shape (n, p), (n, H, W) or (n, H, W, C); got {array.shape}."
        )
    if array.ndim > 2:
        image_shape = array.shape[1:]
    if image_shape is None:
        return array, None
    if int(np.prod(image_shape)) != int(np.prod(array.shape[1:])):
        raise ValueError(f"image_shape {image_shape} does not fit rows of {array.shape[1:]}.")
    return flat_unit_range(array), tuple(image_shape)


def _rarest(labels: npt.NDArray[Any]) -> Any:
    values, counts = np.unique(labels, return_counts=True)
    if len(values) < 2:
        raise ValueError(f"y must hold at least two classes; got only {values.tolist()}.")
    return values[np.argmin(counts)]


def as_problem(X: Any, y: Any, minority: Any = None, image_shape: Shape | None = None, groups: Any = None) -> Problem:
    """Check the user's arrays and turn them into one class against the rest."""
    rows, shape = _as_rows(X, image_shape)
    check_labels(y)
    labels = column_or_1d(y)
    if len(labels) != len(rows):
        raise ValueError(f"X has {len(rows)} rows and y has {len(labels)} labels.")
    rarest = _rarest(labels)
    label = rarest if minority is None else minority
    positive = (labels == label).astype(np.int64)
    if not 0 < positive.sum() < len(positive):
        raise ValueError(f"minority={label!r} must be one of the labels of y, {np.unique(labels).tolist()}.")
    shown = labels if len(np.unique(labels)) == 2 else positive
    return Problem(rows, positive, shown, label, shape, None if groups is None else check_groups(groups, len(rows)))


def fingerprint(problem: Problem) -> str:
    """A hash of the data: other data give another hash."""
    digest = hashlib.blake2b(digest_size=8)
    if hasattr(problem.X, "iloc"):
        import pandas as pd

        digest.update(repr(list(problem.X.columns)).encode())
        content = pd.util.hash_pandas_object(problem.X, index=False).to_numpy()
    else:
        content = problem.X
    for array in (content, problem.y, *([] if problem.groups is None else [problem.groups])):
        digest.update(f"{array.shape}{array.dtype}".encode())
        plain = np.ascontiguousarray(array)
        digest.update(repr(plain.tolist()).encode() if plain.dtype == object else plain.data)
    return digest.hexdigest()
