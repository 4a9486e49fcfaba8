"""Over-samplers on tables: `python benchmarks/tables.py FOLDER_OF_CSV_FILES`.

Each table is cut to 1,000 rows, each method balances the training rows of stratified folds, and three classifiers are
judged by average precision on the rows left out. Scores are appended to `benchmarks/tables/scores.csv`, a line a cell,
so that a run that was stopped goes on where it stood. `benchmarks/tables_report.py` makes the report.
"""

from __future__ import annotations

import argparse
import csv
import os
import time
import warnings
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from imblearn.combine import SMOTEENN, SMOTETomek
from imblearn.over_sampling import SMOTE, SMOTENC, BorderlineSMOTE, RandomOverSampler
from sklearn.compose import make_column_selector as columns_of
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.model_selection import StratifiedKFold
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from tables_data import Table, development, untouched, zenodo
from tables_rivals import Rival, gaussian, polynom_star, prowsyn

from gan_oversampler import AutoOverSampler, DeformationOverSampler, GANOverSampler

FILE = Path(__file__).parent / "tables" / "scores.csv"
FIELDS = ["set", "table", "repeat", "fold", "method", "seconds", "dense", "logistic", "boosted"]
N_FOLDS = 5
N_DENSE = 1  # of another seed in each fold
_FIRST_SPLIT = 100  # the folds that choices were made on had seed 0


def classifiers(seed: int) -> dict[str, list[Any]]:
    """Name -> classifiers whose scores are averaged."""
    dense = {"max_iter": 25, "learning_rate_init": 0.004, "batch_size": 256}
    boosted = {"max_iter": 60, "learning_rate": 0.15}
    return {
        "dense": [MLPClassifier((64, 32), random_state=seed + 1000 * i, **dense) for i in range(N_DENSE)],
        "logistic": [LogisticRegression(max_iter=300)],
        "boosted": [HistGradientBoostingClassifier(random_state=seed, **boosted)],
    }


def encoder() -> Any:
    """What puts a table before every classifier: standard scores, and a column a category."""
    numbers, words = columns_of(dtype_include="number"), columns_of(dtype_exclude="number")
    one_hot = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    return make_column_transformer((StandardScaler(), numbers), (one_hot, words))


def _smotenc(X: Any, seed: int) -> Any:
    is_category = np.array([dtype.kind not in "biuf" for dtype in X.dtypes])
    return SMOTENC(np.flatnonzero(is_category).tolist(), random_state=seed)


# Methods that see the encoded rows, as in a pipeline behind the encoder.
ENCODED: dict[str, Callable[[int], Any]] = {
    "RandomOverSampler": lambda seed: RandomOverSampler(random_state=seed),
    "SMOTE": lambda seed: SMOTE(random_state=seed),
    "BorderlineSMOTE": lambda seed: BorderlineSMOTE(random_state=seed),
    "SMOTE-Tomek": lambda seed: SMOTETomek(random_state=seed),
    "SMOTE-ENN": lambda seed: SMOTEENN(random_state=seed),
    "polynom-fit-SMOTE (ours)": lambda seed: Rival(polynom_star, seed),
    "ProWSyn (ours)": lambda seed: Rival(prowsyn, seed),
    "Gaussian SMOTE (ours)": lambda seed: Rival(gaussian, seed),
}
# Methods that see the DataFrame.
FRAMES: dict[str, Callable[[Any, int], Any]] = {
    "SMOTENC": _smotenc,
    "DeformationOverSampler": lambda X, seed: DeformationOverSampler(random_state=seed),
    "a quarter generated": lambda X, seed: GANOverSampler(deformed_share=0.75, random_state=seed),
    "all generated": lambda X, seed: GANOverSampler(deformed_share=0, random_state=seed),
}
AUTO = "AutoOverSampler"
METHODS = ["nothing", *ENCODED, "SMOTENC", "DeformationOverSampler", AUTO, "a quarter generated", "all generated"]


def _resampled(method: str, X: Any, y: np.ndarray, seed: int, encode: Any) -> tuple[np.ndarray, np.ndarray]:
    if method in ENCODED:
        return ENCODED[method](seed).fit_resample(encode.transform(X), y)
    if method in FRAMES:
        X, y = FRAMES[method](X, seed).fit_resample(X, y)
    return encode.transform(X), y


