"""The public function: the protocol run over all draws and methods."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from gan_oversampler._utils.seeds import root_seed
from gan_oversampler.comparison._measure.cells import run_method
from gan_oversampler.comparison._measure.classifiers import named_classifiers
from gan_oversampler.comparison._measure.draws import make_draw
from gan_oversampler.comparison._measure.methods import choose_methods, curve_methods
from gan_oversampler.comparison._measure.problem import Shape, as_problem, fingerprint
from gan_oversampler.comparison._measure.progress import Progress
from gan_oversampler.comparison._measure.protocol import Protocol
from gan_oversampler.comparison._measure.records import Records
from gan_oversampler.comparison._measure.resampling import Resampled
from gan_oversampler.comparison._outcome.comparison import Comparison

THRESHOLD_METRICS = ("f1", "balanced_accuracy")


# ------------------------------------------------------------------------------------------------------


def _in_words(settings: list[Any]) -> str:
    """Settings as text, numbers alike whether they are NumPy's or Python's."""
    return str([value.item() if isinstance(value, np.generic) else value for value in settings])


def _check_settings(test_size: float, n_draws: int, n_classifier_seeds: int, threshold_metric: str) -> None:
    if not 0 < test_size < 1:
        raise ValueError(f"test_size is a share of the rows, above 0 and below 1; got {test_size!r}.")
    for name, value in {"n_draws": n_draws, "n_classifier_seeds": n_classifier_seeds}.items():
        if value < 1:
            raise ValueError(f"{name} must be at least 1; got {value}.")
    if threshold_metric not in THRESHOLD_METRICS:
        raise ValueError(f"threshold_metric must be one of {THRESHOLD_METRICS}; got {threshold_metric!r}.")


def _resolve_seed(random_state: Any, book: Records) -> int:
    """The seed; without a `random_state`, that of the records that are continued."""
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
    groups: Any = None,
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
        Images of uint8 are divided by 255; other integers are brought to [0, 1] by the least and the greatest
        value there are. All images become float32. Missing values (NaN) are left to samplers and classifiers: the
        default classifier fills them with medians of the rows it is fitted on, and makes columns of categories. A
        sampler that refuses either is recorded as failed.
    y : array-like of shape (n,)
        With more than two labels, the `minority` is compared with all others together.
    samplers : mapping of name to imblearn sampler, pipeline or None, default=None
        Added to the known methods; a known name is replaced. Samplers see rows in 2 dimensions (images flat;
        one with ``image_shape="auto"`` gets their shape), and get a seed of their own in every draw.
    methods : "default" or list of names, default="default"
        "default" is all of DEFAULT_METHODS that fit the data, and `samplers`. A list chooses among
        KNOWN_METHODS and the names in `samplers`. "nothing" always runs.
    classifier : scikit-learn classifier or mapping of name to classifier, default=None
        None is `default_classifier`: dense, 256-64. For images of 16 pixels and more it is that and a
        `ConvolutionalClassifier`.
    minority : label, default=None
        The positive class; None is the rarest label.
    n_minority : int, float or None, default=None
        Minority rows of the training fold that are kept: a number, a share below 1, or None for all. The rest
        serves the oracle and the learning curve.
    test_size : float, default=0.2
        *Share* of rows held out.
    n_draws, n_classifier_seeds : int, default=5 and 2
    learning_curve : bool or list of int, default=True
        Measure nothing done with more real minority rows, doubled at each point; or with these numbers of
        rows.
    image_shape : tuple of int, default=None
        Says that rows of a 2-D array are flat images.
    flatten : bool, default=True
        Whether classifiers get images as flat rows.
    threshold_metric : {"f1", "balanced_accuracy"}, default="f1"
        Metric that thresholds are chosen for.
    threshold_size : float or None, default=0.25
        Share of the real training rows on which a method's threshold is chosen after the method ran once more
        without them; weighted so that positives have the share there that they have among held-out rows. None
        chooses no threshold, and halves the time of slow samplers.
    records : path, default=None
        CSV file to which every record is appended when it is measured. Cells that are in it are not run again,
        unless they failed.
    random_state : int, RandomState or None, default=None
        Root of all seeds. Adding a method or a draw changes no other record. None continues with the seed of
        `records`.
    groups : array-like of shape (n,), default=None
        What each row belongs to, such as its patient. Rows of one group are on one side of each split; `test_size` and
        `threshold_size` are met as far as whole groups allow.
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
        A sampler returned held-out rows, which chance cannot explain.
    ValueError
        The data, a parameter, or a file of records of other data or settings.
    BackendError, ForkedProcessError
        A sampler cannot run here at all. (One that refuses the rows of a draw is recorded as failed.)

    Examples
    --------
    >>> from imblearn.over_sampling import SMOTE
    >>> from sklearn.datasets import load_breast_cancer
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> X, y = load_breast_cancer(return_X_y=True)
    >>> comparison = compare_samplers(
    ...     X, y, samplers={"SMOTE 3": SMOTE(k_neighbors=3)}, methods=["SMOTE 3"], n_minority=30,
    ...     classifier=make_pipeline(StandardScaler(), LogisticRegression()),  # scales by the rows it is fitted on
    ...     n_draws=2, n_classifier_seeds=1, random_state=0,
    ... )
    >>> comparison.methods[:2]
    ['nothing', 'SMOTE 3']
    """
    _check_settings(test_size, n_draws, n_classifier_seeds, threshold_metric)
    problem = as_problem(X, y, minority, image_shape, groups)
    book = Records(records)
    seed = _resolve_seed(random_state, book)
    n_train = round(len(problem.y) * (1 - test_size))
    classifiers = named_classifiers(classifier, n_train, problem.image_shape, problem.X)
    protocol = Protocol(problem, classifiers, seed, n_classifier_seeds, threshold_metric, threshold_size, flatten)
    settings = _in_words(
        [
            problem.minority,
            n_minority,
            test_size,
            threshold_metric,
            None if threshold_size is None else f"{threshold_size} at the held-out prior",
            flatten,
            problem.image_shape,
        ]
    )
    marks = {"data": fingerprint(problem), "settings": settings}
    book.check(**marks, root_seed=seed)
    progress = Progress(verbose, n_draws)
    for number in range(n_draws):
        draw = make_draw(
            problem.y, number, test_size=test_size, n_minority=n_minority, seed=seed, groups=problem.groups
        )
        counts = {"n_kept": draw.n_kept, "available": len(draw.minority)}
        chosen = choose_methods(samplers, methods, image_shape=problem.image_shape, **counts)
        sizes = None if isinstance(learning_curve, bool) else learning_curve
        curve = curve_methods(**counts, sizes=sizes) if learning_curve is not False else []
        for method in (*chosen, *curve):
            run_method(protocol, draw, method, book, marks, progress, on_resample)
    return Comparison(book.rows)
