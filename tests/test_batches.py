"""Batches with fresh rows: what stands in each, equal ones from any worker, and the libraries that take them."""

import os
import pickle
import subprocess
import sys
import textwrap
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from importlib.util import find_spec
from itertools import pairwise
from multiprocessing import get_context

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone

from gan_oversampler import DeformationOverSampler, GANOverSampler
from gan_oversampler._batches.ahead import drawn_ahead
from gan_oversampler._batches.plan import Plan, of_the_first, rows_shown
from gan_oversampler.batches import BalancedBatches

from .conftest import TINY
from .test_stored import Virtual, of_h5py, of_memmap, of_zarr

pytestmark = pytest.mark.filterwarnings("ignore::gan_oversampler.ConvergenceWarning")


@pytest.fixture(scope="module")
def three_digits():
    """Images of the digits 0 (common), 1 and 2 (rare): (X of shape (150, 8, 8), y); all images differ."""
    from sklearn.datasets import load_digits

    X, y = load_digits(return_X_y=True)
    rows = np.concatenate([np.flatnonzero(y == k)[:n] for k, n in enumerate((100, 20, 30))])
    rows = np.random.default_rng(0).permutation(rows)
    return X[rows].reshape(-1, 8, 8), y[rows]


@pytest.fixture(scope="module")
def sampler(three_digits):
    return DeformationOverSampler(deformation="affine", random_state=0).fit(*three_digits)


@pytest.fixture(scope="module")
def some(sampler, three_digits):
    """Makes batches of the three digits."""
    return lambda **settings: BalancedBatches(sampler, *three_digits, **settings)


def row_numbers(X):
    """For each image which row of X it is."""
    number = {row.tobytes(): i for i, row in enumerate(X)}
    assert len(number) == len(X)
    return number


def assert_same(batches, others):
    for batch, other in zip(batches, others, strict=True):
        for part, other_part in zip(batch, other, strict=True):
            np.testing.assert_array_equal(part, other_part)


# -- what stands in an epoch and in a batch ----------------------------------------------------------------


