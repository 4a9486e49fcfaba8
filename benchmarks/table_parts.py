"""What generated table rows are worth alone and in the mixture, and whether a classifier notices them.

    python benchmarks/table_parts.py FOLDER --variants nothing,SMOTE,DeformationOverSampler,GANOverSampler
    python benchmarks/table_parts.py --report

The folder holds CSV files whose last column is the label, cut as in `tables.py`. Any other name of a variant stands for
`GANOverSampler` as the code is: change the code, and measure it under another name. Rows are appended to
`benchmarks/tables/parts.csv`; what it holds is not measured again.

Two classifiers learn to distinguish rows that a method made (for `nothing`: training rows) from held-out real ones of
the class: the area under the curve, out of bag for trees and cross-validated for logistic regression.
"""

from __future__ import annotations

import argparse
import os
import time
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import pandas as pd
from cells import measure_missing
from imblearn.over_sampling import SMOTE, SMOTEN, SMOTENC
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_score
from tables import _held_out as precision
from tables import classifiers, encoder
from tables_data import Table, development, untouched

from gan_oversampler import DeformationOverSampler, GANOverSampler

FILE = Path(__file__).parent / "tables" / "parts.csv"
CLASSIFIERS = ("dense", "logistic", "boosted")
HEADER = ["set", "seed", "table", "fold", "variant"]
MIXED = [f"mixed {name}" for name in CLASSIFIERS]
FIELDS = [*CLASSIFIERS, *MIXED, "noticed by trees", "noticed by logistic", "seconds"]
N_FOLDS, N_DRAWS = 3, 3
DEFAULT = "GANOverSampler"
RIVALS = ("nothing", "SMOTE", "DeformationOverSampler")


def smote(X: Any, seed: int) -> Any:
    """SMOTE, or its kin where some columns, or all, are categories."""
    is_category = np.array([dtype.kind not in "biuf" for dtype in X.dtypes])
    if is_category.all():
        return SMOTEN(random_state=seed)
    if is_category.any():
        return SMOTENC(np.flatnonzero(is_category).tolist(), random_state=seed)
    return SMOTE(random_state=seed)


def alone(sampler: GANOverSampler, n: int) -> Any:
    """Rows of the network alone."""
    sampler.models_[True] = replace(sampler.models_[True], real=None, real_share=0.0)
    return sampler.sample(n, True)


def noticed(rows: Any, held_out: Any) -> list[float]:
    """How well two classifiers distinguish rows from the held-out ones of the class; the mean of the draws."""
    found, encode, n_draws = [], encoder(), max(1, min(N_DRAWS, len(rows) // (2 * len(held_out))))
    for draw in range(n_draws):
        both = pd.concat([rows[draw::n_draws][: 2 * len(held_out)], held_out], ignore_index=True)
        is_real = np.arange(len(both)) >= len(both) - len(held_out)
        seen = encode.fit_transform(both)
        folds = StratifiedKFold(min(5, len(held_out)), shuffle=True, random_state=draw)
        linear = cross_val_score(LogisticRegression(max_iter=300), seen, is_real, cv=folds, scoring="roc_auc")
        trees = ExtraTreesClassifier(60, min_samples_leaf=2, bootstrap=True, oob_score=True, random_state=draw)
        votes = trees.fit(seen, is_real).oob_decision_function_[:, 1]
        found.append([roc_auc_score(is_real, votes), linear.mean()])
    return list(np.mean(found, axis=0))


def made(variant: str, rows: Any, labels: np.ndarray, seed: int) -> tuple[Any, Any]:
    """New rows of the class: of the network alone, or of the method, and of the network in the mixture."""
    if variant == "nothing":
        return rows[labels].sample(frac=1, random_state=0), None
    if variant in RIVALS:
        sampler = smote(rows, seed) if variant == "SMOTE" else DeformationOverSampler(random_state=seed)
        return sampler.fit_resample(rows, labels)[0].iloc[len(rows) :], None
    sampler = GANOverSampler(random_state=seed)
    mixed = sampler.fit_resample(rows, labels)[0].iloc[len(rows) :]
    return alone(sampler, len(mixed)), mixed


def measure(table: Table, fold: int, variant: str, root: int) -> list[float]:
    """The fields of a cell."""
    _, X, y = table
    train, test = list(StratifiedKFold(N_FOLDS, shuffle=True, random_state=root).split(X, y))[fold]
    rows, labels, encode = X.iloc[train].reset_index(drop=True), y[train], encoder()
    seen, held_out, seed = encode.fit(rows).transform(X.iloc[test]), X.iloc[test][y[test]], 10 * root + fold
    start = time.process_time()
    new, mixed = made(variant, rows, labels, seed)
    seconds = time.process_time() - start

    def precisions(new_rows: Any) -> list[float]:
        both, is_rare = pd.concat([rows, new_rows], ignore_index=True), np.append(labels, np.ones(len(new_rows), bool))
        models = classifiers(seed).values()
        return [precision(members, encode.transform(both), is_rare, seen, y[test]) for members in models]

    of_alone = precisions(new[:0] if variant == "nothing" else new)
    of_mixed = of_alone if mixed is None else precisions(mixed)
    return [*of_alone, *of_mixed, *noticed(new, held_out), seconds]


def report(records: pd.DataFrame) -> None:
    """Means over tables of what was measured everywhere, and how each differs from the default on the cells it has."""
    records["alone"] = records[list(CLASSIFIERS)].mean(axis=1)
    records["mixed"] = records[MIXED].mean(axis=1)
    fields = ["alone", *CLASSIFIERS, "mixed", *FIELDS[3:]]
    for kind, part in records.groupby(["set", "seed"]):
        sizes = part.groupby("variant").size()
        everywhere = part[part.variant.isin(sizes.index[sizes == sizes.max()])]
        print(f"\n{kind}: {sizes.max()} cells\n{everywhere.groupby('variant')[fields].mean().round(4).to_string()}")
        cells = {variant: rows.set_index(["table", "fold"])[fields] for variant, rows in part.groupby("variant")}
        for variant, rows in cells.items():
            of_tables = (rows - cells[DEFAULT]).dropna().groupby("table").mean()
            both = pd.DataFrame({"difference": of_tables.mean(), "error": of_tables.sem()}).T.round(4)
            print(f"\n{variant} - {DEFAULT}, {len(of_tables)} tables\n{both.to_string()}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, help="CSV files")
    parser.add_argument("--variants", default=",".join(RIVALS))
    parser.add_argument("--set", default="development", choices=("development", "untouched"))
    parser.add_argument("--seed", type=int, default=0, help="of the folds: choices were made on 0")
    parser.add_argument("--tables", help="names of the tables to measure, all by default")
    parser.add_argument("--records", type=Path, default=FILE)
    parser.add_argument("--report", action="store_true")
    arguments = parser.parse_args()
    if arguments.report:
        report(pd.read_csv(arguments.records))
        return
    warnings.simplefilter("ignore")
    all_tables = development(arguments.folder) if arguments.set == "development" else untouched()
    some = arguments.tables.split(",") if arguments.tables else None
    tables = {table[0]: table for table in all_tables if some is None or table[0] in some}

    def of_cell(kind: str, root: str, name: str, fold: int, variant: str) -> list[list[float]]:
        return [np.round(measure(tables[name], fold, variant, int(root)), 4).tolist()]

    cells = [
        (arguments.set, arguments.seed, name, fold, variant)
        for variant in arguments.variants.split(",")
        for name in tables
        for fold in range(N_FOLDS)
    ]
    measure_missing(arguments.records, [*HEADER, *FIELDS], cells, of_cell)


if __name__ == "__main__":
    main()
