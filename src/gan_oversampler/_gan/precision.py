"""The number format in which convolutions are computed: bfloat16 where the processor has it."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import Any

_SETTING = "GAN_OVERSAMPLER_BFLOAT16"
_HAS_BFLOAT16 = {"avx512_bf16", "amx_bf16"}  # as Linux names what the processor can do
_GPU_WITH_BFLOAT16 = (8, 0)  # compute capability: Ampere and later
# oneDNN's own variable may hold it to the instructions of an older processor; it then refuses bfloat16.
_LIMIT = "ONEDNN_MAX_CPU_ISA"
_LIMITS_WITHOUT_BFLOAT16 = {"SSE41", "AVX", "AVX2", "AVX2_VNNI", "AVX512_CORE", "AVX512_CORE_VNNI"}


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
    import tensorflow as tf

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
    import tensorflow as tf

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
