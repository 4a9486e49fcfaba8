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
        is_due = event.step % max(1, event.max_iter // _N_LOOKS) == 0 and event.step >= _FIRST_LOOK
        return is_due and diagnosis.find_trouble(event.history, event.draw, event.real) is not None
