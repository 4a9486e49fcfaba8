"""Figures of docs/scaling.md: drawing many rows, X larger than memory, classes in workers, memory of training.

    python benchmarks/scale.py draw --rows 1000000 --model deformation
    python benchmarks/scale.py virtual --gigabytes 20
    python benchmarks/scale.py workers --side 8 --steps 500
    python benchmarks/scale.py training 64x64x3 128x128x3

Every command prints what it ran and what it measured. Memory is the resident memory of the process, in MiB.
"""

from __future__ import annotations

import argparse
import resource
import threading
import time
import warnings

import numpy as np
from sklearn.datasets import load_digits

from gan_oversampler import DeformationOverSampler, GANOverSampler

MIB = 2**20


def peak():
    """Most resident memory so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def images(side, classes, n_rare, n_common):
    """scikit-learn's digits at another size: some rare classes, and zeros."""
    X, y = load_digits(return_X_y=True)
    rows = np.concatenate([np.flatnonzero(y == k)[: n_rare if k else n_common] for k in range(classes + 1)])
    factor = side // 8
    large = np.kron(X[rows].reshape(-1, 8, 8), np.ones((factor, factor)))
    pad = (side - 8 * factor) // 2
    return np.pad(large, ((0, 0), (pad, side - 8 * factor - pad), (pad, side - 8 * factor - pad))).astype(np.uint8), y[
        rows
    ]


def sampler_of(model, steps):
    if model == "gan":
        return GANOverSampler(max_iter=steps, random_state=0)
    return DeformationOverSampler(deformation="affine" if model == "deformation" else None, random_state=0)


def draw(arguments):
    """Draw rows of 784 values to nowhere."""
    sampler = sampler_of(arguments.model, 200).fit(*images(28, 1, 150, 170))
    parts = sampler.iter_samples(arguments.rows, 1, arguments.chunk)
    next(parts)
    start, first, n, checksum = time.perf_counter(), peak(), 0, 0
    for part in parts:
        n += len(part)
        checksum ^= int(part[-1].sum())
    seconds = time.perf_counter() - start
    print(
        f"draw, {arguments.model}: {n:,} rows of 784 in chunks of {arguments.chunk:,} in {seconds:.1f} s, "
        f"{n / seconds:,.0f} rows a second; 10 million would take {1e7 * seconds / n / 60:.1f} minutes; "
        f"memory {first:.0f} after the first chunk, {peak():.0f} at the end (checksum {checksum})"
    )


class Virtual:
    """Images of 28x28 float32 that are made when a slice of these is asked for."""

    def __init__(self, n):
        self.shape, self.dtype = (n, 28, 28), np.dtype(np.float32)
        self.grid = np.linspace(-1, 1, 28, dtype=np.float32)
        self.n_read = 0

    def __len__(self):
        return self.shape[0]

    def __getitem__(self, rows):
        index = np.arange(*rows.indices(len(self)))
        self.n_read += len(index)
        moved = np.sin(index.astype(np.float32))[:, None] * 0.3
        return np.exp(-4 * ((self.grid - moved)[:, :, None] ** 2 + (self.grid + moved)[:, None] ** 2))

    def __array__(self, dtype=None, copy=None):
        raise AssertionError("it was read whole")


