"""What new rows give away about the rows that they were learned from: `python benchmarks/privacy.py TABLE.csv`.

Half of a class is shown to each sampler, which makes ten new rows for each row it saw, and two attacks then tell that
half from the other (`gan_oversampler.comparison.attack_sampler`). Data: the 8x8 digits of scikit-learn, each in turn;
breast cancer, its rarer class in several halves; and one CSV file, whose last column is the class, likewise. Outcomes
are appended to `benchmarks/privacy.csv`, a line an attack, so that a run that was stopped goes on where it stood. The
table of `benchmarks/privacy.md` is printed in the end.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from imblearn.over_sampling import SMOTE
from sklearn.datasets import load_breast_cancer, load_digits

from gan_oversampler import DeformationOverSampler, GANOverSampler
from gan_oversampler.comparison import attack_sampler
from gan_oversampler.datasets import load_table

FILE = Path(__file__).parent / "privacy.csv"
FIELDS = ["data", "label", "half", "method", "attack", "auc", "rate", "p_value"]
PER_ROW = 10
N_HALVES = 5
METHODS = {
    "SMOTE": SMOTE(),
    "DeformationOverSampler": DeformationOverSampler(),
    "GANOverSampler": GANOverSampler(verbose=0),
    "GANOverSampler, deformed_share=0": GANOverSampler(deformed_share=0, verbose=0),
}
ATTACKS = ("distance", "likelihood_ratio")

Problem = tuple[str, Any, Any, Any, int, tuple[int, ...] | None]  # name, X, y, label, half, image shape


def problems(table: Path) -> Iterator[Problem]:
    """A class of some data, to be halved in some way."""
    X, y = load_digits(return_X_y=True)
    for label in range(10):
        yield "digits", X, y, label, label, (8, 8)
    for name, (X, y) in {"breast cancer": load_breast_cancer(return_X_y=True), table.stem: load_table(table)}.items():
        labels, counts = np.unique(y, return_counts=True)
        for half in range(N_HALVES):
            yield name, X, y, labels[np.argmin(counts)].item(), half, None


def record() -> list[dict[str, str]]:
    """Lines that were measured."""
    if not FILE.exists():
        return []
    with FILE.open(newline="") as file:
        return list(csv.DictReader(file))


def measure(problem: Problem, method: str) -> list[list[Any]]:
    """A line of the record for each attack."""
    name, X, y, label, half, image_shape = problem
    n_new = PER_ROW * (int((y == label).sum()) // 2)
    found = attack_sampler(
        METHODS[method], X, y, minority=label, n_new=n_new, image_shape=image_shape, random_state=half
    )
    attacks = zip(ATTACKS, found, strict=True)
    return [[name, label, half, method, attack, *(f"{value:.4g}" for value in result)] for attack, result in attacks]


def report() -> str:
    """The table: means over classes or halves, and in how many cells chance does not explain the attack."""
    rows = record()
    lines = [
        "| data | sampler | attack | ROC AUC | least to most | found at 1 % | told |",
        "|---|---|---|---:|---|---:|---|",
    ]
    for data, method, attack in product(dict.fromkeys(row["data"] for row in rows), METHODS, ATTACKS):
        cells = [row for row in rows if (row["data"], row["method"], row["attack"]) == (data, method, attack)]
        if not cells:
            continue
        auc, rate, p = (np.array([float(cell[name]) for cell in cells]) for name in ("auc", "rate", "p_value"))
        figures = f"{auc.mean():.2f} | {auc.min():.2f} to {auc.max():.2f} | {100 * rate.mean():.0f} %"
        lines.append(f"| {data} | {method} | {attack.replace('_', ' ')} | {figures} | {(p < 0.05).sum()} of {len(p)} |")
    return "\n".join(lines)


def main() -> None:
    """Measure the cells that the record does not hold, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table", type=Path, help="CSV file, such as vehicle3.csv of KEEL")
    done = {tuple(line[field] for field in FIELDS[:4]) for line in record()}
    for problem, method in product(problems(parser.parse_args().table), METHODS):
        name, _, _, label, half, _ = problem
        if (name, str(label), str(half), method) in done:
            continue
        lines = measure(problem, method)
        is_new = not FILE.exists()
        with FILE.open("a", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([FIELDS, *lines] if is_new else lines)
    print(report())


if __name__ == "__main__":
    main()
