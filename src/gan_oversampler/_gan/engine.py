"""Both networks, their optimizers and the compiled step.

A step that is compiled for each fit would never be freed (TensorFlow's gradient registry keeps it). So one `Engine` is
compiled per plan, and its variables are reset before each fit."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from gan_oversampler._deformation.deformations import N_OF_TONE
from gan_oversampler._deformation.warp import DeformationBasis
from gan_oversampler._gan import losses, tensor_deformation
from gan_oversampler._gan.distributed import apart
from gan_oversampler._trained.state import Weights
from gan_oversampler._utils import seeds

HISTORY = ("generator_loss", "discriminator_loss", "discriminator_accuracy")


@dataclass(frozen=True)
class Plan:
    """Everything that shapes the compiled step; equal plans share one step.

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
        Decay of the running mean of the generator's weights, reached after a warm-up; 0 keeps the last ones.
    basis : DeformationBasis or None
        If given, real and generated images are deformed in front of the discriminator.
    changes_tone : bool
        Whether their tone is changed there, too.
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
    changes_tone: bool = False


def architecture(model: Any) -> str:
    """Keras JSON of a model."""
    return str(model.to_json())


def _seed_everything(node: Any, seed: int, path: str = "") -> Any:
    """The same configuration with its own seed in every place that takes one."""
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


def build(architecture: str, seed: int = 0) -> Any:
    """Model of that architecture with seeded weights; unseeded, Keras would draw from Python's `random`."""
    return keras.models.model_from_json(json.dumps(_seed_everything(json.loads(architecture), seed)))


def values_of(variables: list[Any]) -> Weights:
    return [np.asarray(variable).copy() for variable in variables]


def _start_of(architecture: str, seed: int) -> Weights:
    return values_of(build(architecture, seed).variables)


def assign(variables: list[Any], values: Weights) -> None:
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)


class FusedAdam(keras.optimizers.Adam):
    """Keras' Adam, each variable updated by TensorFlow's one operation for it in place of a dozen.

    It saves an eighth of a step on a table, and 3 % of one on images of 28x28.
    """

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Update one variable, its mean and its variance in place; those of other kinds in Keras' own way."""
        if variable.dtype != tf.float32 or isinstance(gradient, tf.IndexedSlices):
            super().update_step(gradient, variable, learning_rate)
            return
        place, step = self._get_variable_index(variable), tf.cast(self.iterations.value + 1, tf.float32)
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=self._momentums[place].value.handle,
            v=self._velocities[place].value.handle,
            beta1_power=tf.pow(self.beta_1, step),
            beta2_power=tf.pow(self.beta_2, step),
            lr=tf.cast(learning_rate, tf.float32),
            beta1=self.beta_1,
            beta2=self.beta_2,
            epsilon=self.epsilon,
            grad=gradient,
        )


def _make_optimizer(name: str, learning_rate: float) -> Any:
    if name == "rmsprop":
        return keras.optimizers.RMSprop(learning_rate)
    return FusedAdam(learning_rate, beta_1=0.5, beta_2=0.99)


def _called(network: Any, batch: Any) -> tuple[Any, list[Any]]:
    """What a network makes of a batch, and the losses of its own that Keras notes in this call."""
    return tf.cast(network(batch, training=True), tf.float32), network.losses


def _added(loss: Any, *of_passes: list[Any]) -> Any:
    """A loss and the mean over passes of a network's own losses; the same tensor where a network has none."""
    own = [tf.cast(tf.reduce_sum(value), tf.float32) / len(of_passes) for losses in of_passes for value in losses]
    return tf.add_n([loss, *own]) if own else loss


