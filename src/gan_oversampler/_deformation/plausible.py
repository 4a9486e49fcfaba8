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
_N_FOR_COMPONENTS = 1000
_BATCH = 200
_N_STEPS = 100  # of 200 rows: so few do not learn rows by heart, and fewer would not see what small sets show

Change = Callable[[Floats, np.random.Generator], Floats]


def _spread(values: Floats) -> Floats:
    """Standard deviation of each channel: (n, H, W, C) -> (n, C), in one pass."""
    pixels = values.reshape(len(values), -1, values.shape[-1])
    mean_square = np.einsum("npc,npc->nc", pixels, pixels) / np.float32(pixels.shape[1])
    return np.sqrt(np.maximum(mean_square - np.square(pixels.mean(axis=1)), 0))


def _statistics(images: Floats) -> Floats:
    """What no few principal components show: mean, spread and roughness of each channel: (n, 5 * C)."""
    axes = (1, 2)
    lasting = 1 if images.shape[1] > 2 else 2  # a low image is reduced to two rows, which have one difference
    by_row, by_column, twice = (np.diff(images, order, axis=axis) for order, axis in ((1, 1), (1, 2), (2, lasting)))
    spreads = [np.log(_spread(values) + 1e-3) for values in (images, by_row, by_column, twice)]
    return np.concatenate([images.mean(axis=axes), *spreads], axis=1)


def _components(images: Floats, seed: int) -> Floats:
    """Principal components of the images, found from 1,000 at equal distances: (n, at most 40)."""
    flat = images.reshape(len(images), -1)
    some = flat[:: -(-len(flat) // _N_FOR_COMPONENTS)]
    some = some - some.mean(axis=0)
    components: Floats = flat @ randomized_svd(some, min(_COMPONENTS, *some.shape), random_state=seed)[2].T
    return components


def _features(images: Floats, seed: int) -> Floats:
    """What the classifier sees of changed and unchanged images: (n, n_features), each of mean 0 and spread 1.

    Both kinds alike say what the components are. Components of one kind would fit its own images better, and images
    that differ in nothing else would be distinguished by that.
    """
    values = np.hstack([_components(images, seed), _statistics(images)])
    scaled: Floats = (values - values.mean(axis=0)) / (values.std(axis=0) + np.float32(1e-6))
    return scaled


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

    def __init__(self, images: NDArray[Any], rng: np.random.Generator) -> None:
        chosen = rng.permutation(len(images))[: _MAX_IMAGES // 2 * 2]
        images = reduced(images[chosen[: len(chosen) // 2 * 2]].astype(np.float32, copy=False))
        self._seed = int(rng.integers(2**31))
        self._given, self._unchanged = np.split(images, 2)
        self.size = images.shape[1:3]

    @config_context(array_api_dispatch=False)  # its randomized SVD gives other bits, and warns
    def auc(self, change: Change) -> float:
        """Area under the ROC curve of a classifier of changed images and others, cross-fitted; .5 by chance."""
        changed = change(self._given, np.random.default_rng(self._seed))
        images = np.clip(np.concatenate([changed, self._unchanged]), -1, 1)  # as they are when they are decoded
        rows, is_changed = _features(images, self._seed), np.arange(len(images)) < len(changed)
        return float(np.mean([self._score_of_other_half(rows, is_changed, fold) for fold in (0, 1)]))

    def _score_of_other_half(self, rows: Floats, is_changed: NDArray[np.bool_], fold: int) -> float:
        is_seen = np.arange(len(rows)) % 2 == fold
        n_seen = int(is_seen.sum())
        n_epochs = -(-_N_STEPS * _BATCH // n_seen)
        network = MLPClassifier((64,), batch_size=min(_BATCH, n_seen), max_iter=n_epochs, random_state=self._seed)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            network.fit(rows[is_seen], is_changed[is_seen])
        return float(roc_auc_score(is_changed[~is_seen], network.predict_proba(rows[~is_seen])[:, 1]))

    def leaves(self, change: Change) -> bool:
        """Whether a classifier hardly knows the changed images: the area is at most .56, one standard error added."""
        n = len(self._given)
        standard_error = np.sqrt((2 * n + 1) / (12 * n * n))  # of the area by chance
        return bool(self.auc(change) + standard_error <= LARGEST_AUC)
