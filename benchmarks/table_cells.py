"""What trials of methods on tables share: arguments, folds, and a report of differences from one method."""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from cells import measure_missing
from sklearn.model_selection import StratifiedKFold
from tables import encoder
from tables_data import SETS, Table

KEYS = ["set", "seed", "table", "fold"]
N_FOLDS = 5


def split(table: Table, seed: int, fold: int) -> tuple[Any, np.ndarray, Any, Any, np.ndarray]:
    """Training rows and labels, an encoder fitted to them, and rows and labels left out."""
    _, X, y = table
    train, test = list(StratifiedKFold(N_FOLDS, shuffle=True, random_state=seed).split(X, y))[fold]
    rows = X.iloc[train].reset_index(drop=True)
    return rows, y[train], encoder().fit(rows), X.iloc[test], y[test]


def differences(records: pd.DataFrame, by: str, reference: str, judges: Sequence[str]) -> str:
    """Means over tables, and the difference from a method with its standard error over tables, as Markdown."""
    records = records.assign(mean=records[list(judges)].mean(axis=1))
    parts = []
    for (kind, seed), rows in records.groupby(["set", "seed"], sort=False):
        of_tables = rows.pivot_table(index="table", columns=by, values="mean")
        means = rows.groupby(by)[list(judges)].mean()
        lines = [f"| {kind}, seed {seed}, {len(of_tables)} tables | mean | {' | '.join(judges)} | difference |"]
        lines.append("|---|" + "---:|" * (len(judges) + 2))
        for name in rows[by].unique():
            gain = of_tables[name] - of_tables[reference]
            figures = " | ".join(f"{means.loc[name, judge]:.4f}" for judge in judges)
            by_how_much = f"{gain.mean():+.4f} ± {gain.sem():.4f}"
            lines.append(f"| {name} | {of_tables[name].mean():.4f} | {figures} | {by_how_much} |")
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def main(
    doc: str,
    file: Path,
    header: Sequence[str],
    names: Sequence[str],
    measure: Callable[..., list[list[str]]],
    report: Callable[[pd.DataFrame], str],
    *,
    seed: int = 0,
    n_folds: int = N_FOLDS,
    takes: Callable[[Any], bool] = lambda X: True,
) -> None:
    """Measure what the record lacks, or print its report.

    Parameters
    ----------
    doc : str
        The help.
    file : Path
        The record; `header` names its columns.
    names : sequence of str
        What is tried on each table.
    measure : callable
        From a table, a seed, a fold and a name to the rows of a cell.
    report : callable
    seed, n_folds : int
        By default.
    takes : callable
        Whether a DataFrame is measured.
    """
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, help="CSV files")
    parser.add_argument("--set", default="development", choices=SETS)
    parser.add_argument("--seed", type=int, default=seed, help="of the folds")
    parser.add_argument("--folds", type=int, default=n_folds, help="how many of the five are measured")
    parser.add_argument("--only", nargs="+", default=names, choices=names)
    parser.add_argument("--records", type=Path, default=file)
    parser.add_argument("--report", action="store_true")
    options = parser.parse_args()
    if options.report:
        print(report(pd.read_csv(options.records)))
        return
    warnings.simplefilter("ignore")
    tables = {table[0]: table for table in SETS[options.set](options.folder) if takes(table[1])}
    cells = [
        (options.set, options.seed, table, fold, name)
        for fold in range(options.folds)
        for table in tables
        for name in options.only
    ]
    measure_missing(
        options.records, header, cells, lambda _, seed, table, fold, name: measure(tables[table], seed, fold, name)
    )
