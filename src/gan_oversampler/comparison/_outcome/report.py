"""The report: the same tables in the terminal and in Markdown, computed from the records alone."""

from __future__ import annotations

import numpy as np

from gan_oversampler.comparison._measure.classifier_metrics import AT_RECALL, DECISIONS, METRICS, TUNED
from gan_oversampler.comparison._measure.methods import BASELINE
from gan_oversampler.comparison._outcome.advice import advice
from gan_oversampler.comparison._outcome.result_table import (
    DASH,
    NAMES,
    SEEN,
    Table,
    interval,
    number,
    p_text,
    percent,
    print_table,
    times,
    verdict,
    with_spread,
)
from gan_oversampler.comparison._outcome.scores import Scores

NAMES |= {name + TUNED: f"{NAMES[name]}, tuned" for name in DECISIONS}


# --- numbers as text
# ------------------------------------------------------------------------------------------------


# --- tables
# ---------------------------------------------------------------------------------------------------------


def _ranking(comparison: Scores, classifier: str) -> Table:
    sizes, _ = comparison.learning_curve(classifier=classifier)
    largest = sizes[-1] / sizes[0] if sizes else float("nan")
    repeats = {method: _most_repeats(comparison, method, classifier) for method in comparison.methods}
    rows = [
        [
            line["method"],
            with_spread(line["average_precision"], line["average_precision_spread"]),
            with_spread(line["roc_auc"], line["roc_auc_spread"]),
            *(number(line[metric], 3) for metric in AT_RECALL),
            percent(line["gap_closed"]),
            times(line["data_multiplier"], largest),
            *(number(line[what], 1) for what in ("resample_seconds", "fit_seconds", "peak_memory_mb")),
            *([f"{repeats[line['method']]:,}"] if any(repeats.values()) else []),
        ]
        for line in comparison.summary(classifier)
    ]
    header = [
        "method",
        "AP",
        "ROC AUC",
        *(NAMES[metric] for metric in AT_RECALL),
        "gap closed",
        "data x",
        "s resample",
        "s fit",
        "peak MB",
    ]
    note = _gap_note(comparison, classifier) + _common_note(comparison, "average_precision", classifier)
    if any(repeats.values()):
        header.append("repeats")
        note += " Repeats: returned rows that equal a held-out row and no training row, in the draw with most."
    return Table(f"Ranking of held-out rows, {classifier}", note, header, rows)


def _most_repeats(comparison: Scores, method: str, classifier: str) -> int:
    return max((row["n_leaked"] for row in comparison.rows(method, classifier)), default=0)


def _common_note(comparison: Scores, metric: str, classifier: str) -> str:
    """How many draws a table's means are over, where they are not over all."""
    n_common, n = int(comparison.common(metric, classifier).sum()), len(comparison.draws)
    if n_common == n:
        return ""
    if not n_common:
        return " No draw has a score of every method, so there are no means."
    return f" Means are over the {n_common} of {n} draws in which every method has a score."


def _gap_note(comparison: Scores, classifier: str) -> str:
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


def _decisions(comparison: Scores, classifier: str, suffix: str) -> Table:
    metrics = [name + suffix for name in DECISIONS]
    rows = [
        [line["method"], *(with_spread(line[m], line[f"{m}_spread"]) for m in metrics)]
        for line in comparison.summary(classifier)
    ]
    where = "at a threshold chosen on training rows" if suffix else "at the classifier's own threshold (0.5)"
    note = "" if suffix else "The method *tuned threshold* decides at the threshold that it tuned, here too."
    return Table(
        f"Decisions {where}, {classifier}",
        (note + _common_note(comparison, f"f1{suffix}", classifier)).strip(),
        ["method", *(NAMES[m.removesuffix(TUNED)] for m in metrics)],
        rows,
    )


def _calibration(comparison: Scores, classifier: str) -> Table:
    metrics = ["brier", "brier_corrected", "accuracy"]
    never = 1 - _prevalence(comparison)
    rows = [
        [line["method"], *(with_spread(line[m], line[f"{m}_spread"]) for m in metrics)]
        for line in comparison.summary(classifier)
    ]
    note = (
        "Brier: lower is better. Accuracy misleads: on these held-out rows a classifier that never "
        f"says yes has {never:.4f}."
    )
    return Table(f"Calibration and accuracy, {classifier}", note, ["method", *(NAMES[m] for m in metrics)], rows)


