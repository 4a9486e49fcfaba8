"""What the label filter is worth: one training of a rare digit, drawn from with the filter and without it.

    GAN_OVERSAMPLER_MNIST=mnist.npz python benchmarks/label_filter.py --records benchmarks/label-filter.csv \
        --cells 5:315 5:100 3:100

Each cell is a digit and its number of training images, beside 20,000 images of the other digits. Held-out average
precision of the dense classifier of the comparison, three seeds: for the default mixture with deformed real images,
and for generated images alone. A cell that is in the file already is not measured again.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import average_precision_score

from gan_oversampler import GANOverSampler
from gan_oversampler._utils import seeds
from gan_oversampler.comparison._measure.classifier_metrics import positive_scores
from gan_oversampler.comparison._measure.classifiers import fit, seeded, strong_classifier
from gan_oversampler.comparison._measure.draws import make_draw
from gan_oversampler.datasets import load_mnist

HEADER = ("digit", "n_minority", "draw", "drawn", "filtered", "classifier_seed", "average_precision")
N_OTHERS, N_SEEDS = 20_000, 3


def ways_to_draw(model: Any) -> Iterator[tuple[str, bool, Any]]:
    """What is drawn, whether it is filtered, and the model that draws so."""
    for drawn, kind in (("mixture", model), ("generated alone", replace(model, real=None, real_share=0.0))):
        yield drawn, True, kind
        yield drawn, False, replace(kind, label_filter=None)


def measure(X: np.ndarray, labels: np.ndarray, digit: int, n_minority: int, draw_number: int) -> Iterator[list[Any]]:
    """A row of the record for each way to draw and classifier seed."""
    y = (labels == digit).astype(int)
    draw = make_draw(y, draw_number, test_size=0.2, n_minority=n_minority, seed=0)
    others = seeds.generator(0, "others", draw_number).choice(draw.majority, N_OTHERS, replace=False)
    rows = np.concatenate([draw.minority[:n_minority], np.sort(others)])
    sampler = GANOverSampler(image_shape=(28, 28), random_state=draw_number)
    sampler.fit_resample(X[rows], y[rows])
    for drawn, is_filtered, model in ways_to_draw(sampler.models_[1]):
        chunks = model.draw(N_OTHERS - n_minority, np.random.default_rng([7, draw_number]))
        new = np.concatenate([chunk.rows for chunk in chunks]).astype(np.float32)
        X_train, y_train = np.concatenate([X[rows], new]), np.append(y[rows], np.ones(len(new), int))
        for seed in range(N_SEEDS):
            classifier = fit(seeded(strong_classifier(), seed), X_train, y_train)
            score = average_precision_score(y[draw.test], positive_scores(classifier, X[draw.test]))
            yield [digit, n_minority, draw_number, drawn, int(is_filtered), seed, f"{score:.5f}"]


def main() -> None:
    """Measure the cells that the record does not hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=Path, required=True)
    parser.add_argument("--cells", nargs="+", required=True, metavar="DIGIT:IMAGES")
    parser.add_argument("--draw", type=int, default=0)
    parser.add_argument("--data", help="mnist.npz (default: $GAN_OVERSAMPLER_MNIST, else a download, cached)")
    options = parser.parse_args()
    images, labels = load_mnist(options.data)
    X = images.reshape(len(images), -1).astype(np.float32) / 255
    known = {tuple(line[:3]) for line in csv.reader(options.records.open())} if options.records.exists() else set()
    for digit, n_minority in (cell.split(":") for cell in options.cells):
        if (digit, n_minority, str(options.draw)) in known:
            continue
        rows = list(measure(X, labels, int(digit), int(n_minority), options.draw))
        with options.records.open("a", newline="") as file:
            csv.writer(file).writerows(rows if known else [HEADER, *rows])
        known.add((digit, n_minority, str(options.draw)))


if __name__ == "__main__":
    main()
