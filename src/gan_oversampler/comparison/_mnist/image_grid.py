"""Grids of images: the data with their labels, and what each sampler adds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Shape = tuple[int, ...]


def draw_grid(
    images: npt.NDArray[Any], titles: Sequence[str] | None = None, columns: int = 10, heading: str = ""
) -> Any:
    """Draw images of shape (n, H, W) or (n, H, W, C) in a grid, a title above each; return the figure."""
    from matplotlib.figure import Figure

    n_rows = -(-len(images) // columns)
    figure = Figure(figsize=(columns * 0.8, n_rows * (1.0 if titles else 0.8) + 0.4), layout="constrained")
    axes = np.atleast_1d(figure.subplots(n_rows, columns)).ravel()
    for ax in axes:
        ax.set_axis_off()
    for i, image in enumerate(images):
        axes[i].imshow(image.squeeze(), cmap="gray", vmin=0, vmax=1)
        if titles:
            axes[i].set_title(titles[i], fontsize=9)
    figure.suptitle(heading, fontsize=10)
    return figure


def save_grid(path: Path, rows: npt.NDArray[Any], shape: Shape, **drawing: Any) -> None:
    """Write a grid of flat images in [0, 1] to a PNG file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draw_grid(rows.reshape(len(rows), *shape), **drawing).savefig(path, dpi=110)
