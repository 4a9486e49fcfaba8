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

import os
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import pandas as pd
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.neighbors import NearestNeighbors
from table_cells import KEYS, differences, main, split
from tables import _held_out as precision
from tables import classifiers
from tables_data import Table

from gan_oversampler import DeformationOverSampler

FILE = Path(__file__).parent / "tables" / "categories.csv"
JUDGES = ["dense", "logistic", "boosted"]
N_NEAR, N_NEIGHBOURS = 30, 5
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


def measure(table: Table, seed: int, fold: int, rule: str) -> list[list[str]]:
    """Average precision of each classifier."""
    rows, labels, encode, left_out, truth = split(table, seed, fold)
    seen, made, new_labels = encode.transform(rows), rows, labels
    if rule != "nothing done":
        sampler = DeformationOverSampler(random_state=fold)
        made, new_labels = sampler.fit_resample(rows, labels)
        if rule != KEPT:
            parents = np.cumsum(labels)[sampler.parent_indices_[len(rows) :]] - 1
            new = made.iloc[len(rows) :].reset_index(drop=True)
            moved = changed(rule, new, parents, rows, labels, seen, np.random.default_rng(fold))
            moved = accepted(new, moved, seen, labels, encode, fold) if rule == "the same, filtered" else moved
            made = pd.concat([rows, moved], ignore_index=True)
    both, held_out = encode.transform(made), encode.transform(left_out)
    return [[f"{precision(members, both, new_labels, held_out, truth):.5f}" for members in classifiers(fold).values()]]


def report(records: pd.DataFrame) -> str:
    """Differences from kept categories."""
    return differences(records, "rule", KEPT, JUDGES)


def has_categories(X: Any) -> bool:
    """Whether any column holds no numbers."""
    return any(dtype.kind not in "biuf" for dtype in X.dtypes)


if __name__ == "__main__":
    main(__doc__, FILE, [*KEYS, "rule", *JUDGES], RULES, measure, report, takes=has_categories)
