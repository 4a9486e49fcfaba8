"""Real data: MNIST and its relatives, solar cells, image folders, a table from a CSV file, and one class made rare."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from gan_oversampler._rows.csv_table import read_table
from gan_oversampler._rows.idx_files import read_idx
from gan_oversampler._rows.image_folder import load_image_folder, save_image_folder
from gan_oversampler._rows.solar_cells import load_solar_cells
from gan_oversampler._utils.seeds import generator, root_seed

__all__ = [
    "MadeRare",
    "load_fashion_mnist",
    "load_image_folder",
    "load_medmnist",
    "load_mnist",
    "load_solar_cells",
    "load_table",
    "make_rare",
    "one_vs_rest",
    "rows_kept",
    "save_image_folder",
]

MNIST_VARIABLE = "GAN_OVERSAMPLER_MNIST"
_MNIST_ARRAYS = ("x_train", "y_train", "x_test", "y_test")


def _arrays(path: Path, names: tuple[str, ...], hint: str) -> list[npt.NDArray[Any]]:
    """Arrays of an npz file by their names; pickled ones are refused."""
    if not path.is_file():
        raise FileNotFoundError(f"There is no file {path}: {hint}.")
    with np.load(path, allow_pickle=False) as arrays:
        if missing := set(names) - set(arrays.files):
            raise ValueError(f"{path} must hold the arrays {', '.join(names)}; it lacks {sorted(missing)}.")
        return [arrays[name] for name in names]


def _mnist_from_file(
    path: Path, hint: str = "name an mnist.npz as keras.datasets.mnist keeps it"
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    x_train, y_train, x_test, y_test = _arrays(path, _MNIST_ARRAYS, hint)
    images, labels = np.concatenate([x_train, x_test]), np.concatenate([y_train, y_test])
    return images.astype(np.uint8, copy=False), labels.astype(np.int64)


def _mnist_from_openml() -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    from sklearn.datasets import fetch_openml

    try:
        flat, labels = fetch_openml("mnist_784", version=1, return_X_y=True, as_frame=False, parser="liac-arff")
    except OSError as error:
        raise ConnectionError(
            "MNIST is neither cached nor could it be downloaded: name a file in the format of "
            f"keras.datasets.mnist (mnist.npz) by argument or in the environment variable {MNIST_VARIABLE}."
        ) from error
    return flat.astype(np.uint8).reshape(-1, 28, 28), labels.astype(np.int64)


def load_mnist(
    path: str | os.PathLike[str] | None = None,
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """Load the 70,000 images of MNIST.

    Parameters
    ----------
    path : path, default=None
        A file in the format of ``keras.datasets.mnist`` (mnist.npz). None takes the file that the environment
        variable ``GAN_OVERSAMPLER_MNIST`` names. Without the variable, MNIST comes from OpenML through
        scikit-learn, which keeps a copy in its data home.

    Returns
    -------
    images : ndarray of shape (70000, 28, 28), uint8 in [0, 255]
    labels : ndarray of shape (70000,), int64 in 0 to 9

    Raises
    ------
    FileNotFoundError, ValueError
        The file is missing, or of another format.
    ConnectionError
        No file was named and the download failed.
    """
    named = path or os.environ.get(MNIST_VARIABLE)
    return _mnist_from_file(Path(named)) if named else _mnist_from_openml()


_FASHION_FILES = tuple(f"{part}-{what}-ubyte" for part in ("train", "t10k") for what in ("images-idx3", "labels-idx1"))


def _idx_file(folder: Path, name: str) -> Path:
    for path in (folder / name, folder / f"{name}.gz"):
        if path.is_file():
            return path
    raise FileNotFoundError(f"{folder} must hold {name} or {name}.gz: the four files of Fashion-MNIST belong there.")


def _fashion_from_folder(folder: Path) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    paths = [_idx_file(folder, name) for name in _FASHION_FILES]
    parts = [read_idx(path, n_axes) for path, n_axes in zip(paths, (3, 1, 3, 1), strict=True)]
    for images, labels in (parts[:2], parts[2:]):
        if len(images) != len(labels):
            raise ValueError(
                f"{folder} holds {len(images):,} images for {len(labels):,} labels: fetch its files again."
            )
    return np.concatenate(parts[::2]), np.concatenate(parts[1::2]).astype(np.int64)


def _fashion_from_keras() -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    import keras

    try:
        train, test = keras.datasets.fashion_mnist.load_data()
    except Exception as error:  # Keras raises a bare Exception where a download fails
        raise ConnectionError(
            "Fashion-MNIST is neither cached nor could it be downloaded: name a folder that holds its four files "
            f"({', '.join(_FASHION_FILES)}; .gz or not)."
        ) from error
    return np.concatenate([train[0], test[0]]), np.concatenate([train[1], test[1]]).astype(np.int64)


def load_fashion_mnist(
    path: str | os.PathLike[str] | None = None,
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """Load the 70,000 images of Fashion-MNIST (Xiao et al. 2017, arXiv:1708.07747).

    Parameters
    ----------
    path : path, default=None
        A folder with the four files of the authors, in the idx format, with or without gzip; or an npz file with the
        arrays x_train, y_train, x_test and y_test. None downloads them through Keras, which keeps a copy in its home.

    Returns
    -------
    images : ndarray of shape (70000, 28, 28), uint8 in [0, 255]
        Training images first.
    labels : ndarray of shape (70000,), int64 in 0 to 9

    Raises
    ------
    FileNotFoundError, ValueError
        A file is missing, damaged, or of another format.
    ConnectionError
        No path was named and the download failed.
    """
    if path is None:
        return _fashion_from_keras()
    if (folder := Path(path)).is_dir():
        return _fashion_from_folder(folder)
    return _mnist_from_file(folder, "name a folder with the four idx files of Fashion-MNIST, or an npz file")


_MEDMNIST_PARTS = ("train", "val", "test")


def _medmnist_from_package(name: str) -> tuple[list[npt.NDArray[Any]], list[npt.NDArray[Any]]]:
    """Images and labels of the three parts through the package medmnist, which downloads and caches them."""
    try:
        import medmnist
    except ImportError as error:
        raise FileNotFoundError(
            f"There is no file {name}: name an npz file of MedMNIST, or install the package medmnist, which downloads "
            "by name."
        ) from error
    if name not in medmnist.INFO:
        raise FileNotFoundError(f"There is no file {name}, and MedMNIST has only {sorted(medmnist.INFO)}.")
    kind = getattr(medmnist, medmnist.INFO[name]["python_class"])
    parts = [kind(split=part, download=True) for part in _MEDMNIST_PARTS]
    return [part.imgs for part in parts], [part.labels for part in parts]


def _medmnist_from_file(path: Path) -> tuple[list[npt.NDArray[Any]], list[npt.NDArray[Any]]]:
    names = tuple(f"{part}_{what}" for what in ("images", "labels") for part in _MEDMNIST_PARTS)
    arrays = _arrays(path, names, "name an npz file of MedMNIST")
    return arrays[:3], arrays[3:]


def load_medmnist(path: str | os.PathLike[str]) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """Load the images of one MedMNIST data set (Yang et al. 2023, doi:10.1038/s41597-022-01721-8).

    Parameters
    ----------
    path : path or str
        An npz file of MedMNIST, such as pneumoniamnist.npz; or the name of a data set, such as "pneumoniamnist", where
        the package medmnist is installed, which downloads the file and keeps a copy.

    Returns
    -------
    images : ndarray of shape (n, H, W) or (n, H, W, 3), uint8 in [0, 255]
        Those for training, validation and testing, in this order.
    labels : ndarray of shape (n,), int64

    Raises
    ------
    FileNotFoundError
        There is no such file, nor a data set of that name at hand.
    ValueError
        The file is of another format, holds volumes, or has several labels for an image.
    """
    is_name = not Path(path).suffix and not Path(path).exists()
    images, labels = _medmnist_from_package(str(path)) if is_name else _medmnist_from_file(Path(path))
    X, y = np.concatenate(images), np.concatenate(labels)
    if X.ndim not in (3, 4) or (X.ndim == 4 and X.shape[3] != 3):
        raise ValueError(f"{path} holds arrays of shape {X.shape[1:]}: only grey and RGB images can be loaded.")
    if y.shape != (len(X), 1):
        raise ValueError(f"{path} must have one label an image, but its labels are of shape {y.shape}.")
    return X.astype(np.uint8, copy=False), y[:, 0].astype(np.int64)


def load_table(
    path: str | os.PathLike[str], *, target: str | int | None = None
) -> tuple[npt.NDArray[np.float64], npt.NDArray[Any]]:
    """Load a table from a CSV file.

    Parameters
    ----------
    path : path
        Cells are divided by commas, semicolons, tabs or bars. Numbers may have a decimal comma where cells are not
        divided by commas. Text is UTF-8, UTF-16 or Latin-1.
    target : str or int, default=None
        Column of the class, by its name or number. None: the last one.

    Returns
    -------
    X : ndarray of shape (n, p), float64
        Columns of text become a 0/1 column per value, blank cells among them too. Blank cells of a column of
        numbers (also "?", "NA", "null") are NaN.
    y : ndarray of shape (n,), str

    Raises
    ------
    ValueError
        A class is blank, a row has too few or too many cells, a column holds dates or another text in each row, or
        there is no such column as `target`.

    Warns
    -----
    UserWarning
        Up to a twentieth of a column of numbers is text, or any number of cells are "-", and are taken as missing; or
        the file has no header, so that its first row is read as data.
    """
    return read_table(Path(path), target)


def one_vs_rest(y: npt.ArrayLike, label: Any) -> npt.NDArray[np.int64]:
    """1 where `y` is `label`, 0 elsewhere.

    Examples
    --------
    >>> one_vs_rest([5, 3, 5], 5).tolist()
    [1, 0, 1]
    """
    return (np.asarray(y) == label).astype(np.int64)


def rows_kept(n_minority: float | None, available: int) -> int:
    """How many minority rows are kept: a number, a share of the available rows, or all (None).

    Raises
    ------
    ValueError
        The number is below 2 or above the available number.

    Examples
    --------
    >>> rows_kept(0.05, 5050), rows_kept(315, 5050), rows_kept(None, 5050)
    (252, 315, 5050)
    """
    if n_minority is None:
        return available
    share = isinstance(n_minority, float | np.floating) and n_minority <= 1
    kept = round(n_minority * available) if share else int(n_minority)
    if not 2 <= kept <= available:
        raise ValueError(
            f"n_minority={n_minority!r} asks for {kept} minority rows, and there are {available}: "
            f"give a number from 2 to {available}, or a share below 1."
        )
    return kept


class MadeRare(NamedTuple):
    """Rows with one class made rare, and its rows that were removed.

    Attributes
    ----------
    X : ndarray or DataFrame
        The rows that were kept, in their order.
    y : ndarray of shape (n,)
        Their labels.
    X_removed : ndarray or DataFrame
        Rows of the class that were removed.
    """

    X: Any
    y: npt.NDArray[Any]
    X_removed: Any


def make_rare(X: Any, y: npt.ArrayLike, *, minority: Any, n_minority: float, random_state: Any = None) -> MadeRare:
    """Keep only some rows of one class. Split off the test rows first, so that they stay unchanged.

    Parameters
    ----------
    X : ndarray or DataFrame with a row per sample
    y : array-like of shape (n,)
    minority : label
    n_minority : int or float
        Rows to keep: a number, or a share if it is a float up to 1.
    random_state : int, RandomState or None, default=None

    Returns
    -------
    MadeRare
        `X` and `y` in their order, and `X_removed`, which must not be used in training.

    Examples
    --------
    >>> rare = make_rare(np.arange(6)[:, None], [1, 1, 1, 1, 0, 0], minority=1, n_minority=2, random_state=0)
    >>> rare.y.tolist(), len(rare.X_removed)
    ([1, 1, 0, 0], 2)
    """
    labels = np.asarray(y)
    members = np.flatnonzero(labels == minority)
    kept = rows_kept(n_minority, len(members))
    shuffled = generator(root_seed(random_state), "rare").permutation(members)
    removed = np.sort(shuffled[kept:])
    stay = np.setdiff1d(np.arange(len(labels)), removed)
    take = X.iloc.__getitem__ if hasattr(X, "iloc") else np.asarray(X).__getitem__
    return MadeRare(take(stay), labels[stay], take(removed))
