"""The protocol: in every draw split first, resample training rows only, judge on real held-out rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.model_selection import StratifiedKFold, TunedThresholdClassifierCV, train_test_split

from gan_oversampler._utils.seeds import child_seed
from gan_oversampler.comparison._measure import metrics
from gan_oversampler.comparison._measure.classifiers import can_weigh, fit, seeded
from gan_oversampler.comparison._measure.draws import Draw
from gan_oversampler.comparison._measure.leakage import LeakageError, check_leakage
from gan_oversampler.comparison._measure.meter import Meter
from gan_oversampler.comparison._measure.methods import Method
from gan_oversampler.comparison._measure.problem import Problem
from gan_oversampler.comparison._measure.progress import Progress
from gan_oversampler.comparison._measure.recipe import recipe
from gan_oversampler.comparison._measure.records import FIELDS, Records, Row

Index = npt.NDArray[np.int64]
Labels = npt.NDArray[np.int64]
_TUNING_FOLDS = 3


@dataclass(frozen=True)
class Resampled:
    """Training rows of one draw after one method, the real ones of before beside them.

    Attributes
    ----------
    draw : Draw
    method : Method
    X_before, y_before : rows and 0/1 labels that the sampler was given
    X, y : rows and 0/1 labels that it returned
    sampler : fitted sampler or None
    seconds, peak_mb : float
    n_leaked : int
    """

    draw: Draw
    method: Method
    X_before: Any
    y_before: Labels
    X: Any
    y: Labels
    sampler: Any
    seconds: float
    peak_mb: float
    n_leaked: int


@dataclass(frozen=True)
class Protocol:
    """What stays the same over all draws and methods."""

    problem: Problem
    classifiers: Mapping[str, Any]
    seed: int
    n_classifier_seeds: int
    threshold_metric: str
    threshold_size: float | None
    flatten: bool

    def for_classifier(self, X: Any) -> Any:
        """Rows as the classifiers take them: flat, or as images."""
        shape = self.problem.image_shape
        return X if self.flatten or shape is None else np.reshape(X, (len(X), *shape))

    def classifier_seed(self, draw: Draw, classifier: str, number: int) -> int:
        """The same for every method, so that methods are paired in it too."""
        return child_seed(self.seed, "classifier", draw.number, classifier, number)


# --- resampling
# -----------------------------------------------------------------------------------------------------


def _resample_rows(problem: Problem, sampler: Any, index: Index, seed: int) -> tuple[Any, Labels, Any]:
    X = problem.rows(index)
    if sampler is None:
        return X, problem.y[index], None
    fitted = seeded(sampler, seed)
    X_new, labels = fitted.fit_resample(X, problem.labels[index])
    return X_new, problem.positive(labels), fitted


def resample(protocol: Protocol, draw: Draw, method: Method) -> Resampled:
    """Run one sampler on the training rows of one draw, and check that it knew no others."""
    problem, index = protocol.problem, draw.training(method.n_minority)
    seed = child_seed(protocol.seed, "sampler", draw.number, method.name)
    with Meter() as meter:
        X, y, sampler = _resample_rows(problem, method.sampler, index, seed)
    before = problem.rows(index)
    leaked = 0
    if method.sampler is not None:
        leaked = check_leakage(method.name, X, before, problem.rows(draw.held_out(method.n_minority)))
    return Resampled(draw, method, before, problem.y[index], X, y, sampler, meter.seconds, meter.peak_mb, leaked)


# --- thresholds
# -----------------------------------------------------------------------------------------------------


def _tuner(protocol: Protocol, classifier: Any, seed: int) -> TunedThresholdClassifierCV:
    folds = StratifiedKFold(_TUNING_FOLDS, shuffle=True, random_state=seed)
    return TunedThresholdClassifierCV(classifier, scoring=protocol.threshold_metric, cv=folds)


def _validation_split(protocol: Protocol, draw: Draw, method: Method) -> tuple[Index, Index]:
    index, y = draw.training(method.n_minority), protocol.problem.y
    seed = child_seed(protocol.seed, "threshold split", draw.number)
    fitted, validation = train_test_split(
        index, test_size=protocol.threshold_size, stratify=y[index], random_state=seed
    )
    return np.sort(fitted), np.sort(validation)


def choose_thresholds(protocol: Protocol, draw: Draw, method: Method, names: Iterable[str]) -> dict[str, float]:
    """For each classifier the threshold that is best on real training rows which neither sampler nor
    classifier saw.

    The whole method, sampler included, runs once more on the rest of the training rows: anything cheaper,
    such as validation rows from which the sampler made new rows, would put the threshold too high.
    """
    if protocol.threshold_size is None or method.tuned or method.role == "curve":
        return {}
    problem = protocol.problem
    try:
        fitted, validation = _validation_split(protocol, draw, method)
        seed = child_seed(protocol.seed, "sampler", draw.number, method.name, "threshold")
        X, y, _ = _resample_rows(problem, method.sampler, fitted, seed)
    except (ValueError, RuntimeError):  # too few minority rows left for a split or for this sampler
        return {}
    rows = protocol.for_classifier(problem.rows(validation))
    thresholds = {}
    for name in names:
        classifier = seeded(protocol.classifiers[name], protocol.classifier_seed(draw, name, 0))
        fit(classifier, protocol.for_classifier(X), y, weighted=method.weighted)
        scores = metrics.positive_scores(classifier, rows)
        thresholds[name] = metrics.best_threshold(problem.y[validation], scores, protocol.threshold_metric)
    return thresholds


# --- one cell
# -------------------------------------------------------------------------------------------------------


def _prior_trained(resampled: Resampled) -> float:
    return 0.5 if resampled.method.weighted else float(resampled.y.mean())


def judge(protocol: Protocol, resampled: Resampled, name: str, number: int, threshold: float | None) -> Row:
    """Fit one classifier with one seed and measure it on the held-out rows."""
    problem, draw, method = protocol.problem, resampled.draw, resampled.method
    seed = protocol.classifier_seed(draw, name, number)
    classifier = seeded(protocol.classifiers[name], seed)
    if method.tuned:
        classifier = _tuner(protocol, classifier, seed)
    with Meter() as meter:
        fit(classifier, protocol.for_classifier(resampled.X), resampled.y, weighted=method.weighted)
    rows, y = protocol.for_classifier(problem.rows(draw.test)), problem.y[draw.test]
    scores = metrics.positive_scores(classifier, rows)
    predicted = np.asarray(classifier.predict(rows))
    row: Row = {**metrics.ranking(y, scores), **metrics.decisions(y, predicted)}
    if method.tuned:
        threshold = float(classifier.best_threshold_)
    if threshold is not None:
        row |= metrics.decisions(y, (scores >= threshold).astype(int), metrics.TUNED)
        row["threshold"] = threshold
    if hasattr(classifier, "predict_proba"):
        row |= metrics.calibration(y, scores, _prior_trained(resampled), draw.prior)
    row["accuracy"] = metrics.accuracy(y, predicted)
    row["precision_at_recall"] = metrics.compact_curve(y, scores)
    return row | {"fit_seconds": meter.seconds}


# --- one method in one draw
# -----------------------------------------------------------------------------------------


def _identity(protocol: Protocol, draw: Draw, method: Method, name: str, number: int) -> Row:
    return {
        "draw": draw.number,
        "method": method.name,
        "role": method.role,
        "classifier": name,
        "classifier_seed": number,
        "n_train": draw.n_train,
        "n_test": len(draw.test),
        "n_minority": method.n_minority,
        "n_majority": len(draw.majority),
        "root_seed": protocol.seed,
        "recipe": recipe(method.sampler, protocol.classifiers[name]),
    }


def _complete(row: Row, marks: Row) -> Row:
    """All fields in their order: NaN where nothing was measured."""
    row = {"n_after": 0, "n_minority_after": 0, "n_leaked": 0, "error": "", "precision_at_recall": ""} | row | marks
    return {field: row.get(field, float("nan")) for field in FIELDS}


def _sizes(resampled: Resampled) -> Row:
    return {
        "resample_seconds": resampled.seconds,
        "peak_memory_mb": resampled.peak_mb,
        "n_after": len(resampled.y),
        "n_minority_after": int(resampled.y.sum()),
        "n_leaked": resampled.n_leaked,
    }


def _missing(protocol: Protocol, draw: Draw, method: Method, book: Records) -> list[tuple[str, int]]:
    """Classifiers and seeds without a record of this method in this draw."""
    missing = []
    for name in protocol.classifiers:
        if method.weighted and not can_weigh(protocol.classifiers[name]):
            continue
        for number in range(protocol.n_classifier_seeds):
            cell = (draw.number, method.name, name, number)
            book.check_recipe(cell, recipe(method.sampler, protocol.classifiers[name]))
            if cell not in book:
                missing.append((name, number))
    return missing


def _one_sentence(error: Exception) -> str:
    return f"{type(error).__name__}: " + " ".join(str(error).split())


def run_method(
    protocol: Protocol,
    draw: Draw,
    method: Method,
    book: Records,
    marks: Row,
    progress: Progress,
    on_resample: Callable[[Resampled], None] | None,
) -> None:
    """Resample once, then fit every classifier with every seed that has no record yet."""
    missing = _missing(protocol, draw, method, book)
    if not missing:
        progress.skip(draw.number, method.name)
        return
    try:
        resampled = resample(protocol, draw, method)
    except LeakageError:
        raise
    except (ValueError, RuntimeError) as error:  # a sampler may refuse a draw: say so and go on
        for name, number in missing:
            row = _identity(protocol, draw, method, name, number) | {"error": _one_sentence(error)}
            book.append(_complete(row, marks))
        progress.failed(draw.number, method.name, _one_sentence(error))
        return
    if on_resample is not None:
        on_resample(resampled)
    thresholds = choose_thresholds(protocol, draw, method, dict.fromkeys(name for name, _ in missing))
    for name, number in missing:
        row = _identity(protocol, draw, method, name, number) | _sizes(resampled)
        row |= judge(protocol, resampled, name, number, thresholds.get(name))
        book.append(_complete(row, marks))
        progress.measured(row, len(resampled.y_before))
