"""The progress bar of a fit, one a class, in a terminal and in a notebook."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np


@contextmanager
def training_bar(title: str, total: int, verbose: bool) -> Iterator[Callable[[int, np.ndarray], None]]:
    """Bar with both losses, the discriminator's accuracy and the time left.

    Yields
    ------
    on_step : callable
        Takes the step and that step's losses and accuracy; does nothing unless `verbose`.
    """
    if not verbose:
        yield lambda step, metrics: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[losses]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns) as progress:
        task = progress.add_task(title, total=total, losses="")

        def on_step(step: int, metrics: np.ndarray) -> None:
            generator, discriminator, accuracy = metrics
            losses = f"G {generator:.2f}  D {discriminator:.2f}  D right {accuracy:.0%}"
            progress.update(task, completed=step, losses=losses)

        yield on_step
