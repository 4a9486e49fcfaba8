"""What is no container of rows, and what to give in its place."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from gan_oversampler._rows.containers.pictures import is_pil

_SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp"}


def _check_held_in_memory(X: Any) -> None:
    """Refuse what is computed later, or elsewhere."""
    if hasattr(X, "dask"):
        raise ValueError(
            f"X is a {type(X).__name__} of dask, which is computed later, but data in memory are expected: give "
            "X.compute(), or call fit, which reads it in parts, and then iter_samples or sample_dask."
        )
    if type(X).__name__ == "LazyFrame":
        raise ValueError(
            "X is a LazyFrame, which is computed later, but data in memory are expected: give X.collect()."
        )


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


def _check_is_no_collection(X: Any) -> None:
    """Refuse an X that holds or names rows but is no array or list.

    Raises
    ------
    ValueError
    """
    if _names_files(X):
        raise ValueError(
            "X must hold rows, but it names files: read a folder of images with X, y = "
            "gan_oversampler.datasets.load_image_folder(path, size=(32, 32))."
        )
    if isinstance(X, dict) and not sparse.issparse(X):  # scipy's dok_array is one
        raise ValueError(f"X must hold rows, but it is a {type(X).__name__}: give pandas.DataFrame(X), if of columns.")
    if type(X).__module__.startswith("tensorflow.python.data"):
        raise ValueError(
            "X must hold rows, but it is a tf.data.Dataset: read it into arrays first, with "
            "X, y = map(np.stack, zip(*dataset.unbatch().as_numpy_iterator())), without unbatch() if it has no batches."
        )
    if advice := _stacking_advice(X):
        raise ValueError(f"X must be an array or a list of images, but it holds them as objects: give {advice}.")


def check_is_no_text(X: Any) -> None:
    """Refuse a list or a column of texts, whose rows have no columns.

    Raises
    ------
    ValueError
    """
    is_flat = isinstance(X, list | tuple) or len(getattr(X, "shape", ())) == 1
    if is_flat and any(isinstance(value, str | bytes) for value in X):
        raise ValueError(
            f"X must have two dimensions or more, but it is a {type(X).__name__} of texts: make numbers of texts "
            "first, for example with TfidfVectorizer().fit_transform(X).toarray(), and give categories as a column of "
            "a DataFrame."
        )


def check_is_container(X: Any) -> None:
    """Refuse, in one sentence with what to do, an X that is not in memory, or holds or names its rows in another way.

    Raises
    ------
    ValueError
    """
    for check in (_check_held_in_memory, _check_is_no_collection, check_is_no_text):
        check(X)
