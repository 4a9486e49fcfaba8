"""The report: the same tables in the terminal and in Markdown, computed from records alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gan_oversampler.comparison._measure.methods import BASELINE
from gan_oversampler.comparison._measure.metrics import DECISIONS, LOWER_IS_BETTER, METRICS, TUNED

if TYPE_CHECKING:
    from rich.console import Console

    from gan_oversampler.comparison._outcome.comparison import Comparison, Difference
    from gan_oversampler.comparison._outcome.statistics import PairedTest

NAMES = {
    "average_precision": "average precision",
    "roc_auc": "ROC AUC",
    "balanced_accuracy": "balanced accuracy",
    "g_mean": "G-mean",
    "f1": "F1",
    "recall": "recall",
    "precision": "precision",
    "brier": "Brier",
    "brier_corrected": "Brier, prior-corrected",
    "accuracy": "accuracy",
}
NAMES |= {name + TUNED: f"{NAMES[name]}, tuned" for name in DECISIONS}


DASH = "-"


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


# --- numbers as text
# ------------------------------------------------------------------------------------------------


def number(value: float, digits: int = 4) -> str:
    """A number, or a dash where there is none."""
    return DASH if np.isnan(value) else f"{value:.{digits}f}"


def interval(test: PairedTest) -> str:
    """The 95 % interval of a mean difference."""
    return DASH if np.isnan(test.low) else f"{test.low:+.4f} to {test.high:+.4f}"


def _with_spread(mean: float, spread: float) -> str:
    return number(mean) if np.isnan(spread) else f"{mean:.4f} ± {spread:.4f}"


def percent(share: float) -> str:
    """A share in whole percent."""
    return DASH if np.isnan(share) else f"{100 * share:.0f} %"


def _times(multiple: float, largest: float) -> str:
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


# --- tables
# ---------------------------------------------------------------------------------------------------------


def _ranking(comparison: Comparison, classifier: str) -> Table:
    sizes, _ = comparison.learning_curve(classifier=classifier)
    largest = sizes[-1] / sizes[0] if sizes else float("nan")
    rows = [
        [
            line["method"],
            _with_spread(line["average_precision"], line["average_precision_spread"]),
            _with_spread(line["roc_auc"], line["roc_auc_spread"]),
            percent(line["gap_closed"]),
            _times(line["data_multiplier"], largest),
            *(number(line[what], 1) for what in ("resample_seconds", "fit_seconds", "peak_memory_mb")),
        ]
        for line in comparison.summary(classifier)
    ]
    header = ["method", "AP", "ROC AUC", "gap closed", "data x"]
    return Table(
        f"Ranking of held-out rows, {classifier}",
        _gap_note(comparison, classifier),
        [*header, "s resample", "s fit", "peak MB"],
        rows,
    )


def _gap_note(comparison: Comparison, classifier: str) -> str:
    oracle = comparison.oracle(classifier)
    if oracle is None:
        return (
            "AP: average precision, mean ± standard deviation over draws. No minority rows were "
            "left away, so there is no "
            "oracle and no gap."
        )
    gap = comparison.paired(oracle, BASELINE, classifier=classifier)
    if not gap.mean > 0:
        return f"The oracle is no better than nothing ({gap.mean:+.4f}), so the gap is not defined."
    doubt = ""
    if not gap.p_value < 0.05:
        doubt = " No test tells this gap from 0." if gap.n > 1 else " One draw is not tested."
    return (
        f"AP: average precision, mean ± standard deviation over draws. The gap is {gap.mean:.4f}, "
        "from nothing to "
        f"{oracle}.{doubt} The data "
        "multiplier says how many times the real minority rows, with nothing done, rank as well."
    )


def _decisions(comparison: Comparison, classifier: str, suffix: str) -> Table:
    metrics = [name + suffix for name in DECISIONS]
    rows = [
        [line["method"], *(_with_spread(line[m], line[f"{m}_spread"]) for m in metrics)]
        for line in comparison.summary(classifier)
    ]
    where = "at a threshold chosen on training rows" if suffix else "at the classifier's own threshold (0.5)"
    note = "" if suffix else "The method *tuned threshold* decides at the threshold that it tuned, here too."
    return Table(
        f"Decisions {where}, {classifier}",
        note,
        ["method", *(NAMES[m.removesuffix(TUNED)] for m in metrics)],
        rows,
    )


def _calibration(comparison: Comparison, classifier: str) -> Table:
    metrics = ["brier", "brier_corrected", "accuracy"]
    never = 1 - _prevalence(comparison)
    rows = [
        [line["method"], *(_with_spread(line[m], line[f"{m}_spread"]) for m in metrics)]
        for line in comparison.summary(classifier)
    ]
    note = (
        "Brier: lower is better. Accuracy misleads: on these held-out rows a classifier that never "
        f"says yes has {never:.4f}."
    )
    return Table(f"Calibration and accuracy, {classifier}", note, ["method", *(NAMES[m] for m in metrics)], rows)


def _prevalence(comparison: Comparison) -> float:
    row = comparison.records[0]
    return 1 - row["n_majority"] / row["n_train"]


def verdict(difference: Difference, metric: str = "average_precision") -> str:
    """What a paired test says of a method against its rival."""
    if np.isnan(difference.p_holm):
        return "not tested"
    if not difference.significant:
        return "not told apart"
    return "better" if (difference.test.mean > 0) != (metric in LOWER_IS_BETTER) else "worse"


def _differences(comparison: Comparison, method: str, classifier: str) -> Table:
    rows = [
        [
            d.rival,
            f"{d.test.mean:+.4f}",
            interval(d.test),
            p_text(d.test.p_value),
            p_text(d.p_holm),
            verdict(d),
        ]
        for d in comparison.differences(method, classifier=classifier)
    ]
    return Table(
        f"{method} minus each rival in average precision, {classifier}",
        "Paired over draws: corrected resampled t-test (Nadeau and Bengio), 95 % interval, Holm's "
        "correction over rivals.",
        ["rival", "difference", "95 % interval", "p", "p (Holm)", f"{method} is"],
        rows,
    )


def _every_metric(comparison: Comparison, method: str, classifier: str) -> Table:
    """The paired differences in all metrics at once: mean, and Holm's p in brackets."""
    rivals = comparison.rivals_of(method, "f1")
    cells: dict[str, dict[str, str]] = {rival: {} for rival in rivals}
    for metric in METRICS[1:]:
        for d in comparison.differences(method, metric, classifier):
            cells[d.rival][metric] = DASH if np.isnan(d.test.mean) else f"{d.test.mean:+.4f} ({p_text(d.p_holm)})"
    rows = [[NAMES[m], *(cells[rival].get(m, DASH) for rival in rivals)] for m in METRICS[1:]]
    return Table(
        f"{method} minus each rival in every other metric, {classifier}",
        "Mean difference over draws and, in brackets, p after Holm's correction over the rivals.",
        ["metric", *rivals],
        rows,
    )


