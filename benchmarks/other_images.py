"""The defaults on images that are no MNIST: photographs (CIFAR-10 classes), clothes, medical images and 8x8 digits.

Each class in turn is made rare against the rest. Colour images come from an npz file with x_train, y_train,
x_test, y_test (`cifar_dev.npz`, or what `keras.datasets.cifar10` gives); Fashion-MNIST from the folder of its four
files, or a download; a data set of MedMNIST from its npz file; the digits from scikit-learn.

    python benchmarks/other_images.py colour --data cifar.npz --n-minority 200 --records benchmarks/colour-200/class
    python benchmarks/other_images.py fashion --n-minority 200 --records benchmarks/fashion-200/class
    python benchmarks/other_images.py medmnist --data blood.npz --n-minority 100 --records benchmarks/blood-100/class
    python benchmarks/other_images.py digits --n-minority 20 --records benchmarks/digits-20/digits

A file of records for each class is written, row by row; the same command goes on where it stopped.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from keras_classifier import ConvClassifier
from sklearn.datasets import load_digits
from sklearn.neural_network import MLPClassifier

from gan_oversampler.comparison import ConvolutionalClassifier, PooledComparison, compare_samplers
from gan_oversampler.datasets import load_fashion_mnist, load_medmnist

EARLIER = "convolutional"
METHODS = (
    *("class weights", "RandomOverSampler", "SMOTE", "affine", "DeformationOverSampler", "GANOverSampler"),
    *("oracle", "oracle balanced"),
)


def judges(shape: tuple[int, ...]) -> dict:
    """The classifiers: dense, convolutional, and the convolutional one of the first records of photographs."""
    return {
        "dense 256-64": MLPClassifier((256, 64), batch_size=128, max_iter=10),
        "convolutional 16-32-64": ConvolutionalClassifier(image_shape=shape),
        EARLIER: ConvClassifier((*shape, 1)[:3]),
    }


def colour(path: Path | None) -> tuple[np.ndarray, np.ndarray, dict]:
    """Images, labels and classifiers."""
    if path is None:
        raise SystemExit("Colour images need --data: an npz file with x_train, y_train, x_test, y_test.")
    with np.load(path) as file:
        X = np.concatenate([file["x_train"], file["x_test"]])
        y = np.concatenate([file["y_train"].ravel(), file["y_test"].ravel()])
    return X, y, judges(X.shape[1:])


def fashion(path: Path | None) -> tuple[np.ndarray, np.ndarray, dict]:
    """Images, labels and classifiers; without a path a download, which is cached."""
    X, y = load_fashion_mnist(path)
    return X, y, judges(X.shape[1:])


def medmnist(path: Path | None) -> tuple[np.ndarray, np.ndarray, dict]:
    """Images, labels and classifiers."""
    if path is None:
        raise SystemExit("MedMNIST needs --data: an npz file of it, or a name where the package medmnist is installed.")
    X, y = load_medmnist(path)
    return X, y, judges(X.shape[1:])


def digits(path: Path | None) -> tuple[np.ndarray, np.ndarray, dict]:
    """Images, labels and the dense classifier that suits 1,800 rows."""
    bunch = load_digits()
    return (bunch.images * 255 / 16).round().astype(np.uint8), bunch.target, {"dense 64-32": MLPClassifier((64, 32))}


KINDS = {"colour": colour, "fashion": fashion, "medmnist": medmnist, "digits": digits}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=list(KINDS))
    parser.add_argument("--data", type=Path, help="the file or folder of the images")
    parser.add_argument("--n-minority", type=int, default=200)
    parser.add_argument("--classes", nargs="+", type=int, help="default: all")
    parser.add_argument("--classifiers", nargs="+", help=f"default: all but {EARLIER!r}")
    parser.add_argument("--methods", nargs="+", default=list(METHODS))
    parser.add_argument("--draws", type=int, default=5)
    parser.add_argument("--classifier-seeds", type=int, default=2)
    parser.add_argument("--no-learning-curve", dest="learning_curve", action="store_false")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--records", type=Path, required=True, help="start of the names of the files")
    options = parser.parse_args()
    X, y, classifiers = KINDS[options.what](options.data)
    judging = options.classifiers or [name for name in classifiers if name != EARLIER]
    outcomes = {}
    for label in options.classes or np.unique(y).tolist():
        outcomes[f"class {label}"] = compare_samplers(
            X,
            y,
            minority=label,
            n_minority=options.n_minority,
            methods=options.methods,
            classifier={name: classifiers[name] for name in judging},
            n_draws=options.draws,
            n_classifier_seeds=options.classifier_seeds,
            learning_curve=options.learning_curve,
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
