"""What may be done to an image beyond bending: is it noticed, and what is it worth? The trials of symmetry_trials.md.

    python benchmarks/symmetry_trials.py noticed --data cifar.npz
    python benchmarks/symmetry_trials.py worth --data cifar.npz --records trial --class 0 --draws 2

``noticed`` gives the area under the ROC curve of changed images against others, for each change. ``worth`` measures
average precision with 200 images of a class, affine deformation, and then the change.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from keras_classifier import ConvClassifier
from scipy.ndimage import gaussian_filter
from sklearn.neural_network import MLPClassifier

from gan_oversampler import DeformationOverSampler
from gan_oversampler._classes.membership import Plausibility
from gan_oversampler._deformation.deformations import AffineDeformation, Tone
from gan_oversampler._deformation.symmetry import elements, possible
from gan_oversampler._deformation.warp import DeformationBasis
from gan_oversampler.comparison import compare_samplers

Change = Callable[[np.ndarray, np.random.Generator], np.ndarray]


def one_each(images: np.ndarray, rng: np.random.Generator, low: float, high: float, n: int = 1) -> np.ndarray:
    """Uniform numbers of shape (n_images, 1, 1, n)."""
    return rng.uniform(low, high, (len(images), 1, 1, n)).astype(np.float32)


def colour(images, rng, size):
    """An offset of each channel, as a share of the range."""
    return np.clip(images + 2 * one_each(images, rng, -size, size, images.shape[3]), -1, 1)


def noise(images, rng, size):
    """White noise, its standard deviation between 0 and a share of the range."""
    return np.clip(images + 2 * one_each(images, rng, 0, size) * rng.standard_normal(images.shape, np.float32), -1, 1)


def blur(images, rng, size):
    """A blur of up to so many pixels in 28."""
    widths = one_each(images, rng, 0, size)[:, 0, 0, 0] * images.shape[1] / 28
    return np.stack([gaussian_filter(image, (width, width, 0)) for image, width in zip(images, widths, strict=True)])


@dataclass
class Trial:
    """A bending, symmetries and a tone, then another change."""

    symmetry: tuple[str, ...] = ()
    tone: Tone = field(default_factory=Tone)
    change: Callable | None = None
    size: float = 0.0
    strength: float = 1.0
    limits: dict[str, float] = field(default_factory=dict)
    __name__ = "trial"

    def __call__(self, images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        basis = DeformationBasis.for_size(*images.shape[1:3])
        bending = AffineDeformation(basis, **self.limits).scaled(self.strength)
        images = bending.with_parts(self.symmetry, self.tone)(images, rng)
        return images if self.change is None else self.change(images, rng, self.size)


def beyond_bending(**given) -> Trial:
    return Trial(strength=0.0, **given)


def mirrored(**given) -> Trial:
    return Trial(symmetry=("left-right",), **given)


WORTH = {
    "mirror": mirrored(),
    "mirror, no affine": beyond_bending(symmetry=("left-right",)),
    "up-down": Trial(symmetry=("up-down",)),
    "quarter turn": Trial(symmetry=("quarter turn",)),
    "mirror, contrast .4": mirrored(tone=Tone(contrast=0.4)),
    "mirror, brightness .1": mirrored(tone=Tone(brightness=0.1)),
    "mirror, contrast .4, brightness .1": mirrored(tone=Tone(0.4, 0.1)),
    "mirror, colour .05": mirrored(change=colour, size=0.05),
    "mirror, colour .1": mirrored(change=colour, size=0.1),
    "mirror, noise .02": mirrored(change=noise, size=0.02),
    "mirror, noise .05": mirrored(change=noise, size=0.05),
    "mirror, blur .3": mirrored(change=blur, size=0.3),
    "mirror, shift 1/8": mirrored(limits={"shift": 1 / 8}),
    "mirror, scale .25": mirrored(limits={"scale": 0.25}),
    "mirror, contrast .4, brightness .1, colour .05": mirrored(tone=Tone(0.4, 0.1), change=colour, size=0.05),
}


def noticed(images: np.ndarray) -> None:
    """Print the area under the ROC curve for each change alone."""
    names = possible(*images.shape[1:3])
    trials = {"nothing": beyond_bending(), "affine": Trial()}
    trials |= {name: beyond_bending(symmetry=(name,)) for name in names}
    trials |= {f"every image, {name} {i}": each for name in names for i, each in enumerate(elements(name))}
    trials |= {f"contrast {size}": beyond_bending(tone=Tone(contrast=size)) for size in (0.2, 0.4, 0.6)}
    trials |= {f"brightness {size}": beyond_bending(tone=Tone(brightness=size)) for size in (0.05, 0.1, 0.15)}
    trials |= {
        f"shift {size}": Trial(limits={"rotation": 0, "scale": 0, "shear": 0, "shift": size})
        for size in (1 / 16, 1 / 8)
    }
    trials |= {
        f"scale {size}": Trial(limits={"rotation": 0, "shear": 0, "shift": 0, "scale": size}) for size in (0.1, 0.2)
    }
    others = {colour: (0.05, 0.1), noise: (0.01, 0.02, 0.05), blur: (0.3, 0.6)}
    for change, sizes in others.items():
        trials |= {f"{change.__name__} {size}": beyond_bending(change=change, size=size) for size in sizes}
    among = Plausibility(images, np.random.default_rng(0))
    for name, trial in trials.items():
        print(f"{name:<28}{among.auc(trial):.3f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["noticed", "worth"])
    parser.add_argument("--data", type=Path, required=True, help="npz with x_train, y_train, x_test, y_test")
    parser.add_argument("--class", dest="label", type=int, default=0)
    parser.add_argument("--classifier", choices=["dense", "convolutional"], default="dense")
    parser.add_argument("--methods", nargs="+", default=["affine", *WORTH])
    parser.add_argument("--draws", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--records", type=Path, help="a CSV file")
    options = parser.parse_args()
    with np.load(options.data) as file:
        X = np.concatenate([file["x_train"], file["x_test"]])
        y = np.concatenate([file["y_train"].ravel(), file["y_test"].ravel()])
    if options.what == "noticed":
        images = X[y != options.label].astype(np.float32) / 127.5 - 1
        return noticed(images.reshape(*images.shape[:3], -1))
    dense = MLPClassifier((256, 64), batch_size=128, max_iter=10)
    compare_samplers(
        X,
        y,
        minority=options.label,
        n_minority=200,
        samplers={name: DeformationOverSampler(deformation=trial) for name, trial in WORTH.items()},
        methods=options.methods,
        classifier=dense if options.classifier == "dense" else ConvClassifier(X.shape[1:]),
        n_draws=options.draws,
        n_classifier_seeds=1,
        learning_curve=False,
        threshold_size=None,
        records=options.records,
        random_state=options.seed,
        verbose=1,
    )
    return None


if __name__ == "__main__":
    main()
