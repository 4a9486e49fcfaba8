"""Comparisons on several data sets, or on several classes of one, put into reports."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from gan_oversampler.comparison._outcome.comparison import Comparison
from gan_oversampler.comparison._outcome.pooled_report import markdown_report, print_report
from gan_oversampler.comparison._outcome.pooled_scores import PooledScores


class PooledComparison(PooledScores):
    """Several comparisons taken together.

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

    @classmethod
    def from_csv(cls, paths: Iterable[str | os.PathLike[str]]) -> PooledComparison:
        """Read files of records, each a data set named by its file."""
        return cls({Path(path).stem: Comparison.from_csv(path) for path in paths})

    def to_markdown(self, method: str | None = None) -> str:
        """The report as Markdown, about `method` (see `focus`)."""
        return markdown_report(self, method or self.focus)

    def report(self, method: str | None = None) -> None:
        """Print the report in the terminal."""
        print_report(self, method or self.focus)
