"""Rows drawn chunk by chunk: from the root seed, the class and the chunk alone, whoever draws them."""

import itertools

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError

from gan_oversampler import DeformationOverSampler, GANOverSampler, NotEnoughMemoryError
from gan_oversampler._rows import result_memory

from .conftest import TINY

pytestmark = pytest.mark.filterwarnings("ignore::gan_oversampler.ConvergenceWarning")
N, SIZE = 2500, 1000


@pytest.fixture(scope="module")
def fitted(digits):
    return GANOverSampler(random_state=0, **TINY).fit(*digits)


def test_chunks_are_as_large_as_asked_and_come_again(fitted, digits):
    parts = list(fitted.iter_samples(N, 3, SIZE))
    assert [part.shape for part in parts] == [(1000, 64), (1000, 64), (500, 64)]
    assert {part.dtype for part in parts} == {digits[0].dtype}
    for part, again in zip(parts, fitted.iter_samples(N, 3, SIZE), strict=True):
        np.testing.assert_array_equal(part, again)
    assert not any(np.array_equal(one[:500], two[:500]) for one, two in itertools.combinations(parts, 2))


def test_a_chunk_depends_on_no_other(fitted):
    longer = list(fitted.iter_samples(10 * SIZE, 3, SIZE))[:2]
    chunks = fitted._chunks(10 * SIZE, 3, SIZE, None, "chunks")
    np.testing.assert_array_equal(chunks.draw(1), longer[1])
    np.testing.assert_array_equal(next(fitted.iter_samples(N, 3, SIZE)), longer[0])


def test_seeds_and_classes_give_other_rows(fitted, digits):
    both = DeformationOverSampler(sampling_strategy={3: 100, 4: 100}, random_state=0, deformation=None).fit(*digits)
    own = [fitted._chunks(9, 3, 9, None, "").seed, both._chunks(9, 3, 9, None, "").seed]
    assert own == [0, 0]
    places = [both._chunks(9, label, 9, None, "").place for label in (3, 4)]
    assert places == [0, 1]
    first, other = (next(fitted.iter_samples(50, 3, 50, random_state=seed)) for seed in (None, 1))
    assert not np.array_equal(first, other)


def test_the_order_of_before_still_works(fitted):
    (expected,) = fitted.iter_samples(50, 3, 50)
    np.testing.assert_array_equal(next(fitted.iter_samples(3, n_samples=50, chunk_size=50)), expected)
    with pytest.warns(FutureWarning, match=r"^iter_samples\(n_samples, label\) is the order .*n_samples=50, label=3"):
        np.testing.assert_array_equal(next(fitted.iter_samples(3, 50, 50)), expected)


def test_where_both_orders_have_a_meaning_that_of_before_holds(digits):
    both = DeformationOverSampler(sampling_strategy={3: 100, 4: 100}, random_state=0, deformation=None).fit(*digits)
    with pytest.warns(FutureWarning, match="label=3"):
        assert len(next(both.iter_samples(3, 4))) == 4


def test_nothing_is_drawn_before_it_is_asked_for(fitted, monkeypatch):
    monkeypatch.setattr("gan_oversampler._samplers.chunks.draw_rows", lambda *_: pytest.fail("it drew"))
    fitted.iter_samples(10**15, 3, SIZE)
    pytest.importorskip("dask", reason="needs dask, in the dependency group test")
    assert fitted.sample_dask(10**6, 3, SIZE).shape == (10**6, 64)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((-1, 3), "n_samples must be a whole number from 0 up, but -1 was given"),
        ((5, 3, 0), "must be a whole number of rows from 1 up, but 0 was given"),
        ((5, 3, 2.5), "must be a whole number of rows from 1 up, but 2.5 was given"),
        ((5, 7), "No model was learned of class 7: choose one of 3, or ask for more rows"),
    ],
)
@pytest.mark.parametrize("method", ["iter_samples", "sample_dask"])
def test_bad_requests_are_refused_at_once(fitted, method, arguments, sentence):
    with pytest.raises(ValueError, match=sentence):
        getattr(fitted, method)(*arguments)


def test_a_chunk_must_fit_in_memory(fitted, monkeypatch):
    monkeypatch.setattr(result_memory, "available", lambda: 2**20)
    fitted.iter_samples(10**12, 3, 100)
    with pytest.raises(NotEnoughMemoryError, match="1,000,000 new rows"):
        fitted.iter_samples(10**12, 3, 10**6)


def test_unfitted_samplers_say_so():
    with pytest.raises(NotFittedError, match="call fit or fit_resample first"):
        GANOverSampler().iter_samples(5, 3)


def test_no_rows_at_all(fitted):
    pytest.importorskip("dask", reason="needs dask, in the dependency group test")
    assert list(fitted.iter_samples(0, 3)) == []
    assert fitted.sample_dask(0, 3).compute().shape == (0, 64)


@pytest.mark.parametrize("scheduler", ["synchronous", "threads"])
def test_dask_draws_the_same_rows(fitted, scheduler):
    pytest.importorskip("dask", reason="needs dask, in the dependency group test")
    lazy = fitted.sample_dask(N, 3, SIZE)
    assert lazy.chunks == ((1000, 1000, 500), (64,))
    np.testing.assert_array_equal(
        lazy.compute(scheduler=scheduler), np.concatenate(list(fitted.iter_samples(N, 3, SIZE)))
    )


def test_containers_that_dask_does_not_have_are_refused(digits):
    pytest.importorskip("dask", reason="needs dask, in the dependency group test")
    sampler = DeformationOverSampler(deformation=None, random_state=0).fit(digits[0].tolist(), digits[1])
    with pytest.raises(ValueError, match="X was a container of kind 'list': draw with iter_samples"):
        sampler.sample_dask(10, 3)
    assert [len(part) for part in sampler.iter_samples(10, 3, 6)] == [6, 4]


def test_without_dask_the_error_says_what_to_install(fitted, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "dask", None)
    with pytest.raises(ImportError, match=r'pip install "dask\[array,dataframe\]"'):
        fitted.sample_dask(10, 3)