def virtual(arguments):
    """Fit to virtual rows, of which 2,000 are rare, and draw 20,000."""
    n = int(arguments.gigabytes * 1e9 / (784 * 4))
    X, y = Virtual(n), np.zeros(n, np.uint8)
    y[:: n // 2000] = 1
    before, start = peak(), time.perf_counter()
    sampler = DeformationOverSampler(deformation="affine", random_state=0).fit(X, y)
    fitted, seconds = peak(), time.perf_counter() - start
    for _ in sampler.iter_samples(20_000, 1, 2_000):
        pass
    print(
        f"virtual: {n:,} rows, {n * 784 * 4 / 1e9:.1f} GB, fitted in {seconds:.1f} s, {X.n_read:,} rows read; memory "
        f"{before:.0f} before (y takes {y.nbytes / MIB:.0f}), {fitted:.0f} after fit, {peak():.0f} at the end"
    )


def workers(arguments):
    """Train two and four classes one after the other and in two workers; the rows must be the same."""
    for classes in (2, 4):
        X, y = images(arguments.side, classes, 100, 170)
        results = {}
        for n_jobs in (2, 2, None):  # the first starts the workers and imports TensorFlow there
            make = GANOverSampler if arguments.steps else DeformationOverSampler
            more = {"max_iter": arguments.steps} if arguments.steps else {"deformation": "learned"}
            start = time.perf_counter()
            rows = make(random_state=0, n_jobs=n_jobs, **more).fit(X, y).sample(100, 1)
            results.setdefault(n_jobs, []).append((time.perf_counter() - start, rows))
        (cold, first), (warm, _) = results[2]
        alone, expected = results[None][0]
        assert np.array_equal(first, expected)
        print(
            f"workers, {classes} classes of {arguments.side}x{arguments.side}, {arguments.steps or 'no'} steps: one "
            f"after the other {alone:.1f} s, in 2 workers {warm:.1f} s, {cold:.1f} s the first time; the same rows"
        )


def training(arguments):
    """Memory and time of six steps, beside the estimate."""
    from gan_oversampler._classes.training_memory import bytes_of_training
    from gan_oversampler._deformation.deformations import AffineDeformation
    from gan_oversampler._deformation.warp import DeformationBasis
    from gan_oversampler._gan import builders, gate, loop, presets

    gate.require_tensorflow()
    n_steps = presets.DCGAN.max_iter
    for name in arguments.shapes:
        shape = tuple(map(int, name.split("x")))
        deformation = AffineDeformation(DeformationBasis.for_size(*shape[:2]))
        data = np.random.default_rng(0).uniform(-1, 1, (100, *shape)).astype(np.float32)
        given = dict.fromkeys(["latent_dim", "generator", "discriminator", "learning_rate"])
        plan = builders.plan_of(presets.DCGAN, shape, deformation, {**given, "batch_size": arguments.batch})
        before, most, stop = resident(), [0], threading.Event()
        watch = threading.Thread(target=watch_memory, args=(most, stop))
        watch.start()
        state = loop.train(plan, data, deformation, max_iter=6, seed=0)
        stop.set()
        watch.join()
        expected = bytes_of_training(plan, arguments.batch, deforms=True)
        milliseconds = 1000 * np.median(np.diff(state.history["seconds"]))
        minutes = milliseconds * n_steps / 60000
        print(
            f"training, {name} in batches of {arguments.batch}: {most[0] - before:.0f} above {before:.0f}, estimated "
            f"{expected / MIB:.0f}; {milliseconds:.0f} ms a step, {minutes:.1f} minutes for {n_steps:,}"
        )


def resident():
    """Resident memory now; Linux alone tells."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize() / MIB


def watch_memory(most, stop):
    while not stop.wait(0.002):
        most[0] = max(most[0], resident())


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("draw")
    command.set_defaults(run=draw)
    command.add_argument("--rows", type=int, default=1_000_000)
    command.add_argument("--chunk", type=int, default=20_000)
    command.add_argument("--model", choices=["repeated", "deformation", "gan"], default="deformation")
    command = commands.add_parser("virtual")
    command.set_defaults(run=virtual)
    command.add_argument("--gigabytes", type=float, default=20)
    command = commands.add_parser("workers")
    command.set_defaults(run=workers)
    command.add_argument("--side", type=int, default=8)
    command.add_argument("--steps", type=int, default=500, help="0: DeformationOverSampler")
    command = commands.add_parser("training")
    command.set_defaults(run=training)
    command.add_argument("shapes", nargs="+", help="such as 64x64x3; each in a process of its own is measured best")
    command.add_argument("--batch", type=int, default=64)
    return parser.parse_args()


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    given = parse()
    given.run(given)
