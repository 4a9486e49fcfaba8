"""What the networks of the rivals share: variables with an optimizer, which get their values before each use.

A step that is compiled for each fit would never be freed (TensorFlow's gradient registry keeps it). So a network is
compiled once for each kind, and its variables are set under a lock."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

Weights = list[NDArray[np.float32]]


def _glorot(shape: tuple[int, ...], rng: np.random.Generator) -> NDArray[np.float32]:
    """Uniform weights of a layer (Glorot and Bengio 2010); a bias is 0."""
    if len(shape) < 2:
        return np.zeros(shape, np.float32)
    fans = np.prod(shape[:-2]) * (shape[-2] + shape[-1])
    limit = np.sqrt(6 / fans)
    return rng.uniform(-limit, limit, shape).astype(np.float32)


class Trainable:
    """Variables of some layers, and Adam.

    Parameters
    ----------
    *models : keras layers or models, built
    """

    def __init__(self, *models: Any) -> None:
        self._variables = [variable for model in models for variable in model.trainable_variables]
        self._optimizer = keras.optimizers.Adam(1e-3)
        self._optimizer.build(self._variables)
        self._fresh = [np.asarray(variable).copy() for variable in self._optimizer.variables]
        self._lock = threading.Lock()

    def _assign(self, weights: Weights) -> None:
        for variable, value in zip(self._variables, weights, strict=True):
            variable.assign(value)

    def _descend(self, tape: Any, loss: Any, learning_rate: Any) -> None:
        """Move all variables once."""
        self._optimizer.learning_rate = learning_rate
        self._optimizer.apply_gradients(zip(tape.gradient(loss, self._variables), self._variables, strict=True))

    @contextmanager
    def fresh(self, rng: np.random.Generator) -> Iterator[None]:
        """Reserve the network, with new weights and an optimizer that remembers nothing."""
        with self._lock:
            self._assign([_glorot(tuple(variable.shape), rng) for variable in self._variables])
            for variable, value in zip(self._optimizer.variables, self._fresh, strict=True):
                variable.assign(value)
            yield

    @contextmanager
    def holding(self, weights: Weights) -> Iterator[None]:
        """Reserve the network, with the weights given."""
        with self._lock:
            self._assign(weights)
            yield

    @property
    def weights(self) -> Weights:
        """Copies of all weights."""
        return [np.asarray(variable).copy() for variable in self._variables]