class Engine:
    """Both networks, their optimizers and the fused step; used by one fit at a time."""

    # Of the batch in each loss, as a tensor: Keras adds up the gradients of all replicas. None is all of it.
    _share: Any = None

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._lock, self._is_used = threading.RLock(), False
        self.generator = build(plan.generator)
        self.discriminator = build(plan.discriminator)
        self.networks = (self.generator, self.discriminator)
        self.optimizers = [_make_optimizer(plan.optimizer, rate) for rate in plan.learning_rates]
        for optimizer, network in zip(self.optimizers, self.networks, strict=True):
            optimizer.build(network.trainable_variables)
        self._optimizer_start = [values_of(optimizer.variables) for optimizer in self.optimizers]
        self.average = [tf.Variable(value) for value in values_of(self.generator.variables)]
        self.last_metrics = tf.Variable(tf.zeros((1, len(HISTORY))), shape=(None, len(HISTORY)))
        """Of each step of the last call."""

    # Each is traced when it is first needed, for the one signature there is. TensorFlow counts the traces of a method
    # over all its objects, so that it would warn of retracing when a process trains networks of a fifth size.

    @cached_property
    def step(self) -> Any:
        """One step from one batch: rows, noise, coefficients."""
        return tf.function(self._step).get_concrete_function(*self._signature())

    @cached_property
    def steps(self) -> Any:
        """As many steps as there are batches, whose parts come stacked: the same bits in one call as in many.

        A step of a small network costs less than its call does.
        """
        stacked = [tf.TensorSpec((None, *part.shape), part.dtype) for part in self._signature()]
        return tf.function(self._steps).get_concrete_function(*stacked)

    @cached_property
    def deform(self) -> Any:
        """Deform rows by coefficients."""
        rows, _, coefficients = self._signature()
        return tf.function(self._deform).get_concrete_function(rows, coefficients)

    def _signature(self) -> tuple[tf.TensorSpec, ...]:
        """Rows, noise, and the numbers of a deformation, which nothing reads where there is none."""
        size, basis = self.plan.batch_size, self.plan.basis
        rows, noise = (size, *self.generator.output_shape[1:]), (size, self.plan.latent_dim)
        n_of_tone = N_OF_TONE if self.plan.changes_tone else 0
        coefficients = (None, None) if basis is None else (size, basis.n_coefficients + n_of_tone)
        return tuple(tf.TensorSpec(shape, tf.float32) for shape in (rows, noise, coefficients))

    @contextmanager
    def used(self) -> Iterator[None]:
        """Use it for one training; another thread waits, but a training inside of this one would wait for itself.

        Raises
        ------
        RuntimeError
            In a callback of a training that uses it.
        """
        with self._lock:
            if self._is_used:
                raise RuntimeError(
                    "A callback fits a sampler with the networks that are being trained: fit it before or after, or "
                    "give it other networks (another latent_dim, say)."
                )
            self._is_used = True
            try:
                yield
            finally:
                self._is_used = False

    @property
    def variables(self) -> list[Any]:
        """All variables that a step reads and changes, the averaged generator last."""
        learned = [self.generator, self.discriminator, *self.optimizers]
        return [variable for part in learned for variable in part.variables] + self.average

    @property
    def n_steps(self) -> int:
        """Steps taken since `reset`, by the optimizer's own count."""
        return int(np.asarray(self.optimizers[-1].iterations))

    def reset(self, seed: int) -> None:
        """Set every variable to the start of a fit with this seed."""
        for name, network in (("generator", self.generator), ("discriminator", self.discriminator)):
            assign(network.variables, apart(_start_of, getattr(self.plan, name), seeds.child_seed(seed, name)))
        assign(self.average, values_of(self.generator.variables))
        for optimizer, start in zip(self.optimizers, self._optimizer_start, strict=True):
            assign(optimizer.variables, start)

    def restore(self, variables: Weights) -> None:
        """Set every variable to the state of a stopped training; the learning rates stay those of the plan.

        Raises
        ------
        ValueError
            If the values are those of other networks.
        """
        here = self.variables
        if [tuple(v.shape) for v in here] != [v.shape for v in variables]:
            raise ValueError(
                "The networks to go on from have other shapes than these data and parameters ask for: fit with what "
                "they were trained with, or set warm_start=False to begin anew."
            )
        assign(here, variables)
        for optimizer, rate in zip(self.optimizers, self.plan.learning_rates, strict=True):
            optimizer.learning_rate = rate

    def _deform(self, images: Any, coefficients: Any) -> Any:
        basis = self.plan.basis
        if basis is None:
            return images
        if not self.plan.changes_tone:
            return tensor_deformation.warp(images, coefficients, basis)
        warps, changes = tf.split(coefficients, [basis.n_coefficients, N_OF_TONE], axis=1)
        return tensor_deformation.change_tone(tensor_deformation.warp(images, warps, basis), changes)

    @property
    def _decay(self) -> Any:
        """Of the average in this step: smaller in the first ones, or the weights of the start would stay in it."""
        step = tf.cast(self.optimizers[-1].iterations.value, tf.float32)
        return tf.minimum(self.plan.averaging, step / (step + 9))

    def _update_average(self) -> None:
        share = 1 - self._decay
        for mean, variable in zip(self.average, self.generator.variables, strict=True):
            new = tf.convert_to_tensor(variable.value)
            if new.dtype.is_floating:
                mean.assign_sub(share * (mean - new))
            else:
                mean.assign(new)

    def _step(self, *batch: Any) -> Any:
        metrics = self._update(*batch)
        self.last_metrics.assign(metrics[None])
        return metrics

    def _steps(self, *batches: Any) -> None:
        n_steps = tf.shape(batches[0])[0]
        metrics = tf.TensorArray(tf.float32, n_steps, element_shape=(len(HISTORY),))
        for i in tf.range(n_steps):  # a loop of the graph: TensorFlow rewrites it
            metrics = metrics.write(i, self._update(*[part[i] for part in batches]))
        self.last_metrics.assign(metrics.stack())

    def _update(self, real: Any, noise: Any, coefficients: Any) -> Any:
        """Update both networks from one batch and one pass of the generator, and return the metrics.

        Real images come deformed; generated ones are deformed here, since the generator learns through it. What a
        user's regularizers add is minimised, too, and stays out of the metrics.
        """
        with tf.GradientTape(persistent=True) as tape:
            fake, of_generator = _called(self.generator, noise)
            fake = self._deform(fake, coefficients)
            real_logits, of_real = _called(self.discriminator, real)
            fake_logits, of_fake = _called(self.discriminator, fake)
            both = [
                losses.generator_loss(fake_logits),
                losses.discriminator_loss(real_logits, fake_logits),
            ]
            # Of both passes the mean: each holds what the weights cost, and what its activations do.
            minimised = [_added(both[0], of_generator), _added(both[1], of_real, of_fake)]
        for loss, network, optimizer in zip(minimised, self.networks, self.optimizers, strict=True):
            gradients = tape.gradient(loss, network.trainable_variables, self._share)
            optimizer.apply(gradients, network.trainable_variables)
        self._update_average()
        return tf.stack([*both, losses.accuracy(real_logits, fake_logits)])


engine_for = lru_cache(maxsize=8)(Engine)
