"""Rivals for tables by their authors' or maintainers' own code, and LightGBM as a further judge.

    pip install smote-variants lightgbm
    python benchmarks/table_rivals.py FOLDER --set development
    python benchmarks/table_rivals.py --set r_packages
    python benchmarks/table_rivals.py --set textbooks
    python benchmarks/table_rivals.py --report

The six of smote-variants led its ranking of 85 (Kovács 2019, arXiv:1904.13258) or combine its ideas; SMOBD, which led
as well, made no row in a first look. All balance standardised columns, a column a category, except ours, which see the
table. Four classifiers are judged on the rows left out. What `benchmarks/tables/rivals.csv` holds is not measured
again. Of arfpy 0.1.1 nothing is measured: it does not run with NumPy 2.4 and pandas 3.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import pandas as pd
from imblearn.over_sampling import SMOTE
from scipy.stats import wilcoxon
from table_cells import KEYS, main, split
from tables import _held_out as precision
from tables import classifiers
from tables_data import Table

from gan_oversampler import DeformationOverSampler

FILE = Path(__file__).parent / "tables" / "rivals.csv"
JUDGES = ["dense", "logistic", "boosted", "LightGBM"]
OURS = "DeformationOverSampler"
VARIANTS = ("polynom_fit_SMOTE_star", "ProWSyn", "SMOTE_IPF", "Lee", "G_SMOTE", "Assembled_SMOTE")
METHODS = ("nothing", "SMOTE", *VARIANTS, OURS)


Resampling = Callable[[str, Any, np.ndarray, Any, int], tuple[np.ndarray, np.ndarray]]
"""From a method, training rows and labels, an encoder and a seed to balanced rows, encoded, and their labels."""


def resampled(method: str, rows: Any, labels: np.ndarray, encode: Any, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Balanced training rows, encoded."""
    if method == OURS:
        rows, labels = DeformationOverSampler(random_state=seed).fit_resample(rows, labels)
    seen = encode.transform(rows)
    if method == "SMOTE":
        return SMOTE(random_state=seed).fit_resample(seen, labels)
    if method in VARIANTS:
        import smote_variants

        seen, labels = getattr(smote_variants, method)(random_state=seed).sample(seen, labels.astype(int))
    return seen, labels.astype(bool)


def judged(make: Resampling, table: Table, seed: int, fold: int, method: str) -> list[list[str]]:
    """Average precision of each classifier after a resampling, and the seconds of the processor that the rows took."""
    from lightgbm import LGBMClassifier

    logging.disable(logging.CRITICAL)  # of smote-variants, which tells each step
    rows, labels, encode, left_out, truth = split(table, seed, fold)
    held_out, start = encode.transform(left_out), time.process_time()
    try:
        made, new_labels = make(method, rows, labels, encode, fold)
    except Exception as error:  # whatever somebody else's code stumbles over: the record says that it did
        print(f"{table[0]}, {method}: {type(error).__name__}: {error}", flush=True)
        return [["nan"] * (len(JUDGES) + 1)]
    seconds = time.process_time() - start
    models = [*classifiers(fold).values(), [LGBMClassifier(random_state=fold, verbose=-1, n_jobs=1)]]
    return [
        [*(f"{precision(m, made, new_labels, held_out, truth):.5f}" for m in models), f"{seconds:.2f}"],
    ]


def report(records: pd.DataFrame) -> str:
    """Means over tables, and the difference from ours with its standard error and Wilcoxon's p over tables."""
    records["mean"] = records[JUDGES].mean(axis=1)
    parts = []
    for (kind, seed), rows in records.groupby(["set", "seed"], sort=False):
        of_tables = rows.pivot_table(index="table", columns="method", values="mean")
        of_all = rows.groupby("method")[[*JUDGES, "seconds"]].mean()
        failed = rows.groupby("method")["mean"].agg(lambda values: values.isna().sum())
        lines = [
            f"| {kind}, seed {seed}, {len(of_tables)} tables | mean | {' | '.join(JUDGES)} | ours minus it | p | s |"
        ]
        lines.append("|---|" + "---:|" * (len(JUDGES) + 4))
        for method in METHODS:
            by = (of_tables[OURS] - of_tables[method]).dropna()
            p = f"{wilcoxon(by).pvalue:.3f}" if by.any() else ""
            figures = " | ".join(f"{of_all.loc[method, name]:.4f}" for name in JUDGES)
            name = method + (
                f" (failed in {failed[method]} of {len(rows) // len(METHODS)} cells)" if failed[method] else ""
            )
            gain = f"{by.mean():+.4f} ± {by.sem():.4f}"
            seconds = of_all.loc[method, "seconds"]
            lines.append(f"| {name} | {of_tables[method].mean():.4f} | {figures} | {gain} | {p} | {seconds:.2f} |")
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


measure = partial(judged, resampled)

if __name__ == "__main__":
    main(
        __doc__,
        FILE,
        [*KEYS, "method", *JUDGES, "seconds"],
        METHODS,
        partial(judged, resampled),
        report,
        seed=57,
        n_folds=3,
    )
