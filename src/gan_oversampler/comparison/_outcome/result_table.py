"""A table of figures in words, for Markdown and the terminal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gan_oversampler.comparison._measure.classifier_metrics import AT_RECALL, LOWER_IS_BETTER
from gan_oversampler.comparison._outcome.paired import Difference
from gan_oversampler.comparison._outcome.statistics import PairedTest

if TYPE_CHECKING:
    from rich.console import Console

NAMES = {
    "average_precision": "average precision",
    "roc_auc": "ROC AUC",
    **{name: f"precision at recall .{recall * 10:.0f}" for name, recall in AT_RECALL.items()},
    "balanced_accuracy": "balanced accuracy",
    "g_mean": "G-mean",
    "f1": "F1",
    "recall": "recall",
    "precision": "precision",
    "brier": "Brier",
    "brier_corrected": "Brier, prior-corrected",
    "accuracy": "accuracy",
}

DASH = "-"
SEEN = (
    "Visible from: the true difference that the t-test finds in 80 % of cases, at the strictest step of Holm's "
    "correction."
)


@dataclass(frozen=True)
class Table:
    """Cells as text, to be drawn in the terminal or written as Markdown."""

    title: str
    note: str
    header: list[str]
    rows: list[list[str]]

    def to_markdown(self) -> str:
        lines = [f"### {self.title}", "", *([self.note, ""] if self.note else [])]
        ruler = ["---", *["---:"] * (len(self.header) - 1)]
        lines += ["| " + " | ".join(cells) + " |" for cells in (self.header, ruler, *self.rows)]
        return "\n".join(lines) + "\n"


def number(value: float, digits: int = 4, *, signed: bool = False) -> str:
    """A number, or a dash where there is none."""
    return DASH if np.isnan(value) else f"{value:{'+' if signed else ''}.{digits}f}"


def interval(test: PairedTest) -> str:
    """The 95 % interval of a mean difference."""
    return DASH if np.isnan(test.low) else f"{test.low:+.4f} to {test.high:+.4f}"


def with_spread(mean: float, spread: float) -> str:
    return number(mean) if np.isnan(spread) else f"{mean:.4f} ± {spread:.4f}"


def percent(share: float) -> str:
    """A share in whole percent."""
    return DASH if np.isnan(share) else f"{100 * share:.0f} %"


def times(multiple: float, largest: float) -> str:
    if np.isnan(multiple):
        return DASH
    if multiple == 0:
        return "< 1"
    return f"> {largest:.0f}" if np.isinf(multiple) else f"{multiple:.1f}"


def p_text(value: float) -> str:
    """A p-value to three places."""
    if np.isnan(value):
        return DASH
    return "< .001" if value < 0.001 else f"{value:.3f}".lstrip("0")


def verdict(difference: Difference, metric: str = "average_precision") -> str:
    """The verdict of a paired test of a method against its rival, in a word."""
    if np.isnan(difference.p_holm):
        return "not tested"
    side = "better" if (difference.test.mean > 0) != (metric in LOWER_IS_BETTER) else "worse"
    if difference.significant:
        return side
    tests = {"the t-test": difference.p_holm, "Wilcoxon's test": difference.p_wilcoxon}
    alone = [name for name, p in tests.items() if p < 0.05]
    return f"{side} by {alone[0]} alone" if alone else "not significant"


def print_table(console: Console, table: Table) -> None:
    """Draw one table in the terminal."""
    from rich.table import Table as Drawn

    drawn = Drawn(title=table.title, caption=table.note.replace("*", "") or None, title_justify="left")
    for i, name in enumerate(table.header):
        drawn.add_column(name, justify="right" if i else "left", overflow="fold", no_wrap=not i)
    for row in table.rows:
        drawn.add_row(*row)
    console.print(drawn)
