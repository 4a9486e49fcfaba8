"""The warp of `_deformation.warp` as a TensorFlow operation, differentiable in the images."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

from gan_oversampler._deformation.warp import DeformationBasis


def _cubic(t: Any) -> list[Any]:
    """Catmull-Rom weights of the four neighbours (Keys 1981), see `_deformation.warp.cubic_weights`."""
    return [
        ((-0.5 * t + 1.0) * t - 0.5) * t,
        (1.5 * t - 2.5) * t * t + 1.0,
        ((-1.5 * t + 2.0) * t + 0.5) * t,
        (0.5 * t - 0.5) * t * t,
    ]


def _taps(moved: Any, size: int) -> tuple[Any, Any]:
    """Indices and weights of the four neighbours along one axis: tensors of shape (n, 4, H, W)."""
    position = tf.clip_by_value(moved, 0.0, size - 1.0)
    first = tf.floor(position)
    start = tf.cast(first, tf.int32) - 1
    indices = tf.stack([tf.clip_by_value(start + tap, 0, size - 1) for tap in range(4)], axis=1)
    return indices, tf.stack(_cubic(position - first), axis=1)


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
    half = basis.n_coefficients // 2
    flat = tf.reshape(coefficients, (-1, half)) @ tf.constant(basis.matrix.T * np.float32(basis.half))
    displacement = tf.reshape(flat, (-1, 2, height, width))
    rows, row_weights = _taps(displacement[:, 0] + np.arange(height, dtype=np.float32)[:, None], height)
    columns, column_weights = _taps(displacement[:, 1] + np.arange(width, dtype=np.float32), width)
    indices = rows[:, :, None] * width + columns[:, None]
    weights = row_weights[:, :, None] * column_weights[:, None]
    pixels = tf.reshape(images, (-1, height * width, channels))
    taps = tf.gather(pixels, tf.reshape(indices, (-1, 16 * height * width)), batch_dims=1)
    taps = tf.reshape(taps, (-1, 16, height, width, channels))
    return tf.reduce_sum(taps * tf.reshape(weights, (-1, 16, height, width, 1)), axis=1)
