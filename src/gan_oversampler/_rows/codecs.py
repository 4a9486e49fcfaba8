"""Rows of X <-> the float32 tensors that the networks see, and how images are told from tables."""

from __future__ import annotations

import math
from numbers import Integral
from typing import Any, Literal, Protocol

import numpy as np
from scipy.stats import norm
from sklearn.preprocessing import QuantileTransformer

ImageShape = tuple[int, ...]

MIN_AUTO_SIDE = 8
_ROWS_LOOKED_AT = 1000
_FARTHEST = 1e4


# -- images or a table ---------------------------------------------------------------------------------


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


# -- the codecs ----------------------------------------------------------------------------------------


class Codec(Protocol):
    """What the sampler needs of an encoding: there and back, and a state to save."""

    def encode(self, rows: np.ndarray) -> np.ndarray: ...

    def decode(self, tensors: np.ndarray) -> np.ndarray: ...

    def get_state(self) -> dict[str, np.ndarray]: ...


class ImageCodec:
    """Images of one class <-> float32 in [-1, 1], the extremes being the darkest and brightest pixel seen.

    Parameters
    ----------
    shape : tuple of int
        (H, W) or (H, W, C).
    low, high : float
        Range of the class.
    """

    def __init__(self, shape: ImageShape, low: float, high: float) -> None:
        self.shape, self.low, self.high = shape, float(low), float(high)

    @classmethod
    def fit(cls, rows: np.ndarray, shape: ImageShape) -> ImageCodec:
        """Codec for the images `rows`, ndarray of shape (n, ...)."""
        return cls(shape, rows.min(), rows.max())

    @property
    def tensor_shape(self) -> tuple[int, int, int]:
        """(H, W, C)."""
        height, width, *channels = self.shape
        return height, width, channels[0] if channels else 1

    def encode(self, rows: np.ndarray) -> np.ndarray:
        """Rows of shape (n, ...) as images of shape (n, H, W, C), float32: those of the class in [-1, 1]."""
        images = rows.reshape(len(rows), *self.tensor_shape)
        images = images.astype(np.float32) if images.dtype == np.float16 else images
        # Halves first: high - low could overflow. A constant class lies at -1.
        half = self.high / 2 - self.low / 2 or 1.0
        with np.errstate(over="ignore"):  # another class may lie beyond anything that this one's range can measure
            share = (images / 2 - self.low / 2) / half
        return np.clip(2 * share - 1, -_FARTHEST, _FARTHEST).astype(np.float32)

    def decode(self, tensors: np.ndarray) -> np.ndarray:
        """Images of shape (n, H, W, C) as flat rows of shape (n, p), float64 in the range of the class."""
        share = (np.clip(tensors.reshape(len(tensors), -1).astype(np.float64), -1, 1) + 1) / 2
        return np.clip(self.low * (1 - share) + self.high * share, self.low, self.high)

    def get_state(self) -> dict[str, np.ndarray]:
        """Arrays from which `from_state` makes this codec again."""
        return {"shape": np.array(self.shape), "range": np.array([self.low, self.high])}

    @classmethod
    def from_state(cls, state: dict[str, np.ndarray]) -> ImageCodec:
        """Codec from its state."""
        low, high = state["range"]
        return cls(tuple(int(side) for side in state["shape"]), low, high)


