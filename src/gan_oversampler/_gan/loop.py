"""The one place that trains: the compiled step, the loop around it, and drawing from what it learned.

A step compiled afresh for each fit would never be freed (TensorFlow's gradient registry keeps it), so one
`_Engine` is compiled per plan and its variables are set back before each fit.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from gan_oversampler._deformation.deformations import Deformation, DeformationBasis
from gan_oversampler._gan import losses
from gan_oversampler._gan import warp as tensor_warp
from gan_oversampler._trained import diagnosis
from gan_oversampler._trained.state import History, TrainingState, Weights
from gan_oversampler._utils import seeds
from gan_oversampler.callbacks import Callback, TrainingEvent

HISTORY = ("generator_loss", "discriminator_loss", "discriminator_accuracy")
_DRAW_BATCH = 256
_SNAPSHOT_EVERY = 100
_LOOK_EVERY, _N_LOOKED_AT = 100, 256


@dataclass(frozen=True)
class Plan:
    """All that shapes the compiled step; equal plans share one.

    Attributes
    ----------
    generator, discriminator : str
        Architectures, as Keras JSON.
    latent_dim : int
    latent : {"normal", "uniform"}
        Distribution of the noise; uniform is on [-1, 1].
    batch_size : int
    optimizer : {"adam", "rmsprop"}
    learning_rates : (float, float)
        Of the generator and the discriminator.
    averaging : float
        Decay of the running mean of the generator's weights; 0 keeps the last ones.
    basis : DeformationBasis or None
        Where given, real and generated images are deformed in front of the discriminator.
    """

    generator: str
    discriminator: str
    latent_dim: int
    latent: str
    batch_size: int
    optimizer: str
    learning_rates: tuple[float, float]
    averaging: float
    basis: DeformationBasis | None


def architecture(model: Any) -> str:
    """Keras JSON of a model."""
    return str(model.to_json())


def _seed_everything(node: Any, seed: int, path: str = "") -> Any:
    """The same configuration with a seed of its own in every place that takes one."""
    if isinstance(node, dict):
        return {
            key: seeds.child_seed(seed, f"{path}/{key}")
            if key == "seed"
            else _seed_everything(value, seed, f"{path}/{key}")
            for key, value in node.items()
        }
    if isinstance(node, list):
        return [_seed_everything(item, seed, f"{path}/{i}") for i, item in enumerate(node)]
    return node


def _build(architecture: str, seed: int = 0) -> Any:
    """Model of that architecture with seeded weights; unseeded, Keras would draw from Python's `random`."""
    return keras.models.model_from_json(json.dumps(_seed_everything(json.loads(architecture), seed)))


def _values(variables: list[Any]) -> Weights:
    return [np.asarray(variable).copy() for variable in variables]


def _assign(variables: list[Any], values: Weights) -> None:
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)


def _make_optimizer(name: str, learning_rate: float) -> Any:
    if name == "rmsprop":
        return keras.optimizers.RMSprop(learning_rate)
    return keras.optimizers.Adam(learning_rate, beta_1=0.5, beta_2=0.99)


