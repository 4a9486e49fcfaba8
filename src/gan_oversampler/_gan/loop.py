"""The loop around the compiled step: batches, history, what looks on, and continuing after a stop."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from gan_oversampler._deformation.deformations import Deformation
from gan_oversampler._gan import distributed
from gan_oversampler._gan.deformed_copies import DeformedCopies
from gan_oversampler._gan.drawing import draw_preview
from gan_oversampler._gan.engine import HISTORY, Engine, Plan, assign, values_of
from gan_oversampler._gan.replicas import engine_here
from gan_oversampler._trained import diagnosis
from gan_oversampler._trained.checkpoint import Checkpoint
from gan_oversampler._trained.dense_drawing import draw_noise
from gan_oversampler._trained.state import History, TrainingState, Weights, are_finite
from gan_oversampler._trained.time_limit import TimeLimit
from gan_oversampler._utils import seeds
from gan_oversampler._utils.blas_threads import blas_on_one_thread
from gan_oversampler.callbacks import Callback, TrainingEvent

_SNAPSHOT_EVERY = 100
_LOOK_EVERY, _N_LOOKED_AT = 100, 256
_MOST_AT_ONCE, _SECONDS_AT_ONCE = 50, 0.1


class _Batches:
    """The inputs of each step, from the seed and the step's number alone."""

    def __init__(
        self, data: np.ndarray, plan: Plan, deformation: Any, deform: Callable[..., Any] | None, seed: int
    ) -> None:
        self.data, self.plan, self.deformation, self.seed = data, plan, deformation, seed
        if plan.basis is not None:
            assert deform is not None
            self.copies = DeformedCopies(data, deformation, deform, plan.batch_size, seed)

    def __call__(self, step: int) -> tuple[np.ndarray, ...]:
        rng = seeds.generator(self.seed, "step", step)
        size = self.plan.batch_size
        noise = draw_noise(size, self.plan.latent_dim, self.plan.latent, rng)
        if self.plan.basis is not None:
            return self.copies.batch(step, rng), noise, self.deformation.draw_all(size, rng)
        real = self.data[rng.choice(len(self.data), size, replace=len(self.data) < size)]
        if self.deformation is not None:
            real = np.asarray(self.deformation(real, rng), np.float32)
        return real, noise, np.zeros((0, 0), np.float32)

    def stacked(self, step: int, n: int) -> list[np.ndarray]:
        """The inputs of n steps, stacked."""
        return [np.stack(parts) for parts in zip(*map(self, range(step, step + n)), strict=True)]


@dataclass(frozen=True, eq=False)
class Around:
    """What stands around a training: who is told of it, and what ends it or keeps it.

    Attributes
    ----------
    label : label
        The class.
    attempt : int
    hooks : Callback
    time_limit : TimeLimit or None
    checkpoint : Checkpoint or None
    """

    label: Any = None
    attempt: int = 0
    hooks: Callback = field(default_factory=Callback)
    time_limit: TimeLimit | None = None
    checkpoint: Checkpoint | None = None

    def begin(self, event: TrainingEvent) -> None:
        """Before the first step; a second attempt has what is left of the time of the first."""
        self.hooks.on_class_begin(event)
        if self.time_limit is not None and not self.attempt:
            self.time_limit.begin_class(self.label)

    def ends(self, event: TrainingEvent) -> bool:
        """After a step: whether the training is to end. If not, it is kept from time to time."""
        if self.hooks.on_step_end(event) or (self.time_limit is not None and self.time_limit.ends_class()):
            return True
        if self.checkpoint is not None and self.checkpoint.is_due:
            self._keep(event)
        return False

    def interrupt(self, event: TrainingEvent) -> None:
        """After Ctrl+C."""
        self.hooks.on_interrupt(event)
        self._keep(event)

    def end(self, event: TrainingEvent) -> None:
        """After the last step."""
        self.hooks.on_class_end(event)
        self._keep(event)

    def _keep(self, event: TrainingEvent) -> None:
        if self.checkpoint is not None:
            self.checkpoint.save(self.label, self.attempt, event.capture)


