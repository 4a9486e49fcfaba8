"""Save and load a fitted sampler: a zip of JSON and npz. Reading it executes nothing.

`sampler.json` holds parameters, labels and the description of the networks; `arrays.npz` holds every array and
is read with ``allow_pickle=False``. Networks are described by Keras' own JSON, of which only plain layers from a
list are let in: no Lambda, no class of anybody else's.
"""

from __future__ import annotations

import dataclasses
import io
import json
import os
import tempfile
import warnings
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np

from gan_oversampler._class_model import ClassModel, GeneratorSource, RowSource
from gan_oversampler._containers import RowFormat
from gan_oversampler._deformation import deformation_from_state
from gan_oversampler._encoding import codec_from_state
from gan_oversampler._label_filter import LabelFilter
from gan_oversampler.exceptions import FileFormatError

FORMAT = "gan-oversampler"
VERSION = 1
_JSON, _NPZ = "sampler.json", "arrays.npz"
_MAX_BYTES = 4 * 2**30
_PLAIN_LAYERS = {
    *("Activation", "Add", "AveragePooling2D", "BatchNormalization", "Concatenate", "Conv2D", "Conv2DTranspose"),
    *("Cropping2D", "Dense", "DepthwiseConv2D", "Dropout", "ELU", "Flatten", "Functional", "GaussianNoise"),
    *("GlobalAveragePooling2D", "GroupNormalization", "InputLayer", "LayerNormalization", "LeakyReLU"),
    *("MaxPooling2D", "Multiply", "PReLU", "ReLU", "Rescaling", "Reshape", "SeparableConv2D", "Sequential"),
    *("UpSampling2D", "ZeroPadding2D"),
}
_PLAIN_PARTS = {
    *("Constant", "GlorotNormal", "GlorotUniform", "HeNormal", "HeUniform", "LecunNormal", "LecunUniform"),
    *("Ones", "Orthogonal", "RandomNormal", "RandomUniform", "TruncatedNormal", "VarianceScaling", "Zeros"),
    *("DTypePolicy", "__keras_tensor__", "L1", "L2", "L1L2"),
}


# -- labels and parameters as JSON -----------------------------------------------------------------------


def _to_json(value: Any) -> Any:
    """A parameter or label as JSON; what is no plain value becomes {"unsaved": its name}."""
    if isinstance(value, np.generic):
        return _to_json(value.item())
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, dict):
        return {"dict": [[_to_json(k), _to_json(v)] for k, v in value.items()]}
    if isinstance(value, tuple | list):
        return {type(value).__name__: [_to_json(item) for item in value]}
    return {"unsaved": getattr(value, "__qualname__", type(value).__name__)}


