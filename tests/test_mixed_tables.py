"""Laws of tables whose columns are of all kinds: what is drawn is a row that could have been there."""

from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gan_oversampler import AutoOverSampler, DeformationOverSampler, GANOverSampler
from gan_oversampler._rows.columns import Columns
from gan_oversampler._rows.containers.pandas_frames import PandasFrame
from gan_oversampler._rows.tables import TableCodec
from gan_oversampler._rows.user_rows import UserRows
from gan_oversampler.comparison import compare_samplers

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore::gan_oversampler.SmallClassWarning"),
]

N, N_RARE = 90, 30
Y = np.repeat([0, 1], [N - N_RARE, N_RARE])


def picked(rng, *values):
    """One of the values a row, each several times."""
    return [values[i] for i in rng.integers(0, len(values), N)]


def holes(values, rng, missing):
    """The values, some of them missing."""
    return [missing if gone else value for value, gone in zip(values, rng.random(N) < 0.3, strict=True)]


COLUMNS = {
    "reals": lambda rng: rng.normal(size=N),
    "float32": lambda rng: rng.normal(size=N).astype("float32"),
    "heavy tails": lambda rng: rng.standard_cauchy(N) ** 3,
    "counts as floats": lambda rng: rng.poisson(40, N).astype(float),
    "uint8": lambda rng: rng.integers(0, 256, N).astype("uint8"),
    "few levels": lambda rng: np.array([0.5, 1.5, 7.25])[rng.integers(0, 3, N)],
    "constant": lambda rng: np.full(N, 7.5),
    "bool": lambda rng: rng.random(N) < 0.4,
    "int64 beyond float64": lambda rng: 2**60 + rng.integers(0, 10**6, N),
    "reals, missing": lambda rng: np.where(rng.random(N) < 0.3, np.nan, rng.normal(size=N)),
    "all missing": lambda rng: np.full(N, np.nan),
    "category": lambda rng: pd.Categorical(picked(rng, "a", "b", "c"), categories=["c", "a", "b", "never"]),
    "category, missing": lambda rng: pd.Categorical(holes(picked(rng, "a", "b"), rng, None)),
    "ordered": lambda rng: pd.Categorical(picked(rng, "low", "mid", "high"), ["low", "mid", "high"], ordered=True),
    "str": lambda rng: pd.Series(picked(rng, "x", "yy", "zzz")),
    "string, missing": lambda rng: pd.Series(holes(picked(rng, "x", "y"), rng, pd.NA), dtype="string"),
    "many words": lambda rng: pd.Series([f"word {i}" for i in rng.integers(0, 70, N)]),
    "objects of str and None": lambda rng: pd.Series(holes(picked(rng, "x", "y"), rng, None), dtype=object),
    "objects of int": lambda rng: pd.Series(rng.integers(0, 50, N).tolist(), dtype=object),
    "objects of bool": lambda rng: pd.Series(picked(rng, True, False), dtype=object),
    "decimals": lambda rng: pd.Series([Decimal(int(i)) / 10 for i in rng.integers(0, 50, N)], dtype=object),
    "several types": lambda rng: pd.Series(picked(rng, 1, "one", True, 2.5), dtype=object),
    "Int64, missing": lambda rng: pd.array(holes(rng.integers(0, 50, N).tolist(), rng, pd.NA), "Int64"),
    "boolean, missing": lambda rng: pd.array(holes(picked(rng, True, False), rng, pd.NA), "boolean"),
    "Float32": lambda rng: pd.array(rng.normal(size=N), "Float32"),
    "sparse": lambda rng: pd.arrays.SparseArray(np.where(rng.random(N) < 0.7, 0.0, rng.random(N))),
}


def frame_of(kinds, seed):
    rng = np.random.default_rng(seed)
    return pd.DataFrame({f"{i} {kind}": COLUMNS[kind](rng) for i, kind in enumerate(kinds)})


