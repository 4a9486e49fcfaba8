"""Time and memory that a block of code took."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from time import perf_counter
from types import TracebackType

_STATUS, _CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")
# ru_maxrss is in bytes on macOS and in KiB elsewhere.
_RSS_UNIT_MB = 2**-20 if sys.platform == "darwin" else 2**-10


def _status_mb(field: str) -> float:
    found = re.search(rf"^{field}:\s+(\d+) kB", _STATUS.read_text(), re.MULTILINE)
    return int(found[1]) / 1024 if found else float("nan")


def _reset_peak() -> bool:
    """Reset the kernel's high-water mark; False if that is not possible."""
    try:
        _CLEAR.write_text("5")
    except OSError:
        return False
    return True


def _process_peak_mb() -> float:
    try:
        import resource
    except ImportError:  # Windows
        return float("nan")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _RSS_UNIT_MB


class Meter:
    """Context that measures `seconds` and `peak_mb` of what runs inside.

    `peak_mb` is how far the resident memory of the process rose above what it held on entry: the kernel's
    high-water mark, reset on entry, where Linux allows it; elsewhere the rise of the process' life-long peak,
    which is 0 for anything that needs less than something before it did. Memory of child processes does not
    count.
    """

    seconds: float = float("nan")
    peak_mb: float = float("nan")

    def __enter__(self) -> Meter:
        self._exact = _reset_peak()
        self._held = _status_mb("VmRSS") if self._exact else _process_peak_mb()
        self._start = perf_counter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.seconds = perf_counter() - self._start
        peak = _status_mb("VmHWM") if self._exact else _process_peak_mb()
        self.peak_mb = peak - self._held if not peak < self._held else 0.0