@pytest.mark.parametrize("batch_size", [3, 7, 32, 75, 300, 301, 1000])
@pytest.mark.parametrize("balance", [0.25, 0.6, 1.0])
def test_each_real_row_comes_once_an_epoch_and_rare_classes_are_topped_up(some, three_digits, batch_size, balance):
    X, y = three_digits
    batches = some(batch_size=batch_size, balance=balance)
    shown = np.maximum([100, 20, 30], round(100 * balance) * np.array([0, 1, 1]))
    assert len(batches) == -(-shown.sum() // batch_size)
    number, seen, labels = row_numbers(X), [], []
    for i, (X_batch, y_batch) in enumerate(batches):
        assert len(X_batch) == len(y_batch) == min(batch_size, shown.sum() - i * batch_size)
        assert X_batch.dtype == X.dtype
        assert y_batch.dtype == y.dtype
        real = [number.get(row.tobytes(), -1) for row in X_batch]
        assert all(y[row] == label for row, label in zip(real, y_batch, strict=True) if row >= 0)
        seen += [row for row in real if row >= 0]
        labels += y_batch.tolist()
        expected = shown * len(y_batch) / shown.sum()
        assert np.abs(np.bincount(y_batch, minlength=3) - expected).max() < 2
    assert sorted(seen) == list(range(len(X)))
    assert np.bincount(labels).tolist() == shown.tolist()


def test_classes_of_equal_share_differ_by_one_row_a_batch_at_most(some):
    for _, y_batch in some(batch_size=32):
        assert np.ptp(np.bincount(y_batch, minlength=3)) <= 1


def test_new_rows_stand_in_every_batch_at_their_share(some, three_digits):
    number = row_numbers(three_digits[0])
    for X_batch, y_batch in some(batch_size=30):
        is_real = np.array([row.tobytes() in number for row in X_batch])
        assert is_real[y_batch == 0].all()
        assert 7 <= (~is_real[y_batch == 1]).sum() <= 9  # 8 of 10
        assert 6 <= (~is_real[y_batch == 2]).sum() <= 8


def test_the_order_of_classes_and_rows_in_a_batch_is_random(some):
    y_batch = some(batch_size=60)[0][1]
    assert 15 < np.count_nonzero(np.diff(y_batch)) < 60


def test_drop_last_leaves_out_only_a_smaller_batch(some):
    assert len(some(batch_size=32, drop_last=True)) == 9
    assert len(some(batch_size=30, drop_last=True)) == 10
    assert {len(y_batch) for _, y_batch in some(batch_size=32, drop_last=True)} == {32}
    assert_same(some(batch_size=32, drop_last=True), list(some(batch_size=32))[:9])


def test_a_class_that_was_not_learned_keeps_its_rows(three_digits):
    X, y = three_digits
    sampler = DeformationOverSampler(sampling_strategy={2: 60}, deformation="affine", random_state=0)
    counts = sum(np.bincount(y_batch, minlength=3) for _, y_batch in BalancedBatches(sampler, X, y))
    assert counts.tolist() == [100, 20, 100]


counts_of_classes = st.lists(st.integers(1, 400), min_size=2, max_size=12)


@settings(max_examples=60)
@given(counts_of_classes, st.integers(12, 90), st.floats(0.01, 1), st.booleans())
def test_any_counts_are_planned_whole_and_evenly(n_real, batch_size, balance, drop_last):
    n_real = np.array(n_real)
    is_learned = np.arange(len(n_real)) % 3 != 1
    shown = rows_shown(n_real, is_learned, balance)
    plan = Plan(n_real, shown, batch_size, False)
    batches = [plan.batch(i) for i in range(len(plan))]
    stop = np.zeros(len(n_real), int)
    for i, parts in enumerate(batches):
        assert [part.start for part in parts] == stop.tolist()
        stop = np.array([part.stop for part in parts])
        sizes = np.array([part.stop - part.start + part.n_new for part in parts])
        assert min(part.n_new for part in parts) >= 0
        assert sizes.sum() == min(batch_size, shown.sum() - i * batch_size)
        share = shown / shown.sum()
        assert (np.abs(sizes - sizes.sum() * share) <= 1 + len(n_real) * share).all()
    assert stop.tolist() == n_real.tolist()
    assert len(Plan(n_real, shown, batch_size, drop_last)) == (shown.sum() // batch_size if drop_last else len(plan))


@settings(max_examples=30)
@given(st.lists(st.integers(1, 40), min_size=2, max_size=9))
def test_more_rows_never_take_one_from_a_class(shown):
    counts = [of_the_first(n, np.array(shown)) for n in range(sum(shown) + 1)]
    assert counts[0].sum() == 0
    assert counts[-1].tolist() == shown
    assert all((np.diff(pair, axis=0) >= 0).all() for pair in pairwise(counts))


# -- seeds, epochs and workers -----------------------------------------------------------------------------


def test_equal_seeds_give_equal_batches_and_others_others(some):
    assert_same(some(), some())
    assert_same(some(random_state=3), some(random_state=3))
    assert not np.array_equal(some()[0][0], some(random_state=3)[0][0])


def test_each_epoch_has_another_order_and_other_new_rows(some, three_digits):
    number, batches = row_numbers(three_digits[0]), some()
    X_first = [batches[i][0] for i in range(len(batches))]
    batches.set_epoch(1)
    assert batches.epoch == 1
    X_next = [X_batch for X_batch, _ in batches]
    rows, rows_next = ([row.tobytes() for X_batch in X for row in X_batch] for X in (X_first, X_next))
    assert set(rows) & set(rows_next) == set(number)
    assert [row for row in rows if row in number] != [row for row in rows_next if row in number]
    batches.set_epoch(0)
    assert_same([(X_batch,) for X_batch in X_first], [batch[:1] for batch in batches])


def test_batches_do_not_depend_on_their_order_or_on_the_thread(some):
    batches = some(deform_others=True)
    expected = list(some(deform_others=True))
    with ThreadPoolExecutor(4) as pool:
        assert_same(list(pool.map(batches.__getitem__, range(len(batches))))[::-1], expected[::-1])
    assert_same([batches[-1]], expected[-1:])
    with pytest.raises(IndexError):
        batches[len(batches)]


def draw_elsewhere(batches, i):
    return batches[i]


def test_other_processes_give_equal_batches(some):
    batches = some(sample_weight=np.arange(150))
    batches.set_epoch(2)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        assert_same([pool.submit(draw_elsewhere, batches, i).result() for i in (3, 0)], [batches[3], batches[0]])


def test_a_saved_sampler_goes_on_with_equal_batches(some, sampler, three_digits, tmp_path):
    sampler.save(tmp_path / "sampler.zip")
    loaded = DeformationOverSampler.load(tmp_path / "sampler.zip")
    assert_same(BalancedBatches(loaded, *three_digits), some())


def test_a_sampler_that_is_not_fitted_is_cloned_and_fitted(some, three_digits):
    sampler = DeformationOverSampler(deformation="affine", random_state=0)
    assert_same(BalancedBatches(sampler, *three_digits), some())
    assert not hasattr(sampler, "models_")


def test_the_order_of_an_epoch_is_not_sent_along(some):
    batches = some()
    batches[0]
    assert batches._order_of is not None
    assert pickle.loads(pickle.dumps(batches))._order_of is None


@pytest.mark.filterwarnings("ignore::gan_oversampler.SmallClassWarning")
def test_generated_rows_top_up_too(digits):
    sampler = GANOverSampler(random_state=0, **TINY)
    batches = BalancedBatches(sampler, *digits, batch_size=20)
    assert batches.sampler_.shares_ == {3: {"generated": 1.0}}
    assert_same([batches[1]], [pickle.loads(pickle.dumps(batches))[1]])
    assert np.bincount(batches[1][1])[3:].tolist() == [10, 10]


# -- forms of X and y --------------------------------------------------------------------------------------


@pytest.mark.parametrize("store", [of_memmap, of_h5py, of_zarr])
def test_stored_x_gives_the_batches_of_x_in_memory(store, some, sampler, three_digits, tmp_path):
    X, y = three_digits
    assert_same(BalancedBatches(sampler, store(X, tmp_path), y), some())


def test_a_batch_reads_its_own_rows_only(sampler, three_digits):
    X, y = three_digits
    lazy = Virtual(X.__getitem__, X.shape, X.dtype)
    lazy.chunks = ((1,) * len(X), (8,), (8,))
    batches = BalancedBatches(sampler, lazy, y, batch_size=32)
    assert lazy.total == 0
    n_real = sum(part.stop - part.start for part in batches._plan.batch(0))
    batches[0]
    assert lazy.total == n_real < 32
    for _ in batches:
        pass
    assert lazy.total == n_real + len(X)


def test_an_array_of_zarr_is_sent_to_processes_by_its_place(sampler, three_digits, tmp_path):
    X, y = three_digits
    batches = BalancedBatches(sampler, of_zarr(X, tmp_path), y)
    assert len(pickle.dumps(batches._source)) < 5000 < X.nbytes
    assert_same(pickle.loads(pickle.dumps(batches)), batches)


@pytest.mark.parametrize("view", [lambda X: X, lambda X: X[10:140, :, ::-1], lambda X: X[5:].transpose(0, 2, 1)])
def test_a_memory_map_is_sent_to_processes_by_its_name(view, three_digits, tmp_path):
    X, y = (view(part) for part in (of_memmap(three_digits[0], tmp_path), three_digits[1][:, None, None]))
    X, y = X, y.ravel()
    batches = BalancedBatches(DeformationOverSampler(deformation="affine", random_state=0), X, y)
    sent = pickle.dumps(batches._source)
    assert len(sent) < 1000 < X.nbytes
    np.testing.assert_array_equal(pickle.loads(sent).X, X)
    again = pickle.loads(pickle.dumps(pickle.loads(pickle.dumps(batches))))
    assert_same(again, batches)


def test_changes_that_only_this_process_sees_are_sent_with_their_values(three_digits, tmp_path):
    of_memmap(three_digits[0], tmp_path)
    X = np.load(tmp_path / "X.npy", mmap_mode="c")
    X[:] = 3
    batches = BalancedBatches(DeformationOverSampler(deformation=None, random_state=0), X, three_digits[1])
    assert (pickle.loads(pickle.dumps(batches))[0][0] == 3).all()


def test_h5py_cannot_be_sent_to_processes_and_says_so(sampler, three_digits, tmp_path):
    X, y = three_digits
    batches = BalancedBatches(sampler, of_h5py(X, tmp_path), y)
    with pytest.raises(TypeError, match="dataset of h5py, which cannot be sent to another process: use threads"):
        pickle.dumps(batches)


def test_a_dataframe_keeps_its_columns_and_becomes_numbers_where_asked_for(table):
    pd = pytest.importorskip("pandas", reason="needs pandas, in the dependency group test")
    X = pd.DataFrame(table[0], columns=list("abcde"))
    sampler = DeformationOverSampler(random_state=0).fit(X, table[1])
    X_batch, y_batch = BalancedBatches(sampler, X, pd.Series(table[1]))[0]
    assert X_batch.dtypes.equals(X.dtypes)
    assert X_batch.index.tolist() == list(range(32))
    assert np.bincount(y_batch).tolist() == [16, 16]
    numbers = BalancedBatches(sampler, X, table[1], dtype="float32")[0][0]
    np.testing.assert_array_equal(numbers, X_batch.to_numpy(np.float32))
    mixed = X.assign(e=np.where(X.e > 0, "high", "low"))
    X_batch = BalancedBatches(DeformationOverSampler(random_state=0), mixed, table[1])[0][0]
    assert set(X_batch.e) == {"high", "low"}
    with pytest.raises(ValueError, match="The rows cannot become float32: column 'e' holds categories"):
        BalancedBatches(DeformationOverSampler(random_state=0), mixed, table[1], dtype="float32")


@pytest.mark.parametrize(
    ("dtype", "scale", "expected"),
    [(None, None, np.uint8), ("int16", None, np.int16), (None, 1 / 16, np.float32), ("float16", 0.5, np.float16)],
)
def test_rows_are_cast_and_scaled(three_digits, dtype, scale, expected):
    X, y = three_digits[0].astype(np.uint8), three_digits[1]
    sampler = DeformationOverSampler(deformation="affine", random_state=0).fit(X, y)
    plain = BalancedBatches(sampler, X, y)[0][0]
    X_batch = BalancedBatches(sampler, X, y, dtype=dtype, scale=scale)[0][0]
    assert X_batch.dtype == expected
    np.testing.assert_array_equal(X_batch, plain.astype(expected) * expected(1 if scale is None else scale))


FORMS_OF_Y = [list, lambda y: y[:, None], lambda y: np.array(list("abc"))[y], lambda y: np.eye(3)[y]]


@pytest.mark.parametrize("form", FORMS_OF_Y)
def test_labels_come_as_they_were_given_or_one_hot(form, three_digits, some):
    X, y = three_digits
    given, y_expected = form(y), [y_batch for _, y_batch in some()]
    sampler = DeformationOverSampler(deformation="affine", random_state=0).fit(X, given)
    for (_, y_batch), expected in zip(BalancedBatches(sampler, X, given), y_expected, strict=True):
        np.testing.assert_array_equal(y_batch, np.asarray(form(expected)))
    for (_, y_batch), expected in zip(BalancedBatches(sampler, X, given, one_hot=True), y_expected, strict=True):
        assert y_batch.dtype == np.float32
        np.testing.assert_array_equal(y_batch, np.eye(3)[expected])


def test_new_rows_weigh_what_those_of_fit_resample_weigh(three_digits):
    X, y = three_digits
    number, weights = row_numbers(X), np.random.default_rng(0).uniform(1, 2, len(X))
    for synthetic_weight in (None, 0.5):
        sampler = DeformationOverSampler(deformation="affine", synthetic_weight=synthetic_weight, random_state=0)
        sampler.fit_resample(X, y, sample_weight=weights)
        of_new = {label: sampler.sample_weight_[150:][np.repeat([1, 2], [80, 70]) == label][0] for label in (1, 2)}
        for X_batch, y_batch, w_batch in BalancedBatches(sampler, X, y, sample_weight=weights):
            rows = [number.get(row.tobytes(), -1) for row in X_batch]
            expected = [of_new[k] if i < 0 else weights[i] for i, k in zip(rows, y_batch, strict=True)]
            np.testing.assert_array_equal(w_batch, np.float32(expected))


# -- real rows deformed ------------------------------------------------------------------------------------


def test_real_rows_are_deformed_where_asked_for(some, three_digits):
    X, _ = three_digits
    number, plain, batches = row_numbers(X), some(), some(deform_others=True)
    for (X_plain, y_plain), (X_batch, y_batch) in zip(plain, batches, strict=True):
        np.testing.assert_array_equal(y_batch, y_plain)
        is_real = np.array([row.tobytes() in number for row in X_plain])
        np.testing.assert_array_equal(X_batch[~is_real], X_plain[~is_real])
        assert not any(row.tobytes() in number for row in X_batch)
        distance = np.linalg.norm((X_batch[is_real, None] - X).reshape(is_real.sum(), len(X), -1), axis=2)
        alike = np.take_along_axis(distance, np.array([[number[r.tobytes()]] for r in X_plain[is_real]]), 1)[:, 0]
        assert (alike <= np.median(distance, axis=1)).all()


def test_a_brighter_class_stays_bright_when_it_is_deformed(three_digits):
    X, y = three_digits
    X = (X * np.where(y == 0, 10, 5)[:, None, None]).astype(np.uint8)  # 0 to 160, and 0 to 80
    batches = BalancedBatches(DeformationOverSampler(deformation="affine", random_state=0), X, y, deform_others=True)
    brightest = [max(X_batch[y_batch == k].max() for X_batch, y_batch in batches) for k in range(3)]
    assert 120 < brightest[0] <= 160
    assert max(brightest[1:]) <= 80


# -- what is refused ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"balance": 0}, "balance must be above 0 and at most 1, .* but 0 was given"),
        ({"balance": 1.5}, "balance must be above 0 and at most 1"),
        ({"batch_size": 0}, "batch_size must be a whole number of rows from 1 up, but 0 was given"),
        ({"batch_size": 2.5}, "batch_size must be a whole number"),
        ({"batch_size": 2}, "batch_size=2 has no room for a row of each of the 3 classes: give 3 or more"),
        ({"batch_size": 301, "drop_last": True}, "leaves no batch: an epoch has 300 rows, but batch_size=301"),
        ({"scale": 0}, "scale must be a finite factor"),
        ({"dtype": "S3"}, "dtype must be one of numbers"),
        ({"dtype": "uint8", "scale": 0.5}, "scale makes fractions, but dtype='uint8' holds none"),
        ({"sample_weight": [1, 2]}, "sample_weight must hold a number for each of the 150 rows"),
    ],
)
def test_bad_settings_are_refused(some, settings, sentence):
    with pytest.raises(ValueError, match=sentence):
        some(**settings)


