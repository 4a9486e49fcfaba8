"""Laws of fit_resample over containers, dtypes, shapes and labels."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gan_oversampler import DeformationOverSampler, GANOverSampler

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore::gan_oversampler.SmallClassWarning"),
]

DTYPES = ["bool", "uint8", "int8", "int16", "int32", "int64", "uint64", "float16", "float32", "float64"]
N_RARE, N_COMMON = 12, 20


def values_of(dtype, shape, seed):
    """Random values that use the whole range of a small dtype."""
    rng = np.random.default_rng(seed)
    dtype = np.dtype(dtype)
    if dtype.kind == "b":
        return rng.integers(0, 2, shape).astype(dtype)
    if dtype.kind in "iu":
        info = np.iinfo(dtype)
        return rng.integers(info.min, info.max, shape, dtype=dtype, endpoint=True)
    return (rng.normal(size=shape) * 100).astype(dtype)


def wrap_X(rows, container, directory):
    if container == "list":
        return rows.tolist()
    if container == "frame":
        return pd.DataFrame(rows, columns=[f"c{i}" for i in range(rows.shape[1])])
    if container == "memmap":
        path = directory / "rows.npy"
        np.save(path, rows)
        return np.load(path, mmap_mode="r")
    if container == "fortran":
        return np.asfortranarray(rows)
    return rows


LABELS = {
    "int": lambda y: y,
    "str": lambda y: np.array(["common", "rare"])[y],
    "object": lambda y: np.array(["common", "rare"], dtype=object)[y],
    "bool": lambda y: y.astype(bool),
    "list": lambda y: y.tolist(),
    "series": lambda y: pd.Series(y, name="target", index=np.arange(len(y))[::-1]),
    "category": lambda y: pd.Series(pd.Categorical.from_codes(y, ["common", "rare"])),
    "nullable": lambda y: pd.Series(y, dtype="Int64"),
    "boolean": lambda y: pd.Series(y.astype(bool), dtype="boolean"),
    "column": lambda y: y[:, None],
    "one-hot": lambda y: np.eye(3, dtype=int)[np.where(np.arange(len(y)) == len(y) - 1, 2, y)],
    "frame": lambda y: pd.DataFrame({"target": y}),
}


def check_laws(X, y, rows, X_res, y_res, n_new):
    """Originals first and untouched; same container, rank, names and dtypes; values in range."""
    n = len(rows)
    assert type(X_res) is (np.ndarray if isinstance(X, np.memmap) else type(X))
    assert len(X_res) == len(y_res) == n + n_new
    if isinstance(X, pd.DataFrame):
        pd.testing.assert_frame_equal(X_res.iloc[:n], X.reset_index(drop=True))
    result = np.asarray(X_res)
    assert result.shape[1:] == rows.shape[1:]
    np.testing.assert_array_equal(result[:n], rows)
    if not isinstance(X, list):
        assert result.dtype == rows.dtype
        assert not np.shares_memory(result, np.asarray(X))
    new, rare, every = (part.astype(float) for part in (result[n:], rows[:N_RARE], rows))
    if rows.ndim == 2:  # a table: the range of each column, of all classes
        assert (new >= every.min(axis=0)).all()
        assert (new <= every.max(axis=0)).all()
    else:
        assert (new >= rare.min()).all()
        assert (new <= rare.max()).all()
    assert type(y_res) is type(y)
    np.testing.assert_array_equal(np.asarray(y_res)[:n], np.asarray(y))
    assert (np.asarray(y_res)[n:] == np.asarray(y)[0]).all()
    if hasattr(y, "dtype"):
        assert y_res.dtype == y.dtype
    assert getattr(y_res, "name", None) == getattr(y, "name", None)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    dtype=st.sampled_from(DTYPES),
    container=st.sampled_from(["array", "list", "frame", "memmap", "fortran"]),
    shape=st.sampled_from([(3,), (64,), (8, 8), (5, 9), (6, 6, 3)]),
    label=st.sampled_from(sorted(set(LABELS) - {"one-hot"})),
    n_new=st.integers(0, 9),
    seed=st.integers(0, 99),
)
def test_laws_over_containers(tmp_path_factory, dtype, container, shape, label, n_new, seed):
    if container == "frame":
        shape = (int(np.prod(shape)),)
    rows = values_of(dtype, (N_RARE + N_COMMON, *shape), seed)
    X = wrap_X(rows, container, tmp_path_factory.mktemp("rows"))
    y = LABELS[label](np.repeat([1, 0], [N_RARE, N_COMMON]))
    strategy = {np.ravel(np.asarray(y))[0]: N_RARE + n_new}
    sampler = DeformationOverSampler(sampling_strategy=strategy, random_state=seed)
    X_res, y_res = sampler.fit_resample(X, y)
    check_laws(X, y, rows, X_res, y_res, n_new)
    np.testing.assert_array_equal(sampler.synthetic_mask_, np.arange(N_RARE + N_COMMON + n_new) >= N_RARE + N_COMMON)


@pytest.mark.parametrize("container", ["array", "list", "frame", "memmap"])
@pytest.mark.parametrize("dtype", ["bool", "uint8", "int64", "float32"])
def test_laws_hold_for_the_gan(tmp_path, container, dtype, tiny):
    rows = values_of(dtype, (N_RARE + N_COMMON, 6), 0)
    X, y = wrap_X(rows, container, tmp_path), np.repeat([1, 0], [N_RARE, N_COMMON])
    X_res, y_res = GANOverSampler(random_state=0, **tiny).fit_resample(X, y)
    check_laws(X, y, rows, X_res, y_res, N_COMMON - N_RARE)


@pytest.mark.parametrize("shape", [(8, 8), (9, 7), (8, 8, 3)])
def test_laws_hold_for_image_gans(shape, tiny):
    rows = values_of("uint8", (N_RARE + N_COMMON, *shape), 0)
    y = np.repeat([1, 0], [N_RARE, N_COMMON])
    X_res, y_res = GANOverSampler(random_state=0, **tiny).fit_resample(rows, y)
    check_laws(rows, y, rows, X_res, y_res, N_COMMON - N_RARE)


@pytest.mark.parametrize("label", sorted(LABELS))
def test_labels_of_every_type(label, table, tiny):
    X, y_plain = table
    y = LABELS[label](y_plain)
    X_res, y_res = GANOverSampler(sampling_strategy="not majority", random_state=0, **tiny).fit_resample(X, y)
    assert type(y_res) is type(y)
    assert len(X_res) == len(y_res)
    counts = np.unique(np.asarray(y_res).argmax(1) if label == "one-hot" else np.ravel(y_res), return_counts=True)[1]
    assert set(counts) == {90} if label != "one-hot" else counts.max() == counts.min()


def test_mixed_and_sparse_frames_keep_each_dtype(tiny):
    rng, y = np.random.default_rng(0), np.repeat([1, 0], [N_RARE, N_COMMON])
    n = len(y)
    X = pd.DataFrame(
        {
            "whole": rng.integers(0, 255, n).astype("uint8"),
            "flag": rng.integers(0, 2, n).astype(bool),
            "real": rng.normal(size=n).astype("float32"),
            "nullable": pd.array(rng.integers(-5, 5, n), dtype="Int16"),
            "sparse": pd.arrays.SparseArray(np.where(rng.random(n) < 0.7, 0.0, rng.random(n)), fill_value=0.0),
        }
    )
    X_res, _ = GANOverSampler(random_state=0, **tiny).fit_resample(X, y)
    assert X_res.dtypes.equals(X.dtypes)
    pd.testing.assert_frame_equal(X_res.iloc[:n], X)


def test_input_is_not_changed(table, tiny):
    X, y = (part.copy() for part in table)
    GANOverSampler(random_state=0, **tiny).fit_resample(X, y)
    np.testing.assert_array_equal(X, table[0])
    np.testing.assert_array_equal(y, table[1])


def test_values_stay_in_the_columns_range_for_tables(table, tiny):
    X, y = table
    X_res, _ = GANOverSampler(random_state=0, **tiny).fit_resample(X, y)
    assert (X_res[120:] >= X.min(axis=0)).all()
    assert (X_res[120:] <= X.max(axis=0)).all()