def _from_json(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    ((kind, content),) = value.items()
    if kind == "dict":
        return {_from_json(k): _from_json(v) for k, v in content}
    items = [_from_json(item) for item in content]
    return tuple(items) if kind == "tuple" else items


# -- writing ---------------------------------------------------------------------------------------------


class _Arrays:
    """Arrays under numbered names, for the npz; and back."""

    def __init__(self) -> None:
        self.store: dict[str, np.ndarray] = {}

    def add(self, array: np.ndarray) -> str:
        name = f"a{len(self.store)}"
        self.store[name] = array
        return name

    def add_state(self, state: dict[str, Any]) -> dict[str, Any]:
        """A state in which each array has become {"array": its name}."""
        return {
            key: {"array": self.add(value)} if isinstance(value, np.ndarray) else _to_json(value)
            for key, value in state.items()
        }


def _describe_source(source: RowSource | GeneratorSource, arrays: _Arrays) -> dict[str, Any]:
    if isinstance(source, RowSource):
        return {"rows": arrays.add(source.rows)}
    return {
        "architecture": json.loads(source.architecture),
        "weights": [arrays.add(weight) for weight in source.weights],
        "latent_dim": source.latent_dim,
        "latent": source.latent,
    }


def _describe_model(model: ClassModel, arrays: _Arrays) -> dict[str, Any]:
    deformation, label_filter = model.deformation, model.label_filter
    return {
        "codec": arrays.add_state(model.codec.get_state()),
        "source": _describe_source(model.source, arrays),
        "deformation": None if deformation is None else arrays.add_state(deformation.get_state()),
        "label_filter": None if label_filter is None else arrays.add_state(label_filter.get_state()),
    }


def _describe(sampler: Any, arrays: _Arrays) -> dict[str, Any]:
    labels = [_to_json(label) for label in sampler.classes_]
    mask = sampler.synthetic_mask_
    return {
        "format": FORMAT,
        "version": VERSION,
        "parameters": {k: _to_json(v) for k, v in sampler.get_params(deep=False).items()},
        "classes": {"labels": labels, "dtype": str(sampler.classes_.dtype)},
        "image_shape": sampler.image_shape_,
        "row_format": {k: _to_json(v) for k, v in dataclasses.asdict(sampler.row_format_).items()},
        "seed": sampler.seed_,
        "n_features_in": sampler.n_features_in_,
        "feature_names_in": list(getattr(sampler, "feature_names_in_", [])),
        "n_rows": [int((~mask).sum()), int(mask.sum())],
        "sampling_strategy": _to_json(dict(sampler.sampling_strategy_)),
        "models": [[_to_json(k), _describe_model(m, arrays)] for k, m in sampler.models_.items()],
        "history": [[_to_json(k), arrays.add_state(h)] for k, h in getattr(sampler, "history_", {}).items()],
    }


def save(sampler: Any, path: str | os.PathLike[str]) -> None:
    """Write a fitted sampler; an older file at `path` is replaced only when the new one is complete."""
    from sklearn.utils.validation import check_is_fitted

    check_is_fitted(sampler, "models_")
    arrays, buffer = _Arrays(), io.BytesIO()
    description = _describe(sampler, arrays)
    np.savez(buffer, **arrays.store)  # type: ignore[arg-type]
    target = Path(path)
    with tempfile.NamedTemporaryFile(dir=target.resolve().parent, prefix=target.name, delete=False) as file:
        try:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr(_JSON, json.dumps(description))
                archive.writestr(_NPZ, buffer.getvalue())
            file.flush()
            os.fsync(file.fileno())
            os.replace(file.name, target)
        except BaseException:
            os.unlink(file.name)
            raise


# -- reading ---------------------------------------------------------------------------------------------


def _check_architecture(node: Any) -> None:
    """Let in only plain Keras layers, and nothing that carries code."""
    if isinstance(node, list):
        for item in node:
            _check_architecture(item)
    if not isinstance(node, dict):
        return
    name, module = node.get("class_name"), node.get("module") or "keras"
    if name is not None:
        is_plain = name in _PLAIN_LAYERS | _PLAIN_PARTS and module.split(".")[0] == "keras"
        if not is_plain or node.get("registered_name") not in (None, name):
            raise FileFormatError(
                f"The file describes a network with a part {name!r} from {module!r}, which is not among the plain "
                "Keras layers that are read: build such a network again from its own code."
            )
    for value in node.values():
        _check_architecture(value)


class _File:
    """The two members of an opened file, and the objects made from them."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        with zipfile.ZipFile(path) as archive:
            members = {info.filename: info.file_size for info in archive.infolist()}
            if set(members) != {_JSON, _NPZ} or sum(members.values()) > _MAX_BYTES:
                raise FileFormatError(f"{path} does not hold exactly {_JSON} and {_NPZ}, of at most 4 GiB.")
            self.json = json.loads(archive.read(_JSON))
            if not isinstance(self.json, dict) or self.json.get("format") != FORMAT:
                raise FileFormatError(f"{path} was not written by gan_oversampler.")
            if self.json["version"] > VERSION:
                raise FileFormatError(
                    f"{path} has format version {self.json['version']}, but this release reads up to {VERSION}: "
                    "upgrade gan-oversampler."
                )
            with np.load(io.BytesIO(archive.read(_NPZ)), allow_pickle=False) as npz:
                self.arrays = {name: npz[name] for name in npz.files}

    def state(self, described: dict[str, Any]) -> dict[str, Any]:
        return {
            key: self.arrays[value["array"]] if isinstance(value, dict) and "array" in value else _from_json(value)
            for key, value in described.items()
        }

    def source(self, described: dict[str, Any]) -> RowSource | GeneratorSource:
        if "rows" in described:
            return RowSource(self.arrays[described["rows"]])
        _check_architecture(described["architecture"])
        weights = [self.arrays[name] for name in described["weights"]]
        return GeneratorSource(
            json.dumps(described["architecture"]), weights, described["latent_dim"], described["latent"]
        )

    def model(self, described: dict[str, Any]) -> ClassModel:
        deformation, label_filter = described["deformation"], described["label_filter"]
        return ClassModel(
            codec_from_state(self.state(described["codec"])),
            self.source(described["source"]),
            None if deformation is None else deformation_from_state(self.state(deformation)),
            None if label_filter is None else LabelFilter.from_state(self.state(label_filter)),
        )

    def parameters(self, cls: type) -> dict[str, Any]:
        known = cls._get_param_names()  # type: ignore[attr-defined]
        saved = {k: v for k, v in self.json["parameters"].items() if k in known}
        unsaved = {k: v["unsaved"] for k, v in saved.items() if isinstance(v, dict) and "unsaved" in v}
        if unsaved:
            warnings.warn(
                f"The parameters {unsaved} were not saved, since a file holds no code: set them again before "
                "fitting anew; drawing works as it is.",
                UserWarning,
                stacklevel=5,
            )
        return {k: _from_json(v) for k, v in saved.items() if k not in unsaved}


def _fitted_state(file: _File) -> dict[str, Any]:
    described = file.json
    n_original, n_new = described["n_rows"]
    row_format = {k: _from_json(v) for k, v in described["row_format"].items()}
    state = {
        "classes_": np.array(described["classes"]["labels"], dtype=described["classes"]["dtype"]),
        "image_shape_": described["image_shape"] and tuple(described["image_shape"]),
        "row_format_": RowFormat(**row_format),
        "seed_": described["seed"],
        "n_features_in_": described["n_features_in"],
        "synthetic_mask_": np.arange(n_original + n_new) >= n_original,
        "sampling_strategy_": OrderedDict(_from_json(described["sampling_strategy"])),
        "models_": {_from_json(k): file.model(m) for k, m in described["models"]},
        "history_": {_from_json(k): file.state(h) for k, h in described["history"]},
    }
    if described["feature_names_in"]:
        state["feature_names_in_"] = np.array(described["feature_names_in"], dtype=object)
    return state


def load(cls: type, path: str | os.PathLike[str]) -> Any:
    """Read a sampler of class `cls` that `save` wrote.

    Raises
    ------
    FileNotFoundError
    FileFormatError
        Whatever is wrong with the file.
    """
    try:
        file = _File(path)
        sampler = cls(**file.parameters(cls))
        vars(sampler).update(_fitted_state(file))
    except (FileFormatError, OSError):
        raise
    except Exception as error:
        raise FileFormatError(
            f"{path} is not a file that gan_oversampler can read ({type(error).__name__}: {error}): it may be "
            "damaged, or not have been written by save()."
        ) from error
    return sampler
