"""Folders of images, one a class: read into arrays, and written from them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Mode = Literal["L", "LA", "RGB", "RGBA"]
_MODES = ("L", "LA", "RGB", "RGBA")


def _classes_in(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise FileNotFoundError(f"There is no folder {folder}: name one that holds a folder of images for each class.")
    classes = sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
    if not classes:
        raise ValueError(f"{folder} must hold a folder for each class, named after it, but it holds none.")
    return classes


def _images_in(folder: Path) -> list[Path]:
    """Files that PIL has a reader for, by their names, in folders inside this one too."""
    from PIL import Image

    suffixes = Image.registered_extensions()
    files = (path for path in folder.rglob("*") if path.suffix.lower() in suffixes and not path.name.startswith("."))
    if not (found := sorted(files)):
        raise ValueError(f"{folder} must hold images, but none was found: remove the folder, or put some into it.")
    return found


def _resized(image: Any, size: tuple[int, int] | None) -> Any:
    from PIL import ImageOps

    return image if size is None else ImageOps.fit(image, size[::-1])


def _read(path: Path, size: tuple[int, int] | None, mode: Mode) -> npt.NDArray[np.uint8]:
    from PIL import Image, ImageOps

    try:
        with Image.open(path) as image:
            upright = ImageOps.exif_transpose(image)
    except Exception as error:  # what PIL raises for a broken file depends on its format
        raise ValueError(f"{path} cannot be read as an image ({error}): repair it or remove it.") from error
    if upright.mode.startswith(("I", "F")):
        raise ValueError(f"{path} has more than 8 bits a channel (mode {upright.mode}): convert it to 8 bits first.")
    return np.asarray(_resized(upright.convert(mode), size))


def _checked_size(size: Any) -> tuple[int, int] | None:
    if size is None:
        return None
    pair = (size, size) if isinstance(size, int) else tuple(size)
    if len(pair) != 2 or not all(isinstance(side, int) and side > 0 for side in pair):
        raise ValueError(f"size must be (height, width) in pixels, or one number for both, but {size!r} was given.")
    return pair


def load_image_folder(
    path: str | os.PathLike[str],
    *,
    size: int | tuple[int, int] | None = None,
    mode: Mode = "RGB",
    verbose: int = 0,
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.str_]]:
    """Load a folder of images that holds a folder for each class.

    Parameters
    ----------
    path : path
        ``path/cat/1.jpg`` is an image of the class "cat". Files that are no images by their names are left out, and so
        are hidden ones.
    size : int or (height, width), default=None
        Size to which images are scaled; what does not fit into this shape is cut off evenly on two sides. None takes
        them as they are, all of one size.
    mode : {"RGB", "L", "RGBA", "LA"}, default="RGB"
        Colour, grey, or either with transparency; in PIL's words.
    verbose : int, default=0
        1 draws a progress bar.

    Returns
    -------
    X : ndarray of shape (n, H, W) for "L", else (n, H, W, C); uint8
        In the order of the names of classes and files. Images are turned upright where a camera noted how it was held.
    y : ndarray of shape (n,), str
        The names of the folders.

    Raises
    ------
    FileNotFoundError
        There is no such folder.
    ValueError
        A class is empty, an image cannot be read, or `size` is None and sizes differ.

    See Also
    --------
    save_image_folder : The way back.
    """
    from rich.progress import track

    if mode not in _MODES:
        raise ValueError(f"mode must be one of {', '.join(_MODES)}, but {mode!r} was given.")
    pair = _checked_size(size)
    files = [(file, folder.name) for folder in _classes_in(Path(path)) for file in _images_in(folder)]
    first = _read(files[0][0], pair, mode)
    X = np.empty((len(files), *first.shape), np.uint8)
    for i, (file, _) in enumerate(track(files, "Reading images", disable=not verbose)):
        image = _read(file, pair, mode)
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
        if image.mode not in ("1", *_MODES):
            raise ValueError(f"Images must be of mode {', '.join(_MODES)}, but one is {image.mode}: convert it first.")
        return image
    image = np.asarray(image)
    image = image[..., 0] if image.shape[2:] == (1,) else image
    if image.dtype != np.uint8 or image.ndim < 2 or image.shape[2:] not in ((), (2,), (3,), (4,)):
        raise ValueError(
            f"Images must be uint8 of shape (H, W) or (H, W, C) with up to 4 channels, but one is {image.dtype} of "
            f"shape {image.shape}: scale it to 0 to 255 and convert it, with astype(np.uint8)."
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
    X : array-like of shape (n, H, W) or (n, H, W, C), uint8; or list of PIL images
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
        Images are no bytes, labels name no folder, or there are not as many of both.

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
