"""Drawing from a trained generator."""

from __future__ import annotations

import threading
from functools import lru_cache

import numpy as np
import tensorflow as tf

from gan_oversampler._gan.engine import Plan, assign, build
from gan_oversampler._trained.state import Weights
from gan_oversampler._utils import seeds

_DRAW_BATCH = 256


def draw_noise(n: int, latent_dim: int, latent: str, rng: np.random.Generator) -> np.ndarray:
    """Noise vectors: ndarray of shape (n, latent_dim), float32."""
    if latent == "uniform":
        return rng.random((n, latent_dim), np.float32) * 2 - 1
    return rng.standard_normal((n, latent_dim), np.float32)


class _Drawer:
    """A generator architecture, compiled once for drawing."""

    def __init__(self, architecture: str) -> None:
        self.lock = threading.Lock()
        self.model = build(architecture)
        self.call = tf.function(lambda noise: tf.cast(self.model(noise, training=False), tf.float32))


_drawer = lru_cache(maxsize=8)(_Drawer)


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
    # Batches of one size, so that nothing is compiled again; the last one is padded and cut.
    padded = np.concatenate([noise, np.zeros((-len(noise) % _DRAW_BATCH, noise.shape[1]), np.float32)])
    with drawer.lock:
        assign(drawer.model.variables, weights)
        parts = [drawer.call(padded[i : i + _DRAW_BATCH]).numpy() for i in range(0, len(padded), _DRAW_BATCH)]
    return np.concatenate(parts)[: len(noise)]


def draw_preview(plan: Plan, weights: Weights, seed: int, n: int) -> np.ndarray:
    """Rows for judging a training, always from the same noise."""
    noise = draw_noise(n, plan.latent_dim, plan.latent, seeds.generator(seed, "preview"))
    return draw(plan.generator, weights, noise)
