"""Classes that get no network, or are small for one, and what the user is told."""

from __future__ import annotations

from typing import Any

import numpy as np

from gan_oversampler._classes.task import ClassTask
from gan_oversampler._utils.warnings import warn
from gan_oversampler.exceptions import NoNetworkWarning, SmallClassWarning

MIN_ROWS = 10


def _n_different(rows: np.ndarray) -> int:
    """How many of the rows differ, as the networks see them; counted up to the number that is needed."""
    seen: set[bytes] = set()
    for row in rows:
        seen.add((row + 0).tobytes())  # -0.0 becomes 0.0
        if len(seen) == MIN_ROWS:
            break
    return len(seen)


def is_too_small(task: ClassTask) -> bool:
    """Whether a class has fewer than 10 different rows, so that no network is trained."""
    return _n_different(task.data) < MIN_ROWS


def warn_too_small(task: ClassTask, deformation: Any) -> None:
    """Warn that real rows stand in: repeated, deformed (images) or perturbed (tables)."""
    warn(
        f"Class {task.name} has {len(task.data)} rows, of which {_n_different(task.data)} differ as the networks see "
        f"them: at least {MIN_ROWS} different ones are needed to train a GAN, so its real rows are "
        f"{'repeated' if deformation is None else 'deformed' if task.is_image else 'perturbed'} instead.",
        SmallClassWarning,
    )


def warn_of_no_network(task: ClassTask) -> None:
    """Warn that real images are deformed, and how to train a network nevertheless."""
    warn(
        f"Class {task.name}: no network is trained, since images of the other classes do not deform into one another. "
        "Among such images, as photographs are, a network was not found to add to deformed real ones. Set "
        "deformed_share=0.75 to train one, or to 1 to be told no more.",
        NoNetworkWarning,
    )


def tell_of_repeats(task: ClassTask, batch_size: int) -> None:
    """Print that a batch is larger than the class: the usual case, and no reason to warn."""
    if len(task.data) < batch_size:
        print(f"class {task.name}: {len(task.data)} rows, drawn with replacement for each batch of {batch_size}")
