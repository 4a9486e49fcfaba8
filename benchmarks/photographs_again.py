"""What `DeformationOverSampler` finds for photographs, a hash of its rows, and their worth: to compare two versions.

python benchmarks/photographs_again.py cifar.npz
python benchmarks/photographs_again.py cifar.npz --cells 0-1 2-0 --more-seeds 11 12 --classifier-seeds 0 1
"""

from __future__ import annotations

import argparse
import hashlib
import warnings
from pathlib import Path

import numpy as np
from sklearn.metrics import average_precision_score
from sklearn.neural_network import MLPClassifier

from gan_oversampler import DeformationOverSampler

CELLS = [f"{label}-{draw}" for label in range(4) for draw in range(2)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="an npz file with x_train, y_train, x_test, y_test")
    parser.add_argument("--cells", nargs="+", default=CELLS, help="class and draw, such as 0-1")
    parser.add_argument("--more-seeds", nargs="*", type=int, default=[], help="of the sampler, beside the draw's")
    parser.add_argument("--classifier-seeds", nargs="+", type=int, default=[0])
    options = parser.parse_args()
    warnings.simplefilter("ignore")  # ten epochs do not converge
    with np.load(options.data) as file:
        X = np.concatenate([file["x_train"], file["x_test"]])
        y = np.concatenate([file["y_train"].ravel(), file["y_test"].ravel()])
    flat = X.reshape(len(X), -1) / 255
    for label, draw in (map(int, cell.split("-")) for cell in options.cells):
        is_rare, order = y == label, np.random.default_rng(500 + 10 * label + draw).permutation(len(X))
        test, train = order[:6000], order[6000:]
        kept = np.concatenate([train[~is_rare[train]][:6000], train[is_rare[train]][:200]])
        for seed in (draw, *options.more_seeds):
            sampler = DeformationOverSampler(random_state=seed)
            rows, labels = sampler.fit_resample(X[kept], is_rare[kept])
            found, digest = sampler.models_[True].deformation, hashlib.md5(rows.tobytes()).hexdigest()[:8]
            print(label, draw, seed, found.symmetry, found.strength, found.tone, digest, end=" ", flush=True)
            for classifier_seed in options.classifier_seeds:
                classifier = MLPClassifier((256, 64), batch_size=128, max_iter=10, random_state=classifier_seed)
                scores = classifier.fit(rows.reshape(len(rows), -1) / 255, labels).predict_proba(flat[test])[:, 1]
                print(f"{average_precision_score(is_rare[test], scores):.4f}", end=" ", flush=True)
            print()


if __name__ == "__main__":
    main()
