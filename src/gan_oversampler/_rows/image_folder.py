"""Folders of images, one a class: read into arrays, and written from them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from numbers import Integral
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from gan_oversampler._rows.image_files import image_files

Mode = Literal["L", "LA", "RGB", "RGBA"]
_MODES = ("L", "LA", "RGB", "RGBA")


# MPO holds previews of the same photograph, PSD its layers; the first picture is the whole one.
_FIRST_IS_WHOLE = ("MPO", "PSD")
_MOST_DEEP = 65535


def _deep(image: Any, path: Path, mode: Mode) -> npt.NDArray[np.uint16]:
    """Grey values of 16 bits, as they are."""
    values = np.asarray(image)
    if mode != "L" or values.dtype.kind == "f" or values.min() < 0 or values.max() > _MOST_DEEP:
        advice = "give mode='L'" if image.mode.startswith("I;16") else "convert it to 8 or 16 bits first"
        raise ValueError(f"{path} has more than 8 bits a channel (PIL mode {image.mode}), but mode={mode!r}: {advice}.")
    return values.astype(np.uint16)


def _fitted(values: npt.NDArray[np.uint16], size: tuple[int, int] | None) -> npt.NDArray[np.uint16]:
    from PIL import Image, ImageOps

    if size is None:
        return values
    fitted = np.asarray(ImageOps.fit(Image.fromarray(values.astype(np.float32)), size[::-1]))
    return np.clip(np.rint(fitted), 0, _MOST_DEEP).astype(np.uint16)


def _laid_on(image: Any, background: str) -> Any:
    """The image on a ground of one colour where it is transparent."""
    from PIL import Image

    if not image.has_transparency_data:
        return image
    image = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", image.size, background), image)


def _opened(path: Path) -> Any:
    """The picture of a file, upright."""
    from PIL import Image, ImageOps

    try:
        with Image.open(path) as image:
            n_pages = 1 if image.format in _FIRST_IS_WHOLE else getattr(image, "n_frames", 1)
            upright = ImageOps.exif_transpose(image)
    except Image.DecompressionBombError as error:
        raise ValueError(
            f"{path} is larger than Pillow opens unasked ({error}): scale it down, or set PIL.Image.MAX_IMAGE_PIXELS = "
            "None first if you trust the file."
        ) from error
    except Exception as error:  # what PIL raises for a broken file depends on its format
        raise ValueError(f"{path} cannot be read as an image ({error}): repair it or remove it.") from error
    if n_pages > 1:
        raise ValueError(
            f"{path} must hold one image, but it holds {n_pages} pages: save each as a file of its own first, with "
            "PIL.ImageSequence.Iterator(image)."
        )
    return upright


def _read(path: Path, size: tuple[int, int] | None, mode: Mode, background: str) -> npt.NDArray[Any]:
    from PIL import ImageOps

    image = _opened(path)
    if image.mode.startswith(("I", "F")):
        return _fitted(_deep(image, path, mode), size)
    image = (image if mode in ("LA", "RGBA") else _laid_on(image, background)).convert(mode)
    return np.asarray(image if size is None else ImageOps.fit(image, size[::-1]))


def _checked_size(size: Any) -> tuple[int, int] | None:
    if size is None:
        return None
    pair = tuple(size) if isinstance(size, Iterable) else (size, size)
    if len(pair) != 2 or not all(isinstance(side, Integral) and int(side) > 0 for side in pair):
        raise ValueError(f"size must be (height, width) in pixels, or one number for both, but {size!r} was given.")
    return int(pair[0]), int(pair[1])


def _check_look(mode: Any, background: Any) -> None:
    from PIL import ImageColor

    if mode not in _MODES:
        raise ValueError(f"mode must be one of {', '.join(_MODES)}, but {mode!r} was given.")
    try:
        ImageColor.getrgb(background)
    except (ValueError, AttributeError, TypeError) as error:
        raise ValueError(f"background must name a colour, such as 'black', but {background!r} was given.") from error


def load_image_folder(
    path: str | os.PathLike[str],
    *,
    size: int | tuple[int, int] | None = None,
    mode: Mode = "RGB",
    background: str = "white",
    pattern: str | None = None,
    verbose: int = 0,
) -> tuple[npt.NDArray[Any], npt.NDArray[np.str_]]:
    """Load a folder of images that holds a folder for each class.

    Parameters
    ----------
    path : path
        ``path/cat/1.jpg`` is an image of the class "cat". Files that are no images by their names are left out, with a
        warning that names them, and so are hidden ones, without. Of a data set in parts (train, val, test), give the
        folder of one part.
    size : int or (height, width), default=None
        Size to which images are scaled; what does not fit into this shape is cut off evenly on two sides. None takes
        them as they are, all of one size.
    mode : {"RGB", "L", "RGBA", "LA"}, default="RGB"
        Colour, grey, or either with transparency; in PIL's words.
    background : str, default="white"
        Colour that shows through where images are transparent and `mode` is not; a name or "#rrggbb".
    pattern : str, default=None
        Glob that the files to read fit, by name or by path in the folder of their class: ``"*.png"``,
        ``"images/*"``. After "!" it tells the files to leave out: ``"!*_mask*"``. None takes all, and refuses a class
        in which some files are called masks.
    verbose : int, default=0
        1 draws a progress bar.

    Returns
    -------
    X : ndarray of shape (n, H, W) for "L", else (n, H, W, C); uint8, or uint16 for grey images of 16 bits
        In the order of the names of classes and files. Images are turned upright where a camera noted how it was held.
        Values are those of the files: 12 bits in a file of 16 end at 4095, and samplers scale them by their own range.
    y : ndarray of shape (n,), str
        The names of the folders.

    Raises
    ------
    FileNotFoundError
        There is no such folder.
    ValueError
        A class is empty, folders are no classes, an image cannot be read, has several pages or is a mask, bits differ,
        or `size` is None and sizes differ.

    Warns
    -----
    UserWarning
        Files are left out.

    See Also
    --------
    save_image_folder : The way back.
    """
    from rich.progress import track

    _check_look(mode, background)
    pair = _checked_size(size)
    files = image_files(Path(path), pattern)
    first = _read(files[0][0], pair, mode, background)
    X = np.empty((len(files), *first.shape), first.dtype)
    for i, (file, _) in enumerate(track(files, "Reading images", disable=not verbose)):
        image = _read(file, pair, mode, background)
        if image.dtype != first.dtype:
            raise ValueError(
                f"Images must be of one depth, but {files[0][0]} has {8 * first.itemsize} bits a value and {file} "
                f"{8 * image.itemsize}: convert them to the same."
            )
        if image.shape != first.shape:
            raise ValueError(
                f"Images must be of one size, but {files[0][0]} has {first.shape[:2]} pixels and {file} "
                f"{image.shape[:2]}: give size=(height, width) to scale them."
            )
        X[i] = image
    return X, np.array([name for _, name in files])


def _as_picture(image: Any) -> Any:
    from PIL import Image

    if isinstance(image, Image.Image):
        if image.mode not in ("1", "I;16", *_MODES):
            raise ValueError(f"Images must be of mode {', '.join(_MODES)}, but one is {image.mode}: convert it first.")
        return image
    image = np.asarray(image)
    image = image[..., 0] if image.shape[2:] == (1,) else image
    is_deep_grey = image.dtype == np.uint16 and image.ndim == 2
    is_plain = image.dtype == np.uint8 and image.ndim > 1 and image.shape[2:] in ((), (2,), (3,), (4,))
    if not (is_deep_grey or is_plain):
        raise ValueError(
            f"Images must be uint8 of shape (H, W) or (H, W, C) with up to 4 channels, or uint16 of shape (H, W), but "
            f"one is {image.dtype} of shape {image.shape}: scale it to 0 to 255 and convert it, with astype(np.uint8)."
        )
    return Image.fromarray(image)


def _is_folder_name(name: str) -> bool:
    return name not in ("", ".", "..") and Path(name).name == name


def save_image_folder(
    path: str | os.PathLike[str], X: Any, y: npt.ArrayLike, *, prefix: str = "", verbose: int = 0
) -> list[Path]:
    """Write images as PNG files, in a folder for each class.

    Parameters
    ----------
    path : path
        Made where it is not there. Nothing in it is overwritten.
    X : array-like of shape (n, H, W) or (n, H, W, C), uint8, or (n, H, W), uint16; or list of PIL images
        As `load_image_folder` gives them; `fit_resample` and `sample` give the same.
    y : array-like of shape (n,)
        Labels, which name the folders.
    prefix : str, default=""
        What file names begin with, such as "new-"; numbers follow.
    verbose : int, default=0
        1 draws a progress bar.

    Returns
    -------
    files : list of Path

    Raises
    ------
    FileExistsError
        One of the files is there already; nothing is written then.
    ValueError
        Images are of another dtype, labels name no folder, or there are not as many of both.

    See Also
    --------
    load_image_folder : The way back.

    Examples
    --------
    Write only the new images, beside the real ones:

    >>> import tempfile
    >>> X, y = np.zeros((3, 8, 8), np.uint8), np.array(["cat", "cat", "dog"])
    >>> folder = tempfile.mkdtemp()
    >>> [file.name for file in save_image_folder(folder, X, y, prefix="new-")]
    ['new-00000.png', 'new-00001.png', 'new-00002.png']
    """
    from rich.progress import track

    names = [str(label) for label in np.asarray(y)]
    if len(X) != len(names):
        raise ValueError(
            f"There must be a label for each image, but there are {len(X)} images and {len(names)} labels."
        )
    if bad := [name for name in names if not _is_folder_name(name)]:
        raise ValueError(f"Labels must be able to name folders, but {bad[0]!r} cannot: give other labels.")
    pictures = [_as_picture(image) for image in X]
    files = [Path(path) / name / f"{prefix}{i:05d}.png" for i, name in enumerate(names)]
    if there := next((file for file in files if file.exists()), None):
        raise FileExistsError(f"{there} is there already: give another folder, or a prefix.")
    for picture, file in zip(track(pictures, "Writing images", disable=not verbose), files, strict=True):
        file.parent.mkdir(parents=True, exist_ok=True)
        picture.save(file)
    return files