class _Engine:
    """Both networks, their optimizers and the fused step; used by one fit at a time."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.lock = threading.Lock()
        self.generator = _build(plan.generator)
        self.discriminator = _build(plan.discriminator)
        self.networks = (self.generator, self.discriminator)
        self.optimizers = [_make_optimizer(plan.optimizer, rate) for rate in plan.learning_rates]
        for optimizer, network in zip(self.optimizers, self.networks, strict=True):
            optimizer.build(network.trainable_variables)
        self._optimizer_start = [_values(optimizer.variables) for optimizer in self.optimizers]
        self.average = [tf.Variable(value) for value in _values(self.generator.variables)]
        self.last_metrics = tf.Variable(tf.zeros(len(HISTORY)))
        self.step = tf.function(self._step)

    @property
    def variables(self) -> list[Any]:
        """All that a step reads and changes, the averaged generator last."""
        learned = [self.generator, self.discriminator, *self.optimizers]
        return [variable for part in learned for variable in part.variables] + self.average

    @property
    def n_steps(self) -> int:
        """Steps taken since `reset`, by the optimizer's own count."""
        return int(self.optimizers[-1].iterations)

    def reset(self, seed: int) -> None:
        """Set every variable to where a fit with this seed starts."""
        for name, network in (("generator", self.generator), ("discriminator", self.discriminator)):
            fresh = _build(getattr(self.plan, name), seeds.child_seed(seed, name))
            _assign(network.variables, _values(fresh.variables))
        _assign(self.average, _values(self.generator.variables))
        for optimizer, start in zip(self.optimizers, self._optimizer_start, strict=True):
            _assign(optimizer.variables, start)

    def restore(self, variables: Weights) -> None:
        """Set every variable to where a training was stopped; the learning rates stay those of the plan.

        Raises
        ------
        ValueError
            Where the values are those of other networks.
        """
        here = self.variables
        if [tuple(v.shape) for v in here] != [v.shape for v in variables]:
            raise ValueError(
                "The networks to go on from have other shapes than these data and parameters ask for: fit with what "
                "they were trained with, or set warm_start=False to begin anew."
            )
        _assign(here, variables)
        for optimizer, rate in zip(self.optimizers, self.plan.learning_rates, strict=True):
            optimizer.learning_rate = rate

    def _deform(self, images: Any, coefficients: Any) -> Any:
        return images if self.plan.basis is None else tensor_warp.warp(images, coefficients, self.plan.basis)

    def _update_average(self) -> None:
        decay = self.plan.averaging
        for mean, variable in zip(self.average, self.generator.variables, strict=True):
            new = tf.convert_to_tensor(variable.value)
            mean.assign(decay * mean + (1 - decay) * new if new.dtype.is_floating else new)

    def _step(self, real: Any, noise: Any, real_coefficients: Any, fake_coefficients: Any) -> Any:
        """Update both networks from one batch and one pass of the generator."""
        real = self._deform(real, real_coefficients)
        with tf.GradientTape(persistent=True) as tape:
            fake = tf.cast(self.generator(noise, training=True), tf.float32)
            fake = self._deform(fake, fake_coefficients)
            real_logits = tf.cast(self.discriminator(real, training=True), tf.float32)
            fake_logits = tf.cast(self.discriminator(fake, training=True), tf.float32)
            both = [
                losses.generator_loss(fake_logits),
                losses.discriminator_loss(real_logits, fake_logits),
            ]
        for loss, network, optimizer in zip(both, self.networks, self.optimizers, strict=True):
            gradients = tape.gradient(loss, network.trainable_variables)
            optimizer.apply(gradients, network.trainable_variables)
        self._update_average()
        return self.last_metrics.assign(tf.stack([*both, losses.accuracy(real_logits, fake_logits)]))


_engine = lru_cache(maxsize=8)(_Engine)


class _Batches:
    """The inputs of each step, from the seed and the step's number alone."""

    def __init__(self, data: np.ndarray, plan: Plan, deformation: Any, seed: int) -> None:
        self.data, self.plan, self.deformation, self.seed = data, plan, deformation, seed

    def __call__(self, step: int) -> tuple[np.ndarray, ...]:
        rng = seeds.generator(self.seed, "step", step)
        size = self.plan.batch_size
        real = self.data[rng.choice(len(self.data), size, replace=len(self.data) < size)]
        noise = draw_noise(size, self.plan.latent_dim, self.plan.latent, rng)
        if self.plan.basis is not None:
            return real, noise, self.deformation.draw(size, rng), self.deformation.draw(size, rng)
        nothing = np.zeros((0, 0), np.float32)
        if self.deformation is not None:
            real = np.asarray(self.deformation(real, rng), np.float32)
        return real, noise, nothing, nothing


def draw_noise(n: int, latent_dim: int, latent: str, rng: np.random.Generator) -> np.ndarray:
    """Noise vectors: ndarray of shape (n, latent_dim), float32."""
    if latent == "uniform":
        return rng.random((n, latent_dim), np.float32) * 2 - 1
    return rng.standard_normal((n, latent_dim), np.float32)


