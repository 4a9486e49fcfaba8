"""Whether the result fits in memory, checked before hours of training."""

from __future__ import annotations

import math
import os
import sys
from pathlib import Path

import numpy as np

from gan_oversampler.exceptions import NotEnoughMemoryError

_CGROUPS = (
    ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
    ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes"),
)
_COPIES_OF_NEW_ROWS = 3  # as drawn, joined, in X's own form


def _read_number(path: str) -> float:
    """Number in a file of the system; infinity if there is no such file, or if it holds "max"."""
    try:
        text = Path(path).read_text().strip()
    except OSError:
        return math.inf
    return float(text) if text.isdigit() else math.inf


def _left_of_machine() -> float:
    """Bytes that the machine can still give out."""
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
    except OSError:
        has_count = "SC_PHYS_PAGES" in getattr(os, "sysconf_names", {})
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") if has_count else math.inf
    sizes = {name: int(size.split()[0]) * 1024 for name, size in (line.split(":") for line in lines)}
    return sizes.get("MemAvailable", math.inf) + sizes.get("SwapFree", 0)


def _left_of_cgroup() -> float:
    """Bytes left below the limit of a container."""
    limits = ((_read_number(limit), _read_number(used)) for limit, used in _CGROUPS)
    return min((limit - used for limit, used in limits if limit < math.inf and used < math.inf), default=math.inf)


def _left_of_process() -> float:
    """Bytes left below the limit of address space set for this process (``ulimit -v``)."""
    try:
        import resource
    except ImportError:
        return math.inf
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    pages = _read_number_of_pages()
    return math.inf if limit == resource.RLIM_INFINITY else limit - pages * resource.getpagesize()


def _read_number_of_pages() -> int:
    try:
        return int(Path("/proc/self/statm").read_text().split()[0])
    except OSError:
        return 0


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
    kind : {"array", "list", "dataframe"}
    dtype : dtype
        In which new rows wait for the form of X.
    """
    in_result = (n_rows + n_new) * n_features * _bytes_a_value(kind, dtype)
    return in_result + _COPIES_OF_NEW_ROWS * n_new * n_features * max(dtype.itemsize, 1)


def _readable(size: float) -> str:
    """A size in readable units: 21.8 TiB."""
    power = min(int(math.log2(max(size, 1)) // 10), 6)
    return f"{size / 1024**power:.4g} {('bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB')[power]}"


def check(needed: int, n_new: int) -> None:
    """Refuse what cannot fit.

    Raises
    ------
    NotEnoughMemoryError
    """
    left = available()
    if needed > left:
        raise NotEnoughMemoryError(
            f"{n_new:,} new rows need about {_readable(needed)} of memory, all copies included, but {_readable(left)} "
            "are available: ask for fewer, or draw them in parts with sample()."
        )
