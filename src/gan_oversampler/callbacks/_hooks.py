"""Hooks into training: look at it, record it, or stop it.

A callback is an object with some of the methods of `Callback`. The progress bar, checkpoints and the time limit of
`GANOverSampler` are callbacks themselves.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from gan_oversampler._trained import diagnosis
from gan_oversampler._trained.state import History, TrainingState

__all__ = ["Callback", "EarlyStopping", "FitEvent", "TensorBoard", "TrainingEvent"]

_N_DRAWN = 256


@dataclass(frozen=True, eq=False)
class FitEvent:
    """What `on_fit_begin` and `on_fit_end` are told.

    Attributes
    ----------
    labels : tuple of label
        The classes to be learned, in order.
    error : BaseException or None
        In `on_fit_end`: what ended the fit before its time.
    """

    labels: tuple[Any, ...]
    error: BaseException | None = None


@dataclass(frozen=True, eq=False)
class TrainingEvent:
    """Where the training of a class stands. Valid while the hook runs.

    Attributes
    ----------
    label : label
        The class.
    attempt : int
        0, or 1 where training went wrong and is repeated from a fresh seed.
    step, max_iter : int
        Steps taken, and steps to take.
    history : dict of ndarray
        A value a step so far, as in `GANOverSampler.history_`.
    real : ndarray of shape (n, H, W, C) in [-1, 1], or (n, p) standard scores; float32
        The real rows of the class, as the networks see them.
    draw : callable
        ``draw(n)`` gives n generated rows in the form of `real`, of the averaged generator: always from the same
        noise, so that two moments can be compared.
    capture : callable
        ``capture()`` gives a copy of everything that training goes on from.
    """

    label: Any
    attempt: int
    step: int
    max_iter: int
    history: History
    real: np.ndarray
    draw: Callable[[int], np.ndarray]
    capture: Callable[[], TrainingState]

    @property
    def metrics(self) -> dict[str, float]:
        """What was measured at the last step, in numbers; empty before the first."""
        last = {name: float(values[-1]) for name, values in self.history.items() if len(values) and name != "step"}
        return {name: value for name, value in last.items() if name != "energy_distance" or not np.isnan(value)}

    @property
    def is_image(self) -> bool:
        """Whether rows are images."""
        return self.real.ndim == 4


class Callback:
    """Base of callbacks: every hook does nothing, override those you need.

    An exception that a hook raises ends the fit and reaches the caller. A sampler that is cloned, as in a grid
    search, works with copies of its callbacks.

    Examples
    --------
    >>> from gan_oversampler.callbacks import Callback
    >>> class StopWhenFooled(Callback):
    ...     def on_step_end(self, event):
    ...         return event.step > 100 and event.metrics["discriminator_accuracy"] < 0.55
    """

    def on_fit_begin(self, event: FitEvent) -> None:
        """Before the first class."""

    def on_class_begin(self, event: TrainingEvent) -> None:
        """Before the training of a class: once more where it is repeated, or goes on from a checkpoint."""

    def on_step_end(self, event: TrainingEvent) -> bool | None:
        """After each training step; return True to end the training of this class."""
        return None

    def on_interrupt(self, event: TrainingEvent) -> None:
        """After Ctrl+C while a class is trained; the KeyboardInterrupt is raised again afterwards."""

    def on_class_end(self, event: TrainingEvent) -> None:
        """After the training of a class."""

    def on_fit_end(self, event: FitEvent) -> None:
        """At the end, also where an error ended the fit: the place to close files."""

    def get_state(self) -> Any:
        """What a checkpoint must keep of this callback, as JSON can hold it."""
        return None

    def set_state(self, state: Any) -> None:
        """Go on from what `get_state` gave; called after `on_class_begin`."""


def _ending(callback: Callback, event: FitEvent) -> Callable[..., None]:
    def on_exit(kind: Any, error: BaseException | None, traceback: Any) -> None:
        callback.on_fit_end(replace(event, error=error))

    return on_exit


class CallbackGroup(Callback):
    """Several callbacks as one.

    Parameters
    ----------
    callbacks : sequence of Callback
    """

    def __init__(self, callbacks: Sequence[Callback]) -> None:
        self.callbacks = tuple(callbacks)

    @contextmanager
    def around(self, event: FitEvent) -> Iterator[None]:
        """Between `on_fit_begin` and `on_fit_end` of them all, however it ends."""
        with ExitStack() as stack:
            for callback in self.callbacks:
                stack.push(_ending(callback, event))
                callback.on_fit_begin(event)
            yield

    def on_class_begin(self, event: TrainingEvent) -> None:
        for callback in self.callbacks:
            callback.on_class_begin(event)

    def on_step_end(self, event: TrainingEvent) -> bool:
        # Those behind the one that stops are not asked: the checkpoint, the last, must not take the end for a middle.
        return any(callback.on_step_end(event) for callback in self.callbacks)

    def on_interrupt(self, event: TrainingEvent) -> None:
        for callback in self.callbacks:
            callback.on_interrupt(event)

    def on_class_end(self, event: TrainingEvent) -> None:
        for callback in self.callbacks:
            callback.on_class_end(event)

    def get_state(self) -> list[Any]:
        return [callback.get_state() for callback in self.callbacks]

    def set_state(self, state: list[Any]) -> None:
        for callback, part in zip(self.callbacks, state, strict=True):
            callback.set_state(part)


class EarlyStopping(Callback):
    """End the training of a class when what it draws no longer comes nearer to the real rows.

    Parameters
    ----------
    every : int, default=100
        Steps between two looks.
    patience : int, default=5
        Looks without improvement after which training ends.
    min_improvement : float, default=0.02
        Share by which the distance must fall below the best one to count.
    min_steps : int, default=500
        Steps that are taken in any case.

    Attributes
    ----------
    distances_ : list of float
        Energy distance of each look at the class last trained; 0 for equal distributions.

    Notes
    -----
    A look compares 256 drawn rows with up to 1,000 real ones by their energy distance [1]_, which takes
    milliseconds. It tells a plateau; it does not tell whether the rows will help a classifier.

    References
    ----------
    .. [1] Székely, G. J., & Rizzo, M. L. (2013). Energy statistics. Journal of Statistical Planning and Inference,
       143(8). doi:10.1016/j.jspi.2013.03.018

    Examples
    --------
    >>> from gan_oversampler import GANOverSampler
    >>> from gan_oversampler.callbacks import EarlyStopping
    >>> sampler = GANOverSampler(callbacks=[EarlyStopping(patience=3)])
    """

    def __init__(
        self, every: int = 100, patience: int = 5, min_improvement: float = 0.02, min_steps: int = 500
    ) -> None:
        self.every = every
        self.patience = patience
        self.min_improvement = min_improvement
        self.min_steps = min_steps
        self.distances_: list[float] = []

    def on_class_begin(self, event: TrainingEvent) -> None:
        self.distances_ = []

    def on_step_end(self, event: TrainingEvent) -> bool:
        if event.step % self.every:
            return False
        self.distances_.append(diagnosis.energy_distance(event.draw(_N_DRAWN), event.real))
        return event.step >= self.min_steps and self._looks_without_improvement() >= self.patience

    def _looks_without_improvement(self) -> int:
        best, best_look = np.inf, 0
        for look, distance in enumerate(self.distances_):
            if distance < best * (1 - self.min_improvement):
                best, best_look = distance, look
        return len(self.distances_) - 1 - best_look

    def get_state(self) -> list[float]:
        return list(self.distances_)

    def set_state(self, state: list[float]) -> None:
        self.distances_ = list(state)


class TensorBoard(Callback):
    """Write losses, accuracy and drawn images for TensorBoard, a run a class.

    Parameters
    ----------
    log_dir : path-like
        Folder; each class gets one of its own in it.
    every : int, default=10
        Steps between two points of a curve.
    images_every : int, default=500
        Steps between two strips of 8 drawn images.

    Notes
    -----
    The ``tensorboard`` package is needed to look at the files, not to write them.

    Examples
    --------
    >>> from gan_oversampler import GANOverSampler
    >>> from gan_oversampler.callbacks import TensorBoard
    >>> sampler = GANOverSampler(callbacks=[TensorBoard("runs")])
    """

    def __init__(self, log_dir: Any, every: int = 10, images_every: int = 500) -> None:
        self.log_dir = log_dir
        self.every = every
        self.images_every = images_every
        self._writer: Any = None

    def on_class_begin(self, event: TrainingEvent) -> None:
        import tensorflow as tf

        self._close()
        name = re.sub(r"[^\w.-]", "_", f"class_{event.label}") + ("_again" if event.attempt else "")
        self._writer = tf.summary.create_file_writer(str(Path(self.log_dir) / name))

    def on_step_end(self, event: TrainingEvent) -> None:
        with self._writer.as_default(step=event.step):
            if event.step % self.every == 0:
                for name, value in event.metrics.items():
                    _write_scalar(name, value)
            if event.is_image and event.step % self.images_every == 0:
                _write_images("drawn", event.draw(8))

    def on_fit_end(self, event: FitEvent) -> None:
        self._close()

    def _close(self) -> None:
        if self._writer is not None:
            self._writer.close()
        self._writer = None


# tf.summary.scalar and image need the tensorboard package; what they write is simple.
def _write(name: str, tensor: Any, plugin: str, data_class: int) -> None:
    import tensorflow as tf

    metadata = tf.compat.v1.SummaryMetadata(data_class=data_class)
    metadata.plugin_data.plugin_name = plugin
    tf.summary.write(name, tensor, metadata=metadata)


def _write_scalar(name: str, value: float) -> None:
    import tensorflow as tf

    _write(name, tf.constant(value, tf.float32), "scalars", 1)


def _write_images(name: str, images: np.ndarray) -> None:
    import tensorflow as tf

    height, width, channels = images.shape[1:]
    pixels = np.rint((images[..., : 3 if channels > 2 else 1] + 1) * 127.5).astype(np.uint8)
    files = [tf.io.encode_png(image).numpy() for image in pixels]
    _write(name, tf.constant([str(width), str(height), *files]), "images", 3)
