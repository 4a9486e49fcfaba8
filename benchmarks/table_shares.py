"""The shares of repeated, interpolated and perturbed rows, and how far they move: other settings than the code's.

    python benchmarks/table_shares.py FOLDER
    python benchmarks/table_shares.py --set r_packages
    python benchmarks/table_shares.py --report

The folder holds CSV files whose last column is the label, cut as in `tables.py`. Each setting balances the training
rows of stratified folds, and three classifiers are judged on the rows left out. What `benchmarks/tables/shares.csv`
holds is not measured again.
"""

from __future__ import annotations

import argparse
import os
import warnings
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import pandas as pd
from cells import measure_missing
from sklearn.model_selection import StratifiedKFold
from tables import _held_out as precision
from tables import classifiers, encoder
from tables_data import Table, development, r_packages

from gan_oversampler import DeformationOverSampler
from gan_oversampler._perturbation.mixture import Mixture
from gan_oversampler._perturbation.neighbours import pick

FILE = Path(__file__).parent / "tables" / "shares.csv"
HEADER = ["set", "seed", "table", "fold", "setting", "dense", "logistic", "boosted"]
N_FOLDS = 5
DEFAULT = "as it is"
SETTINGS = {  # shares of the three parts, and the strength of the learned difference in each
    DEFAULT: ((1, 1, 1), (0, 0.5, 0.75)),
    "repeated alone": ((1, 0, 0), (0, 0, 0)),
    "interpolated alone": ((0, 1, 0), (0, 0.5, 0)),
    "perturbed alone": ((0, 0, 1), (0, 0, 0.75)),
    "none repeated": ((0, 1, 1), (0, 0.5, 0.75)),
    "none interpolated": ((1, 0, 1), (0, 0, 0.75)),
    "none perturbed": ((1, 1, 0), (0, 0.5, 0)),
    "half repeated": ((2, 1, 1), (0, 0.5, 0.75)),
    "interpolated as SMOTE does": ((1, 1, 1), (0, 0, 0.75)),
    "weaker": ((1, 1, 1), (0, 0.25, 0.5)),
    "stronger": ((1, 1, 1), (0, 0.75, 1)),
}


def draw(shares: Any, strengths: Any, self: Mixture, n: int, rng: np.random.Generator) -> tuple[Any, Any]:
    """`Mixture.draw` with other shares and strengths."""
    parents = rng.integers(len(self.rows), size=n)
    part = rng.choice(3, size=n, p=np.array(shares) / sum(shares))
    tensors = self.rows[parents]
    moving = tensors[:, : self.perturbation.n_numeric]
    towards = self.rows[pick(self.neighbours[parents], rng), : self.perturbation.n_numeric]
    moving += (rng.random((n, 1)) * (part == 1)[:, None]).astype(np.float32) * (towards - moving)
    change = self.perturbation.draw(self.near[parents], rng)
    moving += np.array(strengths, np.float32)[part][:, None] * change
    return tensors, parents


def measure(tables: dict[str, Table], kind: str, seed: str, name: str, fold: int, setting: str) -> list[list[str]]:
    """Average precision of each classifier."""
    _, X, y = tables[name]
    train, test = list(StratifiedKFold(N_FOLDS, shuffle=True, random_state=int(seed)).split(X, y))[fold]
    rows, labels, encode = X.iloc[train].reset_index(drop=True), y[train], encoder()
    seen = encode.fit(rows).transform(X.iloc[test])
    shares, strengths = SETTINGS[setting]

    def drawn(self: Mixture, n: int, rng: np.random.Generator) -> tuple[Any, Any]:
        return draw(shares, strengths, self, n, rng)

    with patch.object(Mixture, "draw", drawn):
        made, new_labels = DeformationOverSampler(random_state=fold).fit_resample(rows, labels)
    models = classifiers(fold).values()
    return [[f"{precision(members, encode.transform(made), new_labels, seen, y[test]):.5f}" for members in models]]


def report(records: pd.DataFrame) -> str:
    """Means over tables, and the difference from the setting of the code with its standard error over tables."""
    records["mean"] = records[HEADER[5:]].mean(axis=1)
    parts = []
    for (kind, seed), rows in records.groupby(["set", "seed"], sort=False):
        of_tables = rows.pivot_table(index="table", columns="setting", values="mean")
        means = rows.groupby("setting")[HEADER[5:]].mean()
        lines = [f"| {kind}, seed {seed}, {len(of_tables)} tables | mean | {' | '.join(HEADER[5:])} | difference |"]
        lines.append("|---|" + "---:|" * (len(HEADER[5:]) + 2))
        for setting in (name for name in SETTINGS if name in means.index):
            by = of_tables[setting] - of_tables[DEFAULT]
            figures = " | ".join(f"{means.loc[setting, name]:.4f}" for name in HEADER[5:])
            lines.append(
                f"| {setting} | {of_tables[setting].mean():.4f} | {figures} | {by.mean():+.4f} ± {by.sem():.4f} |"
            )
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, help="CSV files")
    parser.add_argument("--set", default="development", choices=("development", "r_packages"))
    parser.add_argument("--seed", type=int, default=0, help="of the folds")
    parser.add_argument("--settings", nargs="+", default=list(SETTINGS), choices=list(SETTINGS))
    parser.add_argument("--records", type=Path, default=FILE)
    parser.add_argument("--report", action="store_true")
    arguments = parser.parse_args()
    if arguments.report:
        print(report(pd.read_csv(arguments.records)))
        return
    warnings.simplefilter("ignore")
    found = development(arguments.folder) if arguments.set == "development" else r_packages()
    tables = {table[0]: table for table in found}
    cells = [
        (arguments.set, arguments.seed, name, fold, setting)
        for fold in range(N_FOLDS)
        for name in tables
        for setting in arguments.settings
    ]
    measure_missing(arguments.records, HEADER, cells, partial(measure, tables))


if __name__ == "__main__":
    main()
