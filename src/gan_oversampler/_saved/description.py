"""A fitted sampler as JSON and arrays, and back: everything read is checked before it is used."""

from __future__ import annotations

import dataclasses
import json
import math
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from gan_oversampler._classes.model import (
    NO_PARENT,
    ClassModel,
    Drawn,
    GeneratorSource,
    LabelFilter,
    MixtureSource,
    RowSource,
)
from gan_oversampler._classes.quality import QualityReport
from gan_oversampler._deformation.deformations import Deformation, Tone, deformation_from_state
from gan_oversampler._gan import gate
from gan_oversampler._rows.codecs import ImageCodec, RawCodec, codec_from_state
from gan_oversampler._rows.tables import TableCodec
from gan_oversampler._saved import mixtures, network_check, row_format, table_check
from gan_oversampler._saved.dtypes import label_dtype
from gan_oversampler._saved.values import LEFT_OUT, from_json, to_json
from gan_oversampler._trained.state import TrainingState
from gan_oversampler.exceptions import FileFormatError

_MAX_LATENT = 2**14
_MAX_ROWS = 2**27
_MAX_FIELD = 2**25  # values of the matrix by which coefficients move pixels
_MAX_NODES = 16
_FARTHEST = 1e3
_MAX_TONE = 10.0

Arrays = dict[str, np.ndarray]
Described = dict[str, Any]


# -- to JSON and arrays ----------------------------------------------------------------------------------


def _add(array: np.ndarray, arrays: Arrays) -> str:
    """Put an array under a numbered name."""
    name = f"a{len(arrays)}"
    arrays[name] = array
    return name


def _describe_state(state: Described, arrays: Arrays) -> Described:
    """A state in which each array has become {"array": its name}."""
    return {
        key: {"array": _add(value, arrays)} if isinstance(value, np.ndarray) else to_json(value)
        for key, value in state.items()
    }


def _describe_source(source: RowSource | MixtureSource | GeneratorSource, arrays: Arrays) -> Described:
    if isinstance(source, MixtureSource):
        return {"mixture": _describe_state(source.mixture.get_state(), arrays)}
    if isinstance(source, RowSource):
        return {"rows": _add(source.rows, arrays)}
    return {
        "architecture": json.loads(source.architecture),
        "weights": [_add(weight, arrays) for weight in source.weights],
        "latent_dim": source.latent_dim,
        "latent": source.latent,
    }


def _describe_model(model: ClassModel, arrays: Arrays) -> Described:
    if not isinstance(model.deformation, Deformation | None):
        raise ValueError(
            f"The deformation {model.deformation.name} deforms what is drawn of a small class, but a file holds no "
            "code: pickle the sampler instead, or give another deformation."
        )
    parts = {"deformation": model.deformation, "label_filter": model.label_filter}
    return {
        "codec": _describe_state(model.codec.get_state(), arrays),
        "source": _describe_source(model.source, arrays),
        "real": None if model.real is None else _describe_source(model.real, arrays),
        "real_share": model.real_share,
        "originals": None if model.originals is None else _add(model.originals, arrays),
        **{name: None if part is None else _describe_state(part.get_state(), arrays) for name, part in parts.items()},
    }


def _states_to_keep(sampler: Any) -> dict[Any, TrainingState]:
    """The states that a warm start continues from, without those that exploded."""
    states = getattr(sampler, "_training_states_", {})
    return {label: state for label, state in states.items() if state.is_good}


def _describe_training(state: TrainingState, arrays: Arrays) -> Described:
    return {
        "seed": state.seed,
        "history": _describe_state(state.history, arrays),
        "variables": [_add(value, arrays) for value in state.variables],
        "snapshot": [_add(value, arrays) for value in state.snapshot],
    }


def _describe_result(sampler: Any, arrays: Arrays) -> Described:
    """What is known of the rows that `fit_resample` gave; after `fit` there are none."""
    mask = getattr(sampler, "synthetic_mask_", np.empty(0, bool))
    parents = getattr(sampler, "parent_indices_", None)
    return {
        "n_rows": len(mask),
        "synthetic": _add(np.packbits(mask), arrays),
        "parents": None if parents is None else _add(parents, arrays),
    }