def _auto(X: Any, y: np.ndarray, seed: int, members: list[Any]) -> tuple[Any, np.ndarray]:
    """Rows that `AutoOverSampler` chose for a classifier."""
    pipeline = make_pipeline(encoder(), members[0])
    return AutoOverSampler(classifier=pipeline, cv=4, random_state=seed).fit_resample(X, y)


def _held_out(members: list[Any], rows: np.ndarray, y: np.ndarray, test: np.ndarray, truth: np.ndarray) -> float:
    scores = [member.fit(rows, y).predict_proba(test)[:, 1] for member in members]
    return float(np.mean([average_precision_score(truth, score) for score in scores]))


def measure(table: Table, train: np.ndarray, test: np.ndarray, method: str, seed: int) -> dict[str, float]:
    """Average precision of each classifier, and the seconds of the processor that resampling took."""
    _, X, y = table
    rows, labels, encode = X.iloc[train].reset_index(drop=True), y[train], encoder()
    held_out, truth = encode.fit(rows).transform(X.iloc[test]), y[test]
    scores, start = {}, time.process_time()
    if method != AUTO:
        made, new_labels = _resampled(method, rows, labels, seed, encode)
        scores["seconds"] = time.process_time() - start
    for name, members in classifiers(seed).items():
        if method == AUTO:
            start = time.process_time()
            chosen, new_labels = _auto(rows, labels, seed, members)
            made = encode.transform(chosen)
            scores["seconds"] = max(time.process_time() - start, scores.get("seconds", 0))
        scores[name] = _held_out(members, made, new_labels, held_out, truth)
    return scores


def _can(method: str, X: Any) -> bool:
    """SMOTENC is for mixed tables."""
    kinds = {dtype.kind in "biuf" for dtype in X.dtypes}
    return method != "SMOTENC" or len(kinds) == 2


def _done() -> set[tuple[str, ...]]:
    if not FILE.exists():
        FILE.parent.mkdir(exist_ok=True)
        FILE.write_text(",".join(FIELDS) + "\n")
    with FILE.open() as file:
        return {tuple(line[name] for name in FIELDS[:5]) for line in csv.DictReader(file)}


def run(kind: str, tables: list[Table], methods: list[str], repeat: int, n_folds: int) -> None:
    """Measure every cell of a repeat that has no line yet, in its first `n_folds` folds."""
    done = _done()
    folds = StratifiedKFold(N_FOLDS, shuffle=True, random_state=_FIRST_SPLIT + repeat)
    for table in tables:
        name, X, y = table
        splits = list(enumerate(folds.split(X, y)))[:n_folds]
        for (fold, (train, test)), method in product(splits, methods):
            cell = (kind, name, str(repeat), str(fold), method)
            if cell in done or not _can(method, X):
                continue
            try:
                scores = measure(table, train, test, method, 10 * repeat + fold)
            except ValueError as error:
                print(f"{cell}: failed: {error}", flush=True)
                continue
            with FILE.open("a", newline="") as file:
                csv.DictWriter(file, FIELDS).writerow(dict(zip(FIELDS, cell, strict=False)) | scores)
        print(f"{kind}, repeat {repeat}: {name}", flush=True)


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    folder = os.environ.get("KEEL_TABLES")
    parser.add_argument("folder", nargs="?", default=folder, help="CSV files; or the environment's KEEL_TABLES")
    parser.add_argument("--sets", default="development,untouched", help="also: zenodo")
    parser.add_argument("--methods", default=",".join(METHODS))
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--folds", type=int, default=N_FOLDS, help="how many of the five are measured")
    arguments = parser.parse_args()
    sets = {"development": lambda: development(Path(arguments.folder)), "untouched": untouched, "zenodo": zenodo}
    warnings.simplefilter("ignore")
    for repeat in range(arguments.repeats):
        for kind in arguments.sets.split(","):
            run(kind, list(sets[kind]()), arguments.methods.split(","), repeat, arguments.folds)


if __name__ == "__main__":
    main()
