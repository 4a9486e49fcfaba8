"""What paired scores say, be they paired by draw or by data set: means, differences and their tests."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gan_oversampler.comparison._measure.classifier_metrics import AT_RECALL, RANKING
from gan_oversampler.comparison._outcome.statistics import PairedTest, corrected_t_test, holm

Floats = npt.NDArray[np.float64]
_RANKING_AND_CALIBRATION = (*RANKING, *AT_RECALL, "brier", "brier_corrected")
_SAME_RANKING_AS_NOTHING = "tuned threshold"


@dataclass(frozen=True)
class Difference:
    """The difference of one method from a rival, paired over draws or over data sets.

    Attributes
    ----------
    rival : str
    test : PairedTest
        Of the method's score minus the rival's.
    p_holm : float
        The p-value of the t-test after Holm's correction over all rivals.
    p_wilcoxon : float
        That of Wilcoxon's signed-rank test, corrected in the same way; NaN over draws, where it is not made.
    n_compared : int
        Rivals that Holm's correction is over.
    """

    rival: str
    test: PairedTest
    p_holm: float
    p_wilcoxon: float = float("nan")
    n_compared: int = 1

    @property
    def detectable(self) -> float:
        """The least true difference that the test finds in 80 % of cases at the strictest step of Holm's correction."""
        return self.test.detectable(0.05 / self.n_compared)

    @property
    def significant(self) -> bool:
        """Whether the corrected p-value is below .05, of both tests where there are two."""
        return self.p_holm < 0.05 and not self.p_wilcoxon >= 0.05


def corrected(tests: Mapping[str, PairedTest], wilcoxon: Mapping[str, float] | None = None) -> list[Difference]:
    """Tests against several rivals, with Holm's correction over the rivals."""
    p_values = holm([test.p_value for test in tests.values()])
    ranked = holm([(wilcoxon or {}).get(rival, float("nan")) for rival in tests])
    n_compared = max(1, int((~np.isnan(p_values)).sum()))
    return [
        Difference(rival, test, float(p), float(p_ranked), n_compared)
        for (rival, test), p, p_ranked in zip(tests.items(), p_values, ranked, strict=True)
    ]


class PairedScores(ABC):
    """Scores of several methods, each in the same draws or on the same data sets."""

    methods: list[str]
    rivals: list[str]
    classifiers: list[str]

    @abstractmethod
    def scores(self, method: str, metric: str = "average_precision", classifier: str | None = None) -> Floats:
        """A score per draw or data set; NaN where there is none."""

    @property
    @abstractmethod
    def focus(self) -> str:
        """The method that the report is about."""

    @abstractmethod
    def _test_train_ratio(self, *methods: str) -> float:
        """How far training sets overlap, for the corrected test."""

    def _compared(self) -> list[str]:
        """All whose means are set side by side."""
        return self.methods

    def common(self, metric: str = "average_precision", classifier: str | None = None) -> npt.NDArray[np.bool_]:
        """Where every method has a score that has one at all: means are taken over these alone.

        A method that failed where all do badly would look good by its mean over the rest.
        """
        known = ~np.isnan([self.scores(method, metric, classifier) for method in self._compared()])
        took_part = known[known.any(axis=1)]
        return np.logical_and.reduce(took_part, axis=0)

    def common_scores(self, method: str, metric: str = "average_precision", classifier: str | None = None) -> Floats:
        """The scores that enter the mean."""
        return self.scores(method, metric, classifier)[self.common(metric, classifier)]

    def mean(self, method: str, metric: str = "average_precision", classifier: str | None = None) -> float:
        """Mean over what all methods have in common (see `common`)."""
        values = self.common_scores(method, metric, classifier)
        return float(values.mean()) if len(values) else float("nan")

    def difference(
        self, method: str, other: str, metric: str = "average_precision", classifier: str | None = None
    ) -> Floats:
        """`method` minus `other`, pair by pair."""
        return self.scores(method, metric, classifier) - self.scores(other, metric, classifier)

    def paired(
        self, method: str, other: str, metric: str = "average_precision", classifier: str | None = None
    ) -> PairedTest:
        """Paired t-test of `method` minus `other`, corrected for draws that share training rows."""
        difference = self.difference(method, other, metric, classifier)
        return corrected_t_test(difference, self._test_train_ratio(method, other))

    def rivals_of(self, method: str, metric: str = "average_precision") -> list[str]:
        """All other methods that see as many rows. `tuned threshold` ranks like `nothing`, so it is compared on
        decision metrics only."""
        left_out = {method} | ({_SAME_RANKING_AS_NOTHING} if metric in _RANKING_AND_CALIBRATION else set())
        return [rival for rival in self.rivals if rival not in left_out]

    def differences(
        self, method: str | None = None, metric: str = "average_precision", classifier: str | None = None
    ) -> list[Difference]:
        """The paired difference of `method` from each rival, with Holm's correction over the rivals."""
        method = method or self.focus
        rivals = self.rivals_of(method, metric)
        return corrected({rival: self.paired(method, rival, metric, classifier) for rival in rivals})
