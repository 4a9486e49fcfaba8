"""The `tf.distribute` strategy whose scope is open where a sampler is fitted.

This module imports no TensorFlow: where nobody has imported it, no scope is open.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

_SUPPORTED = ("MirroredStrategy", "MultiWorkerMirroredStrategy")


def current() -> Any:
    """The strategy whose scope is open, or None."""
    distribute = getattr(sys.modules.get("tensorflow"), "distribute", None)
    return distribute.get_strategy() if distribute is not None and distribute.has_strategy() else None


def is_of_several_workers(strategy: Any) -> bool:
    """Whether it may span several processes."""
    kind = None if strategy is None else sys.modules["tensorflow"].distribute.MultiWorkerMirroredStrategy
    return kind is not None and isinstance(strategy, kind)


def n_replicas() -> int:
    """Devices that share each training step; 1 without a strategy."""
    strategy = current()
    return 1 if strategy is None else int(strategy.num_replicas_in_sync)


def check(batch_size: int, in_workers: bool) -> None:
    """Refuse what could not be trained under the open strategy.

    Parameters
    ----------
    batch_size : int
    in_workers : bool
        Whether `n_jobs` trains classes in other processes.

    Raises
    ------
    ValueError
        If the strategy is of another kind, does not reach the workers, or its replicas cannot share a batch equally.
    """
    strategy = current()
    if strategy is None:
        return
    distribute = sys.modules["tensorflow"].distribute
    if not isinstance(strategy, tuple(getattr(distribute, name) for name in _SUPPORTED)):
        raise ValueError(
            f"GANOverSampler trains under {' or '.join(_SUPPORTED)}, but the scope of a {type(strategy).__name__} is "
            "open: use one of these, or call fit_resample outside of the scope."
        )
    if in_workers:
        raise ValueError(
            "n_jobs trains classes in processes that the scope of a strategy does not reach: set n_jobs=1, or call "
            "fit_resample outside of the scope."
        )
    n = n_replicas()
    if batch_size % n:
        raise ValueError(
            f"batch_size must be a multiple of the {n} replicas of the strategy, which get equal shares, but it is "
            f"{batch_size}: set batch_size={max(1, batch_size // n) * n}."
        )


def apart(function: Callable[..., Any], *arguments: Any) -> Any:
    """What a function returns where no scope is open, so that its variables lie on one device of this process.

    A scope belongs to the thread that opened it, and TensorFlow has no way to leave one for a while.
    """
    if current() is None:
        return function(*arguments)
    with ThreadPoolExecutor(1) as executor:
        return executor.submit(function, *arguments).result()