def test_bad_data_are_refused_before_anything_is_fitted(sampler, three_digits, table):
    (X, y), new = three_digits, DeformationOverSampler(random_state=0)
    for X_given, y_given, taken, sentence in (
        (X, y[1:], new, "y must hold a label for each of the 150 rows of X, but it holds 149"),
        (X, np.zeros(150, int), new, r"y must hold two classes or more, but all of its labels are \[0\]"),
        (X.tolist(), y, new, "X must be an array, .* but it is a list"),
        (X, y, object(), "sampler must be a GANOverSampler or a DeformationOverSampler, .* but it is a object"),
        (X, y + 1, sampler, r"fitted on the classes \[0, 1, 2\], but y holds \[1, 2, 3\]: give the X and y of its fit"),
        (X.reshape(150, 64), y, sampler, r"fitted on rows of another shape, .* whose rows have the shape \(64,\)"),
        (X.astype(np.uint8), y, sampler, "fitted on rows of another shape, dtype or other columns"),
    ):
        with pytest.raises(ValueError, match=sentence):
            BalancedBatches(taken, X_given, y_given)
    with pytest.raises(ValueError, match="deform_others=True deforms images, but X was taken for a table"):
        BalancedBatches(new, *table, deform_others=True)
    with pytest.raises(ValueError, match="deform_others=True needs a deformation, but the sampler holds none"):
        BalancedBatches(DeformationOverSampler(deformation=None), X, y, deform_others=True)
    with pytest.raises(ValueError, match="epoch must be a whole number from 0 up, but -1 was given"):
        BalancedBatches(sampler, X, y).set_epoch(-1)


