"""Drawing from a trained generator."""

from __future__ import annotations

import math
import threading
from functools import lru_cache, partial
from typing import Any

import numpy as np
import tensorflow as tf

from gan_oversampler._gan.distributed import apart
from gan_oversampler._gan.engine import Plan, assign, build
from gan_oversampler._trained import dense_drawing
from gan_oversampler._trained.dense_drawing import draw_noise
from gan_oversampler._trained.state import Weights
from gan_oversampler._utils import seeds

_DRAW_BATCH = 256
_MOST_BYTES = 2**30


def _bytes_of_tensors(graph: Any) -> float:
    """Bytes of all tensors of a graph, its weights left out, as if none were freed; infinity where one has no size."""
    tensors = [t for op in graph.get_operations() if op.type != "ReadVariableOp" for t in op.outputs]
    sizes = [tensor.shape.num_elements() for tensor in tensors]
    if None in sizes:
        return math.inf
    return float(sum(size * tensor.dtype.size for size, tensor in zip(sizes, tensors, strict=True)))


def _bytes_of_work(graph: Any) -> float:
    """Bytes that transposed convolutions need beside their tensors: a column for each pixel of one image."""
    inputs = [op.inputs for op in graph.get_operations() if op.type == "Conv2DBackpropInput"]
    columns = [math.prod(kernel.shape[:3]) * math.prod(image.shape[1:3]) for _, kernel, image in inputs]
    return 4.0 * sum(columns)


class _Drawer:
    """A generator architecture, compiled once for drawing.

    Attributes
    ----------
    bytes_a_row, bytes_of_work : float
        What drawing needs at the most: for each row of a batch, and beside that.
    """

    def __init__(self, architecture: str) -> None:
        self.lock = threading.Lock()
        self.model = build(architecture)
        # Called as concrete functions, each for one number of rows: see `Engine`.
        self.call = self._traced(_DRAW_BATCH)
        graph = self.call.graph
        self.bytes_a_row, self.bytes_of_work = _bytes_of_tensors(graph) / _DRAW_BATCH, _bytes_of_work(graph)
        if self.rows_at_once < _DRAW_BATCH:
            self.call = self._traced(self.rows_at_once)

    def _traced(self, n_rows: int) -> Any:
        noise = tf.TensorSpec((n_rows, self.model.input_shape[1]), tf.float32)
        return tf.function(self._draw).get_concrete_function(noise)

    def _draw(self, noise: Any) -> Any:
        return tf.cast(self.model(noise, training=False), tf.float32)

    @property
    def rows_at_once(self) -> int:
        """256, and fewer where these would need more than a GiB."""
        if self.bytes_a_row == math.inf:  # a user's own layers do not always tell
            return _DRAW_BATCH
        return int(np.clip((_MOST_BYTES - self.bytes_of_work) / self.bytes_a_row, 1, _DRAW_BATCH))


_drawer = lru_cache(maxsize=8)(partial(apart, _Drawer))


def bytes_for_one_row(architecture: str) -> float:
    """What drawing a row needs at the most; infinity where the network does not tell."""
    drawer = _drawer(architecture)
    return drawer.bytes_a_row + drawer.bytes_of_work


def draw(architecture: str, weights: Weights, noise: np.ndarray) -> np.ndarray:
    """Rows that a generator makes from noise.

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
    n = drawer.rows_at_once
    # Batches of one size, so that nothing is compiled again; the last one is padded and cut.
    padded = np.concatenate([noise, np.zeros((-len(noise) % n, noise.shape[1]), np.float32)])
    with drawer.lock:
        assign(drawer.model.variables, weights)
        parts = [drawer.call(tf.constant(padded[i : i + n])).numpy() for i in range(0, len(padded), n)]
    return np.concatenate(parts)[: len(noise)]


def draw_preview(plan: Plan, weights: Weights, seed: int, n: int) -> np.ndarray:
    """Rows for judging a training, always from the same noise; those of dense layers as `dense_drawing` draws them."""
    noise = draw_noise(n, plan.latent_dim, plan.latent, seeds.generator(seed, "preview"))
    layers = dense_drawing.layers_of(plan.generator)  # nothing is compiled for these
    return draw(plan.generator, weights, noise) if layers is None else dense_drawing.draw(layers, weights, noise)
