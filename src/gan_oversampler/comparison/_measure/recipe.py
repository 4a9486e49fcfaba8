"""Parameters of samplers and classifiers as text, to notice that they changed between a stop and a resume."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np


def describe(thing: Any) -> str:
    """Text that is equal for equal parameters, in every process, without the seeds, which the protocol sets."""
    if hasattr(thing, "get_params") and not isinstance(thing, type):
        params = {k: v for k, v in thing.get_params(deep=False).items() if k != "random_state"}
        return f"{type(thing).__qualname__}({describe(params)})"
    if isinstance(thing, Mapping):
        return "{" + ", ".join(f"{describe(k)}: {describe(v)}" for k, v in thing.items()) + "}"
    if isinstance(thing, list | tuple):
        return "[" + ", ".join(map(describe, thing)) + "]"
    if callable(thing):
        return getattr(thing, "__qualname__", type(thing).__qualname__)
    return repr(thing.item() if isinstance(thing, np.generic) else thing)


def recipe(*things: Any) -> str:
    """A hash of the text of `describe`."""
    text = "; ".join(map(describe, things))
    return hashlib.blake2b(text.encode(), digest_size=5).hexdigest()
