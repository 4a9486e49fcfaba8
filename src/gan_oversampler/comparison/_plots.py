"""Displays of a comparison: each stores what it draws, accepts `ax`, and returns itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from ._methods import BASELINE
from ._metrics import RECALL_LEVELS, expand_curve
from ._report import NAMES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ._comparison import Comparison

_FOCUS, _PLAIN = "#c1432e", "#3b6ea5"


def _axes(ax: Axes | None, width: float, height: float) -> Axes:
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    return plt.subplots(figsize=(width, height), layout="constrained")[1]


@dataclass
class MethodsDisplay:
    """A point per method: the mean over draws, its 95 % interval and the single draws.

    The interval is that of the corrected resampled t-test; it belongs to the method's own mean, so
    overlapping intervals do not say that a *paired* difference is nought.

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
    ax_: Axes | None = field(default=None, init=False)
    figure_: Figure | None = field(default=None, init=False)

    @classmethod
    def from_comparison(
        cls, comparison: Comparison, metric: str = "average_precision", classifier: str | None = None
    ) -> MethodsDisplay:
        from ._statistics import corrected_t_test

        names = comparison.methods
        draws = [comparison.scores(name, metric, classifier) for name in names]
        tests = [corrected_t_test(scores, comparison.test_train_ratio) for scores in draws]
        judge = classifier or comparison.classifiers[0]
        means, low, high = ([getattr(test, what) for test in tests] for what in ("mean", "low", "high"))
        return cls(names, means, low, high, draws, metric, judge, comparison.focus)

    def plot(self, ax: Axes | None = None) -> MethodsDisplay:
        ax = _axes(ax, 7, 0.8 + 0.32 * len(self.names))
        for place, name in enumerate(self.names):
            color = _FOCUS if name == self.focus else _PLAIN
            ax.plot(self.draws[place], np.full(len(self.draws[place]), place), "|", color=color, alpha=0.5)
            ax.plot([self.low[place], self.high[place]], [place, place], color=color, lw=1.5)
            ax.plot(self.means[place], place, "o", color=color)
        if BASELINE in self.names:
            ax.axvline(self.means[self.names.index(BASELINE)], color="0.6", lw=0.8, ls=":")
        ax.set_yticks(range(len(self.names)), self.names)
        ax.invert_yaxis()
        ax.set_xlabel(f"{NAMES[self.metric]} on held-out rows (mean, 95 % interval, draws)")
        ax.set_title(self.classifier)
        self.ax_, self.figure_ = ax, ax.figure  # type: ignore[assignment]
        return self


@dataclass
class LearningCurveDisplay:
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
    ax_: Axes | None = field(default=None, init=False)
    figure_: Figure | None = field(default=None, init=False)

    @classmethod
    def from_comparison(cls, comparison: Comparison, classifier: str | None = None) -> LearningCurveDisplay:
        sizes, curve = comparison.learning_curve(classifier=classifier)
        names = comparison.rivals_of(BASELINE)
        methods = {name: comparison.mean(name, classifier=classifier) for name in names}
        known = {name: score for name, score in methods.items() if not np.isnan(score)}
        return cls(sizes, curve, known, classifier or comparison.classifiers[0], comparison.focus)

    def _label_places(self, ax: Axes) -> dict[str, float]:
        """Heights of the labels: those of the scores, moved apart until they do not overlap."""
        low, high = ax.get_ylim()
        gap = (high - low) / 22
        ordered = sorted(self.methods, key=lambda name: self.methods[name])
        places: list[float] = []
        for name in ordered:
            places.append(max(self.methods[name], places[-1] + gap if places else -np.inf))
        shift = max(0.0, places[-1] - high) if places else 0.0
        return {name: place - shift for name, place in zip(ordered, places, strict=True)}

    def plot(self, ax: Axes | None = None) -> LearningCurveDisplay:
        ax = _axes(ax, 7, 4.5)
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
                va="center", annotation_clip=False, arrowprops={"arrowstyle": "-", "color": color, "lw": 0.5},
            )  # fmt: skip
        ax.set_xlim(right=right)
        ax.set_xticks(self.sizes, [f"{size:,}" for size in self.sizes])
        ax.set_xticks([], minor=True)
        ax.set_xlabel("real minority rows in training")
        ax.set_ylabel(NAMES["average_precision"])
        ax.set_title(f"What a method is worth in real rows, {self.classifier}")
        ax.legend(loc="lower right")
        self.ax_, self.figure_ = ax, ax.figure  # type: ignore[assignment]
        return self


@dataclass
class PrecisionRecallDisplay:
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
    ax_: Axes | None = field(default=None, init=False)
    figure_: Figure | None = field(default=None, init=False)

    @classmethod
    def from_comparison(
        cls, comparison: Comparison, methods: Iterable[str] | None = None, classifier: str | None = None
    ) -> PrecisionRecallDisplay:
        names = comparison.methods if methods is None else list(methods)
        precision = {}
        for name in names:
            curves = [row["precision_at_recall"] for row in comparison.rows(name, classifier)]
            if known := [expand_curve(text) for text in curves if text]:
                precision[name] = np.mean(known, axis=0)
        return cls(RECALL_LEVELS, precision, classifier or comparison.classifiers[0], comparison.focus)

    def plot(self, ax: Axes | None = None) -> PrecisionRecallDisplay:
        import matplotlib as mpl

        ax = _axes(ax, 7, 5)
        colors = mpl.colormaps["tab20"].colors  # type: ignore[attr-defined]
        for i, (name, precision) in enumerate(self.precision.items()):
            width = 2.4 if name == self.focus else 1.2
            dashes = "--" if name.startswith("oracle") else ":" if name == BASELINE else "-"
            ax.plot(self.recall, precision, dashes, lw=width, color=colors[i % 20], label=name)
        ax.set_xlabel("recall")
        ax.set_ylabel("precision (best at this recall or beyond)")
        ax.set_title(self.classifier)
        ax.legend(fontsize=8, loc="lower left")
        self.ax_, self.figure_ = ax, ax.figure  # type: ignore[assignment]
        return self
