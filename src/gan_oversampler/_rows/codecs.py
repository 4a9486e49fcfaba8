"""Rows of X <-> the float32 tensors that the networks see: images, and rows as they are."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from gan_oversampler._rows.image_shape import ImageShape
from gan_oversampler._rows.tables import TableCodec

_FARTHEST = 1e4


class Codec(Protocol):
    """An encoding: rows to tensors, tensors to rows, and a state to save."""

    def encode(self, rows: np.ndarray) -> np.ndarray: ...

    def decode(self, tensors: np.ndarray) -> np.ndarray: ...

    def get_state(self) -> dict[str, np.ndarray]: ...


class ImageCodec:
    """Images of one class <-> float32 in [-1, 1], from the darkest to the brightest pixel seen.

    Parameters
    ----------
    shape : tuple of int
        (H, W) or (H, W, C).
    low, high : float
        Range of the class.
    constant : dict
        Channel -> its value, of channels that have only one (an alpha channel of 255, say).
    is_grey : bool
        Whether the first three channels are the same in all images.
    """

    def __init__(
        self,
        shape: ImageShape,
        low: float,
        high: float,
        constant: dict[int, float] | None = None,
        is_grey: bool = False,
    ) -> None:
        self.shape, self.low, self.high = shape, float(low), float(high)
        self.constant, self.is_grey = constant or {}, is_grey

    @classmethod
    def fit(cls, rows: np.ndarray, shape: ImageShape) -> ImageCodec:
        """Codec for the images `rows`, ndarray of shape (n, ...)."""
        channels = np.moveaxis(rows.reshape(len(rows), -1, (*shape, 1)[2]), -1, 0)
        constant = {i: float(c.flat[0]) for i, c in enumerate(channels) if c.min() == c.max()}
        is_grey = len(channels) > 2 and all(np.array_equal(channels[0], channel) for channel in channels[1:3])
        return cls(shape, rows.min(), rows.max(), constant, is_grey)

    @property
    def tensor_shape(self) -> tuple[int, int, int]:
        """(H, W, C)."""
        height, width, *channels = self.shape
        return height, width, channels[0] if channels else 1

    def encode(self, rows: np.ndarray) -> np.ndarray:
        """Rows of shape (n, ...) as images of shape (n, H, W, C), float32: those of the class in [-1, 1]."""
        images = rows.reshape(len(rows), *self.tensor_shape)
        if images.dtype == np.uint8:  # each of the 256 values once: the same bits in a tenth of the time
            return self._encoded(np.arange(256, dtype=np.uint8))[images]
        return self._encoded(images.astype(np.float32) if images.dtype == np.float16 else images)

    def _encoded(self, images: np.ndarray) -> np.ndarray:
        """Pixels of any shape, encoded."""
        # Halves first: high - low could overflow. A constant class lies at -1.
        half = self.high / 2 - self.low / 2 or 1.0
        with np.errstate(over="ignore"):  # another class may lie beyond anything that this one's range can measure
            share = (images / 2 - self.low / 2) / half
        return np.clip(2 * share - 1, -_FARTHEST, _FARTHEST).astype(np.float32)

    def decode(self, tensors: np.ndarray) -> np.ndarray:
        """Images of shape (n, H, W, C) as flat rows of shape (n, p), float64 in the range of the class."""
        share = (np.clip(tensors.reshape(len(tensors), -1).astype(np.float64), -1, 1) + 1) / 2
        rows = np.clip(self.low * (1 - share) + self.high * share, self.low, self.high)
        self._keep_channels(rows.reshape(len(rows), -1, self.tensor_shape[2]))
        return rows

    def _keep_channels(self, pixels: np.ndarray) -> None:
        """Give pixels, of shape (n, H W, C), what holds of the channels of all images."""
        if self.is_grey:
            pixels[..., 1:3] = pixels[..., :1]
        for channel, value in self.constant.items():
            pixels[..., channel] = value

    def get_state(self) -> dict[str, np.ndarray]:
        """Arrays from which `from_state` restores this codec."""
        return {
            "shape": np.array(self.shape),
            "range": np.array([self.low, self.high]),
            "constant_channels": np.array(list(self.constant), np.int64),
            "constant_values": np.array(list(self.constant.values()), np.float64),
            "is_grey": np.array(self.is_grey),
        }

    @classmethod
    def from_state(cls, state: dict[str, np.ndarray]) -> ImageCodec:
        """Codec from its state."""
        low, high = state["range"]
        names = ("constant_channels", "constant_values")
        channels, values = (state.get(name, np.empty(0)).tolist() for name in names)  # not in the first files
        constant = dict(zip(channels, values, strict=True))
        shape = tuple(int(side) for side in state["shape"])
        return cls(shape, low, high, constant, bool(state.get("is_grey", False)))


class RawCodec:
    """Rows unchanged, not even rounded, for real rows that are repeated."""

    def encode(self, rows: np.ndarray) -> np.ndarray:
        """Rows of shape (n, ...) as flat rows of their own dtype: float64 has no room for all of int64."""
        return rows.reshape(len(rows), -1)

    def decode(self, tensors: np.ndarray) -> np.ndarray:
        """The rows themselves."""
        return tensors

    def get_state(self) -> dict[str, np.ndarray]:
        """Nothing to keep."""
        return {}


def codec_from_state(state: dict[str, np.ndarray]) -> Codec:
    """Codec from the state of any kind."""
    if not state:
        return RawCodec()
    return ImageCodec.from_state(state) if "shape" in state else TableCodec.from_state(state)


def finish(values: np.ndarray, whole: np.ndarray, limits: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Decoded values, rounded where they must be whole and clipped to the range of their dtype.

    Parameters
    ----------
    values : ndarray of shape (n, p), float64, or of whole numbers
        Whole numbers come back unchanged, and so do all values where no dtype limits them.
    whole : ndarray of shape (p,), bool
    limits : pair of ndarray of shape (p,), float64
    """
    if values.dtype.kind in "biu" or not (whole.any() or np.isfinite(limits).any()):
        return values
    return np.clip(np.where(whole, np.rint(values), values), *limits)
