"""Which descriptions of networks are let in from a file: plain Keras layers, and weights that fit them."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Any

import numpy as np

from gan_oversampler.exceptions import FileFormatError

_LAYERS = {
    *("Activation", "Add", "AveragePooling2D", "BatchNormalization", "Concatenate", "Conv2D", "Conv2DTranspose"),
    *("Cropping2D", "Dense", "DepthwiseConv2D", "Dropout", "ELU", "Flatten", "Functional", "GaussianNoise"),
    *("GlobalAveragePooling2D", "GroupNormalization", "InputLayer", "LayerNormalization", "LeakyReLU"),
    *("MaxPooling2D", "Multiply", "PReLU", "Permute", "ReLU", "Rescaling", "Reshape", "SeparableConv2D"),
    *("Sequential", "UpSampling2D", "ZeroPadding2D"),
}
_PARTS = {
    *("Constant", "GlorotNormal", "GlorotUniform", "HeNormal", "HeUniform", "LecunNormal", "LecunUniform"),
    *("Ones", "Orthogonal", "RandomNormal", "RandomUniform", "TruncatedNormal", "VarianceScaling", "Zeros"),
    *("DTypePolicy", "__keras_tensor__", "L1", "L2", "L1L2"),
}
_MODULES = {
    *("keras", "keras.layers", "keras.initializers", "keras.regularizers", "keras.models"),
    "keras.dtype_policies",
    *("keras.src.models.functional", "keras.src.models.sequential"),
    None,
}
_MAX_LAYERS = 1000
_MAX_BYTES = 2**29  # of all that drawing a row makes


def _nodes(node: Any) -> Iterator[dict[str, Any]]:
    """Every dict in a JSON tree."""
    if isinstance(node, dict):
        yield node
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for child in children:
        yield from _nodes(child)


def check_plain(description: Any) -> None:
    """Let in only plain Keras layers, and nothing that carries code.

    Parameters
    ----------
    description : dict
        Keras' JSON of a model.

    Raises
    ------
    FileFormatError
    """
    n_layers = 0
    for node in _nodes(description):
        if "class_name" not in node:
            continue
        name, module = node["class_name"], node.get("module")
        are_names = isinstance(name, str) and isinstance(module, str | None)
        # Keras would import any module of its own that is named, with all that it imports.
        is_plain = are_names and name in _LAYERS | _PARTS and module in _MODULES
        if not is_plain or node.get("registered_name") not in (None, name):
            raise FileFormatError(
                f"The file describes a network with a part {str(name)[:60]!r} from {str(module)[:60]!r}, which is not "
                "among the plain Keras layers that are read: build such a network again from its own code."
            )
        n_layers += name in _LAYERS
    if not 1 <= n_layers <= _MAX_LAYERS:
        raise FileFormatError(f"The file describes a network of {n_layers} layers, but 1 to {_MAX_LAYERS} are read.")


Outline = tuple[list[tuple[int, ...]], Any, Any]


def _build_outline(architecture: str) -> Outline:
    import keras

    from gan_oversampler._gan import engine

    with keras.StatelessScope(initialize_variables=False):
        model = engine.build(architecture)
    return [tuple(variable.shape) for variable in model.variables], model.input_shape, model.output_shape


@lru_cache(maxsize=64)
def _outline(architecture: str) -> Outline:
    """Shapes of the variables, of all layers' outputs, and of input and output, without allocating any.

    Keras notes variables without values in a list of the thread, to give them values later. In a thread that ends,
    that never happens.
    """
    with ThreadPoolExecutor(1) as executor:
        return executor.submit(_build_outline, architecture).result()


def _bytes_for_one_row(architecture: str) -> float:
    from gan_oversampler._gan import drawing

    try:
        return drawing.bytes_for_one_row(architecture)
    except Exception as error:  # as above
        raise FileFormatError(
            f"The file describes a network that cannot be drawn from ({type(error).__name__})."
        ) from error


def check_fits(architecture: str, weights: list[np.ndarray], latent_dim: int, tensor_shape: tuple[int, ...]) -> None:
    """Refuse a generator whose weights, noise or rows do not have the declared shapes, before it is built.

    Parameters
    ----------
    architecture : str
        Keras JSON.
    weights : list of ndarray
    latent_dim : int
    tensor_shape : tuple of int
        Shape of one encoded row.

    Raises
    ------
    FileFormatError
    """
    try:
        variables, takes, gives = _outline(architecture)
    except Exception as error:  # Keras raises whatever a wrong description makes it stumble over
        raise FileFormatError(
            f"The file describes a network that Keras cannot build ({type(error).__name__})."
        ) from error
    if variables != [weight.shape for weight in weights]:
        raise FileFormatError("The file holds weights that are not of the shapes its network needs: it is damaged.")
    if tuple(takes) != (None, latent_dim) or tuple(gives) != (None, *tensor_shape):
        raise FileFormatError(
            f"The file describes a network from {takes} to {gives}, but one from {(None, latent_dim)} to "
            f"{(None, *tensor_shape)} is needed: it is damaged."
        )
    needed = _bytes_for_one_row(architecture)
    if needed > _MAX_BYTES:
        raise FileFormatError(
            f"The file describes a network that may need {needed:.3g} bytes for a row, but {_MAX_BYTES} are the most."
        )
