"""Batches as `tf.data` takes them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import tensorflow as tf


def dataset(at: Callable[[int], Any], first: int, n_batches: int, specs: list[tuple[Any, Any]]) -> Any:
    """A data set that gives the batches of another epoch each time that it is gone through.

    Parameters
    ----------
    at : callable
        Gives the batches of an epoch.
    first : int
        Epoch of the first time.
    n_batches : int
    specs : list of tuple
        Shape and dtype of each part of a batch.
    """
    epochs = itertools.count(first)

    def batches() -> Iterator[tuple[Any, ...]]:
        return iter(at(next(epochs)))

    signature = tuple(tf.TensorSpec(shape, tf.as_dtype(dtype)) for shape, dtype in specs)
    data = tf.data.Dataset.from_generator(batches, output_signature=signature)
    return data.apply(tf.data.experimental.assert_cardinality(n_batches)).prefetch(1)
