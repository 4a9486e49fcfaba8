"""Workers that are gone are noticed within seconds, where TensorFlow alone may wait for up to ten.

TensorFlow notices at once if a message was on its way. If not, a step waits for the next heartbeat. The strategy of the
scope is the user's and has heartbeats of its own; a thread here asks the other workers more often.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

_SECONDS_BETWEEN = 0.5
_SECONDS_TO_ANSWER = 1.5
_TRIES = 2  # a worker may be late once


def _is_there(peer: str) -> bool:
    import tensorflow as tf
    from tensorflow.python.eager import context  # the strategy's own check uses it; there is no public name

    for _ in range(_TRIES):
        try:
            context.context().check_collective_ops_peer_health(peer, timeout_in_ms=int(1000 * _SECONDS_TO_ANSWER))
        except (tf.errors.UnavailableError, tf.errors.FailedPreconditionError, tf.errors.DeadlineExceededError):
            continue
        return True
    return False


def _watch(peers: Sequence[str], ended: threading.Event) -> None:
    import tensorflow as tf
    from tensorflow.python.eager import context

    while not ended.wait(_SECONDS_BETWEEN):
        gone = [peer for peer in peers if not _is_there(peer)]
        if gone and not ended.is_set():
            context.context().abort_collective_ops(tf.errors.UNAVAILABLE, f"{gone[0]} is gone")
            return


@contextmanager
def watched(peers: Sequence[str]) -> Iterator[None]:
    """While this is open, the loss of a peer ends the sums that wait for it, with an `UnavailableError`.

    Parameters
    ----------
    peers : sequence of str
        The other workers, as TensorFlow names tasks: ``/job:worker/replica:0/task:1``. None: nothing is watched.
    """
    if not peers:
        yield
        return
    ended = threading.Event()
    thread = threading.Thread(target=_watch, args=(peers, ended), name="peers", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
