"""X outside of memory is read in parts: only the rows that a fit needs, with the models of X in memory."""

import subprocess
import sys
import textwrap

import numpy as np
import pytest

from gan_oversampler import DeformationOverSampler, GANOverSampler, NotEnoughMemoryError
from gan_oversampler._rows.containers import stored

from .conftest import TINY

pytestmark = pytest.mark.filterwarnings("ignore::gan_oversampler.ConvergenceWarning")


class Virtual:
    """Rows that are made when they are asked for; notes the largest slice, and refuses to be read whole."""

    def __init__(self, make, shape, dtype):
        self.make, self.shape, self.dtype = make, shape, np.dtype(dtype)
        self.most = self.total = 0

    def __len__(self):
        return self.shape[0]

    def __getitem__(self, rows):
        assert isinstance(rows, slice), "only slices are asked for"
        index = np.arange(*rows.indices(len(self)))
        self.most, self.total = max(self.most, len(index)), self.total + len(index)
        return self.make(index)

    def __array__(self, dtype=None, copy=None):
        raise AssertionError("it was read whole")


def of_memmap(X, folder):
    rows = np.lib.format.open_memmap(folder / "X.npy", "w+", X.dtype, X.shape)
    rows[:] = X
    return np.load(folder / "X.npy", mmap_mode="r")


def of_h5py(X, folder):
    h5py = pytest.importorskip("h5py", reason="needs h5py, in the dependency group test")
    with h5py.File(folder / "X.h5", "w") as file:
        file.create_dataset("X", data=X, chunks=(16, *X.shape[1:]))
    return h5py.File(folder / "X.h5")["X"]


def of_zarr(X, folder):
    zarr = pytest.importorskip("zarr", reason="needs zarr, in the dependency group test")
    rows = zarr.create_array(str(folder / "X.zarr"), shape=X.shape, dtype=X.dtype, chunks=(16, *X.shape[1:]))
    rows[:] = X
    return rows


def of_dask(X, folder):
    da = pytest.importorskip("dask.array", reason="needs dask, in the dependency group test")
    return da.from_array(X, chunks=(17, *X.shape[1:]))


def of_nothing(X, folder):
    return Virtual(X.__getitem__, X.shape, X.dtype)


STORES = [of_memmap, of_h5py, of_zarr, of_dask, of_nothing]


@pytest.mark.parametrize("store", STORES)
@pytest.mark.parametrize("kind", ["digits", "table"])
def test_the_models_are_those_of_x_in_memory(store, kind, tmp_path, request):
    X, y = request.getfixturevalue(kind)
    label = int(y.min() if kind == "digits" else 1)
    in_memory = DeformationOverSampler(random_state=0)
    in_memory.fit_resample(X, y)
    sampler = DeformationOverSampler(random_state=0).fit(store(X, tmp_path), y)
    assert sampler.image_shape_ == in_memory.image_shape_
    assert sampler.sampling_strategy_ == in_memory.sampling_strategy_
    np.testing.assert_array_equal(sampler.sample(20, label), in_memory.sample(20, label))


@pytest.mark.parametrize("store", STORES)
def test_each_store_is_read_in_parts(store, tmp_path):
    """zarr's arrays have had no length since 3.1."""
    assert stored.stored_of(store(np.zeros((40, 5)), tmp_path)) is not None


def test_fit_of_x_in_memory_learns_what_fit_resample_learns(digits, tmp_path):
    sampler = GANOverSampler(random_state=0, **TINY).fit(*digits)
    whole = GANOverSampler(random_state=0, **TINY)
    whole.fit_resample(*digits)
    np.testing.assert_array_equal(sampler.sample(9, 3), whole.sample(9, 3))
    assert sorted(set(vars(whole)) - set(vars(sampler))) == ["parent_indices_", "sample_weight_", "synthetic_mask_"]
    sampler.save(tmp_path / "threes.zip")
    loaded = GANOverSampler.load(tmp_path / "threes.zip")
    np.testing.assert_array_equal(loaded.sample(9, 3), sampler.sample(9, 3))
    assert not hasattr(loaded, "synthetic_mask_")


