"""What a small network that learned a class sees in images, where neighbours in pixels see little.

Filters are small patches of the images at hand, whitened (Coates and Ng 2011, "The importance of encoding versus
training with sparse coding and vector quantization", ICML). How strongly each is met in each quarter of an image goes
into a layer of units that learn to distinguish the class from other classes. That needs neither many images nor
TensorFlow.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from gan_oversampler import metrics
from gan_oversampler._utils import seeds

Floats = NDArray[np.floating[Any]]

LEAST_SIDE = 6
_SIDE = 5
_N_FILTERS = 128
_N_PATCHES = 10_000  # to know the mean and the covariance of 75 values
_FLATTEST = 0.01  # a patch of less variance, where that of the images is 1, is not stretched to the variance of others
_FAINTEST = 0.1  # likewise a direction of less variance in patches
_SILENT = 1.0  # a filter is met where it is more similar than that
_N_UNITS = 64
_N_STEPS, _BATCH = 100, 100
_LEAST_SPREAD = 0.05
_AT_ONCE = 100
_LEAST_FAR = 1.0  # photographs of other classes lie 3 away, digits 20 and more, in units of the mean square


def _evened(patches: Floats) -> Floats:
    """Patches without their brightness and contrast: (..., p)."""
    still = patches - patches.mean(axis=-1, keepdims=True)
    return still / np.sqrt(np.square(still).mean(axis=-1, keepdims=True) + np.float32(_FLATTEST))


def _windows(images: Floats) -> Floats:
    """All patches: (n, H, W, C) -> (n, H - 4, W - 4, 25 * C)."""
    windows = sliding_window_view(images, (_SIDE, _SIDE), axis=(1, 2))
    return windows.reshape(*windows.shape[:3], -1)


def _some_patches(images: Floats, rng: np.random.Generator) -> Floats:
    """Patches from random places: (10000, 25 * C)."""
    n, height, width = images.shape[:3]
    index, top, left = rng.integers([n, height - _SIDE + 1, width - _SIDE + 1], size=(_N_PATCHES, 3)).T
    windows = sliding_window_view(images, (_SIDE, _SIDE), axis=(1, 2))
    return windows[index, top, left].reshape(_N_PATCHES, -1)


class LearnedFeatures:
    """Features that a small network learned, to look at images that it has not learned.

    Parameters
    ----------
    own : ndarray of shape (n, H, W, C)
        Images of the class, of 6 pixels a side or more.
    others : ndarray of shape (m, H, W, C)
        Images of the other classes.
    seed : int
    """

    def __init__(self, own: Floats, others: Floats, seed: int) -> None:
        rng, known = np.random.default_rng(seed), np.concatenate([own, others])
        self._middle, self._size = known.mean(), known.std() or 1.0
        self._find_filters(_evened(_some_patches(self._scaled(known), rng)), rng)
        met = self._met(known)
        self._mean, spread = met.mean(axis=0), met.std(axis=0)
        self._spread = np.maximum(spread, _LEAST_SPREAD * spread.max()) + np.float32(1e-6)
        self._learn(met, np.arange(len(known)) < len(own), seed)

    def _scaled(self, images: Floats) -> NDArray[np.float32]:
        return ((images - self._middle) / self._size).astype(np.float32)

    def _find_filters(self, patches: Floats, rng: np.random.Generator) -> None:
        """Whitened patches as filters, to be applied to patches that are not whitened."""
        mean = patches.mean(axis=0)
        variances, directions = np.linalg.eigh(np.cov(patches, rowvar=False))
        whitening = (directions / np.sqrt(np.maximum(variances, 0) + _FAINTEST)) @ directions.T
        filters = (patches[rng.permutation(len(patches))[:_N_FILTERS]] - mean) @ whitening
        filters /= np.linalg.norm(filters, axis=1, keepdims=True) + 1e-6
        self._filters = (whitening @ filters.T).astype(np.float32)
        self._thresholds = (mean @ self._filters + _SILENT).astype(np.float32)

    def _met(self, images: Floats) -> Floats:
        """How strongly each filter is met in each quarter of each image: (n, 4 * 128)."""
        parts = []
        for start in range(0, len(images), _AT_ONCE):
            windows = _evened(_windows(self._scaled(images[start : start + _AT_ONCE])))
            met = np.maximum(windows @ self._filters - self._thresholds, 0)
            halves = [half for rows in np.array_split(met, 2, axis=1) for half in np.array_split(rows, 2, axis=2)]
            parts.append(np.concatenate([half.mean(axis=(1, 2)) for half in halves], axis=1))
        return np.sqrt(np.concatenate(parts))

    def _standard(self, met: Floats) -> Floats:
        return (met - self._mean) / self._spread

    def _learn(self, met: Floats, is_own: NDArray[np.bool_], seed: int) -> None:
        n_epochs = -(-_N_STEPS * _BATCH // len(met))
        network = MLPClassifier(
            (_N_UNITS,), alpha=0.01, batch_size=min(_BATCH, len(met)), max_iter=n_epochs, random_state=seed
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            network.fit(self._standard(met), is_own)
        self._weights, self._biases = network.coefs_[0], network.intercepts_[0]

    def __call__(self, images: Floats) -> Floats:
        """What the units see: (n, H, W, C) -> (n, 64)."""
        return np.maximum(self._standard(self._met(images)) @ self._weights + self._biases, 0)


def _learned_scores(real: Floats, rows: Floats, seed: int) -> list[float]:
    """Kernel distance of rows from real ones, and accuracy of telling these from those, in what a network sees."""
    return [metrics.kernel_distance(real, rows), metrics.two_sample_test(real, rows, random_state=seed).accuracy]


def _seen_by_other_half(real: Floats, generated: Floats, others: Floats, fold: int, seed: int) -> list[Floats]:
    """Features of half of the real images, of as many generated ones and of half of the others, by a network that
    learned the other halves; moved and scaled so that the real ones have a mean of 0 and a mean square of 1."""
    own_halves, other_halves = (np.array_split(rows[: len(rows) // 4 * 4], 2) for rows in (real, others))
    seed = seeds.child_seed(seed, "learned features", fold) % 2**32
    see = LearnedFeatures(own_halves[fold], other_halves[fold], seed)
    own, away = see(own_halves[1 - fold]), see(other_halves[1 - fold])
    middle, size = own.mean(axis=0), np.sqrt(own.var(axis=0).mean()) or 1.0
    return [(seen - middle) / size for seen in (own, see(generated[fold::2][: len(own)]), away)]


def compare_as_seen(
    real: Floats, generated: Floats, others: Floats, *, seed: int
) -> tuple[dict[str, float], dict[str, float]]:
    """Scores of generated images and of real ones, by two networks that each learned one half of the real images.

    Parameters
    ----------
    real, generated, others : ndarray of shape (n, H, W, C)
        `real` in random order, 20 or more; `others` are real images of other classes, 4 or more.
    seed : int

    Returns
    -------
    scores, reference : dict of str to float
        "learned_distance": kernel distance from the real images, as a share of that of the others; "learned_accuracy"
        of telling real from new.

    Notes
    -----
    A network judges the half that it has not learned: generated images against it, and for reference its two halves
    against each other. These are fewer, which moves neither metric in the mean: by chance they are 0 and .5.
    """
    found = []
    for fold in (0, 1):
        own, drawn, away = _seen_by_other_half(real, generated, others, fold, seed)
        one, other = np.array_split(own, 2)
        of_both = [*_learned_scores(own, drawn, seed), *_learned_scores(one, other, seed)]
        found.append([*of_both, metrics.kernel_distance(own, away)])
    distance, accuracy, real_distance, real_accuracy, far = map(float, np.mean(found, axis=0))
    far = max(far, _LEAST_FAR)
    return (
        {"learned_distance": distance / far, "learned_accuracy": accuracy},
        {"learned_distance": real_distance / far, "learned_accuracy": real_accuracy},
    )
