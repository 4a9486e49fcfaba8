"""Training steps to hold ours against: the step of before, Keras' own loop, and the notebook's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from gan_oversampler._deformation.deformations import AffineDeformation
from gan_oversampler._deformation.warp import DeformationBasis
from gan_oversampler._gan import builders, losses, networks, presets
from gan_oversampler._gan.engine import Engine
from gan_oversampler._gan.loop import _Batches

Shape = tuple[int, int, int]
Step = Callable[[int], Any]
N_IMAGES, BATCH, LATENT = 315, 64, 64


def images(shape: Shape) -> np.ndarray:
    """Images of noise; what they show does not change the time of a step."""
    return np.random.default_rng(0).uniform(-1, 1, (N_IMAGES, *shape)).astype(np.float32)


def default_engine(shape: Shape, **given: Any) -> Engine:
    """The networks and the compiled step that the defaults give."""
    settings = dict.fromkeys(["latent_dim", "generator", "discriminator", "learning_rate", "batch_size"]) | given
    deformation = AffineDeformation(DeformationBasis.for_size(*shape[:2]))
    engine = Engine(builders.plan_of(presets.DCGAN, shape, deformation, settings))
    engine.reset(0)
    return engine


def our_step(shape: Shape, **given: Any) -> Step:
    """A step with its inputs, as a fit takes it."""
    engine, deformation = default_engine(shape, **given), AffineDeformation(DeformationBasis.for_size(*shape[:2]))
    batches = _Batches(images(shape), engine.plan, deformation, engine.deform, 0)

    def step(number: int) -> Any:
        engine.step(*batches(number))
        return engine.last_metrics.numpy()

    return step


def _cubic(t: Any) -> list[Any]:
    outer = ((-0.5 * t + 1.0) * t - 0.5) * t, (0.5 * t - 0.5) * t * t
    return [outer[0], (1.5 * t - 2.5) * t * t + 1.0, ((-1.5 * t + 2.0) * t + 0.5) * t, outer[1]]


def _cubic_taps(moved: Any, size: int) -> tuple[Any, Any]:
    position = tf.clip_by_value(moved, 0.0, size - 1.0)
    first = tf.floor(position)
    start = tf.cast(first, tf.int32) - 1
    indices = tf.stack([tf.clip_by_value(start + tap, 0, size - 1) for tap in range(4)], axis=1)
    return indices, tf.stack(_cubic(position - first), axis=1)


def _cubic_warp(rows: Any, coefficients: Any, basis: DeformationBasis) -> Any:
    height, width, channels = rows.shape[1:]
    flat = tf.reshape(coefficients, (-1, basis.n_coefficients // 2)) @ tf.constant(basis.matrix.T * basis.half)
    moved = tf.reshape(flat, (-1, 2, height, width))
    down, down_weights = _cubic_taps(moved[:, 0] + np.arange(height, dtype=np.float32)[:, None], height)
    right, right_weights = _cubic_taps(moved[:, 1] + np.arange(width, dtype=np.float32), width)
    indices = tf.reshape(down[:, :, None] * width + right[:, None], (-1, 16 * height * width))
    weights = tf.reshape(down_weights[:, :, None] * right_weights[:, None], (-1, 16, height, width, 1))
    taps = tf.gather(tf.reshape(rows, (-1, height * width, channels)), indices, batch_dims=1)
    return tf.reduce_sum(tf.reshape(taps, (-1, 16, height, width, channels)) * weights, axis=1)


def earlier_step(shape: Shape) -> Step:
    """The default step until November 2026: float32, 128 and 32 filters, real images deformed in it, cubic warps."""
    float32 = keras.dtype_policies.DTypePolicy("float32")
    generator = networks.dcgan_generator(LATENT, shape, 128)
    discriminator = networks.dcgan_discriminator(shape, 32)
    for layer in (*generator.layers, *discriminator.layers):
        layer.dtype_policy = float32
    generator, discriminator = (keras.models.model_from_json(net.to_json()) for net in (generator, discriminator))
    basis = DeformationBasis.for_size(*shape[:2])
    deformation, data = AffineDeformation(basis), images(shape)
    nets = (generator, discriminator)
    optimizers = [keras.optimizers.Adam(2e-4, beta_1=0.5, beta_2=0.99) for _ in nets]
    for optimizer, net in zip(optimizers, nets, strict=True):
        optimizer.build(net.trainable_variables)
    average = [tf.Variable(np.asarray(v)) for v in generator.trainable_variables]

    @tf.function
    def step(real: Any, noise: Any, of_real: Any, of_fake: Any) -> Any:
        real = _cubic_warp(real, of_real, basis)
        with tf.GradientTape(persistent=True) as tape:
            fake = _cubic_warp(generator(noise, training=True), of_fake, basis)
            real_logits, fake_logits = discriminator(real, training=True), discriminator(fake, training=True)
            both = [losses.generator_loss(fake_logits), losses.discriminator_loss(real_logits, fake_logits)]
        for loss, net, optimizer in zip(both, nets, optimizers, strict=True):
            optimizer.apply(tape.gradient(loss, net.trainable_variables), net.trainable_variables)
        for mean, variable in zip(average, generator.trainable_variables, strict=True):
            mean.assign(0.995 * mean + 0.005 * variable.value)
        return tf.stack(both)

    def run(number: int) -> Any:
        rng = np.random.default_rng(number)
        noise = rng.standard_normal((BATCH, LATENT), np.float32)
        real = data[rng.choice(len(data), BATCH, replace=False)]
        return step(real, noise, deformation.draw(BATCH, rng), deformation.draw(BATCH, rng)).numpy()

    return run


def train_on_batch_step(generator: Any, discriminator: Any, latent_dim: int, optimizers: list[Any]) -> Step:
    """Keras' plain loop, without deformation: the discriminator on real and on generated images, then both together."""
    shape = discriminator.input_shape[1:]
    data = images(shape)
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    discriminator.compile(optimizer=optimizers[1], loss=loss)
    discriminator.trainable = False
    noise = keras.Input((latent_dim,))
    both = keras.Model(noise, discriminator(generator(noise)))
    both.compile(optimizer=optimizers[0], loss=loss)
    discriminator.trainable = True
    ones, zeros = np.ones((BATCH, 1), np.float32), np.zeros((BATCH, 1), np.float32)

    def run(number: int) -> Any:
        rng = np.random.default_rng(number)
        z = rng.standard_normal((BATCH, latent_dim), np.float32)
        real = data[rng.choice(len(data), BATCH, replace=False)]
        fake = generator(z, training=True).numpy()
        discriminator.trainable = True
        discriminator.train_on_batch(np.concatenate([real, fake]), np.concatenate([ones, zeros]))
        discriminator.trainable = False
        return both.train_on_batch(z, ones)

    return run


def keras_step(shape: Shape) -> Step:
    """Keras' plain loop with our networks."""
    pair = networks.dcgan_generator(LATENT, shape), networks.dcgan_discriminator(shape)
    return train_on_batch_step(*pair, LATENT, [keras.optimizers.Adam(1e-3, beta_1=0.5) for _ in pair])


def notebook_step(shape: Shape) -> Step:
    """The loop of the notebook that began this project, with its networks."""
    pair = networks.notebook_generator(100, shape), networks.notebook_discriminator(shape)
    return train_on_batch_step(*pair, 100, [keras.optimizers.RMSprop(rate) for rate in (1e-4, 2e-4)])
