"""Hooks into training: look at it, record it, or stop it.

A callback is an object with some of the methods of `Callback`. The progress bar of `GANOverSampler` is one itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from gan_oversampler._trained.state import History, TrainingState

__all__ = ["Callback", "CallbackGroup", "FitEvent", "TrainingEvent"]


@dataclass(frozen=True, eq=False)
class FitEvent:
    """The fit, as `on_fit_begin` and `on_fit_end` see it.

    Attributes
    ----------
    labels : tuple of label
        The classes to be learned, in order.
    error : BaseException or None
        In `on_fit_end`: the error that ended the fit.
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
        0, or 1 if training went wrong and is repeated from a fresh seed.
    step, max_iter : int
        Steps taken, and steps to take.
    history : dict of ndarray
        One value per step so far, as in `GANOverSampler.history_`.
    real : ndarray of shape (n, H, W, C) in [-1, 1], or (n, p) standard scores; float32
        The real rows of the class, as the networks see them.
    draw : callable
        ``draw(n)`` returns n rows of the averaged generator in the form of `real`, always from the same noise, so
        that two moments can be compared.
    capture : callable
        ``capture()`` returns a copy of everything that training continues from.
    seconds_left : callable
        ``seconds_left()`` tells the seconds of the steps to come, at the pace of those that were taken in this process.
        NaN until two calls of steps were: the first compiles. Training of a table may end early, and then takes less.
    """

    label: Any
    attempt: int
    step: int
    max_iter: int
    history: History
    real: np.ndarray
    draw: Callable[[int], np.ndarray]
    capture: Callable[[], TrainingState]
    seconds_left: Callable[[], float]

    @property
    def metrics(self) -> dict[str, float]:
        """The figures of the last step; empty before the first."""
        last = {name: float(values[-1]) for name, values in self.history.items() if len(values) and name != "step"}
        return {name: value for name, value in last.items() if name != "energy_distance" or not np.isnan(value)}

    @property
    def is_image(self) -> bool:
        """Whether rows are images."""
        return self.real.ndim == 4


class Callback:
    """Base of callbacks. Every hook does nothing: override the hooks that you need.

    An exception that a hook raises ends the fit and reaches the caller. A sampler that is cloned, as in a grid
    search, works with copies of its callbacks.

    Attributes
    ----------
    writes_files : bool
        Where several workers train together, a callback that writes files is called on the chief alone.
    runs_in_workers : bool
        Whether the callback works where `n_jobs` trains classes in workers: a copy is sent to a worker for each class,
        which calls every hook, and what the copy notes stays there. False unless a subclass says otherwise.

    Examples
    --------
    >>> from gan_oversampler.callbacks import Callback
    >>> class StopWhenFooled(Callback):
    ...     def on_step_end(self, event):
    ...         return event.step > 100 and event.metrics["discriminator_accuracy"] < 0.55
    """

    writes_files: ClassVar[bool] = False
    runs_in_workers: ClassVar[bool] = False

    def on_fit_begin(self, event: FitEvent) -> None:
        """Before the first class."""

    def on_class_begin(self, event: TrainingEvent) -> None:
        """Before the training of a class; again if it is repeated or continues from a checkpoint."""

    def on_step_end(self, event: TrainingEvent) -> bool | None:
        """After each training step, see `needs_step`; return True to end the training of this class."""
        return None

    def needs_step(self, step: int, max_iter: int) -> bool:
        """Whether `on_step_end` must be called after this step of `max_iter`; asked before the step is taken.

        Override it beside `on_step_end` for a callback that can do without most steps: training on a table then takes
        up to 50 steps in one call of TensorFlow, up to the next that a callback needs. A class that overrides
        `on_step_end` alone is called after each step, and a step costs up to twice as much. Images are trained step by
        step anyway. The rows are the same.
        """
        return False

    def on_interrupt(self, event: TrainingEvent) -> None:
        """After Ctrl+C while a class is trained; the KeyboardInterrupt is raised again afterwards."""

    def on_class_end(self, event: TrainingEvent) -> None:
        """After the training of a class."""

    def on_fit_end(self, event: FitEvent) -> None:
        """At the end, also when an error ended the fit: the place to close files."""

    def get_state(self) -> Any:
        """The state that a checkpoint keeps of this callback, as JSON can hold it."""
        return None

    def set_state(self, state: Any) -> None:
        """Continue from the state that `get_state` returned; called after `on_class_begin`."""


def check_callbacks(callbacks: Sequence[Any] | None) -> None:
    """Refuse a list that holds something other than callbacks.

    Raises
    ------
    TypeError
    """
    for callback in callbacks or ():
        if not isinstance(callback, Callback):
            raise TypeError(
                f"callbacks must be a list of Callback objects, but {callback!r} is in it: derive its class from "
                "gan_oversampler.callbacks.Callback, and give an object, not the class."
            )


def check_run_in_workers(callbacks: Sequence[Callback] | None, of_sklearn: Any) -> None:
    """Refuse callbacks that would note things in a worker that nobody sees.

    Raises
    ------
    ValueError
    """
    names = [type(callback).__name__ for callback in callbacks or () if not callback.runs_in_workers]
    if of_sklearn:
        names.append("scikit-learn's callbacks")
    if names:
        raise ValueError(
            f"n_jobs trains classes in workers, of which {', '.join(names)} would see nothing here: set n_jobs=1, or "
            "runs_in_workers = True in a class of callbacks whose copies may work there alone."
        )


def _ending(callback: Callback, event: FitEvent) -> Callable[..., None]:
    def on_exit(kind: Any, error: BaseException | None, traceback: Any) -> None:
        callback.on_fit_end(replace(event, error=error))

    return on_exit


def _needs_step(callback: Callback, step: int, max_iter: int) -> bool:
    """What a callback says; a class that overrides `on_step_end` and not what was said before needs each step."""
    places = (vars(part) for part in (callback, *type(callback).__mro__))
    last = next(names for names in places if "on_step_end" in names or "needs_step" in names)
    return "needs_step" not in last or callback.needs_step(step, max_iter)


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
        """Call every `on_fit_begin` before the body and every `on_fit_end` after it, however the body ends."""
        with ExitStack() as stack:
            for callback in self.callbacks:
                stack.push(_ending(callback, event))
                callback.on_fit_begin(event)
            yield

    def on_class_begin(self, event: TrainingEvent) -> None:
        for callback in self.callbacks:
            callback.on_class_begin(event)

    def on_step_end(self, event: TrainingEvent) -> bool:
        return any(callback.on_step_end(event) for callback in self.callbacks)

    def needs_step(self, step: int, max_iter: int) -> bool:
        return any(_needs_step(callback, step, max_iter) for callback in self.callbacks)

    def on_interrupt(self, event: TrainingEvent) -> None:
        for callback in self.callbacks:
            callback.on_interrupt(event)

    def on_class_end(self, event: TrainingEvent) -> None:
        for callback in self.callbacks:
            callback.on_class_end(event)

    def get_state(self) -> list[Any]:
        return [callback.get_state() for callback in self.callbacks]

    def set_state(self, state: list[Any]) -> None:
        # In files of before, those of a time limit and of a checkpoint follow, which have none.
        for callback, part in zip(self.callbacks, state, strict=False):
            callback.set_state(part)
