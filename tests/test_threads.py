"""BLAS on one thread, one caller at a time, and as before afterwards."""

import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import threadpoolctl

from gan_oversampler._utils import blas_threads
from gan_oversampler._utils.blas_threads import blas_on_one_thread

pytestmark = pytest.mark.usefixtures("two_blas_threads")


def n_blas_threads():
    return {pool["num_threads"] for pool in threadpoolctl.threadpool_info() if pool["user_api"] == "blas"}


def fail():
    with blas_on_one_thread():
        raise RuntimeError


def test_the_limit_ends_with_its_block_however_that_ends():
    before = n_blas_threads()
    with blas_on_one_thread(), blas_on_one_thread():
        assert n_blas_threads() == {1}
    with pytest.raises(RuntimeError):
        fail()
    assert n_blas_threads() == before


def test_threads_take_turns():
    before, inside, most = n_blas_threads(), [], []

    def work(i):
        with blas_on_one_thread():
            inside.append(i)
            most.append((len(inside), n_blas_threads()))
            time.sleep(0.02)
            inside.remove(i)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(8)))
    assert most == [(1, {1})] * 8
    assert n_blas_threads() == before


def test_libraries_are_looked_for_again_only_after_an_import(monkeypatch):
    """To look for them takes longer than to draw a few rows."""
    with blas_on_one_thread():
        looked = blas_threads._controller.cache_info().misses
    with blas_on_one_thread():
        assert blas_threads._controller.cache_info().misses == looked
    monkeypatch.setitem(sys.modules, "a module that was imported since", blas_threads)
    with blas_on_one_thread():
        assert blas_threads._controller.cache_info().misses == looked + 1