def rows_of(X, categorical_features="auto"):
    return UserRows.of(X, Y, DeformationOverSampler(image_shape=None, categorical_features=categorical_features))[0]


def drawn_from_noise(X, n=60, seed=0):
    """Rows as a generator that learned nothing would draw them."""
    rows, rng = rows_of(X), np.random.default_rng(seed)
    columns = Columns.find(rows.numbers, rows.form.is_category)
    codec = TableCodec.fit(rows.numbers[Y == 1], rows.numbers, columns)
    tensors = rng.normal(size=(n, *codec.tensor_shape)).astype(np.float32)
    return rows.form.build(codec.decode(tensors, rng=rng).astype(rows.form.storage_dtype))


def is_missing(column):
    return pd.isna(column).to_numpy()


def check_column(old, new, kind):
    """New values are such as the column could have held."""
    assert new.dtype == old.dtype, kind
    old, new = old[~is_missing(old)], new[~is_missing(new)]
    assert {type(v) for v in new} <= {type(v) for v in old}, kind
    if kind in ("reals", "float32", "heavy tails", "counts as floats", "uint8", "reals, missing", "Float32", "sparse"):
        assert new.empty or (new.min() >= old.min() and new.max() <= old.max())
    elif kind not in ("objects of int", "Int64, missing"):
        assert {repr(v) for v in new} <= {repr(v) for v in old}, kind
    if kind in ("counts as floats", "objects of int", "Int64, missing"):
        assert all(v == int(v) and old.min() <= v <= old.max() for v in new)


def check_table(X, new):
    assert list(new.columns) == list(X.columns)
    for name in X.columns:
        check_column(X[name], new[name], name.split(" ", 1)[1])
    patterns = {tuple(row) for row in X[Y == 1].isna().to_numpy().tolist()}
    assert {tuple(row) for row in new.isna().to_numpy().tolist()} <= patterns


CALM = {"deadline": None, "suppress_health_check": list(HealthCheck)}
KINDS = st.lists(st.sampled_from(sorted(COLUMNS)), min_size=1, max_size=6)


@settings(max_examples=60, derandomize=True, **CALM)
@given(kinds=KINDS, seed=st.integers(0, 99))
def test_what_comes_of_noise_is_a_valid_row(kinds, seed):
    X = frame_of(kinds, seed)
    check_table(X, drawn_from_noise(X, seed=seed))


@settings(max_examples=25, derandomize=True, **CALM)
@given(kinds=KINDS, seed=st.integers(0, 99))
def test_originals_first_and_new_rows_valid(kinds, seed):
    X = frame_of(kinds, seed)
    before = X.copy(deep=True)
    X_res, y_res = DeformationOverSampler(random_state=seed).fit_resample(X, Y)
    pd.testing.assert_frame_equal(X, before)
    pd.testing.assert_frame_equal(X_res.iloc[:N], X)
    assert len(X_res) == len(y_res) == 2 * (N - N_RARE)
    check_table(X, X_res.iloc[N:])


def test_the_gan_draws_rows_of_all_columns_and_keeps_them_in_a_file(tmp_path, tiny):
    X = frame_of(sorted(set(COLUMNS) - {"decimals"}), 0)
    sampler = GANOverSampler(random_state=0, **tiny)
    X_res, _ = sampler.fit_resample(X, Y)
    pd.testing.assert_frame_equal(X_res.iloc[:N], X)
    check_table(X, X_res.iloc[N:])
    sampler.save(tmp_path / "sampler.zip")
    again = GANOverSampler.load(tmp_path / "sampler.zip")
    pd.testing.assert_frame_equal(again.sample(40, 1), sampler.sample(40, 1))
    check_table(X, again.sample(40, 1))


