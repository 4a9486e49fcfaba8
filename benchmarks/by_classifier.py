"""Which classifiers do new images help? The ten 8x8 digits of scikit-learn, 25 images of each in turn.

    python benchmarks/by_classifier.py
    python -m gan_oversampler.comparison report benchmarks/by-classifier/digit?.csv --unit "digits of one data set" \
        --report benchmarks/by-classifier.md

A file of records for each digit is written, row by row; the same command goes on where it stopped.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from sklearn.datasets import load_digits
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.svm import SVC

from gan_oversampler.comparison import compare_samplers

SEED, N_IMAGES = 6203, 25
METHODS = ("class weights", "RandomOverSampler", "SMOTE", "affine", "DeformationOverSampler")
METHODS += ("DeformationOverSampler both classes", "oracle")
CLASSIFIERS = {
    "linear": LogisticRegression(max_iter=2_000),
    "support vectors": SVC(),
    "forest": RandomForestClassifier(200),
    "boosted": HistGradientBoostingClassifier(),
    "dense 64-32": MLPClassifier((64, 32), max_iter=100),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=5)
    parser.add_argument("--methods", nargs="+", default=METHODS)
    parser.add_argument("--records", type=Path, default=Path(__file__).with_name("by-classifier"))
    options = parser.parse_args()
    X, y = load_digits(return_X_y=True)
    options.records.mkdir(parents=True, exist_ok=True)
    for draws in range(1, options.draws + 1):
        for digit in range(10):
            compare_samplers(
                X.reshape(-1, 8, 8) / 16,
                y,
                minority=digit,
                n_minority=N_IMAGES,
                test_size=0.4,
                methods=options.methods,
                classifier=CLASSIFIERS,
                n_draws=draws,
                n_classifier_seeds=1,
                learning_curve=False,
                threshold_size=None,
                records=options.records / f"digit{digit}.csv",
                random_state=SEED,
                verbose=1,
            )


if __name__ == "__main__":
    main()
