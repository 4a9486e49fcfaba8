"""How fast a fit is, against the step of before, Keras' loop, the notebook's and PyTorch's: `make bench`.

    python benchmarks/speed.py                                  # steps, second class, memory, imports, sizes
    python benchmarks/speed.py fit --data mnist.npz --colour cifar.npz

Each part is timed in one run, and rivals take turns, so that ratios hold where seconds do not. PyTorch is measured
where it is installed, or by the interpreter that `--torch` names. `--records DIR` keeps what was measured as JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

HERE = Path(__file__).parent
GREY, COLOUR = (28, 28, 1), (32, 32, 3)
IMPORT = "import time; t = time.perf_counter(); import {}; print(time.perf_counter() - t)"


def say(what: str, value: str, note: str = "") -> None:
    """One line of the report."""
    print(f"{what:<58}{value:>14}  {note}".rstrip(), flush=True)


def in_turn(steps: dict[str, Callable[[int], Any]], n_rounds: int, n_steps: int) -> dict[str, float]:
    """Milliseconds a step of each: the median of rounds that alternate."""
    for step in steps.values():
        for number in range(3):
            step(number)
    taken: dict[str, list[float]] = {name: [] for name in steps}
    for turn in range(n_rounds):
        for name, step in steps.items():
            start = time.perf_counter()
            for number in range(n_steps):
                step(turn * n_steps + number)
            taken[name].append((time.perf_counter() - start) / n_steps * 1000)
    return {name: float(np.median(values)) for name, values in taken.items()}


def torch_steps(shape: tuple[int, ...], filters: tuple[int, int], python: str) -> dict[str, float]:
    """Milliseconds of PyTorch's step in a process of its own; empty where it is not installed."""
    command = [python, HERE / "speed_torch.py", *map(str, shape), "--filters", *map(str, filters)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.returncode:
        print(f"PyTorch is not measured: {run.stderr.strip().splitlines()[-1]}")
        return {}
    return {f"PyTorch, {name}": value for name, value in json.loads(run.stdout).items()}


def part_steps(options: argparse.Namespace) -> dict[str, Any]:
    """A step of ours and of each rival."""
    import speed_steps

    from gan_oversampler._gan import presets

    found = {}
    for shape, filters in ((GREY, (32, 8)), (COLOUR, (64, 16))):
        steps = {
            "GANOverSampler": speed_steps.our_step(shape),
            "the step until November 2026": speed_steps.earlier_step(shape),
            "Keras train_on_batch, same networks": speed_steps.keras_step(shape),
            "the notebook's loop": speed_steps.notebook_step(shape),
        }
        took = in_turn(steps, n_rounds=5, n_steps=10) | torch_steps(shape, filters, options.torch)
        name = "x".join(map(str, shape))
        for rival, value in took.items():
            say(f"{name}: {rival}", f"{value:.1f} ms", f"{value / took['GANOverSampler']:.2f} times ours")
        training = took["the step until November 2026"] * 2000 / (took["GANOverSampler"] * presets.DCGAN.max_iter)
        say(f"{name}: whole training, before over now", f"{training:.2f}", "2,000 steps before")
        found[name] = took | {"training_ratio": training}
    return found


def _timed(call: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    result = call()
    return time.perf_counter() - start, result


def _rare(X: np.ndarray, y: np.ndarray, label: int, n: int) -> Any:
    from gan_oversampler.datasets import make_rare, one_vs_rest

    return make_rare(X, one_vs_rest(y, label), minority=1, n_minority=n, random_state=0)


def _fit(name: str, X: np.ndarray, y: np.ndarray, n: int) -> dict[str, float]:
    """Seconds of a first default fit, and of its parts."""
    from gan_oversampler import GANOverSampler

    rare = _rare(X, y, 5 if X.shape[-1] == 28 else 0, n)
    sampler = GANOverSampler(deformed_share=0.75, random_state=0)  # photographs get no network by default
    whole, _ = _timed(lambda: sampler.fit_resample(rare.X, rare.y))
    parts = {"whole": whole, "training": float(sampler.history_[1]["seconds"][-1])}
    parts["drawing as many again"], _ = _timed(lambda: sampler.sample(int((rare.y == 0).sum()), 1))
    parts["quality report"], _ = _timed(lambda: sampler.quality_report_)
    parts |= _learning(rare.X, rare.y)
    for part, seconds in parts.items():
        say(f"{name}: {part}", f"{seconds:.2f} s")
    return parts


def _learning(X: np.ndarray, y: np.ndarray) -> dict[str, float]:
    """Seconds of what is learned before the training, each alone."""
    from gan_oversampler._classes.task import ClassTask

    shape = X.shape[1:] if X.ndim == 4 else (*X.shape[1:], 1)
    task = ClassTask(X.reshape(len(X), -1), y, 1, shape, lambda: None, 0)
    learning, deformation = _timed(lambda: task.resolve_deformation("auto"))
    return {"deformation and strength": learning, "label filter": _timed(lambda: task.label_filter(deformation))[0]}


def part_fit(options: argparse.Namespace) -> dict[str, Any]:
    """The whole fit of 315 images of 28x28 to 50,000, and of 200 of 32x32 in colour."""
    found = {}
    for name, path, n in (("28x28x1", options.data, 315), ("32x32x3", options.colour, 200)):
        if path is None:
            print(f"{name}: not measured, no file is given")
            continue
        with np.load(path) as file:
            found[name] = _fit(name, file["x_train"], file["y_train"].ravel(), n)
    return found


def part_classes(options: argparse.Namespace) -> dict[str, float]:
    """What a second class costs beside the first, and how often `cross_validate` compiles."""
    import warnings

    from imblearn.pipeline import make_pipeline
    from sklearn.datasets import load_digits
    from sklearn.model_selection import cross_validate
    from sklearn.naive_bayes import GaussianNB

    from gan_oversampler import GANOverSampler
    from gan_oversampler._gan import engine

    warnings.simplefilter("ignore")  # 100 steps are too few for good images
    X, y = load_digits(return_X_y=True)
    rows = np.concatenate([np.flatnonzero(y == 0), np.flatnonzero(y == 1)[:60], np.flatnonzero(y == 2)[:60]])
    sampler = GANOverSampler(max_iter=400, deformed_share=0, random_state=0)
    found = {}
    for n, labels in (("one class", [1]), ("one class, compiled before", [1]), ("two classes", [1, 2])):
        sampler.set_params(sampling_strategy=dict.fromkeys(labels, 178))
        found[n], _ = _timed(lambda: sampler.fit_resample(X[rows], y[rows]))
        say(f"8x8, 400 steps each: {n}", f"{found[n]:.2f} s")
    before = engine.engine_for.cache_info().misses
    model = make_pipeline(sampler.set_params(sampling_strategy="auto"), GaussianNB())
    found["cross_validate"], _ = _timed(lambda: cross_validate(model, X[rows], y[rows], cv=5))
    found["compilations"] = engine.engine_for.cache_info().misses - before
    say("8x8: compilations in cross_validate, 5 folds", str(found["compilations"]), "compiled by the fits before")
    return found


def _resident() -> float:
    """MiB that the process holds."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize() / 2**20


def part_memory(options: argparse.Namespace) -> dict[str, float]:
    """Memory beyond X and the result, and its growth from fit to fit."""
    import warnings

    from sklearn.datasets import load_digits

    from gan_oversampler import GANOverSampler

    warnings.simplefilter("ignore")
    rng, found = np.random.default_rng(0), {}
    small = load_digits(return_X_y=True)
    kept = np.concatenate([np.flatnonzero(small[1] != 1), np.flatnonzero(small[1] == 1)[:60]])
    quick = GANOverSampler(max_iter=20, random_state=0)
    quick.fit_resample(small[0][kept], small[1][kept] == 1)  # TensorFlow is started
    X = rng.integers(0, 255, (50_000, 28, 28)).astype(np.uint8)
    y = np.arange(len(X)) < 315
    before = _resident()
    sampler = GANOverSampler(max_iter=20, deformation="affine", label_filter=False, random_state=0)
    X_res, _ = sampler.fit_resample(X, y)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    found["beyond X and the result"] = peak - before - X_res.nbytes / 2**20
    say("memory beyond X and the result, 50,000 of 28x28", f"{found['beyond X and the result']:.0f} MiB")
    for _ in range(5):
        quick.fit_resample(small[0][kept], small[1][kept] == 1)
    before = _resident()
    for _ in range(50):
        quick.fit_resample(small[0][kept], small[1][kept] == 1)
    found["growth a fit"] = (_resident() - before) / 50
    say("growth a fit, over 50 fits", f"{found['growth a fit']:.2f} MiB")
    return found


def part_imports(options: argparse.Namespace) -> dict[str, float]:
    """Seconds to import us and imbalanced-learn, in fresh processes that alternate."""
    taken: dict[str, list[float]] = {"imblearn.over_sampling": [], "gan_oversampler": []}
    for _ in range(7):
        for name, values in taken.items():
            command = [sys.executable, "-c", IMPORT.format(name)]
            values.append(float(subprocess.run(command, capture_output=True, text=True, check=True).stdout))
    found = {name: float(np.median(values)) for name, values in taken.items()}
    for name, seconds in found.items():
        say(f"import {name}", f"{seconds:.2f} s")
    return found


def part_sizes(options: argparse.Namespace) -> list[list[Any]]:
    """Steps of the default networks for images of many sizes: side, side, channels, batch, seconds a step."""
    import speed_steps

    sizes = [((side, side, 1), 64) for side in (8, 12, 16, 20, 28, 40, 56, 64, 96, 128)]
    sizes += [((side, side, 3), 64) for side in (8, 16, 32, 64)]
    sizes += [((28, 28, 1), batch) for batch in (16, 32, 128, 256)]
    rows = []
    for shape, batch in sizes:
        step = speed_steps.our_step(shape, batch_size=batch)
        n_steps = max(2, int(20 * 784 / np.prod(shape)))
        took = in_turn({"ours": step}, n_rounds=5, n_steps=n_steps)["ours"]
        say("x".join(map(str, shape)) + f", batch of {batch}", f"{took:.1f} ms")
        rows.append([*shape, batch, took / 1000])
    return rows


def plot_sizes(path: Path, folder: Path) -> None:
    """Measured milliseconds of a step against the side of images."""
    import matplotlib.pyplot as plt

    table = np.array(json.loads(path.read_text()), float)
    figure, ax = plt.subplots(figsize=(4.5, 3.5), layout="constrained")
    for channels, name in ((1, "grey"), (3, "colour")):
        shown = (table[:, 2] == channels) & (table[:, 3] == 64)
        ax.plot(table[shown, 0], 1000 * table[shown, 4], "o-", label=name)
    ax.set(xscale="log", yscale="log", xlabel="side of the images, pixels", ylabel="milliseconds a step of 64")
    ax.legend(frameon=False)
    ax.spines[["top", "right"]].set_visible(False)
    figure.savefig(folder / "cost-of-a-step.png", dpi=120)


PARTS = {name.removeprefix("part_"): part for name, part in list(globals().items()) if name.startswith("part_")}


def main() -> None:
    """Measure the parts that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="default: all")
    parser.add_argument("--data", type=Path, help="mnist.npz, for the part `fit`")
    parser.add_argument("--colour", type=Path, help="npz of 32x32 colour images, for the part `fit`")
    parser.add_argument("--torch", default=sys.executable, help="interpreter that has PyTorch")
    parser.add_argument("--records", type=Path, help="directory for what was measured")
    parser.add_argument("--plots", type=Path, help="directory for the plot of the part `sizes`")
    options = parser.parse_args()
    for name in options.parts or PARTS:
        found = PARTS[name](options)
        if options.records is not None:
            options.records.mkdir(parents=True, exist_ok=True)
            (options.records / f"{name}.json").write_text(json.dumps(found, indent=1) + "\n")
    if options.plots is not None and options.records is not None:
        plot_sizes(options.records / "sizes.json", options.plots)


if __name__ == "__main__":
    main()
