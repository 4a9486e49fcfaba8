"""The figures of a comparison: records, and everything that is computed from them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any, Self

import numpy as np

from gan_oversampler.comparison._measure.classifier_metrics import METRICS
from gan_oversampler.comparison._measure.methods import BASELINE, ORACLES
from gan_oversampler.comparison._measure.records import Row, read_records, score_of
from gan_oversampler.comparison._outcome.paired import Floats, PairedScores
from gan_oversampler.comparison._outcome.statistics import PairedTest, corrected_t_test, gap_closed, rows_worth

_OURS = "GANOverSampler"


def _mean(values: Iterable[float]) -> float:
    known = [v for v in values if not np.isnan(v)]
    return float(np.mean(known)) if known else float("nan")


class Scores(PairedScores):
    """Records of a comparison and the figures computed from them: see `Comparison`."""

    def __init__(self, records: list[Row]) -> None:
        if not records:
            raise ValueError("There are no records to compare.")
        self.records = list(records)
        roles = {row["method"]: row["role"] for row in records}
        self.methods = [name for name, role in roles.items() if role != "curve"]
        self.rivals = [name for name in self.methods if roles[name] != "oracle"]
        self.classifiers = list(dict.fromkeys(row["classifier"] for row in records))
        self.draws = sorted({row["draw"] for row in records})
        self._roles = roles
        self._scores: dict[tuple[str, str, str], Floats] = {}
        self._rows: dict[tuple[str, str], list[Row]] = {}
        for row in records:
            self._rows.setdefault((row["method"], row["classifier"]), []).append(row)

    @classmethod
    def from_csv(cls, path: str | os.PathLike[str]) -> Self:
        """Read the records that `compare_samplers` wrote."""
        return cls(read_records(path))

    def to_frame(self) -> Any:
        """The records as a pandas DataFrame (pandas must be installed)."""
        import pandas as pd

        return pd.DataFrame(self.records)

    def __repr__(self) -> str:
        return (
            f"<{type(self).__name__} of {len(self.methods)} methods: {len(self.draws)} draws, "
            f"{len(self.classifiers)} classifiers, "
            f"{len(self.records)} records>"
        )

    # --- what was measured
    # ------------------------------------------------------------------------------------------

    def rows(self, method: str, classifier: str | None = None) -> list[Row]:
        """The records of one method with one classifier (the first by default)."""
        judge = self.classifiers[0] if classifier is None else classifier
        return self._rows.get((method, judge), [])

    def _compared(self) -> list[str]:
        return list(self._roles)

    def scores(self, method: str, metric: str = "average_precision", classifier: str | None = None) -> Floats:
        """A score per draw, the mean of the classifier's seeds; NaN where the method failed."""
        key = method, metric, self.classifiers[0] if classifier is None else classifier
        if key not in self._scores:  # a report of 23 methods asks 7,000 times for each
            rows = self.rows(method, classifier)
            means = [_mean(score_of(row, metric) for row in rows if row["draw"] == draw) for draw in self.draws]
            self._scores[key] = np.array(means)
            self._scores[key].flags.writeable = False
        return self._scores[key]

    def common_draws(self, classifier: str | None = None) -> list[int]:
        """The draws in which every method has an average precision that has one at all."""
        return [draw for draw, shared in zip(self.draws, self.common(classifier=classifier), strict=True) if shared]

    def spread(self, method: str, metric: str = "average_precision", classifier: str | None = None) -> float:
        """Standard deviation over the draws that all methods have in common."""
        values = self.common_scores(method, metric, classifier)
        return float(values.std(ddof=1)) if len(values) > 1 else float("nan")

    def cost(self, method: str, what: str = "resample_seconds", classifier: str | None = None) -> float:
        """Median over records of "resample_seconds" or "fit_seconds", or their largest "peak_memory_mb"."""
        values = np.array([row[what] for row in self.rows(method, classifier)])
        values = values[~np.isnan(values)]
        if not len(values):
            return float("nan")
        return float(values.max() if what == "peak_memory_mb" else np.median(values))

    def summary(self, classifier: str | None = None) -> list[dict[str, Any]]:
        """A dict per method: mean and spread of every metric, gap closed, data multiplier and costs."""
        return [self._summary_of(method, classifier) for method in self.methods]

    def _summary_of(self, method: str, classifier: str | None) -> dict[str, Any]:
        line: dict[str, Any] = {"method": method}
        for metric in METRICS:
            line[metric] = self.mean(method, metric, classifier)
            line[f"{metric}_spread"] = self.spread(method, metric, classifier)
        line["gap_closed"] = self.gap_closed(method, classifier)
        line["data_multiplier"] = self.data_multiplier(method, classifier)
        for what in ("resample_seconds", "fit_seconds", "peak_memory_mb"):
            line[what] = self.cost(method, what, classifier)
        return line

    # --- how methods compare
    # ----------------------------------------------------------------------------------------

    def _test_train_ratio(self, *methods: str) -> float:
        """Held-out rows per row that the methods were given; the fewest rows count."""
        rows = [row for row in self.records if row["method"] in methods]
        return max(row["n_test"] / (row["n_minority"] + row["n_majority"]) for row in rows)

    def interval_test(
        self, method: str, metric: str = "average_precision", classifier: str | None = None
    ) -> PairedTest:
        """The corrected test of a method's own mean, for its interval."""
        return corrected_t_test(self.common_scores(method, metric, classifier), self._test_train_ratio(method))

    @property
    def focus(self) -> str:
        """The method that the report is about: GANOverSampler, otherwise the user's first, otherwise the best rival."""
        candidates = [_OURS, *(name for name in self.rivals if self._roles[name] == "sampler")]
        return next((name for name in candidates if name in self.rivals), self.best())

    def best(self, metric: str = "average_precision", classifier: str | None = None) -> str:
        """The method with the highest mean, oracles left out; the earlier one in a tie."""
        means = np.array([self.mean(method, metric, classifier) for method in self.rivals])
        return self.rivals[int(np.argmax(np.nan_to_num(means, nan=-np.inf)))]

    # --- what a method is worth in real data
    # ------------------------------------------------------------------------

    def oracle(self, classifier: str | None = None) -> str | None:
        """The better of all real minority rows unchanged and balanced, or None if no rows were removed."""
        there = [
            name for name in ORACLES if name in self.methods and not np.isnan(self.mean(name, classifier=classifier))
        ]
        return max(there, key=lambda name: self.mean(name, classifier=classifier), default=None)

    def gap_closed(self, method: str, classifier: str | None = None) -> float:
        """(AP - AP of nothing) / (AP of the oracle - AP of nothing); NaN without an oracle that is better
        than nothing."""
        oracle = self.oracle(classifier)
        if oracle is None:
            return float("nan")
        return gap_closed(*(self.mean(name, classifier=classifier) for name in (method, BASELINE, oracle)))

    def learning_curve(
        self, metric: str = "average_precision", classifier: str | None = None
    ) -> tuple[list[int], list[float]]:
        """Real minority rows, and the mean score with nothing done to them."""
        names = [BASELINE, "oracle", *(name for name, role in self._roles.items() if role == "curve")]
        points = {
            self.rows(name, classifier)[0]["n_minority"]: self.mean(name, metric, classifier)
            for name in names
            if self.rows(name, classifier)
        }
        known = sorted((size, score) for size, score in points.items() if not np.isnan(score))
        return [size for size, _ in known], [score for _, score in known]

    def data_multiplier(self, method: str, classifier: str | None = None) -> float:
        """How many times the minority rows, with nothing done, give the same average precision.

        Read off the measured learning curve; 0 below it, infinity above it, NaN where there is none.
        """
        sizes, scores = self.learning_curve(classifier=classifier)
        if len(sizes) < 2:
            return float("nan")
        return rows_worth(self.mean(method, classifier=classifier), sizes, scores) / sizes[0]
