"""The small convolutional network and its compiled step."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from gan_oversampler.comparison._rivals.imbalance_losses import LDAM_SCALE, LOSSES
from gan_oversampler.comparison._rivals.trainable import Trainable, Weights

FILTERS = (16, 32, 64)
_DENSE = 64
_ROWS_AT_ONCE = 512


def _body(image_shape: tuple[int, int, int]) -> Any:
    layers: list[Any] = [keras.Input(image_shape)]
    for filters in FILTERS:
        layers.append(keras.layers.Conv2D(filters, 3, padding="same", activation="relu"))
        layers.append(keras.layers.MaxPooling2D(padding="same"))
    # Under plain ReLU all units of this layer fell silent for the rare class, whose images then shared one score.
    return keras.Sequential([*layers, keras.layers.Flatten(), keras.layers.Dense(_DENSE, "leaky_relu")])


class Network(Trainable):
    """Three convolutions with pooling, a dense layer, and a logit for each class.

    Parameters
    ----------
    image_shape : (H, W, C)
    n_classes : int
    loss : str
        A key of `LOSSES`. With "LDAM" the last layer is normalised.
    """

    def __init__(self, image_shape: tuple[int, int, int], n_classes: int, loss: str) -> None:
        self._loss, self._is_normalised = LOSSES[loss], loss == "LDAM"
        self._body, self._head = _body(image_shape), keras.layers.Dense(n_classes, use_bias=not self._is_normalised)
        self._head.build((None, _DENSE))
        super().__init__(self._body, self._head)
        self.step = tf.function(self._step, reduce_retracing=True)
        self._compiled_logits = tf.function(self._logits, reduce_retracing=True)

    def _logits(self, images: Any, training: bool = False) -> Any:
        features = self._body(images, training=training)
        if not self._is_normalised:
            return self._head(features)
        return LDAM_SCALE * tf.nn.l2_normalize(features, 1) @ tf.nn.l2_normalize(self._head.kernel.value, 0)

    def _step(self, images: Any, labels: Any, counts: Any, learning_rate: Any) -> Any:
        with tf.GradientTape() as tape:
            losses = self._loss(self._logits(images, True), counts)
            loss = tf.reduce_mean(tf.reduce_sum(labels * losses, axis=1))
        self._descend(tape, loss, learning_rate)
        return loss

    def logits(self, weights: Weights, images: NDArray[np.float32]) -> NDArray[np.float64]:
        """Logits of shape (n, n_classes), under the weights given."""
        starts = range(0, len(images), _ROWS_AT_ONCE)
        with self.holding(weights):
            parts = [np.asarray(self._compiled_logits(images[i : i + _ROWS_AT_ONCE])) for i in starts]
        return np.concatenate(parts).astype(np.float64)


@lru_cache(maxsize=8)
def network(image_shape: tuple[int, int, int], n_classes: int, loss: str) -> Network:
    """The one network of that kind in this process."""
    return Network(image_shape, n_classes, loss)