def test_other_columns_than_those_of_the_fit_are_refused(table):
    pd = pytest.importorskip("pandas", reason="needs pandas, in the dependency group test")
    X = pd.DataFrame(table[0], columns=list("abcde"))
    sampler = DeformationOverSampler(random_state=0).fit(X, table[1])
    for other in (X[list("bacde")], X.astype({"a": np.float32}), X.to_numpy()):
        with pytest.raises(ValueError, match="fitted on rows of another shape, dtype or other columns"):
            BalancedBatches(sampler, other, table[1])


# -- Keras, tf.data and PyTorch ----------------------------------------------------------------------------


def fitted_on(data, *runs):
    """The sum of each batch that a tiny network of Keras is fitted on, in runs of so many epochs."""
    import keras

    sums = []

    class Network(keras.Model):
        def __init__(self):
            super().__init__()
            self.out = keras.layers.Dense(3, activation="softmax")

        def call(self, x):
            return self.out(keras.ops.reshape(x, (-1, 64)))

        def train_step(self, data):
            sums.append(float(keras.ops.sum(data[0])))
            return super().train_step(data)

    network = Network()
    network.compile("adam", "sparse_categorical_crossentropy", run_eagerly=True)
    for run_settings in runs:
        network.fit(data, verbose=0, shuffle=False, **run_settings)
    return sums


