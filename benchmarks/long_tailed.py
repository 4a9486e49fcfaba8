"""Many rare classes at once: counts fall exponentially, and all classes are judged together (Cui et al. 2019).

    python benchmarks/long_tailed.py mnist --data mnist.npz
    python benchmarks/long_tailed.py colour --data cifar.npz
    python benchmarks/long_tailed.py digits
    python benchmarks/long_tailed.py report

The counts fall as in CIFAR-10-LT (arXiv:1901.05555): the first class keeps all its training rows, the last one in a
hundred (8x8 digits: one in twenty, five images). One convolutional classifier judges, in the same number of
steps for every method. Over-samplers bring each class up to the largest ("balance"), or to the geometric mean of its
own number and the largest ("root"). Held-out rows are a fifth of all, and balanced accuracy counts each class the same.
Cells that the record holds are not measured again.
"""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from cells import measure_missing
from imblearn.over_sampling import SMOTE, RandomOverSampler
from sklearn.datasets import load_digits
from sklearn.metrics import recall_score
from sklearn.model_selection import train_test_split
from sklearn.utils import compute_sample_weight

from gan_oversampler import DeformationOverSampler, GANOverSampler
from gan_oversampler._utils.seeds import child_seed, generator
from gan_oversampler.comparison import ConvolutionalClassifier
from gan_oversampler.datasets import load_mnist

SEED = 5519
RECORD = Path(__file__).with_name("long-tailed.csv")
HEADER = ("data", "root_seed", "draw", "method", "classifier_seed", "balanced_accuracy", "recalls", "n_kept", "n_after")
RATIO = {"mnist": 100, "colour": 100, "digits": 20}
N_STEPS = {"mnist": 1_800, "colour": 1_800, "digits": 600}
SAMPLERS: dict[str, Callable[..., Any]] = {
    "RandomOverSampler": RandomOverSampler,
    "SMOTE": SMOTE,
    "affine": partial(DeformationOverSampler, deformation="affine"),
    "DeformationOverSampler": DeformationOverSampler,
    "GANOverSampler": GANOverSampler,
}
# With tau = 1 the logit-adjusted loss of Menon et al. 2021 is the Balanced Softmax of Ren et al. 2020 (2007.10740).
LOSSES = {"Balanced Softmax (logit adjustment)": {"loss": "logit-adjusted"}}
METHODS = ["nothing", "class weights", *LOSSES, *(f"{s}, {to}" for s in SAMPLERS for to in ("balance", "root"))]


def images_of(name: str, path: Path | None) -> tuple[np.ndarray, np.ndarray]:
    """Images, float32 in [0, 1], and labels."""
    if name == "digits":
        return load_digits().images.astype(np.float32) / 16, load_digits().target
    if name == "mnist":
        images, labels = load_mnist(path)
        return images.astype(np.float32) / 255, labels
    if path is None:
        raise SystemExit("Colour images need --data: an npz file with x_train, y_train, x_test, y_test.")
    with np.load(path) as file:
        X = np.concatenate([file["x_train"], file["x_test"]])
        return X.astype(np.float32) / 255, np.concatenate([file["y_train"].ravel(), file["y_test"].ravel()])


def long_tail(y: np.ndarray, ratio: float, rng: np.random.Generator) -> np.ndarray:
    """Rows that are kept: of class k of K, the number of the smallest class times ratio ** (-k / (K - 1))."""
    labels, counts = np.unique(y, return_counts=True)
    wanted = np.rint(counts.min() * ratio ** (-np.arange(len(labels)) / (len(labels) - 1))).astype(int)
    kept = [rng.choice(np.flatnonzero(y == label), n, replace=False) for label, n in zip(labels, wanted, strict=True)]
    return np.sort(np.concatenate(kept))


def targets(y: np.ndarray, to: str) -> dict[Any, int]:
    """A `sampling_strategy`: each class up to the largest, or to the geometric mean of both numbers."""
    labels, counts = np.unique(y, return_counts=True)
    wanted = np.full(len(labels), counts.max()) if to == "balance" else np.rint(np.sqrt(counts * counts.max()))
    return dict(zip(labels.tolist(), wanted.astype(int).tolist(), strict=True))


