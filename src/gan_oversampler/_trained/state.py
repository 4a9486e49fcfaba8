"""Everything that a training continues from, as plain arrays."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gan_oversampler._trained import diagnosis

Weights = list[np.ndarray]
History = dict[str, np.ndarray]


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
        The averaged generator of a while ago, used if training explodes.
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
    def weights(self) -> Weights:
        """The generator to draw from: the averaged one, or the snapshot if training exploded."""
        is_good = not diagnosis.has_exploded(self.history)
        return self.variables[-len(self.snapshot) :] if is_good else self.snapshot
