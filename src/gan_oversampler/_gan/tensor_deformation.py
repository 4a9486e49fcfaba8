"""What `_deformation` does to images, as TensorFlow operations that are differentiable in the images.

The warp is bilinear, not cubic: a quarter of the work, most of all in the gradient. Only the discriminator sees it.
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import tensorflow as tf

from gan_oversampler._deformation.warp import DeformationBasis


def _taps(moved: Any, size: int) -> list[tuple[Any, Any]]:
    """Both neighbours along one axis: the index and the weight of each, tensors of shape (n, H, W)."""
    position = tf.clip_by_value(moved, 0.0, size - 1.0)
    first = tf.floor(position)
    start, share = tf.cast(first, tf.int32), position - first
    return [(start, 1.0 - share), (tf.minimum(start + 1, size - 1), share)]


def warp(images: Any, coefficients: Any, basis: DeformationBasis) -> Any:
    """Deform a batch of images by the coefficients of a basis; gradients reach the images.

    Parameters
    ----------
    images : tensor of shape (n, H, W, C), float32
    coefficients : tensor of shape (n, n_coefficients), float32
    basis : DeformationBasis
        For images of this height and width.

    Returns
    -------
    tensor of shape (n, H, W, C), float32
    """
    height, width, channels = images.shape[1:]
    by_direction = tf.reshape(coefficients, (-1, basis.n_coefficients // 2))
    moved = tf.reshape(by_direction @ tf.constant(basis.matrix.T * np.float32(basis.half)), (-1, 2, height, width))
    rows = _taps(moved[:, 0] + np.arange(height, dtype=np.float32)[:, None], height)
    columns = _taps(moved[:, 1] + np.arange(width, dtype=np.float32), width)
    # All images in one list of pixels: gathers in batches cost half as much again.
    pixels, first = tf.reshape(images, (-1, channels)), tf.range(tf.shape(images)[0])[:, None, None] * (height * width)
    return tf.add_n(
        [
            tf.gather(pixels, first + row * width + column) * (by_row * by_column)[..., None]
            for (row, by_row), (column, by_column) in itertools.product(rows, columns)
        ]
    )


def change_tone(images: Any, changes: Any) -> Any:
    """Change the tone of a batch of images; gradients reach the images.

    Parameters
    ----------
    images : tensor of shape (n, H, W, C), float32 in [-1, 1]
    changes : tensor of shape (n, 2), float32
        The factor on the differences from the image's mean, and the offset.

    Returns
    -------
    tensor of shape (n, H, W, C), float32 in [-1, 1]
    """
    factor, offset = tf.split(changes[:, None, None], 2, axis=3)
    mean = tf.reduce_mean(images, axis=(1, 2, 3), keepdims=True)
    return tf.clip_by_value((images - mean) * factor + (mean + offset), -1.0, 1.0)
