"""Synthetic textures with known truth: a class that differs by a scratch or a spot, anywhere.

    python benchmarks/textures.py scratch --records benchmarks/textures-scratch.csv

Texture and defect are independent and a defect may lie anywhere, so the truth is known: "truth" adds new images from
the process itself. Small deformations move a defect by a pixel and keep its texture. They cannot show what "truth"
shows. Does a network, which may draw a defect anywhere?
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from imblearn.over_sampling.base import BaseOverSampler
from keras_classifier import ConvClassifier
from scipy.ndimage import gaussian_filter
from sklearn.neural_network import MLPClassifier

from gan_oversampler import GANOverSampler
from gan_oversampler.comparison import compare_samplers

SIDE = 16
N_GOOD, N_DEFECT = 3000, 1500
NETWORKS = {"network, share .75": 0.75, "network alone": 0.0}
METHODS = ("RandomOverSampler", "SMOTE", "affine", "DeformationOverSampler", *NETWORKS, "truth", "oracle balanced")


def textures(n: int, rng: np.random.Generator) -> np.ndarray:
    """Brushed metal: noise, smoother along the rows; ndarray of shape (n, SIDE, SIDE), around 0."""
    images = gaussian_filter(rng.normal(size=(n, SIDE, SIDE)), (0, 0.6, 2.5), mode="wrap")
    return images / images.std() + rng.normal(0, 0.3, (n, 1, 1))


def scratches(n: int, rng: np.random.Generator) -> np.ndarray:
    """Thin bright lines of any place and direction."""
    y, x = np.indices((SIDE, SIDE))
    top, left = (values[:, None, None] for values in rng.uniform(3, SIDE - 4, (2, n)))
    angle, half = rng.uniform(0, np.pi, (n, 1, 1)), rng.uniform(3, 5, (n, 1, 1))
    along = (x - left) * np.cos(angle) + (y - top) * np.sin(angle)
    across = (y - top) * np.cos(angle) - (x - left) * np.sin(angle)
    return 2.5 * np.exp(-(across**2)) * (np.abs(along) < half)


def spots(n: int, rng: np.random.Generator) -> np.ndarray:
    """Dark round spots of any place and size."""
    y, x = np.indices((SIDE, SIDE))
    top, left = (values[:, None, None] for values in rng.uniform(2, SIDE - 3, (2, n)))
    return -2.5 * np.exp(-((x - left) ** 2 + (y - top) ** 2) / (2 * rng.uniform(1, 1.6, (n, 1, 1)) ** 2))


DEFECTS = {"scratch": scratches, "spot": spots}


def as_bytes(images: np.ndarray) -> np.ndarray:
    """Images as unsigned bytes, cut off beyond four standard deviations."""
    return (np.clip(images / 8 + 0.5, 0, 1) * 255).round().astype(np.uint8)


class Truth(BaseOverSampler):
    """Adds new images of the class from the process that made the data."""

    def __init__(self, kind="scratch", random_state=None):
        super().__init__(sampling_strategy="auto")
        self.kind = kind
        self.random_state = random_state

    def _fit_resample(self, X, y):
        ((label, n),) = ((label, n) for label, n in self.sampling_strategy_.items() if n)
        rng = np.random.default_rng(self.random_state)
        new = as_bytes(textures(n, rng) + DEFECTS[self.kind](n, rng)).reshape(n, -1)
        return np.concatenate([X, (new / 255).astype(X.dtype)]), np.concatenate([y, np.full(n, label)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=DEFECTS)
    parser.add_argument("--n-minority", type=int, default=60)
    parser.add_argument("--methods", nargs="+", default=list(METHODS))
    parser.add_argument("--draws", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--records", type=Path)
    options = parser.parse_args()
    rng = np.random.default_rng(0)
    images = textures(N_GOOD + N_DEFECT, rng)
    images[N_GOOD:] += DEFECTS[options.kind](N_DEFECT, rng)
    classifiers = {
        "dense 256-64": MLPClassifier((256, 64), batch_size=128, max_iter=10),
        "convolutional": ConvClassifier((SIDE, SIDE, 1)),
    }
    outcome = compare_samplers(
        as_bytes(images),
        np.repeat([0, 1], [N_GOOD, N_DEFECT]),
        minority=1,
        n_minority=options.n_minority,
        samplers={
            "truth": Truth(options.kind),
            **{name: GANOverSampler(deformed_share=share) for name, share in NETWORKS.items()},
        },
        methods=options.methods,
        classifier=classifiers,
        n_draws=options.draws,
        n_classifier_seeds=1,
        learning_curve=False,
        threshold_size=None,
        records=options.records,
        random_state=options.seed,
        verbose=1,
    )
    outcome.report()


if __name__ == "__main__":
    main()
