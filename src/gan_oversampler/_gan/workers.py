"""Several processes that train one network together (MultiWorkerMirroredStrategy), and what they must agree on.

Each worker runs the same program. Clocks, callbacks and fresh entropy are its own: what hangs on these is asked of all
workers here, at the same moment in each, or one would wait for ever. Alone, a process agrees with itself.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from gan_oversampler._gan import peers
from gan_oversampler._gan import strategy as strategies
from gan_oversampler.callbacks import Callback
from gan_oversampler.exceptions import WorkerLostError


def _cluster(strategy: Any) -> dict[str, list[str]]:
    """Job -> addresses of its workers; empty where the strategy is of one process."""
    return strategy.cluster_resolver.cluster_spec().as_dict() if strategies.is_of_several_workers(strategy) else {}


def n_workers() -> int:
    """Processes that train together; 1 without a strategy."""
    return max(1, sum(map(len, _cluster(strategies.current()).values())))


def is_chief() -> bool:
    """Whether this process is the one that writes files: the chief, the first worker, or the only process."""
    strategy = strategies.current()
    jobs = _cluster(strategy)
    if not jobs:
        return True
    me = strategy.cluster_resolver
    return bool(me.task_type == "chief" or ("chief" not in jobs and me.task_id == 0))


def _others() -> list[str]:
    """The other workers, as TensorFlow names tasks."""
    strategy = strategies.current()
    jobs = _cluster(strategy)
    me = (strategy.cluster_resolver.task_type, strategy.cluster_resolver.task_id) if jobs else None
    tasks = [(job, task) for job, addresses in jobs.items() for task in range(len(addresses))]
    return [f"/job:{job}/replica:0/task:{task}" for job, task in tasks if (job, task) != me]


@lru_cache(maxsize=8)
def _adder(strategy: Any) -> Any:
    """Compiled sum of a number over all replicas."""
    import tensorflow as tf

    def add(number: Any) -> Any:
        return strategy.reduce("SUM", strategy.run(tf.identity, (number,)), axis=None)

    return tf.function(add).get_concrete_function(tf.TensorSpec((), tf.int64))


def _sum(number: int) -> int:
    """The sum of a number over all workers, each of which has the same number of replicas."""
    import tensorflow as tf

    total = _adder(strategies.current())(tf.constant(number, tf.int64))
    return int(total) * n_workers() // strategies.n_replicas()


def on_any(flag: bool) -> bool:
    """Whether a flag is set on any worker."""
    return flag if n_workers() == 1 else _sum(int(flag)) > 0


def meet() -> None:
    """Wait until every worker has come here."""
    on_any(False)


def of_chief(number: int) -> int:
    """The chief's number, on every worker."""
    return number if n_workers() == 1 else _sum(number if is_chief() else 0)


def seed_of_all(seed: int, given: Callable[[], Any]) -> int:
    """The chief's seed, if all workers were given the same.

    Parameters
    ----------
    seed : int
        The seed that this worker would take.
    given : callable
        Returns what must be equal on all workers, by its `repr`.

    Raises
    ------
    ValueError
        On every worker, if it is not equal.
    """
    if n_workers() == 1:
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
        If another worker is gone.
    RuntimeError
        If the replicas do not fit together.
    """
    if strategies.current() is None:
        yield
        return
    import tensorflow as tf

    try:
        with peers.watched(_others()):
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