class TableCodec:
    """Table rows of one class <-> float32 with each column normal, of mean 0 and deviation 1.

    Each column goes through its own empirical distribution function to a normal one, as CTAB-GAN+ and TabDDPM
    found best for skewed columns; the way back can only give values between the lowest and highest one seen.

    Parameters
    ----------
    low, high : ndarray of shape (p,), float64
        Range of each column, which is brought to [0, 1] first: scikit-learn's transformer works with absolute
        tolerances.
    quantiles : ndarray of shape (n_quantiles, p), float64 in [0, 1]
    bound : float
        Normal score of the outermost rank; scikit-learn alone would put it at 5.2 even for ten rows.
    mean, scale : ndarray of shape (p,), float64
        Of the scores.
    """

    _FIELDS = ("low", "high", "quantiles", "bound", "mean", "scale")

    def __init__(
        self,
        low: np.ndarray,
        high: np.ndarray,
        quantiles: np.ndarray,
        bound: Any,
        mean: np.ndarray,
        scale: np.ndarray,
    ) -> None:
        self.low, self.high, self.quantiles = low, high, quantiles
        self.bound, self.mean, self.scale = float(bound), mean, scale
        n_quantiles = len(quantiles)
        self._transformer = QuantileTransformer(n_quantiles=n_quantiles, output_distribution="normal")
        self._transformer.quantiles_ = quantiles
        self._transformer.references_ = np.linspace(0, 1, n_quantiles)
        self._transformer.n_quantiles_ = n_quantiles
        self._transformer.n_features_in_ = quantiles.shape[1]

    @classmethod
    def fit(cls, rows: np.ndarray) -> TableCodec:
        """Codec for the table `rows`, ndarray of shape (n, p)."""
        rows = rows.astype(np.float64)
        low, high = rows.min(axis=0), rows.max(axis=0)
        ranks = np.linspace(0, 1, min(len(rows), 1000))
        quantiles = np.maximum.accumulate(np.quantile(_to_unit(rows, low, high), ranks, axis=0))
        codec = cls(low, high, quantiles, norm.isf(0.5 / len(rows)), np.zeros(1), np.ones(1))
        scores = codec._scores(rows)
        spread = scores.std(axis=0)
        codec.mean, codec.scale = scores.mean(axis=0), np.where(spread > 0, spread, 1.0)
        return codec

    @property
    def tensor_shape(self) -> tuple[int]:
        """(p,)."""
        return (self.quantiles.shape[1],)

    def _scores(self, rows: np.ndarray) -> np.ndarray:
        return np.clip(self._transformer.transform(_to_unit(rows, self.low, self.high)), -self.bound, self.bound)

    def encode(self, rows: np.ndarray) -> np.ndarray:
        """Rows of shape (n, p) as tensors of shape (n, p), float32."""
        return ((self._scores(rows.astype(np.float64)) - self.mean) / self.scale).astype(np.float32)

    def decode(self, tensors: np.ndarray) -> np.ndarray:
        """Tensors of shape (n, p) as rows of shape (n, p), float64, each column in the range of the class."""
        scores = tensors.astype(np.float64) * self.scale + self.mean
        # The outermost score stands for the extreme itself; push it out to where scikit-learn has it.
        is_inside = np.abs(scores) < self.bound * (1 - 1e-5)
        share = self._transformer.inverse_transform(np.where(is_inside, scores, np.sign(scores) * 10))
        return np.clip(self.low * (1 - share) + self.high * share, self.low, self.high)

    def get_state(self) -> dict[str, np.ndarray]:
        """Arrays from which `from_state` makes this codec again."""
        return {name: np.asarray(getattr(self, name)) for name in self._FIELDS}

    @classmethod
    def from_state(cls, state: dict[str, np.ndarray]) -> TableCodec:
        """Codec from its state."""
        return cls(**{name: state[name] for name in cls._FIELDS})


class RawCodec:
    """Rows as they are, for real rows that are repeated: not even rounded."""

    def encode(self, rows: np.ndarray) -> np.ndarray:
        """Rows of shape (n, ...) as flat rows of their own dtype: float64 has no room for all of int64."""
        return rows.reshape(len(rows), -1)

    def decode(self, tensors: np.ndarray) -> np.ndarray:
        """The rows themselves."""
        return tensors

    def get_state(self) -> dict[str, np.ndarray]:
        """Nothing to keep."""
        return {}


def _to_unit(rows: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Columns brought from [low, high] to [0, 1]; halves first, since high - low could overflow."""
    half = high / 2 - low / 2
    return np.clip((rows / 2 - low / 2) / np.where(half > 0, half, 1.0), 0, 1)


def codec_from_state(state: dict[str, np.ndarray]) -> Codec:
    """Codec from the state of any kind."""
    if not state:
        return RawCodec()
    return ImageCodec.from_state(state) if "shape" in state else TableCodec.from_state(state)


def finish(values: np.ndarray, whole: np.ndarray, limits: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Decoded values, rounded where they must be whole and held in what their dtype can carry.

    Parameters
    ----------
    values : ndarray of shape (n, p), float64, or of whole numbers
        Whole numbers come back as they are.
    whole : ndarray of shape (p,), bool
    limits : pair of ndarray of shape (p,), float64
    """
    if values.dtype.kind in "biu":
        return values
    return np.clip(np.where(whole, np.rint(values), values), *limits)
