"""The change of `_deformation.tone` as a TensorFlow operation, differentiable in the images."""

from __future__ import annotations

from typing import Any

import tensorflow as tf


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
