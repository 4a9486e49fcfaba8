"""A small convolutional network as a scikit-learn classifier."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing
from numbers import Integral, Real
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, _fit_context
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight, check_array, check_is_fitted, check_X_y

from gan_oversampler._gan.gate import require_tensorflow
from gan_oversampler._utils.seeds import generator, root_seed
from gan_oversampler.comparison._rivals.augmentations import AUGMENTATIONS
from gan_oversampler.comparison._rivals.classifier_training import Rows, Training, real_rows
from gan_oversampler.comparison._rivals.fresh_rows import balanced, for_ever, is_batches
from gan_oversampler.comparison._rivals.mixing import MIXINGS

_LOSSES = {"cross-entropy", "logit-adjusted", "focal", "LDAM"}


def _by_name(known: Mapping[str, Any], thing: Any) -> Any:
    """The thing of that name; what is no name stays as it is."""
    return known[thing] if isinstance(thing, str) else thing


def _with_channels(shape: tuple[int, ...]) -> tuple[int, int, int]:
    height, width, *channels = shape
    return height, width, channels[0] if channels else 1


class ConvolutionalClassifier(ClassifierMixin, BaseEstimator):
    """A small convolutional network, with the losses and augmentations that are used against imbalance.

    Three 3x3 convolutions of 16, 32 and 64 filters with pooling, and a dense layer of 64. It is trained with Adam for a
    number of *steps*, not epochs: rows that a sampler adds do not buy more training. The learning rate falls along half
    a cosine.

    Parameters
    ----------
    image_shape : tuple of int, default=None
        (H, W) or (H, W, C) of flat rows; images carry their shape.
    loss : {"cross-entropy", "logit-adjusted", "focal", "LDAM"}, default="cross-entropy"
        "logit-adjusted" (Menon et al. 2021, arXiv:2007.07314) adds the log of the classes' shares of the training rows
        to the logits in training, and not in prediction; so does Balanced Softmax (Ren et al. 2020, arXiv:2007.10740).
        "focal" (Lin et al. 2017, arXiv:1708.02002) with gamma 2. "LDAM" (Cao et al. 2019, arXiv:1906.07413) asks for a
        larger margin of rarer classes.
    augmentation : {"TrivialAugment", "RandAugment", "cutout", "flip and crop"}, callable or None, default=None
        Applied to every image whenever it is seen. A callable takes images of shape (n, H, W, C), float32 in [-1, 1],
        and a `numpy.random.Generator`, and returns images. A `functools.partial` of
        `gan_oversampler.batches.BalancedBatches` with a sampler, and `balance` or `deform_others` if wanted, tops each
        batch up with rows drawn anew, one thread ahead of the step. The sampler is fitted to the images as they are
        shown, and is seeded by this classifier unless it has a seed.
    mixing : {"mixup", "remix"} or None, default=None
        Two images of a batch and their labels become one (Zhang et al. 2018, arXiv:1710.09412). "remix" gives the
        label to a much rarer class (Chou et al. 2020, arXiv:2007.03943).
    deferred_weights : bool, default=False
        Deferred re-weighting (Cao et al. 2019): classes are weighted in the last fifth of the steps, by one over their
        effective number of rows.
    n_steps : int, default=600
    batch_size : int, default=128
    learning_rate : float, default=.001
    random_state : int, RandomState or None, default=None

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    image_shape_ : (H, W, C)
    range_ : (float, float)
        The darkest and the brightest value of the images that were fitted.
    weights_ : list of ndarray
        What was learned.
    n_features_in_ : int
        Values of one image.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from gan_oversampler.comparison import ConvolutionalClassifier
    >>> X, y = load_digits(return_X_y=True)
    >>> classifier = ConvolutionalClassifier(image_shape=(8, 8), n_steps=200, random_state=0)
    >>> bool(classifier.fit(X[:1000] / 16, y[:1000]).score(X[1000:] / 16, y[1000:]) > 0.8)
    True
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "image_shape": [tuple, list, None],
        "loss": [StrOptions(_LOSSES)],
        "augmentation": [StrOptions(set(AUGMENTATIONS)), callable, None],
        "mixing": [StrOptions(set(MIXINGS)), None],
        "deferred_weights": ["boolean"],
        "n_steps": [Interval(Integral, 1, None, closed="left")],
        "batch_size": [Interval(Integral, 1, None, closed="left")],
        "learning_rate": [Interval(Real, 0, None, closed="neither")],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        *,
        image_shape: tuple[int, ...] | None = None,
        loss: str = "cross-entropy",
        augmentation: str | Callable[..., Any] | None = None,
        mixing: str | None = None,
        deferred_weights: bool = False,
        n_steps: int = 600,
        batch_size: int = 128,
        learning_rate: float = 1e-3,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.image_shape = image_shape
        self.loss = loss
        self.augmentation = augmentation
        self.mixing = mixing
        self.deferred_weights = deferred_weights
        self.n_steps = n_steps
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.random_state = random_state

    def _shape_of(self, X: NDArray[Any]) -> tuple[int, int, int]:
        if self.image_shape is None and X.ndim == 2:
            raise ValueError("image_shape must be given for flat rows, such as (28, 28) or (32, 32, 3); it is None.")
        shape = _with_channels(tuple(X.shape[1:] if self.image_shape is None else self.image_shape))
        if math.prod(shape) != math.prod(X.shape[1:]):
            raise ValueError(f"image_shape {self.image_shape} does not fit images of shape {X.shape[1:]}.")
        return shape

    def _images(self, X: NDArray[np.float32]) -> NDArray[np.float32]:
        """Images of shape (n, H, W, C), float32, those that were fitted in [-1, 1]."""
        if math.prod(X.shape[1:]) != self.n_features_in_:
            raise ValueError(f"X has images of shape {X.shape[1:]}; the classifier was fitted on {self.image_shape_}.")
        low, high = self.range_
        share = (X.reshape(len(X), *self.image_shape_) - low) / (high - low or np.float32(1))
        return share * np.float32(2) - np.float32(1)

    def _network(self) -> Any:
        require_tensorflow()
        from gan_oversampler.comparison._rivals.network import network

        return network(self.image_shape_, len(self.classes_), self.loss)

    def _training(self, seed: int) -> Training:
        return Training(
            n_steps=self.n_steps,
            learning_rate=self.learning_rate,
            augment=None if is_batches(self.augmentation) else _by_name(AUGMENTATIONS, self.augmentation),
            mix=_by_name(MIXINGS, self.mixing),
            deferred=self.deferred_weights,
            seed=seed,
        )

    def _drawn(
        self, images: NDArray[np.float32], y: NDArray[Any], weights: NDArray[np.float32], seed: int
    ) -> tuple[Generator[Rows, None, None], NDArray[np.int64]]:
        """Rows of each step, and how many rows of each class there are."""
        if is_batches(self.augmentation):
            batches = balanced(self.augmentation, images, y, weights, batch_size=self.batch_size, seed=seed)
            return self._with_places(for_ever(batches)), batches.counts_
        places = np.searchsorted(self.classes_, y)
        rows = generator(seed, "rows")
        return real_rows(images, places, weights, self.batch_size, rows), np.bincount(places)

    def _with_places(self, batches: Iterator[tuple[Any, ...]]) -> Generator[Rows, None, None]:
        """Batches with the places of the labels among the classes."""
        for X, labels, weights in batches:
            yield X, np.searchsorted(self.classes_, labels), weights

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> ConvolutionalClassifier:
        """Train on images.

        Parameters
        ----------
        X : array-like of shape (n, p), (n, H, W) or (n, H, W, C)
        y : array-like of shape (n,)
        sample_weight : array-like of shape (n,), default=None

        Returns
        -------
        self
        """
        X, y = check_X_y(X, y, dtype=np.float32, allow_nd=True)
        check_classification_targets(y)
        self.classes_ = np.unique(y)
        if len(self.classes_) < 2:
            raise ValueError(f"y must hold at least two classes; got only {self.classes_.tolist()}.")
        self.image_shape_ = self._shape_of(X)
        self.n_features_in_ = math.prod(self.image_shape_)
        self.range_ = X.min(), X.max()
        weights = _check_sample_weight(sample_weight, X, dtype=np.float32)
        seed = root_seed(self.random_state)
        drawn, counts = self._drawn(self._images(X), y, weights, seed)
        with closing(drawn):
            self.weights_ = self._training(seed).train(self._network(), drawn, counts)
        return self

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Probabilities of the classes.

        Returns
        -------
        ndarray of shape (n, n_classes), float64
        """
        check_is_fitted(self)
        images = self._images(check_array(X, dtype=np.float32, allow_nd=True))
        logits = self._network().logits(self.weights_, images)
        exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
        return exponentials / exponentials.sum(axis=1, keepdims=True)

    def predict(self, X: Any) -> NDArray[Any]:
        """The most probable class of each image."""
        return self.classes_[self.predict_proba(X).argmax(axis=1)]