def resampled(method: str, X: np.ndarray, y: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Training rows of a method; SMOTE takes as many neighbours as its smallest class has."""
    name, _, to = method.partition(", ")
    if name not in SAMPLERS:
        return X, y
    sampler = SAMPLERS[name](sampling_strategy=targets(y, to), random_state=seed)
    if name == "SMOTE":
        sampler.set_params(k_neighbors=min(5, np.bincount(y).min() - 1))
    is_ours = isinstance(sampler, DeformationOverSampler | GANOverSampler)
    rows, labels = sampler.fit_resample(X if is_ours else X.reshape(len(X), -1), y)
    return rows.reshape(-1, *X.shape[1:]), labels


def measure(
    X: np.ndarray, y: np.ndarray, data: str, root_seed: int, draw: int, method: str, number: int
) -> Iterator[list[Any]]:
    """A row of the record."""
    split = child_seed(root_seed, "split", draw)
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, stratify=y, random_state=split)
    kept = long_tail(y_train, RATIO[data], generator(root_seed, "rare", draw))
    rows, labels = resampled(method, X_train[kept], y_train[kept], child_seed(root_seed, "sampler", draw, method))
    seed = child_seed(root_seed, "classifier", draw, number)
    judge = ConvolutionalClassifier(n_steps=N_STEPS[data], random_state=seed, **LOSSES.get(method, {}))
    weights = compute_sample_weight("balanced", labels) if method == "class weights" else None
    recalls = recall_score(y_test, judge.fit(rows, labels, weights).predict(X_test), average=None)
    print(f"{data}, draw {draw}, {method}, seed {number}: balanced accuracy {recalls.mean():.4f}", flush=True)
    yield [f"{recalls.mean():.5f}", " ".join(f"{recall:.4f}" for recall in recalls), len(kept), len(rows)]


def report(path: Path) -> str:
    """Balanced accuracy, and the mean recall of the rarest third of the classes, as Markdown: means over draws."""
    record = pd.read_csv(path)
    recalls = record.recalls.str.split().map(lambda values: np.array(values, float))
    record["rarest"] = recalls.map(lambda values: values[-(len(values) // 3) :].mean())
    parts = []
    for data, rows in record.groupby("data", sort=False):
        by_draw = rows.groupby(["method", "draw"])[["balanced_accuracy", "rarest"]].mean()
        gain = by_draw.balanced_accuracy - by_draw.balanced_accuracy.loc["nothing"]
        means = by_draw.groupby("method").mean().loc[[m for m in METHODS if m in set(rows.method)]]
        lines = [f"| {data}, {rows.draw.nunique()} draws | balanced accuracy | minus nothing | ± | rarest third |"]
        lines.append("| --- | ---: | ---: | ---: | ---: |")
        for method, mean in means.iterrows():
            by = gain.loc[method]
            error = by.std(ddof=1) / np.sqrt(len(by)) if len(by) > 1 else np.nan
            lines.append(
                f"| {method} | {mean.balanced_accuracy:.4f} | {by.mean():+.4f} | {error:.4f} | {mean.rarest:.4f} |"
            )
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=[*RATIO, "report"])
    parser.add_argument("--data", type=Path, help="the file of the images")
    parser.add_argument("--draws", type=int, default=3)
    parser.add_argument("--classifier-seeds", type=int, default=1)
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=METHODS)
    parser.add_argument("--records", type=Path, default=RECORD)
    options = parser.parse_args()
    if options.what == "report":
        print(report(options.records))
        return
    X, y = images_of(options.what, options.data)
    y = np.unique(y, return_inverse=True)[1]
    cells = itertools.product(
        [options.what], [SEED], range(options.draws), options.methods, range(options.classifier_seeds)
    )
    measure_missing(options.records, HEADER, cells, partial(measure, X, y))


if __name__ == "__main__":
    main()
