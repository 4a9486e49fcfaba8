"""Probabilities after resampling, corrected from the class shares in training to the real ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Self

import numpy as np
from imblearn.pipeline import Pipeline as ResamplingPipeline
from numpy.typing import ArrayLike, NDArray
from sklearn import get_config
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, clone
from sklearn.pipeline import Pipeline
from sklearn.utils import assert_all_finite, column_or_1d, compute_class_weight, get_tags
from sklearn.utils._param_validation import HasMethods
from sklearn.utils.metadata_routing import MetadataRouter, MethodMapping, process_routing
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted

__all__ = ["PriorCorrectedClassifier", "prior_corrected"]

Floats = NDArray[np.float64]


def prior_corrected(p: ArrayLike, prior_trained: ArrayLike, prior_true: ArrayLike) -> Floats:
    r"""Correct probabilities for class shares that differ from those of the training rows.

    Parameters
    ----------
    p : array-like of shape (n,) or (n, n_classes), in [0, 1]
        Probabilities, of the positive class or of each class, from a classifier that was trained where the classes
        have the shares `prior_trained`.
    prior_trained : float or array-like of shape (n_classes,), in (0, 1)
        Share of the positive class, or of each class, among the (resampled) rows that were trained on.
    prior_true : float or array-like of shape (n_classes,), in (0, 1)
        The same in the data for which the probabilities are used.

    Returns
    -------
    ndarray of the shape of p, float64 in [0, 1]

    Notes
    -----
    .. math:: p'_k = \frac{p_k\, \pi_k / \pi^s_k}{\sum_j p_j\, \pi_j / \pi^s_j}

    with :math:`\pi` = `prior_true` and :math:`\pi^s` = `prior_trained`. The correction is exact if resampling
    changes the shares of the classes and keeps the distribution within each class, which new rows do only nearly.

    References
    ----------
    Elkan, C. (2001). The foundations of cost-sensitive learning. IJCAI, theorem 2.

    Saerens, M., Latinne, P. and Decaestecker, C. (2002). Adjusting the outputs of a classifier to new a priori
    probabilities. Neural Computation 14. https://doi.org/10.1162/089976602753284446, equation 2.4.

    Dal Pozzolo, A. et al. (2015). Calibrating probability with undersampling for unbalanced classification. IEEE
    SSCI. https://doi.org/10.1109/SSCI.2015.33.

    Examples
    --------
    >>> prior_corrected([0.5], prior_trained=0.5, prior_true=0.1).round(3).tolist()
    [0.1]
    >>> prior_corrected([[0.2, 0.4, 0.4]], [1 / 3] * 3, [0.8, 0.1, 0.1]).round(3).tolist()
    [[0.667, 0.167, 0.167]]
    """
    p, trained, true = (np.asarray(values, dtype=np.float64) for values in (p, prior_trained, prior_true))
    if p.ndim == 1:
        both = [np.stack([1 - share, share], axis=-1) for share in (p, trained, true)]
        return prior_corrected(*both)[:, 1]
    weighed = p * (true / trained)
    return np.asarray(weighed / weighed.sum(axis=1, keepdims=True))


class _PriorRecorder(BaseEstimator):
    """A sampler that changes nothing and remembers which labels the classifier behind it is trained on."""

    def fit(self, X: Any, y: Any) -> Self:
        return self

    def fit_resample(self, X: Any, y: Any) -> tuple[Any, Any]:
        self.labels_ = np.asarray(y)
        return X, y


def _last_steps(estimator: Any) -> Iterator[Any]:
    """The estimator, its last step if it is a pipeline, the last step of that one, and so on to the classifier."""
    yield estimator
    while isinstance(estimator, Pipeline):
        estimator = estimator.steps[-1][1]
        yield estimator


def _fit_and_record(estimator: Any, X: Any, y: Any, parameters: dict[str, Any]) -> Any:
    """Fit in place; the labels that the classifier was trained on, which are y where nothing resamples."""
    resampling = [step for step in _last_steps(estimator) if isinstance(step, ResamplingPipeline)]
    if not resampling:
        estimator.fit(X, y, **parameters)
        return y
    steps, recorder = resampling[-1].steps, _PriorRecorder()
    resampling[-1].steps = [*steps[:-1], ("prior_recorder", recorder), steps[-1]]
    estimator.fit(X, y, **parameters)
    fitted = [step for step in _last_steps(estimator) if isinstance(step, ResamplingPipeline)][-1]
    *before, (_, recorder), last = fitted.steps
    fitted.steps = [*before, last]
    return recorder.labels_


def _shares(labels: Any, classes: NDArray[Any], class_weight: Any = None) -> Floats:
    """Share of each class among the labels, each class counted as often as it weighs."""
    if class_weight == "balanced_subsample":  # a forest's name for balanced, tree by tree
        class_weight = "balanced"
    counts = np.array([np.count_nonzero(labels == label) for label in classes])
    weighed = counts * compute_class_weight(class_weight, classes=classes, y=labels)
    return np.asarray(weighed / weighed.sum(), dtype=np.float64)


def _check_none_is_lost(classes: NDArray[Any], trained_on: NDArray[Any]) -> None:
    lost = np.setdiff1d(classes, trained_on)
    if len(lost):
        raise ValueError(
            f"Resampling left no row of the classes {lost.tolist()}, so that their probabilities cannot be known: use "
            "another sampler, or drop these classes."
        )


class PriorCorrectedClassifier(ClassifierMixin, MetaEstimatorMixin, BaseEstimator):
    """Classifier trained on resampled rows whose probabilities fit the rows as they were before resampling.

    A classifier trained on balanced rows takes the rare class for more frequent than it is, so its `predict_proba` is
    too high. This meta-classifier compares the class shares before and after resampling, and corrects the
    probabilities to those before (or to `prior`). The ranking of rows by a binary classifier stays the same, while
    `predict` calls fewer rows rare: it takes the class that is most probable after correction.

    Parameters
    ----------
    estimator : classifier with `predict_proba`
        Preferably an `imblearn.pipeline.Pipeline` of samplers, transformers and a classifier. A `class_weight` of the
        classifier is corrected for as well.
    prior : array-like of shape (n_classes,), default=None
        Shares of the classes, in the order of `classes_`, where the classifier will be used; they sum to 1. None: their
        shares in the y of `fit`.

    Attributes
    ----------
    estimator_ : classifier
        The fitted estimator.
    classes_ : ndarray of shape (n_classes,)
    prior_ : ndarray of shape (n_classes,), float64
        Shares that probabilities are corrected to.
    prior_trained_ : ndarray of shape (n_classes,), float64
        Shares among the resampled rows that the classifier was trained on.
    n_features_in_ : int
    feature_names_in_ : ndarray of str
        Where X is a DataFrame with string columns.

    Raises
    ------
    ValueError
        From `fit`, where `prior` does not fit the classes, or a sampler leaves no row of a class.

    See Also
    --------
    prior_corrected : The correction of given probabilities.
    sklearn.calibration.CalibratedClassifierCV : Calibration learned from held-out rows, which corrects more, but needs
        enough rows of the rare class.
    sklearn.calibration.CalibrationDisplay : Shows how far probabilities can be trusted.

    Notes
    -----
    Samplers are seen in an imblearn pipeline, also where it is the last step of another one. What an ensemble such as
    `imblearn.ensemble.BalancedRandomForestClassifier` resamples inside, and `sample_weight`, are not. To search
    parameters, put this classifier into the search: ``GridSearchCV(PriorCorrectedClassifier(pipeline), grid)``.

    References
    ----------
    Saerens, M., Latinne, P. and Decaestecker, C. (2002). Adjusting the outputs of a classifier to new a priori
    probabilities. Neural Computation 14. https://doi.org/10.1162/089976602753284446.

    Dal Pozzolo, A. et al. (2015). Calibrating probability with undersampling for unbalanced classification. IEEE
    SSCI. https://doi.org/10.1109/SSCI.2015.33.

    Examples
    --------
    >>> from imblearn.over_sampling import RandomOverSampler
    >>> from imblearn.pipeline import make_pipeline
    >>> from sklearn.datasets import make_classification
    >>> from sklearn.linear_model import LogisticRegression
    >>> from gan_oversampler import PriorCorrectedClassifier
    >>> X, y = make_classification(n_samples=2000, weights=[0.95], class_sep=0.5, random_state=0)
    >>> pipeline = make_pipeline(RandomOverSampler(random_state=0), LogisticRegression())
    >>> model = PriorCorrectedClassifier(pipeline).fit(X, y)
    >>> model.prior_trained_.tolist(), model.prior_.round(3).tolist()
    ([0.5, 0.5], [0.945, 0.055])
    >>> trained_on_half, corrected = (m.predict_proba(X)[:, 1].mean() for m in (model.estimator_, model))
    >>> print(f"{trained_on_half:.1f}, corrected {corrected:.2f}")
    0.2, corrected 0.05
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        "estimator": [HasMethods(["fit", "predict_proba"])],
        "prior": ["array-like", None],
    }

    def __init__(self, estimator: Any, *, prior: ArrayLike | None = None) -> None:
        self.estimator = estimator
        self.prior = prior

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        inner = get_tags(self.estimator).input_tags
        tags.input_tags.sparse, tags.input_tags.allow_nan = inner.sparse, inner.allow_nan
        return tags

    def get_metadata_routing(self) -> MetadataRouter:
        """Metadata routing: `fit` passes everything on to the estimator's `fit`; `score` may ask for weights.

        Returns
        -------
        MetadataRouter
        """
        mapping = MethodMapping().add(caller="fit", callee="fit")
        return MetadataRouter(owner=self).add_self_request(self).add(estimator=self.estimator, method_mapping=mapping)

    def _checked_prior(self, classes: NDArray[Any]) -> Floats:
        prior = np.asarray(self.prior, dtype=np.float64)
        if prior.shape != classes.shape or not (prior > 0).all() or not np.isclose(prior.sum(), 1):
            raise ValueError(
                f"prior must be {len(classes)} shares above 0 that sum to 1, one for each of the classes "
                f"{classes.tolist()}, but {self.prior!r} was given."
            )
        return prior

    def _routed(self, params: dict[str, Any]) -> dict[str, Any]:
        if not get_config()["enable_metadata_routing"]:
            return params
        return dict(process_routing(self, "fit", **params).estimator.fit)

    def fit(self, X: Any, y: Any, **params: Any) -> Self:
        """Fit the estimator, and note the class shares before and after its samplers.

        Parameters
        ----------
        X : array-like of shape (n, ...)
        y : array-like of shape (n,)
            Class labels.
        **params : dict
            Passed on to the `fit` of the estimator, or routed to it where metadata routing is enabled.

        Returns
        -------
        self : PriorCorrectedClassifier
        """
        self._validate_params()
        labels = column_or_1d(y, warn=True)
        assert_all_finite(labels, input_name="y")
        check_classification_targets(labels)
        classes = np.unique(labels)
        prior = _shares(labels, classes) if self.prior is None else self._checked_prior(classes)
        estimator = clone(self.estimator)
        trained_on = _fit_and_record(estimator, X, labels, self._routed(params))
        _check_none_is_lost(classes, estimator.classes_)
        *_, classifier = _last_steps(estimator)
        class_weight = classifier.get_params().get("class_weight")
        self.estimator_, self.classes_, self.prior_ = estimator, classes, prior
        self.prior_trained_ = _shares(trained_on, classes, class_weight)
        for name in ("n_features_in_", "feature_names_in_"):
            if hasattr(estimator, name):
                setattr(self, name, getattr(estimator, name))
        return self

    def predict_proba(self, X: Any) -> Floats:
        """Probability of each class, corrected to `prior_`.

        Parameters
        ----------
        X : array-like of shape (n, ...)

        Returns
        -------
        ndarray of shape (n, n_classes), float64
        """
        check_is_fitted(self)
        return prior_corrected(self.estimator_.predict_proba(X), self.prior_trained_, self.prior_)

    def predict(self, X: Any) -> NDArray[Any]:
        """The class that is most probable after correction.

        Parameters
        ----------
        X : array-like of shape (n, ...)

        Returns
        -------
        ndarray of shape (n,)
        """
        most_probable = self.predict_proba(X).argmax(axis=1)
        return np.asarray(self.classes_[most_probable])
