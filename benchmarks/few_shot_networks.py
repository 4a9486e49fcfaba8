"""A small form of the few-shot networks of Liu et al. 2021 (arXiv:2101.04775), for `GANOverSampler(generator=...)`.

The generator's coarse maps say which channels of a fine one count (skip-layer excitation). The discriminator also draws
each image, reduced to 8 x 8, from what it sees of it; the error of that counts in its loss. In the paper only real
images are drawn; here generated ones are, too, since a network's own losses know no difference.
"""

from __future__ import annotations

import keras
from keras import layers, ops

DRAWN = 8


@keras.saving.register_keras_serializable("gan_oversampler_benchmarks")
class DrawingError(layers.Layer):
    """Passes its first input on; the mean absolute difference of the other two is added to the loss."""

    def call(self, inputs):
        features, drawn, image = inputs
        self.add_loss(ops.mean(ops.abs(ops.cast(drawn, "float32") - ops.cast(image, "float32"))))
        return features

    def compute_output_shape(self, input_shape):
        return input_shape[0]


def _excited(fine, coarse, name):
    """Channels of a fine map, each multiplied by a gate that the coarse map gives."""
    x = layers.AveragePooling2D(2, name=f"{name}_pool")(coarse)
    x = layers.Conv2D(fine.shape[-1], 2, padding="valid", name=f"{name}_squeeze")(x)
    x = layers.GlobalAveragePooling2D(keepdims=True, name=f"{name}_mean")(layers.LeakyReLU(name=f"{name}_leaky")(x))
    return layers.Multiply(name=name)([fine, layers.Activation("sigmoid", name=f"{name}_gate")(x)])


def _doubled(x, n_filters, name):
    """Twice the size, by nearest neighbours and a convolution with a gated linear unit."""
    x = layers.Conv2D(2 * n_filters, 3, padding="same", use_bias=False, name=name)(layers.UpSampling2D(2)(x))
    x = layers.BatchNormalization(momentum=0.9, name=f"{name}_norm")(x)
    gate = layers.Activation("sigmoid")(layers.Conv2D(n_filters, 1, use_bias=False, name=f"{name}_gate")(x))
    return layers.Multiply()([layers.Conv2D(n_filters, 1, use_bias=False, name=f"{name}_value")(x), gate])


def few_shot_generator(latent_dim: int, output_shape: tuple[int, ...]) -> keras.Model:
    """(n, latent_dim) -> (n, H, W, C) in [-1, 1]; sides that 8 divides."""
    height, width, channels = output_shape
    noise = keras.Input((latent_dim,))
    x = layers.Dense(height // 8 * (width // 8) * 64, use_bias=False)(noise)
    x = layers.BatchNormalization(momentum=0.9)(layers.Reshape((height // 8, width // 8, 64))(x))
    coarse = layers.ReLU()(x)
    x = _doubled(coarse, 32, "up_1")
    x = _doubled(x, 16, "up_2")
    x = layers.UpSampling2D(2)(_excited(x, coarse, "excited"))
    return keras.Model(noise, layers.Activation("tanh")(layers.Conv2D(channels, 3, padding="same")(x)))


def few_shot_discriminator(input_shape: tuple[int, ...]) -> keras.Model:
    """(n, H, W, C) -> (n, 1) logits."""
    image = x = keras.Input(input_shape)
    for level in range(3):
        x = layers.Conv2D(16 << level, 4, strides=2, padding="same", name=f"conv_{level}")(x)
        x = layers.LeakyReLU(negative_slope=0.2)(x)
    drawn = layers.Conv2D(32, 3, padding="same", activation="relu")(layers.UpSampling2D(2)(x))
    drawn = layers.Conv2D(input_shape[-1], 3, padding="same", activation="tanh")(drawn)
    reduced = layers.AveragePooling2D(input_shape[0] // DRAWN)(image)
    x = DrawingError()([x, drawn, reduced])
    x = layers.Dropout(0.4)(layers.Flatten()(x))
    return keras.Model(image, layers.Dense(1)(x))
