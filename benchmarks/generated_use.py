"""How are generated photographs best used beside deformed ones? The same cells, one network each, several uses.

    python benchmarks/generated_use.py cifar.npz
    python benchmarks/generated_use.py --report

The cells of `generated_share.py`: each class in turn is rare (200 images) and brought to balance. A quarter of the new
images is generated, by one training of the default networks, and used as it is; counts half or a quarter in the
classifier's loss (Shao et al. 2024, arXiv:2403.05170); or is chosen out of four times as many by what a small network
sees that learned the class: those that look most like deformed real images (discriminator rejection sampling,
arXiv:1810.06758, here by rank). "Few-shot" networks take the place of the default ones: skip-layer excitation in the
generator, and a discriminator that also learns to draw what it is shown (Liu et al. 2021, arXiv:2101.04775). A row of
the record holds held-out average precision by one convolutional classifier. Cells that the file holds are not measured
again.
"""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from cells import measure_missing
from few_shot_networks import few_shot_discriminator, few_shot_generator
from generated_share import CLASSIFIERS, N_MINORITY, ROOT_SEED, draw_of
from online import photographs
from scipy.stats import ttest_1samp
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score

from gan_oversampler import GANOverSampler
from gan_oversampler._classes.learned_features import LearnedFeatures
from gan_oversampler.comparison._measure.classifier_metrics import positive_scores
from gan_oversampler.comparison._measure.classifiers import seeded

FILE = Path(__file__).with_name("generated-use.csv")
CELL = ("n_minority", "root_seed", "draw", "class")
FIELDS = ("use", "classifier_seed", "average_precision")
SHARE, N_CHOSEN_FROM, N_LEARNED = 0.25, 4, 2_000
FEW_SHOT = {"generator": few_shot_generator, "discriminator": few_shot_discriminator}


def fitted(X: np.ndarray, y: np.ndarray, number: int, **networks: object) -> GANOverSampler:
    return GANOverSampler(image_shape=X.shape[1:], random_state=number, **networks).fit(X.reshape(len(X), -1), y)


def images_of(sampler: GANOverSampler, n: int, share: float, number: int) -> np.ndarray:
    """New images, first those that are generated, a share: ndarray of shape (n, H, W, C) in [0, 255]."""
    model = sampler.models_[1]
    n_generated, parts = round(share * n), []
    for real_share, wanted in ((0.0, n_generated), (1.0, n - n_generated)):
        if wanted:
            sampler.models_[1] = replace(model, real_share=real_share)
            parts.append(sampler.sample(wanted, 1, random_state=number))
    sampler.models_[1] = model
    return np.concatenate(parts).reshape(n, *sampler.image_shape_).astype(np.float32)


def look_real(generated: np.ndarray, deformed: np.ndarray, own: np.ndarray, others: np.ndarray, n: int) -> np.ndarray:
    """Those n generated images that a small network finds most like deformed real ones."""
    see = LearnedFeatures(own, others[:N_LEARNED], seed=0)
    seen = [see(images) for images in (generated, deformed)]
    judge = LogisticRegression(C=0.01, max_iter=1000)
    judge.fit(np.concatenate(seen), np.repeat([0, 1], list(map(len, seen))))
    return generated[np.argsort(-judge.decision_function(seen[0]))[:n]]


def uses(X: np.ndarray, y: np.ndarray, number: int) -> Iterator[tuple[str, np.ndarray, float]]:
    """Name of each use, new images (generated ones first), and the weight of the generated ones."""
    n = int((y == 0).sum() - (y == 1).sum())
    sampler = fitted(X, y, number)
    deformed, mixed = (images_of(sampler, n, share, number) for share in (0.0, SHARE))
    n_generated = round(SHARE * n)
    yield "deformed alone", deformed, 1.0
    for weight in (1.0, 0.5, 0.25):
        yield f"a quarter, weight {weight:g}", mixed, weight
    many = images_of(sampler, N_CHOSEN_FROM * n_generated, 1.0, number)
    chosen = look_real(many, deformed[: len(many)], X[y == 1], X[y == 0], n_generated)
    yield "a quarter, chosen out of four", np.concatenate([chosen, mixed[n_generated:]]), 1.0
    few_shot = fitted(X, y, number, **FEW_SHOT)
    yield "a quarter, few-shot", images_of(few_shot, n, SHARE, number), 1.0
    yield "generated alone", images_of(sampler, n, 1.0, number), 1.0
    yield "generated alone, few-shot", images_of(few_shot, n, 1.0, number), 1.0


def measure(
    X: np.ndarray, labels: np.ndarray, n_seeds: int, _n: int, _root: int, number: int, label: int
) -> Iterator[tuple[str, int, str]]:
    """A row of the record for each use and classifier seed."""
    y, draw, rows = draw_of(labels, label, number)
    test = X[draw.test].reshape(len(draw.test), -1) / np.float32(255)
    for name, new, weight in uses(X[rows], y[rows], number):
        known = np.concatenate([X[rows], new]).reshape(len(rows) + len(new), -1).astype(np.float32) / 255
        weights = np.ones(len(known), np.float32)
        weights[len(rows) :][: round(SHARE * len(new))] = weight
        for seed in range(n_seeds):
            judge = seeded(CLASSIFIERS["convolutional"], seed)
            judge.fit(known, np.append(y[rows], np.ones(len(new), int)), sample_weight=weights)
            found = average_precision_score(y[draw.test], positive_scores(judge, test))
            print(f"class {label}, draw {number}, {name}: {found:.4f}", flush=True)
            yield name, seed, f"{found:.5f}"


def report(record: pd.DataFrame) -> str:
    """Mean of each use, and how it differs from deformed images alone, cell by cell."""
    cells = record.pivot_table(index=["class", "draw"], columns="use", values="average_precision", sort=False)
    lines = ["| use | cells | average precision | beside deformed images alone | standard error | p |"]
    lines.append("|---|---|---|---|---|---|")
    for use in cells:
        apart = cells[use] - cells["deformed alone"]
        p = f"{ttest_1samp(apart, 0).pvalue:.3f}" if apart.any() else ""
        error = f"{apart.sem():.4f}" if apart.any() else ""
        lines.append(f"| {use} | {len(apart)} | {cells[use].mean():.4f} | {apart.mean():+.4f} | {error} | {p} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="?", type=Path, help="npz file with x_train, y_train, x_test, y_test")
    parser.add_argument("--draws", type=int, nargs="+", default=[0, 1])
    parser.add_argument("--classes", type=int, nargs="+", default=[0, 1, 2, 3])
    parser.add_argument("--classifier-seeds", type=int, default=1)
    parser.add_argument("--records", type=Path, default=FILE)
    parser.add_argument("--report", action="store_true")
    options = parser.parse_args()
    if options.report:
        print(report(pd.read_csv(options.records)))
        return
    X, labels = photographs(options.data)
    cells = itertools.product([N_MINORITY], [ROOT_SEED], options.draws, options.classes)
    measure_missing(options.records, (*CELL, *FIELDS), cells, partial(measure, X, labels, options.classifier_seeds))


if __name__ == "__main__":
    main()