def _failures(comparison: Comparison) -> list[str]:
    seen = {(row["method"], row["error"]): row["draw"] for row in comparison.records if row["error"]}
    return [f"{method} failed (draw {draw}): {error}" for (method, error), draw in seen.items()]


# --- the whole
# ------------------------------------------------------------------------------------------------------


def _headline(comparison: Comparison) -> str:
    row = comparison.rows(BASELINE)[0]
    seeds = len({r["classifier_seed"] for r in comparison.records})
    return (
        f"{len(comparison.draws)} draws, {seeds} classifier seeds a cell. Each: {row['n_test']:,} "
        "real rows held out "
        f"({_prevalence(comparison):.2%} positive), trained on {row['n_minority']:,} minority and "
        f"{row['n_majority']:,} majority rows."
    )


def _tables(comparison: Comparison, method: str, classifier: str) -> list[Table]:
    return [
        _ranking(comparison, classifier),
        _differences(comparison, method, classifier),
        _decisions(comparison, classifier, ""),
        _decisions(comparison, classifier, TUNED),
        _calibration(comparison, classifier),
    ]


def _advice_lines(comparison: Comparison) -> list[str]:
    several = len(comparison.classifiers) > 1
    return [(f"{c}: " if several else "") + comparison.advice(c) for c in comparison.classifiers]


def markdown_report(comparison: Comparison, method: str | None = None) -> str:
    """The report as Markdown: tables for each classifier, failures, and the advice."""
    method = method or comparison.focus
    parts = ["# Comparison of samplers\n", _headline(comparison) + "\n"]
    for classifier in comparison.classifiers:
        parts.append(f"## {classifier}\n")
        parts += [table.to_markdown() for table in _tables(comparison, method, classifier)]
        parts.append(_every_metric(comparison, method, classifier).to_markdown())
    if failures := _failures(comparison):
        parts.append("## Failures\n\n" + "\n".join(f"- {line}" for line in failures) + "\n")
    parts.append("## Advice\n\n" + "\n\n".join(_advice_lines(comparison)) + "\n")
    return "\n".join(parts)


def print_table(console: Console, table: Table) -> None:
    """Draw one table in the terminal."""
    from rich.table import Table as Drawn

    drawn = Drawn(title=table.title, caption=table.note.replace("*", "") or None, title_justify="left")
    for i, name in enumerate(table.header):
        drawn.add_column(name, justify="right" if i else "left", overflow="fold", no_wrap=not i)
    for row in table.rows:
        drawn.add_row(*row)
    console.print(drawn)


def print_report(comparison: Comparison, method: str | None = None) -> None:
    """Draw the report in the terminal."""
    from rich.console import Console

    console = Console(highlight=False)
    method = method or comparison.focus
    console.print(_headline(comparison), markup=False)
    for classifier in comparison.classifiers:
        for table in _tables(comparison, method, classifier):
            print_table(console, table)
    for line in (*_failures(comparison), *_advice_lines(comparison)):
        console.print(line, markup=False)
