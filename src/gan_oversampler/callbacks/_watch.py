"""Ends a training that went wrong, so that it does not waste its remaining steps."""

from __future__ import annotations

from gan_oversampler._trained import diagnosis
from gan_oversampler.callbacks import Callback, TrainingEvent

_EVERY = 100
_N_LOOKS = 5
_FIRST_LOOK = 300


class Watch(Callback):
    """Looks at the history every 100 steps, and at drawn rows five times in a training.

    It remembers nothing, so a training that continues from a checkpoint is judged alike.
    """

    runs_in_workers = True

    def on_step_end(self, event: TrainingEvent) -> bool:
        if event.step % _EVERY == 0 and diagnosis.discriminator_won(event.history):
            return True
        is_due = self._looks_at_rows(event.step, event.max_iter)
        return is_due and diagnosis.find_trouble(event.history, event.draw, event.real) is not None

    def needs_step(self, step: int, max_iter: int) -> bool:
        return step % _EVERY == 0 or self._looks_at_rows(step, max_iter)

    @staticmethod
    def _looks_at_rows(step: int, max_iter: int) -> bool:
        return step % max(1, max_iter // _N_LOOKS) == 0 and step >= _FIRST_LOOK
