"""The defaults on images that are no MNIST: colour photographs (CIFAR-10 classes) and 8x8 digits.

Each class in turn is made rare against the rest. Colour images come from an npz file with x_train, y_train,
x_test, y_test (`cifar_dev.npz`, or what `keras.datasets.cifar10` gives); the digits from scikit-learn.

    python benchmarks/other_images.py colour --data cifar.npz --n-minority 200 --records benchmarks/colour-200
    python benchmarks/other_images.py digits --n-minority 20 --records benchmarks/digits-20

A file of records for each class is written, row by row; the same command goes on where it stopped.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from keras_classifier import ConvClassifier
from sklearn.datasets import load_digits
from sklearn.neural_network import MLPClassifier

from gan_oversampler.comparison import PooledComparison, compare_samplers

METHODS = (
    *("class weights", "RandomOverSampler", "SMOTE", "affine", "DeformationOverSampler", "GANOverSampler"),
    *("oracle", "oracle balanced"),
)


def colour(path: Path) -> tuple[np.ndarray, np.ndarray, dict]:
    """Images, labels, and the two classifiers: dense and small convolutional."""
    with np.load(path) as file:
        X = np.concatenate([file["x_train"], file["x_test"]])
        y = np.concatenate([file["y_train"].ravel(), file["y_test"].ravel()])
    dense = MLPClassifier((256, 64), batch_size=128, max_iter=10)
    return X, y, {"dense 256-64": dense, "convolutional": ConvClassifier(X.shape[1:])}


def digits() -> tuple[np.ndarray, np.ndarray, dict]:
    """Images, labels and the dense classifier that suits 1,800 rows."""
    bunch = load_digits()
    return (bunch.images * 255 / 16).round().astype(np.uint8), bunch.target, {"dense 64-32": MLPClassifier((64, 32))}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["colour", "digits"])
    parser.add_argument("--data", type=Path, help="npz of colour images")
    parser.add_argument("--n-minority", type=int, default=200)
    parser.add_argument("--classes", nargs="+", type=int, help="default: all")
    parser.add_argument("--classifiers", nargs="+", help="default: all")
    parser.add_argument("--methods", nargs="+", default=list(METHODS))
    parser.add_argument("--draws", type=int, default=5)
    parser.add_argument("--classifier-seeds", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--records", type=Path, required=True, help="start of the names of the files")
    options = parser.parse_args()
    X, y, classifiers = colour(options.data) if options.what == "colour" else digits()
    outcomes = {}
    for label in options.classes or np.unique(y).tolist():
        outcomes[f"class {label}"] = compare_samplers(
            X,
            y,
            minority=label,
            n_minority=options.n_minority,
            methods=options.methods,
            classifier={name: classifiers[name] for name in options.classifiers or classifiers},
            n_draws=options.draws,
            n_classifier_seeds=options.classifier_seeds,
            threshold_size=None,
            records=options.records.with_name(f"{options.records.name}-{label}.csv"),
            random_state=options.seed,
            verbose=1,
        )
    pooled = PooledComparison(outcomes, unit="classes of one data set")
    pooled.report()
    options.records.with_name(options.records.name + ".md").write_text(pooled.to_markdown(), encoding="utf-8")


if __name__ == "__main__":
    main()
