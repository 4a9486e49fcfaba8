"""Does an over-sampler help a booster that is tuned? Tables, LightGBM, the sampler inside of the search.

    pip install lightgbm
    python benchmarks/table_tuned.py FOLDER --set development
    python benchmarks/table_tuned.py --set r_packages
    python benchmarks/table_tuned.py --set textbooks
    python benchmarks/table_tuned.py --report

A random search of 12 settings by three inner folds tunes LightGBM on the rows that each method resampled: the method
sees the training part of each inner fold only, and the settings are the same for all. The rows left out judge what the
search chose, and beside it LightGBM with its defaults. "The best of the search" takes the method whose best setting the
inner folds preferred, as somebody does who tunes the sampler along with the classifier. What
`benchmarks/tables/tuned.csv` holds is not measured again.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
from imblearn.over_sampling import SMOTE, RandomOverSampler
from imblearn.pipeline import make_pipeline
from scipy.stats import wilcoxon
from sklearn.base import clone
from sklearn.metrics import average_precision_score
from sklearn.model_selection import RandomizedSearchCV, StratifiedKFold
from table_cells import KEYS, main, split
from tables import encoder
from tables_data import Table

from gan_oversampler import DeformationOverSampler

FILE = Path(__file__).parent / "tables" / "tuned.csv"
OURS, SEARCHED = "DeformationOverSampler", "the best of the search"
METHODS = ("nothing", "class weights", "RandomOverSampler", "SMOTE", OURS)
JUDGES = ["default", "tuned"]
SETTINGS = {
    "n_estimators": [50, 100, 200, 400],
    "learning_rate": [0.02, 0.05, 0.1, 0.2],
    "num_leaves": [4, 8, 16, 31],
    "min_child_samples": [2, 5, 10, 20],
    "reg_lambda": [0, 1, 10],
    "colsample_bytree": [0.5, 0.8, 1],
}
N_SETTINGS, N_INNER = 12, 3


def pipeline(method: str, seed: int) -> Any:
    """A method in front of LightGBM; ours see the table, SMOTE its standardised columns."""
    from lightgbm import LGBMClassifier

    weights = "balanced" if method == "class weights" else None
    booster = LGBMClassifier(class_weight=weights, random_state=seed, verbose=-1, n_jobs=1, subsample_freq=0)
    steps = {
        "RandomOverSampler": [encoder(), RandomOverSampler(random_state=seed)],
        "SMOTE": [encoder(), SMOTE(random_state=seed, k_neighbors=3)],
        OURS: [DeformationOverSampler(random_state=seed), encoder()],
    }
    return make_pipeline(*steps.get(method, [encoder()]), booster)


def measure(table: Table, seed: int, fold: int, method: str) -> list[list[str]]:
    """Average precision of the booster with its defaults and tuned, and what the inner folds said of the latter."""
    rows, labels, _, left_out, truth = split(table, seed, fold)
    model = pipeline(method, fold)
    search = RandomizedSearchCV(
        model,
        {f"lgbmclassifier__{name}": values for name, values in SETTINGS.items()},
        n_iter=N_SETTINGS,
        scoring="average_precision",
        cv=StratifiedKFold(N_INNER, shuffle=True, random_state=fold),
        random_state=fold,
        error_score="raise",
    ).fit(rows, labels)
    fitted = [clone(model).fit(rows, labels), search.best_estimator_]
    found = [average_precision_score(truth, m.predict_proba(left_out)[:, 1]) for m in fitted]
    return [[*(f"{value:.5f}" for value in found), f"{search.best_score_:.5f}"]]


def report(records: pd.DataFrame) -> str:
    """Means over tables; how the tuned booster differs from nothing, with the error and Wilcoxon's p over tables."""
    chosen = records.loc[records.groupby(KEYS).inner.idxmax()].assign(method=SEARCHED)
    parts = []
    for kind, rows in pd.concat([records, chosen]).groupby("set", sort=False):
        of_tables = rows.pivot_table(index="table", columns="method", values="tuned")
        means = rows.groupby("method")[JUDGES].mean()
        folds = rows.fold.nunique()
        lines = [
            f"| {kind}, {len(of_tables)} tables, {folds} folds | default | tuned | tuned, minus nothing | lost | p |"
        ]
        lines.append("|---|---:|---:|---:|---:|---:|")
        for method in (*METHODS, SEARCHED):
            gain = of_tables[method] - of_tables["nothing"]
            p = f"{wilcoxon(gain).pvalue:.3f}" if gain.any() else ""
            figures = " | ".join(f"{means.loc[method, judge]:.4f}" for judge in JUDGES)
            lost = int((gain < -0.01).sum())
            lines.append(f"| {method} | {figures} | {gain.mean():+.4f} ± {gain.sem():.4f} | {lost} | {p} |")
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


if __name__ == "__main__":
    main(__doc__, FILE, [*KEYS, "method", *JUDGES, "inner"], METHODS, measure, report, seed=71, n_folds=2)
