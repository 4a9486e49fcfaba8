"""
Rare digits: four ways to balance them, judged on real held-out images
======================================================================

One of scikit-learn's 8x8 handwritten digits is made rare: 25 training images of it are kept against all the
others. The same dense classifier is fitted after nothing, random over-sampling, SMOTE and `GANOverSampler`, each
inside an imbalanced-learn Pipeline, and scored by average precision on real images that no method has seen.
"""

import argparse
import time

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
from imblearn.over_sampling import SMOTE, RandomOverSampler
from imblearn.pipeline import make_pipeline
from rich.console import Console
from rich.table import Table
from sklearn.datasets import load_digits
from sklearn.metrics import average_precision_score
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import MinMaxScaler

from gan_oversampler import GANOverSampler

N_RARE, N_SHOWN = 25, 20


def rare_digit(digit, seed):
    """Split first, then keep N_RARE training images of the digit."""
    X, y = load_digits(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(X, y == digit, test_size=0.4, stratify=y, random_state=seed)
    rare = np.random.default_rng(seed).choice(np.flatnonzero(y_train), N_RARE, replace=False)
    kept = np.sort(np.concatenate([rare, np.flatnonzero(~y_train)]))
    return X_train[kept], X_test, y_train[kept], y_test


def samplers(seed):
    return {
        "nothing": None,
        "RandomOverSampler": RandomOverSampler(random_state=seed),
        "SMOTE": SMOTE(random_state=seed),
        "GANOverSampler": GANOverSampler(random_state=seed, verbose=1),
    }


def held_out_precision(sampler, X_train, X_test, y_train, y_test, seed):
    """Average precision on the real held-out images, and the seconds it took to resample and fit."""
    classifier = MLPClassifier((64, 32), max_iter=500, random_state=seed)
    steps = [step for step in (sampler, MinMaxScaler(), classifier) if step is not None]
    start = time.perf_counter()
    pipeline = make_pipeline(*steps).fit(X_train, y_train)
    seconds = time.perf_counter() - start
    return average_precision_score(y_test, pipeline.predict_proba(X_test)[:, 1]), seconds, pipeline


def draw_picture(sampler, X_train, y_train, path):
    """Real images of the rare digit on the left, new ones on the right: generated, and deformed real ones."""
    shown = {"real": X_train[y_train][:N_SHOWN], "new": sampler.sample(N_SHOWN, True)}
    figure = plt.figure(figsize=(9, 3.8), layout="constrained")
    for part, (title, images) in zip(figure.subfigures(1, 2, wspace=0.05), shown.items(), strict=True):
        part.suptitle(title)
        for ax, image in zip(part.subplots(4, 5).flat, images, strict=True):
            # Eight pixels a side: smoothly enlarged, the eye sees a digit and not its pixels.
            ax.imshow(image.reshape(8, 8), cmap="gray_r", vmin=0, vmax=16, interpolation="bicubic")
            ax.set_axis_off()
    figure.savefig(path, dpi=110)
    print(f"Picture of real and new images: {path}")


def main(digit, n_draws, path):
    scores = {}
    for seed in range(n_draws):
        split = rare_digit(digit, seed)
        if seed == 0:
            _, _, y_train, y_test = split
            print(f"Digit {digit}: {y_train.sum()} training images of it, {(~y_train).sum()} of the others;", end=" ")
            print(f"{y_test.sum()} and {(~y_test).sum()} held-out ones.")
        for name, sampler in samplers(seed).items():
            precision, seconds, pipeline = held_out_precision(sampler, *split, seed)
            scores.setdefault(name, []).append((precision, seconds))
    table = Table(title="Held-out average precision" + f", mean of {n_draws} draws" * (n_draws > 1))
    spread = ("worst", "best") if n_draws > 1 else ()
    for column in ("sampler", "average precision", *spread, "seconds"):
        table.add_column(column, justify="left" if column == "sampler" else "right")
    for name, draws in scores.items():
        precision, seconds = np.transpose(draws)
        worst_and_best = (f"{precision.min():.4f}", f"{precision.max():.4f}") if n_draws > 1 else ()
        table.add_row(name, f"{precision.mean():.4f}", *worst_and_best, f"{seconds.mean():.1f}")
    Console().print(table)
    draw_picture(pipeline.named_steps["ganoversampler"], split[0], split[2], path)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Rare digits: four ways to balance them, judged on held-out images.")
    parser.add_argument("--digit", type=int, default=3, choices=range(10))
    parser.add_argument("--draws", type=int, default=1)
    parser.add_argument("--picture", default="demo-samples.png")
    arguments = parser.parse_args()
    main(arguments.digit, arguments.draws, arguments.picture)
