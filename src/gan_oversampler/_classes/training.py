"""Training of the classes of one fit: continued after a stop, tried twice, and judged."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from gan_oversampler._classes.task import ClassTask
from gan_oversampler._gan import distributed
from gan_oversampler._trained import diagnosis
from gan_oversampler._trained.checkpoint import Checkpoint
from gan_oversampler._trained.diagnosis import Trouble
from gan_oversampler._trained.state import History, TrainingState
from gan_oversampler._trained.time_limit import TimeLimit
from gan_oversampler._utils import seeds
from gan_oversampler._utils.warnings import warn
from gan_oversampler.callbacks._hooks import Callback, CallbackGroup, FitEvent, TrainingEvent
from gan_oversampler.exceptions import ConvergenceWarning, DivergenceError

STATES = "_training_states_"
"""Name of the fitted attribute that a warm start goes on from: class -> TrainingState."""

_N_TRIES = 2
_USEFUL_STEPS = 100
_LOOK_EVERY, _N_LOOKS, _FIRST_LOOK = 100, 5, 300


class Watch(Callback):
    """Ends a training that went wrong, by its history every 100 steps, and by drawn rows five times in a training.

    It remembers nothing, so a training that continues from a checkpoint is judged alike.
    """

    runs_in_workers = True

    def on_step_end(self, event: TrainingEvent) -> bool:
        if event.step % _LOOK_EVERY == 0 and diagnosis.discriminator_won(event.history):
            return True
        is_due = self._looks_at_rows(event.step, event.max_iter)
        return is_due and diagnosis.find_trouble(event.history, event.draw, event.real) is not None

    def needs_step(self, step: int, max_iter: int) -> bool:
        return step % _LOOK_EVERY == 0 or self._looks_at_rows(step, max_iter)

    @staticmethod
    def _looks_at_rows(step: int, max_iter: int) -> bool:
        return step % max(1, max_iter // _N_LOOKS) == 0 and step >= _FIRST_LOOK


def _joined(histories: list[History]) -> History:
    """Histories of several tries, joined."""
    return {name: np.concatenate([history[name] for history in histories]) for name in histories[0]}


@dataclass(frozen=True, eq=False)
class Outcome:
    """How the training of a class ended.

    Attributes
    ----------
    state : TrainingState
        The end of the last try.
    history : dict of ndarray
        Of all tries, joined.
    trouble : Trouble or None
        What went wrong in the last try.
    n_tries : int
    was_cut_short : bool
        Whether the time limit ended it.
    """

    state: TrainingState
    history: History
    trouble: Trouble | None
    n_tries: int
    was_cut_short: bool


def report_trouble(outcome: Outcome, name: str, max_iter: int, on_divergence: str) -> None:
    """Report what went wrong in the training of the class `name`, if anything did.

    Raises
    ------
    DivergenceError
        If training went wrong and `on_divergence` is "raise"; otherwise a ConvergenceWarning is given.
    """
    n_steps, start = outcome.state.step, f"Training of class {name}"
    if outcome.was_cut_short and n_steps < min(max_iter, _USEFUL_STEPS):
        warn(
            f"{start} was ended by time_limit after {n_steps} of {max_iter} steps, and its rows may be poor: give "
            "it longer, or try DeformationOverSampler.",
            ConvergenceWarning,
        )
    elif outcome.trouble is not None:
        tries = "1 try" if outcome.n_tries == 1 else f"{outcome.n_tries} tries"
        what, advice = outcome.trouble
        sentence = f"{start} {what} in {tries}, and its rows may be poor: try {advice}, or DeformationOverSampler."
        if on_divergence == "raise":
            raise DivergenceError(sentence)
        warn(sentence, ConvergenceWarning)


@dataclass(frozen=True, eq=False)
class TrainingSession:
    """What all trainings of one fit share.

    Attributes
    ----------
    hooks : CallbackGroup
    time_limit : TimeLimit
    checkpoint : Checkpoint or None
    earlier : dict
        Class -> the state in which an earlier fit left it, to continue from.
    """

    hooks: CallbackGroup
    time_limit: TimeLimit
    checkpoint: Checkpoint | None
    earlier: dict[Any, TrainingState]

    def part(self, label: Any, n_rounds: int) -> TrainingSession:
        """The session of a worker that trains one class, where each worker trains `n_rounds` at the most.

        What only shows the training is replaced by nothing, so that the states in a checkpoint stay in their places.
        """
        time_limit = TimeLimit(self.time_limit.seconds / n_rounds)
        checkpoint = self.checkpoint.part(label) if self.checkpoint else None
        # Copies, since workers may be threads of one process.
        hooks = CallbackGroup([deepcopy(c) if c.runs_in_workers else Callback() for c in self.hooks.callbacks])
        earlier = {label: self.earlier[label]} if label in self.earlier else {}
        return TrainingSession(hooks, time_limit, checkpoint, earlier)

    @contextmanager
    def around(self, labels: tuple[Any, ...]) -> Iterator[None]:
        """Begin before the body, and tell the callbacks of its end, however it ends."""
        with self.hooks.around(FitEvent(labels)):
            self.time_limit.begin(labels)
            if self.checkpoint:
                self.checkpoint.begin()
            yield

    def train(self, plan: Any, data: np.ndarray, deformation: Any, *, label: Any, seed: int, max_iter: int) -> Outcome:
        """Train a class for `max_iter` further steps, and again from a fresh seed if that goes wrong."""
        from gan_oversampler._gan import loop

        max_iter += self._steps_before(label)
        # A warm start takes the steps that it is told; processes that train together might see a plateau apart.
        ends_settled = data.ndim == 2 and label not in self.earlier and distributed.n_processes() == 1
        histories: list[History] = []
        for attempt in range(_N_TRIES):
            state = loop.train(
                plan,
                data,
                deformation,
                max_iter=max_iter,
                seed=seeds.child_seed(seed, "training", attempt),
                around=loop.Around(label, attempt, self.hooks, self.time_limit, self.checkpoint),
                start=self._start(label, attempt),
                ends_settled=ends_settled,
            )
            histories.append(state.history)
            trouble = self._trouble(plan, state, data)
            was_cut_short = distributed.on_any(self.time_limit.is_over)
            if was_cut_short or not distributed.on_any(trouble is not None):
                break
        return Outcome(state, _joined(histories), trouble, len(histories), was_cut_short)

    def _start(self, label: Any, attempt: int) -> TrainingState | None:
        stopped = self.checkpoint.start(label, attempt) if self.checkpoint else None
        if stopped is None and attempt == 0 and label in self.earlier:
            return replace(self.earlier[label], is_complete=False, callbacks=None)
        return stopped

    def _steps_before(self, label: Any) -> int:
        return self.earlier[label].step if label in self.earlier else 0

    @staticmethod
    def _trouble(plan: Any, state: TrainingState, data: np.ndarray) -> Trouble | None:
        from gan_oversampler._gan import drawing

        draw = partial(drawing.draw_preview, plan, state.last_weights, state.seed)
        return diagnosis.find_trouble(state.history, draw, data)


def states_to_go_on_from(fitted: dict[str, Any], rows: np.ndarray, labels: np.ndarray) -> dict[Any, TrainingState]:
    """The states that an earlier fit kept, except those whose training diverged.

    Parameters
    ----------
    fitted : dict
        Fitted attributes of the earlier fit.
    rows, labels : ndarray
        Data of the next fit.

    Raises
    ------
    ValueError
        Where these data are of another shape, or of other classes.
    """
    if STATES not in fitted:
        return {}
    then, now = fitted["row_format_"].row_shape, tuple(rows.shape[1:])
    old_classes, classes = fitted["classes_"].tolist(), np.unique(labels).tolist()
    if (then, old_classes) != (now, classes):
        raise ValueError(
            f"warm_start goes on from rows of shape {then} and classes {old_classes}, but these are of shape {now} "
            f"and classes {classes}: give data like those before, or set warm_start=False to begin anew."
        )
    return {label: state for label, state in fitted[STATES].items() if state.is_good}


def warn_of_another_scale(task: ClassTask, codec: Any) -> None:
    """Warn if the networks see the rows of a class on another scale than in the last fit.

    Parameters
    ----------
    task : ClassTask
    codec : Codec
        Of the last fit.
    """
    then, now = codec.get_state(), task.codec.get_state()
    if not (then.keys() == now.keys() and all(np.array_equal(then[name], now[name], equal_nan=True) for name in then)):
        warn(
            f"The rows of class {task.name} have another range or distribution than in the last fit, and the networks "
            "see them on a new scale: let warm_start take enough steps for them to learn it, or set warm_start=False.",
            UserWarning,
        )
