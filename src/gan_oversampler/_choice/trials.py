"""A trial: a method resamples the training rows of a split, and a classifier that learns from them is judged."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np
from rich.console import Console
from sklearn.base import clone
from sklearn.utils import _safe_indexing

from gan_oversampler._choice.splits import MIN_SPLITS, Split
from gan_oversampler._utils.blas_threads import openmp_for


@dataclass(frozen=True)
class Trial:
    """What came of it.

    Attributes
    ----------
    score : float
        NaN where the method failed.
    seconds : float
        For resampling and fitting.
    refusal : str
        What the method said where it failed.
    """

    score: float
    seconds: float
    refusal: str = ""


@dataclass(frozen=True, eq=False)
class Trials:
    """Tries methods on rows.

    Attributes
    ----------
    X : array-like or DataFrame of shape (n, ...)
    labels : ndarray of shape (n,)
    classifier : classifier
    scorer : callable
        Takes a fitted classifier, X and y; higher is better.
    n_values : int
        In X.
    """

    X: Any
    labels: np.ndarray
    classifier: Any
    scorer: Any
    n_values: int

    def __call__(self, name: str, sampler: Any, split: Split) -> Trial:
        """Try a method on a split.

        Errors of the classifier and of the scorer are raised: they are not the method's.
        """
        with openmp_for(self.n_values):
            return self._tried(name, sampler, *split)

    def _tried(self, name: str, sampler: Any, train: np.ndarray, test: np.ndarray) -> Trial:
        rows, labels = _safe_indexing(self.X, train), self.labels[train]
        start = time.perf_counter()
        if sampler is not None:
            try:
                rows, labels = clone(sampler).fit_resample(rows, labels)
            except (TypeError, ValueError) as error:
                return Trial(np.nan, np.nan, str(error))
        try:
            fitted = clone(self.classifier).fit(rows, labels)
            seconds = time.perf_counter() - start
            score = self.scorer(fitted, _safe_indexing(self.X, test), self.labels[test])
        except Exception as error:
            error.add_note(f"The classifier or the scorer raised this, on training rows resampled by {name}.")
            raise
        if not isinstance(score, Real) or not math.isfinite(score):
            raise ValueError(f"scoring must give a finite number for each fitted classifier, but it gave {score!r}.")
        return Trial(float(score), seconds)


@dataclass(frozen=True)
class Budget:
    """What the trials may cost. Splits are tried as a whole, so that all methods meet the same ones.

    Attributes
    ----------
    max_fits : int, optional
        Fits of the classifier.
    time_limit : float, optional
        Seconds; two splits are tried in any case.
    """

    max_fits: int | None
    time_limit: float | None

    def affordable(self, drawn: list[Split], n_methods: int) -> list[Split]:
        """The splits that the number of fits allows.

        Raises
        ------
        ValueError
            If there are fewer than two.
        """
        if self.max_fits is None:
            return drawn
        n_splits = self.max_fits // n_methods
        if n_splits < MIN_SPLITS:
            raise ValueError(
                f"max_fits must allow {MIN_SPLITS} splits of {n_methods} methods, which are {MIN_SPLITS * n_methods} "
                f"fits, but it is {self.max_fits}: allow more, or give fewer samplers or amounts."
            )
        return drawn[:n_splits]

    def is_spent(self, seconds: list[float]) -> bool:
        """Whether another split would take longer than there is time, after splits of so many seconds."""
        if self.time_limit is None or len(seconds) < MIN_SPLITS:
            return False
        return sum(seconds) + max(seconds) > self.time_limit


class Progress:
    """Prints the cost before the trials start, and the scores of each split as they come, if `verbose`."""

    def __init__(self, verbose: int, methods: list[str], n_splits: int, classifier: str, n_rows: int) -> None:
        self._console = Console(quiet=not verbose, highlight=False, soft_wrap=True)
        self._methods, self._n_splits, self._start = methods, n_splits, time.perf_counter()
        n_fits = len(methods) * n_splits
        self._say(f"{len(methods)} methods on {n_splits} splits of {n_rows} rows: {n_fits} fits of {classifier}")

    def _say(self, text: str) -> None:
        self._console.print(text, markup=False)

    def judged(self, outcomes: list[list[Trial]]) -> None:
        """The last of the splits so far."""
        scores = (f"{name} {trial.score:.4f}" for name, trial in zip(self._methods, outcomes[-1], strict=True))
        seconds = time.perf_counter() - self._start
        left = seconds / len(outcomes) * (self._n_splits - len(outcomes))
        until = f", about {left:.0f} s left" if left else ""
        self._say(f"split {len(outcomes)}/{self._n_splits}: {', '.join(scores)}; {seconds:.1f} s{until}")

    def ended(self, n_done: int) -> None:
        """Splits that time was left for."""
        self._say(f"time_limit is spent after {n_done} of {self._n_splits} splits")
