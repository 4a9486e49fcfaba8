"""Probabilities after resampling, corrected from the class shares in training to the real ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from numbers import Real
from typing import Any, ClassVar, Self

import numpy as np
from imblearn.pipeline import Pipeline as ResamplingPipeline
from numpy.typing import ArrayLike, NDArray
from sklearn import get_config
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, clone
from sklearn.model_selection._search import BaseSearchCV
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


def _towards_classifier(estimator: Any) -> Iterator[Any]:
    """The estimator, a pipeline's last step, what a search tries (or found, once fitted), down to the classifier."""
    yield estimator
    while isinstance(estimator, Pipeline | BaseSearchCV):
        if isinstance(estimator, Pipeline):
            estimator = estimator.steps[-1][1]
        else:
            estimator = getattr(estimator, "best_estimator_", estimator.estimator)
        yield estimator


def _innermost_resampling(estimator: Any) -> Any:
    return next((e for e in reversed([*_towards_classifier(estimator)]) if isinstance(e, ResamplingPipeline)), None)


def _without_recorder(pipeline: Any) -> _PriorRecorder:
    """Take the recorder out of a pipeline."""
    recorder = pipeline.steps.pop(-2)[1]
    assert isinstance(recorder, _PriorRecorder)
    return recorder


def _fit_and_record(estimator: Any, X: Any, y: Any, parameters: dict[str, Any]) -> Any:
    """Fit in place; the labels that the classifier was trained on, which are y where nothing resamples."""
    pipeline = _innermost_resampling(estimator)
    if pipeline is None:
        estimator.fit(X, y, **parameters)
        return y
    pipeline.steps.insert(-1, ("prior_recorder", _PriorRecorder()))
    estimator.fit(X, y, **parameters)
    fitted = _innermost_resampling(estimator)  # of a search: another than the one that it was given
    if fitted is not pipeline:
        _without_recorder(pipeline)
    return _without_recorder(fitted).labels_


def _parts(estimator: Any) -> Iterator[Any]:
    """The estimator and all estimators in it."""
    yield estimator
    if not isinstance(estimator, PriorCorrectedClassifier) and hasattr(estimator, "get_params"):
        yield from (part for part in estimator.get_params().values() if hasattr(part, "fit"))


def _changes_shares(estimator: Any) -> bool:
    """Whether the shares of the classes may be others inside of an estimator."""
    return any(
        isinstance(part, ResamplingPipeline | BaseSearchCV) or getattr(part, "class_weight", None) is not None
        for part in _parts(estimator)
    )


def _corrected(member: Any) -> Any:
    is_open = not isinstance(member, PriorCorrectedClassifier) and hasattr(member, "predict_proba")
    return PriorCorrectedClassifier(member) if is_open and _changes_shares(member) else member


def _corrected_parameter(value: Any) -> Any:
    """A parameter of an ensemble: a classifier, or a list of names and classifiers."""
    if not isinstance(value, list) or not all(isinstance(item, tuple) for item in value):
        return _corrected(value)
    members = [(name, _corrected(member)) for name, member in value]
    return value if all(new is old for (_, new), (_, old) in zip(members, value, strict=True)) else members


def _correct_members(ensemble: Any) -> list[str]:
    """Correct, in place, the classifiers that an ensemble is made of; the parameters that needed it."""
    given = ensemble.get_params(deep=False)
    corrected = {name: _corrected_parameter(value) for name, value in given.items()}
    changed = {name: value for name, value in corrected.items() if value is not given[name]}
    ensemble.set_params(**changed)
    return list(changed)


def _prepare(estimator: Any) -> None:
    """Correct the members of an ensemble, each in its place, and refuse what cannot be looked into."""
    for part in _parts(estimator):
        if hasattr(part, "sampling_strategy") and hasattr(part, "predict_proba"):
            raise ValueError(
                f"{type(part).__name__} resamples inside of itself, so that the shares it learns from cannot be known: "
                "give a pipeline of a sampler and a classifier, or correct its probabilities by `prior_corrected`."
            )
    *around, classifier = _towards_classifier(estimator)
    if _correct_members(classifier) and any(isinstance(e, BaseSearchCV) for e in around):
        raise ValueError(
            f"A search around {type(classifier).__name__} names the parameters of its members, so that these cannot be "
            f"corrected in their places: give {type(classifier).__name__} a PriorCorrectedClassifier of its pipeline, "
            "and search its parameters."
        )


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
        classifier is corrected for as well. It may be in a search, such as `GridSearchCV`, or in an ensemble, such as
        `BaggingClassifier`, `VotingClassifier` or `OneVsRestClassifier`.
    prior : array-like of shape (n_classes,), dict of class to share or float, default=None
        Shares of the classes, in the order of `classes_`, where the classifier will be used; they sum to 1. A float is
        the share of the second of two classes. None: their shares in the y of `fit`.

    Attributes
    ----------
    estimator_ : classifier
        The fitted estimator.
    classes_ : ndarray of shape (n_classes,)
    prior_ : ndarray of shape (n_classes,), float64
        Shares that probabilities are corrected to.
    prior_trained_ : ndarray of shape (n_classes,), float64
        Shares among the resampled rows that the classifier was trained on. Around an ensemble whose members resample:
        those in the y of `fit`, because each member is corrected in its place.
    n_features_in_ : int
    feature_names_in_ : ndarray of str
        Where X is a DataFrame with string columns.

    Raises
    ------
    ValueError
        From `fit`, where `prior` does not fit the classes, a sampler leaves no row of a class, or the shares cannot be
        known: in what `imblearn.ensemble` resamples inside, and in a search around an ensemble whose members resample.

    See Also
    --------
    prior_corrected : The correction of given probabilities.
    sklearn.calibration.CalibratedClassifierCV : Calibration learned from held-out rows, which corrects more, but needs
        enough rows of the rare class.
    sklearn.calibration.CalibrationDisplay : Shows how far probabilities can be trusted.

    Notes
    -----
    Samplers are seen in an imblearn pipeline, also where it is the last step of another one. A search is corrected to
    the shares of the best pipeline that it found; it compares pipelines as they are. To compare corrected ones, put
    this classifier into the search: ``GridSearchCV(PriorCorrectedClassifier(pipeline), grid)``. A member of an ensemble
    that resamples or weighs classes becomes a `PriorCorrectedClassifier` itself, and corrects to the rows that the
    ensemble gives to it. `sample_weight` is not corrected for.

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
        "prior": ["array-like", Mapping, Real, None],
    }

    def __init__(self, estimator: Any, *, prior: ArrayLike | Mapping[Any, float] | None = None) -> None:
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
        given = self.prior
        if isinstance(given, Real):
            given = [1 - given, given]
        elif isinstance(given, Mapping):
            given = [given.get(label, np.nan) for label in classes] if len(given) == len(classes) else []
        prior = np.asarray(given, dtype=np.float64)
        if prior.shape != classes.shape or not (prior > 0).all() or not np.isclose(prior.sum(), 1):
            raise ValueError(
                f"prior must be {len(classes)} shares above 0 that sum to 1, one for each of the classes "
                f"{classes.tolist()} (of two: or the share of the second), but {self.prior!r} was given."
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
        _prepare(estimator)
        trained_on = _fit_and_record(estimator, X, labels, self._routed(params))
        _check_none_is_lost(classes, estimator.classes_)
        *_, classifier = _towards_classifier(estimator)
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
