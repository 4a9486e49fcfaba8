"""What training on images needs in memory, estimated from the layers of both networks before anything is compiled.

Constants were fitted to the resident memory of eleven trainings of 8x8x1 to 128x128x3 images in batches of 64 and 256:
the estimate lay between 0.88 and 1.12 times what was used. `benchmarks/scale.py training` measures it again.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from gan_oversampler._gan.distributed import apart

_FLOAT = 4
_COMPILED_STEP = 55 * 2**20
_HELD_AT_ONCE = 0.96  # of what all layers give
_COPIES_OF_VARIABLES = 3  # in the step, the best so far, and on the way to a state
_TAPS = 4  # pixels from which a deformed pixel is interpolated
_COPIES_OF_TAPS = 1.6  # with gradients

WORKER = 850 * 2**20
"""Bytes of a process that has imported TensorFlow."""


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


def batch_that_fits(plan: Any, largest: int, deforms: bool, left: float) -> int | None:
    """The largest power of two below a batch size for which training fits; None where none does."""
    sizes = [2**power for power in range(int(math.log2(max(largest - 1, 1))), 0, -1)]
    return next((size for size in sizes if bytes_of_training(plan, size, deforms) <= left), None)
