"""AutoOverSampler: chooses, on held-out real rows, the sampler that helps a classifier, if any does."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from numbers import Integral, Real
from typing import Any, ClassVar

import numpy as np
from imblearn.base import BaseSampler
from imblearn.over_sampling.base import BaseOverSampler
from imblearn.utils import check_target_type
from sklearn.base import clone, is_regressor
from sklearn.metrics import check_scoring, get_scorer_names
from sklearn.utils import _safe_indexing
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions
from sklearn.utils.parallel import Parallel, delayed
from sklearn.utils.validation import check_X_y, validate_data

from gan_oversampler._choice import splits
from gan_oversampler._choice.candidates import candidates
from gan_oversampler._choice.evidence import RarePrecision, as_results, preferred_of_the_best
from gan_oversampler._choice.trials import Budget, Progress, Trial, Trials
from gan_oversampler._rows import counts
from gan_oversampler._rows.containers import container_of
from gan_oversampler._rows.containers.pandas_frames import PandasFrame
from gan_oversampler._rows.containers.refused import check_is_container
from gan_oversampler._rows.for_classifiers import boosted_trees
from gan_oversampler._rows.groups import check_groups
from gan_oversampler._rows.labels import check_labels, plain_labels
from gan_oversampler._samplers.doc_link import DocLinkMixin
from gan_oversampler._utils import seeds
from gan_oversampler._utils.names import name_of
from gan_oversampler._utils.warnings import warn

_MIN_ROWS = 2  # of the smallest class: one to learn from, one to be judged by
_FEWEST_SAMPLED = 50  # rows of a class, where it has so many


def _seeded(estimator: Any, seed: int) -> Any:
    """A clone whose open seeds, those of its parts too, are set."""
    parameters = estimator.get_params()
    is_open = [k for k, v in parameters.items() if k.split("__")[-1] == "random_state" and v is None]
    return clone(estimator).set_params(**{name: seeds.child_seed(seed, name) for name in is_open})


@contextmanager
def _all_or_nothing(estimator: Any) -> Iterator[None]:
    """Where a fit fails, what an earlier one left stays as it was."""
    before = dict(vars(estimator))
    try:
        yield
    except BaseException:
        vars(estimator).clear()
        vars(estimator).update(before)
        raise


def _unchanged(rows: Any, n: int) -> Any:
    """A copy of n rows or labels; an index is counted anew, as imbalanced-learn's samplers and ours do."""
    copied = _safe_indexing(rows, np.arange(n))
    return copied.reset_index(drop=True) if hasattr(copied, "reset_index") else copied


def _warn_of_refusals(methods: list[str], outcomes: list[list[Trial]]) -> None:
    """Name the methods that failed, once for each reason."""
    by_reason: dict[str, list[str]] = {}
    for name, *trials in zip(methods, *outcomes, strict=True):
        refusals = [trial.refusal for trial in trials if trial.refusal]
        if refusals:
            by_reason.setdefault(refusals[0], []).append(name)
    for reason, names in by_reason.items():
        are = "is" if len(names) == 1 else "are"
        warn(f"{', '.join(names)} cannot resample these rows and {are} left out: {reason}", UserWarning)


def _check_amounts(amounts: Any) -> None:
    given = list(amounts)
    if not given or not all(isinstance(share, Real) and 0 < float(share) <= 1 for share in given):
        raise ValueError(
            "amounts must hold shares above 0 and up to 1 of the rows that sampling_strategy asks for, but it is "
            f"{amounts!r}: give such as (0.25, 0.5, 1)."
        )


def _check_classifier(classifier: Any, scoring: Any) -> None:
    if is_regressor(classifier):
        raise ValueError(
            f"classifier must tell classes apart, but {name_of(type(classifier))} is a regressor: give a classifier, "
            "such as LogisticRegression()."
        )
    if scoring is None and not any(hasattr(classifier, way) for way in ("predict_proba", "decision_function")):
        raise ValueError(
            "Without scoring rows are ranked by predict_proba or decision_function, but "
            f"{name_of(type(classifier))} has neither: give scoring, such as 'f1', or another classifier."
        )


