"""The pictures of the pages, not picked by hand.

``python docs/make_pictures.py`` makes those of how-it-works.md from scikit-learn's 8x8 digits, and
``python docs/make_pictures.py --data mnist.npz`` that of the front page from MNIST's fives.
"""

import argparse
import warnings
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

from gan_oversampler import ConvergenceWarning, DeformationOverSampler, GANOverSampler
from gan_oversampler.datasets import load_mnist, make_rare, one_vs_rest

IMAGES = Path(__file__).parent / "images"
DIGIT = 3
warnings.simplefilter("ignore", ConvergenceWarning)  # a network of one step has learned nothing: that is shown


def draw(name, lines, labels, vmin=0, vmax=16):
    """One line of images below the other, named at the left."""
    width = len(lines[0])
    figure, axes = plt.subplots(len(lines), width, figsize=(6, 0.55 * len(lines)), layout="constrained")
    for row, images, label in zip(axes, lines, labels, strict=True):
        for ax, image in zip(row, images, strict=True):
            ax.imshow(np.reshape(image, (8, 8)), cmap="gray_r", vmin=vmin, vmax=vmax)
            ax.set(xticks=[], yticks=[])
        row[0].set_ylabel(label, rotation=0, ha="right", va="center", fontsize=11)
    figure.savefig(IMAGES / f"{name}.png", dpi=150)


def steps(X, y):
    budgets = (1, 100, 300, 1000, 3000)
    lines = []
    for budget in budgets:
        sampler = GANOverSampler(max_iter=budget, label_filter=False, deformation="affine", random_state=0)
        sampler.fit_resample(X, y)
        model = sampler.models_[DIGIT]
        lines.append(model.codec.decode(model.source.draw(10, np.random.default_rng(0)).rows))
    draw("how-steps", lines, [f"{budget:,} steps" if budget > 1 else "1 step" for budget in budgets])


def deformations(X, y):
    lines = []
    for setting in ("learned", "affine"):
        sampler = DeformationOverSampler(deformation=setting, random_state=0)
        sampler.fit_resample(X, y)
        model = sampler.models_[DIGIT]
        one = model.codec.encode(X[y == DIGIT][:1])
        deformed = model.deformation(np.repeat(one, 9, axis=0), np.random.default_rng(1))
        lines.append(model.codec.decode(np.concatenate([one, deformed])))
    draw("how-deformations", lines, ["learned", "affine"])


def factorised_and_filter(X, y):
    sampler = GANOverSampler(random_state=0)
    sampler.fit_resample(X, y)
    model = sampler.models_[DIGIT]
    made = model.source.draw(10, np.random.default_rng(2)).rows
    deformed = model.deformation(made, np.random.default_rng(3))
    draw("how-factorised", [model.codec.decode(images) for images in (made, deformed)], ["generated", "deformed"])

    many = model.deformation(model.source.draw(2000, np.random.default_rng(4)).rows, np.random.default_rng(5))
    scores = model.label_filter.scores(many)
    order = np.argsort(scores)
    print(f"turned away: {(scores <= 0).sum()} of {len(scores)}")
    draw(
        "how-filter",
        [model.codec.decode(many[pick]) for pick in (order[::-1][:10], order[:10])],
        ["kept", "turned away"],
    )


def _sheet(images, columns):
    """Images of one size side by side in lines, with a pixel of white between two."""
    padded = np.pad(images, [(0, 0), (1, 1), (1, 1)])
    lines = padded.reshape(-1, columns, *padded.shape[1:])
    return np.concatenate([np.concatenate(line, axis=1) for line in lines])


def front_page(path, n_kept=315, n_shown=28, columns=14):
    """The first real fives of the training rows, and the first new ones that the sampler appends, with its defaults."""
    images, digits = load_mnist(path)
    X, y, _ = make_rare(images, one_vs_rest(digits, 5), minority=1, n_minority=n_kept, random_state=0)
    sampler = GANOverSampler(sampling_strategy={1: n_kept + n_shown}, random_state=0)
    X_res, _ = sampler.fit_resample(X, y)
    sheets = [_sheet(rows, columns) for rows in (X[y == 1][:n_shown], X_res[sampler.synthetic_mask_])]
    figure, axes = plt.subplots(2, 1, figsize=(8, 2.6), layout="constrained")
    for ax, sheet, label in zip(axes, sheets, ("real", "new"), strict=True):
        ax.imshow(sheet, cmap="gray_r", vmin=0, vmax=255)
        ax.set(xticks=[], yticks=[])
        ax.spines[:].set_visible(False)
        ax.set_ylabel(label, rotation=0, ha="right", va="center", fontsize=12)
    figure.savefig(IMAGES / "fives.png", dpi=150)


def how_it_works():
    pixels, digits = load_digits(return_X_y=True)
    kept = np.sort(np.concatenate([np.flatnonzero(digits == DIGIT)[:60], np.flatnonzero(digits != DIGIT)]))
    for make in (steps, deformations, factorised_and_filter):
        make(pixels[kept], digits[kept])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="MNIST as Keras stores it, mnist.npz: makes the picture of the front page")
    data = parser.parse_args().data
    how_it_works() if data is None else front_page(data)
