"""Ends training in time."""

from __future__ import annotations

import math
import time
from typing import Any


class TimeLimit:
    """Gives each class an equal share of the time that is left.

    Parameters
    ----------
    seconds : float
        For the whole fit.

    Attributes
    ----------
    is_over : bool
        Whether the class last trained was ended for want of time.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds, self.is_over = seconds, False
        self._deadline = math.inf

    def begin(self, labels: tuple[Any, ...]) -> None:
        """Let the time run, for these classes in order."""
        self._end, self._labels = time.monotonic() + self.seconds, labels

    def begin_class(self, label: Any) -> None:
        """Give a class its share."""
        now = time.monotonic()
        self._deadline = now + (self._end - now) / (len(self._labels) - self._labels.index(label))
        self.is_over = False

    def ends_class(self) -> bool:
        """Whether the share of the class is used up; `is_over` remembers it."""
        self.is_over = time.monotonic() > self._deadline
        return self.is_over