class _Run:
    """One training of one class, from its beginning or from a stop."""

    def __init__(self, engine: Engine, batches: _Batches, max_iter: int, around: Around, ends_settled: bool) -> None:
        self.engine, self.batches, self.max_iter, self.around = engine, batches, max_iter, around
        self._ends_settled = ends_settled
        self.step, self.is_complete = 0, False
        self._first_call_ends = 0  # the step; 0 until it has
        self._last_took = _SECONDS_AT_ONCE  # seconds a step
        self.steps = np.arange(1, max_iter + 1)
        self.metrics = np.zeros((max_iter, len(HISTORY)), np.float32)
        self.seconds = np.zeros(max_iter)
        self.distances = np.full(max_iter, np.nan)

    def begin(self, start: TrainingState | None) -> None:
        """Put every variable in its place."""
        self.engine.reset(self.batches.seed)
        if start is None:
            self.snapshot = values_of(self.engine.average)
        else:
            self._resume(start)
        self.started = time.perf_counter() - (self.seconds[self.step - 1] if self.step else 0)

    def _resume(self, start: TrainingState) -> None:
        self.engine.restore(start.variables)
        self.step, self.snapshot = start.step, start.snapshot
        # It may have been stopped after its last step, before the step was noted.
        is_over = start.step >= self.max_iter or diagnosis.has_exploded(start.history)
        self.metrics[: self.step] = np.transpose([start.history[name] for name in HISTORY])
        self.seconds[: self.step] = start.history["seconds"]
        self.distances[: self.step] = start.history["energy_distance"]
        self.is_complete = start.is_complete or is_over or self._has_settled()

    def seconds_left(self) -> float:
        """Seconds of the steps to come, at the pace of those taken here; the first call compiles, and is left out."""
        timed = self.step - self._first_call_ends
        if not (self._first_call_ends and timed):
            return float("nan")
        taken = self.seconds[self.step - 1] - self.seconds[self._first_call_ends - 1]
        return float(taken / timed * (self.max_iter - self.step))

    @property
    def history(self) -> History:
        metrics = self.metrics[: self.step]
        columns = dict(zip(HISTORY, metrics.T, strict=True))
        more = {"energy_distance": self.distances[: self.step], "seconds": self.seconds[: self.step]}
        return {"step": self.steps[: self.step], **columns, **more}

    def state(self) -> TrainingState:
        """A copy of the whole state."""
        history = {name: values.copy() for name, values in self.history.items()}
        variables = values_of(self.engine.variables)
        seed, callbacks = self.batches.seed, self.around.hooks.get_state()
        return TrainingState(seed, history, variables, self.snapshot, self.is_complete, callbacks)

    def event(self) -> TrainingEvent:
        """The state of the training, for those around it."""
        return TrainingEvent(
            self.around.label,
            self.around.attempt,
            step=self.step,
            max_iter=self.max_iter,
            history=self.history,
            real=self.batches.data,
            draw=self.draw,
            capture=self.state,
            seconds_left=self.seconds_left,
        )

    def draw(self, n: int) -> np.ndarray:
        """Rows of the averaged generator, from the same noise at every step."""
        return draw_preview(self.batches.plan, values_of(self.engine.average), self.batches.seed, n)

    def go(self) -> None:
        """Take the remaining steps."""
        try:
            while not self.is_complete:
                self._advance()
        except KeyboardInterrupt:
            self._catch_up()
            self.around.interrupt(self.event())
            raise
        if self._has_settled():
            assign(self.engine.average, self.snapshot)

    def _advance(self) -> None:
        self._take(self._n_at_once())
        self._finish()

    @property
    def _takes_many(self) -> bool:
        """Whether a call takes several steps: of tables, whose steps cost less than a call, in one process."""
        return self.batches.data.ndim == 2 and distributed.current() is None

    def _n_at_once(self) -> int:
        """Steps of the next call: as many as take a moment, up to the first that something looks at."""
        if not self._takes_many:
            return 1
        affordable = int(np.clip(_SECONDS_AT_ONCE / max(self._last_took, 1e-9), 1, _MOST_AT_ONCE))
        most = min(affordable, self.max_iter - self.step)
        return next((n for n in range(1, most) if self._is_looked_at(self.step + n)), most)

    def _is_looked_at(self, step: int) -> bool:
        is_own = step % _LOOK_EVERY == 0 or (step % _SNAPSHOT_EVERY == 1 and not self._ends_settled)
        return is_own or self.around.hooks.needs_step(step, self.max_iter)

    def _take(self, n: int) -> None:
        if self._takes_many:
            self.engine.steps(*self.batches.stacked(self.step, n))
        else:
            self.engine.step(*self.batches(self.step))

    def _note_steps(self) -> None:
        """Record the steps of the last call that are not recorded yet, up to one that exploded."""
        first, last = self.step, self.engine.n_steps
        self.metrics[first:last] = self.engine.last_metrics.numpy()[first - last :]
        before, now = self.seconds[first - 1] if first else 0.0, time.perf_counter() - self.started
        self.seconds[first:last] = np.linspace(before, now, last - first + 1)[1:]
        self._last_took = (now - before) / (last - first)
        self._first_call_ends = self._first_call_ends or last
        while self.step < last and not self.is_complete:
            self.step += 1
            self.is_complete = diagnosis.has_exploded(self.history)

    def _finish(self) -> None:
        self._note_steps()
        if self.is_complete:
            return
        if self._is_due_to_look():
            self._look()
        if self.step % _SNAPSHOT_EVERY == 1 and not self._ends_settled:
            self._keep_if_finite(values_of(self.engine.average))
        wants_stop = distributed.on_any(self.around.ends(self.event()) or self._has_settled())
        self.is_complete = wants_stop or self.step >= self.max_iter

    @blas_on_one_thread()
    def _look(self) -> None:
        """Note how far drawn rows are from real ones, and keep weights that draw as near as any before."""
        distance = diagnosis.energy_distance(self.draw(_N_LOOKED_AT), self.batches.data)
        if self._ends_settled and distance <= np.fmin.reduce(self._looks, initial=distance) + self._noise:
            self._keep_if_finite(values_of(self.engine.average))
        self.distances[self.step - 1] = distance  # last: a look that Ctrl+C interrupts is taken again

    def _is_due_to_look(self) -> bool:
        return self.step > 0 and self.step % _LOOK_EVERY == 0 and bool(np.isnan(self.distances[self.step - 1]))

    @property
    def _looks(self) -> np.ndarray:
        """Distances found so far."""
        return self.distances[_LOOK_EVERY - 1 : self.step : _LOOK_EVERY]

    @cached_property
    @blas_on_one_thread()
    def _noise(self) -> float:
        return diagnosis.noise_of_distance(_N_LOOKED_AT, self.batches.data)

    def _has_settled(self) -> bool:
        """Whether drawn rows come no nearer to the real ones, where that is to end the training."""
        return self._ends_settled and diagnosis.has_settled(self._looks, self._noise)

    def _keep_if_finite(self, weights: Weights) -> None:
        """Note weights to return to; a step may break them although its own losses, from before, are finite."""
        if are_finite(weights):
            self.snapshot = weights

    def _catch_up(self) -> None:
        """Record the steps of a call that Ctrl+C interrupted: it ran to its end before. A look is taken anew."""
        if self.is_complete:
            return
        if self.engine.n_steps > self.step:
            self._finish()
        elif self._is_due_to_look():
            self._look()


