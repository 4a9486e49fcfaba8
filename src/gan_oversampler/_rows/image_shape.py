"""Image or table: the shape that flat rows prove to have, and channels that come first where last is read."""

from __future__ import annotations

import math
from collections.abc import Iterator
from numbers import Integral
from operator import itemgetter
from typing import Any, Literal, NamedTuple

import numpy as np

ImageShape = tuple[int, ...]

MIN_SIDE = 4
MIN_AUTO_SIDE = 8
_MOST_CHANNELS = 4  # grey, grey with alpha, colour, colour with alpha
_NARROW = 8  # a last axis below this, or below twice this against a very long one, is hardly one of pixels
_ROWS_LOOKED_AT, _VALUES_LOOKED_AT = 1000, 2**22
# In the wrong reading neighbours are less alike, by this factor or more; digits: .3, photographs: .7 to .9.
_CLEARLY_LESS = 0.95

# -- how well rows fit as images -------------------------------------------------------------------------


def _some_standardised(rows: np.ndarray) -> np.ndarray:
    """Columns of some of the rows, float64, of mean 0 and length 1; NaN where a column never varies."""
    n_most = max(100, min(_ROWS_LOOKED_AT, _VALUES_LOOKED_AT // rows.shape[1]))
    some = rows[:: max(1, len(rows) // n_most)].astype(np.float64)
    some /= np.abs(some).max() or 1.0  # no square of theirs overflows or vanishes
    varies = np.ptp(some, axis=0) > 0
    some -= some.mean(axis=0)
    return np.divide(some, np.linalg.norm(some, axis=0), out=np.full_like(some, np.nan), where=varies)


def _correlations(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Absolute correlation of each column of `a` with its counterpart in `b`; NaN where one never varies."""
    return np.abs(np.einsum("n...,n...->...", a, b))


def _mean_known(correlations: np.ndarray) -> float:
    known = correlations[~np.isnan(correlations)]
    return float(known.mean()) if known.size else 0.0


def _proves_images(below: float, beside: float, anywhere: float, across_break: float) -> bool:
    """Whether mean correlations are those of images.

    In an image a pixel resembles its neighbours below and beside it, and resembles neither a pixel picked at
    random nor, across the line break, the first pixel of the next row. A table fails the first test. A time
    series folded into a square, periodic or not, fails the last: its line breaks are no different from any
    other step.
    """
    neighbours = min(below, beside)
    return neighbours > 0.25 and neighbours > 1.3 * anywhere and beside > 1.15 * across_break


class _Fit(NamedTuple):
    """How much pixels resemble those below and beside them, and whether this proves images."""

    likeness: float
    is_image: bool


def _fit_as_images(grid: np.ndarray) -> _Fit:
    """Check a grid of columns for the properties of images.

    Parameters
    ----------
    grid : ndarray of shape (n, s, s, C), standardised columns
    """
    side = grid.shape[1]
    pixels = grid.reshape(len(grid), side * side, -1)
    below = _mean_known(_correlations(grid[:, 1:], grid[:, :-1]))
    beside = _mean_known(_correlations(grid[:, :, 1:], grid[:, :, :-1]))
    anywhere = _mean_known(_correlations(pixels, pixels[:, np.random.default_rng(0).permutation(side * side)]))
    across_break = float(np.nan_to_num(_correlations(grid[:, 1:, 0], grid[:, :-1, -1])).mean())
    return _Fit(min(below, beside), _proves_images(below, beside, anywhere, across_break))


def _read(columns: np.ndarray, shape: ImageShape, channels_first: bool) -> np.ndarray:
    """Columns laid out as a grid of shape (n, H, W, C)."""
    height, width, channels = (*shape, 1)[:3]
    if channels_first:
        return np.moveaxis(columns.reshape(-1, channels, height, width), 1, -1)
    return columns.reshape(-1, height, width, channels)


# -- flat rows -------------------------------------------------------------------------------------------


def _square_shapes(n_columns: int) -> Iterator[ImageShape]:
    """Square images of one to four channels that have this many values."""
    for channels in range(1, _MOST_CHANNELS + 1):
        side = math.isqrt(n_columns // channels)
        if side >= MIN_AUTO_SIDE and side * side * channels == n_columns:
            yield (side, side) if channels == 1 else (side, side, channels)


def _channels_first_error(shape: ImageShape, values: str, otherwise: str) -> ValueError:
    height, width, channels = shape
    return ValueError(
        f"X seems to hold images with the channels first, {channels} x {height} x {width}, but they are read with the "
        f"channels last: give np.moveaxis({values}, 1, -1) in place of X, or {otherwise}."
    )


def _flat_channels_first_error(shape: ImageShape, otherwise: str) -> ValueError:
    height, width, channels = shape
    return _channels_first_error(shape, f"np.reshape(X, (-1, {channels}, {height}, {width}))", otherwise)


def infer_image_shape(rows: np.ndarray) -> ImageShape | None:
    """Image shape that flat rows prove to have, or None for a table.

    Parameters
    ----------
    rows : ndarray of shape (n, p)

    Raises
    ------
    ValueError
        Where the channels come first.
    """
    shapes = list(_square_shapes(rows.shape[1]))
    if len(rows) < 2 or not shapes:
        return None
    columns = _some_standardised(rows)
    readings = [(shape, first) for shape in shapes for first in ([False, True] if len(shape) == 3 else [False])]
    # A wrong reading may look like images, too: only the one in which neighbours are most alike is used.
    fit, (shape, channels_first) = max(((_fit_as_images(_read(columns, *r)), r) for r in readings), key=itemgetter(0))
    if not fit.is_image:
        return None
    if channels_first:
        raise _flat_channels_first_error(shape, "image_shape=None to have X taken for a table")
    return shape


def _check_channels_last(rows: np.ndarray, shape: ImageShape) -> None:
    """Refuse a shape that the user gave where channels first clearly fits better."""
    if len(shape) < 3 or shape[2] == 1 or len(rows) < 2:
        return
    columns = _some_standardised(rows)
    first, last = (_fit_as_images(_read(columns, shape, is_first)) for is_first in (True, False))
    if first.is_image and last.likeness < _CLEARLY_LESS * first.likeness:
        raise _flat_channels_first_error(shape, f"X.reshape(-1, {', '.join(map(str, shape))}) if they are last")


def _checked_shape(image_shape: ImageShape, n_columns: int) -> ImageShape:
    """The user's image shape for flat rows, as plain numbers."""
    are_whole = all(isinstance(side, Integral) and side >= 1 for side in image_shape)
    if len(image_shape) not in (2, 3) or not are_whole:
        raise ValueError(f"image_shape must be (H, W) or (H, W, C) in pixels, but {image_shape!r} was given.")
    shape = tuple(int(side) for side in image_shape)
    if math.prod(shape) != n_columns:
        raise ValueError(
            f"image_shape={shape} needs rows of {math.prod(shape)} values, but the rows of X have "
            f"{n_columns}: give the shape of one image, or None for a table."
        )
    return shape


# -- images in 3 or 4 dimensions --------------------------------------------------------------------------------


def _has_channels_first(shape: ImageShape) -> bool:
    """Whether (H, W, C) would be a low strip of very many channels, and (C, H, W) an image."""
    if len(shape) < 3:
        return False
    channels, low, high = shape[0], min(shape[1:]), max(shape[1:])
    return channels < MIN_SIDE <= low or (2 * channels <= low and high <= 2 * low)


def _may_be_series(shape: ImageShape) -> bool:
    """Whether (H, W) is so narrow that it may be H steps of W sensors, which a deformation of images would mix."""
    if len(shape) > 2 or min(shape) < MIN_SIDE:
        return False
    height, width = shape
    return (width < _NARROW and height >= 3 * width) or (width < 2 * _NARROW and height >= 10 * width)


def _series_error(shape: ImageShape) -> ValueError:
    height, width = shape
    return ValueError(
        f"X of shape (n, {height}, {width}) may hold series, {height} steps of {width} sensors, or images {width} "
        f"pixels wide: give X.reshape(len(X), -1) and image_shape=None for series, or image_shape=({height}, {width}) "
        "for images."
    )


def _shape_of_images(rows: np.ndarray, image_shape: Any) -> ImageShape:
    own, is_auto = tuple(rows.shape[1:]), isinstance(image_shape, str)
    if image_shape is None or (not is_auto and tuple(image_shape) != own):
        raise ValueError(
            f"X holds images of shape {own}, but image_shape={image_shape!r} was given: leave image_shape at "
            "'auto', or give X.reshape(len(X), -1) for a table."
        )
    if is_auto and _may_be_series(own):
        raise _series_error(own)
    if _has_channels_first(own) and (is_auto or own[0] < MIN_SIDE):
        raise _channels_first_error((*own[1:], own[0]), "X", f"image_shape={own} if that is height, width, channels")
    return _check_sides(own)


def _check_sides(shape: ImageShape) -> ImageShape:
    if min(shape[:2]) < MIN_SIDE:
        raise ValueError(
            f"Images must be at least 4 pixels high and wide, but these are {shape[:2]}: give "
            "X.reshape(len(X), -1) and image_shape=None to have series, or other rows, taken for a table."
        )
    return shape


def resolve_image_shape(rows: np.ndarray, image_shape: Literal["auto"] | ImageShape | None) -> ImageShape | None:
    """Image shape (H, W) or (H, W, C) to use for `rows`, or None for a table.

    Raises
    ------
    ValueError
        Where `image_shape` contradicts the rows, the channels come first, or the rows may be series.
    """
    if rows.ndim > 2:
        return _shape_of_images(rows, image_shape)
    if image_shape is None:
        return None
    if isinstance(image_shape, str):
        return infer_image_shape(rows)
    shape = _checked_shape(image_shape, rows.shape[1])
    if _has_channels_first(shape):
        raise _flat_channels_first_error((*shape[1:], shape[0]), "the shape as (height, width, channels)")
    _check_channels_last(rows, _check_sides(shape))
    return shape