def sums_of(batches, *epochs):
    """The sum of each batch of some epochs."""
    sums = []
    for epoch in epochs:
        batches.set_epoch(epoch)
        sums += [float(batch[0].sum()) for batch in batches]
    return sums


@pytest.mark.parametrize("settings", [{}, {"workers": 2}, {"workers": 2, "use_multiprocessing": True}])
def test_each_epoch_of_keras_is_the_next(some, settings):
    sums = fitted_on(some(scale=1 / 16).as_keras(**settings), {"epochs": 2}, {"epochs": 1})
    np.testing.assert_allclose(sums, sums_of(some(scale=1 / 16), 0, 1, 2), rtol=1e-5)


def test_keras_goes_on_at_the_epoch_that_was_set(some):
    batches = some(scale=1 / 16, drop_last=True)
    batches.set_epoch(5)
    data = batches.as_keras()
    batches.set_epoch(9)
    sums = fitted_on(data, {"initial_epoch": 5, "epochs": 7})
    np.testing.assert_allclose(sums, sums_of(batches, 5, 6), rtol=1e-5)


def test_each_time_through_tf_data_is_the_next_epoch(some):
    batches = some(scale=1 / 16, one_hot=True, sample_weight=np.ones(150))
    data = batches.as_tf_data()
    assert int(data.cardinality()) == len(batches) == 10
    assert [spec.shape.as_list() for spec in data.element_spec] == [[None, 8, 8], [None, 3], [None]]
    assert [spec.dtype.name for spec in data.element_spec] == ["float32"] * 3
    for epoch in (0, 1):
        batches.set_epoch(epoch)
        assert_same([tuple(part.numpy() for part in batch) for batch in data], batches)
    of_one_size = some(batch_size=30).as_tf_data().element_spec
    assert [spec.shape.as_list() for spec in of_one_size] == [[30, 8, 8], [30]]