def train(
    plan: Plan,
    data: np.ndarray,
    deformation: Deformation | Callable[..., np.ndarray] | None,
    *,
    max_iter: int,
    seed: int,
    around: Around | None = None,
    start: TrainingState | None = None,
    ends_settled: bool = False,
) -> TrainingState:
    """Fit a generator to the rows of one class.

    Parameters
    ----------
    plan : Plan
    data : ndarray of shape (n, H, W, C) in [-1, 1], or (n, p); float32
    deformation : Deformation, callable or None
        With a basis in the plan: drawn for real and generated images alike. A callable deforms the real
        images only, so that the generator learns to imitate deformed ones.
    max_iter : int
        Training steps, those of `start` included.
    seed : int
    around : Around, default=None
    start : TrainingState, default=None
        A training to continue, with the same bits as if it had not been stopped.
    ends_settled : bool, default=False
        Whether training ends before `max_iter` when drawn rows come no nearer to the real ones. It then
        leaves the last weights that drew as near as any, but for noise.

    Returns
    -------
    TrainingState
        Complete: its `weights` are the generator to draw from.

    Raises
    ------
    ValueError
        If `start` is of other networks.
    RuntimeError
        If a callback of a training with the same plan calls this.
    """
    engine, around = engine_here(plan), around or Around()
    with engine.used():
        deform = None if plan.basis is None else engine.deform
        batches = _Batches(data, plan, deformation, deform, start.seed if start else seed)
        run = _Run(engine, batches, max_iter, around, ends_settled)
        run.begin(start)
        around.begin(run.event())
        if start and start.callbacks is not None:
            around.hooks.set_state(start.callbacks)
        run.go()
        around.end(run.event())
        return run.state()
