"""The gate before TensorFlow, which is imported only after this check, and only where it can work."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from gan_oversampler.exceptions import BackendError, ForkedProcessError

_forked_after_use = False


def _has_run() -> bool:
    """Whether TensorFlow has started its threads in this process."""
    context = getattr(sys.modules.get("tensorflow.python.eager.context"), "_context", None)
    return getattr(context, "_context_handle", None) is not None


def _note_fork() -> None:
    global _forked_after_use
    _forked_after_use = _forked_after_use or _has_run()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_note_fork)


def _read(path: str) -> bytes | None:
    """What the system says there; None where it says nothing, as of a thread or process that has just ended."""
    try:
        return Path(path).read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return None


def _lacks_tensorflow_threads() -> bool:
    """Whether Linux shows none of the threads that TensorFlow names after itself."""
    tasks = Path("/proc/self/task")
    names = [_read(f"{task}/comm") for task in (tasks.iterdir() if tasks.exists() else ())]
    return bool(names) and not any(name.startswith(b"tf_") for name in names if name is not None)


def _shares_command_with_parent() -> bool:
    """Whether this process has the same command as its parent, as a forked process does."""
    own = _read("/proc/self/cmdline")
    return own is not None and own == _read(f"/proc/{os.getppid()}/cmdline")


def _was_forked_after_use() -> bool:
    """Whether TensorFlow ran before this process was forked, even if this module was first imported afterwards."""
    return _forked_after_use or (_has_run() and _lacks_tensorflow_threads() and _shares_command_with_parent())


def _keras_backend() -> str:
    if "keras" not in sys.modules and os.environ.get("KERAS_BACKEND", "tensorflow") != "tensorflow":
        return os.environ["KERAS_BACKEND"]
    import keras

    return str(keras.config.backend())


def require_tensorflow() -> None:
    """Raise, in one sentence, if training or generating could not work.

    Raises
    ------
    ForkedProcessError
        In a process that was forked after TensorFlow had run. TensorFlow's threads do not exist here, and the
        first operation would wait for ever.
    BackendError
        If Keras is set to another backend, or eager execution is off.
    """
    if _was_forked_after_use():
        raise ForkedProcessError(
            "TensorFlow ran in the parent before this process was forked and would hang here: start workers "
            "with the 'spawn' or 'loky' method (joblib's default), or resample before forking."
        )
    backend = _keras_backend()
    if backend != "tensorflow":
        raise BackendError(
            f"gan_oversampler trains with Keras on TensorFlow, but Keras runs on {backend!r}: set the "
            "environment variable KERAS_BACKEND=tensorflow before Keras is first imported."
        )
    import tensorflow as tf

    if not tf.executing_eagerly():
        raise BackendError(
            "gan_oversampler needs TensorFlow's eager execution, but it is off here: call it outside of tf.function "
            "and without tf.compat.v1.disable_eager_execution()."
        )
