"""Classes learned in parallel by joblib, with the bits of one after the other."""

from __future__ import annotations

import math
import os
import sys
import traceback
import warnings
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from itertools import takewhile
from typing import Any

import joblib
import numpy as np

from gan_oversampler._classes.kept_rows import KeptRows
from gan_oversampler._classes.model import ClassModel
from gan_oversampler._classes.task import ClassTask
from gan_oversampler._rows.columns import Columns
from gan_oversampler._rows.user_rows import UserRows
from gan_oversampler._utils.warnings import warn

Learned = tuple[ClassModel, KeptRows]
"""The model of a class, and a sample of its rows to judge the model by."""

Noted = tuple[str, type[Warning], str, int]
"""A warning of a worker: message, category, file and line."""


def _threads_here() -> int:
    """Threads of one operation in this process."""
    import tensorflow as tf

    set_here = tf.config.threading.get_intra_op_parallelism_threads()
    named = os.environ.get("TF_NUM_INTRAOP_THREADS", "")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return set_here or (int(named) if named.isdigit() else 0) or cores or 1


@dataclass(frozen=True)
class WorkerThreads:
    """On how many threads TensorFlow runs one operation in workers: another number gives other bits in training.

    A worker therefore takes the number of the process that called it. It runs one operation at a time, which changes no
    bit, so that a worker asks for no more threads than that.

    Attributes
    ----------
    n : int
        For one operation.
    caller : int
        The process that calls the workers.
    """

    n: int
    caller: int

    @classmethod
    def of_here(cls) -> WorkerThreads | None:
        """As many as in this process; None where TensorFlow was not needed."""
        return cls(_threads_here(), os.getpid()) if "tensorflow" in sys.modules else None

    def limit(self) -> None:
        """Give TensorFlow these threads in this worker; one that is a thread of the caller changes nothing."""
        if os.getpid() == self.caller:
            return
        import tensorflow as tf

        try:
            tf.config.threading.set_intra_op_parallelism_threads(self.n)
            tf.config.threading.set_inter_op_parallelism_threads(1)
        except RuntimeError:  # TensorFlow has run here before
            if _threads_here() != self.n:
                warn(
                    f"TensorFlow runs an operation on {_threads_here()} threads in a worker but on {self.n} here, and "
                    "rows may differ in their bits: begin with fresh workers, or set TF_NUM_INTRAOP_THREADS alike.",
                    UserWarning,
                )


@dataclass(frozen=True, eq=False)
class Failed:
    """The error that ended the learning of a class."""

    label: Any
    error: Exception


@dataclass(frozen=True, eq=False)
class Finished:
    """What a worker made of a class.

    Attributes
    ----------
    label : label
    learned : Learned
    extras : dict
        Fitted attribute -> {label: value}.
    warned : list of Noted
        Warnings of the worker.
    """

    label: Any
    learned: Learned
    extras: dict[str, Any]
    warned: list[Noted]


def n_workers(n_jobs: int | None, labels: tuple[Any, ...]) -> int:
    """How many classes can be learned at the same time; None asks `joblib.parallel_config`."""
    return min(joblib.effective_n_jobs(n_jobs), len(labels))


def n_processes(n_jobs: int | None, labels: tuple[Any, ...]) -> int:
    """How many processes of this machine learn at the same time, beside the caller's; 0 where none does."""
    backend = type(joblib.parallel.get_active_backend()[0]).__name__
    n = n_workers(n_jobs, labels)
    return n if n > 1 and backend in ("LokyBackend", "MultiprocessingBackend") else 0


@contextmanager
def _noted(is_elsewhere: bool) -> Iterator[list[Noted]]:
    """Warnings of a worker, for the caller to give; in a thread of the caller's process they need no help."""
    noted: list[Noted] = []
    if not is_elsewhere:
        yield noted
        return
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield noted
    noted += [(str(w.message), w.category, w.filename, w.lineno) for w in caught]


def _give(noted: Noted) -> None:
    """Give a warning of a worker here, where the user's filters decide on it as without workers.

    What is meant for a user points at the user's own line, all else at the line where it arose.
    """
    message, category, filename, line = noted
    if issubclass(category, UserWarning):
        warn(message, category)
    else:
        warnings.warn_explicit(message, category, filename, line)


def _learn(
    fit: Any,
    rows: np.ndarray,
    labels: np.ndarray,
    label: Any,
    shape: tuple[int, ...] | None,
    is_category: np.ndarray,
    caller: int,
) -> Finished | Failed:
    """Learn one class, in a worker. Its error is returned, since the caller may have to raise that of another class."""
    task = ClassTask(rows, labels, label, shape, cache(partial(Columns.find, rows, is_category)), fit.seed)
    try:
        with _noted(os.getpid() != caller) as warned, fit.around(label):
            learned = fit.learn_class(task)
    except Exception as error:
        error.add_note(f"In the worker of class {task.name}:\n{traceback.format_exc()}")
        return Failed(label, error)
    return Finished(label, learned, fit.extras, warned)


@contextmanager
def _closed(results: Generator[Any]) -> Iterator[Generator[Any]]:
    """Where an error ends the fit, the other workers are stopped; joblib would warn of that."""
    try:
        yield results
    finally:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            results.close()


def _without_errors(results: Iterable[Finished | Failed], wanted: tuple[Any, ...]) -> Iterator[Finished]:
    """Results as they come. The error of the first class in order that has one is raised, as without workers."""
    ended: dict[Any, Finished | Failed] = {}
    for result in results:
        ended[result.label] = result
        if isinstance(result, Finished):
            yield result
        for label in takewhile(ended.__contains__, wanted):
            if isinstance(failed := ended[label], Failed):
                raise failed.error


def learn(fit: Any, X: UserRows, labels: np.ndarray, wanted: tuple[Any, ...], n_workers: int) -> dict[Any, Learned]:
    """Learn each class in a worker.

    Parameters
    ----------
    fit : Fit
        Its `extras` get those of all classes.
    X : UserRows
    labels : ndarray of shape (n,)
    wanted : tuple of label
    n_workers : int

    Returns
    -------
    dict
        Class -> Learned, in the order of `wanted`.
    """
    n_rounds = math.ceil(len(wanted) / n_workers)
    data, way = (X.numbers, labels), (X.image_shape, X.form.is_category, os.getpid())
    calls = (joblib.delayed(_learn)(fit.part(label, n_rounds), *data, label, *way) for label in wanted)
    with _closed(joblib.Parallel(n_jobs=fit.sampler.n_jobs, return_as="generator_unordered")(calls)) as results:
        by_label = {done.label: done for done in fit.shown(_without_errors(results, wanted), len(wanted))}
    for label in wanted:
        for name, values in by_label[label].extras.items():
            fit.extras.setdefault(name, {}).update(values)
        for noted in by_label[label].warned:
            _give(noted)
    return {label: by_label[label].learned for label in wanted}
