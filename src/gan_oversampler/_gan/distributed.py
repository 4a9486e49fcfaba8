"""One fit on several devices or in several processes: the `tf.distribute` strategy in whose scope a sampler is fitted.

The processes, TensorFlow's workers, run the same program. Clocks, callbacks and fresh entropy are each one's own: what
hangs on these is asked of all here, at the same moment in each, or one would wait for ever. Alone, a process agrees
with itself. This module imports no TensorFlow: where nobody has imported it, no scope is open.
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from gan_oversampler.callbacks import Callback
from gan_oversampler.exceptions import WorkerLostError

_SUPPORTED = ("MirroredStrategy", "MultiWorkerMirroredStrategy")


def current() -> Any:
    """The strategy whose scope is open, or None."""
    distribute = getattr(sys.modules.get("tensorflow"), "distribute", None)
    return distribute.get_strategy() if distribute is not None and distribute.has_strategy() else None


def _spans_processes(strategy: Any) -> bool:
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


# -- several processes -------------------------------------------------------------------------------------------------


def _cluster(strategy: Any) -> dict[str, list[str]]:
    """Job -> addresses of its processes; empty where the strategy is of one process."""
    return strategy.cluster_resolver.cluster_spec().as_dict() if _spans_processes(strategy) else {}


def n_processes() -> int:
    """Processes that train together; 1 without a strategy."""
    return max(1, sum(map(len, _cluster(current()).values())))


def is_chief() -> bool:
    """Whether this process is the one that writes files: the chief, the first one, or the only one."""
    strategy = current()
    jobs = _cluster(strategy)
    if not jobs:
        return True
    me = strategy.cluster_resolver
    return bool(me.task_type == "chief" or ("chief" not in jobs and me.task_id == 0))


@lru_cache(maxsize=8)
def _adder(strategy: Any) -> Any:
    """Compiled sum of a number over all replicas."""
    import tensorflow as tf

    def add(number: Any) -> Any:
        return strategy.reduce("SUM", strategy.run(tf.identity, (number,)), axis=None)

    return tf.function(add).get_concrete_function(tf.TensorSpec((), tf.int64))


def _sum(number: int) -> int:
    """The sum of a number over all processes, each of which has the same number of replicas."""
    import tensorflow as tf

    total = _adder(current())(tf.constant(number, tf.int64))
    return int(total) * n_processes() // n_replicas()


def on_any(flag: bool) -> bool:
    """Whether a flag is set in any process."""
    return flag if n_processes() == 1 else _sum(int(flag)) > 0


def meet() -> None:
    """Wait until every process has come here."""
    on_any(False)


def of_chief(number: int) -> int:
    """The chief's number, in every process."""
    return number if n_processes() == 1 else _sum(number if is_chief() else 0)


def seed_of_all(seed: int, given: Callable[[], Any]) -> int:
    """The chief's seed, if all processes were given the same.

    Parameters
    ----------
    seed : int
        The seed that this process would take.
    given : callable
        Returns what must be equal in all, by its `repr`.

    Raises
    ------
    ValueError
        In every process, if it is not equal.
    """
    if n_processes() == 1:
        return seed
    number = zlib.crc32(repr(given()).encode())
    if on_any(number != of_chief(number)):
        raise ValueError(
            "Every worker must be given the same X, y, parameters and checkpoint file, but these differ: give each "
            "the whole data, and a checkpoint in a folder that every worker sees."
        )
    return of_chief(seed)


def of_this_one(callbacks: Sequence[Callback]) -> list[Callback]:
    """The callbacks with those that write files left idle, unless this is the chief; each keeps its place."""
    writes = is_chief()
    return [callback if writes or not callback.writes_files else Callback() for callback in callbacks]


@contextmanager
def clear_errors() -> Iterator[None]:
    """Say in one sentence what TensorFlow says of replicas in many.

    Raises
    ------
    WorkerLostError
        If another process is gone. TensorFlow notices at once if a message was on its way, and otherwise at the next
        heartbeat, after ten seconds at the most.
    RuntimeError
        If the replicas do not fit together.
    """
    if current() is None:
        yield
        return
    import tensorflow as tf

    try:
        yield
    except (tf.errors.InvalidArgumentError, tf.errors.InternalError) as error:
        if "collective" not in str(error).lower():
            raise
        raise RuntimeError(
            "TensorFlow mixed up the sums of two strategies, or of workers with different networks: make one strategy "
            "in a process and keep it, and run the same program on every worker."
        ) from error
    except (tf.errors.UnavailableError, tf.errors.AbortedError, tf.errors.CancelledError) as error:
        raise WorkerLostError(
            "Another worker of this training has ended or cannot be reached: start all workers again, or call "
            "fit_resample outside of the strategy's scope; with checkpoint= the fit continues from the file."
        ) from error
