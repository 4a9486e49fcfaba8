"""New rows of a table whose categories move, too: what rules of moving them bring.

    python benchmarks/table_categories.py FOLDER
    python benchmarks/table_categories.py --set r_packages
    python benchmarks/table_categories.py --report

`DeformationOverSampler` keeps the categories of the row that a new one is made from. Here some are changed afterwards,
in tables that have any. The folder holds CSV files whose last column is the label, cut as in `tables.py`. Three
classifiers are judged on the rows left out of stratified folds. What `benchmarks/tables/categories.csv` holds is not
measured again.
"""

from __future__ import annotations

import argparse
import os
import warnings
from functools import partial
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import pandas as pd
from cells import measure_missing
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.model_selection import StratifiedKFold
from sklearn.neighbors import NearestNeighbors
from tables import _held_out as precision
from tables import classifiers, encoder
from tables_data import Table, development, r_packages

from gan_oversampler import DeformationOverSampler

FILE = Path(__file__).parent / "tables" / "categories.csv"
HEADER = ["set", "seed", "table", "fold", "rule", "dense", "logistic", "boosted"]
N_FOLDS, N_NEAR, N_NEIGHBOURS = 5, 30, 5
KEPT = "kept"
RULES = ("nothing done", KEPT, "as neighbours of the others differ", "the same, filtered", "SMOTEN's vote")


def near(rows: np.ndarray, among: np.ndarray, k: int) -> np.ndarray:
    """The k nearest of `among`; where rows are among these, others than themselves."""
    found = NearestNeighbors(n_neighbors=min(k + 1, len(among))).fit(among).kneighbors(rows, return_distance=False)
    return found[:, 1:] if rows is among else found[:, :k]


def pick(candidates: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """One of the candidates in each line."""
    return candidates[np.arange(len(candidates)), rng.integers(candidates.shape[1], size=len(candidates))]


def changed(rule: str, new: Any, parents: np.ndarray, X: Any, y: np.ndarray, seen: np.ndarray, rng: Any) -> Any:
    """New rows with other categories; `parents` are positions among the rows of the class, `seen` is X encoded."""
    names = list(X.columns[[dtype.kind not in "biuf" for dtype in X.dtypes]])
    own, others = seen[y], seen[~y]
    neighbours = near(own, own, N_NEIGHBOURS)[parents]
    of_class, of_others = X[y][names].reset_index(drop=True), X[~y][names].reset_index(drop=True)
    moved = new.copy()
    if rule == "SMOTEN's vote":
        for name in names:
            values = of_class[name].to_numpy()[neighbours]
            moved[name] = pd.DataFrame(values).mode(axis=1)[0].to_numpy()
        return moved
    a = pick(near(own, others, N_NEAR)[parents], rng)
    b = pick(near(others, others, 10)[a], rng)
    partner = pick(neighbours, rng)
    for name in names:
        values = of_others[name].to_numpy()
        taken = of_class[name].to_numpy()[partner]
        moved[name] = np.where(values[a] != values[b], taken, new[name])
    return moved


def accepted(new: Any, moved: Any, seen: np.ndarray, y: np.ndarray, encode: Any, seed: int) -> Any:
    """Moved rows that trees believe to be of the class nearly as much as before, and the others as they were."""
    trees = ExtraTreesClassifier(100, min_samples_leaf=3, class_weight="balanced", random_state=seed).fit(seen, y)
    before, after = (trees.predict_proba(encode.transform(rows))[:, 1] for rows in (new, moved))
    return moved.where(pd.Series(after >= 0.9 * before, index=moved.index), new, axis=0)


def measure(tables: dict[str, Table], kind: str, seed: str, name: str, fold: int, rule: str) -> list[list[str]]:
    """Average precision of each classifier."""
    _, X, y = tables[name]
    train, test = list(StratifiedKFold(N_FOLDS, shuffle=True, random_state=int(seed)).split(X, y))[fold]
    rows, labels, encode = X.iloc[train].reset_index(drop=True), y[train], encoder()
    seen = encode.fit(rows).transform(rows)
    made, new_labels = rows, labels
    if rule != "nothing done":
        sampler = DeformationOverSampler(random_state=fold)
        made, new_labels = sampler.fit_resample(rows, labels)
        if rule != KEPT:
            parents = np.cumsum(labels)[sampler.parent_indices_[len(rows) :]] - 1
            new = made.iloc[len(rows) :].reset_index(drop=True)
            moved = changed(rule, new, parents, rows, labels, seen, np.random.default_rng(fold))
            moved = accepted(new, moved, seen, labels, encode, fold) if rule == "the same, filtered" else moved
            made = pd.concat([rows, moved], ignore_index=True)
    models = classifiers(fold).values()
    held_out = encode.transform(X.iloc[test])
    return [[f"{precision(members, encode.transform(made), new_labels, held_out, y[test]):.5f}" for members in models]]


def report(records: pd.DataFrame) -> str:
    """Means over tables, and the difference from kept categories with its standard error over tables."""
    records["mean"] = records[HEADER[5:]].mean(axis=1)
    parts = []
    for (kind, seed), rows in records.groupby(["set", "seed"], sort=False):
        of_tables = rows.pivot_table(index="table", columns="rule", values="mean")
        means = rows.groupby("rule")[HEADER[5:]].mean()
        lines = [f"| {kind}, seed {seed}, {len(of_tables)} tables | mean | {' | '.join(HEADER[5:])} | difference |"]
        lines.append("|---|" + "---:|" * (len(HEADER[5:]) + 2))
        for rule in RULES:
            by = of_tables[rule] - of_tables[KEPT]
            figures = " | ".join(f"{means.loc[rule, name]:.4f}" for name in HEADER[5:])
            lines.append(f"| {rule} | {of_tables[rule].mean():.4f} | {figures} | {by.mean():+.4f} ± {by.sem():.4f} |")
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, help="CSV files")
    parser.add_argument("--set", default="development", choices=("development", "r_packages"))
    parser.add_argument("--seed", type=int, default=0, help="of the folds")
    parser.add_argument("--records", type=Path, default=FILE)
    parser.add_argument("--report", action="store_true")
    arguments = parser.parse_args()
    if arguments.report:
        print(report(pd.read_csv(arguments.records)))
        return
    warnings.simplefilter("ignore")
    found = development(arguments.folder) if arguments.set == "development" else r_packages()
    tables = {table[0]: table for table in found if any(dtype.kind not in "biuf" for dtype in table[1].dtypes)}
    cells = [
        (arguments.set, arguments.seed, name, fold, rule)
        for fold in range(N_FOLDS)
        for name in tables
        for rule in RULES
    ]
    measure_missing(arguments.records, HEADER, cells, partial(measure, tables))


if __name__ == "__main__":
    main()
