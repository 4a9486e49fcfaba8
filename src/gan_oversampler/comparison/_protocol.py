"""The protocol: in every draw split first, resample training rows only, judge on real held-out rows."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.model_selection import StratifiedKFold, TunedThresholdClassifierCV, train_test_split

from .._random import child_seed, root_seed
from . import _metrics as metrics
from ._classifiers import can_weigh, fit, named_classifiers, seeded
from ._comparison import Comparison
from ._draws import Draw, make_draw
from ._leakage import LeakageError, check_leakage
from ._memory import Meter
from ._methods import Method, choose_methods, curve_methods
from ._problem import Problem, Shape, as_problem, fingerprint
from ._progress import Progress
from ._recipe import describe, recipe
from ._records import FIELDS, Records, Row

Index = npt.NDArray[np.int64]
Labels = npt.NDArray[np.int64]
THRESHOLD_METRICS = ("f1", "balanced_accuracy")
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
    seconds, peak_mb : float
    n_leaked : int
    """

    draw: Draw
    method: Method
    X_before: Any
    y_before: Labels
    X: Any
    y: Labels
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


def _resample_rows(problem: Problem, sampler: Any, index: Index, seed: int) -> tuple[Any, Labels]:
    X = problem.rows(index)
    if sampler is None:
        return X, problem.y[index]
    X_new, labels = seeded(sampler, seed).fit_resample(X, problem.labels[index])
    return X_new, problem.positive(labels)


def resample(protocol: Protocol, draw: Draw, method: Method) -> Resampled:
    """Run one sampler on the training rows of one draw, and check that it knew no others."""
    problem, index = protocol.problem, draw.training(method.n_minority)
    seed = child_seed(protocol.seed, "sampler", draw.number, method.name)
    with Meter() as meter:
        X, y = _resample_rows(problem, method.sampler, index, seed)
    before = problem.rows(index)
    leaked = 0
    if method.sampler is not None:
        leaked = check_leakage(method.name, X, before, problem.rows(draw.held_out(method.n_minority)))
    return Resampled(draw, method, before, problem.y[index], X, y, meter.seconds, meter.peak_mb, leaked)


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
        X, y = _resample_rows(problem, method.sampler, fitted, seed)
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


# --- all of it
# ------------------------------------------------------------------------------------------------------


def _check_settings(test_size: float, n_draws: int, n_classifier_seeds: int, threshold_metric: str) -> None:
    if not 0 < test_size < 1:
        raise ValueError(f"test_size is a share of the rows, above 0 and below 1; got {test_size!r}.")
    for name, value in {"n_draws": n_draws, "n_classifier_seeds": n_classifier_seeds}.items():
        if value < 1:
            raise ValueError(f"{name} must be at least 1; got {value}.")
    if threshold_metric not in THRESHOLD_METRICS:
        raise ValueError(f"threshold_metric must be one of {THRESHOLD_METRICS}; got {threshold_metric!r}.")


def _resolve_seed(random_state: Any, book: Records) -> int:
    """Records that are resumed without a `random_state` go on with theirs."""
    return book.seed if random_state is None and book.seed is not None else root_seed(random_state)


