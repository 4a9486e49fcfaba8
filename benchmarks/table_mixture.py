"""Is a quarter of generated rows worth it on tables? Nothing, `DeformationOverSampler` and `GANOverSampler` by default.

    python benchmarks/table_mixture.py FOLDER > benchmarks/tables/mixture.csv

The folder holds CSV files with a column `Class`. 1,000 rows a table at most, five folds, categories as 0/1 columns, and
average precision of three classifiers on held-out real rows. The mean of each sampler goes to standard error.
"""

from __future__ import annotations

import os
import sys
import time
import warnings
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.model_selection import StratifiedKFold
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from gan_oversampler import DeformationOverSampler, GANOverSampler

SAMPLERS = {"nothing": None, "DeformationOverSampler": DeformationOverSampler, "GANOverSampler": GANOverSampler}
CLASSIFIERS = {
    "logistic": make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)),
    "boosted": HistGradientBoostingClassifier(max_iter=50, random_state=0),
    "dense": make_pipeline(StandardScaler(), MLPClassifier((64, 32), max_iter=60, random_state=0)),
}


def read(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of a table, and which rows are rare."""
    table = pd.read_csv(path)
    X = pd.get_dummies(table.drop(columns="Class")).to_numpy(float)
    is_rare = (table.Class == table.Class.value_counts().index[-1]).to_numpy()
    kept = np.random.default_rng(0).permutation(len(X))[:1000] if len(X) > 1000 else np.arange(len(X))
    return X[kept], is_rare[kept]


def measure(X: np.ndarray, is_rare: np.ndarray, sampler: type | None) -> np.ndarray:
    """Average precision of each classifier, and the seconds of a fit of the sampler; means of the folds."""
    results = []
    for seed, (train, test) in enumerate(StratifiedKFold(5, shuffle=True, random_state=7).split(X, is_rare)):
        began, rows = time.perf_counter(), (X[train], is_rare[train])
        if sampler is not None:
            rows = sampler(random_state=seed).fit_resample(*rows)
        seconds = time.perf_counter() - began
        scores = [classifier.fit(*rows).predict_proba(X[test])[:, 1] for classifier in CLASSIFIERS.values()]
        results.append([*(average_precision_score(is_rare[test], score) for score in scores), seconds])
    return np.mean(results, axis=0)


def main() -> None:
    warnings.simplefilter("ignore")  # of classifiers that do not converge
    print("table,sampler," + ",".join(CLASSIFIERS) + ",seconds")
    found: dict[str, list[np.ndarray]] = {name: [] for name in SAMPLERS}
    for path in sorted(Path(sys.argv[1]).glob("*.csv")):
        for name, sampler in SAMPLERS.items():
            found[name].append(measure(*read(path), sampler))
            print(path.stem, name, *found[name][-1].round(4), sep=",", flush=True)
    for name, results in found.items():
        print(name, *np.mean(results, axis=0).round(4), file=sys.stderr)


if __name__ == "__main__":
    main()
