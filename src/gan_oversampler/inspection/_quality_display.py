"""The quality report as a picture."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sklearn.utils.validation import check_is_fitted

from gan_oversampler._classes.quality import NAMES, QualityReport
from gan_oversampler.inspection._arguments import learned
from gan_oversampler.inspection._display import GENERATED, REAL, Display, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_RIGHT_END = 1.5  # density and kernel distance have no upper limit; their numbers are written next to the bars


@dataclass
class QualityDisplay(Display):
    """A bar for each metric of the generated rows, and a mark for that of other real rows.

    Precision, recall, density, coverage, spread and label agreement of good rows reach their marks; the other bars stay
    below theirs. Bars longer than the axis are cut; their numbers are not.

    Parameters
    ----------
    report : QualityReport
    title : str

    Attributes
    ----------
    ax_, figure_ : matplotlib objects, after `plot`
    """

    report: QualityReport
    title: str = ""

    @classmethod
    def from_estimator(cls, sampler: Any, label: Any = None) -> QualityDisplay:
        """Report of a fitted sampler.

        Parameters
        ----------
        sampler : GANOverSampler or DeformationOverSampler
        label : label, optional
            Needed if it learned several classes.
        """
        check_is_fitted(sampler, "models_")
        label, report = learned(sampler.quality_report_, label, "quality report")
        return cls.from_report(report, title=f"class {label}")

    @classmethod
    def from_report(cls, report: QualityReport, *, title: str = "") -> QualityDisplay:
        """A report of any two sets of rows.

        Raises
        ------
        ValueError
            If it holds no measurements.
        """
        if not report.scores:
            raise ValueError(f"A report with measurements is expected, but this one says: {report.explanation}")
        return cls(report, title)

    def plot(self, ax: Axes | None = None) -> QualityDisplay:
        """Draw the bars.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Where to draw; a new figure by default.
        """
        scores, reference = self.report.scores, self.report.reference
        names = list(scores)
        ax = new_axes(ax, 7, 1.4 + 0.32 * len(names))
        ax.barh(range(len(names)), [min(scores[n], _RIGHT_END) for n in names], color=GENERATED, height=0.6, alpha=0.8)
        marks = [min(reference[name], _RIGHT_END) for name in names]
        ax.plot(marks, range(len(names)), "|", color=REAL, ms=15, mew=3, label="other real rows")
        for place, name in enumerate(names):
            told = f"{scores[name]:.2f}  ({reference[name]:.2f})".replace("-0.00", "0.00")
            ax.text(_RIGHT_END + 0.03, place, told, va="center", fontsize="small")
        ax.set_yticks(range(len(names)), [NAMES[name] for name in names])
        ax.set(xlim=(min(0, *(scores[n] for n in names), *marks) - 0.02, _RIGHT_END), ylim=(len(names) - 0.5, -0.5))
        ax.set_xlabel("generated (orange) and other real rows (blue)")
        ax.set_title(textwrap.fill(f"{self.title}: {self.report.verdict}".removeprefix(": "), 60))
        ax.spines[["top", "right"]].set_visible(False)
        return self._drawn_on(ax)
