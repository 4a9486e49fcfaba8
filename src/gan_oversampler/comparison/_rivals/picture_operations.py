"""The fourteen operations that RandAugment and TrivialAugment choose from, each on one picture of Pillow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PIL import Image, ImageEnhance, ImageOps

Picture = Any


def _affine(picture: Picture, x: tuple[float, float, float], y: tuple[float, float, float]) -> Picture:
    return picture.transform(picture.size, Image.Transform.AFFINE, (*x, *y))


def _shear_x(picture: Picture, amount: float) -> Picture:
    return _affine(picture, (1, amount, 0), (0, 1, 0))


def _shear_y(picture: Picture, amount: float) -> Picture:
    return _affine(picture, (1, 0, 0), (amount, 1, 0))


def _translate_x(picture: Picture, share: float) -> Picture:
    return _affine(picture, (1, 0, round(share * picture.width)), (0, 1, 0))


def _translate_y(picture: Picture, share: float) -> Picture:
    return _affine(picture, (1, 0, 0), (0, 1, round(share * picture.height)))


def _rotate(picture: Picture, degrees: float) -> Picture:
    return picture.rotate(degrees)


def _enhance(enhancer: Callable[[Picture], Any]) -> Callable[[Picture, float], Picture]:
    return lambda picture, amount: enhancer(picture).enhance(1 + amount)


def _posterize(picture: Picture, lost_bits: float) -> Picture:
    return ImageOps.posterize(picture, 8 - round(lost_bits))


def _solarize(picture: Picture, share: float) -> Picture:
    return ImageOps.solarize(picture, round(256 * (1 - share)))


@dataclass(frozen=True)
class Operation:
    """One operation and how far it goes.

    Attributes
    ----------
    apply : callable
        Takes a picture and an amount; returns a picture of the same size and mode.
    wide, narrow : float
        The greatest amount in TrivialAugment's wide space, and in RandAugment's. The least is 0, which changes
        nothing.
    signed : bool
        Whether the amount is negative in half of all cases.
    """

    apply: Callable[[Picture, float], Picture]
    wide: float = 0.0
    narrow: float = 0.0
    signed: bool = False


# The ranges are those of the authors' code for TrivialAugment; translations there are in pixels of 32.
OPERATIONS = {
    "identity": Operation(lambda picture, _: picture),
    "auto contrast": Operation(lambda picture, _: ImageOps.autocontrast(picture)),
    "equalize": Operation(lambda picture, _: ImageOps.equalize(picture)),
    "rotate": Operation(_rotate, 135, 30, signed=True),
    "solarize": Operation(_solarize, 1, 1),
    "posterize": Operation(_posterize, 6, 4),
    "color": Operation(_enhance(ImageEnhance.Color), 0.99, 0.9, signed=True),
    "contrast": Operation(_enhance(ImageEnhance.Contrast), 0.99, 0.9, signed=True),
    "brightness": Operation(_enhance(ImageEnhance.Brightness), 0.99, 0.9, signed=True),
    "sharpness": Operation(_enhance(ImageEnhance.Sharpness), 0.99, 0.9, signed=True),
    "shear x": Operation(_shear_x, 0.99, 0.3, signed=True),
    "shear y": Operation(_shear_y, 0.99, 0.3, signed=True),
    "translate x": Operation(_translate_x, 1, 10 / 32, signed=True),
    "translate y": Operation(_translate_y, 1, 10 / 32, signed=True),
}