@pytest.mark.parametrize("missing_rate", [0.1, 0.6])
def test_missing_values_come_at_the_rate_and_in_the_pattern_of_the_class(missing_rate):
    rng = np.random.default_rng(0)
    a, b, c = rng.normal(size=(3, N))
    gone = rng.random(N) < missing_rate * Y
    X = pd.DataFrame({"a": np.where(gone, np.nan, a), "b": np.where(gone, np.nan, b), "c": c})
    new = drawn_from_noise(X, n=3000)
    assert (new["a"].isna() == new["b"].isna()).all()
    assert not new["c"].isna().any()
    assert abs(new["a"].isna().mean() - gone[Y == 1].mean()) < 0.04


# -- ties ------------------------------------------------------------------------------------------------


def test_columns_that_are_a_function_of_another_stay_so():
    rng = np.random.default_rng(0)
    age, code = rng.uniform(0, 90, N), rng.integers(0, 5, N)
    X = pd.DataFrame(
        {
            "age": age,
            "months": 12 * age,
            "again": age,
            "group": np.digitize(age, [18, 60]),
            "code": pd.Categorical(code),
            "name": np.array(["e", "b", "a", "d", "c"])[code],
            "free": rng.normal(size=N),
        }
    )
    new = drawn_from_noise(X, n=300)
    np.testing.assert_allclose(new["months"], 12 * new["age"])
    np.testing.assert_array_equal(new["again"], new["age"])
    names = X.groupby("code", observed=True)["name"].first()
    assert (new["name"].to_numpy() == names.loc[new["code"]].to_numpy()).all()
    order = new.sort_values("age")["group"].to_numpy()
    assert (np.diff(order) >= 0).all()
    assert new["free"].nunique() > 100


def test_one_hot_groups_stay_one_hot():
    rng = np.random.default_rng(0)
    groups = [np.eye(k)[rng.integers(0, k, N)] for k in (3, 2, 5)]
    X = pd.DataFrame(np.column_stack([rng.normal(size=N), *groups, rng.random(N) < 0.2]).astype(float))
    new = drawn_from_noise(X, n=200).to_numpy()
    for part in (new[:, 1:4], new[:, 4:6], new[:, 6:11]):
        assert set(np.unique(part)) <= {0, 1}
        assert (part.sum(axis=1) == 1).all()


@pytest.mark.parametrize("copies", [1, 3])
def test_columns_that_have_nothing_to_do_with_each_other_are_not_tied(copies):
    rng = np.random.default_rng(0)
    table = [
        rng.normal(size=N),
        rng.integers(0, 40, N),
        rng.integers(0, 4, N),
        rng.random(N) < 0.1,
        rng.random(N) < 0.02,
    ]
    rows = np.repeat(np.column_stack(table).astype(float), copies, axis=0)
    assert Columns.find(rows, np.zeros(5, bool)).ties == ()


def test_what_a_new_row_inherits_is_its_parents_own():
    X = frame_of(["reals", "category", "reals, missing", "str", "bool"], 0)
    rows, rng = rows_of(X), np.random.default_rng(0)
    own = rows.numbers[Y == 1]
    codec = TableCodec.fit(own, rows.numbers, Columns.find(rows.numbers, rows.form.is_category))
    parents = rng.integers(-1, len(own), 200)
    tensors = rng.normal(size=(200, *codec.tensor_shape)).astype(np.float32)
    new = codec.decode(tensors, parents, own, rng)
    has_parent = parents >= 0
    for i in (1, 3, 4):
        np.testing.assert_array_equal(new[has_parent, i], own[parents[has_parent], i])
    np.testing.assert_array_equal(np.isnan(new[has_parent, 2]), np.isnan(own[parents[has_parent], 2]))
    assert (new[has_parent, 0] != own[parents[has_parent], 0]).mean() > 0.9
    np.testing.assert_allclose(codec.decode(codec.encode(own), np.arange(len(own)), own), own, atol=1e-5)


# -- what a user says ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said", [["zone"], [1], np.array([False, True]), [-1]], ids=["name", "index", "mask", "from the end"]
)
def test_numbers_that_are_said_to_be_categories_keep_to_known_ones(said):
    rng = np.random.default_rng(0)
    zones = rng.permutation(1000)[:20] + 0.5
    X = pd.DataFrame({"size": rng.normal(size=N), "zone": zones[rng.integers(0, 20, N)]})
    rows = rows_of(X, said)
    assert rows.form.is_category.tolist() == [False, True]
    np.testing.assert_array_equal(rows.form.build(rows.numbers), X)


