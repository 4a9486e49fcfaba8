"""Generator and discriminator builders: sizes in, an untrained keras.Model out.

Every layer gets its dtype and data format explicitly, so that the user's global Keras settings do not leak in.
"""

from __future__ import annotations

import math
import os
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

_SETTING = "GAN_OVERSAMPLER_BFLOAT16"
_HAS_BFLOAT16 = {"avx512_bf16", "amx_bf16"}  # as Linux names what the processor can do
_GPU_WITH_BFLOAT16 = (8, 0)  # compute capability: Ampere and later
# oneDNN's own variable may hold it to the instructions of an older processor; it then refuses bfloat16.
_LIMIT = "ONEDNN_MAX_CPU_ISA"
_LIMITS_WITHOUT_BFLOAT16 = {"SSE41", "AVX", "AVX2", "AVX2_VNNI", "AVX512_CORE", "AVX512_CORE_VNNI"}

Shape = tuple[int, ...]

_N_UNITS = 128  # of a hidden dense layer
_DROPPED = 0.4  # of a discriminator's features

_LAST: dict[str, Any] = {"data_format": "channels_last"}
_IMAGE: dict[str, Any] = {"dtype": "float32", **_LAST}
_Conv = partial(keras.layers.Conv2D, padding="same", **_LAST)
_TransposedConv = partial(keras.layers.Conv2DTranspose, padding="same", **_LAST)
_Dense = partial(keras.layers.Dense, dtype="float32")
_BatchNorm = partial(keras.layers.BatchNormalization, dtype="float32")
_Activation = partial(keras.layers.Activation, dtype="float32")
_Reshape = partial(keras.layers.Reshape, dtype="float32")
_Permute = partial(keras.layers.Permute, dtype="float32")
_Flatten = partial(keras.layers.Flatten, dtype="float32", data_format="channels_last")
_Dropout = partial(keras.layers.Dropout, dtype="float32")
_leaky = partial(keras.layers.LeakyReLU, negative_slope=0.2, dtype="float32")


# -- the number format in which convolutions are computed: bfloat16 where the processor has it -------------------------


@lru_cache(maxsize=1)
def _flags_of_the_processor() -> frozenset[str]:
    """What Linux says that the first processor can do; nothing elsewhere."""
    path = Path("/proc/cpuinfo")
    lines = path.read_text().splitlines() if path.exists() else []
    return next((frozenset(line.split()) for line in lines if line.startswith("flags")), frozenset())


def _processor_has_it() -> bool:
    allowed = os.environ.get(_LIMIT, "").upper() not in _LIMITS_WITHOUT_BFLOAT16
    return allowed and bool(_HAS_BFLOAT16 & _flags_of_the_processor())


def _devices_have_it(gpus: list[Any]) -> bool:
    """Whether all GPUs compute in bfloat16; without a GPU, whether the processor does."""
    if not gpus:
        return _processor_has_it()
    details = (tf.config.experimental.get_device_details(gpu) for gpu in gpus)
    return all((found.get("compute_capability") or (0, 0)) >= _GPU_WITH_BFLOAT16 for found in details)


def convolution_dtype() -> str:
    """Keras dtype policy of the convolutions: "mixed_bfloat16" or "float32".

    Weights and gradients are float32 in either. Devices without bfloat16 would imitate it, many times slower. On a GPU
    nothing was measured, so float32 stays there unless the environment variable `GAN_OVERSAMPLER_BFLOAT16` is "on".

    Raises
    ------
    ValueError
        If the variable asks for what the devices do not have, or is neither "on", "off" nor "auto".
    """
    setting, gpus = os.environ.get(_SETTING, "auto"), tf.config.list_physical_devices("GPU")
    if setting not in ("on", "off", "auto"):
        raise ValueError(f'{_SETTING} must be "on", "off" or "auto", but it is {setting!r}.')
    if setting == "off" or (setting == "auto" and gpus):
        return "float32"
    has_it = _devices_have_it(gpus)
    if setting == "on" and not has_it:
        raise ValueError(
            f"{_SETTING}=on asks for bfloat16, but {'a GPU' if gpus else 'the processor'} here does not compute in it: "
            "set it to auto."
        )
    return "mixed_bfloat16" if has_it else "float32"


# -- the networks ------------------------------------------------------------------------------------------------------


def _n_doublings(height: int, width: int) -> int:
    """How often the generator doubles its side: it starts from 4 to 10 pixels."""
    return max(1, round(math.log2(min(height, width) / 7)))


