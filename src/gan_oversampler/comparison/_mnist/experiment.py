"""The notebook's experiment on MNIST, corrected: one digit against the rest, a few of it kept for
training."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from rich.console import Console

from gan_oversampler._utils.seeds import generator
from gan_oversampler.comparison._compare import compare_samplers
from gan_oversampler.comparison._measure.classifiers import CONVOLUTIONAL, notebook_classifier, strong_classifier
from gan_oversampler.comparison._measure.dense import DenseClassifier
from gan_oversampler.comparison._measure.problem import flat_unit_range
from gan_oversampler.comparison._measure.resampling import Resampled
from gan_oversampler.comparison._mnist.image_grid import save_grid
from gan_oversampler.comparison._mnist.label_check import LabelCheck, labels_path, new_minority
from gan_oversampler.comparison._outcome.comparison import Comparison
from gan_oversampler.comparison._outcome.pooled import PooledComparison
from gan_oversampler.comparison._rivals.convolutional import ConvolutionalClassifier
from gan_oversampler.datasets import load_mnist

_SHAPE = (28, 28)
CLASSIFIERS: dict[str, Callable[[], Any]] = {
    "dense 256-64": strong_classifier,
    "dense 256-64, 1,200 steps": DenseClassifier,
    "notebook 16-1": notebook_classifier,
    CONVOLUTIONAL: lambda: ConvolutionalClassifier(image_shape=_SHAPE),
}
DEFAULT_CLASSIFIERS = ("dense 256-64", "notebook 16-1")  # those of the records that there are
_SHOWN = 60


def _with_suffix(path: Path | None, suffix: str) -> Path | None:
    return None if path is None else path.with_name(f"{path.stem}{suffix}{path.suffix}")


def _some_rows(n: int, rows: int | None, seed: int) -> npt.NDArray[np.int64]:
    if rows is None or rows >= n:
        return np.arange(n)
    return np.sort(generator(seed, "rows").choice(n, rows, replace=False))


class Experiment:
    """One digit against the rest, as the command line asks for it.

    Parameters
    ----------
    X : ndarray of shape (n, 784), float32 in [0, 1]
    labels : ndarray of shape (n,)
    digit : int
    options : argparse.Namespace
    suffix : str
        Added to the names of files if several digits are run.
    console : Console
    """

    def __init__(
        self,
        X: npt.NDArray[np.float32],
        labels: npt.NDArray[np.int64],
        digit: int,
        options: argparse.Namespace,
        suffix: str,
        console: Console,
    ) -> None:
        self.X, self.labels, self.digit, self.options = X, labels, digit, options
        self.console = console
        self.records, self.report = (_with_suffix(p, suffix) for p in (options.records, options.report))
        self.plots = None if options.plots is None else options.plots / (suffix.lstrip("-") or ".")
        self.check = self._label_check()

    def _say(self, line: str) -> None:
        self.console.print(line, markup=False, highlight=False, soft_wrap=True)

    def _label_check(self) -> LabelCheck | None:
        if not self.options.label_check:
            return None
        path = None if self.records is None else labels_path(self.records)
        return LabelCheck(self.X, self.labels, self.digit, seed=self.options.seed, path=path, say=self._say)

    def _after_resampling(self, resampled: Resampled) -> None:
        new = new_minority(resampled)
        if not len(new) or resampled.method.role == "oracle":
            return
        if self.check is not None:
            self.check(resampled)
        if self.plots is not None and resampled.draw.number == 0:
            name = resampled.method.name
            save_grid(
                self.plots / f"new-{name.replace(' ', '-')}.png", new[:_SHOWN], _SHAPE,
                heading=f"{name}: new images of {self.digit}",
            )  # fmt: skip

    def _show_data(self) -> None:
        is_digit = self.labels == self.digit
        shape, n, rest = (len(self.X), *_SHAPE), is_digit.sum(), (~is_digit).sum()
        self._say(f"MNIST: images {shape}, {n:,} of {self.digit}, {rest:,} others")
        if self.plots is not None:
            titles = [str(label) for label in self.labels[:_SHOWN]]
            save_grid(self.plots / "data.png", self.X[:_SHOWN], _SHAPE, titles=titles, heading="MNIST")

    def run(self) -> Comparison:
        """Measure, then write and print the report."""
        options = self.options
        self._show_data()
        comparison = compare_samplers(
            self.X,
            self.labels,
            minority=self.digit,
            n_minority=options.n_minority,
            methods=options.methods or "default",
            classifier={name: CLASSIFIERS[name]() for name in options.classifiers},
            n_draws=options.draws,
            n_classifier_seeds=options.classifier_seeds,
            threshold_size=options.threshold_size or None,
            image_shape=_SHAPE,
            records=self.records,
            random_state=options.seed,
            verbose=1,
            on_resample=self._after_resampling,
        )
        comparison.report()
        checks = "" if self.check is None or not self.check.rows else "\n" + self.check.to_markdown()
        write_outputs(comparison, self.report, self.plots, more=checks)
        return comparison


def write_outputs(comparison: Comparison, report: Path | None, plots: Path | None, more: str = "") -> None:
    """Write the Markdown report and the plots that were asked for."""
    if report is not None:
        report.parent.mkdir(parents=True, exist_ok=True)
        report.write_text(comparison.to_markdown() + more, encoding="utf-8")
    if plots is None:
        return
    plots.mkdir(parents=True, exist_ok=True)
    for classifier in comparison.classifiers:
        displays: dict[str, Any] = {
            "methods": comparison.plot(classifier=classifier, ax=_figure_axes(7, 6)),
            "precision-recall": comparison.plot_precision_recall(classifier=classifier, ax=_figure_axes(7, 5)),
        }
        if len(comparison.learning_curve(classifier=classifier)[0]) > 1:
            displays["learning-curve"] = comparison.plot_learning_curve(classifier, ax=_figure_axes(7, 5))
        for name, display in displays.items():
            display.figure_.savefig(plots / f"{name}-{classifier.replace(' ', '-')}.png", dpi=120)


def _figure_axes(width: float, height: float) -> Any:
    """Axes of a figure without a window, so that the command needs no display."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained").subplots()


def run_mnist(options: argparse.Namespace) -> None:
    """The whole command: one digit, or all ten one after the other."""
    console = Console()
    images, labels = load_mnist(options.data)
    rows = _some_rows(len(labels), options.rows, options.seed)
    X, labels = flat_unit_range(images[rows]), labels[rows]
    if options.digit != "all":
        Experiment(X, labels, int(options.digit), options, "", console).run()
        return
    outcomes = {
        f"digit {digit}": Experiment(X, labels, digit, options, f"-digit{digit}", console).run() for digit in range(10)
    }
    pooled = PooledComparison(outcomes, unit="digits of one data set")
    pooled.report()
    if options.report is not None:
        options.report.write_text(pooled.to_markdown(), encoding="utf-8")
