"""The headline: all ten digits, five draws each, at several numbers of images, on draws that nothing was chosen on.

Each digit in turn is made rare among about 30,000 others. One dense classifier judges, in the same number of steps for
every method. All digits get their first draw before any gets its second, so that a stop leaves whole draws:

    python benchmarks/headline.py --data mnist.npz --n-minority 100

A file of records for each digit is written, row by row; the same command goes on where it stopped. The report:

    python -m gan_oversampler.comparison report benchmarks/headline-100/digit?.csv --unit "digits of one data set" \
        --method GANOverSampler --report benchmarks/headline-100.md
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from gan_oversampler.comparison import DenseClassifier, compare_samplers
from gan_oversampler.datasets import load_mnist

SEED = 7411
"""Nothing in this project was ever chosen on draws of this root seed (see ledger.md)."""
ROWS = 41_600
"""Of the 70,000: a fifth is held out, and about 30,000 others stay beside the rare digit."""
JUDGE = "dense 256-64, 1,200 steps"
METHODS = (
    *("class weights", "RandomOverSampler", "SMOTE", "BorderlineSMOTE", "affine"),
    *("DeformationOverSampler", "GANOverSampler", "oracle", "oracle balanced", "oracle deformed"),
)


def some_rows(path: Path | None) -> tuple[np.ndarray, np.ndarray]:
    """The same random images of MNIST in every run."""
    images, labels = load_mnist(path)
    rows = np.sort(np.random.default_rng(SEED).choice(len(labels), ROWS, replace=False))
    return images[rows], labels[rows]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="mnist.npz (without: a download, cached)")
    parser.add_argument("--n-minority", type=int, nargs="+", default=[100, 315])
    parser.add_argument("--draws", type=int, default=5)
    parser.add_argument("--methods", nargs="+", default=METHODS)
    parser.add_argument("--records", type=Path, default=Path(__file__).parent, help="folder of the folders of records")
    options = parser.parse_args()
    X, y = some_rows(options.data)
    for n_minority in options.n_minority:
        folder = options.records / f"headline-{n_minority}"
        folder.mkdir(parents=True, exist_ok=True)
        for draws in range(1, options.draws + 1):
            for digit in range(10):
                compare_samplers(
                    X,
                    y,
                    minority=digit,
                    n_minority=n_minority,
                    methods=options.methods,
                    classifier={JUDGE: DenseClassifier()},
                    n_draws=draws,
                    n_classifier_seeds=1,
                    learning_curve=False,
                    threshold_size=None,
                    records=folder / f"digit{digit}.csv",
                    random_state=SEED,
                    verbose=1,
                )


if __name__ == "__main__":
    main()
