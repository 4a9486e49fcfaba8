"""The outcome of a comparison: its figures, put into advice, reports and plots."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from gan_oversampler.comparison._outcome.advice import advice
from gan_oversampler.comparison._outcome.plots import LearningCurveDisplay, MethodsDisplay, PrecisionRecallDisplay
from gan_oversampler.comparison._outcome.report import markdown_report, print_report
from gan_oversampler.comparison._outcome.scores import Scores

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class Comparison(Scores):
    """The outcome of a comparison: records, figures, advice, reports and plots.

    Parameters
    ----------
    records : list of dict
        A row per draw, method, classifier and classifier seed.

    Attributes
    ----------
    records : list of dict
    methods : list of str
        In the order in which they were run, points of the learning curve left out.
    classifiers : list of str
    draws : list of int
    """

    def advice(self, classifier: str | None = None) -> str:
        """One plain sentence: what to do with these data."""
        return advice(self, classifier)

    def report(self, method: str | None = None) -> None:
        """Print the report in the terminal."""
        print_report(self, method)

    def to_markdown(self, method: str | None = None) -> str:
        """The report as Markdown, about `method` (see `focus`)."""
        return markdown_report(self, method)

    def plot(
        self, metric: str = "average_precision", classifier: str | None = None, ax: Axes | None = None
    ) -> MethodsDisplay:
        """Draw the mean of every method with its interval."""
        return MethodsDisplay.from_comparison(self, metric, classifier).plot(ax)

    def plot_learning_curve(self, classifier: str | None = None, ax: Axes | None = None) -> LearningCurveDisplay:
        """Draw the learning curve with each method on it."""
        return LearningCurveDisplay.from_comparison(self, classifier).plot(ax)

    def plot_precision_recall(
        self, methods: Iterable[str] | None = None, classifier: str | None = None, ax: Axes | None = None
    ) -> PrecisionRecallDisplay:
        """Draw the mean precision-recall curve of each method."""
        return PrecisionRecallDisplay.from_comparison(self, methods, classifier).plot(ax)
