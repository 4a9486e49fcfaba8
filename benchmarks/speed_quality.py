"""What quicker training costs: the same cells with two states of the library.

    PYTHONPATH=src python benchmarks/speed_quality.py --data mnist.npz --name now --records benchmarks/speed/quality.csv
    PYTHONPATH=EARLIER/src python benchmarks/speed_quality.py --data mnist.npz --name before --records ...

A cell is a digit and a draw: 315 images of the digit beside 20,000 others are brought to balance by one training.
Recorded are the held-out average precision of the dense classifier of the comparison, for the default mixture and for
generated images alone, by three classifier seeds; precision and coverage of generated images against held-out ones; and
seconds. Cells that the file holds are not measured again. The draws are others than those of earlier choices, the
digits 5, 3 and 8 are the same. The size of the networks and their steps were chosen on these cells.
"""

from __future__ import annotations

import argparse
import itertools
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from cells import measure_missing
from sklearn.metrics import average_precision_score

from gan_oversampler import GANOverSampler, metrics
from gan_oversampler._utils import seeds
from gan_oversampler.comparison._measure.classifier_metrics import positive_scores
from gan_oversampler.comparison._measure.classifiers import fit, seeded, strong_classifier
from gan_oversampler.comparison._measure.draws import make_draw
from gan_oversampler.datasets import load_mnist

HEADER = (
    *("name", "digit", "draw", "drawn", "classifier_seed"),
    *("average_precision", "precision", "coverage", "seconds"),
)
N_MINORITY, N_OTHERS, N_SEEDS, SEED = 315, 20_000, 3, 4


def drawn_by(model: Any, n: int, draw: int) -> np.ndarray:
    """New rows of a class model."""
    chunks = model.draw(n, np.random.default_rng([7, draw]))
    return np.concatenate([chunk.rows for chunk in chunks]).astype(np.float32)


def measure(X: np.ndarray, labels: np.ndarray, digit: int, number: int, steps: int | None) -> Iterator[list[Any]]:
    """A row of the record for each kind of new images and each classifier seed."""
    y = (labels == digit).astype(int)
    draw = make_draw(y, number, test_size=0.2, n_minority=N_MINORITY, seed=SEED)
    others = seeds.generator(SEED, "others", number).choice(draw.majority, N_OTHERS, replace=False)
    rows = np.concatenate([draw.minority[:N_MINORITY], np.sort(others)])
    sampler = GANOverSampler(image_shape=(28, 28), max_iter=steps, random_state=number)
    start = time.perf_counter()
    sampler.fit_resample(X[rows], y[rows])
    seconds = time.perf_counter() - start
    mixture = sampler.models_[1]
    held_out = X[draw.test[y[draw.test] == 1]]
    for drawn, model in (("mixture", mixture), ("alone", replace(mixture, real=None, real_share=0.0))):
        new = drawn_by(model, N_OTHERS - N_MINORITY, number)
        scores = metrics.prdc(held_out, new[: len(held_out)])
        X_train, y_train = np.concatenate([X[rows], new]), np.append(y[rows], np.ones(len(new), int))
        for seed in range(N_SEEDS):
            classifier = fit(seeded(strong_classifier(), seed), X_train, y_train)
            score = average_precision_score(y[draw.test], positive_scores(classifier, X[draw.test]))
            of_draw = [f"{scores.precision:.4f}", f"{scores.coverage:.4f}", f"{seconds:.1f}"]
            yield [drawn, seed, f"{score:.5f}", *of_draw]


def main() -> None:
    """Measure the cells that the record does not hold, and print the means."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="mnist.npz (default: $GAN_OVERSAMPLER_MNIST, else a download, cached)")
    parser.add_argument("--name", required=True, help="what this state of the library is called in the record")
    parser.add_argument("--records", type=Path, required=True)
    parser.add_argument("--steps", type=int, help="default: those of the sampler")
    parser.add_argument("--digits", type=int, nargs="+", default=[5, 3, 8])
    parser.add_argument("--draws", type=int, default=5)
    options = parser.parse_args()
    images, labels = load_mnist(options.data)
    X = images.reshape(len(images), -1).astype(np.float32) / 255
    cells = ([options.name, digit, draw] for draw, digit in itertools.product(range(options.draws), options.digits))
    measure_missing(
        options.records, HEADER, cells, lambda _, digit, draw: measure(X, labels, digit, draw, options.steps)
    )


if __name__ == "__main__":
    main()