def _prevalence(comparison: Scores) -> float:
    row = comparison.records[0]
    return 1 - row["n_majority"] / row["n_train"]


def _differences(comparison: Scores, method: str, classifier: str) -> Table:
    rows = [
        [
            d.rival,
            number(d.test.mean, signed=True) + ("" if d.test.n == len(comparison.draws) else f" ({d.test.n} draws)"),
            interval(d.test),
            number(d.detectable),
            p_text(d.test.p_value),
            p_text(d.p_holm),
            verdict(d),
        ]
        for d in comparison.differences(method, classifier=classifier)
    ]
    return Table(
        f"{method} minus each rival in average precision, {classifier}",
        "Paired over the draws that both have: corrected resampled t-test (Nadeau and Bengio), 95 % interval, Holm's "
        f"correction over rivals. {SEEN}",
        ["rival", "difference", "95 % interval", "visible from", "p", "p (Holm)", f"{method} is"],
        rows,
    )


def _every_metric(comparison: Scores, method: str, classifier: str) -> Table:
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


def _failures(comparison: Scores) -> list[str]:
    seen = {(row["method"], row["error"]): row["draw"] for row in comparison.records if row["error"]}
    return [f"{method} failed (draw {draw}): {error}" for (method, error), draw in seen.items()]


def _suspicions(comparison: Scores) -> list[str]:
    seen = {(row["method"], row["draw"]): row["suspicion"] for row in comparison.records if row["suspicion"]}
    return [
        f"{method} may know held-out rows, so its scores may say nothing (draw {draw}): {why}."
        for (method, draw), why in seen.items()
    ]


# --- the whole
# ------------------------------------------------------------------------------------------------------


def _headline(comparison: Scores) -> str:
    row = comparison.rows(BASELINE)[0]
    seeds = len({r["classifier_seed"] for r in comparison.records})
    return (
        f"{len(comparison.draws)} draws, {seeds} classifier seeds a cell. Each: {row['n_test']:,} "
        "real rows held out "
        f"({_prevalence(comparison):.2%} positive), trained on {row['n_minority']:,} minority and "
        f"{row['n_majority']:,} majority rows."
    )


def _tables(comparison: Scores, method: str, classifier: str) -> list[Table]:
    return [
        _ranking(comparison, classifier),
        _differences(comparison, method, classifier),
        _decisions(comparison, classifier, ""),
        _decisions(comparison, classifier, TUNED),
        _calibration(comparison, classifier),
    ]


def _advice_lines(comparison: Scores) -> list[str]:
    several = len(comparison.classifiers) > 1
    return [(f"{c}: " if several else "") + advice(comparison, c) for c in comparison.classifiers]


def markdown_report(comparison: Scores, method: str | None = None) -> str:
    """The report as Markdown: tables for each classifier, failures, and the advice."""
    method = method or comparison.focus
    parts = ["# Comparison of samplers\n", _headline(comparison) + "\n"]
    for classifier in comparison.classifiers:
        parts.append(f"## {classifier}\n")
        parts += [table.to_markdown() for table in _tables(comparison, method, classifier)]
        parts.append(_every_metric(comparison, method, classifier).to_markdown())
    if failures := _failures(comparison):
        parts.append("## Failures\n\n" + "\n".join(f"- {line}" for line in failures) + "\n")
    if suspicions := _suspicions(comparison):
        parts.append("## Suspicions\n\n" + "\n".join(f"- {line}" for line in suspicions) + "\n")
    parts.append("## Advice\n\n" + "\n\n".join(_advice_lines(comparison)) + "\n")
    return "\n".join(parts)


def print_report(comparison: Scores, method: str | None = None) -> None:
    """Draw the report in the terminal."""
    from rich.console import Console

    console = Console(highlight=False)
    method = method or comparison.focus
    console.print(_headline(comparison), markup=False)
    for classifier in comparison.classifiers:
        for table in _tables(comparison, method, classifier):
            print_table(console, table)
    for line in (*_failures(comparison), *_suspicions(comparison), *_advice_lines(comparison)):
        console.print(line, markup=False)
