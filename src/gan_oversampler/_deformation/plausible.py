"""Whether a change leaves images among their kind: a small classifier tells changed images from others, or cannot."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn import config_context
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import roc_auc_score
from sklearn.neural_network import MLPClassifier
from sklearn.utils.extmath import randomized_svd

from gan_oversampler._deformation.pairs import reduced
from gan_oversampler._deformation.warp import Floats

MIN_IMAGES = 400
LARGEST_AUC = 0.56  # with one standard error; photographs: mirrored .50, upside down .81; digits: mirrored .98
_MAX_IMAGES = 4000
_COMPONENTS = 40
_N_EPOCHS = 10

Change = Callable[[Floats, np.random.Generator], Floats]


def _spread(values: Floats) -> Floats:
    """Standard deviation of each channel: (n, H, W, C) -> (n, C), in one pass."""
    pixels = values.reshape(len(values), -1, values.shape[-1])
    mean_square = np.einsum("npc,npc->nc", pixels, pixels) / np.float32(pixels.shape[1])
    return np.sqrt(np.maximum(mean_square - np.square(pixels.mean(axis=1)), 0))


def _statistics(images: Floats) -> Floats:
    """What no few principal components show: mean, spread and roughness of each channel: (n, 5 * C)."""
    axes = (1, 2)
    by_row, by_column, twice = (np.diff(images, order, axis=axis) for order, axis in ((1, 1), (1, 2), (2, 1)))
    spreads = [np.log(_spread(values) + 1e-3) for values in (images, by_row, by_column, twice)]
    return np.concatenate([images.mean(axis=axes), *spreads], axis=1)


def _scaled(values: Floats, like: Floats) -> Floats:
    return (values - like.mean(axis=0)) / (like.std(axis=0) + np.float32(1e-6))


class Plausibility:
    """Real images, in two halves: those of one are changed, those of the other say what images are like.

    Parameters
    ----------
    images : ndarray of shape (n, H, W, C), float32
        Any in [-1, 1] or a little beyond; at most 4,000 are read, large ones at a reduced size.
    rng : numpy.random.Generator

    Attributes
    ----------
    size : (int, int)
        Height and width of the images that a change is given, which large ones are reduced to.
    """

    @config_context(array_api_dispatch=False)  # its randomized SVD gives other bits, and warns
    def __init__(self, images: NDArray[Any], rng: np.random.Generator) -> None:
        chosen = rng.permutation(len(images))[: _MAX_IMAGES // 2 * 2]
        images = reduced(images[chosen[: len(chosen) // 2 * 2]].astype(np.float32, copy=False))
        self._seed = int(rng.integers(2**31))
        self._given, unchanged = np.split(images, 2)
        self.size = images.shape[1:3]
        flat = unchanged.reshape(len(unchanged), -1)
        self._center, n_components = flat.mean(axis=0), min(_COMPONENTS, *flat.shape)
        self._axes = randomized_svd(flat - self._center, n_components, random_state=self._seed)[2]
        self._like = self._raw_features(unchanged)
        self._unchanged = _scaled(self._like, self._like)

    def _raw_features(self, images: Floats) -> Floats:
        images = np.clip(images, -1, 1)  # as they are when they are decoded
        flat = images.reshape(len(images), -1)
        return np.hstack([(flat - self._center) @ self._axes.T, _statistics(images)])

    def auc(self, change: Change) -> float:
        """Area under the ROC curve of a classifier of changed images and others, cross-fitted; .5 by chance."""
        changed = _scaled(self._raw_features(change(self._given, np.random.default_rng(self._seed))), self._like)
        scores = [self._scores_of_other_half(changed, fold) for fold in (0, 1)]
        return float(np.mean(scores))

    def _scores_of_other_half(self, changed: Floats, fold: int) -> float:
        rows = np.concatenate([changed, self._unchanged])
        is_changed = np.arange(len(rows)) < len(changed)
        is_seen = np.arange(len(rows)) % 2 == fold
        network = MLPClassifier((64,), max_iter=_N_EPOCHS, random_state=self._seed)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            network.fit(rows[is_seen], is_changed[is_seen])
        return float(roc_auc_score(is_changed[~is_seen], network.predict_proba(rows[~is_seen])[:, 1]))

    def leaves(self, change: Change) -> bool:
        """Whether a classifier hardly knows the changed images: the area is at most .56, one standard error added."""
        n = len(self._given)
        standard_error = np.sqrt((2 * n + 1) / (12 * n * n))  # of the area by chance
        return bool(self.auc(change) + standard_error <= LARGEST_AUC)
