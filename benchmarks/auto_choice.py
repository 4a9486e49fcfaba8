"""Which rule of choosing among samplers and amounts helps: the evidence that a rule sees, and what each choice brings.

    python benchmarks/auto_choice.py FOLDER --set development
    python benchmarks/auto_choice.py --set r_packages
    python benchmarks/auto_choice.py --report

The folder holds CSV files whose last column is the label, cut as in `tables.py`. In each outer fold every candidate of
`AutoOverSampler` is judged by inner cross-validation, and on the rows left out, by three classifiers. Each line of
`benchmarks/tables/choice.csv` holds both, so that any rule can be tried afterwards without a further fit. A rule is
chosen on the development set alone. What the record holds is not measured again.
"""

from __future__ import annotations

import argparse
import os
import time
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import pandas as pd
from cells import measure_missing
from imblearn.over_sampling import SMOTE
from scipy.stats import wilcoxon
from sklearn.base import clone
from sklearn.model_selection import RepeatedStratifiedKFold, StratifiedKFold
from sklearn.preprocessing import StandardScaler
from tables import _held_out as precision
from tables import classifiers, encoder
from tables_data import SETS, Table

from gan_oversampler._choice.candidates import candidates
from gan_oversampler._choice.evidence import preferred_of_the_best
from gan_oversampler._choice.splits import fewest
from gan_oversampler._utils.corrected_error import corrected_error

FILE = Path(__file__).parent / "tables" / "choice.csv"
HEADER = ["set", "seed", "table", "fold", "method", "classifier", "average_precision", "inner", "seconds"]
N_FOLDS, INNER_FOLDS, INNER_REPEATS = 5, 5, 2
SHARES = (0.25, 0.5, 1.0)


def scores(sampler: Any, X: Any, y: np.ndarray, train: np.ndarray, test: np.ndarray, seed: int) -> list[float]:
    """Average precision of each classifier on rows left out."""
    rows, labels, encode = X.iloc[train].reset_index(drop=True), y[train], encoder().fit(X.iloc[train])
    if sampler is not None:
        rows, labels = clone(sampler).set_params(random_state=seed).fit_resample(rows, labels)
    seen, held_out = encode.transform(rows), encode.transform(X.iloc[test])
    return [precision(members, seen, labels, held_out, y[test]) for members in classifiers(seed).values()]


def _training(
    tables: dict[str, Table], repeat: int, name: str, fold: int
) -> tuple[pd.DataFrame, np.ndarray, list[tuple[np.ndarray, np.ndarray]], np.ndarray, int]:
    """Training rows of an outer fold and their labels, the inner splits, the rows left out, and a seed."""
    _, X, y = tables[name]
    outer = StratifiedKFold(N_FOLDS, shuffle=True, random_state=repeat).split(X, y)
    train, test = list(outer)[fold]
    seed = 10 * repeat + fold
    inner = RepeatedStratifiedKFold(n_splits=INNER_FOLDS, n_repeats=INNER_REPEATS, random_state=seed)
    return X.iloc[train].reset_index(drop=True), y[train], list(inner.split(train, y[train])), test, seed


