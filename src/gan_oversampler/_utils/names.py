"""What a function, a class or an object is called in a sentence to its user."""

from __future__ import annotations

from functools import partial
from typing import Any


def name_of(thing: Any) -> str:
    """Name of a function or class, of the function in a `partial`, or of an object's class."""
    if isinstance(thing, partial):
        return f"partial({name_of(thing.func)})"
    return getattr(thing, "__qualname__", None) or getattr(thing, "__name__", None) or type(thing).__qualname__


def is_of_keras(thing: Any) -> bool:
    """Whether this is a layer or a model of Keras, which is not imported to tell."""
    return any(cls.__module__.split(".")[0] == "keras" for cls in type(thing).__mro__)
