"""Errors and warnings, each also of the builtin type that it refines."""

from sklearn.exceptions import ConvergenceWarning

__all__ = [
    "BackendError",
    "CheckpointError",
    "ConvergenceWarning",
    "DivergenceError",
    "FileFormatError",
    "ForkedProcessError",
    "NotEnoughMemoryError",
    "SmallClassWarning",
    "WorkerLostError",
]


class BackendError(RuntimeError):
    """Keras runs on another backend than TensorFlow."""


class ForkedProcessError(RuntimeError):
    """TensorFlow ran before this process was forked, so using it here would hang."""


class FileFormatError(ValueError):
    """A file is not a sampler that this version can read."""


class CheckpointError(FileFormatError):
    """A file is not a checkpoint, or is that of another training."""


class DivergenceError(RuntimeError):
    """Training went wrong, also from a fresh seed, and `on_divergence` is "raise"."""


class NotEnoughMemoryError(ValueError, MemoryError):
    """The requested rows cannot fit in memory; refused before any training."""


class WorkerLostError(RuntimeError):
    """Another process of a training on several machines ended or cannot be reached."""


class SmallClassWarning(UserWarning):
    """A class has too few rows to be trained as usual."""
