"""Images one by one, as users hold them: lists of arrays or PIL images."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from gan_oversampler._rows.containers.container import Container, RowFormat
from gan_oversampler._rows.containers.lists import ListOfRows

# Modes that the shape and dtype of an array name, so that Image.fromarray gives them back.
_PIL_MODES = ("1", "L", "LA", "RGB", "RGBA", "I;16", "I", "F")
_ARRAYS, _PIL_IMAGES = "images", "PIL images"
_GREY_DTYPES = ("bool", "uint8", "uint16", "int32", "float32")
_CONVERT, _RESIZE = "convert them, for example with image.convert('RGB')", "resize them, for example with image.resize"
_RESHAPE = "bring them to one size and to the same channels, for example with PIL.Image.fromarray(image).resize"


def is_pil(image: Any) -> bool:
    """Whether this is a PIL image; PIL is not imported to find out."""
    module = sys.modules.get("PIL.Image")
    return module is not None and isinstance(image, module.Image)


def _look_of_array(image: Any) -> tuple[Any, ...]:
    if not isinstance(image, np.ndarray):
        raise ValueError(
            f"X must hold arrays only, as its first image is one, but it holds a {type(image).__name__} too: convert "
            "it with np.asarray(image)."
        )
    return image.shape


def _look_of_pil(image: Any) -> tuple[Any, ...]:
    if not is_pil(image):
        raise ValueError(
            f"X must hold PIL images only, as its first image is one, but it holds a {type(image).__name__} too: "
            "convert it with PIL.Image.fromarray(image)."
        )
    return image.mode, image.size


def _check_alike(looks: list[tuple[Any, ...]], mend: dict[str, str]) -> None:
    """Refuse images of which one looks other than the first; what to do stands behind what they look like."""
    for i, look in enumerate(looks):
        for (name, advice), own, first in zip(mend.items(), look, looks[0], strict=True):
            if own != first:
                raise ValueError(
                    f"X must hold images of one {name}, but that of the first is {first} and that of image {i} is "
                    f"{own}: {advice}."
                )


class ListOfPictures(ListOfRows):
    """A list of images, which are all alike: arrays of shape (H, W) or (H, W, C), or PIL images."""

    kinds = (_ARRAYS, _PIL_IMAGES)

    @classmethod
    def holds(cls, X: Any) -> bool:
        """Whether X is such a list, by its first image."""
        is_list = isinstance(X, list | tuple) and len(X) > 0
        return is_list and (is_pil(X[0]) or (isinstance(X[0], np.ndarray) and X[0].ndim > 1))

    @property
    def kind(self) -> str:
        return _ARRAYS if isinstance(self.X[0], np.ndarray) else _PIL_IMAGES

    def _stacked(self) -> np.ndarray:
        if self.kind == _ARRAYS:
            _check_alike([(_look_of_array(image),) for image in self.X], {"shape": _RESHAPE})
            return np.stack(self.X)
        looks = [_look_of_pil(image) for image in self.X]
        _check_alike(looks, {"mode": _CONVERT, "size": _RESIZE})
        if (mode := looks[0][0]) not in _PIL_MODES:
            known = ", ".join(_PIL_MODES)
            raise ValueError(f"X holds PIL images of mode {mode}, which is none of {known}: {_CONVERT}.")
        return np.stack([np.asarray(image) for image in self.X])

    @classmethod
    def misfit(cls, kind: str, row_shape: tuple[int, ...], dtype: str) -> str:
        if kind == _ARRAYS or len(row_shape) == 2:
            can_be = len(row_shape) in (2, 3) and (kind == _ARRAYS or dtype in _GREY_DTYPES)
        else:
            can_be = len(row_shape) == 3 and row_shape[2] in (2, 3, 4) and dtype == "uint8"
        return "" if can_be else "shape of the images"

    @classmethod
    def build(cls, numbers: np.ndarray, form: RowFormat) -> list[Any]:
        images = Container.build(numbers, form)
        if form.kind == _ARRAYS:
            return [image.copy() for image in images]
        from PIL import Image

        return [Image.fromarray(image) for image in images]

    def append(self, new: list[Any]) -> list[Any]:
        return [*(image.copy() for image in self.X), *new]
