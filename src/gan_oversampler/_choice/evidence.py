"""Held-out scores of several samplers under one classifier, and the choice that they support."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.metrics import average_precision_score

from gan_oversampler._utils.corrected_error import corrected_error


def preferred_of_the_best(scores: np.ndarray, test_train_ratio: float) -> int:
    """Position of the first method that is not worse than the best one by more than a standard error.

    Parameters
    ----------
    scores : ndarray of shape (n_methods, n_splits)
        Higher is better, the preferred method first; NaN where a method failed.
    test_train_ratio : float
        Held-out rows per row that was trained on.

    Returns
    -------
    int

    Notes
    -----
    Methods are compared split by split. The error of a mean difference is corrected for the rows that training sets
    share, see `corrected_error`.
    """
    means = scores.mean(axis=1)
    lost = scores[np.nanargmax(means)] - scores
    error = corrected_error(lost, test_train_ratio)
    return int(np.flatnonzero(lost.mean(axis=1) <= error)[0])


def _class_scores(classifier: Any, X: Any) -> np.ndarray:
    """A score for each row and class: ndarray of shape (n, n_classes)."""
    if hasattr(classifier, "predict_proba"):
        return np.asarray(classifier.predict_proba(X))
    scores = np.asarray(classifier.decision_function(X))
    return np.column_stack([-scores, scores]) if scores.ndim == 1 else scores


class RarePrecision:
    """Scorer: average precision of each rare class against the rest, averaged over these classes.

    Parameters
    ----------
    rare : list of label
    """

    def __init__(self, rare: list[Any]) -> None:
        self.rare = rare

    def __call__(self, classifier: Any, X: Any, y: Any) -> float:
        """Score of a fitted classifier on held-out rows."""
        scores, classes = _class_scores(classifier, X), list(classifier.classes_)
        labels = np.asarray(y)
        return float(np.mean([average_precision_score(labels == c, scores[:, classes.index(c)]) for c in self.rare]))


def as_results(methods: list[str], scores: np.ndarray, seconds: np.ndarray) -> dict[str, Any]:
    """What the trials said of each method, in the form of `GridSearchCV.cv_results_`.

    Parameters
    ----------
    methods : list of str
    scores, seconds : ndarray of shape (n_methods, n_splits)
    """
    return {
        "method": methods,
        **{f"split{number}_test_score": column for number, column in enumerate(scores.T)},
        "mean_test_score": scores.mean(axis=1),
        "std_test_score": scores.std(axis=1),
        "mean_fit_time": seconds.mean(axis=1),
    }
