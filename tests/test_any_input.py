"""Any input at all gives a result that obeys every law, or one clear sentence: Hypothesis looks for a third way.

A case is made of names, one an aspect (values, shape, container, labels, strategy, parameters), so that a failing
one reads as what it is. All aspects are ordinary but two at most: else nearly every case would be refused at once.
"""

import copy
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from scipy import sparse

from gan_oversampler import DeformationOverSampler, GANOverSampler

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore::gan_oversampler.SmallClassWarning"),
    pytest.mark.filterwarnings("ignore:The number of unique classes is greater than 50%:UserWarning"),
    pytest.mark.filterwarnings("ignore:X holds another value in every row:UserWarning"),
    pytest.mark.filterwarnings("ignore:the matrix subclass is not:PendingDeprecationWarning"),
    pytest.mark.filterwarnings("ignore:After over-sampling, the number of samples:UserWarning"),
]

LONGEST_MESSAGE = 500
SECONDS_AN_EXAMPLE = 60

# -- values ----------------------------------------------------------------------------------------------


def in_range_of(dtype: str, rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Random values that use the whole range of a dtype."""
    kind = np.dtype(dtype).kind
    if kind == "b":
        return rng.integers(0, 2, shape).astype(bool)
    if kind in "iu":
        info = np.iinfo(dtype)
        return rng.integers(info.min, info.max, shape, dtype=dtype, endpoint=True)
    return (rng.uniform(-1, 1, shape) * float(np.finfo(dtype).max)).astype(dtype)


def normal(scale: float = 1.0, dtype: str = "float64") -> Callable[..., np.ndarray]:
    return lambda rng, shape: (rng.normal(size=shape) * scale).astype(dtype)


def spoilt(value: float, dtype: str = "float64") -> Callable[..., np.ndarray]:
    """Normal values, one of which is another."""

    def make(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        rows = rng.normal(size=shape).astype(dtype)
        if rows.size:
            rows.flat[rng.integers(rows.size)] = value
        return rows

    return make


def whole_range(dtype: str) -> Callable[..., np.ndarray]:
    return lambda rng, shape: in_range_of(dtype, rng, shape)


NUMBERS: dict[str, Callable[..., np.ndarray]] = {
    **{
        dtype: whole_range(dtype)
        for dtype in (
            *("bool", "uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64"),
            *("float16", "float32", "float64"),
        )
    },
    **{f"normal {scale}": normal(scale) for scale in (1e-300, 1e-30, 1.0, 1e30, 1e300)},
    "normal float32": normal(dtype="float32"),
    "normal float16": normal(dtype="float16"),
    "big-endian": normal(dtype=">f8"),
    "heavy tails": lambda rng, shape: rng.standard_cauchy(shape) ** 3,
    "constant": lambda rng, shape: np.full(shape, 7.0),
    "zeros": lambda rng, shape: np.zeros(shape),
    "two values": lambda rng, shape: rng.choice([-1e9, 1e9], shape),
    "one bright": spoilt(1e12),
    "object integers": lambda rng, shape: rng.integers(-5, 5, shape).astype(object),
    "object reals": lambda rng, shape: rng.normal(size=shape).astype(object),
}
NOT_NUMBERS: dict[str, Callable[..., np.ndarray]] = {
    "NaN": spoilt(np.nan),
    "NaN float16": spoilt(np.nan, "float16"),
    "infinity": spoilt(np.inf),
    "minus infinity": spoilt(-np.inf, "float32"),
    "complex": lambda rng, shape: rng.normal(size=shape) + 1j,
    "numerals": lambda rng, shape: rng.normal(size=shape).astype(str),
    "words": lambda rng, shape: np.full(shape, "word"),
    "bytes": lambda rng, shape: np.full(shape, b"word"),
    "dates": lambda rng, shape: np.full(shape, np.datetime64("2024-01-01")),
    "durations": lambda rng, shape: np.full(shape, np.timedelta64(3, "s")),
    "object words": lambda rng, shape: np.full(shape, "word", object),
    "object None": lambda rng, shape: np.full(shape, None, object),
    "object dicts": lambda rng, shape: np.full(shape, {}, object),
    "long double": lambda rng, shape: rng.normal(size=shape).astype(np.longdouble) * np.longdouble("1e400"),
    "records": lambda rng, shape: np.zeros(shape, [("a", "f8"), ("b", "i4")]),
}

# -- containers ------------------------------------------------------------------------------------------


def frame_of(rows: np.ndarray) -> pd.DataFrame:
    flat = rows.reshape(len(rows), int(np.prod(rows.shape[1:])))
    flat = flat.astype(object) if flat.dtype.names else flat
    return pd.DataFrame(flat, columns=[f"c{i}" for i in range(flat.shape[1])])


def nullable(dtype: str, hole: bool = False) -> Callable[[np.ndarray], pd.DataFrame]:
    def make(rows: np.ndarray) -> pd.DataFrame:
        frame = frame_of(np.arange(rows.size).reshape(rows.shape) % 2).astype(dtype)
        if hole and frame.size:
            frame.iloc[0, 0] = pd.NA
        return frame

    return make


def read_only(rows: np.ndarray) -> np.ndarray:
    rows = rows.copy()
    rows.flags.writeable = False
    return rows


def mapped(rows: np.ndarray) -> np.memmap:
    """A read-only memory map, backed by a file that is gone when it is closed."""
    import tempfile

    with tempfile.NamedTemporaryFile(suffix=".npy") as file:
        np.save(file, rows)
        file.flush()
        return np.load(file.name, mmap_mode="r")


def masked(rows: np.ndarray) -> np.ma.MaskedArray:
    return np.ma.array(rows, mask=np.arange(rows.size).reshape(rows.shape) == 0)


def mixed_frame(rows: np.ndarray) -> pd.DataFrame:
    frame = frame_of(rows)
    return frame.assign(when=pd.Timestamp("2024-01-01"), what="word")


CONTAINERS: dict[str, Callable[[np.ndarray], Any]] = {
    "array": lambda rows: rows,
    "fortran": np.asfortranarray,
    "read-only": read_only,
    "every second": lambda rows: np.repeat(rows, 2, axis=0)[::2],
    "backwards": lambda rows: rows[::-1][::-1].copy()[..., ::-1] if rows.ndim > 1 else rows,
    "memmap": mapped,
    "list": lambda rows: rows.tolist(),
    "tuple": lambda rows: tuple(map(tuple, rows.tolist())) if rows.ndim == 2 else tuple(rows.tolist()),
    "rows": list,
    "frame": frame_of,
    "frame, odd index": lambda rows: frame_of(rows).set_axis([7] * len(frame_of(rows))),
    "frame, integer names": lambda rows: frame_of(rows).set_axis(range(frame_of(rows).shape[1]), axis=1),
    "frame, equal names": lambda rows: frame_of(rows).set_axis(["c"] * frame_of(rows).shape[1], axis=1),
}
ODD_CONTAINERS: dict[str, Callable[[np.ndarray], Any]] = {
    **{dtype: nullable(dtype) for dtype in ("Int64", "UInt8", "boolean", "Float32", "category", "string")},
    "Int64 with NA": nullable("Int64", hole=True),
    "boolean with NA": nullable("boolean", hole=True),
    "sparse frame": nullable("Sparse[int]"),
    "mixed frame": mixed_frame,
    "sparse": lambda rows: sparse.csr_matrix(np.ones((len(rows) if rows.ndim else 1, 3))),
    "masked": masked,
    "matrix": lambda rows: np.asmatrix(np.ones((len(rows) if rows.ndim else 1, 3))),
    "ragged": lambda rows: [[1.0], [2.0, 3.0]] * 10,
    "series": lambda rows: pd.Series(np.arange(27)),
    "None": lambda rows: None,
    "number": lambda rows: 5,
    "text": lambda rows: "text",
    "dict": lambda rows: {"a": [1, 2]},
    "set": lambda rows: {1, 2},
    "empty": lambda rows: [],
    "generator": lambda rows: iter(rows.tolist() if rows.ndim else [1]),
    "object": lambda rows: frame_of,
}
SHAPES = [(3,), (1,), (64,), (8, 8), (6, 6, 3)]
ODD_SHAPES: list[tuple[int, ...] | None] = [None, (), (0,), (2, 2), (3, 40), (0, 8), (8, 8, 0), (4, 4, 2, 2), (5, 9)]
COUNTS = [(12, 15)]
ODD_COUNTS = [(0, 0), (0, 1), (1, 0), (1, 1), (0, 15), (1, 15), (2, 3), (9, 15), (10, 15), (12, 12), (15, 12)]

# -- labels and strategies -------------------------------------------------------------------------------

LABELS: dict[str, Callable[[np.ndarray], Any]] = {
    "int": lambda y: y,
    "uint8": lambda y: y.astype(np.uint8),
    "list": lambda y: y.tolist(),
    "tuple": lambda y: tuple(y.tolist()),
    "str": lambda y: np.array(["häufig", "🙂"])[y],
    "object": lambda y: np.array(["common", "rare"], dtype=object)[y],
    "bool": lambda y: y.astype(bool),
    "float": lambda y: y.astype(float),
    "float16": lambda y: y.astype(np.float16),
    "large": lambda y: y * (2**62),
    "column": lambda y: y[:, None],
    "one-hot": lambda y: np.eye(2, dtype=int)[y],
    "series": lambda y: pd.Series(y, name="target", index=np.arange(len(y))[::-1]),
    "category": lambda y: pd.Series(pd.Categorical.from_codes(y, ["common", "rare", "never"])),
    "Int64": lambda y: pd.Series(y, dtype="Int64"),
    "boolean": lambda y: pd.Series(y.astype(bool), dtype="boolean"),
    "string": lambda y: pd.Series(np.array(["common", "rare"])[y], dtype="string"),
    "frame": lambda y: pd.DataFrame({"target": y}),
    "read-only": read_only,
}
ODD_LABELS: dict[str, Callable[[np.ndarray], Any]] = {
    "one class": np.zeros_like,
    "three classes": lambda y: y + (np.arange(len(y)) % 3 == 0),
    "all differ": lambda y: np.arange(len(y)),
    "too few": lambda y: y[:-1],
    "too many": lambda y: np.append(y, [0, 1]),
    "NaN": lambda y: np.where(np.arange(len(y)) == 0, np.nan, y),
    "infinity": lambda y: np.where(np.arange(len(y)) == 0, np.inf, y),
    "object NaN": lambda y: np.where(np.arange(len(y)) == 0, np.nan, np.array(["a", "b"], object)[y]),
    "object None": lambda y: np.where(np.arange(len(y)) == 0, None, np.array(["a", "b"], object)[y]),
    "Int64 with NA": lambda y: pd.Series(y, dtype="Int64").where(np.arange(len(y)) > 0),
    "category with NA": lambda y: pd.Series(pd.Categorical.from_codes(y - (np.arange(len(y)) == 0), ["a", "b"])),
    "int and str": lambda y: np.array([1, "one"], dtype=object)[y],
    "tuples": lambda y: [(i, "x") for i in y],
    "reals": lambda y: y + 0.5,
    "complex": lambda y: y * 1j,
    "bytes": lambda y: np.array([b"a", b"b"])[y],
    "dates": lambda y: np.array(["2024-01-01", "2024-01-02"], "datetime64[D]")[y],
    "several labels": lambda y: np.stack([y, 1 - y, y], axis=1),
    "two columns": lambda y: np.stack([y, y], axis=1),
    "deep": lambda y: y.reshape(-1, 1, 1),
    "dict": lambda y: {"a": 1},
    "None": lambda y: None,
    "number": lambda y: 3,
    "text": lambda y: "text",
    "empty": lambda y: [],
    "set": lambda y: {0, 1},
    "generator": lambda y: iter(y.tolist()),
}

Strategy = Callable[[list[Any]], Any]
STRATEGIES: dict[str, Strategy] = {
    **{name: (lambda labels, name=name: name) for name in ("auto", "minority", "not minority", "not majority", "all")},
    "1.0": lambda labels: 1.0,
    "more of one": lambda labels: {labels[-1]: 20},
    "more of each": lambda labels: {label: 20 + i for i, label in enumerate(labels)},
    "as many": lambda labels: {labels[-1]: 15},
    "callable": lambda labels: lambda y: {labels[-1]: 19},
}
ODD_STRATEGIES: dict[str, Strategy] = {
    **{repr(value): (lambda labels, value=value: value) for value in (0.1, 2.0, -1.0, np.nan, np.inf, True, 5, None)},
    **{name: (lambda labels, name=name: name) for name in ("majority", "nonsense", "")},
    "fewer": lambda labels: {labels[-1]: 3},
    "negative": lambda labels: {labels[-1]: -3},
    "fraction": lambda labels: {labels[-1]: 20.5},
    "NaN count": lambda labels: {labels[-1]: np.nan},
    "text count": lambda labels: {labels[-1]: "many"},
    "None count": lambda labels: {labels[-1]: None},
    "True count": lambda labels: {labels[-1]: True},
    "NumPy count": lambda labels: {labels[-1]: np.int64(20)},
    "10**12": lambda labels: {labels[-1]: 10**12},
    "10**30": lambda labels: {labels[-1]: 10**30},
    "absent": lambda labels: {"absent": 20},
    "empty dict": lambda labels: {},
    "list": lambda labels: [labels[-1]],
    "to nonsense": lambda labels: lambda y: "nonsense",
    "to None": lambda labels: lambda y: None,
}

# -- parameters ------------------------------------------------------------------------------------------


def small_generator(latent_dim: int, output_shape: tuple[int, ...]) -> Any:
    import keras

    size = int(np.prod(output_shape))
    layers = [keras.layers.Dense(4), keras.layers.Dense(size), keras.layers.Reshape(output_shape)]
    return keras.Sequential([keras.Input((latent_dim,)), *layers])


def small_discriminator(input_shape: tuple[int, ...]) -> Any:
    import keras

    return keras.Sequential([keras.Input(input_shape), keras.layers.Flatten(), keras.layers.Dense(1)])


def not_a_model(*sizes: Any) -> str:
    return "no model"


def same(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return images


def cut(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return images[:, 1:]


def fewer(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return images[1:]


def to_nan(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return images * np.nan


def to_none(images: np.ndarray, rng: np.random.Generator) -> None:
    return None


BUDGET = {
    "max_iter": 1,
    "batch_size": 4,
    "latent_dim": 4,
    "generator": small_generator,
    "discriminator": small_discriminator,
}
PARAMETERS: list[tuple[str, Any]] = [
    ("random_state", 0),
    ("random_state", None),
    ("random_state", 2**32 - 1),
    ("random_state", np.int64(3)),
    ("image_shape", "auto"),
    ("image_shape", None),
    ("image_shape", (8, 8)),
    ("image_shape", [8, 8, 1]),
    ("deformation", "affine"),
    ("deformation", None),
    ("deformation", same),
]
ODD_PARAMETERS: list[tuple[str, Any]] = [
    *(("random_state", value) for value in (-1, 2**40, "x", 1.5, np.random.default_rng(0))),
    *(("image_shape", value) for value in ((4, 16), (8,), (), (0, 64), (-8, -8), ("a", "b"), (8.5, 8), [None, 8])),
    *(("image_shape", value) for value in ((10**9, 10**9, 10**9), "square", 8, (8, 8, 1, 1), (np.nan, 8))),
    *(("deformation", value) for value in ("strong", 3, cut, fewer, to_nan, to_none)),
    *(("sampling_strategy", value) for value in (object(), b"auto", (1, 2))),
]
GAN_PARAMETERS: list[tuple[str, Any]] = [
    ("max_iter", 2),
    ("label_filter", False),
    ("preset", "auto"),
    ("warm_start", True),
    ("time_limit", 100.0),
    ("callbacks", []),
]
ODD_GAN_PARAMETERS: list[tuple[str, Any]] = [
    *((name, value) for name in ("max_iter", "batch_size", "latent_dim") for value in (0, -1, 2.5, "x", np.nan)),
    *((name, value) for name in ("learning_rate", "time_limit") for value in (0, -1.0, "x", np.nan, np.inf)),
    *((name, value) for name in ("warm_start", "on_divergence", "callbacks") for value in ("x", 3, [3], (), None)),
    ("checkpoint", 3),
    *((name, value) for name in ("generator", "discriminator") for value in ("x", not_a_model, small_generator)),
    ("batch_size", 1),
    ("preset", "x"),
    ("label_filter", "x"),
    ("verbose", "x"),
    ("max_iter", True),
]


@dataclass(frozen=True)
class Case:
    """One call, by names."""

    sampler: str
    values: str
    shape: tuple[int, ...] | None
    counts: tuple[int, int]
    container: str
    labels: str
    strategy: str
    parameter: tuple[str, Any]
    seed: int

    def data(self) -> tuple[Any, Any]:
        """X and y."""
        rng, (n_rare, n_common) = np.random.default_rng(self.seed), self.counts
        shape = () if self.shape is None else (n_rare + n_common, *self.shape)
        rows = np.asarray({**NUMBERS, **NOT_NUMBERS}[self.values](rng, shape))
        y = rng.permutation(np.repeat([1, 0], [n_rare, n_common]))
        wrap = {**CONTAINERS, **ODD_CONTAINERS}[self.container]
        is_scalar, is_unmappable = self.shape is None, self.container == "memmap" and rows.dtype.hasobject
        X = rows if is_scalar or is_unmappable else wrap(rows)
        return X, {**LABELS, **ODD_LABELS}[self.labels](y)

    def make(self, y: Any) -> Any:
        """The sampler."""
        strategy = {**STRATEGIES, **ODD_STRATEGIES}[self.strategy](distinct(y))
        budget = BUDGET if self.sampler == "gan" else {}
        cls = GANOverSampler if self.sampler == "gan" else DeformationOverSampler
        name, value = self.parameter
        return cls(**{"random_state": 0, **budget, "sampling_strategy": strategy, name: value})


def distinct(y: Any) -> list[Any]:
    """Labels as a user would write them, as far as there are any."""
    try:
        array = np.asarray(y)
        return list(np.unique(array.argmax(1) if array.ndim == 2 and array.shape[1] > 1 else array[:])) or [0]
    except (TypeError, ValueError, IndexError):
        return [0]


@st.composite
def cases(draw: Any) -> Case:
    """Cases that are odd in two aspects at most."""
    aspects = ("values", "shape", "counts", "container", "labels", "strategy", "parameter")
    odd = draw(st.sets(st.sampled_from(aspects), max_size=2))
    sampler = draw(st.sampled_from(["gan", "deformation"]))
    own, odd_own = (GAN_PARAMETERS, ODD_GAN_PARAMETERS) if sampler == "gan" else ([], [])
    choices: dict[str, tuple[Any, Any]] = {
        "values": (NUMBERS, NOT_NUMBERS),
        "shape": (SHAPES, ODD_SHAPES),
        "counts": (COUNTS, ODD_COUNTS),
        "container": (CONTAINERS, ODD_CONTAINERS),
        "labels": (LABELS, ODD_LABELS),
        "strategy": (STRATEGIES, ODD_STRATEGIES),
        "parameter": (PARAMETERS + own, ODD_PARAMETERS + odd_own),
    }
    picked = {name: draw(st.sampled_from(list(choices[name][name in odd]))) for name in aspects}
    return Case(sampler=sampler, **picked, seed=draw(st.integers(0, 9)))


# -- the laws --------------------------------------------------------------------------------------------


def bits(array: np.ndarray) -> bytes:
    return repr(array.tolist()).encode() if array.dtype.hasobject else array.tobytes()


def equal(one: Any, other: Any) -> bool:
    """Whether two inputs are the same, in type, dtype and every bit that counts."""
    if isinstance(one, pd.DataFrame | pd.Series):
        return type(one) is type(other) and one.equals(other) and one.index.equals(other.index)
    if sparse.issparse(one):
        return (one != other).nnz == 0
    if isinstance(one, np.ndarray):
        return (
            one.dtype == other.dtype and one.shape == other.shape and bits(np.asarray(one)) == bits(np.asarray(other))
        )
    return repr(one) == repr(other)


def check_sentence(error: Exception) -> None:
    message = str(error)
    assert message.strip(), "an empty message"
    assert "\n" not in message, f"more than one line: {message}"
    assert len(message) <= LONGEST_MESSAGE, f"too long: {message}"


def check_labels(y: Any, y_res: Any, sampler: Any, n: int) -> None:
    assert type(y_res) is (list if isinstance(y, tuple) else type(y))
    old, new = np.asarray(y), np.asarray(y_res)
    assert len(new) == n + sum(sampler.sampling_strategy_.values())
    assert np.array_equal(new[:n].astype(str), old.astype(str))
    if hasattr(y, "dtype"):
        assert y_res.dtype == y.dtype
    drawn = new[n:].argmax(1) if new.ndim == 2 and new.shape[1] > 1 else np.ravel(new[n:])
    wanted = [label for label, count in sampler.sampling_strategy_.items() for _ in range(count)]
    assert list(drawn) == wanted


def check_rows(X: Any, X_res: Any, classes: np.ndarray, drawn: np.ndarray, is_image: bool) -> None:
    """The originals first, untouched and unaliased; each new value in range."""
    n = len(classes)
    if sparse.issparse(X):
        assert type(X_res) is type(X)
        X, X_res = X.toarray(), X_res.toarray()
    expected = list if isinstance(X, tuple) else np.ndarray if isinstance(X, np.ndarray) else type(X)
    assert type(X_res) is expected
    assert len(X_res) == n + len(drawn)
    if isinstance(X, pd.DataFrame):
        pd.testing.assert_frame_equal(X_res.iloc[:n], X.reset_index(drop=True), check_index_type=False)
    else:
        old = np.asarray(X)
        assert equal(np.ascontiguousarray(np.asarray(X_res[:n], old.dtype)), np.ascontiguousarray(old))
    if isinstance(X, np.ndarray):
        assert X_res.dtype == X.dtype
        assert not np.shares_memory(X_res, X)
    table = np.asarray(X_res)
    try:
        values = table.astype(float)
    except (TypeError, ValueError):  # categories, or pandas' NA: the values that were there
        for column in pd.DataFrame(table).to_numpy().T:
            assert set(map(repr, column[n:])) <= set(map(repr, column[:n]))
        return
    for label in set(drawn):
        new = values[n:][drawn == label]
        real = values[:n][classes == label] if is_image else values[:n]
        low, high = (f(real, axis=None if is_image else 0) for f in (np.fmin.reduce, np.fmax.reduce))
        assert ((new >= low) | np.isnan(new)).all()
        assert ((new <= high) | np.isnan(new)).all()


def check_unaliased(X: Any, X_res: Any) -> None:
    """Writing on the result leaves the input as it was."""
    before = copy.deepcopy(X)
    if isinstance(X_res, list):
        row = X_res[0]
        while isinstance(row[0], list | tuple | np.ndarray):
            row = row[0]
        if not isinstance(row, tuple):
            row[0] = row[0] == 0
    elif isinstance(X_res, pd.DataFrame) and not isinstance(X_res.dtypes.iloc[0], pd.SparseDtype):
        X_res.iloc[0, 0] = X_res.iloc[1, 0]
    assert equal(before, X)


def check_case(case: Case) -> None:
    X, y = case.data()
    sampler = case.make(y)
    is_consumed = "generator" in (case.container, case.labels)
    before = None if is_consumed else copy.deepcopy((X, y))
    start = time.process_time()
    try:
        X_res, y_res = sampler.fit_resample(X, y)
    except (ValueError, TypeError) as error:
        check_sentence(error)
    else:
        n = len(np.asarray(y))
        classes = np.asarray(y)
        classes = classes.argmax(1) if classes.ndim == 2 and classes.shape[1] > 1 else np.ravel(classes)
        check_labels(y, y_res, sampler, n)
        drawn = np.array([k for k, count in sampler.sampling_strategy_.items() for _ in range(count)], dtype=object)
        check_rows(X, X_res, classes, drawn, sampler.image_shape_ is not None)
        check_unaliased(X, X_res)
    assert time.process_time() - start < SECONDS_AN_EXAMPLE
    if before is not None:
        assert all(map(equal, before, (X, y))), "the input was changed"


CALM = {"deadline": None, "suppress_health_check": list(HealthCheck)}


@settings(max_examples=200, derandomize=True, **CALM)
@given(case=cases())
def test_any_input_gives_a_lawful_result_or_one_sentence(case):
    check_case(case)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@settings(max_examples=2000, phases=[Phase.reuse, Phase.generate, Phase.shrink], **CALM)
@given(case=cases())
def test_two_thousand_inputs(case):
    check_case(case)
