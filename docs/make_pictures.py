"""The pictures of how-it-works.md, from scikit-learn's 8x8 digits: ``python docs/make_pictures.py``."""

import warnings
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

from gan_oversampler import ConvergenceWarning, DeformationOverSampler, GANOverSampler, SmallClassWarning

IMAGES = Path(__file__).parent / "images"
DIGIT = 3
warnings.simplefilter("ignore", SmallClassWarning)
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
        lines.append(model.codec.decode(model.source.draw(10, np.random.default_rng(0))))
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
    made = model.source.draw(10, np.random.default_rng(2))
    deformed = model.deformation(made, np.random.default_rng(3))
    draw("how-factorised", [model.codec.decode(images) for images in (made, deformed)], ["generated", "deformed"])

    many = model.deformation(model.source.draw(2000, np.random.default_rng(4)), np.random.default_rng(5))
    scores = model.label_filter.scores(many)
    order = np.argsort(scores)
    print(f"turned away: {(scores <= 0).sum()} of {len(scores)}")
    draw(
        "how-filter",
        [model.codec.decode(many[pick]) for pick in (order[::-1][:10], order[:10])],
        ["kept", "turned away"],
    )


if __name__ == "__main__":
    pixels, digits = load_digits(return_X_y=True)
    kept = np.sort(np.concatenate([np.flatnonzero(digits == DIGIT)[:60], np.flatnonzero(digits != DIGIT)]))
    for make in (steps, deformations, factorised_and_filter):
        make(pixels[kept], digits[kept])
