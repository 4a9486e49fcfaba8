"""Warm start: the states from which another fit continues training."""

from __future__ import annotations

from typing import Any

import numpy as np

from gan_oversampler._trained.diagnosis import has_exploded
from gan_oversampler._trained.state import TrainingState

STATES = "_training_states_"
"""Name of the fitted attribute: class -> TrainingState."""


def states_to_go_on_from(fitted: dict[str, Any], rows: np.ndarray, labels: np.ndarray) -> dict[Any, TrainingState]:
    """The states that an earlier fit kept, except those whose training diverged.

    Parameters
    ----------
    fitted : dict
        Fitted attributes of the earlier fit.
    rows, labels : ndarray
        Data of the next fit.

    Raises
    ------
    ValueError
        Where these data are of another shape, or of other classes.
    """
    if STATES not in fitted:
        return {}
    then, now = fitted["row_format_"].row_shape, tuple(rows.shape[1:])
    old_classes, classes = fitted["classes_"].tolist(), np.unique(labels).tolist()
    if (then, old_classes) != (now, classes):
        raise ValueError(
            f"warm_start goes on from rows of shape {then} and classes {old_classes}, but these are of shape {now} "
            f"and classes {classes}: give data like those before, or set warm_start=False to begin anew."
        )
    return {label: state for label, state in fitted[STATES].items() if not has_exploded(state.history)}
