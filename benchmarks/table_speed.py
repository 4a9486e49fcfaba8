"""How fast a network for a table is, and what its rows are worth: `python benchmarks/table_speed.py --data FOLDER`.

The folder holds CSV files whose last column is the label, cut as in `tables.py`. TensorFlow is imported beforehand.
With `--quality` generated rows alone (`deformed_share=0`) are judged instead, by average precision on held-out folds:
run it with two versions of the library to compare them.
"""

from __future__ import annotations

import argparse
import os
import time
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tables_data
from sklearn.datasets import make_classification
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from gan_oversampler import GANOverSampler

JUDGED = ("ecoli2", "page-blocks-1-3_vs_4", "vehicle3", "vowel0", "winequality-red-4", "yeast3")
CLASSIFIERS = {
    "logistic regression": make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)),
    "boosting": HistGradientBoostingClassifier(random_state=0),
}


def timed(X: Any, y: np.ndarray) -> tuple[float, float, int]:
    """Seconds on the clock, seconds of all processors, and training steps of a fit."""
    sampler = GANOverSampler(deformed_share=0.5, random_state=0)
    clock, processors = time.perf_counter(), time.process_time()
    sampler.fit_resample(X, y)
    taken = time.perf_counter() - clock, time.process_time() - processors
    return *taken, sum(len(history["step"]) for history in sampler.history_.values())


def say(name: str, clock: float, processors: float, n_steps: float) -> None:
    """One line of the report."""
    print(f"{name:<26}{clock:8.2f} s{processors:8.2f} s of processors{n_steps:8.0f} steps", flush=True)


def measure(tables: Iterable[tables_data.Table], has_large: bool) -> None:
    """Time a fit of each table, and of a large one."""
    taken = []
    for name, X, is_rare in tables:
        taken.append(timed(X, is_rare))
        say(name, *taken[-1])
    say("median", *np.median(taken, axis=0))
    if has_large:
        X, y = make_classification(
            100_000, 30, n_informative=10, weights=[0.95], flip_y=0, shuffle=False, random_state=0
        )
        say(f"100,000 x 30, {y.sum():,} rare", *timed(X, y))


def precisions(X: Any, is_rare: np.ndarray) -> dict[str, float]:
    """Average precision of each classifier beside generated rows, the mean of five folds."""
    found: dict[str, list[float]] = {name: [] for name in CLASSIFIERS}
    for fold, (train, test) in enumerate(StratifiedKFold(5, shuffle=True, random_state=0).split(X, is_rare)):
        sampler = GANOverSampler(deformed_share=0, random_state=fold)
        X_res, y_res = sampler.fit_resample(X.iloc[train], is_rare[train])
        for name, classifier in CLASSIFIERS.items():
            scores = classifier.fit(X_res.to_numpy(), y_res).predict_proba(X.iloc[test].to_numpy())[:, 1]
            found[name].append(average_precision_score(is_rare[test], scores))
    return {name: float(np.mean(scores)) for name, scores in found.items()}


def judge(tables: Iterable[tables_data.Table]) -> None:
    """What generated rows alone are worth."""
    found = []
    for name, X, is_rare in tables:
        if name in JUDGED:
            found.append(precisions(X, is_rare))
            print(f"{name:<26}" + "  ".join(f"{which} {score:.4f}" for which, score in found[-1].items()), flush=True)
    means = {which: np.mean([scores[which] for scores in found]) for which in CLASSIFIERS}
    print(f"{'mean':<26}" + "  ".join(f"{which} {score:.4f}" for which, score in means.items()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--quality", action="store_true", help="judge generated rows in place of timing")
    parser.add_argument("--no-large", action="store_true", help="leave the large table out")
    arguments = parser.parse_args()
    import tensorflow  # noqa: F401  not part of what is timed

    warnings.simplefilter("ignore")
    tables = tables_data.development(arguments.data)
    if arguments.quality:
        judge(tables)
    else:
        measure(tables, not arguments.no_large)


if __name__ == "__main__":
    main()
