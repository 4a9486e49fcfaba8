"""Ends training in time."""

from __future__ import annotations

import time

from gan_oversampler.callbacks import Callback, FitEvent, TrainingEvent


class TimeLimit(Callback):
    """Gives each class an equal share of the time that is left.

    Parameters
    ----------
    seconds : float
        For the whole fit.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.is_over = False
        """Whether the class last trained was ended for want of time."""

    def on_fit_begin(self, event: FitEvent) -> None:
        self._end = time.monotonic() + self.seconds
        self._labels = event.labels

    def on_class_begin(self, event: TrainingEvent) -> None:
        if event.attempt:
            return
        now = time.monotonic()
        n_left = len(self._labels) - self._labels.index(event.label)
        self._deadline = now + (self._end - now) / n_left
        self.is_over = False

    def on_step_end(self, event: TrainingEvent) -> bool:
        self.is_over = time.monotonic() > self._deadline
        return self.is_over

    def needs_step(self, step: int, max_iter: int) -> bool:
        return False
