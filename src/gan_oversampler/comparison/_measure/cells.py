"""One method in one draw: resampled once, then a record for every classifier and classifier seed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from gan_oversampler._utils.fingerprint import fingerprint
from gan_oversampler.comparison._measure import classifier_metrics
from gan_oversampler.comparison._measure.classifiers import can_correct, can_take, can_weigh, fit
from gan_oversampler.comparison._measure.draws import Draw
from gan_oversampler.comparison._measure.meter import Meter
from gan_oversampler.comparison._measure.methods import Method
from gan_oversampler.comparison._measure.progress import Progress
from gan_oversampler.comparison._measure.protocol import Protocol
from gan_oversampler.comparison._measure.records import FIELDS, TEXT, Records, Row
from gan_oversampler.comparison._measure.resampling import Resampled, SamplerFailedError, resample
from gan_oversampler.comparison._measure.thresholds import choose_thresholds

Cells = list[tuple[str, int]]


def _prior_trained(resampled: Resampled) -> float:
    """Share of positives that the probabilities of a classifier fit, as they come."""
    if resampled.method.corrected:
        return resampled.draw.prior
    return 0.5 if resampled.method.weighted or resampled.method.evened else float(resampled.y.mean())


def judge(protocol: Protocol, resampled: Resampled, name: str, number: int, threshold: float | None) -> Row:
    """Fit one classifier with one seed and measure it on the held-out rows."""
    problem, draw, method = protocol.problem, resampled.draw, resampled.method
    classifier = protocol.classifier(draw, method, name, number)
    with Meter() as meter:
        fit(classifier, protocol.for_classifier(resampled.X), resampled.y, weighted=method.weighted)
    rows, y = protocol.for_classifier(problem.rows(draw.test)), problem.y[draw.test]
    scores = classifier_metrics.positive_scores(classifier, rows)
    own = np.asarray(classifier.predict(rows))
    tuned = None if threshold is None else (scores >= threshold).astype(int)
    predicted = tuned if method.tuned and tuned is not None else own
    row: Row = {**classifier_metrics.ranking(y, scores), **classifier_metrics.decisions(y, predicted)}
    if tuned is not None:
        row |= classifier_metrics.decisions(y, tuned, classifier_metrics.TUNED) | {"threshold": threshold}
    if hasattr(classifier, "predict_proba"):
        row |= classifier_metrics.calibration(y, scores, _prior_trained(resampled), draw.prior)
    row["accuracy"] = classifier_metrics.accuracy(y, predicted)
    row["precision_at_recall"] = classifier_metrics.compact_curve(y, scores)
    return row | {"fit_seconds": meter.seconds}


def _recipe(protocol: Protocol, method: Method, name: str) -> str:
    """A fingerprint of what resamples, what judges, and what is set in it."""
    return fingerprint([method.sampler, protocol.classifiers[name], *([method.options] if method.options else [])])


def _applies(method: Method, classifier: Any) -> bool:
    """Whether a classifier can do what a method asks."""
    return (
        (can_weigh(classifier) or not method.weighted)
        and (can_correct(classifier) or not method.corrected)
        and can_take(classifier, method.options)
    )


def _wanted(method: Method) -> str:
    """What a classifier must have for a method."""
    if method.options:
        parameters = " and ".join(map(repr, method.options))
        return f"a classifier that takes {parameters}, such as ConvolutionalClassifier"
    return "a classifier with predict_proba" if method.corrected else "a classifier that takes weights"


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
        "recipe": _recipe(protocol, method, name),
    }


def _complete(row: Row, marks: Row) -> Row:
    """All fields in their order: NaN where nothing was measured."""
    row = {"n_after": 0, "n_minority_after": 0, "n_leaked": 0} | dict.fromkeys(TEXT, "") | row | marks
    return {field: row.get(field, float("nan")) for field in FIELDS}


def _sizes(resampled: Resampled) -> Row:
    return {
        "resample_seconds": resampled.seconds,
        "peak_memory_mb": resampled.peak_mb,
        "n_after": len(resampled.y),
        "n_minority_after": int(resampled.y.sum()),
        "n_leaked": resampled.leakage.n_leaked,
        "suspicion": resampled.leakage.suspicion,
    }


def _missing(protocol: Protocol, draw: Draw, method: Method, book: Records) -> Cells:
    """Classifiers and seeds without a record of this method in this draw; a failed one is tried again."""
    missing: Cells = []
    for name in protocol.classifiers:
        if not _applies(method, protocol.classifiers[name]):
            continue
        for number in range(protocol.n_classifier_seeds):
            cell = (draw.number, method.name, name, number)
            book.check_recipe(cell, _recipe(protocol, method, name))
            if cell not in book:
                missing.append((name, number))
    return missing


def _failed(protocol: Protocol, draw: Draw, method: Method, missing: Cells, reason: str) -> Iterator[Row]:
    """Records of a method that did not return any rows."""
    for name, number in missing:
        yield _identity(protocol, draw, method, name, number) | {"error": reason}


def _measured(protocol: Protocol, resampled: Resampled, missing: Cells) -> Iterator[Row]:
    """Records of every classifier and seed on the rows of one method."""
    draw, method = resampled.draw, resampled.method
    thresholds: dict[str, float] = {}
    reason = ""
    try:
        thresholds = choose_thresholds(protocol, draw, method, dict.fromkeys(name for name, _ in missing))
    except SamplerFailedError as failure:
        reason = f"no threshold was chosen: {failure}"
    for name, number in missing:
        row = _identity(protocol, draw, method, name, number) | _sizes(resampled) | {"error": reason}
        yield row | judge(protocol, resampled, name, number, thresholds.get(name))


def run_method(
    protocol: Protocol,
    draw: Draw,
    method: Method,
    book: Records,
    marks: Row,
    progress: Progress,
    on_resample: Callable[[Resampled], None] | None,
) -> None:
    """Resample once, then fit every classifier with every seed that has no record yet, or a failed one."""
    if not any(_applies(method, classifier) for classifier in protocol.classifiers.values()):
        progress.unsuitable(draw.number, method.name, _wanted(method))
        return
    missing = _missing(protocol, draw, method, book)
    if not missing:
        progress.skip(draw.number, method.name)
        return
    try:
        resampled = resample(protocol, draw, method)
    except SamplerFailedError as failure:  # a sampler may refuse a draw: report it and continue
        for row in _failed(protocol, draw, method, missing, str(failure)):
            book.append(_complete(row, marks))
        progress.failed(draw.number, method.name, str(failure))
        return
    if on_resample is not None:
        on_resample(resampled)
    for row in _measured(protocol, resampled, missing):
        book.append(_complete(row, marks))
        progress.measured(row, len(resampled.y_before))
