"""Held-out average precision against the seconds that a sampler takes, rivals beside ours.

    python benchmarks/time_to_quality.py --data mnist.npz --name now --records benchmarks/speed/time-to-quality.csv
    python benchmarks/time_to_quality.py --records benchmarks/speed/time-to-quality.csv --plot docs/images

Fives of MNIST, 315 beside 20,000 others, dense classifier, three seeds, draws as in `speed_quality.py`. Run it while
nothing else runs, and with the state of the library before as `--name before`. With `--plot` nothing is measured.
"""

from __future__ import annotations

import argparse
import csv
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from imblearn.over_sampling import SMOTE
from sklearn.metrics import average_precision_score
from speed_quality import N_MINORITY, N_OTHERS, N_SEEDS, SEED, drawn_by

from gan_oversampler import DeformationOverSampler, GANOverSampler
from gan_oversampler._utils import seeds
from gan_oversampler.comparison._measure.classifier_metrics import positive_scores
from gan_oversampler.comparison._measure.classifiers import fit, seeded, strong_classifier
from gan_oversampler.comparison._measure.draws import make_draw
from gan_oversampler.datasets import load_mnist

HEADER = ("name", "draw", "method", "steps", "seconds", "average_precision")
STEPS = (100, 350, 700, 1400)


def resampled(X: np.ndarray, y: np.ndarray, name: str, draw: int) -> Iterator[tuple[str, int, float, np.ndarray]]:
    """Method, training steps, seconds and new rows."""
    yield "nothing", 0, 0.0, X[:0]
    shape: dict[str, Any] = {"image_shape": (28, 28), "random_state": draw}
    quick = {
        "SMOTE": SMOTE(random_state=draw),
        "affine": DeformationOverSampler(deformation="affine", **shape),
        "DeformationOverSampler": DeformationOverSampler(**shape),
    }
    for method, sampler in quick.items() if name == "now" else ():
        start = time.perf_counter()
        new = sampler.fit_resample(X, y)[0][len(X) :]
        yield method, 0, time.perf_counter() - start, new
    for steps in STEPS if name == "now" else (2000,):
        sampler = GANOverSampler(max_iter=steps, **shape)
        start = time.perf_counter()
        new = sampler.fit_resample(X, y)[0][len(X) :]
        seconds = time.perf_counter() - start
        yield "GANOverSampler", steps, seconds, new
        alone = replace(sampler.models_[1], real=None, real_share=0.0)
        yield "GANOverSampler, generated alone", steps, seconds, drawn_by(alone, len(new), draw)


def measure(images: np.ndarray, labels: np.ndarray, name: str, number: int) -> Iterator[list[Any]]:
    """A row of the record for each method and number of steps."""
    X, y = images.reshape(len(images), -1).astype(np.float32) / 255, (labels == 5).astype(int)
    draw = make_draw(y, number, test_size=0.2, n_minority=N_MINORITY, seed=SEED)
    others = seeds.generator(SEED, "others", number).choice(draw.majority, N_OTHERS, replace=False)
    rows = np.concatenate([draw.minority[:N_MINORITY], np.sort(others)])
    warm = GANOverSampler(image_shape=(28, 28), max_iter=1, on_divergence="warn", random_state=0)
    warm.fit_resample(X[rows[:1000]], y[rows[:1000]])  # TensorFlow is imported once a process
    for method, steps, seconds, new in resampled(X[rows], y[rows], name, number):
        X_train, y_train = np.concatenate([X[rows], new]), np.append(y[rows], np.ones(len(new), int))
        fitted = [fit(seeded(strong_classifier(), seed), X_train, y_train) for seed in range(N_SEEDS)]
        scores = [average_precision_score(y[draw.test], positive_scores(one, X[draw.test])) for one in fitted]
        yield [name, number, method, steps, f"{seconds:.2f}", f"{np.mean(scores):.5f}"]


def plot(records: Path, folder: Path) -> None:
    """Mean over draws: a point a method, and a line where the number of steps was varied."""
    import matplotlib.pyplot as plt
    import pandas as pd

    table = (
        pd.read_csv(records).groupby(["name", "method", "steps"], sort=False)[["seconds", "average_precision"]].mean()
    )
    figure, ax = plt.subplots(figsize=(7, 5), layout="constrained")
    colours = dict(zip(table.index.unique("method"), plt.colormaps["tab10"].colors, strict=False))
    for (name, method), part in table.groupby(level=["name", "method"], sort=False):
        if method == "nothing":
            ax.axhline(
                part["average_precision"].iloc[0], color="grey", ls=":", label="nothing" if name == "now" else None
            )
            continue
        steps = part.index.get_level_values("steps")
        label = f"{method}, {steps.min():,} to {steps.max():,} steps" if len(steps) > 1 else method
        label = label if name == "now" else f"{method}, until November 2026"
        marker, style = ("o", "-") if name == "now" else ("x", "none")
        ax.plot(part["seconds"], part["average_precision"], marker=marker, ls=style, color=colours[method], label=label)
    ax.set(xscale="log", xlabel="seconds to resample, two cores", ylabel="average precision on held-out images")
    figure.legend(frameon=False, fontsize=8, loc="outside lower center", ncols=2)
    ax.spines[["top", "right"]].set_visible(False)
    figure.savefig(folder / "time-to-quality.png", dpi=120)


def main() -> None:
    """Measure, or plot what was measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="mnist.npz (default: $GAN_OVERSAMPLER_MNIST, else a download, cached)")
    parser.add_argument("--name", choices=["now", "before"], default="now")
    parser.add_argument("--draws", type=int, default=2)
    parser.add_argument("--records", type=Path, required=True)
    parser.add_argument("--plot", type=Path)
    options = parser.parse_args()
    if options.plot is not None:
        plot(options.records, options.plot)
        return
    images, labels = load_mnist(options.data)
    for number in range(options.draws):
        for row in measure(images, labels, options.name, number):
            is_new = not options.records.exists()
            with options.records.open("a", newline="") as file:
                csv.writer(file, lineterminator="\n").writerows([HEADER, row] if is_new else [row])


if __name__ == "__main__":
    main()