class AutoOverSampler(DocLinkMixin, BaseSampler):
    """Over-sample with the method, and to the amount, that does well on held-out real rows.

    Nothing, `DeformationOverSampler`, random over-sampling and SMOTE are tried in front of a classifier by
    cross-validation, each with several amounts of new rows: each resamples training folds only, and is judged on real
    rows that it has not seen. The first method that is not worse than the best by more than a standard error then
    resamples all rows. Where that is "nothing", the rows come back unchanged.

    Parameters
    ----------
    classifier : scikit-learn classifier or pipeline, default=None
        The classifier for which the rows are meant: the choice holds for it alone. None:
        `HistGradientBoostingClassifier`, which takes missing values, and categories in any form: texts too.
    samplers : "fast", "all" or dict of str to sampler or None, default="fast"
        "fast": nothing, `DeformationOverSampler`, `RandomOverSampler` and SMOTE (`SMOTENC` and `SMOTEN` where there are
        categories; left out where values are missing). "all": `GANOverSampler` with a network too. A dict names your
        own, the preferred first; None stands for nothing.
    amounts : sequence of float, default=(0.25, 0.5, 1)
        In (0, 1]: shares of the rows that `sampling_strategy` asks for. Each sampler is tried with each. Samplers of
        your own keep theirs.
    sampling_strategy : float, str, dict or callable, default="auto"
        How many rows each class should have. Samplers of your own keep theirs.
    scoring : str or callable, default=None
        A name that scikit-learn knows, such as "f1" or "roc_auc", or a callable that takes a fitted classifier, X and
        y; higher is better. None: average precision of each class that should get more rows against the rest, averaged.
    cv : int or cross-validation splitter, default=5
        An int draws so many stratified folds, or as many as the smallest class has rows. Every method meets the same
        splits, 2 or more. Those that lack a class on one side are left out, with a warning.
    max_rows : int or None, default=50_000
        Of more rows than these a sample, drawn by class, is compared on: about so many. The method that is chosen
        resamples all. None, or a splitter as `cv`: all are compared on.
    max_fits : int or None, default=None
        At most so many fits of the classifier: fewer splits are tried. It must allow two.
    time_limit : float or None, default=None
        Seconds after which no further split is begun; two are tried in any case. Equal seeds may then choose
        differently.
    n_jobs : int, default=None
        Methods that are fitted at the same time.
    verbose : int, default=0
        1 prints how many fits are to be made, then the scores of each split and about how long the rest takes.
    random_state : int, RandomState or None, default=None
        An int gives equal rows on every call. It seeds the folds, and each sampler and classifier whose own
        `random_state` is None.

    Attributes
    ----------
    choice_ : str
        Name of the method chosen, such as "SMOTE to 0.5", which stands for half of the rows that are asked for.
    sampler_ : sampler or None
        The same, fitted to all rows; None for nothing.
    cv_results_ : dict
        Ready for ``pandas.DataFrame``: "method", "split0_test_score" and so on, "mean_test_score",
        "std_test_score" and "mean_fit_time" (seconds); NaN where a method failed.
    sampling_strategy_ : dict
        Class -> number of new rows that `sampling_strategy` asks for.
    n_features_in_ : int
    feature_names_in_ : ndarray of str
        Where X is a DataFrame with string columns.

    See Also
    --------
    gan_oversampler.comparison.compare_samplers : The same comparison, with a report to read.

    Notes
    -----
    Fitting costs as many fits of the classifier as there are folds times methods: 50 by default. Nothing stands first
    and `DeformationOverSampler` second: of the orders that were tried on 32 tables this lost on the fewest, see the
    project's ``benchmarks/table_choice.md``. If no rows are asked for, the smallest class has a single row, or all of
    its rows are in one group, nothing is tried, and nothing is done. Below 200,000 values the classifier is fitted on
    one thread of OpenMP, which is as fast and does not wait for other programs.

    Examples
    --------
    >>> from sklearn.datasets import make_classification
    >>> from sklearn.linear_model import LogisticRegression
    >>> from gan_oversampler import AutoOverSampler
    >>> X, y = make_classification(n_samples=300, weights=[0.9], class_sep=3, random_state=0)
    >>> sampler = AutoOverSampler(classifier=LogisticRegression(), random_state=0)
    >>> X_res, y_res = sampler.fit_resample(X, y)
    >>> sampler.choice_, len(X_res)
    ('nothing', 300)
    """

    _sampling_type = "over-sampling"
    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **BaseOverSampler._parameter_constraints,
        "classifier": [HasMethods(["fit", "predict"]), None],
        "samplers": [StrOptions({"fast", "all"}), Mapping],
        "scoring": [StrOptions(set(get_scorer_names())), callable, None],
        "amounts": ["array-like"],
        "cv": [Interval(Integral, 2, None, closed="left"), HasMethods(["split", "get_n_splits"])],
        "max_rows": [Interval(Integral, 2, None, closed="left"), None],
        "max_fits": [Interval(Integral, 2, None, closed="left"), None],
        "time_limit": [Interval(Real, 0, None, closed="neither"), None],
        "n_jobs": [Integral, None],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        *,
        classifier: Any = None,
        samplers: Any = "fast",
        amounts: Any = (0.25, 0.5, 1),
        sampling_strategy: Any = "auto",
        scoring: Any = None,
        cv: Any = 5,
        max_rows: int | None = 50_000,
        max_fits: int | None = None,
        time_limit: float | None = None,
        n_jobs: int | None = None,
        verbose: int = 0,
        random_state: Any = None,
    ) -> None:
        super().__init__(sampling_strategy=sampling_strategy)
        self.classifier = classifier
        self.samplers = samplers
        self.amounts = amounts
        self.scoring = scoring
        self.cv = cv
        self.max_rows = max_rows
        self.max_fits = max_fits
        self.time_limit = time_limit
        self.n_jobs = n_jobs
        self.verbose = verbose
        self.random_state = random_state

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = False
        tags.input_tags.string = True
        tags.input_tags.allow_nan = True
        return tags

    def _check_X_y(self, X: Any, y: Any, accept_sparse: Any = None) -> tuple[np.ndarray, np.ndarray, bool]:
        check_is_container(X)
        y, is_one_hot = check_target_type(plain_labels(y), indicate_one_vs_all=True)
        takes: dict[str, Any] = {"dtype": None, "allow_nd": True, "ensure_2d": False, "ensure_all_finite": False}
        # scikit-learn would make numbers of bools that stand beside categories, and fail.
        numbers = container_of(X).dense().read([None] * X.shape[1])[0] if PandasFrame.holds(X) else X
        rows, labels = check_X_y(numbers, y, estimator=self, **takes)
        validate_data(self, X=X, reset=True, skip_check_array=True)
        if rows.ndim < 2:
            raise ValueError(f"X must have 2 dimensions or more, but its shape is {rows.shape}: give rows of values.")
        self.n_features_in_ = int(np.prod(rows.shape[1:]))
        return rows, labels, is_one_hot

    def _methods(self, X: Any, labels: np.ndarray, n_fewest: int, seed: int) -> dict[str, Any]:
        """Name -> sampler with its seed set, or None."""
        named = self.samplers
        if not isinstance(named, Mapping):
            new_rows, with_network = self.sampling_strategy_, named == "all"
            named = candidates(X, labels, n_fewest, new_rows, self.amounts, with_network=with_network)
        return {
            name: None if sampler is None else _seeded(sampler, seeds.child_seed(seed, "sampler"))
            for name, sampler in named.items()
        }

    def _trials(self, X: Any, labels: np.ndarray, seed: int) -> Trials:
        classifier = boosted_trees(X) if self.classifier is None else self.classifier
        _check_classifier(classifier, self.scoring)
        rare = [label for label, n in self.sampling_strategy_.items() if n > 0] or list(self.sampling_strategy_)
        scorer = check_scoring(classifier, self.scoring or RarePrecision(rare))
        return Trials(X, labels, _seeded(classifier, seed), scorer, len(labels) * self.n_features_in_)

    def _tried(self, methods: dict[str, Any], drawn: list[splits.Split], trials: Trials) -> list[list[Trial]]:
        """A list for each split, of a trial for each method."""
        budget = Budget(self.max_fits, self.time_limit)
        drawn = budget.affordable(drawn, len(methods))
        classifier = name_of(type(trials.classifier))
        progress = Progress(self.verbose, list(methods), len(drawn), classifier, len(trials.labels))
        outcomes: list[list[Trial]] = []
        seconds: list[float] = []
        with Parallel(n_jobs=self.n_jobs) as parallel:
            for split in drawn:
                if budget.is_spent(seconds):
                    progress.ended(len(outcomes))
                    break
                start = time.perf_counter()
                outcomes.append(parallel(delayed(trials)(name, sampler, split) for name, sampler in methods.items()))
                seconds.append(time.perf_counter() - start)
                progress.judged(outcomes)
        return outcomes

    def _some_rows(self, labels: np.ndarray, seed: int) -> np.ndarray:
        """Rows that methods are compared on. A splitter of the user's may count on all."""
        n_most = self.max_rows if isinstance(self.cv, Integral) and self.max_rows else len(labels)
        return splits.sample(labels, n_most, _FEWEST_SAMPLED, seeds.child_seed(seed, "sample"))

    def _choose(self, X: Any, labels: np.ndarray, groups: Any, seed: int) -> None:
        some = self._some_rows(labels, seed)
        rows, some_labels = (_safe_indexing(X, some), labels[some]) if len(some) < len(labels) else (X, labels)
        trials = self._trials(rows, some_labels, seed)
        some_groups = None if groups is None else groups[some]
        drawn = splits.draw(self.cv, rows, some_labels, some_groups, seeds.child_seed(seed, "folds"))
        methods = self._methods(rows, labels, min(splits.fewest(some_labels[train]) for train, _ in drawn), seed)
        outcomes = self._tried(methods, drawn, trials)
        _warn_of_refusals(list(methods), outcomes)
        scores, seconds = (
            np.array([[getattr(trial, what) for trial in of_split] for of_split in outcomes]).T
            for what in ("score", "seconds")
        )
        if np.isnan(scores).any(axis=1).all():
            raise ValueError(f"None of {list(methods)} can resample these rows: give others in samplers.")
        self.cv_results_ = as_results(list(methods), scores, seconds)
        self.choice_ = list(methods)[preferred_of_the_best(scores, splits.held_out_ratio(drawn))]
        self.sampler_ = methods[self.choice_]

    def fit_resample(self, X: Any, y: Any, *, groups: Any = None) -> tuple[Any, Any]:
        """Choose a method on held-out rows, then resample all rows with it.

        Parameters
        ----------
        X : array-like or DataFrame of shape (n, p), (n, H, W) or (n, H, W, C)
        y : array-like of shape (n,), (n, 1) or one-hot (n, n_classes)
            Class labels.
        groups : array-like of shape (n,), default=None
            What each row belongs to, such as its patient. Rows of one group stay on one side of each split.

        Returns
        -------
        X_resampled, y_resampled : same containers as X and y
            The original rows first, then the new ones; no new ones where `choice_` is "nothing". The index of a
            DataFrame is counted anew, whatever is chosen.

        Raises
        ------
        ValueError
            If the classifier or the chosen method refuses these rows, or `max_fits` is too small. What an earlier call
            left stays as it was.
        """
        self._validate_params()
        _check_amounts(self.amounts)
        with _all_or_nothing(self):
            check_labels(y)
            _, labels, _ = self._check_X_y(X, y)
            groups = None if groups is None else check_groups(groups, len(labels))
            self.sampling_strategy_ = counts.rows_to_make(self.sampling_strategy, labels, self._sampling_type)
            self.choice_, self.sampler_, self.cv_results_ = "nothing", None, {}
            asks = any(self.sampling_strategy_.values()) or isinstance(self.samplers, Mapping)
            if asks and splits.fewest(labels, groups) >= _MIN_ROWS:
                self._choose(X, labels, groups, seeds.root_seed(self.random_state))
            return self._fit_resample(X, y)

    def _fit_resample(self, X: Any, y: Any) -> tuple[Any, Any]:
        """The user's own X and y, resampled by the chosen method."""
        if self.sampler_ is None:
            return _unchanged(X, len(y)), _unchanged(y, len(y))
        return self.sampler_.fit_resample(X, y)
