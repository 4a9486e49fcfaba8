"""Image or table: the image shape that flat rows prove to have."""

from __future__ import annotations

import math
from numbers import Integral
from typing import Any, Literal

import numpy as np

ImageShape = tuple[int, ...]


MIN_AUTO_SIDE = 8


_ROWS_LOOKED_AT = 1000


def _mean_correlation(a: np.ndarray, b: np.ndarray) -> float:
    """Mean absolute correlation, over the rows, of the columns of `a` with those of `b`.

    A column that never varies counts as correlated with nothing.
    """
    a, b = (values.reshape(len(values), -1) for values in (a, b))
    a, b = a - a.mean(axis=0), b - b.mean(axis=0)
    spread = np.sqrt((a**2).sum(axis=0) * (b**2).sum(axis=0))
    covariance = np.abs((a * b).sum(axis=0))
    return float(np.divide(covariance, spread, out=np.zeros_like(spread), where=spread > 0).mean())


def _mean_varying_correlation(a: np.ndarray, b: np.ndarray) -> float:
    """The same over the pairs in which both columns vary."""
    varies = (np.ptp(a, axis=0) > 0) & (np.ptp(b, axis=0) > 0)
    return _mean_correlation(a[:, varies], b[:, varies]) if varies.any() else 0.0


def columns_form_images(grid: np.ndarray) -> bool:
    """Whether columns laid out as a grid prove to be images.

    In an image a pixel resembles its neighbours below and beside it, and resembles neither a pixel picked at
    random nor, across the line break, the first pixel of the next row. A table fails the first test. A time
    series folded into a square, periodic or not, fails the last: its line breaks are no different from any
    other step.

    Parameters
    ----------
    grid : ndarray of shape (n, s, s, C), float64
    """
    side = grid.shape[1]
    pixels = grid.reshape(len(grid), side * side, -1)
    rng = np.random.default_rng(0)
    below = _mean_varying_correlation(grid[:, 1:], grid[:, :-1])
    beside = _mean_varying_correlation(grid[:, :, 1:], grid[:, :, :-1])
    anywhere = _mean_varying_correlation(pixels, pixels[:, rng.permutation(side * side)])
    across_break = _mean_correlation(grid[:, 1:, 0], grid[:, :-1, -1])
    neighbours = min(below, beside)
    return neighbours > 0.25 and neighbours > 1.3 * anywhere and beside > 1.15 * across_break


def _square_shapes(n_columns: int) -> list[ImageShape]:
    """Grey or three-channel square images that have this many values."""
    shapes: list[ImageShape] = []
    for channels in (1, 3):
        side = round((n_columns / channels) ** 0.5)
        if side >= MIN_AUTO_SIDE and side * side * channels == n_columns:
            shapes.append((side, side) if channels == 1 else (side, side, channels))
    return shapes


def infer_image_shape(rows: np.ndarray) -> ImageShape | None:
    """Image shape that flat rows prove to have, or None for a table.

    Parameters
    ----------
    rows : ndarray of shape (n, p)
    """
    if len(rows) < 2:
        return None
    shapes = _square_shapes(rows.shape[1])
    some = _some_scaled(rows) if shapes else rows
    for shape in shapes:
        side, channels = shape[0], rows.shape[1] // shape[0] ** 2
        if columns_form_images(some.reshape(len(some), side, side, channels)):
            return shape
    return None


def _some_scaled(rows: np.ndarray) -> np.ndarray:
    """About 1,000 of the rows, float64 in [-1, 1], so that no square of theirs overflows or vanishes."""
    some = rows[:: max(1, len(rows) // _ROWS_LOOKED_AT)].astype(np.float64)
    return some / (np.abs(some).max() or 1.0)


def resolve_image_shape(rows: np.ndarray, image_shape: Literal["auto"] | ImageShape | None) -> ImageShape | None:
    """Image shape (H, W) or (H, W, C) to use for `rows`, or None for a table.

    Raises
    ------
    ValueError
        Where `image_shape` contradicts the rows.
    """
    if rows.ndim > 2:
        return _shape_of_images(rows, image_shape)
    if image_shape is None:
        return None
    if isinstance(image_shape, str):
        return infer_image_shape(rows)
    are_whole = all(isinstance(side, Integral) and side >= 1 for side in image_shape)
    if len(image_shape) not in (2, 3) or not are_whole:
        raise ValueError(f"image_shape must be (H, W) or (H, W, C) in pixels, but {image_shape!r} was given.")
    shape = tuple(int(side) for side in image_shape)
    if math.prod(shape) != rows.shape[1]:
        raise ValueError(
            f"image_shape={shape} needs rows of {math.prod(shape)} values, but the rows of X have "
            f"{rows.shape[1]}: give the shape of one image, or None for a table."
        )
    return _check_sides(shape)


def _shape_of_images(rows: np.ndarray, image_shape: Any) -> ImageShape:
    own = tuple(rows.shape[1:])
    if image_shape is None or (not isinstance(image_shape, str) and tuple(image_shape) != own):
        raise ValueError(
            f"X holds images of shape {own}, but image_shape={image_shape!r} was given: leave image_shape at "
            "'auto', or reshape X to (n_samples, n_features)."
        )
    return _check_sides(own)


def _check_sides(shape: ImageShape) -> ImageShape:
    if min(shape[:2]) < 4:
        raise ValueError(
            f"Images must be at least 4 pixels high and wide, but these are {shape[:2]}: flatten them to "
            "(n_samples, n_features) and pass image_shape=None to treat them as a table."
        )
    return shape
