"""Displays of a comparison: each stores what it draws, accepts `ax`, and returns itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gan_oversampler.comparison._measure.classifier_metrics import RECALL_LEVELS, expand_curve
from gan_oversampler.comparison._measure.methods import BASELINE
from gan_oversampler.comparison._outcome.result_table import NAMES
from gan_oversampler.comparison._outcome.scores import Scores
from gan_oversampler.inspection._display import GENERATED, MUTED, PALETTE, REAL, Display, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_FOCUS, _PLAIN = GENERATED, REAL
_DASHES = ("-", "--", "-.", ":")


@dataclass
class MethodsDisplay(Display):
    """A point per method: the mean over draws, its 95 % interval and the single draws.

    The interval is that of the corrected resampled t-test; it belongs to the method's own mean, so
    overlapping intervals do not mean that a *paired* difference is zero.

    Attributes
    ----------
    names, means, low, high : list
    draws : list of ndarray
        The scores of each method, a score per draw.
    metric, classifier, focus : str
    ax_, figure_ : matplotlib objects, after `plot`
    """

    names: list[str]
    means: list[float]
    low: list[float]
    high: list[float]
    draws: list[Any]
    metric: str
    classifier: str
    focus: str

    @classmethod
    def from_comparison(
        cls, comparison: Scores, metric: str = "average_precision", classifier: str | None = None
    ) -> MethodsDisplay:
        names = comparison.methods
        draws = [comparison.common_scores(name, metric, classifier) for name in names]
        tests = [comparison.interval_test(name, metric, classifier) for name in names]
        judge = classifier or comparison.classifiers[0]
        means, low, high = ([getattr(test, what) for test in tests] for what in ("mean", "low", "high"))
        return cls(names, means, low, high, draws, metric, judge, comparison.focus)

    def plot(self, ax: Axes | None = None) -> MethodsDisplay:
        ax = new_axes(ax, 7, 0.8 + 0.32 * len(self.names))
        for place, name in enumerate(self.names):
            color = _FOCUS if name == self.focus else _PLAIN
            ax.plot(self.draws[place], np.full(len(self.draws[place]), place), "|", color=color, alpha=0.5)
            interval = np.clip([self.low[place], self.high[place]], 0, 1)  # no score lies beyond
            ax.plot(interval, [place, place], color=color, lw=1.5)
            ax.plot(self.means[place], place, "o", color=color)
        if BASELINE in self.names:
            ax.axvline(self.means[self.names.index(BASELINE)], color="0.6", lw=0.8, ls=":")
        ax.set_yticks(range(len(self.names)), self.names)
        ax.set_ylim(len(self.names) - 0.4, -0.6)
        ax.set_xlabel(f"{NAMES[self.metric]} on held-out rows (mean, 95 % interval, draws)")
        ax.set_title(self.classifier)
        return self._drawn_on(ax)


@dataclass
class LearningCurveDisplay(Display):
    """The score with nothing done against the number of real minority rows, and each method on that curve.

    Attributes
    ----------
    sizes : list of int
    curve : list of float
    methods : dict of name to score
    classifier, focus : str
    ax_, figure_ : matplotlib objects, after `plot`
    """

    sizes: list[int]
    curve: list[float]
    methods: dict[str, float]
    classifier: str
    focus: str

    @classmethod
    def from_comparison(cls, comparison: Scores, classifier: str | None = None) -> LearningCurveDisplay:
        sizes, curve = comparison.learning_curve(classifier=classifier)
        names = comparison.rivals_of(BASELINE)
        methods = {name: comparison.mean(name, classifier=classifier) for name in names}
        known = {name: score for name, score in methods.items() if not np.isnan(score)}
        return cls(sizes, curve, known, classifier or comparison.classifiers[0], comparison.focus)

    def _label_places(self, ax: Axes) -> dict[str, float]:
        """Heights of the labels: those of the scores, moved apart both ways until they do not overlap."""
        low, high = ax.get_ylim()
        gap = (high - low) / 20
        ordered = sorted(self.methods, key=lambda name: self.methods[name])
        scores = np.array([self.methods[name] for name in ordered])
        steps = gap * np.arange(len(scores))
        upwards = np.maximum.accumulate(scores - steps) + steps
        downwards = np.minimum.accumulate((scores - steps)[::-1])[::-1] + steps
        return dict(zip(ordered, ((upwards + downwards) / 2).tolist(), strict=True))

    def plot(self, ax: Axes | None = None) -> LearningCurveDisplay:
        ax = new_axes(ax, 7, 4.5)
        ax.plot(self.sizes, self.curve, "o-", color="0.25", label="nothing done")
        ax.set_xscale("log")
        right = self.sizes[-1] * 1.15
        for name, score in self.methods.items():
            color = _FOCUS if name == self.focus else _PLAIN
            ax.plot([self.sizes[0], right], [score, score], color=color, lw=0.9, alpha=0.7)
            ax.plot(self.sizes[0], score, "o", color=color, ms=4)
        for name, place in self._label_places(ax).items():
            color = _FOCUS if name == self.focus else _PLAIN
            ax.annotate(
                name, (right, self.methods[name]), (right * 1.08, place), color=color, fontsize=8,
                va="center", annotation_clip=False,
                arrowprops={"arrowstyle": "-", "color": color, "lw": 0.5, "relpos": (0, 0.5)},
            )  # fmt: skip
        ax.set_xlim(right=right)
        ax.set_xticks(self.sizes, [f"{size:,}" for size in self.sizes])
        ax.set_xticks([], minor=True)
        ax.set_xlabel("real minority rows in training")
        ax.set_ylabel(NAMES["average_precision"])
        ax.set_title(f"What a method is worth in real rows, {self.classifier}")
        ax.legend(loc="lower right")
        return self._drawn_on(ax)


@dataclass
class PrecisionRecallDisplay(Display):
    """Precision against recall on held-out rows, the mean over draws and classifier seeds.

    Attributes
    ----------
    recall : ndarray of shape (101,)
    precision : dict of name to ndarray of shape (101,)
    classifier, focus : str
    ax_, figure_ : matplotlib objects, after `plot`
    """

    recall: Any
    precision: dict[str, Any]
    classifier: str
    focus: str

    @classmethod
    def from_comparison(
        cls, comparison: Scores, methods: Iterable[str] | None = None, classifier: str | None = None
    ) -> PrecisionRecallDisplay:
        names = comparison.methods if methods is None else list(methods)
        common = comparison.common_draws(classifier)
        precision = {}
        for name in names:
            rows = [row for row in comparison.rows(name, classifier) if row["draw"] in common]
            curves = [row["precision_at_recall"] for row in rows]
            if known := [expand_curve(text) for text in curves if text]:
                precision[name] = np.mean(known, axis=0)
        return cls(RECALL_LEVELS, precision, classifier or comparison.classifiers[0], comparison.focus)

    def _looks(self) -> dict[str, dict[str, Any]]:
        """Colour, dashes and width of each line: the focus strong, oracles black, nothing done grey."""
        rivals = [name for name in self.precision if name not in (self.focus, BASELINE) and "oracle" not in name]
        looks = {
            name: {"color": PALETTE[i % len(PALETTE)], "ls": _DASHES[i // len(PALETTE) % len(_DASHES)]}
            for i, name in enumerate(rivals)
        }
        oracles = [name for name in self.precision if name.startswith("oracle")]
        looks |= {name: {"color": "0.15", "ls": _DASHES[1 + i % 3]} for i, name in enumerate(oracles)}
        return looks | {BASELINE: {"color": MUTED, "ls": ":", "lw": 2}, self.focus: {"color": _FOCUS, "lw": 2.6}}

    def plot(self, ax: Axes | None = None) -> PrecisionRecallDisplay:
        ax = new_axes(ax, 7, 5)
        looks = self._looks()
        for name, precision in self.precision.items():
            ax.plot(self.recall, precision, **{"lw": 1.2, **looks[name]}, label=name)
        ax.set_xlim(*self._interesting())
        ax.set_xlabel("recall")
        ax.set_ylabel("precision (best at this recall or beyond)")
        ax.set_title(self.classifier)
        ax.legend(fontsize=8, loc="lower left")
        return self._drawn_on(ax)

    def _interesting(self) -> tuple[float, float]:
        """From a little before the first method loses precision, to full recall."""
        lowest = np.min(list(self.precision.values()), axis=0)
        falls = np.flatnonzero(lowest < lowest[0] - 0.01)
        start = self.recall[falls[0]] - 0.15 if len(falls) else 0.0
        return max(0.0, float(start)), 1.005