def describe(sampler: Any, arrays: Arrays) -> Described:
    """Describe a fitted sampler, putting its arrays into `arrays`.

    Raises
    ------
    ValueError
        If drawing needs a function of the user's own.
    """
    return {
        "parameters": {k: to_json(v) for k, v in sampler.get_params(deep=False).items() if k not in LEFT_OUT},
        "classes": {"labels": [to_json(label) for label in sampler.classes_], "dtype": str(sampler.classes_.dtype)},
        "image_shape": sampler.image_shape_,
        "row_format": row_format.describe(sampler.row_format_),
        "seed": sampler.seed_,
        "feature_names_in": list(getattr(sampler, "feature_names_in_", [])),
        **_describe_result(sampler, arrays),
        "sampling_strategy": to_json(dict(sampler.sampling_strategy_)),
        "models": [[to_json(k), _describe_model(m, arrays)] for k, m in sampler.models_.items()],
        "history": [[to_json(k), _describe_state(h, arrays)] for k, h in getattr(sampler, "history_", {}).items()],
        "training": [[to_json(k), _describe_training(s, arrays)] for k, s in _states_to_keep(sampler).items()],
        "quality": [[to_json(k), dataclasses.asdict(r)] for k, r in sampler.quality_report_.items()],
    }


# -- and back --------------------------------------------------------------------------------------------


def _expect(is_so: Any, name: str) -> None:
    if not is_so:
        raise FileFormatError(f"Its {name} is not what save() writes: it may be damaged.")


def _is_whole(value: Any, low: int, high: int) -> bool:
    return type(value) is int and low <= value <= high


@dataclass(frozen=True, eq=False)
class LoadedGeneratorSource(GeneratorSource):
    """Draws from a generator that was read from a file, after its weights are checked.

    Attributes
    ----------
    tensor_shape : tuple of int
        Shape of one encoded row.
    """

    tensor_shape: tuple[int, ...]

    def draw(self, n: int, rng: np.random.Generator) -> Drawn:
        """Draw n rows, which have no parents."""
        gate.require_tensorflow()
        network_check.check_fits(self.architecture, self.weights, self.latent_dim, self.tensor_shape)
        try:
            return super().draw(n, rng)
        except Exception as error:  # a network that can be built may still fail when called
            raise FileFormatError(
                f"The network in the file cannot be drawn from ({type(error).__name__}): the file may be damaged."
            ) from error


def check_networks(models: Iterable[Any]) -> None:
    """Refuse generators that a file may not hold; those that came from a file were checked when they were drawn from.

    Raises
    ------
    FileFormatError
    """
    for source, codec in ((model.source, model.codec) for model in models):
        if isinstance(source, GeneratorSource) and not isinstance(source, LoadedGeneratorSource):
            network_check.check_fits(source.architecture, source.weights, source.latent_dim, codec.tensor_shape)


def _classes(described: Any) -> np.ndarray:
    labels, dtype = [from_json(label) for label in described["labels"]], label_dtype(described["dtype"])
    # A dtype such as <U500000000 would allocate that many characters.
    natural = np.array(labels).dtype
    is_fit = dtype.kind in "biufO" or (dtype.kind in "US" and dtype.itemsize <= max(natural.itemsize, 4))
    _expect(is_fit and dtype.itemsize <= max(natural.itemsize, 16), "dtype of the labels")
    classes = np.array(labels, dtype=dtype)
    _expect(classes.ndim == 1 and len(classes), "list of labels")
    return classes


