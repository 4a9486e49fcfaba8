"""Whether training on images fits in memory, checked before it begins."""

from __future__ import annotations

from typing import Any

import numpy as np

from gan_oversampler._classes.task import most_others
from gan_oversampler._gan.memory import WORKER, batch_that_fits, bytes_of_training
from gan_oversampler._rows import result_memory


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
    beside, at_once = in_result + n_processes * WORKER, max(1, n_processes)
    encoded = _bytes_encoded(labels, wanted, int(np.prod(shape)))
    needed = beside + at_once * (encoded + bytes_of_training(plan, plan.batch_size, deforms))
    fits = batch_that_fits(plan, plan.batch_size, deforms, (result_memory.available() - beside) / at_once - encoded)
    workers = f" in {n_processes} workers" if n_processes else ""
    result_memory.check_training(
        needed,
        f"Training on images of {'x'.join(map(str, shape))} in batches of {plan.batch_size}{workers}",
        f"set batch_size={fits}" if fits else "give smaller images" + (" or a smaller n_jobs" if workers else ""),
    )