def test_keras_takes_tf_data_epoch_by_epoch(some):
    sums = fitted_on(some(scale=1 / 16).as_tf_data(), {"epochs": 3})
    np.testing.assert_allclose(sums, sums_of(some(scale=1 / 16), 0, 1, 2), rtol=1e-5)


@pytest.mark.parametrize("name", ["as_keras", "as_tf_data"])
def test_what_these_libraries_cannot_take_is_refused(name, table, three_digits):
    pd = pytest.importorskip("pandas", reason="needs pandas, in the dependency group test")
    new = DeformationOverSampler(deformation=None)
    frame = BalancedBatches(new, pd.DataFrame(table[0]), table[1])
    with pytest.raises(ValueError, match=f"{name} gives arrays, but X is a DataFrame: give dtype='float32'"):
        getattr(frame, name)()
    texts = BalancedBatches(new, three_digits[0], np.array(list("abc"))[three_digits[1]])
    with pytest.raises(ValueError, match=rf"{name} gives numbers, but y holds \['a', 'b', 'c'\]: give one_hot=True"):
        getattr(texts, name)()


class Noted:
    """Eight batches; notes which are asked for, takes its time with each, and has no sixth one."""

    def __init__(self, seconds=0.0):
        self.asked, self.seconds = [], seconds

    def __len__(self):
        return 8

    def __getitem__(self, i):
        self.asked.append(i)
        time.sleep(self.seconds)
        if i == 5:
            raise OSError("the disk is gone")
        return (i,)


def test_threads_draw_no_farther_ahead_than_they_may():
    batches = Noted()
    ahead = drawn_ahead(batches, 2, 2)
    for i in range(3):
        assert next(ahead) == (i,)
        time.sleep(0.1)
        assert max(batches.asked) == i + 2
    with pytest.raises(OSError, match="the disk is gone"):
        list(drawn_ahead(batches, 2, 2))


def test_who_stops_early_waits_for_no_batch_that_has_not_begun():
    batches = Noted(seconds=0.2)
    ahead = drawn_ahead(batches, 1, 4)
    next(ahead)
    ahead.close()
    assert len(batches.asked) <= 3


