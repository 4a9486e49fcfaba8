"""The measurements on held-out rows: ranking, decisions and calibration of one classifier's scores."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from imblearn.metrics import geometric_mean_score
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    balanced_accuracy_score,
    brier_score_loss,
    f1_score,
    precision_recall_curve,
    precision_score,
    recall_score,
    roc_auc_score,
)

from gan_oversampler.calibration import prior_corrected

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]

RANKING = ("average_precision", "roc_auc")
AT_RECALL = {f"precision_at_recall_{share}": share / 100 for share in (50, 80, 90)}
DECISIONS: dict[str, Callable[[Labels, Labels], float]] = {
    "balanced_accuracy": balanced_accuracy_score,
    "g_mean": geometric_mean_score,
    "f1": lambda y, predicted: f1_score(y, predicted, zero_division=0),
    "recall": lambda y, predicted: recall_score(y, predicted, zero_division=0),
    "precision": lambda y, predicted: precision_score(y, predicted, zero_division=0),
}
TUNED = "_tuned"
RECORDED = (
    *RANKING,
    *DECISIONS,
    *(name + TUNED for name in DECISIONS),
    "brier",
    "brier_corrected",
    "accuracy",
)
"""Metrics that a record has a number for; those at a recall are read off its curve."""
METRICS = (*RANKING, *AT_RECALL, *RECORDED[len(RANKING) :])
LOWER_IS_BETTER = frozenset({"brier", "brier_corrected"})
RECALL_LEVELS = np.linspace(0, 1, 101)
_CHUNK = 4096


def _positive_column(classifier: Any, rows: Any) -> Floats:
    if hasattr(classifier, "predict_proba"):
        return np.asarray(classifier.predict_proba(rows)[:, 1], dtype=np.float64)
    return np.asarray(classifier.decision_function(rows), dtype=np.float64)


def positive_scores(classifier: Any, X: Any) -> Floats:
    """Scores of the positive class, probabilities where the classifier has them.

    Float32 rows are scored in float64: in float32 the sigmoid is exactly 1 from a logit of 17 on, and the
    ties would blur the ranking.
    """
    if getattr(X, "dtype", None) != np.float32:
        return _positive_column(classifier, X)
    parts = [X[start : start + _CHUNK].astype(np.float64) for start in range(0, len(X), _CHUNK)]
    return np.concatenate([_positive_column(classifier, part) for part in parts])


def ranking(y: Labels, scores: Floats) -> dict[str, float]:
    """Average precision and ROC AUC: no threshold enters."""
    return {
        "average_precision": float(average_precision_score(y, scores)),
        "roc_auc": float(roc_auc_score(y, scores)),
    }


def decisions(y: Labels, predicted: Labels, suffix: str = "") -> dict[str, float]:
    """Metrics of the decisions; `suffix` names the threshold at which they were taken."""
    return {name + suffix: float(measure(y, predicted)) for name, measure in DECISIONS.items()}


def calibration(y: Labels, scores: Floats, prior_trained: float, prior_true: float) -> dict[str, float]:
    """Brier score of probabilities, without and with prior correction (lower is better)."""
    corrected = prior_corrected(scores, prior_trained, prior_true)
    return {
        "brier": float(brier_score_loss(y, scores)),
        "brier_corrected": float(brier_score_loss(y, np.clip(corrected, 0, 1))),
    }


def accuracy(y: Labels, predicted: Labels) -> float:
    """Share of right decisions. It misleads: predicting only the majority already gets 1 - prevalence."""
    return float(accuracy_score(y, predicted))


def compact_curve(y: Labels, scores: Floats) -> str:
    """Precision at recall 0, .01, ..., 1, in thousandths: the best precision at that recall or beyond."""
    precision, recall, _ = precision_recall_curve(y, scores)
    best = np.maximum.accumulate(precision)  # recall falls along the curve
    first_at_least = len(recall) - 1 - np.searchsorted(recall[::-1], RECALL_LEVELS - 1e-12)
    # Recall 0 has precision 1 by definition, which no threshold reaches: leave that point out.
    return " ".join(f"{round(1000 * best[min(i, len(best) - 2)])}" for i in first_at_least)


def precision_at(text: str, recall: float) -> float:
    """Precision at a recall of whole hundredths, from what `compact_curve` wrote; NaN where there is no curve."""
    return int(text.split()[round(100 * recall)]) / 1000 if text else float("nan")


def expand_curve(text: str) -> Floats:
    """Precision at `RECALL_LEVELS` from what `compact_curve` wrote."""
    return np.array(text.split(), dtype=float) / 1000