def test_a_dask_dataframe_is_read_by_its_partitions(table):
    dd = pytest.importorskip("dask.dataframe", reason="needs dask[dataframe], in the dependency group test")
    pd = pytest.importorskip("pandas", reason="needs pandas, in the dependency group test")
    X = pd.DataFrame(table[0], columns=list("abcde")).assign(e=lambda X: np.where(X.e > 0, "high", "low"))
    in_memory, sampler = DeformationOverSampler(random_state=0), DeformationOverSampler(random_state=0)
    lazy = dd.from_pandas(X, npartitions=4)
    in_memory.fit_resample(lazy.compute(), table[1])  # dask keeps strings in a dtype of its own
    pd.testing.assert_frame_equal(sampler.fit(lazy, table[1]).sample(9, 1), in_memory.sample(9, 1))
    with pytest.raises(ValueError, match="a label for each of the 120 rows of X, but it holds 119"):
        sampler.fit(lazy, table[1][1:])


class Partition:
    def __init__(self, frame):
        self.frame = frame

    def compute(self):
        return self.frame


class Partitioned:
    """What is asked of a DataFrame of dask: it lets each partition have categories of its own."""

    dask = None

    def __init__(self, frames):
        self.columns, self.npartitions = frames[0].columns, len(frames)
        self.partitions = [Partition(frame) for frame in frames]


def parts_of(*categories, ordered=False):
    pd = pytest.importorskip("pandas", reason="needs pandas, in the dependency group test")
    rng = np.random.default_rng(0)
    return [
        pd.DataFrame({"a": rng.normal(size=40), "c": pd.Categorical(rng.choice(list(known), 40), list(known), ordered)})
        for known in categories
    ]


def test_categories_of_all_partitions_are_known():
    parts = parts_of("xy", "xz")
    drawn = DeformationOverSampler(random_state=0).fit(Partitioned(parts), np.arange(80) % 3 == 0).sample(9, True)
    assert drawn["c"].dtype.categories.tolist() == ["x", "y", "z"]
    assert not drawn["c"].dtype.ordered


def test_categories_of_a_partition_that_lends_no_row_are_known(monkeypatch):
    y = np.arange(120) < 20
    monkeypatch.setattr(stored.Stored, "rows_to_read", lambda *_: np.arange(40))
    drawn = DeformationOverSampler(random_state=0).fit(Partitioned(parts_of("xy", "xz", "w")), y).sample(9, True)
    assert drawn["c"].dtype.categories.tolist() == ["x", "y", "z", "w"]


def test_ordered_categories_stay_so_where_they_are_the_same_and_are_refused_otherwise():
    sampler, y = DeformationOverSampler(random_state=0), np.arange(80) % 3 == 0
    assert sampler.fit(Partitioned(parts_of("xy", "xy", ordered=True)), y).sample(9, True)["c"].dtype.ordered
    with pytest.raises(ValueError, match=r"Column 'c' of X must hold the same .* X\['c'\].cat.set_categories first"):
        sampler.fit(Partitioned(parts_of("xy", "yx", ordered=True)), y)


def stored_labels(y, folder):
    np.save(folder / "y.npy", y)
    return np.load(folder / "y.npy", mmap_mode="r")


def test_labels_may_be_stored_too(table, tmp_path):
    X, y = table
    sampler = DeformationOverSampler(random_state=0).fit(of_memmap(X, tmp_path), stored_labels(y, tmp_path))
    assert list(sampler.models_) == [1]


def test_of_the_other_classes_a_sample_is_read(monkeypatch):
    monkeypatch.setattr(stored, "_MAX_OTHER_BYTES", 40_000)
    n, y = 100_000, np.zeros(100_000, int)
    y[::1000], y[5] = 1, 2
    X = Virtual(lambda index: np.random.default_rng(0).normal(size=(len(index), 5)) + index[:, None], (n, 5), float)
    index = stored.Stored(X).rows_to_read(y, [1])
    assert len(index) == 100 + 1000  # of the class, and others of 40 bytes
    assert np.isin(np.flatnonzero(y), index).all()
    rows = stored.Stored(X).read(index, n)
    assert rows.shape == (len(index), 5)
    assert np.abs(rows.mean(axis=1) - index).max() < 3
    np.testing.assert_array_equal(index, stored.Stored(X).rows_to_read(y, [1]))


