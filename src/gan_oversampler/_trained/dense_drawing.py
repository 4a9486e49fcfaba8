"""Noise, and what a trained dense generator makes of it, by NumPy alone.

Workers that draw rows of a table then need not import TensorFlow, which takes seconds and hundreds of megabytes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import lru_cache, reduce
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gan_oversampler._utils.blas_threads import blas_on_one_thread

Floats = NDArray[np.float32]

_BATCH = 256  # the bits of a matrix product depend on its size: each row comes from a batch of as many
_ACTIVATIONS: dict[str, Callable[[Floats], Floats]] = {
    "linear": lambda x: x,
    "relu": lambda x: np.maximum(x, 0),
    "tanh": np.tanh,
}


def draw_noise(n: int, latent_dim: int, latent: str, rng: np.random.Generator) -> np.ndarray:
    """Noise vectors: ndarray of shape (n, latent_dim), float32."""
    if latent == "uniform":
        return rng.random((n, latent_dim), np.float32) * 2 - 1
    return rng.standard_normal((n, latent_dim), np.float32)


class _Layer(NamedTuple):
    """One layer: what it makes of its input, with the next of the weights."""

    kind: str
    config: dict[str, Any]

    def __call__(self, x: Floats, weights: Iterator[np.ndarray]) -> Floats:
        if self.kind == "Dense":
            x = x @ next(weights)
            return x + next(weights) if self.config["use_bias"] else x
        if self.kind == "BatchNormalization":
            gamma, beta, mean, variance = (next(weights) for _ in range(4))
            factor = gamma / np.sqrt(variance + np.float32(self.config["epsilon"]))
            return np.asarray(x * factor + (beta - mean * factor), np.float32)
        return _ACTIVATIONS[self.config["activation"]](x)


def _is_known(kind: str, config: dict[str, Any]) -> bool:
    policy = config.get("dtype")
    is_float = (policy.get("config", {}).get("name") if isinstance(policy, dict) else policy) == "float32"
    if kind == "Dense":
        return is_float and config["activation"] == "linear"
    if kind == "BatchNormalization":
        return is_float and config["axis"] in (-1, 1) and config["center"] and config["scale"]
    return is_float and kind == "Activation" and config["activation"] in _ACTIVATIONS


def _follows(layer: dict[str, Any], before: str) -> bool:
    """Whether a layer is called once, on what the layer before it makes."""
    calls = json.dumps(layer["inbound_nodes"])
    return len(layer["inbound_nodes"]) == calls.count("keras_history") == 1 and f'["{before}", 0, 0]' in calls


@lru_cache(maxsize=8)
def layers_of(architecture: str) -> tuple[_Layer, ...] | None:
    """The layers of a dense generator, one after the other.

    Parameters
    ----------
    architecture : str
        Keras JSON of a generator.

    Returns
    -------
    tuple or None
        None if the network has other layers, or branches: TensorFlow must draw.
    """
    network = json.loads(architecture)
    if network.get("class_name") != "Functional":
        return None
    first, *others = network["config"]["layers"]
    if first["class_name"] != "InputLayer" or len(first["config"]["batch_shape"]) != 2:
        return None
    before = first["name"]
    for layer in others:
        if not _follows(layer, before) or not _is_known(layer["class_name"], layer["config"]):
            return None
        before = layer["name"]
    return tuple(_Layer(layer["class_name"], layer["config"]) for layer in others)


def _forward(layers: tuple[_Layer, ...], weights: list[np.ndarray], batch: Floats) -> Floats:
    left = iter(weights)
    return reduce(lambda x, layer: layer(x, left), layers, batch)


@blas_on_one_thread()
def draw(layers: tuple[_Layer, ...], weights: list[np.ndarray], noise: Floats) -> Floats:
    """Rows that the layers make of noise.

    Parameters
    ----------
    layers : tuple
        As `layers_of` returns them.
    weights : list of ndarray
        Values of the generator's variables, in Keras' order.
    noise : ndarray of shape (n, latent_dim), float32

    Returns
    -------
    ndarray of shape (n, p), float32
        TensorFlow's rows, to 1e-5 of their scale.
    """
    n_batches = max(1, -(-len(noise) // _BATCH))
    padded = np.zeros((n_batches * _BATCH, noise.shape[1]), np.float32)
    padded[: len(noise)] = noise
    return np.concatenate([_forward(layers, weights, batch) for batch in np.split(padded, n_batches)])[: len(noise)]
