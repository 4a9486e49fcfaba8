"""What a training step costs: its arithmetic, and the seconds that this machine will need for it."""

from __future__ import annotations

import math
import time
from functools import lru_cache
from typing import Any

import keras
import tensorflow as tf

_PASSES = {"generator": 3, "discriminator": 7}  # forward; and backward, to weights and to inputs, for each loss
_SIDE_OF_PRODUCT = 768
_N_PRODUCTS = 7
# Seconds of a step = these times (seconds of its arithmetic at the speed of a matrix product, values that its layers
# give, layers): fitted by `make bench`, see benchmarks/speed.md.
_LINE = (1.0, 1.2e-9, 0.137e-3)


def _work_of_a_layer(layer: Any) -> float:
    """Floating-point operations of one row's forward pass; layers without a kernel count for nothing."""
    if not hasattr(layer, "kernel"):
        return 0.0
    is_transposed = isinstance(layer, keras.layers.Conv2DTranspose)
    places = layer.input.shape[1:-1] if is_transposed else layer.output.shape[1:-1]
    return 2.0 * math.prod(layer.kernel.shape) * math.prod(places)


def work_of_a_step(generator: Any, discriminator: Any, batch_size: int) -> float:
    """Floating-point operations of a training step in the layers that have a kernel, by their shapes.

    Parameters
    ----------
    generator, discriminator : keras.Model
    batch_size : int

    Returns
    -------
    float
    """
    networks = {"generator": generator, "discriminator": discriminator}
    a_row = {name: sum(map(_work_of_a_layer, network.layers)) for name, network in networks.items()}
    return batch_size * sum(_PASSES[name] * work for name, work in a_row.items())


@lru_cache(maxsize=1)
def seconds_of_a_product() -> float:
    """Seconds of a float32 product of two square matrices of side 768: the best of seven, measured once a process."""
    matrix = tf.ones((_SIDE_OF_PRODUCT, _SIDE_OF_PRODUCT)) / _SIDE_OF_PRODUCT
    seconds = []
    for _ in range(_N_PRODUCTS):
        start = time.perf_counter()
        tf.matmul(matrix, matrix).numpy()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def features_of_a_step(generator: Any, discriminator: Any, batch_size: int) -> tuple[float, float, float]:
    """What the seconds of a step are fitted to: see `_LINE`."""
    layers = [*generator.layers, *discriminator.layers]
    known = [math.prod(layer.output.shape[1:]) for layer in layers if None not in layer.output.shape[1:]]
    arithmetic = work_of_a_step(generator, discriminator, batch_size) / (2 * _SIDE_OF_PRODUCT**3)
    return arithmetic * seconds_of_a_product(), float(batch_size * sum(known)), float(len(layers))


def seconds_of_a_step(generator: Any, discriminator: Any, batch_size: int) -> float:
    """Seconds that a training step will take here, roughly: nothing is trained to find out.

    Parameters
    ----------
    generator, discriminator : keras.Model
    batch_size : int

    Returns
    -------
    float
    """
    features = features_of_a_step(generator, discriminator, batch_size)
    return sum(weight * feature for weight, feature in zip(_LINE, features, strict=True))
