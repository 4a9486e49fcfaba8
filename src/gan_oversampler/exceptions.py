"""What can go wrong, as types of their own that are also the builtin they refine."""

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
]


class BackendError(RuntimeError):
    """Keras runs on another backend than TensorFlow."""


class ForkedProcessError(RuntimeError):
    """TensorFlow ran before this process was forked, so using it here would hang."""


class FileFormatError(ValueError):
    """A file is not a sampler that this version can read."""


class CheckpointError(FileFormatError):
    """A file is not a checkpoint, or that of another training."""


class DivergenceError(RuntimeError):
    """Training went wrong, also from a fresh seed, and `on_divergence` is "raise"."""


class NotEnoughMemoryError(ValueError, MemoryError):
    """The rows asked for cannot fit in memory; refused before any training."""


class SmallClassWarning(UserWarning):
    """A class has so few rows that a rule other than training as usual applies to it."""
