"""A dense network as a classifier that judges: trained for a number of steps, not epochs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from numbers import Integral
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, _fit_context
from sklearn.neural_network import MLPClassifier
from sklearn.utils._param_validation import Interval
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from gan_oversampler._utils.seeds import child_seed, generator, root_seed

_STEPS_AT_ONCE = 32  # rows of more are copied in vain; of fewer, scikit-learn's checks take longer than the steps


class DenseClassifier(ClassifierMixin, BaseEstimator):
    """scikit-learn's dense network, trained for a number of *steps*.

    `MLPClassifier` counts epochs, so that rows which a sampler adds buy more training: a balanced set of one rare class
    is twice as long, and gets twice the steps of the rows as they are. Here every set of rows gets the same.

    Parameters
    ----------
    hidden_layer_sizes : sequence of int, default=(256, 64)
    n_steps : int, default=1_200
        Each is one step of Adam at a rate of .001. All rows are shuffled before each pass over them.
    batch_size : int, default=256
    random_state : int, RandomState or None, default=None

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    network_ : MLPClassifier
    n_features_in_ : int
    feature_names_in_ : ndarray of str
        Where columns have names.

    See Also
    --------
    ConvolutionalClassifier : For images, trained for a number of steps, too.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from gan_oversampler.comparison import DenseClassifier
    >>> X, y = load_digits(return_X_y=True)
    >>> classifier = DenseClassifier(n_steps=100, random_state=0).fit(X[:1000] / 16, y[:1000])
    >>> bool(classifier.score(X[1000:] / 16, y[1000:]) > 0.8)
    True
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "hidden_layer_sizes": ["array-like"],
        "n_steps": [Interval(Integral, 1, None, closed="left")],
        "batch_size": [Interval(Integral, 1, None, closed="left")],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        hidden_layer_sizes: Sequence[int] = (256, 64),
        *,
        n_steps: int = 1_200,
        batch_size: int = 256,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.n_steps = n_steps
        self.batch_size = batch_size
        self.random_state = random_state

    def _passes(self, n_rows: int, seed: int) -> Iterator[NDArray[np.int64]]:
        """Rows of some steps at once, until there were `n_steps`: a pass over all rows in a new order after another.

        What does not fill a batch begins the next pass, so that each batch is full.
        """
        shuffled, waiting, left = generator(seed, "rows"), np.empty(0, dtype=np.int64), self.n_steps
        while left:
            while len(waiting) < self.batch_size:
                waiting = np.concatenate([waiting, shuffled.permutation(n_rows)])
            steps = min(len(waiting) // self.batch_size, left, _STEPS_AT_ONCE)
            yield waiting[: steps * self.batch_size]
            waiting, left = waiting[steps * self.batch_size :], left - steps

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> DenseClassifier:
        """Train on rows.

        Parameters
        ----------
        X : array-like of shape (n, p)
        y : array-like of shape (n,)
        sample_weight : array-like of shape (n,), default=None

        Returns
        -------
        self
        """
        X, y = validate_data(self, X, y, dtype=(np.float64, np.float32))
        check_classification_targets(y)
        self.classes_ = np.unique(y)
        weights = None if sample_weight is None else _check_sample_weight(sample_weight, X)
        seed = root_seed(self.random_state)
        self.network_ = MLPClassifier(
            tuple(self.hidden_layer_sizes), batch_size=self.batch_size, random_state=child_seed(seed, "network")
        )
        for rows in self._passes(len(X), seed):
            chosen = None if weights is None else weights[rows]
            self.network_.partial_fit(X[rows], y[rows], chosen, classes=self.classes_)
        return self

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Probabilities of the classes.

        Returns
        -------
        ndarray of shape (n, n_classes), float64
        """
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, dtype=(np.float64, np.float32))
        return np.asarray(self.network_.predict_proba(X))

    def predict(self, X: Any) -> NDArray[Any]:
        """The most probable class of each row."""
        check_is_fitted(self)
        return self.classes_[self.predict_proba(X).argmax(axis=1)]
