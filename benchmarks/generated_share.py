"""How many generated images beside deformed ones? Photographs, one network each, the same cells at six shares.

    python benchmarks/generated_share.py cifar.npz --draws 0 1 --classifiers convolutional
    python benchmarks/generated_share.py cifar.npz --draws 2 3 4 --shares 0 0.05 0.25
    python benchmarks/generated_share.py --report

Each class in turn is made rare (200 images) beside the other three and brought to balance. Every share of generated
images is drawn from one training and one deformation, with one stream of random numbers: a smaller share replaces fewer
of the same deformed images, and a share of 0 is what `DeformationOverSampler` makes: its deformation is learned from
the same seed. A row of the record holds held-out
average precision by one classifier and one seed, and the scores of the quality report at that share. Cells that the
file holds are not measured again.
"""

from __future__ import annotations

import argparse
import itertools
import os
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import pandas as pd
from cells import measure_missing
from scipy.stats import ttest_1samp
from sklearn.metrics import average_precision_score
from speed_quality import drawn_by

from gan_oversampler import GANOverSampler
from gan_oversampler.comparison import ConvolutionalClassifier, DenseClassifier
from gan_oversampler.comparison._measure.classifier_metrics import positive_scores
from gan_oversampler.comparison._measure.classifiers import fit, seeded
from gan_oversampler.comparison._measure.draws import Draw, make_draw

FILE = Path(__file__).with_name("generated-share.csv")
SHARES = (0.0, 0.05, 0.1, 0.25, 0.5, 1.0)
CLASSIFIERS = {
    "convolutional": ConvolutionalClassifier(image_shape=(32, 32, 3), n_steps=600),
    "dense": DenseClassifier((256, 64)),
}
SCORES = ("precision", "recall", "density", "coverage", "kernel_distance", "two_sample_accuracy", "label_agreement")
CELL = ("n_minority", "root_seed", "draw", "class")
FIELDS = ("generated_share", "classifier", "classifier_seed", "average_precision", *SCORES, "verdict", "fit_seconds")
N_MINORITY, ROOT_SEED, TEST_SIZE = 200, 9127, 0.4


def draw_of(labels: np.ndarray, label: int, number: int) -> tuple[np.ndarray, Draw, np.ndarray]:
    """Whether each image is of the rare class, the draw, and the rows to train on."""
    y = (labels == label).astype(int)
    draw = make_draw(y, number, test_size=TEST_SIZE, n_minority=N_MINORITY, seed=ROOT_SEED)
    return y, draw, np.concatenate([draw.minority[:N_MINORITY], draw.majority])


def with_share(sampler: GANOverSampler, share: float) -> GANOverSampler:
    """The fitted sampler, which from now on draws this share of generated images, and has made no report yet."""
    sampler.models_[1] = replace(sampler.models_[1], real_share=1 - share)
    vars(sampler).pop("_quality_reports_", None)
    return sampler


def measure(
    X: np.ndarray, labels: np.ndarray, options: argparse.Namespace, _n: int, _root: int, number: int, label: int
) -> Iterator[list[Any]]:
    """A row of the record for each share, classifier and seed."""
    y, draw, rows = draw_of(labels, label, number)
    flat, start = X.reshape(len(X), -1), time.process_time()
    sampler = GANOverSampler(image_shape=X.shape[1:], random_state=number).fit(flat[rows], y[rows])
    seconds = time.process_time() - start
    for share in options.shares:
        report = with_share(sampler, share).quality_report_[1]
        new = drawn_by(sampler.models_[1], len(draw.majority) - N_MINORITY, number)
        if options.images:
            np.save(options.images / f"{label}-{number}-{share}.npy", np.round(new[:1000]).astype(np.uint8))
        X_train = np.concatenate([flat[rows], new]).astype(np.float32) / 255
        y_train = np.append(y[rows], np.ones(len(new), int))
        scores = [f"{report.scores.get(name, np.nan):.4f}" for name in SCORES]
        for name, seed in itertools.product(options.classifiers, range(options.classifier_seeds)):
            judge = fit(seeded(CLASSIFIERS[name], seed), X_train, y_train)
            found = average_precision_score(y[draw.test], positive_scores(judge, flat[draw.test] / np.float32(255)))
            yield [share, name, seed, f"{found:.5f}", *scores, report.verdict, f"{seconds:.1f}"]


def report(records: pd.DataFrame) -> None:
    """Means of each share, and how they differ from a share of 0, cell by cell; the share was chosen on draw 0."""
    records["chosen on"] = records.draw == 0
    for kind, part in records.groupby(["classifier", "chosen on"]):
        cells = part.pivot_table(index=["class", "draw"], columns="generated_share", values="average_precision")
        apart = cells.sub(cells[0.0], axis=0)
        table = pd.DataFrame({"cells": cells.count(), "difference": apart.mean(), "error": apart.sem()})
        table["p"] = [ttest_1samp(apart[share], 0, nan_policy="omit").pvalue if share else np.nan for share in cells]
        print(f"\n{kind}: {cells[0.0].mean():.4f} with deformed images alone\n{table.round(4).to_string()}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="?", type=Path, help="npz file with x_train, y_train, x_test, y_test")
    parser.add_argument("--draws", type=int, nargs="+", default=[0, 1])
    parser.add_argument("--shares", type=float, nargs="+", default=SHARES)
    parser.add_argument("--classifiers", nargs="+", choices=list(CLASSIFIERS), default=list(CLASSIFIERS))
    parser.add_argument("--classifier-seeds", type=int, default=2)
    parser.add_argument("--images", type=Path, help="a folder for the first 1,000 new images of each share")
    parser.add_argument("--records", type=Path, default=FILE)
    parser.add_argument("--report", action="store_true")
    options = parser.parse_args()
    if options.report:
        report(pd.read_csv(options.records))
        return
    with np.load(options.data) as file:
        X = np.concatenate([file["x_train"], file["x_test"]])
        labels = np.concatenate([file["y_train"].ravel(), file["y_test"].ravel()])
    cells = [[N_MINORITY, ROOT_SEED, *cell] for cell in itertools.product(options.draws, np.unique(labels).tolist())]
    measure_missing(options.records, (*CELL, *FIELDS), cells, partial(measure, X, labels, options))


if __name__ == "__main__":
    main()