def test_imbalanced_learns_generator_is_not_served(sampler, three_digits):
    """It yields rows of X by number: deformed rows would be plain ones."""
    again = clone(sampler)
    again.fit_resample(*three_digits)
    assert not hasattr(again, "sample_indices_")


needs_torch = pytest.mark.skipif(find_spec("torch") is None, reason="needs torch, in the dependency group torch")
THREE_DIGITS = """
import numpy as np
from sklearn.datasets import load_digits
from gan_oversampler import DeformationOverSampler
from gan_oversampler.batches import BalancedBatches

X, y = load_digits(return_X_y=True)
X, y = X[y < 3][:300], y[y < 3][:300] * (np.arange(300) % 4 == 0)
batches = BalancedBatches(DeformationOverSampler(deformation="affine", random_state=0), X, y, scale=1 / 16)
"""


def run(script, folder, **environment):
    """Run a script in a process of its own: PyTorch and TensorFlow do not bear one another in one."""
    (folder / "train.py").write_text(THREE_DIGITS + textwrap.dedent(script))
    command = [sys.executable, "-W", "ignore", str(folder / "train.py")]
    result = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr[-3000:]


@needs_torch
@pytest.mark.parametrize("context", ["fork", "spawn"])
def test_pytorch_loads_the_sequence(context, tmp_path):
    run(
        f"""
        import torch
        from torch.utils.data import DataLoader

        if __name__ == "__main__":
            loader = DataLoader(batches, batch_size=None, num_workers=2, multiprocessing_context={context!r})
            assert len(loader) == len(batches) == 24
            for epoch in (0, 1):
                batches.set_epoch(epoch)
                for (X_batch, y_batch), expected in zip(loader, batches, strict=True):
                    assert X_batch.dtype == torch.float32 and y_batch.dtype == torch.int64
                    assert np.array_equal(X_batch.numpy(), expected[0])
                    assert np.array_equal(y_batch.numpy(), expected[1])
        """,
        tmp_path,
    )


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("backend", ["torch", "jax"])
def test_keras_on_another_backend_gets_each_epoch_once(backend, workers, tmp_path):
    """Also where the network is built by the first batch, whose other batches Keras' workers would hand over later."""
    if find_spec(backend) is None:  # not imported here: PyTorch and TensorFlow do not bear one another
        pytest.skip(f"needs {backend}, in the dependency group {backend}")
    run(
        f"""
        import keras

        sums = []

        class Network(keras.Model):
            def __init__(self):
                super().__init__()
                self.out = keras.layers.Dense(3, activation="softmax")

            def call(self, x):
                return self.out(x)

            def train_step(self, *given):  # in front of the data JAX gives the state
                sums.append(float(given[-1][0].sum()))
                return super().train_step(*given)

        assert keras.config.backend() == "{backend}"
        network, data = Network(), batches.as_keras(workers={workers})
        network.compile("adam", "sparse_categorical_crossentropy", run_eagerly=True)
        network.fit(data, epochs=2, verbose=0)
        network.fit(data, epochs=1, verbose=0)
        expected = []
        for epoch in range(3):
            batches.set_epoch(epoch)
            expected += [float(X_batch.sum()) for X_batch, _ in batches]
        np.testing.assert_allclose(sums, expected, rtol=1e-5)
        try:
            batches.as_keras(use_multiprocessing=True)
        except ValueError as error:
            assert "hand batches of one epoch over in the next on the backend '{backend}'" in str(error)
        else:
            raise AssertionError("not refused")
        """,
        tmp_path,
        KERAS_BACKEND=backend,
    )


def test_random_state_seeds_the_fit_of_a_sampler_without_a_seed(three_digits):
    without, own = DeformationOverSampler(), DeformationOverSampler(random_state=5)
    first, again = (BalancedBatches(without, *three_digits, random_state=1) for _ in range(2))
    assert_same(first, again)
    assert first.sampler_.seed_ == 1
    assert BalancedBatches(own, *three_digits, random_state=1).sampler_.seed_ == 5


def test_counts_are_the_rows_of_an_epoch(some):
    batches = some(batch_size=7, balance=0.5)
    counts = np.bincount(np.concatenate([y for _, y in batches]))
    np.testing.assert_array_equal(batches.counts_, counts)
    assert counts.tolist() == [100, 50, 50]
