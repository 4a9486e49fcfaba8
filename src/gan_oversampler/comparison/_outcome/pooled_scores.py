"""Comparisons on several data sets, or on several classes of one, taken together: each counts the same."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from gan_oversampler.comparison._measure.metrics import LOWER_IS_BETTER
from gan_oversampler.comparison._outcome.scores import Difference, Scores, corrected
from gan_oversampler.comparison._outcome.statistics import PairedTest, corrected_t_test

Floats = npt.NDArray[np.float64]


class PooledScores:
    """The figures of several comparisons taken together.

    Parameters
    ----------
    comparisons : mapping of name to Comparison
        One per data set, or one per class of a data set. Methods and classifiers that some comparisons lack are
        left out.

    Attributes
    ----------
    names : list of str
    methods, classifiers : list of str

    Notes
    -----
    Each data set gives one number, the mean over its draws, and the tests are over data sets. They say whether a
    difference carries over to the next data set, and not only to the next draw of the same one. For draws of one
    data set see `Comparison.differences`.

    References
    ----------
    Demšar, J. (2006). Statistical comparisons of classifiers over multiple data sets. JMLR 7, 1-30.
    """

    def __init__(self, comparisons: Mapping[str, Scores]) -> None:
        if not comparisons:
            raise ValueError("There are no comparisons to pool: give at least one.")
        self.comparisons = dict(comparisons)
        self.names = list(self.comparisons)
        self.methods = self._in_all("methods")
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

    def rivals_of(self, method: str, metric: str = "average_precision") -> list[str]:
        """All other methods that see as many rows, on every data set."""
        first = next(iter(self.comparisons.values()))
        return [rival for rival in first.rivals_of(method, metric) if rival in self.methods]

    def paired(
        self, method: str, other: str, metric: str = "average_precision", classifier: str | None = None
    ) -> PairedTest:
        """Paired t-test over data sets of `method` minus `other`."""
        difference = self.scores(method, metric, classifier) - self.scores(other, metric, classifier)
        return corrected_t_test(difference, 0.0)

    def differences(
        self, method: str | None = None, metric: str = "average_precision", classifier: str | None = None
    ) -> list[Difference]:
        """The paired difference of `method` from each rival, with Holm's correction over the rivals."""
        method = method or self.focus
        rivals = self.rivals_of(method, metric)
        return corrected({rival: self.paired(method, rival, metric, classifier) for rival in rivals})

    def ahead(
        self, method: str, rival: str, metric: str = "average_precision", classifier: str | None = None
    ) -> npt.NDArray[np.bool_]:
        """On which data sets `method` has the better mean: ndarray of shape (n_datasets,)."""
        difference = self.scores(method, metric, classifier) - self.scores(rival, metric, classifier)
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
