"""New rows in every epoch against new rows drawn once: average precision by the number of steps.

Four ways to show a convolutional network new images, each with the same steps: drawn once for the rare class, or for
both classes, and drawn anew in every epoch for the rare class, or with all real images deformed, too. Beside them
nothing and class weights.

    python benchmarks/online.py photographs --data cifar.npz --classes 3 0 --steps 600 1800 --seed 21
    python benchmarks/online.py solar --steps 600 1800 --seed 21
    python benchmarks/online.py table benchmarks/online/*.csv
    python benchmarks/online.py speed

Each class gets a file of records, which grows row by row. The same command goes on where it stopped, and further steps
or seeds are added to what a file holds. Photographs come from an npz file with x_train, y_train, x_test, y_test; solar
cells from `load_solar_cells`, those only of which the experts were certain. `speed` times a batch of 64 images of
32x32x3 beside a step of the classifier.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from gan_oversampler import DeformationOverSampler
from gan_oversampler.batches import BalancedBatches
from gan_oversampler.comparison import Comparison, ConvolutionalClassifier, compare_samplers
from gan_oversampler.comparison._rivals.fresh_rows import for_ever
from gan_oversampler.comparison._rivals.network import network
from gan_oversampler.datasets import load_solar_cells

METHODS = (
    *("nothing", "class weights", "DeformationOverSampler", "DeformationOverSampler both classes"),
    *("DeformationOverSampler online", "DeformationOverSampler online both classes"),
)
SIDE = 64


def photographs(path: Path | None) -> tuple[np.ndarray, np.ndarray]:
    """Images and labels."""
    if path is None:
        raise SystemExit("Photographs need --data: an npz file with x_train, y_train, x_test, y_test.")
    with np.load(path) as file:
        X = np.concatenate([file["x_train"], file["x_test"]])
        return X, np.concatenate([file["y_train"].ravel(), file["y_test"].ravel()])


def solar(path: Path | None) -> tuple[np.ndarray, np.ndarray]:
    """Images of cells, and 1 where one is defective for certain, 0 where none is."""
    X, probability = load_solar_cells(SIDE)
    certain = np.isin(probability, (0, 1))
    return X[certain], probability[certain].astype(int)


KINDS = {"photographs": (photographs, 200, 0.2), "solar": (solar, 60, 0.3)}


def measure(options: argparse.Namespace) -> None:
    """Measure what the records lack."""
    load, n_minority, test_size = KINDS[options.what]
    X, y = load(options.data)
    shape = X.shape[1:]
    for label in options.classes or ([1] if options.what == "solar" else np.unique(y).tolist()):
        compare_samplers(
            X,
            y,
            minority=label,
            n_minority=n_minority,
            test_size=test_size,
            methods=options.methods,
            classifier={f"{n} steps": ConvolutionalClassifier(image_shape=shape, n_steps=n) for n in options.steps},
            n_draws=options.draws,
            n_classifier_seeds=options.classifier_seeds,
            learning_curve=False,
            threshold_size=None,
            records=options.records / f"{options.what}-{label}.csv",
            random_state=options.seed,
            verbose=1,
        )


def table(path: Path) -> str:
    """Mean average precision of each method by the number of steps, and of each classifier seed."""
    outcome = Comparison.from_csv(path)
    steps = sorted(outcome.classifiers, key=lambda name: int(name.split()[0]))
    lines = [f"| {path.stem} | {' | '.join(steps)} |", "|---" * (len(steps) + 1) + "|"]
    for method in outcome.methods:
        cells = []
        for name in steps:
            scores = [row["average_precision"] for row in outcome.rows(method, name)]
            seeds = " ".join(f"{score:.4f}" for score in scores)
            cells.append(f"{np.mean(scores):.4f} ({seeds})" if scores else "not measured")
        lines.append(f"| {method} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _milliseconds(run: Callable[[], Any]) -> float:
    start = time.perf_counter()
    run()
    return 1000 * (time.perf_counter() - start)


def speed(n_rounds: int = 60, size: int = 64) -> None:
    """Milliseconds of a batch, of a step, and of a step with its batch drawn one thread ahead: medians, in turn."""
    rng = np.random.default_rng(0)
    X, y = rng.uniform(-1, 1, (1200, 32, 32, 3)).astype(np.float32), (np.arange(1200) < 200).astype(int)
    net = network((32, 32, 3), 2, "cross-entropy")
    shares, rate = np.ones(2, np.float32), np.float32(1e-3)

    def step(images: np.ndarray, labels: np.ndarray) -> None:
        np.asarray(net.step(images, np.eye(2, dtype=np.float32)[labels], shares, rate))

    for deform_others in (False, True):
        batches = BalancedBatches(
            DeformationOverSampler(), X, y, batch_size=size, deform_others=deform_others, drop_last=True, random_state=0
        )
        ahead = for_ever(batches)
        given = batches[0]
        runs = {
            "batch": lambda batches=batches: batches[1],
            "step": partial(step, *given),
            "step with its batch one thread ahead": lambda ahead=ahead: step(*next(ahead)),
        }
        for run in runs.values():  # the first of each compiles
            run()
        taken = {name: [_milliseconds(run) for _ in range(n_rounds)] for name, run in runs.items()}
        ahead.close()
        medians = {name: float(np.median(times)) for name, times in taken.items()}
        said = ", ".join(f"{name} {ms:.1f} ms" for name, ms in medians.items())
        print(f"deform_others={deform_others}: {said}; a batch is {medians['batch'] / medians['step']:.0%} of a step")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=[*KINDS, "table", "speed"])
    parser.add_argument("files", nargs="*", type=Path, help="records, for the table")
    parser.add_argument("--data", type=Path, help="the file of the photographs")
    parser.add_argument("--classes", nargs="+", type=int, help="default: all")
    parser.add_argument("--steps", nargs="+", type=int, default=[600, 1800, 5400])
    parser.add_argument("--methods", nargs="+", default=list(METHODS))
    parser.add_argument("--draws", type=int, default=1)
    parser.add_argument("--classifier-seeds", type=int, default=2)
    parser.add_argument("--seed", type=int, default=21)
    parser.add_argument(
        "--records", type=Path, default=Path(__file__).with_name("online"), help="the folder of the files"
    )
    options = parser.parse_args()
    if options.what == "table":
        print("\n\n".join(map(table, options.files)))
    elif options.what == "speed":
        speed()
    else:
        options.records.mkdir(parents=True, exist_ok=True)
        measure(options)


if __name__ == "__main__":
    main()
