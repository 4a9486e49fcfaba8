"""The networks that builders make, as checked Keras JSON, and the plan of a training with them."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from typing import Any

from gan_oversampler._deformation.deformations import Deformation
from gan_oversampler._gan.presets import Preset
from gan_oversampler._utils.names import is_of_keras, name_of


def _snake_case(class_name: str) -> str:
    """What Keras calls the first layer of a class."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=.)(?=[A-Z][a-z])", "_", class_name).lower()


def _names(node: Any) -> Iterator[tuple[str, str]]:
    """Class and name of every layer in a JSON tree, in order."""
    if isinstance(node, dict) and isinstance(config := node.get("config"), dict) and "name" in config:
        yield str(node.get("class_name")), str(config["name"])
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _names(child)


def _renamed(node: Any, names: Mapping[str, str]) -> Any:
    if isinstance(node, dict):
        return {key: _renamed(value, names) for key, value in node.items()}
    if isinstance(node, list):
        return [_renamed(item, names) for item in node]
    return names.get(node, node) if isinstance(node, str) else node


def without_counters(architecture: str) -> str:
    """The same architecture, with layers that Keras named by counting through the process counted from 0 here.

    Every build would be another JSON otherwise, and be compiled again.
    """
    tree = json.loads(architecture)
    stems = {name: _snake_case(class_name) for class_name, name in _names(tree)}
    counted = {name: stem for name, stem in stems.items() if re.fullmatch(rf"{re.escape(stem)}(_\d+)?", name)}
    taken, names = stems.keys() - counted.keys(), dict[str, str]()
    for name, stem in counted.items():
        names[name] = next(new for i in count() if (new := f"{stem}_{i}") not in taken)
        taken.add(names[name])
    return json.dumps(_renamed(tree, names))


def check_builders(given: Mapping[str, Any]) -> None:
    """Refuse a model where a function that builds one is expected.

    Parameters
    ----------
    given : mapping of str
        Parameters of GANOverSampler.

    Raises
    ------
    ValueError
    """
    for role, sizes in (("generator", "latent_dim, output_shape"), ("discriminator", "input_shape")):
        if is_of_keras(given[role]):
            raise ValueError(
                f"{role} must be a function that builds a keras.Model, since each class trains one of its own, but it "
                f"is a {name_of(type(given[role]))}: give a function build({sizes}) that makes and returns the model."
            )


def checked_architecture(builder: Callable[..., Any], role: str, *sizes: Any) -> str:
    """Keras JSON of a builder's network for these sizes, with its shapes checked.

    It is built each time: what a builder gives may follow global variables, and Keras' or our own settings.
    """
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
    return without_counters(engine.architecture(model))


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
