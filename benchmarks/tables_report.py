"""The report of `tables/scores.csv`: `python benchmarks/tables_report.py`."""

from pathlib import Path

import pandas as pd
from scipy.stats import wilcoxon

OURS, CLASSIFIERS = "DeformationOverSampler", ["dense", "logistic", "boosted"]


def report(scores: pd.DataFrame) -> None:
    """Means, ranks and losses of the methods measured in every fold, and ours against each."""
    n_cells = scores.groupby("method").size()
    scores = scores[scores.method.isin(n_cells.index[n_cells == n_cells.max()])]
    means = scores.groupby(["table", "method"])[CLASSIFIERS].mean().unstack("method")
    average = sum(means[name] for name in CLASSIFIERS) / len(CLASSIFIERS)
    columns = {"mean": average.mean()}
    for name in CLASSIFIERS:
        lost = means[name].rsub(means[name]["nothing"], axis=0)
        columns |= {name: means[name].mean(), f"rank {name}": means[name].rank(axis=1, ascending=False).mean()}
        columns |= {f"lost {name}": (lost > 0.01).sum(), f"worst {name}": lost.max()}
    print(pd.DataFrame(columns).round(4).to_string())
    for other in average.columns.drop(OURS):
        gain = average[OURS] - average[other]
        print(f"{OURS} - {other}: {gain.mean():+.4f}, p = {wilcoxon(gain).pvalue:.3f}")


for kind, part in pd.read_csv(Path(__file__).parent / "tables" / "scores.csv").groupby("set"):
    print(f"\n{kind}: {part.table.nunique()} tables")
    report(part)
