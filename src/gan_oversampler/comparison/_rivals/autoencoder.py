"""The encoder and decoder of the re-created DeepSMOTE, and their compiled step."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from gan_oversampler.comparison._rivals.trainable import Trainable

_FILTERS = (32, 64, 128)
_ROWS_AT_ONCE = 512


def _encoder(image_shape: tuple[int, int, int], n_codes: int) -> Any:
    layers: list[Any] = [keras.Input(image_shape)]
    layers += [keras.layers.Conv2D(n, 4, strides=2, padding="same", activation="leaky_relu") for n in _FILTERS]
    return keras.Sequential([*layers, keras.layers.Flatten(), keras.layers.Dense(n_codes)])


def _decoder(image_shape: tuple[int, int, int], n_codes: int) -> Any:
    height, width, channels = image_shape
    rows, columns = -(-height // 4), -(-width // 4)
    layers: list[Any] = [
        keras.Input((n_codes,)),
        keras.layers.Dense(rows * columns * _FILTERS[1], "relu"),
        keras.layers.Reshape((rows, columns, _FILTERS[1])),
        keras.layers.Conv2DTranspose(_FILTERS[0], 4, strides=2, padding="same", activation="relu"),
        keras.layers.Conv2DTranspose(channels, 4, strides=2, padding="same", activation="tanh"),
        keras.layers.Cropping2D(((0, 4 * rows - height), (0, 4 * columns - width))),
    ]
    return keras.Sequential(layers)


def penalised_loss(images: Any, of_one_class: Any, encode: Any, decode: Any) -> Any:
    """Squared error of the reconstruction, plus that of decoding each image of one class from the code of another.

    Parameters
    ----------
    images, of_one_class : tensors of shape (n, H, W, C)
        A batch of any classes, and a batch of one.
    encode, decode : callable

    Notes
    -----
    The codes are shifted by one row, which is a permutation that leaves none in its place.

    References
    ----------
    Dablain, D., Krawczyk, B. and Chawla, N. V. (2021). DeepSMOTE: fusing deep learning and SMOTE for imbalanced data.
    arXiv:2105.02340, algorithm 1
    """
    reconstruction = tf.reduce_mean((decode(encode(images)) - images) ** 2)
    others = tf.roll(encode(of_one_class), 1, axis=0)
    return reconstruction + tf.reduce_mean((decode(others) - of_one_class) ** 2)


class Autoencoder(Trainable):
    """Three convolutions to codes, and transposed convolutions back to images in [-1, 1].

    Parameters
    ----------
    image_shape : (H, W, C)
    n_codes : int
    """

    def __init__(self, image_shape: tuple[int, int, int], n_codes: int) -> None:
        self._encoder, self._decoder = _encoder(image_shape, n_codes), _decoder(image_shape, n_codes)
        super().__init__(self._encoder, self._decoder)
        self.step = tf.function(self._step, reduce_retracing=True)
        self._encode = tf.function(self._encoder, reduce_retracing=True)
        self._decode = tf.function(self._decoder, reduce_retracing=True)

    def _step(self, images: Any, of_one_class: Any, learning_rate: Any) -> Any:
        with tf.GradientTape() as tape:
            loss = penalised_loss(images, of_one_class, self._encoder, self._decoder)
        self._descend(tape, loss, learning_rate)
        return loss

    @staticmethod
    def _in_parts(function: Any, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        starts = range(0, len(rows), _ROWS_AT_ONCE)
        return np.concatenate([np.asarray(function(rows[i : i + _ROWS_AT_ONCE])) for i in starts])

    def encode(self, images: NDArray[np.float32]) -> NDArray[np.float32]:
        """Codes of shape (n, n_codes); call it while the network is reserved."""
        return self._in_parts(self._encode, images)

    def decode(self, codes: NDArray[np.float32]) -> NDArray[np.float32]:
        """Images of shape (n, H, W, C); call it while the network is reserved."""
        return self._in_parts(self._decode, codes)


@lru_cache(maxsize=2)
def autoencoder(image_shape: tuple[int, int, int], n_codes: int) -> Autoencoder:
    """The one network of that kind in this process."""
    return Autoencoder(image_shape, n_codes)
