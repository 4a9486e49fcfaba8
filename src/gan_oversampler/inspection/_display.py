"""Shared by every Display: colours, axes, and pictures in a grid."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Floats = NDArray[np.floating[Any]]

# Okabe and Ito's palette, distinct for any colour vision: https://jfly.uni-koeln.de/color/
REAL, GENERATED, THIRD = "#0072B2", "#D55E00", "#009E73"
PALETTE = (REAL, THIRD, "#CC79A7", "#E69F00", "#56B4E9", "#F0E442")
MUTED = "0.6"


def new_axes(ax: Axes | None, width: float, height: float) -> Axes:
    """The axes given, or those of a new figure of this size in inches."""
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    return plt.subplots(figsize=(width, height), layout="constrained")[1]


def new_panels(ax: Axes | None, shape: tuple[int, int], width: float, height: float) -> NDArray[Any]:
    """A grid of axes, in a new figure or in the place of the axes given: ndarray of this shape."""
    import matplotlib.pyplot as plt

    if ax is None:
        return plt.subplots(*shape, figsize=(width, height), layout="constrained", squeeze=False)[1]
    place = ax.get_subplotspec()
    if place is None:
        raise ValueError("ax must be one of plt.subplots(), so that it can be divided, but it has no place in a grid.")
    ax.set_axis_off()
    grid = place.subgridspec(*shape)
    cells = [[ax.figure.add_subplot(grid[i, j]) for j in range(shape[1])] for i in range(shape[0])]
    return np.array(cells, dtype=object)


@dataclass
class Display:
    """A picture that keeps what it draws, and remembers the axes it drew on.

    Attributes
    ----------
    ax_, figure_ : matplotlib objects, after `plot`
    """

    ax_: Axes | None = field(default=None, init=False, repr=False)
    figure_: Figure | None = field(default=None, init=False, repr=False)

    def _drawn_on(self, ax: Axes) -> Self:
        self.ax_, self.figure_ = ax, ax.figure  # type: ignore[assignment]
        return self


@dataclass
class PanelsDisplay:
    """The same for a picture of several panels.

    Attributes
    ----------
    axes_ : ndarray of matplotlib Axes, after `plot`
    figure_ : matplotlib Figure, after `plot`
    """

    axes_: NDArray[Any] | None = field(default=None, init=False, repr=False)
    figure_: Figure | None = field(default=None, init=False, repr=False)

    def _drawn_on(self, axes: NDArray[Any]) -> Self:
        self.axes_, self.figure_ = axes, axes.flat[0].figure
        return self


# -- pictures in a grid ----------------------------------------------------------------------------------


def as_pictures(images: NDArray[Any], low: float, high: float) -> Floats:
    """Images of shape (n, H, W, C) as ndarray of shape (n, H, W, 3), float in [0, 1].

    One channel is shown grey. Two channels, or more than three, are shown as their mean.
    """
    scaled = np.clip((images.astype(np.float64) - low) / ((high - low) or 1.0), 0, 1)
    return scaled if scaled.shape[-1] == 3 else np.repeat(scaled.mean(axis=-1, keepdims=True), 3, axis=-1)


def _offsets(n: int, size: int, breaks: tuple[int, ...]) -> NDArray[np.int_]:
    """Where each of n tiles of this size begins; a wider gap lies in front of the tiles in `breaks`."""
    narrow, wide = max(1, size // 14), max(2, size // 3)
    gaps = np.array([0] + [wide if i in breaks else narrow for i in range(1, n)])
    return np.arange(n) * size + np.cumsum(gaps)


@dataclass
class Mosaic:
    """Pictures laid out in rows and columns, on a transparent ground.

    Parameters
    ----------
    tiles : ndarray of shape (n_rows, n_columns, H, W, 3), float in [0, 1]; NaN leaves a place empty
    row_breaks, column_breaks : tuple of int
        Rows and columns in front of which a wider gap lies.
    """

    tiles: Floats
    row_breaks: tuple[int, ...] = ()
    column_breaks: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        n_rows, n_columns, self.height, self.width = self.tiles.shape[:4]
        self.tops = _offsets(n_rows, self.height, self.row_breaks)
        self.lefts = _offsets(n_columns, self.width, self.column_breaks)

    def canvas(self) -> Floats:
        """Ndarray of shape (height, width, 4): red, green, blue and opacity."""
        canvas = np.zeros((self.tops[-1] + self.height, self.lefts[-1] + self.width, 4))
        for top, row in zip(self.tops, self.tiles, strict=True):
            for left, tile in zip(self.lefts, row, strict=True):
                place = canvas[top : top + self.height, left : left + self.width]
                place[..., :3], place[..., 3] = np.nan_to_num(tile), ~np.isnan(tile).any(axis=-1)
        return canvas

    def draw(self, ax: Axes, row_names: list[str]) -> None:
        """Show the canvas, with a name beside each row."""
        ax.imshow(self.canvas(), interpolation="nearest")
        ax.set_xticks([])
        ax.set_yticks(self.tops + (self.height - 1) / 2, row_names)
        ax.tick_params(length=0)
        ax.spines[:].set_visible(False)

    def size(self, inches_a_tile: float) -> tuple[float, float]:
        """Width and height of a figure in which a tile is this wide, the names beside the rows included."""
        unit = inches_a_tile / self.width
        return (self.lefts[-1] + self.width) * unit + 1.3, (self.tops[-1] + self.height) * unit + 0.6
