"""Comparisons on several data sets, or on several classes of one, taken together: each counts the same."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from gan_oversampler.comparison._measure.classifier_metrics import LOWER_IS_BETTER
from gan_oversampler.comparison._outcome.paired import Difference, Floats, PairedScores, corrected
from gan_oversampler.comparison._outcome.scores import Scores
from gan_oversampler.comparison._outcome.statistics import PairedTest, combined_test, wilcoxon_p

DATA_SETS = "data sets"
FEWEST_UNITS = 6
"""With five, Wilcoxon's test has no p-value below 2 / 2**5 = .0625."""


class PooledScores(PairedScores):
    """The figures of several comparisons taken together, each counting the same: see `PooledComparison`."""

    def __init__(self, comparisons: Mapping[str, Scores], unit: str = DATA_SETS) -> None:
        if not comparisons:
            raise ValueError("There are no comparisons to pool: give at least one.")
        self.comparisons = dict(comparisons)
        self.unit = unit
        self.names = list(self.comparisons)
        self.methods = self._in_all("methods")
        self.rivals = self._in_all("rivals")
        self.classifiers = self._in_all("classifiers")
        if not self.methods or not self.classifiers:
            raise ValueError(
                f"The comparisons {self.names} share no method or no classifier: pool those of one protocol only."
            )

    def _in_all(self, what: str) -> list[str]:
        lists = [getattr(comparison, what) for comparison in self.comparisons.values()]
        return [name for name in lists[0] if all(name in other for other in lists)]

    def scores(self, method: str, metric: str = "average_precision", classifier: str | None = None) -> Floats:
        """The mean over draws on each data set: ndarray of shape (n_datasets,)."""
        judge = classifier or self.classifiers[0]
        return np.array([c.mean(method, metric, judge) for c in self.comparisons.values()])

    def gaps_closed(self, method: str, classifier: str | None = None) -> Floats:
        """The gap closed on each data set; NaN where there is none."""
        judge = classifier or self.classifiers[0]
        return np.array([c.gap_closed(method, judge) for c in self.comparisons.values()])

    def data_multipliers(self, method: str, classifier: str | None = None) -> Floats:
        """The data multiplier on each data set, at most the largest on its learning curve."""
        judge = classifier or self.classifiers[0]
        found = [min(c.data_multiplier(method, judge), _largest_multiple(c, judge)) for c in self.comparisons.values()]
        return np.array(found)

    def _test_train_ratio(self, *methods: str) -> float:
        """Rows of one data set are not those of another."""
        return 0.0

    @property
    def over_draws(self) -> bool:
        """Whether tests are over the draws of each data set: data sets are too few, and each has several draws."""
        draws = [len(comparison.draws) for comparison in self.comparisons.values()]
        return len(draws) < FEWEST_UNITS and min(draws) > 1

    def paired(
        self, method: str, other: str, metric: str = "average_precision", classifier: str | None = None
    ) -> PairedTest:
        """Paired test of `method` minus `other`: over data sets, or combined from tests over the draws of each."""
        if not self.over_draws:
            return super().paired(method, other, metric, classifier)
        judge = classifier or self.classifiers[0]
        return combined_test([c.paired(method, other, metric, judge) for c in self.comparisons.values()])

    def differences(
        self, method: str | None = None, metric: str = "average_precision", classifier: str | None = None
    ) -> list[Difference]:
        """The paired difference of `method` from each rival, with Holm's correction over the rivals.

        By two tests over data sets, or by one that combines the draws of each (see `over_draws`).
        """
        method = method or self.focus
        rivals = self.rivals_of(method, metric)
        tests = {rival: self.paired(method, rival, metric, classifier) for rival in rivals}
        if self.over_draws:
            return corrected(tests)
        return corrected(tests, {r: wilcoxon_p(self.difference(method, r, metric, classifier)) for r in rivals})

    def ahead(
        self, method: str, rival: str, metric: str = "average_precision", classifier: str | None = None
    ) -> npt.NDArray[np.bool_]:
        """On which data sets `method` has the better mean: ndarray of shape (n_datasets,)."""
        difference = self.difference(method, rival, metric, classifier)
        return difference < 0 if metric in LOWER_IS_BETTER else difference > 0

    def worse_on(
        self, method: str, rival: str, metric: str = "average_precision", classifier: str | None = None
    ) -> list[str]:
        """Data sets on which `method` is significantly worse than the rival, by the test over its draws.

        Holm's correction is over the data sets.
        """
        judge = classifier or self.classifiers[0]
        tests = {name: c.paired(method, rival, metric, judge) for name, c in self.comparisons.items()}
        ahead = self.ahead(method, rival, metric, classifier)
        found = zip(self.names, ahead, corrected(tests), strict=True)
        return [name for name, is_ahead, difference in found if difference.significant and not is_ahead]

    @property
    def focus(self) -> str:
        """The method that the report is about: see `Comparison.focus`."""
        first = next(iter(self.comparisons.values()))
        return first.focus if first.focus in self.methods else self.methods[-1]


def _largest_multiple(comparison: Scores, classifier: str) -> float:
    sizes, _ = comparison.learning_curve(classifier=classifier)
    return sizes[-1] / sizes[0] if len(sizes) > 1 else float("nan")