class _Reader:
    """The objects described by a file.

    Parameters
    ----------
    described : dict
    arrays : dict of ndarray
    """

    def __init__(self, described: Described, arrays: Arrays) -> None:
        self.described, self.arrays = described, arrays
        self.form = row_format.read(described["row_format"])
        self.classes = _classes(described["classes"])

    def array(self, name: Any) -> np.ndarray:
        """An array of finite numbers."""
        array = self.arrays[name]
        _expect(array.dtype.kind != "f" or np.isfinite(array).all(), f"array {name!r}")
        return array

    def state(self, described: Any) -> Described:
        """What `_describe_state` was given."""
        return {
            key: self.array(value["array"]) if isinstance(value, dict) and "array" in value else from_json(value)
            for key, value in described.items()
        }

    def label(self, described: Any) -> Any:
        """One of the classes."""
        label = from_json(described)
        _expect((self.classes == label).any(), "class")
        return label

    def codec(self, described: Any) -> tuple[Any, tuple[int, ...]]:
        """A codec, and the shape of the tensors it takes."""
        state = self.state(described)
        codec, size = codec_from_state(state), self.form.n_features
        if isinstance(codec, ImageCodec):
            _expect(len(codec.shape) in (2, 3) and min(codec.shape) > 0, "image")
            _expect(math.prod(codec.shape) == size and codec.low <= codec.high, "image")
            n_channels = codec.tensor_shape[2]
            _expect(all(_is_whole(channel, 0, n_channels - 1) for channel in codec.constant), "image")
            _expect(not codec.is_grey or n_channels > 2, "image")
            return codec, codec.tensor_shape
        if isinstance(codec, TableCodec):
            table_check.check(codec, self.form)
            return codec, codec.tensor_shape
        return codec, (size,)

    def source(self, described: Any, codec: Any, tensor_shape: tuple[int, ...]) -> Any:
        """The source of rows."""
        if "architecture" not in described:
            return self.real(described, codec, tensor_shape)
        architecture, latent_dim, latent = (described[key] for key in ("architecture", "latent_dim", "latent"))
        network_check.check_plain(architecture)
        _expect(_is_whole(latent_dim, 1, _MAX_LATENT) and latent in ("normal", "uniform"), "noise")
        weights = [self.array(name) for name in described["weights"]]
        return LoadedGeneratorSource(json.dumps(architecture), weights, latent_dim, latent, tensor_shape)

    def rows(self, described: Any, tensor_shape: tuple[int, ...], is_raw: bool = False) -> RowSource:
        """Real rows of the class, encoded or as they are."""
        rows = self.arrays[described["rows"]] if is_raw else self.array(described["rows"])
        _expect(not is_raw or table_check.are_rows(rows, self.form), "set of rows")
        _expect(len(rows) and rows.shape[1:] == tensor_shape, "set of rows")
        return RowSource(rows)

    def real(self, described: Any, codec: Any, tensor_shape: tuple[int, ...]) -> RowSource | MixtureSource | None:
        """Real rows, or what makes rows from real ones."""
        if described is None:
            return None
        if "mixture" in described:
            _expect(isinstance(codec, TableCodec), "mixture")
            return MixtureSource(
                mixtures.mixture(self.state(described["mixture"]), codec.n_numeric, codec.tensor_shape[0])
            )
        return self.rows(described, tensor_shape, isinstance(codec, RawCodec))

    def originals(self, described: Any, source: Any) -> np.ndarray | None:
        """Real rows of a table as numbers, as many as the source knows; NaN where a value is missing."""
        if described is None:
            return None
        rows, known = self.arrays[described], source.rows
        _expect(
            rows.dtype.kind in "biuf" and len(rows) == len(known) and table_check.are_rows(rows, self.form),
            "set of rows",
        )
        return rows

    @staticmethod
    def share(described: Any) -> float:
        """A share."""
        _expect(type(described) in (float, int) and 0 <= described <= 1, "share")
        return float(described)

    def deformation(self, described: Any, tensor_shape: tuple[int, ...]) -> Deformation | None:
        """The deformation of drawn rows."""
        if described is None:
            return None
        state = self.state(described)
        numbers = [v for k, v in state.items() if isinstance(v, float | int) and k not in ("height", "width")]
        _expect(all(abs(number) <= _FARTHEST for number in numbers), "deformation")
        _expect((state["height"], state["width"]) == tensor_shape[:2] and len(tensor_shape) == 3, "deformation")
        _expect(all(_is_whole(nodes, 2, _MAX_NODES) for nodes in state["grid"]), "deformation")
        tone = state.get("tone", [])
        _expect(len(tone) in (0, len(dataclasses.fields(Tone))), "deformation")
        _expect(all(type(number) in (int, float) and 0 <= number <= _MAX_TONE for number in tone), "deformation")
        deformation = deformation_from_state(state)
        n = deformation.basis.n_coefficients
        _expect(math.prod(tensor_shape[:2]) * n // 2 <= _MAX_FIELD, "deformation")
        mean, factor = getattr(deformation, "mean", np.empty(n)), getattr(deformation, "factor", np.empty((n, 1)))
        _expect(mean.shape == (n,) and factor.shape[:1] == (n,) and factor.ndim == 2, "deformation")
        return deformation

    def label_filter(self, described: Any, tensor_shape: tuple[int, ...]) -> LabelFilter | None:
        """The filter that keeps only rows that look like the class."""
        if described is None:
            return None
        label_filter = LabelFilter.from_state(self.state(described))
        n_hidden = label_filter.weights[1].size
        shapes = [(math.prod(tensor_shape), n_hidden), (n_hidden,), (n_hidden, 1), (1,)]
        _expect([weight.shape for weight in label_filter.weights] == shapes, "label filter")
        return label_filter

    def model(self, described: Any) -> ClassModel:
        """The learned model of a class."""
        codec, tensor_shape = self.codec(described["codec"])
        source = self.source(described["source"], codec, tensor_shape)
        real = self.real(described["real"], codec, tensor_shape)
        return ClassModel(
            codec,
            source,
            self.deformation(described["deformation"], tensor_shape),
            self.label_filter(described["label_filter"], tensor_shape),
            real,
            self.share(described["real_share"]),
            self.originals(described.get("originals"), real or source),
        )

    def synthetic_mask(self) -> np.ndarray:
        """Which rows were drawn; the file holds them as bits, so its size bounds their number."""
        bits, n_rows = self.array(self.described["synthetic"]), self.described["n_rows"]
        _expect(bits.dtype == np.uint8 and bits.ndim == 1, "number of rows")
        _expect(_is_whole(n_rows, 0, min(8 * bits.size, _MAX_ROWS)), "number of rows")
        return np.unpackbits(bits, count=n_rows).astype(bool)

    def parent_indices(self) -> np.ndarray:
        """For each row the real one that it was made from, or -1."""
        parents, is_new = self.array(self.described["parents"]), self.synthetic_mask()
        _expect(parents.dtype == np.int64 and parents.shape == is_new.shape, "list of parents")
        _expect(((parents >= NO_PARENT) & (parents < np.sum(~is_new))).all(), "list of parents")
        return parents

    def image_shape(self) -> tuple[int, ...] | None:
        """Shape of an image, or None."""
        shape = self.described["image_shape"]
        _expect(shape is None or math.prod(shape) == self.form.n_features, "image shape")
        return None if shape is None else tuple(shape)

    def history(self, described: Any) -> Described:
        """Losses of a training, which may have exploded, so infinity is allowed here."""
        arrays = {key: self.arrays[value["array"]] for key, value in described.items()}
        _expect(all(array.ndim == 1 for array in arrays.values()), "history")
        return arrays

    def training(self, described: Any) -> TrainingState:
        """The state of a training; its arrays are checked against the networks before it continues."""
        history = self.history(described["history"])
        _expect(
            _is_whole(described["seed"], 0, 2**64) and len({len(column) for column in history.values()}) == 1,
            "training",
        )
        variables, snapshot = ([self.array(name) for name in described[key]] for key in ("variables", "snapshot"))
        _expect(0 < len(snapshot) <= len(variables), "training")
        return TrainingState(described["seed"], history, variables, snapshot, is_complete=True)

    @staticmethod
    def report(described: Any) -> QualityReport:
        """The report from when the file was written; the file holds no real rows to measure again."""
        report = QualityReport(**described)
        numbers = {**report.scores, **report.reference, "share": report.deformed_share}
        _expect(all(type(number) in (float, int) for number in numbers.values()), "quality report")
        texts = (report.verdict, report.explanation, report.privacy)  # older files have no privacy
        _expect(all(isinstance(text, str) for text in texts), "quality report")
        return report


def fitted_state(described: Described, arrays: Arrays) -> dict[str, Any]:
    """The fitted attributes of the sampler that `describe` was given.

    Raises
    ------
    FileFormatError
        Also the builtin errors of a description that lacks something or has another form.
    """
    reader = _Reader(described, arrays)
    _expect(_is_whole(described["seed"], 0, 2**64), "seed")
    strategy = from_json(described["sampling_strategy"])
    _expect(all(_is_whole(n, 0, 2**63) for n in strategy.values()), "sampling strategy")
    state = {
        "classes_": reader.classes,
        "image_shape_": reader.image_shape(),
        "row_format_": reader.form,
        "seed_": described["seed"],
        "n_features_in_": reader.form.n_features,
        "sampling_strategy_": OrderedDict(strategy),
        "models_": {reader.label(k): reader.model(m) for k, m in described["models"]},
        "history_": {reader.label(k): reader.history(h) for k, h in described["history"]},
        "_quality_reports_": {reader.label(k): reader.report(r) for k, r in described["quality"]},
    }
    training = {reader.label(k): reader.training(t) for k, t in described.get("training", [])}
    if training:
        state["_training_states_"] = training
    if described["n_rows"]:
        state["synthetic_mask_"] = reader.synthetic_mask()
    if described.get("parents") is not None:  # older files have no parents
        state["parent_indices_"] = reader.parent_indices()
    names = described["feature_names_in"]
    _expect(len(names) in (0, reader.form.n_features) and all(isinstance(n, str) for n in names), "feature names")
    return {**state, "feature_names_in_": np.array(names, dtype=object)} if names else state
