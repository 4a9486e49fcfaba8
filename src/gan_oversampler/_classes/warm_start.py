"""Warm start: the states from which another fit continues training."""

from __future__ import annotations

from typing import Any

import numpy as np

from gan_oversampler._classes.task import ClassTask
from gan_oversampler._trained.state import TrainingState
from gan_oversampler._utils.warnings import warn

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
    return {label: state for label, state in fitted[STATES].items() if state.is_good}


def warn_of_another_scale(task: ClassTask, codec: Any) -> None:
    """Warn if the networks see the rows of a class on another scale than in the last fit.

    Parameters
    ----------
    task : ClassTask
    codec : Codec
        Of the last fit.
    """
    then, now = codec.get_state(), task.codec.get_state()
    if not (then.keys() == now.keys() and all(np.array_equal(then[name], now[name], equal_nan=True) for name in then)):
        warn(
            f"The rows of class {task.name} have another range or distribution than in the last fit, and the networks "
            "see them on a new scale: let warm_start take enough steps for them to learn it, or set warm_start=False.",
            UserWarning,
        )