@pytest.mark.parametrize("n", [420, 421, 2000, 50_000])
def test_of_large_rows_exactly_400_others_are_read(n):
    X = Virtual(None, (n, 256, 256, 3), np.float32)
    assert len(stored.Stored(X).rows_to_read(np.arange(n) < 20, [True])) == 420


def test_rows_that_do_not_fit_are_refused_before_any_is_read():
    X = Virtual(lambda index: pytest.fail("it was read"), (10_000, 10**6, 10**6), np.uint8)
    y = np.arange(len(X)) < 4000
    with pytest.raises(NotEnoughMemoryError, match=r"^Reading 4,400 of 10,000 of X, .* needs about 3.9\d* PiB"):
        DeformationOverSampler(image_shape=None).fit(X, y)


def test_a_store_is_read_chunk_by_chunk():
    X = Virtual(lambda index: np.repeat(index[:, None], 4, axis=1), (1000, 4), np.int64)
    X.chunks = ((100,) * 10, (4,))
    index = np.flatnonzero(np.arange(1000) % 7 == 0)
    np.testing.assert_array_equal(stored.Stored(X).read(index, 1000)[:, 0], index)
    assert X.most <= 100


@pytest.mark.parametrize("n_labels", [119, 121])
def test_another_number_of_labels_is_refused(table, n_labels, tmp_path):
    with pytest.raises(ValueError, match=f"a label for each of the 120 rows of X, but it holds {n_labels}"):
        DeformationOverSampler().fit(of_memmap(table[0], tmp_path), np.arange(n_labels) < 30)


def test_rows_that_dask_did_not_count_are_refused(table):
    da = pytest.importorskip("dask.array", reason="needs dask, in the dependency group test")
    X = da.from_array(table[0], chunks=50)
    with pytest.raises(ValueError, match=r"call X.compute_chunk_sizes\(\) first"):
        DeformationOverSampler().fit(X[X[:, 0] > 0], table[1])


def test_bad_values_are_found_in_the_rows_that_are_read(table, tmp_path):
    X = table[0].copy()
    X[-1, 0] = np.inf
    with pytest.raises(ValueError, match="X must hold finite numbers"):
        DeformationOverSampler().fit(of_memmap(X, tmp_path), table[1])


MEASURE = """
    import resource, sys
    import numpy as np
    from tests.test_stored import Virtual
    from gan_oversampler import DeformationOverSampler

    def make(index):
        return np.repeat(np.arange(3000, dtype=np.float32)[None] % 7, len(index), axis=0) + index[:, None] % 5

    def peak():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

    def fit_and_draw(n):
        X, y = Virtual(make, (n, 3000), np.float32), np.arange(n) % 1000 == 0
        y[2000:] = False
        y[:2000:40] = True
        sampler = DeformationOverSampler(deformation=None, random_state=0).fit(X, y)
        assert sum(map(len, sampler.iter_samples(20_000, True, 2_000))) == 20_000
        assert X.most <= 2**20 // 12_000
        return peak()

    print(fit_and_draw(20_000), fit_and_draw(int(sys.argv[1])))
"""


def test_peak_memory_is_flat():
    """2.4 GB of virtual rows need hardly more than .24 GB of these."""
    code = [sys.executable, "-c", textwrap.dedent(MEASURE), "200000"]
    run = subprocess.run(code, capture_output=True, text=True, check=False, timeout=300)
    assert run.returncode == 0, run.stderr[-2000:]
    small, large = map(float, run.stdout.split())
    assert large < small + 60, f"{small:.0f} MiB with 20,000 rows, {large:.0f} MiB with 200,000"
