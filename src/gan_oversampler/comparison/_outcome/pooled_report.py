"""The report over several data sets or classes: the same tables in the terminal and in Markdown."""

from __future__ import annotations

import numpy as np

from gan_oversampler.comparison._measure.classifier_metrics import AT_RECALL
from gan_oversampler.comparison._outcome.paired import Floats
from gan_oversampler.comparison._outcome.pooled_scores import DATA_SETS, FEWEST_UNITS, PooledScores
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
    verdict,
)

_SHOWN = ("f1", "recall", "brier_corrected")


def _mean(values: Floats) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")


def _lowest(values: Floats) -> float:
    known = values[~np.isnan(values)]
    return float(known.min()) if len(known) else float("nan")


def _methods(pooled: PooledScores, classifier: str) -> Table:
    rows = []
    common = pooled.common(classifier=classifier)
    for method in pooled.methods:
        gaps = pooled.gaps_closed(method, classifier)[common]
        rows.append(
            [
                method,
                number(pooled.mean(method, classifier=classifier)),
                *(number(pooled.mean(method, metric, classifier), 3) for metric in AT_RECALL),
                percent(_mean(gaps)),
                percent(_lowest(gaps)),
                number(_mean(pooled.data_multipliers(method, classifier)[common]), 1),
                *(number(pooled.mean(method, metric, classifier)) for metric in _SHOWN),
            ]
        )
    header = [
        "method",
        "AP",
        *(NAMES[metric] for metric in AT_RECALL),
        "gap closed",
        "least",
        "data x",
        *(NAMES[metric] for metric in _SHOWN),
    ]
    note = (
        f"Means over {pooled.unit}. AP: average precision. Least: the smallest gap closed on any. Data x: the "
        "data multiplier; beyond the learning curve it counts as the curve's end."
    )
    return Table(f"Mean over {common.sum()} {pooled.unit}, {classifier}", note, header, rows)


def _each(pooled: PooledScores, method: str, classifier: str) -> Table:
    """Average precision on each data set."""
    columns = {name: pooled.scores(name, classifier=classifier) for name in pooled.methods}
    gaps = pooled.gaps_closed(method, classifier)
    rows = [
        [name, *(number(column[i]) for column in columns.values()), percent(gaps[i])]
        for i, name in enumerate(pooled.names)
    ]
    header = ["", *columns, f"gap closed by {method}"]
    return Table(f"Average precision on each, {classifier}", "", header, rows)


def _tests_in_words(pooled: PooledScores) -> str:
    """Which tests stand in a table, and why."""
    seen = f" {SEEN} Last column: where the test over draws says so."
    few = f"{len(pooled.names)} {pooled.unit} are too few for a test over them (Wilcoxon's cannot reach p < .05)"
    if pooled.over_draws:
        note = (
            f"{few}, so the test is over draws: Nadeau and Bengio's corrected t-test within each, combined by "
            f"Stouffer, with Holm's correction over rivals.{seen} The test is about these {pooled.unit} and not "
            "about the next."
        )
    else:
        tests = f"Paired t-test and Wilcoxon's signed-rank test over {pooled.unit}"
        note = f"{tests}, each with Holm's correction over rivals.{seen}"
        if len(pooled.names) < FEWEST_UNITS:
            note += f" {few}, and with one draw of some there is no other: nothing here can be significant."
    if pooled.unit != DATA_SETS:
        note += " Over classes of one data set, the tests tell nothing of other data."
    return note


def _differences(pooled: PooledScores, method: str, metric: str, classifier: str) -> Table:
    rows = []
    for d in pooled.differences(method, metric, classifier):
        ahead = pooled.ahead(method, d.rival, metric, classifier)
        worse = pooled.worse_on(method, d.rival, metric, classifier)
        rows.append(
            [
                d.rival,
                number(d.test.mean, signed=True),
                interval(d.test),
                number(d.detectable),
                p_text(d.p_holm),
                *([] if pooled.over_draws else [p_text(d.p_wilcoxon)]),
                verdict(d, metric),
                f"{ahead.sum()} of {len(ahead)}",
                ", ".join(worse) or DASH,
            ]
        )
    tests = ["p (draws)"] if pooled.over_draws else ["p (t)", "p (Wilcoxon)"]
    header = ["rival", "difference", "95 % interval", "visible from", *tests]
    header += [f"{method} is", "better on", "significantly worse on"]
    title = f"{method} minus each rival in {NAMES[metric]}, {classifier}"
    return Table(title, _tests_in_words(pooled), header, rows)


def _tables(pooled: PooledScores, method: str, classifier: str) -> list[Table]:
    metrics = ("average_precision", *_SHOWN)
    return [
        _methods(pooled, classifier),
        *(_differences(pooled, method, metric, classifier) for metric in metrics),
        _each(pooled, method, classifier),
    ]


def _headline(pooled: PooledScores) -> str:
    draws = [len(comparison.draws) for comparison in pooled.comparisons.values()]
    span = str(draws[0]) if len(set(draws)) == 1 else f"{min(draws)} to {max(draws)}"
    drawn = "1 draw" if span == "1" else f"{span} draws"
    return f"{len(pooled.names)} {pooled.unit}, {drawn} each: {', '.join(pooled.names)}."


def markdown_report(pooled: PooledScores, method: str) -> str:
    """The report as Markdown."""
    parts = [f"# Comparison over {pooled.unit}\n", _headline(pooled) + "\n"]
    for classifier in pooled.classifiers:
        parts.append(f"## {classifier}\n")
        parts += [table.to_markdown() for table in _tables(pooled, method, classifier)]
    return "\n".join(parts)


def print_report(pooled: PooledScores, method: str) -> None:
    """Draw the report in the terminal."""
    from rich.console import Console

    console = Console(highlight=False)
    console.print(_headline(pooled), markup=False)
    for classifier in pooled.classifiers:
        for table in _tables(pooled, method, classifier):
            print_table(console, table)