def test_columns_said_to_be_categories_must_be_there():
    with pytest.raises(ValueError, match="names 'nope', but X has no such column"):
        DeformationOverSampler(categorical_features=["nope"]).fit_resample(frame_of(["reals"], 0), Y)


def test_without_categories_words_are_refused():
    with pytest.raises(ValueError, match="numbers are expected of it: add it to categorical_features"):
        DeformationOverSampler(categorical_features=None).fit_resample(frame_of(["reals", "str"], 0), Y)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (pd.date_range("2024", periods=N), "dates or durations .* days since a date"),
        (pd.to_timedelta(np.arange(N), "D"), "dates or durations"),
        (pd.Series([pd.Timestamp("2024").date()] * N, dtype=object), "dates or durations"),
        (pd.period_range("2024", periods=N, freq="D"), "dates or durations"),
        (pd.Series([1j] * N, dtype=object), "Complex data not supported"),
        (np.where(np.arange(N) == 3, np.inf, 1.0), "must hold finite numbers"),
    ],
)
def test_what_is_neither_number_nor_category_is_refused_with_advice(values, sentence):
    with pytest.raises(ValueError, match=sentence) as error:
        DeformationOverSampler().fit_resample(pd.DataFrame({"when": values, "x": np.arange(N)}), Y)
    assert "\n" not in str(error.value)


def test_lists_inside_a_column_are_refused():
    with pytest.raises(TypeError, match="must be a string or a number"):
        DeformationOverSampler().fit_resample(pd.DataFrame({"parts": [[1, 2]] * N}), Y)


# -- containers ------------------------------------------------------------------------------------------


def test_rows_of_a_list_keep_the_type_of_each_place():
    rng = np.random.default_rng(0)
    X = [
        [int(i), float(r), bool(b), w]
        for i, r, b, w in zip(
            rng.integers(0, 50, N), rng.normal(size=N), rng.random(N) < 0.5, picked(rng, "a", "b"), strict=True
        )
    ]
    X_res, _ = DeformationOverSampler(random_state=0).fit_resample(X, Y.tolist())
    assert X_res[:N] == X
    assert all(list(map(type, row)) == [int, float, bool, str] for row in X_res)


def test_object_arrays_keep_the_type_of_each_column():
    X = frame_of(["objects of int", "decimals", "objects of bool", "str"], 0).to_numpy(object)
    X_res, _ = DeformationOverSampler(random_state=0).fit_resample(X, Y)
    assert X_res.dtype == object
    assert all(list(map(type, row)) == [int, Decimal, bool, str] for row in X_res)


POLARS = {
    "real": lambda rng: pl.Series(rng.normal(size=N)),
    "null": lambda rng: pl.Series(holes(rng.normal(size=N).tolist(), rng, None)),
    "whole": lambda rng: pl.Series(holes(rng.integers(0, 9, N).tolist(), rng, None), dtype=pl.Int16),
    "flag": lambda rng: pl.Series(picked(rng, True, False)),
    "word": lambda rng: pl.Series(holes(picked(rng, "a", "b"), rng, None)),
    "category": lambda rng: pl.Series(picked(rng, "u", "v"), dtype=pl.Categorical),
    "enum": lambda rng: pl.Series(picked(rng, "low", "high"), dtype=pl.Enum(["low", "high"])),
}


