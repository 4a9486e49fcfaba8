"""Whether the result fits in memory, checked before hours of training."""

from __future__ import annotations

import math
import os
import sys
from pathlib import Path, PurePosixPath

import numpy as np

from gan_oversampler.exceptions import NotEnoughMemoryError

_PROC, _CGROUPS = Path("/proc"), Path("/sys/fs/cgroup")
_SWITCH = "GAN_OVERSAMPLER_MEMORY_CHECK"
_BYTES_TO_ENCODE = 20  # two copies of float64, and one of float32
_COPIES_OF_NEW_ROWS = 2  # as drawn, and in X's own form


def _lines(path: Path) -> list[str]:
    """Lines of a file of the system; none where there is no such file."""
    try:
        return path.read_text().splitlines()
    except OSError:
        return []


def _number(path: Path) -> float:
    """Number in a file of the system; infinity where there is no such file, or it says "max"."""
    text = "".join(_lines(path))
    return float(text) if text.isdigit() else math.inf


def _left_of_machine() -> float:
    """Bytes that the machine can still give out."""
    lines = _lines(_PROC / "meminfo")
    if not lines:
        has_count = "SC_PHYS_PAGES" in getattr(os, "sysconf_names", {})
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") if has_count else math.inf
    sizes = {name: int(size.split()[0]) * 1024 for name, size in (line.split(":") for line in lines)}
    return sizes.get("MemAvailable", math.inf) + sizes.get("SwapFree", 0)


def _left_of_group(folder: Path, limit: str, used: str, prefix: str) -> float:
    """Bytes left below the limit of one group; cached files count as free, since they give way."""
    left = _number(folder / limit) - _number(folder / used)
    if not math.isfinite(left):
        return math.inf
    sizes = dict(line.split() for line in _lines(folder / "memory.stat"))
    return left + sum(int(sizes.get(f"{prefix}{kind}_file", 0)) for kind in ("inactive", "active"))


def _left_of_cgroup() -> float:
    """Bytes left below the limits of the groups that this process is in, of version 1 and 2, up to the root."""
    left = math.inf
    for line in _lines(_PROC / "self" / "cgroup"):
        _, controllers, path = line.split(":", 2)
        if controllers and "memory" not in controllers.split(","):
            continue
        root = _CGROUPS / "memory" if controllers else _CGROUPS
        names = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_")
        own = PurePosixPath(path)
        for group in (own, *own.parents):
            folder = root / group.relative_to("/")
            left = min(left, _left_of_group(folder, *(names if controllers else ("memory.max", "memory.current", ""))))
    return left


def _left_of_process() -> float:
    """Bytes left below the limit of address space set for this process (``ulimit -v``)."""
    try:
        import resource
    except ImportError:
        return math.inf
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    pages = sum(int(line.split()[0]) for line in _lines(_PROC / "self" / "statm"))
    return math.inf if limit == resource.RLIM_INFINITY else limit - pages * resource.getpagesize()


def available() -> float:
    """Bytes that this process can still get; infinity where the system does not say."""
    return min(_left_of_machine(), _left_of_cgroup(), _left_of_process())


def _bytes_a_value(kind: str, dtype: np.dtype) -> int:
    """Bytes of one value in the user's container: a Python number in a list or an array of objects."""
    return 8 + sys.getsizeof(1.0) if kind == "list" or dtype.kind == "O" else dtype.itemsize


def estimate(n_rows: int, n_new: int, n_features: int, kind: str, dtype: np.dtype) -> int:
    """Bytes that `fit_resample` needs for its result and the copies on the way to it.

    Parameters
    ----------
    n_rows, n_new : int
        Rows of X, and rows to make.
    n_features : int
        Values in a row.
    kind : str
        Of the container, see `RowFormat`.
    dtype : dtype
        In which new rows wait for the form of X.
    """
    in_result = (n_rows + n_new) * n_features * _bytes_a_value(kind, dtype)
    return in_result + _COPIES_OF_NEW_ROWS * n_new * n_features * max(dtype.itemsize, 1)


def _readable(size: float) -> str:
    """A size in readable units: 21.8 TiB."""
    power = min(int(math.log2(max(size, 1)) // 10), 6)
    return f"{size / 1024**power:.4g} {('bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB')[power]}"


def estimate_encoded(n_own: int, n_others: int, n_values: int) -> int:
    """Bytes for the rows of a class of images, and some of the others, on the way to the tensors of networks.

    Parameters
    ----------
    n_own, n_others : int
        Rows of the class, and those of the others that are looked at.
    n_values : int
        Values of a row.
    """
    return (n_own + n_others) * n_values * _BYTES_TO_ENCODE


def check_training(needed: float, what: str, advice: str) -> None:
    """Refuse a training, or what is read for it, that cannot fit, unless the user switched that off.

    Raises
    ------
    NotEnoughMemoryError
    """
    left = available()
    if math.isfinite(needed) and needed > left and os.environ.get(_SWITCH) != "off":
        raise NotEnoughMemoryError(
            f"{what} needs about {_readable(needed)} of memory, but {_readable(left)} are available: {advice}, or set "
            f"the environment variable {_SWITCH}=off to try nevertheless."
        )


def check(needed: int, n_new: int) -> None:
    """Refuse what cannot fit, unless the user switched that off.

    Raises
    ------
    NotEnoughMemoryError
    """
    left = available()
    if needed > left and os.environ.get(_SWITCH) != "off":
        raise NotEnoughMemoryError(
            f"{n_new:,} new rows need about {_readable(needed)} of memory, all copies included, but {_readable(left)} "
            f"are available: ask for fewer, draw them in parts with sample(), or set the environment variable "
            f"{_SWITCH}=off to try nevertheless."
        )
