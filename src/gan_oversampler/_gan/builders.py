"""The networks that builders make, as checked Keras JSON, and the plan of a training with them."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from gan_oversampler._deformation.deformations import Deformation
from gan_oversampler._gan.presets import Preset
from gan_oversampler._utils.names import name_of


@lru_cache(maxsize=64)
def _build_architecture(builder: Callable[..., Any], role: str, sizes: tuple[Any, ...], settings: Any) -> str:
    from gan_oversampler._gan import engine

    state = random.getstate()  # a user's unseeded layers draw their seeds from it
    try:
        model = builder(*sizes)
    finally:
        random.setstate(state)
    if not hasattr(model, "output_shape"):
        raise ValueError(f"{role}={name_of(builder)} must return a keras.Model, but it returned {model!r}.")
    wanted = tuple(sizes[-1]) if role == "generator" else (1,)
    got = tuple(model.output_shape[1:])
    if got != wanted:
        raise ValueError(
            f"The {role} that {name_of(builder)} built gives outputs of shape {got}, but {wanted} is needed: let its "
            "last layer give that shape."
        )
    return engine.architecture(model)


def checked_architecture(builder: Callable[..., Any], role: str, *sizes: Any) -> str:
    """Keras JSON of a builder's network for these sizes, with its shapes checked.

    It is built once for each builder, sizes and global Keras settings, which a user's own layers may follow. Each build
    names layers anew, and another JSON would be compiled again.
    """
    import keras

    settings = (keras.config.dtype_policy().name, keras.config.image_data_format(), keras.config.floatx())
    return _build_architecture(builder, role, sizes, settings)


def plan_of(preset: Preset, tensor_shape: tuple[int, ...], deformation: Any, given: Mapping[str, Any]) -> Any:
    """The plan of a training: the user's settings, and the preset's where these are None.

    Parameters
    ----------
    preset : Preset
    tensor_shape : tuple of int
        Shape of one encoded row.
    deformation : Deformation, callable or None
        Only a `Deformation` can be applied inside the step.
    given : mapping of str
        Parameters of GANOverSampler.

    Returns
    -------
    Plan
    """
    from gan_oversampler._gan import engine, networks

    latent_dim = given["latent_dim"] or preset.latent_dim
    generator = given["generator"] or getattr(networks, preset.generator)
    discriminator = given["discriminator"] or getattr(networks, preset.discriminator)
    rate = given["learning_rate"]
    return engine.Plan(
        checked_architecture(generator, "generator", latent_dim, tensor_shape),
        checked_architecture(discriminator, "discriminator", tensor_shape),
        latent_dim,
        preset.latent,
        given["batch_size"] or preset.batch_size,
        preset.optimizer,
        (float(rate),) * 2 if rate else preset.learning_rates,
        preset.averaging,
        deformation.basis if isinstance(deformation, Deformation) else None,
        isinstance(deformation, Deformation) and bool(deformation.tone),
    )