class ScaledSMOTE(SMOTE):
    """SMOTE whose neighbours are those on standardised columns; its rows come back in the user's units."""

    def _fit_resample(self, X: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        scaler = StandardScaler().fit(X)
        rows, labels = super()._fit_resample(scaler.transform(X), y)
        return np.concatenate([X, scaler.inverse_transform(rows[len(X) :]).astype(X.dtype)]), labels


def methods_of(tables: dict[str, Table], repeat: int, name: str, fold: int) -> dict[str, Any]:
    """What `AutoOverSampler` would try, and SMOTE on standardised columns beside it."""
    rows, labels, splits, _, _ = _training(tables, repeat, name, fold)
    n_fewest = min(fewest(labels[part]) for part, _ in splits)
    new = int((~labels).sum() - labels.sum())
    methods = candidates(rows, labels, n_fewest, {True: new}, SHARES, with_network=False)
    plain = {key: sampler for key, sampler in methods.items() if type(sampler) is SMOTE}
    return methods | {f"Scaled{key}": ScaledSMOTE(**sampler.get_params()) for key, sampler in plain.items()}


def measure(tables: dict[str, Table], kind: str, repeat: int, name: str, fold: int, method: str) -> Iterator[list[Any]]:
    """A row for each classifier."""
    _, X, y = tables[name]
    rows, labels, splits, test, seed = _training(tables, repeat, name, fold)
    sampler = methods_of(tables, repeat, name, fold)[method]
    start = time.process_time()
    inside = [scores(sampler, rows, labels, *split, seed) for split in splits]
    seconds = time.process_time() - start
    train = np.setdiff1d(np.arange(len(y)), test)
    outside = scores(sampler, X, y, train, test, seed)
    for classifier, *values in zip(classifiers(0), outside, *inside, strict=True):
        inner = " ".join(f"{value:.4f}" for value in values[1:])
        yield [classifier, f"{values[0]:.5f}", inner, f"{seconds:.1f}"]


Rule = Callable[[np.ndarray, list[str]], int]
"""Takes inner scores of shape (n_methods, n_splits) and the names of the methods; returns a position."""
RATIO = 1 / (INNER_FOLDS - 1)
OURS = "DeformationOverSampler"
ORDERS = {"nothing": ["nothing", OURS], "ours": [OURS, "nothing"], "ours to half": [f"{OURS} to 0.5", "nothing", OURS]}


def always(name: str, inner: np.ndarray, names: list[str]) -> int:
    """One candidate; where a table has another kind of SMOTE, that kind."""
    plain = name.removeprefix("Scaled")
    kinds = (name, plain.replace("SMOTE", "SMOTENC"), plain.replace("SMOTE", "SMOTEN"))
    return next((names.index(kind) for kind in kinds if kind in names), 0)


def best(inner: np.ndarray, names: list[str]) -> int:
    """The highest mean."""
    return int(inner.mean(axis=1).argmax())


def towards_its_sampler(inner: np.ndarray, names: list[str]) -> int:
    """The highest mean after each went half of the way to the mean over the amounts of its sampler."""
    means = pd.Series(inner.mean(axis=1))
    return int((means + means.groupby([name.split(" to ")[0] for name in names]).transform("mean")).argmax())


def first_within(order: list[str], errors: float, inner: np.ndarray, names: list[str]) -> int:
    """The first in an order that is not worse than the best by more than so many standard errors."""
    places = sorted(range(len(names)), key=lambda i: order.index(names[i]) if names[i] in order else len(order))
    lost = inner[best(inner, names)] - inner[places]
    return places[int(np.flatnonzero(lost.mean(axis=1) <= errors * corrected_error(lost, RATIO))[0])]


def of_the_package(inner: np.ndarray, names: list[str]) -> int:
    """What `AutoOverSampler` chooses."""
    order = sorted(range(len(names)), key=lambda i: (names[i] != "nothing", OURS not in names[i]))
    return order[preferred_of_the_best(inner[order], RATIO)]


def _candidates(names: list[str]) -> list[int]:
    """Positions of what the package tries: SMOTE on standardised columns is none of it."""
    return [i for i, name in enumerate(names) if not name.startswith("Scaled")]


def among_candidates(rule: Rule, inner: np.ndarray, names: list[str]) -> int:
    """What a rule chooses of the candidates of the package."""
    kept = _candidates(names)
    return kept[rule(inner[kept], [names[i] for i in kept])]


def of_five_folds(rule: Rule, inner: np.ndarray, names: list[str]) -> int:
    """What a rule chooses by the first repeat alone, which is what `cv=5` costs."""
    return rule(inner[:, :INNER_FOLDS], names)


def halving(rule: Rule, inner: np.ndarray, names: list[str]) -> int:
    """What a rule chooses of those that successive halving keeps, which costs as many fits as five folds of all.

    Two folds of all, five of the better half, ten of the better quarter. Nothing is always kept: rules ask for it.
    """
    kept = list(range(len(names)))
    for n_folds, share in ((2, 0.5), (INNER_FOLDS, 0.25)):
        means = inner[kept, :n_folds].mean(axis=1)
        better = sorted(np.argsort(-means, kind="stable")[: max(2, round(share * len(names)))])
        kept = [kept[i] for i in better]
        kept = kept if names.index("nothing") in kept else [names.index("nothing"), *kept]
    return kept[rule(inner[kept], [names[i] for i in kept])]


CHOOSING: dict[str, Rule] = {
    "the best": best,
    "the best, drawn towards its sampler": towards_its_sampler,
    **{
        f"{name} first, within {errors} errors": partial(first_within, order, errors)
        for name, order in ORDERS.items()
        for errors in (0.5, 0.75, 1)
    },
    "AutoOverSampler": of_the_package,
}
HALVED = ("the best", "nothing first, within 1 errors")
SMOTES = ("SMOTE", "SMOTE to 0.5", "ScaledSMOTE", "ScaledSMOTE to 0.5")
RULES: dict[str, Rule] = {
    **{name: partial(always, name) for name in ("nothing", "RandomOverSampler", *SMOTES)},
    **{name: partial(always, name) for name in (OURS, f"{OURS} to 0.5", f"{OURS} to 0.25")},
    **{f"{name}; twice": partial(among_candidates, rule) for name, rule in CHOOSING.items()},
    **{name: partial(of_five_folds, partial(among_candidates, rule)) for name, rule in CHOOSING.items()},
    **{f"{name}; halving": partial(among_candidates, partial(halving, CHOOSING[name])) for name in HALVED},
}


def report(records: pd.DataFrame, rules: dict[str, Rule]) -> str:
    """Means over tables of what each rule's choice brings, and losses against nothing, as Markdown."""
    found = []
    for (kind, table, _, _, classifier), rows in records.groupby(["set", "table", "seed", "fold", "classifier"]):
        names, inner = list(rows.method), np.array([np.fromstring(text, sep=" ") for text in rows.inner])
        outer = rows.average_precision.to_numpy()
        found += [(kind, rule, table, classifier, outer[choose(inner, names)]) for rule, choose in rules.items()]
        found.append((kind, "the best there is", table, classifier, outer[_candidates(names)].max()))
    cells = pd.DataFrame(found, columns=["set", "rule", "table", "classifier", "score"])
    parts = []
    for kind, part in cells.groupby("set", sort=False):
        of_tables = part.pivot_table(index=["table", "classifier"], columns="rule", values="score")
        judges = sorted(part.classifier.unique())
        n = len(of_tables) // len(judges)
        lines = [f"| {kind}, {n} tables | mean | {' | '.join(judges)} | lost | p nothing | p SMOTE |"]
        lines.append("|---|" + "---:|" * (len(judges) + 4))
        for rule in [*rules, "the best there is"]:
            lost = (of_tables[rule] < of_tables["nothing"] - 0.01).groupby("classifier").sum()
            means = of_tables[rule].groupby("classifier").mean()
            ps = []
            for other in ("nothing", "SMOTE"):
                gain = (of_tables[rule] - of_tables[other]).groupby("table").mean()
                ps.append(f"{wilcoxon(gain).pvalue:.3f}" if gain.any() else "")
            figures = [f"{means.mean():.4f}", *(f"{means[judge]:.4f}" for judge in judges)]
            lines.append(f"| {rule} | {' | '.join(figures)} | {', '.join(map(str, lost))} | {' | '.join(ps)} |")
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, help="CSV files")
    parser.add_argument("--set", default="development", choices=SETS)
    parser.add_argument("--seed", type=int, default=0, help="of the outer folds")
    parser.add_argument("--folds", type=int, default=N_FOLDS, help="how many of the five are measured")
    parser.add_argument("--records", type=Path, default=FILE)
    parser.add_argument("--report", action="store_true")
    arguments = parser.parse_args()
    if arguments.report:
        records = pd.read_csv(arguments.records)
        both = records[records.set.isin(("development", "r_packages"))]
        print(f"{report(records, RULES)}\n\n{report(both.assign(set='both'), RULES)}")
        return
    warnings.simplefilter("ignore")
    tables = {table[0]: table for table in SETS[arguments.set](arguments.folder)}
    cells = [
        (arguments.set, arguments.seed, name, fold, method)
        for fold in range(arguments.folds)
        for name in tables
        for method in methods_of(tables, arguments.seed, name, fold)
    ]
    measure_missing(arguments.records, HEADER, cells, partial(measure, tables))


if __name__ == "__main__":
    main()