def _crop(x: Any, height: int, width: int) -> Any:
    """Cut the surplus of doubling, for sides that are not a multiple of the step."""
    spare = (x.shape[1] - height, x.shape[2] - width)
    if spare == (0, 0):
        return x
    cuts = tuple((extra // 2, extra - extra // 2) for extra in spare)
    return keras.layers.Cropping2D(cuts, name="crop", **_IMAGE)(x)


def _doubled(x: Any, channels: int, policy: str, name: str) -> Any:
    """Twice the side: each place gives the 2 x 2 pixels that it becomes (Shi et al. 2016, arXiv:1609.05158).

    The functions are those of a transposed convolution of 6 x 6, which takes twice the time for few channels.
    """
    height, width = x.shape[1:3]
    x = _Conv(4 * channels, 3, dtype=policy, name=name)(x)
    x = _Reshape((height, width, 2, 2, channels), name=f"{name}_places")(x)
    x = _Permute((1, 3, 2, 4, 5), name=f"{name}_turned")(x)
    return _Reshape((2 * height, 2 * width, channels), name=f"{name}_doubled")(x)


def _halved(x: Any, n_filters: int, policy: str, name: str) -> Any:
    """Half the side: 2 x 2 pixels become one place, which a convolution of 3 x 3 sees.

    The functions are those of a convolution of 6 x 6 in strides of 2, whose gradient takes twice the time for few
    channels.
    """
    height, width, channels = x.shape[1:]
    if height % 2 or width % 2:
        x = keras.layers.ZeroPadding2D(((0, height % 2), (0, width % 2)), name=f"{name}_even", **_IMAGE)(x)
    half = -(-height // 2), -(-width // 2)
    x = _Reshape((half[0], 2, half[1], 2, channels), name=f"{name}_places")(x)
    x = _Permute((1, 3, 2, 4, 5), name=f"{name}_turned")(x)
    x = _Reshape((*half, 4 * channels), name=f"{name}_halved")(x)
    return _Conv(n_filters, 3, dtype=policy, name=name)(x)


def _leaky_flat(x: Any, level: int) -> Any:
    """Leaky ReLU of a convolution's output, flattened.

    Without the flattening between them, TensorFlow on oneDNN would try to fuse the two, although the gradient needs
    what lies between, and complain that its remapper failed. It takes no time.
    """
    return _leaky(name=f"leaky_{level}")(_Flatten(name=f"flat_{level}")(x))


def _n_filters(channels: int) -> int:
    """Filters of the generator's coarsest scale: colour needs twice those of grey (benchmarks/speed.md)."""
    return 32 if channels == 1 else 64


def dcgan_generator(latent_dim: int, output_shape: Shape, n_filters: int | None = None) -> keras.Model:
    """Lean DCGAN generator.

    Parameters
    ----------
    latent_dim : int
        Length of the noise vector.
    output_shape : tuple of int
        (H, W, C), sides from 4 pixels up.
    n_filters : int, default=None
        Filters at the coarsest scale, halved with each doubling. None: 32 for one channel, 64 for more, and so many
        more where there are more than two doublings that the finest scale has no fewer than at 28x28.

    Returns
    -------
    keras.Model
        (n, latent_dim) -> (n, H, W, C), in [-1, 1] by a hyperbolic tangent.

    References
    ----------
    Radford, A., Metz, L., & Chintala, S. (2016). Unsupervised representation learning with deep
    convolutional generative adversarial networks. arXiv:1511.06434.
    """
    height, width, channels = output_shape
    doublings, policy = _n_doublings(height, width), convolution_dtype()
    if n_filters is None:
        least = _n_filters(channels)
        n_filters = max(least, least >> 2 << doublings)
    base = [math.ceil(side / 2**doublings) for side in (height, width)]
    noise = x = keras.Input((latent_dim,), dtype="float32", name="noise")
    x = _Dense(base[0] * base[1] * n_filters, use_bias=False, name="project")(x)
    x = _Reshape((*base, n_filters), name="unflatten")(x)
    x = _Activation("relu", name="relu_0")(_BatchNorm(name="norm_0", momentum=0.9)(x))
    for level in range(1, doublings):
        x = _TransposedConv(n_filters >> level, 4, strides=2, use_bias=False, dtype=policy, name=f"up_{level}")(x)
        x = _Activation("relu", name=f"relu_{level}")(_BatchNorm(name=f"norm_{level}", momentum=0.9)(x))
    # Straight from half size to pixels: a full-size layer less.
    x = _crop(_doubled(x, channels, policy, "pixels"), height, width)
    return keras.Model(noise, _Activation("tanh", name="tanh")(x), name="generator")


def dcgan_discriminator(input_shape: Shape, n_filters: int | None = None) -> keras.Model:
    """Lean DCGAN discriminator: strided convolutions, leaky ReLU, dropout instead of normalisation.

    Parameters
    ----------
    input_shape : tuple of int
        (H, W, C).
    n_filters : int, default=None
        Filters of the first layer, doubled with each halving. None: 8 for one channel, 16 for more.

    Returns
    -------
    keras.Model
        (n, H, W, C) in [-1, 1] -> (n, 1) logits.
    """
    n_filters = n_filters or _n_filters(input_shape[-1]) // 4
    policy = convolution_dtype()
    image = keras.Input(input_shape, dtype="float32", name="image")
    # An empty background is 0 here, like the convolutions' padding, so the border of an image is not an edge.
    x = keras.layers.Rescaling(0.5, 0.5, dtype="float32", name="background")(image)
    for level in range(2):
        x = _halved(x, n_filters << level, policy, f"conv_{level}")
        x = _Reshape(x.shape[1:], name=f"unflat_{level}")(_leaky_flat(x, level))
    x = _leaky_flat(_Conv(n_filters << 2, 3, strides=2, dtype=policy, name="conv_2")(x), 2)
    x = _Dropout(_DROPPED, name="dropout")(x)
    return keras.Model(image, _Dense(1, name="logit")(x), name="discriminator")


def dense_generator(latent_dim: int, output_shape: Shape) -> keras.Model:
    """Dense generator for table rows: (n, latent_dim) -> (n, p), unbounded standard scores."""
    noise = x = keras.Input((latent_dim,), dtype="float32", name="noise")
    for level in range(2):
        x = _Dense(_N_UNITS, use_bias=False, name=f"dense_{level}")(x)
        x = _Activation("relu", name=f"relu_{level}")(_BatchNorm(name=f"norm_{level}", momentum=0.9)(x))
    return keras.Model(noise, _Dense(output_shape[0], name="scores")(x), name="generator")


def dense_discriminator(input_shape: Shape) -> keras.Model:
    """Dense discriminator for table rows: (n, p) -> (n, 1) logits."""
    row = x = keras.Input(input_shape, dtype="float32", name="row")
    for level in range(2):
        x = _leaky(name=f"leaky_{level}")(_Dense(_N_UNITS, name=f"dense_{level}")(x))
        x = _Dropout(_DROPPED, name=f"dropout_{level}")(x)
    return keras.Model(row, _Dense(1, name="logit")(x), name="discriminator")


def notebook_generator(latent_dim: int, output_shape: Shape) -> keras.Model:
    """Generator of the notebook that began this project: 7x7x128 -> 128 -> 64 -> 32 -> C, kernels 5x5.

    At 28x28 it is that network; other sizes start from a quarter of the side.
    """
    height, width, channels = output_shape
    base = [math.ceil(side / 4) for side in (height, width)]
    noise = x = keras.Input((latent_dim,), dtype="float32", name="noise")
    x = _Dense(base[0] * base[1] * 128, name="project")(x)
    x = _Reshape((*base, 128), name="unflatten")(x)
    for level, (filters, stride) in enumerate(((128, 2), (64, 2), (32, 1))):
        x = _Activation("relu", name=f"relu_{level}")(_BatchNorm(name=f"norm_{level}")(x))
        x = _TransposedConv(filters, 5, strides=stride, dtype="float32", name=f"up_{level}")(x)
    x = _Activation("relu", name="relu_3")(_BatchNorm(name="norm_3")(x))
    x = _crop(_TransposedConv(channels, 5, dtype="float32", name="pixels")(x), height, width)
    return keras.Model(noise, _Activation("tanh", name="tanh")(x), name="generator")


def notebook_discriminator(input_shape: Shape) -> keras.Model:
    """Discriminator of the notebook: 32, 64, 128, 256 filters, 5x5, the first three with stride 2."""
    image = x = keras.Input(input_shape, dtype="float32", name="image")
    for level, (filters, stride) in enumerate(((32, 2), (64, 2), (128, 2), (256, 1))):
        x = _leaky(name=f"leaky_{level}")(x)
        x = _Conv(filters, 5, strides=stride, dtype="float32", name=f"conv_{level}")(x)
    return keras.Model(image, _Dense(1, name="logit")(_Flatten(name="flatten")(x)), name="discriminator")