def compare_samplers(
    X: Any,
    y: Any,
    *,
    samplers: Mapping[str, Any] | None = None,
    methods: str | Iterable[str] = "default",
    classifier: Any = None,
    minority: Any = None,
    n_minority: float | None = None,
    test_size: float = 0.2,
    n_draws: int = 5,
    n_classifier_seeds: int = 2,
    learning_curve: bool | Iterable[int] = True,
    image_shape: Shape | None = None,
    flatten: bool = True,
    threshold_metric: str = "f1",
    threshold_size: float | None = 0.25,
    records: str | os.PathLike[str] | None = None,
    random_state: int | np.random.RandomState | None = None,
    verbose: int = 0,
    on_resample: Callable[[Resampled], None] | None = None,
) -> Comparison:
    """Compare samplers, class weights, a moved threshold and doing nothing on real held-out rows.

    In every draw the rows are split first, stratified; then, if `n_minority` is given, only that many
    minority rows of the training fold are kept; then each method resamples the same training rows, and
    classifiers fitted on what it returns are judged on held-out rows that no method has seen.

    Parameters
    ----------
    X : array-like of shape (n, p), (n, H, W) or (n, H, W, C), or DataFrame
        Images of integers are divided by the largest value of their type. All images become float32.
    y : array-like of shape (n,)
        With more than two labels it is the `minority` against all others.
    samplers : mapping of name to imblearn sampler, pipeline or None, default=None
        Added to the known methods; a known name is replaced. Samplers see rows in 2 dimensions (images flat;
        one with ``image_shape="auto"`` is told their shape) and get a seed of their own in every draw.
    methods : "default" or list of names, default="default"
        "default" is all of DEFAULT_METHODS that fit the data, and `samplers`. A list chooses among
        KNOWN_METHODS and the names in `samplers`. "nothing" always runs.
    classifier : scikit-learn classifier or mapping of name to classifier, default=None
        None is `default_classifier`: dense, 256-64.
    minority : label, default=None
        The positive class; None is the rarest label.
    n_minority : int, float or None, default=None
        Minority rows of the training fold that are kept: a number, a share below 1, or None for all. The rest
        serves the oracle and the learning curve.
    test_size : float, default=0.2
        *Share* of rows held out.
    n_draws, n_classifier_seeds : int, default=5 and 2
    learning_curve : bool or list of int, default=True
        Measure nothing done with more of the real minority rows, twice as many a point; or these numbers of
        rows.
    image_shape : tuple of int, default=None
        Says that rows of a 2-D array are flat images.
    flatten : bool, default=True
        Whether classifiers get images as flat rows.
    threshold_metric : {"f1", "balanced_accuracy"}, default="f1"
        What thresholds are chosen for.
    threshold_size : float or None, default=0.25
        Share of the real training rows on which a method's threshold is chosen after the method ran once more
        without them. None chooses none, and halves the time of slow samplers.
    records : path, default=None
        CSV file to which every record is appended when it is measured. Cells that are in it are not run
        again.
    random_state : int, RandomState or None, default=None
        Root of all seeds. Adding a method or a draw changes no other record. None continues with the seed of
        `records`.
    verbose : int, default=0
        1 prints counts and results as they come.
    on_resample : callable, default=None
        Called with a `Resampled` after every resampling.

    Returns
    -------
    Comparison

    Raises
    ------
    LeakageError
        A sampler returned held-out rows.
    ValueError
        The data, a parameter, or a file of records of other data or settings.

    Examples
    --------
    >>> from imblearn.over_sampling import SMOTE
    >>> from sklearn.datasets import load_breast_cancer
    >>> from sklearn.linear_model import LogisticRegression
    >>> X, y = load_breast_cancer(return_X_y=True)
    >>> comparison = compare_samplers(
    ...     (X - X.mean(0)) / X.std(0), y, samplers={"SMOTE 3": SMOTE(k_neighbors=3)}, methods=["SMOTE 3"],
    ...     classifier=LogisticRegression(), n_minority=30, n_draws=2, n_classifier_seeds=1, random_state=0,
    ... )
    >>> comparison.methods[:2]
    ['nothing', 'SMOTE 3']
    """
    _check_settings(test_size, n_draws, n_classifier_seeds, threshold_metric)
    problem = as_problem(X, y, minority, image_shape)
    book = Records(records)
    seed = _resolve_seed(random_state, book)
    n_train = round(len(problem.y) * (1 - test_size))
    classifiers = named_classifiers(classifier, n_train, problem.image_shape is not None)
    protocol = Protocol(problem, classifiers, seed, n_classifier_seeds, threshold_metric, threshold_size, flatten)
    settings = describe(
        [
            problem.minority,
            n_minority,
            test_size,
            threshold_metric,
            threshold_size,
            flatten,
            problem.image_shape,
        ]
    )
    marks = {"data": fingerprint(problem), "settings": settings}
    book.check(**marks, root_seed=seed)
    progress = Progress(verbose, n_draws)
    for number in range(n_draws):
        draw = make_draw(problem.y, number, test_size=test_size, n_minority=n_minority, seed=seed)
        counts = {"n_kept": draw.n_kept, "available": len(draw.minority)}
        chosen = choose_methods(samplers, methods, image_shape=problem.image_shape, **counts)
        sizes = None if isinstance(learning_curve, bool) else learning_curve
        curve = curve_methods(**counts, sizes=sizes) if learning_curve is not False else []
        for method in (*chosen, *curve):
            run_method(protocol, draw, method, book, marks, progress, on_resample)
    return Comparison(book.rows)
