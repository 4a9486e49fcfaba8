"""The networks that builders make, as checked Keras JSON."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import lru_cache
from typing import Any


@lru_cache(maxsize=64)
def _build_architecture(builder: Callable[..., Any], role: str, sizes: tuple[Any, ...], settings: Any) -> str:
    from gan_oversampler._gan import engine

    state = random.getstate()  # unseeded layers of a user's own draw their seeds from it
    try:
        model = builder(*sizes)
    finally:
        random.setstate(state)
    if not hasattr(model, "output_shape"):
        raise ValueError(f"{role}={builder.__name__} must return a keras.Model, but it returned {model!r}.")
    wanted = tuple(sizes[-1]) if role == "generator" else (1,)
    got = tuple(model.output_shape[1:])
    if got != wanted:
        raise ValueError(
            f"The {role} that {builder.__name__} built gives outputs of shape {got}, but {wanted} is needed: let its "
            "last layer give that shape."
        )
    return engine.architecture(model)


def checked_architecture(builder: Callable[..., Any], role: str, *sizes: Any) -> str:
    """Keras JSON of what a builder makes for these sizes, checked to give the right shape.

    Built once for each builder, sizes and global Keras settings, which a user's own layers may follow: layers are
    named anew each time, and another JSON would be compiled again.
    """
    import keras

    settings = (keras.config.dtype_policy().name, keras.config.image_data_format(), keras.config.floatx())
    return _build_architecture(builder, role, sizes, settings)