@pytest.mark.parametrize("label", ["array", "series"])
def test_polars_in_polars_out(label, tmp_path, tiny):
    rng = np.random.default_rng(0)
    X = pl.DataFrame({name: make(rng) for name, make in POLARS.items()})
    y = Y if label == "array" else pl.Series("target", Y)
    X_res, y_res = DeformationOverSampler(random_state=0).fit_resample(X, y)
    assert X_res.schema == X.schema
    assert X_res[:N].equals(X)
    assert type(y_res) is type(y)
    assert len(y_res) == len(X_res)
    gan = GANOverSampler(random_state=0, **tiny)
    drawn = gan.fit_resample(X, y)[0][N:]
    assert drawn.schema == X.schema
    assert set(drawn["word"].drop_nulls()) <= {"a", "b"}
    assert list(gan.feature_names_in_) == X.columns


def test_polars_samplers_are_saved(tmp_path):
    rng = np.random.default_rng(0)
    X = pl.DataFrame({name: make(rng) for name, make in POLARS.items() if name != "enum"})
    sampler = GANOverSampler(random_state=0, max_iter=2, batch_size=8)
    sampler.fit_resample(X, Y)
    sampler.save(tmp_path / "sampler.zip")
    assert GANOverSampler.load(tmp_path / "sampler.zip").sample(9, 1).equals(sampler.sample(9, 1))


NAMED = ["Int8", "boolean", "Float32", "string", "str", "Sparse[int]", "Sparse[bool]", "category", ">f4", "float16"]
NAMED += ["uint8[pyarrow]", "bool[pyarrow]", "halffloat[pyarrow]", "float[pyarrow]", "double[pyarrow]"]


@pytest.mark.parametrize("name", NAMED)
def test_samplers_of_every_plain_dtype_are_saved(tmp_path, name):
    flags = pd.Series(np.arange(N) % 3 == 0)
    X = pd.DataFrame({"a": np.arange(N) / 7, "b": (flags if "bool" in name else flags.astype(np.float64)).astype(name)})
    sampler = DeformationOverSampler(random_state=0).fit(X, Y)
    sampler.save(tmp_path / "sampler.zip")
    loaded = DeformationOverSampler.load(tmp_path / "sampler.zip")
    pd.testing.assert_frame_equal(loaded.sample(9, 1), sampler.sample(9, 1))


class Lazy:
    """What dask's collections have."""

    dask = None
    shape = (N, 2)


@pytest.mark.parametrize(
    ("X", "what"), [(Lazy(), "give X.compute"), (pl.DataFrame({"a": np.arange(N)}).lazy(), "give X.collect")]
)
def test_data_that_are_not_in_memory_are_refused(X, what):
    with pytest.raises(ValueError, match=what):
        DeformationOverSampler().fit_resample(X, Y)


