"""Does the quality report order images as a classifier does? Those of `generated_share.py`, judged without training.

    python benchmarks/generated_share.py cifar.npz --images FOLDER
    python benchmarks/quality_verdict.py cifar.npz --images FOLDER
    python benchmarks/quality_verdict.py --report

For each cell (a class and a draw) and each share of generated images, 200 new images are held against the 200 real
ones, as a fitted sampler does. So are other real images of the class, as they are, blurred, with noise, and averaged
with their nearest neighbour in pixels. `--report` compares within each cell with the average precision of
`generated-share.csv`.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from cells import measure_missing
from generated_share import CELL, N_MINORITY, ROOT_SEED, SCORES, SHARES, draw_of
from generated_share import FILE as TRIALS
from scipy.stats import spearmanr
from sklearn.neighbors import NearestNeighbors

from gan_oversampler.inspection import quality_report

FILE = Path(__file__).with_name("quality-verdict.csv")
LEARNED = ("learned_distance", "learned_accuracy")
FIELDS = ("images", "verdict", *SCORES, *LEARNED, *(f"{name} of real" for name in LEARNED), "seconds")
N_NEW, N_OTHERS, NOISE = 200, 170, 0.2
BETTER_WHERE_LESS = ("kernel_distance", "two_sample_accuracy", *LEARNED)


def blurred(images: np.ndarray) -> np.ndarray:
    """Each pixel as the mean of it and its neighbours above, to the left, and between."""
    return sum(np.roll(images, shift, (1, 2)) for shift in ((0, 0), (0, 1), (1, 0), (1, 1))) / 4


def averaged(images: np.ndarray) -> np.ndarray:
    """Each image in the middle between it and its nearest neighbour."""
    flat = images.reshape(len(images), -1)
    return (images + images[NearestNeighbors(n_neighbors=1).fit(flat).kneighbors()[1][:, 0]]) / 2


def noisy(images: np.ndarray) -> np.ndarray:
    """Images with noise of a tenth of the range."""
    return np.clip(images + NOISE * np.random.default_rng(0).normal(size=images.shape), -1, 1)


def image_sets(folder: Path, number: int, label: int, other_real: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    """A name and images."""
    for share in SHARES:
        yield str(share), np.load(folder / f"{label}-{number}-{share}.npy")[:N_NEW] / 127.5 - 1
    yield "real", other_real
    yield from ((change.__name__, change(other_real)) for change in (blurred, noisy, averaged))


def measure(
    X: np.ndarray, labels: np.ndarray, folder: Path, _n: int, _root: int, number: int, label: int
) -> Iterator[list[Any]]:
    """A row of the record for each set of images."""
    draw = draw_of(labels, label, number)[1]
    others = np.random.default_rng(number).choice(draw.majority, N_OTHERS, replace=False)
    fresh = draw.minority[N_MINORITY : N_MINORITY + N_NEW]
    real, other_real, others = (X[rows] / 127.5 - 1 for rows in (draw.minority[:N_MINORITY], fresh, others))
    for name, images in image_sets(folder, number, label, other_real):
        start = time.process_time()
        # Deformed images are near their originals by intent: copying is not measured.
        report = quality_report(real, images.reshape(real.shape), others=others, deformed_share=1.0)
        seconds = time.process_time() - start
        scores = [report.scores[score] for score in (*SCORES, *LEARNED)] + [report.reference[name] for name in LEARNED]
        yield [name, report.verdict, *(f"{score:.4f}" for score in scores), f"{seconds:.1f}"]


def report(records: pd.DataFrame, trials: pd.DataFrame) -> None:
    """Means of each kind of images, their verdicts, and rank correlations with average precision within a cell."""
    for is_chosen_on, part in records.groupby(records.draw == 0):
        print("\nthe draw that the thresholds were chosen on" if is_chosen_on else "\nother draws")
        shown = part.groupby("images")[[*SCORES, *LEARNED]].mean().round(3)
        shown["good"] = part.groupby("images").verdict.agg(lambda verdicts: f"{(verdicts == 'good').mean():.0%}")
        print(shown.to_string())
        cell = ["class", "draw", "classifier"]
        scored = part[part.images.isin(map(str, SHARES))].assign(generated_share=lambda rows: rows.images.astype(float))
        of_share = trials.groupby([*cell, "generated_share"]).average_precision.mean().reset_index()
        both = scored.merge(of_share, on=["class", "draw", "generated_share"])
        for name in (*SCORES, *LEARNED, "generated_share"):
            sign = -1 if name in (*BETTER_WHERE_LESS, "generated_share") else 1
            found = [spearmanr(sign * rows[name], rows.average_precision)[0] for _, rows in both.groupby(cell)]
            print(f"{name:<24} mean {np.nanmean(found):.2f}, least {np.nanmin(found):.2f} in {len(found)} cells")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="?", type=Path, help="npz file with x_train, y_train, x_test, y_test")
    parser.add_argument("--images", type=Path, help="folder that generated_share.py filled")
    parser.add_argument("--records", type=Path, default=FILE)
    parser.add_argument("--report", action="store_true")
    options = parser.parse_args()
    if options.report:
        report(pd.read_csv(options.records), pd.read_csv(TRIALS))
        return
    with np.load(options.data) as file:
        X = np.concatenate([file["x_train"], file["x_test"]])
        labels = np.concatenate([file["y_train"].ravel(), file["y_test"].ravel()])
    full = (path.stem.removesuffix("-1.0").split("-") for path in sorted(options.images.glob("*-1.0.npy")))
    cells = [[N_MINORITY, ROOT_SEED, int(number), int(label)] for label, number in full]
    measure_missing(options.records, (*CELL, *FIELDS), cells, partial(measure, X, labels, options.images))


if __name__ == "__main__":
    main()
