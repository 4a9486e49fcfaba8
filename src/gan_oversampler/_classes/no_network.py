"""Classes that get no network, are small for one or need none, and what the user is told."""

from __future__ import annotations

from typing import Any

import numpy as np

from gan_oversampler._classes.task import ClassTask
from gan_oversampler._utils.warnings import warn
from gan_oversampler.exceptions import SmallClassWarning

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


def tell_where_as_good(task: ClassTask, deformation: Any) -> None:
    """Print which sampler was measured to be as good on such rows, and is quicker; nothing of images like digits.

    Photographs do not deform into one another: see benchmarks/network_trials.md. Tables: see benchmarks/tables.md.
    """
    if task.is_image and not task.is_like_photographs(deformation):
        return
    rows = "images that do not deform into one another, as photographs" if task.is_image else "tables"
    print(f"class {task.name}: on {rows}, DeformationOverSampler was measured to be as good, without a network.")


def tell_of_repeats(task: ClassTask, batch_size: int) -> None:
    """Print that a batch is larger than the class: the usual case, and no reason to warn."""
    if len(task.data) < batch_size:
        print(f"class {task.name}: {len(task.data)} rows, drawn with replacement for each batch of {batch_size}")
