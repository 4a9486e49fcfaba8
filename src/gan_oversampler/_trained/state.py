"""Everything that a training continues from, as plain arrays."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gan_oversampler._trained import diagnosis

Weights = list[np.ndarray]
History = dict[str, np.ndarray]


def are_finite(values: Weights) -> bool:
    """Whether no value is infinite or NaN."""
    return all(bool(np.isfinite(value).all()) for value in values)


@dataclass(frozen=True, eq=False)
class TrainingState:
    """A moment of a training, or its end.

    Attributes
    ----------
    seed : int
        The batch of a step depends on the seed and the step's number alone.
    history : dict of ndarray
        One value per step so far: "step", losses, accuracy and "seconds".
    variables : list of ndarray
        Of both networks, both optimizers, then of the averaged generator.
    snapshot : list of ndarray
        The averaged generator of a while ago, all finite, used if training explodes.
    is_complete : bool
        Whether there is nothing more to train.
    callbacks : object
        The state of the user's callbacks, as JSON can hold it.
    """

    seed: int
    history: History
    variables: Weights
    snapshot: Weights
    is_complete: bool
    callbacks: Any = field(default=None)

    @property
    def step(self) -> int:
        """Steps taken."""
        return len(self.history["step"])

    @property
    def is_good(self) -> bool:
        """Whether training neither exploded nor, in its last step, left numbers that are none."""
        return not diagnosis.has_exploded(self.history) and are_finite(self.variables)

    @property
    def last_weights(self) -> Weights:
        """The averaged generator after the last step, whatever became of it."""
        return self.variables[-len(self.snapshot) :]

    @property
    def weights(self) -> Weights:
        """The generator to draw from: the averaged one, or the snapshot if training exploded."""
        return self.last_weights if self.is_good else self.snapshot
