"""Rows of X <-> the float32 tensors that the networks see."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from scipy.stats import norm
from sklearn.preprocessing import QuantileTransformer

from gan_oversampler._rows.image_shape import ImageShape

_FARTHEST = 1e4


# -- images or a table ---------------------------------------------------------------------------------


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
