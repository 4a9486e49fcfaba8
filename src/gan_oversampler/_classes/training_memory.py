"""Whether training on images fits in memory, estimated from the layers of both networks before anything is compiled.

Constants were fitted to the resident memory of eleven trainings of 8x8x1 to 128x128x3 images in batches of 64 and 256:
the estimate lay between 0.88 and 1.12 times what was used. `benchmarks/scale.py training` measures it again.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from gan_oversampler._classes.task import most_others
from gan_oversampler._gan.distributed import apart
from gan_oversampler._rows import result_memory

_FLOAT = 4
_COMPILED_STEP = 55 * 2**20
_HELD_AT_ONCE = 0.96  # of what all layers give
_COPIES_OF_VARIABLES = 3  # in the step, the best so far, and on the way to a state
_TAPS = 4  # pixels from which a deformed pixel is interpolated
_COPIES_OF_TAPS = 1.6  # with gradients
_WORKER = 850 * 2**20  # a process that has imported TensorFlow


def _values_of_layers(model: Any) -> float:
    """Values that all layers give for one row, but for views of another's; infinity where a layer does not tell."""
    import keras

    views = (keras.layers.Flatten, keras.layers.Reshape)
    held = [layer for layer in model.layers if not isinstance(layer, views)]
    try:
        return float(sum(math.prod(layer.output.shape[1:]) for layer in held))
    except (AttributeError, TypeError):  # a user's own layer: several outputs, or a size that is open
        return math.inf


@dataclass(frozen=True)
class _Network:
    """What is counted of a network: the shape of a row that it gives, values of its layers, and parameters."""

    output_shape: tuple[int, ...]
    n_values: float
    n_parameters: int


@lru_cache(maxsize=32)
def _counted(architecture: str) -> _Network:
    """Counted once: to build a network costs a tenth of a short training."""
    from gan_oversampler._gan.engine import build

    model = apart(build, architecture)
    return _Network(tuple(model.output_shape[1:]), _values_of_layers(model), model.count_params())


def bytes_of_training(plan: Any, batch_size: int, deforms: bool) -> float:
    """Bytes that training takes beside the rows themselves.

    Parameters
    ----------
    plan : Plan
        Whose networks are trained.
    batch_size : int
    deforms : bool
        Whether images are deformed in front of the discriminator.

    Returns
    -------
    float
        Infinity where the networks do not tell.
    """
    generator, discriminator = _counted(plan.generator), _counted(plan.discriminator)
    height, width, channels = generator.output_shape
    outputs = generator.n_values + 2 * discriminator.n_values  # real and generated rows
    taps = _COPIES_OF_TAPS * _TAPS * height * width * (channels + 2) if deforms else 0.0
    moments = generator.n_parameters + 2 * (generator.n_parameters + discriminator.n_parameters)
    variables = generator.n_parameters + discriminator.n_parameters + moments
    return _COMPILED_STEP + _FLOAT * (batch_size * (_HELD_AT_ONCE * outputs + taps) + _COPIES_OF_VARIABLES * variables)


def _batch_that_fits(plan: Any, largest: int, deforms: bool, left: float) -> int | None:
    """The largest power of two below a batch size for which training fits; None where none does."""
    sizes = [2**power for power in range(int(math.log2(max(largest - 1, 1))), 0, -1)]
    return next((size for size in sizes if bytes_of_training(plan, size, deforms) <= left), None)


def _bytes_encoded(labels: np.ndarray, wanted: tuple[Any, ...], n_values: int) -> int:
    """Bytes of the largest class to learn, and of the others that are looked at, on the way to tensors."""
    most = max(int(np.count_nonzero(labels == label)) for label in wanted)
    return result_memory.estimate_encoded(most, most_others(len(labels) - most, n_values), n_values)


def check_training_fits(
    plan: Any,
    shape: tuple[int, ...],
    labels: np.ndarray,
    wanted: tuple[Any, ...],
    *,
    deforms: bool,
    n_processes: int,
    in_result: int,
) -> None:
    """Refuse a training that does not fit beside the result, with the batch size that would.

    Parameters
    ----------
    plan : Plan
    shape : (H, W, C)
    labels : ndarray of shape (n,)
    wanted : tuple of label
        The classes to learn.
    deforms : bool
        Whether images are deformed in front of the discriminator.
    n_processes : int
        Workers that train at the same time; 0 where this process trains.
    in_result : int
        Bytes of the result.

    Raises
    ------
    NotEnoughMemoryError
    """
    beside, at_once = in_result + n_processes * _WORKER, max(1, n_processes)
    encoded = _bytes_encoded(labels, wanted, int(np.prod(shape)))
    needed = beside + at_once * (encoded + bytes_of_training(plan, plan.batch_size, deforms))
    fits = _batch_that_fits(plan, plan.batch_size, deforms, (result_memory.available() - beside) / at_once - encoded)
    workers = f" in {n_processes} workers" if n_processes else ""
    result_memory.check_training(
        needed,
        f"Training on images of {'x'.join(map(str, shape))} in batches of {plan.batch_size}{workers}",
        f"set batch_size={fits}" if fits else "give smaller images" + (" or a smaller n_jobs" if workers else ""),
    )
