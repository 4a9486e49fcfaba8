"""Is a network worth its time beside deformation? The same cells with and without generated images.

    python benchmarks/network_trials.py --data cifar.npz --n-minority 200 --records benchmarks/network_trials.csv

Each class of colour images in turn is made rare against the rest, and brought to balance: by deformed real images alone
(`deformed_share=1`), and with a network at other shares, which are drawn from one training. Recorded is the held-out
average precision of the dense classifier, by each classifier seed. Cells that the file holds are not measured again.
"""

from __future__ import annotations

import argparse
import itertools
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from cells import measure_missing
from sklearn.metrics import average_precision_score
from sklearn.neural_network import MLPClassifier
from speed_quality import drawn_by

from gan_oversampler import GANOverSampler
from gan_oversampler.comparison._measure.classifier_metrics import positive_scores
from gan_oversampler.comparison._measure.classifiers import fit, seeded
from gan_oversampler.comparison._measure.draws import make_draw

HEADER = (
    *("n_minority", "root_seed", "draw", "class"),
    *("deformed_share", "classifier_seed", "average_precision", "seconds"),
)
SHARES = (1.0, 0.9, 0.75)


def models_by_share(
    X: np.ndarray, y: np.ndarray, shape: tuple[int, ...], seed: int
) -> Iterator[tuple[float, Any, float]]:
    """Each share, the class's model, and the seconds that it took."""
    start = time.perf_counter()
    sampler = GANOverSampler(image_shape=shape, deformed_share=SHARES[-1], random_state=seed).fit(X, y)
    seconds = time.perf_counter() - start
    for share in SHARES:
        yield share, replace(sampler.models_[1], real_share=share), seconds


def measure(
    X: np.ndarray, labels: np.ndarray, n_seeds: int, n_minority: int, root_seed: int, number: int, label: int
) -> Iterator[list[Any]]:
    """A row of the record for each share and classifier seed."""
    y = (labels == label).astype(int)
    draw = make_draw(y, number, test_size=0.2, n_minority=n_minority, seed=root_seed)
    rows = np.concatenate([draw.minority[:n_minority], draw.majority])
    flat = X.reshape(len(X), -1)
    for share, model, seconds in models_by_share(X[rows].reshape(len(rows), -1), y[rows], X.shape[1:], number):
        new = drawn_by(model, len(draw.majority) - n_minority, number)
        X_train = np.concatenate([flat[rows], new]).astype(np.float32) / 255
        y_train = np.append(y[rows], np.ones(len(new), int))
        for seed in range(n_seeds):
            judge = fit(seeded(MLPClassifier((256, 64), batch_size=128, max_iter=10), seed), X_train, y_train)
            score = average_precision_score(y[draw.test], positive_scores(judge, flat[draw.test] / np.float32(255)))
            yield [share, seed, f"{score:.5f}", f"{seconds:.1f}"]


def main() -> None:
    """Measure the cells that the record does not hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="npz file with x_train, y_train, x_test, y_test")
    parser.add_argument("--n-minority", type=int, default=200)
    parser.add_argument("--classes", type=int, nargs="+", help="default: all")
    parser.add_argument("--draws", type=int, nargs="+", default=[0, 1])
    parser.add_argument("--classifier-seeds", type=int, default=2)
    parser.add_argument("--seed", type=int, default=2)
    parser.add_argument("--records", type=Path, required=True)
    options = parser.parse_args()
    with np.load(options.data) as file:
        X = np.concatenate([file["x_train"], file["x_test"]])
        labels = np.concatenate([file["y_train"].ravel(), file["y_test"].ravel()])
    chosen = itertools.product(options.draws, options.classes or np.unique(labels).tolist())
    cells = ([options.n_minority, options.seed, number, label] for number, label in chosen)
    measure_missing(options.records, HEADER, cells, partial(measure, X, labels, options.classifier_seeds))


if __name__ == "__main__":
    main()
