"""Images one by one, as users hold them: lists of arrays or PIL images, stacked for us and handed back as they came."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import numpy as np

# Modes that the shape and dtype of an array name, so that Image.fromarray gives them back.
_PIL_MODES = ("1", "L", "LA", "RGB", "RGBA", "I;16", "I", "F")
_GREY_DTYPES = ("bool", "uint8", "uint16", "int32", "float32")
_SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp"}
ARRAYS, PIL_IMAGES = "images", "PIL images"


def is_pil(image: Any) -> bool:
    """Whether this is a PIL image; PIL is not imported to find out."""
    module = sys.modules.get("PIL.Image")
    return module is not None and isinstance(image, module.Image)


def kind_of(X: Any) -> str | None:
    """What a list of images holds, by its first: "images" (arrays) or "PIL images"; None for anything else."""
    if not isinstance(X, list | tuple) or not X:
        return None
    if is_pil(X[0]):
        return PIL_IMAGES
    return ARRAYS if isinstance(X[0], np.ndarray) and X[0].ndim > 1 else None


# -- a list of images as one array -----------------------------------------------------------------------


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


_CONVERT, _RESIZE = "convert them, for example with image.convert('RGB')", "resize them, for example with image.resize"


def _check_alike(X: Any, looks: list[tuple[Any, ...]], names: tuple[str, ...], mend: tuple[str, ...]) -> None:
    """Refuse images of which one looks other than the first."""
    for i, look in enumerate(looks):
        for name, advice, own, first in zip(names, mend, look, looks[0], strict=True):
            if own != first:
                raise ValueError(
                    f"X must hold images of one {name}, but that of the first is {first} and that of image {i} is "
                    f"{own}: {advice}."
                )


def stack(X: Any) -> np.ndarray:
    """The images of a list as an array of shape (n, H, W) or (n, H, W, C).

    Raises
    ------
    ValueError
        Where they are not all of one size, mode and type.
    """
    if kind_of(X) == ARRAYS:
        resize = "bring them to one size and to the same channels, for example with PIL.Image.fromarray(image).resize"
        _check_alike(X, [(_look_of_array(image),) for image in X], ("shape",), (resize,))
        return np.stack(X)
    looks = [_look_of_pil(image) for image in X]
    _check_alike(X, looks, ("mode", "size"), (_CONVERT, _RESIZE))
    if (mode := looks[0][0]) not in _PIL_MODES:
        raise ValueError(f"X holds PIL images of mode {mode}, which is none of {', '.join(_PIL_MODES)}: {_CONVERT}.")
    return np.stack([np.asarray(image) for image in X])


def unstack(rows: np.ndarray, kind: str) -> list[Any]:
    """Images in the form of a list that `stack` took.

    Parameters
    ----------
    rows : ndarray of shape (n, H, W) or (n, H, W, C)
    kind : {"images", "PIL images"}
    """
    if kind == ARRAYS:
        return [row.copy() for row in rows]
    from PIL import Image

    return [Image.fromarray(row) for row in rows]


def can_be(kind: str, row_shape: tuple[int, ...], dtype: str) -> bool:
    """Whether a list of this kind can hold images of this shape and dtype."""
    if kind == ARRAYS or len(row_shape) == 2:
        return len(row_shape) in (2, 3) and (kind == ARRAYS or dtype in _GREY_DTYPES)
    return len(row_shape) == 3 and row_shape[2] in (2, 3, 4) and dtype == "uint8"


# -- what else may stand for images ----------------------------------------------------------------------


def _is_path(value: Any) -> bool:
    return isinstance(value, str | os.PathLike)


def _names_files(X: Any) -> bool:
    """Whether X is a path, or a list of paths of images."""
    is_list = isinstance(X, list | tuple) or (isinstance(X, np.ndarray) and X.ndim == 1)
    if not is_list or not len(X):
        return _is_path(X)
    return all(_is_path(value) and Path(value).suffix.lower() in _SUFFIXES for value in X)


def _holds_images(cells: Any) -> bool:
    return len(cells) > 0 and (is_pil(cells[0]) or (isinstance(cells[0], np.ndarray) and cells[0].ndim > 1))


def _stacking_advice(X: Any) -> str | None:
    """How to stack images that stand in cells of objects, as Python; None where there are none."""
    if hasattr(X, "columns") and hasattr(X, "iloc"):
        of_objects = [name for name, dtype in zip(X.columns, X.dtypes, strict=True) if str(dtype) == "object"]
        return next((f"np.stack(X[{name!r}])" for name in of_objects if _holds_images(list(X[name][:1]))), None)
    if str(getattr(X, "dtype", "")) == "object" and X.ndim == 1 and _holds_images(list(X[:1])):
        return "np.stack(list(X))"
    return None


def check_is_no_collection(X: Any) -> None:
    """Refuse, in one sentence with what to do, an X that holds or names images but is no array or list.

    Raises
    ------
    ValueError
    """
    if _names_files(X):
        raise ValueError(
            "X must hold rows, but it names files: read a folder of images with X, y = "
            "gan_oversampler.datasets.load_image_folder(path, size=(32, 32))."
        )
    if type(X).__module__.startswith("tensorflow.python.data"):
        raise ValueError(
            "X must hold rows, but it is a tf.data.Dataset: read it into arrays first, with "
            "X, y = map(np.stack, zip(*dataset.unbatch().as_numpy_iterator())), without unbatch() if it has no batches."
        )
    if advice := _stacking_advice(X):
        raise ValueError(f"X must be an array or a list of images, but it holds them as objects: give {advice}.")
