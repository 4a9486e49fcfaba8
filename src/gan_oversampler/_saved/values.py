"""Parameters and labels as JSON, and back: plain values only, since a file holds no code."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import numpy as np

from gan_oversampler._utils.names import name_of
from gan_oversampler.exceptions import FileFormatError

LEFT_OUT = {"checkpoint"}
"""Parameters that no file holds: the next fit of a loaded sampler would overwrite a file, and remove it at the end."""


def to_json(value: Any) -> Any:
    """A parameter or label as JSON; anything but a plain value becomes {"unsaved": its name}."""
    if isinstance(value, np.generic):
        return to_json(value.item())
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, dict):
        return {"dict": [[to_json(k), to_json(v)] for k, v in value.items()]}
    if isinstance(value, tuple | list):
        return {type(value).__name__: [to_json(item) for item in value]}
    return {"unsaved": name_of(value)}


def from_json(value: Any) -> Any:
    """What `to_json` was given.

    Raises
    ------
    FileFormatError
    """
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, dict) and len(value) == 1:
        ((kind, content),) = value.items()
        if kind == "dict" and isinstance(content, list):
            return {from_json(k): from_json(v) for k, v in content}
        if kind in ("tuple", "list") and isinstance(content, list):
            items = map(from_json, content)
            return tuple(items) if kind == "tuple" else list(items)
        if kind == "unsaved":
            raise FileFormatError(f"a file holds no {content}")
    raise FileFormatError(f"{str(value)[:60]} is not a value that save() writes.")


def unsaved_names(value: Any) -> Iterator[str]:
    """Names of what `to_json` could not write, anywhere in a value."""
    if isinstance(value, dict):
        yield from ((str(value["unsaved"]),) if "unsaved" in value else ())
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for child in children:
        yield from unsaved_names(child)