TEXTS = ["text one", "text two"] * (N // 2)


@pytest.mark.parametrize(
    "X",
    [TEXTS, tuple(TEXTS), np.array(TEXTS), pd.Series(TEXTS), pd.Series([None, *TEXTS[1:]]), pl.Series(TEXTS)],
    ids=["list", "tuple", "array", "Series", "one missing", "polars"],
)
def test_texts_that_are_no_column_are_refused_with_advice(X):
    sentence = r"it is a \w+ of texts: make numbers of texts first, for example with TfidfVectorizer"
    for refuse in (DeformationOverSampler().fit_resample, AutoOverSampler().fit_resample, compare_samplers):
        with pytest.raises(ValueError, match=sentence):
            refuse(X, Y)


@pytest.mark.parametrize(
    ("y", "sentence"),
    [
        (
            "Class",
            r"it is of type str: give the labels themselves, such as df\['Class'\], and leave that column out of X",
        ),
        (3, "it is of type int: give the labels themselves, such as a column of a DataFrame"),
        (iter(Y.tolist()), "it is of type list_iterator: give the labels themselves"),
    ],
)
def test_a_name_in_place_of_labels_is_refused_with_advice(y, sentence):
    X = pd.DataFrame({"a": np.arange(N), "Class": Y})
    for refuse in (DeformationOverSampler().fit, AutoOverSampler().fit_resample, compare_samplers):
        with pytest.raises(ValueError, match=sentence):
            refuse(X, y)


INDEXES = {
    "named": pd.Index(["a", "b"], name="columns"),
    "several levels": pd.MultiIndex.from_tuples([("a", 1), ("a", 2)], names=["p", None]),
    "categories": pd.CategoricalIndex(["a", "b"], ["b", "a", "c"], ordered=True, name="k"),
    "numbers": pd.Index([3, 1]),
    "dates": pd.DatetimeIndex(["2024-01-01", "2024-01-02"], name="day"),
}


@pytest.mark.parametrize("kind", INDEXES)
def test_the_column_index_is_kept_and_saved_or_refused_at_save(kind, tmp_path, tiny):
    index = INDEXES[kind]
    X = pd.DataFrame(np.random.default_rng(0).normal(size=(N, 2)), columns=index)
    sampler = GANOverSampler(random_state=0, **tiny)
    X_res, _ = sampler.fit_resample(X, Y)
    pd.testing.assert_index_equal(X_res.columns, index)
    pd.testing.assert_index_equal(sampler.sample(2, 1).columns, index)
    if kind == "dates":
        with pytest.raises(ValueError, match="since a file cannot hold the form"):
            sampler.save(tmp_path / "sampler.zip")
    else:
        sampler.save(tmp_path / "sampler.zip")
        pd.testing.assert_index_equal(GANOverSampler.load(tmp_path / "sampler.zip").sample(2, 1).columns, index)


def test_what_cannot_be_built_is_said_before_training_and_leaves_nothing(monkeypatch):
    def fail(*args):
        raise NotImplementedError("no such cast")

    monkeypatch.setattr(PandasFrame, "build", fail)
    sampler = DeformationOverSampler()
    monkeypatch.setattr(sampler._fit_type, "learn_model", lambda *args: pytest.fail("trained"))
    with pytest.raises(ValueError, match="New rows cannot be given the form of X"):
        sampler.fit_resample(frame_of(["reals"], 0), Y)
    assert not hasattr(sampler, "models_")


# -- labels ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "y",
    [Y.astype(object), pd.Series(Y, dtype="Int64"), pd.Series(Y + 2**60, dtype="Int64"), pd.Series(Y, dtype=object)],
    ids=["objects", "Int64", "beyond float64", "series of objects"],
)
def test_whole_labels_are_whole_in_whatever_container(y):
    sampler = DeformationOverSampler(random_state=0)
    _, y_res = sampler.fit_resample(np.random.default_rng(0).normal(size=(N, 2)), y)
    assert [int(label) for label in sampler.sampling_strategy_] == [int(y[N - 1])]
    assert all(isinstance(label, int | np.integer) for label in sampler.sampling_strategy_)
    assert type(y_res) is type(y)
    assert y_res.dtype == y.dtype


def test_a_list_of_labels_of_several_types_is_refused():
    with pytest.raises(ValueError, match="labels of one type"):
        DeformationOverSampler().fit_resample(np.zeros((N, 2)), [1 if label else "zero" for label in Y])


# -- images ----------------------------------------------------------------------------------------------


def photographs(n, seed=0):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 200, (n, 8, 8, 4)).astype("uint8")


def test_constant_channels_stay_constant():
    X = photographs(N)
    X[..., 3] = 255
    new = DeformationOverSampler(deformation="affine", random_state=0).fit_resample(X, Y)[0][N:]
    assert (new[..., 3] == 255).all()
    assert len(np.unique(new[..., 0])) > 10


@pytest.mark.parametrize("is_flat", [False, True])
def test_grey_images_with_colour_channels_stay_grey(is_flat):
    X = photographs(N)
    X[..., 1:3] = X[..., :1]
    given_X = X.reshape(N, -1) if is_flat else X
    sampler = DeformationOverSampler(image_shape=(8, 8, 4), deformation="affine", random_state=0)
    new = sampler.fit_resample(given_X, Y)[0][N:].reshape(-1, 8, 8, 4)
    assert (new[..., 1] == new[..., 0]).all()
    assert (new[..., 2] == new[..., 0]).all()
    assert (new[..., 3] != new[..., 0]).any()
