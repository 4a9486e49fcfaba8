"""Does every rival get the steps that suit it? Photographs, at three budgets, the budget chosen on validation rows.

    python benchmarks/budgets.py cifar.npz
    python benchmarks/budgets.py --report

Each class in turn is made rare (200 images) beside the other three. Every method resamples once, and a convolutional
classifier is fitted with 600, 1,800 and 5,400 steps; its learning rate falls along half a cosine over each. Of the
held-out rows, 50 images of the class and 150 others choose the steps, and the rest judges: the choice knows no row that
judges, and nobody trains on either. Cells that the file holds are not measured again.
"""

from __future__ import annotations

import argparse
import itertools
import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import pandas as pd
from cells import measure_missing
from online import photographs
from scipy.stats import ttest_1samp
from sklearn.metrics import average_precision_score

from gan_oversampler._utils.seeds import generator
from gan_oversampler.comparison import ConvolutionalClassifier
from gan_oversampler.comparison._measure.classifier_metrics import positive_scores
from gan_oversampler.comparison._measure.classifiers import fit
from gan_oversampler.comparison._measure.draws import make_draw
from gan_oversampler.comparison._measure.methods import choose_methods
from gan_oversampler.comparison._measure.problem import as_problem
from gan_oversampler.comparison._measure.protocol import Protocol
from gan_oversampler.comparison._measure.resampling import resample

FILE = Path(__file__).with_name("budgets.csv")
SEED = 3391
STEPS = (600, 1800, 5400)
N_MINORITY, N_CHOOSING, TEST_SIZE = 200, (150, 50), 0.2
CELL = ("root_seed", "draw", "class", "method")
FIELDS = ("n_steps", "validation_average_precision", "average_precision", "seconds")
METHODS = (
    *("nothing", "class weights", "SMOTE", "flip and crop online, balanced", "TrivialAugment online, balanced"),
    *("logit adjustment", "mixup-DRW", "Remix-DRW", "LDAM-DRW", "DeformationOverSampler"),
    *("DeformationOverSampler online", "DeformationOverSampler online both classes", "GANOverSampler"),
)


def choosing(y: np.ndarray, seed: int, number: int) -> np.ndarray:
    """Which of the held-out rows choose the steps: 50 of the class and 150 others."""
    rng, chosen = generator(seed, "choosing", number), np.zeros(len(y), bool)
    for label, n in enumerate(N_CHOOSING):
        chosen[rng.choice(np.flatnonzero(y == label), n, replace=False)] = True
    return chosen


def measure(
    X: np.ndarray, labels: np.ndarray, seed: int, number: int, label: int, name: str
) -> Iterator[tuple[int, str, str, str]]:
    """A row of the record for each budget."""
    problem = as_problem(X, labels, label)
    draw = make_draw(problem.y, number, test_size=TEST_SIZE, n_minority=N_MINORITY, seed=seed)
    known = {"n_kept": draw.n_kept, "available": len(draw.minority), "image_shape": problem.image_shape}
    method = next(method for method in choose_methods(None, [name], **known) if method.name == name)
    judges = {str(n): ConvolutionalClassifier(image_shape=problem.image_shape, n_steps=n) for n in STEPS}
    protocol = Protocol(problem, judges, seed, 1, "f1", None, True)
    resampled = resample(protocol, draw, method)
    y, rows = problem.y[draw.test], problem.rows(draw.test)
    chooses = choosing(y, seed, number)
    for n_steps in STEPS:
        judge = protocol.classifier(draw, method, str(n_steps), 0)
        scores = positive_scores(fit(judge, resampled.X, resampled.y, weighted=method.weighted), rows)
        found = [average_precision_score(y[part], scores[part]) for part in (chooses, ~chooses)]
        print(f"class {label}, draw {number}, {name}, {n_steps} steps: {found[1]:.4f}", flush=True)
        yield n_steps, *(f"{value:.5f}" for value in found), f"{resampled.seconds:.1f}"


def report(record: pd.DataFrame) -> str:
    """Mean average precision at each budget and at the one that validation rows choose, and differences from ours.

    Means are over the cells that a method was measured on, and ours at its chosen budget on the same ones.
    """
    cells = record.pivot_table(index=["method", "class", "draw"], columns="n_steps", values="average_precision")
    by_choice = record.groupby(["method", "class", "draw"])["validation_average_precision"].idxmax()
    chosen = record.loc[by_choice].set_index(["method", "class", "draw"])
    ours = chosen.average_precision["DeformationOverSampler"]
    names = ["cells", *(f"{n:,} steps" for n in STEPS), "chosen", "steps, median", "ours there", "ours minus it", "p"]
    lines = [f"| method | {' | '.join(names)} |", "| --- |" + " ---: |" * len(names)]
    for method in [name for name in METHODS if name in set(record.method)]:
        at, own = cells.loc[method].mean(), chosen.loc[method]
        apart = ours[own.index] - own.average_precision
        p = f"{ttest_1samp(apart, 0).pvalue:.3f}" if len(apart) > 1 and apart.any() else ""
        figures = [*(at[n] for n in STEPS), own.average_precision.mean()]
        lines.append(
            f"| {method} | {len(own)} | {' | '.join(f'{value:.4f}' for value in figures)} | "
            f"{own.n_steps.median():,.0f} | {ours[own.index].mean():.4f} | {apart.mean():+.4f} | {p} |"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="?", type=Path, help="npz file with x_train, y_train, x_test, y_test")
    parser.add_argument("--draws", type=int, nargs="+", default=[0])
    parser.add_argument("--classes", type=int, nargs="+", default=[0, 1, 2, 3])
    parser.add_argument("--methods", nargs="+", default=METHODS)
    parser.add_argument("--records", type=Path, default=FILE)
    parser.add_argument("--report", action="store_true")
    options = parser.parse_args()
    if options.report:
        print(report(pd.read_csv(options.records)))
        return
    X, labels = photographs(options.data)
    cells = itertools.product([SEED], options.draws, options.classes, options.methods)
    measure_missing(options.records, (*CELL, *FIELDS), cells, partial(measure, X, labels))


if __name__ == "__main__":
    main()