class _Run:
    """One training of one class, from its beginning or from where it was stopped."""

    def __init__(self, engine: _Engine, batches: _Batches, max_iter: int, hooks: Callback, event: Any) -> None:
        self.engine, self.batches, self.max_iter, self.hooks = engine, batches, max_iter, hooks
        self._event = event
        self.step, self.is_complete = 0, False
        self.steps = np.arange(1, max_iter + 1)
        self.metrics = np.zeros((max_iter, len(HISTORY)), np.float32)
        self.seconds = np.zeros(max_iter)
        self.distances = np.full(max_iter, np.nan)

    def begin(self, start: TrainingState | None) -> None:
        """Put every variable in its place."""
        self.engine.reset(self.batches.seed)
        if start is None:
            self.snapshot = _values(self.engine.average)
        else:
            self._resume(start)
        self.started = time.perf_counter() - (self.seconds[self.step - 1] if self.step else 0)

    def _resume(self, start: TrainingState) -> None:
        self.engine.restore(start.variables)
        self.step, self.snapshot = start.step, start.snapshot
        # It may have been stopped after its last step, before that was noted.
        is_over = start.step >= self.max_iter or diagnosis.has_exploded(start.history)
        self.is_complete = start.is_complete or is_over
        self.metrics[: self.step] = np.transpose([start.history[name] for name in HISTORY])
        self.seconds[: self.step] = start.history["seconds"]
        self.distances[: self.step] = start.history["energy_distance"]

    @property
    def history(self) -> History:
        metrics = self.metrics[: self.step]
        columns = dict(zip(HISTORY, metrics.T, strict=True))
        more = {"energy_distance": self.distances[: self.step], "seconds": self.seconds[: self.step]}
        return {"step": self.steps[: self.step], **columns, **more}

    def state(self) -> TrainingState:
        """A copy of everything."""
        history = {name: values.copy() for name, values in self.history.items()}
        variables = _values(self.engine.variables)
        seed, callbacks = self.batches.seed, self.hooks.get_state()
        return TrainingState(seed, history, variables, self.snapshot, self.is_complete, callbacks)

    def event(self) -> TrainingEvent:
        """Where the training stands, for the hooks."""
        return self._event(
            step=self.step,
            max_iter=self.max_iter,
            history=self.history,
            real=self.batches.data,
            draw=self.draw,
            capture=self.state,
        )

    def draw(self, n: int) -> np.ndarray:
        """Rows of the averaged generator, from the same noise at every step."""
        return draw_preview(self.batches.plan, _values(self.engine.average), self.batches.seed, n)

    def go(self) -> None:
        """Take the steps that are left."""
        try:
            while not self.is_complete:
                self._advance()
        except KeyboardInterrupt:
            self._catch_up()
            self.hooks.on_interrupt(self.event())
            raise

    def _advance(self) -> None:
        self.engine.step(*self.batches(self.step))
        self._finish_step()

    def _finish_step(self) -> None:
        self.metrics[self.step] = self.engine.last_metrics.numpy()
        self.seconds[self.step] = time.perf_counter() - self.started
        self.step += 1
        if diagnosis.has_exploded(self.history):
            self.is_complete = True
            return
        if self.step % _LOOK_EVERY == 0:
            self.distances[self.step - 1] = diagnosis.energy_distance(self.draw(_N_LOOKED_AT), self.batches.data)
        if self.step % _SNAPSHOT_EVERY == 1:
            self.snapshot = _values(self.engine.average)
        wants_stop = self.hooks.on_step_end(self.event())
        self.is_complete = bool(wants_stop) or self.step >= self.max_iter

    def _catch_up(self) -> None:
        """Record the step that Ctrl+C came into: it ran to its end before Python was told."""
        if self.engine.n_steps > self.step:
            self._finish_step()


def train(
    plan: Plan,
    data: np.ndarray,
    deformation: Deformation | Callable[..., np.ndarray] | None,
    *,
    max_iter: int,
    seed: int,
    hooks: Callback | None = None,
    label: Any = None,
    attempt: int = 0,
    start: TrainingState | None = None,
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
    hooks : Callback, default=None
    label, attempt : label, int
        For the hooks to know.
    start : TrainingState, default=None
        A training to go on with, which brings the same bits as if it had not been stopped.

    Returns
    -------
    TrainingState
        Complete: its `weights` are the generator to draw from.

    Raises
    ------
    ValueError
        Where `start` is of other networks.
    """
    engine, hooks = _engine(plan), hooks or Callback()
    with engine.lock:
        batches = _Batches(data, plan, deformation, start.seed if start else seed)
        run = _Run(engine, batches, max_iter, hooks, partial(TrainingEvent, label, attempt))
        run.begin(start)
        hooks.on_class_begin(run.event())
        if start and start.callbacks is not None:
            hooks.set_state(start.callbacks)
        run.go()
        hooks.on_class_end(run.event())
        return run.state()


class _Drawer:
    """A generator architecture, compiled once for drawing."""

    def __init__(self, architecture: str) -> None:
        self.lock = threading.Lock()
        self.model = _build(architecture)
        self.call = tf.function(lambda noise: tf.cast(self.model(noise, training=False), tf.float32))


_drawer = lru_cache(maxsize=8)(_Drawer)


def draw(architecture: str, weights: Weights, noise: np.ndarray) -> np.ndarray:
    """Rows that a generator makes of noise.

    Parameters
    ----------
    architecture : str
        Keras JSON of the generator.
    weights : list of ndarray
        Values of all its variables.
    noise : ndarray of shape (n, latent_dim), float32

    Returns
    -------
    ndarray of shape (n, H, W, C) or (n, p), float32
    """
    drawer = _drawer(architecture)
    # Batches of one size, so that nothing is compiled again; the last one is filled up and cut.
    padded = np.concatenate([noise, np.zeros((-len(noise) % _DRAW_BATCH, noise.shape[1]), np.float32)])
    with drawer.lock:
        _assign(drawer.model.variables, weights)
        parts = [drawer.call(padded[i : i + _DRAW_BATCH]).numpy() for i in range(0, len(padded), _DRAW_BATCH)]
    return np.concatenate(parts)[: len(noise)]


def draw_preview(plan: Plan, weights: Weights, seed: int, n: int) -> np.ndarray:
    """Rows to judge a training by, always from the same noise."""
    noise = draw_noise(n, plan.latent_dim, plan.latent, seeds.generator(seed, "preview"))
    return draw(plan.generator, weights, noise)
