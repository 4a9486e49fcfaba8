"""Which data types are let in from a file: those of lists that are written here.

A name of a type chooses code, in NumPy, in pandas, in what is registered with pandas, and in narwhals. It is therefore
looked up here before any of these meets it.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from gan_oversampler._rows.containers.pandas_frames import dtype_of_name
from gan_oversampler.exceptions import FileFormatError

_SIZES = ("8", "16", "32", "64")
_WHOLE = [f"{kind}{size}" for kind in ("int", "uint") for size in _SIZES]
_NUMBERS = {str(np.dtype(name).newbyteorder(order)) for name in ["bool", *_WHOLE, *"efd"] for order in "<>"}
_NUMPY = _NUMBERS | {"object"}
_TEXTS = re.compile(r"<U\d{1,8}|>U\d{1,8}|\|S\d{1,8}")
_NULLABLE = {f"{kind}{size}" for kind in ("Int", "UInt") for size in _SIZES} | {"Float32", "Float64"}
_ARROW = {f"{name}[pyarrow]" for name in ("bool", *_WHOLE, "halffloat", "float", "double", "large_string")}
_PANDAS = _NUMPY | _NULLABLE | _ARROW | {"boolean", "str", "string", "category"}
_SPARSE = re.compile(r"Sparse\[(\w+), [\w.+-]{1,32}\]")
_NARWHALS = _NULLABLE | {"Float16", "Boolean", "String", "Categorical"}


def _refusal(name: Any) -> FileFormatError:
    return FileFormatError(
        f"It names a data type {str(name)[:60]!r}, but numbers, bools, texts and categories alone are read: it may be "
        "damaged."
    )


def numpy_dtype(name: Any) -> np.dtype:
    """NumPy's type of that name: one of numbers, or of objects.

    Raises
    ------
    FileFormatError
    """
    if not isinstance(name, str) or name not in _NUMPY:
        raise _refusal(name)
    return np.dtype(name)


def label_dtype(name: Any) -> np.dtype:
    """The same for labels, which may also be texts of one length.

    Raises
    ------
    FileFormatError
    """
    is_text = isinstance(name, str) and _TEXTS.fullmatch(name)
    return np.dtype(name) if is_text else numpy_dtype(name)


def pandas_dtype(name: Any) -> Any:
    """pandas' type of that name, or the name where pandas knows what it means.

    Raises
    ------
    FileFormatError
    """
    sparse = _SPARSE.fullmatch(name) if isinstance(name, str) else None
    if sparse is None and (not isinstance(name, str) or name not in _PANDAS):
        raise _refusal(name)
    if sparse is not None and sparse[1] not in _NUMBERS:
        raise _refusal(name)
    return dtype_of_name(name)


def narwhals_dtype(name: Any) -> Any:
    """narwhals' type of that name.

    Raises
    ------
    FileFormatError
    """
    import narwhals as nw

    if not isinstance(name, str) or name not in _NARWHALS:
        raise _refusal(name)
    return getattr(nw, name)()
