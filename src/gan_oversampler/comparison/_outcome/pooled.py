"""Comparisons on several data sets, or on several classes of one, put into reports."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from gan_oversampler.comparison._outcome.comparison import Comparison
from gan_oversampler.comparison._outcome.pooled_report import markdown_report, print_report
from gan_oversampler.comparison._outcome.pooled_scores import DATA_SETS, PooledScores


def names_of(paths: Sequence[Path]) -> list[str]:
    """A name for every file: its stem, or as much of its path as tells it from the others.

    Raises
    ------
    ValueError
        A file is given twice.
    """
    whole = [path.resolve() for path in paths]
    if twice := [str(path) for path, n in Counter(whole).items() if n > 1]:
        raise ValueError(f"Each file of records counts as a data set of its own, but {twice[0]} is given twice.")
    stems = [path.stem for path in paths]
    if len(set(stems)) == len(stems):
        return stems
    folder = os.path.commonpath([path.parent for path in whole])
    return [path.relative_to(folder).as_posix() for path in whole]


class PooledComparison(PooledScores):
    """Several comparisons taken together.

    Parameters
    ----------
    comparisons : mapping of name to Comparison
        One per data set, or one per class of a data set. Methods and classifiers that some comparisons lack are
        left out.
    unit : str, default="data sets"
        What the comparisons are, in the plural: "digits of one data set" where classes of the same data are
        pooled. The report says so, since tests over classes of one data set tell nothing of other data.

    Attributes
    ----------
    names : list of str
    methods, classifiers : list of str

    Notes
    -----
    Each data set gives one number, the mean over its draws, and the tests are over data sets. They say whether a
    difference carries over to the next data set, and not only to the next draw of the same one. For draws of one
    data set see `Comparison.differences`.
    Two tests stand side by side: the paired t-test, which assumes normal differences, and Wilcoxon's signed-rank
    test, which does not, and which Demšar advises over data sets.
    Fewer than six data sets are too few for that. If each has several draws, the corrected t-tests over these are
    combined by Stouffer instead (see `combined_test`), which says nothing of the next data set.

    References
    ----------
    Demšar, J. (2006). Statistical comparisons of classifiers over multiple data sets. JMLR 7, 1-30.
    """

    @classmethod
    def from_csv(cls, paths: Iterable[str | os.PathLike[str]], unit: str = DATA_SETS) -> PooledComparison:
        """Read files of records, each a data set named by its file, or by folder and file where names repeat."""
        files = [Path(path) for path in paths]
        return cls({name: Comparison.from_csv(file) for name, file in zip(names_of(files), files, strict=True)}, unit)

    def to_markdown(self, method: str | None = None) -> str:
        """The report as Markdown, about `method` (see `focus`)."""
        return markdown_report(self, method or self.focus)

    def report(self, method: str | None = None) -> None:
        """Print the report in the terminal."""
        print_report(self, method or self.focus)
