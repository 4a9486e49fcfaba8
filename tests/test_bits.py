"""Same seed, same bits: whatever ran before, beside it, or in another process, and whatever the classes are called.

On one machine, with one build of TensorFlow and one number of threads: see docs/guarantees.md for what changes bits.
"""

import hashlib
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import joblib
import numpy as np
import pytest
import threadpoolctl
from sklearn.base import clone

from gan_oversampler import GANOverSampler

from .conftest import TINY

pytestmark = pytest.mark.filterwarnings("ignore::gan_oversampler.ConvergenceWarning")

SHORT, LONG = dict(TINY), {**TINY, "max_iter": 60}
N_RUNS = 20


def digest(rows):
    """Hash of every bit of an array."""
    return hashlib.sha256(np.ascontiguousarray(rows).tobytes()).hexdigest()


def fit(data, budget, **parameters):
    """Hash of what a fit with seed 0 adds."""
    X, y = data
    X_res, _ = GANOverSampler(random_state=0, **budget, **parameters).fit_resample(X, y)
    return digest(X_res[len(X) :])


def again(data, budget):
    sampler = GANOverSampler(random_state=0, **budget)
    first, second = (digest(s.fit_resample(*data)[0][len(data[0]) :]) for s in (sampler, sampler))
    return [first, second, digest(clone(sampler).fit_resample(*data)[0][len(data[0]) :])]


def after_reseeding(data, budget):
    import keras
    import tensorflow as tf

    hashes = []
    for seed in (1, 2):
        random.seed(seed)
        np.random.seed(seed)  # noqa: NPY002  what a user may do
        tf.random.set_seed(seed)
        keras.utils.set_random_seed(seed)
        hashes.append(fit(data, budget))
    return hashes


def after_other_fits(data, budget):
    X, y = data
    rng = np.random.default_rng(9)
    for parameters in ({"random_state": 5}, {"batch_size": 9}, {"latent_dim": 5}):
        GANOverSampler(**{**budget, **parameters}).fit_resample(X, y)
    hashes = [fit(data, budget)]
    GANOverSampler(**budget).fit_resample(rng.normal(size=(60, 7)), np.arange(60) < 20)
    return [*hashes, fit(data, budget)]


def in_two_threads(data, budget):
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(fit, [data] * 2, [budget] * 2))


def in_threads_with_another(data, budget):
    """Beside a fit of other data under another plan, and one of the same plan from another seed."""
    X, y = data
    others = [lambda: GANOverSampler(**{**budget, "random_state": 3}).fit_resample(X, y)]
    others += [lambda: GANOverSampler(**{**budget, "batch_size": 7, "random_state": 4}).fit_resample(X, y)]
    with ThreadPoolExecutor(3) as pool:
        futures = [pool.submit(other) for other in others]
        hashes = [pool.submit(fit, data, budget).result() for _ in range(2)]
        assert all(future.result() for future in futures)
    return hashes


def in_loky(data, budget):
    return joblib.Parallel(n_jobs=2)(joblib.delayed(fit)(data, budget) for _ in range(2))


def with_other_blas_threads(data, budget):
    hashes = []
    for n in (1, 2):
        with threadpoolctl.threadpool_limits(n, user_api="blas"):
            hashes.append(fit(data, budget))
    return hashes


def in_another_order(data, budget):
    """Classes in another order in the strategy and in X, and under other names."""
    X, y = data
    common, rare = (label for _, label in sorted((-(y == label).sum(), label) for label in np.unique(y)))
    n_new = (y == common).sum()
    blocks = np.concatenate([np.flatnonzero(y == rare), np.flatnonzero(y == common)])
    strategies = [{rare: n_new, common: n_new}, {common: n_new, rare: n_new}]
    names = np.array(["a", "b"], dtype=object)[np.searchsorted(np.unique(y), y)]
    return [
        *(fit(data, budget, sampling_strategy=strategy) for strategy in strategies),
        fit((X[blocks], y[blocks]), budget),
        fit((X, names), budget),
    ]


def from_a_file(data, budget, path):
    """What a loaded sampler gives when it is fitted anew; what it draws is held against the one that was saved."""
    X, y = data
    sampler = GANOverSampler(random_state=0, **budget)
    sampler.fit_resample(X, y)
    sampler.save(path)
    loaded = GANOverSampler.load(path)
    label = next(iter(sampler.models_))
    assert digest(loaded.sample(300, label)) == digest(sampler.sample(300, label))
    return [digest(loaded.fit_resample(X, y)[0][len(X) :])]


def in_a_fresh_process(data, budget, folder):
    joblib.dump((data, budget), folder / "data.joblib")
    code = "import sys, joblib, tests.test_bits as t; print(t.fit(*joblib.load(sys.argv[1])))"
    command = [sys.executable, "-c", code, str(folder / "data.joblib")]
    run = subprocess.run(
        command, cwd=Path(__file__).parents[1], capture_output=True, text=True, timeout=300, check=False
    )
    assert run.returncode == 0, run.stderr[-2000:]
    return run.stdout.split()


# and in_loky, in test_parallel, where workers have started
WAYS = [
    *(again, after_reseeding, after_other_fits, in_two_threads, in_threads_with_another),
    *(with_other_blas_threads, in_another_order),
]


@pytest.fixture(params=["digits", "table"])
def data(request):
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def reference():
    """The hash that every way must give, by the number of rows and columns of the data."""
    hashes = {}

    def of(data, budget):
        key = (data[0].shape, budget["max_iter"])
        if key not in hashes:
            hashes[key] = fit(data, budget)
        return hashes[key]

    return of


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_same_seed_same_bits(data, reference, way):
    assert set(way(data, SHORT)) == {reference(data, SHORT)}


def test_same_bits_from_a_file(data, reference, tmp_path):
    assert set(from_a_file(data, SHORT, tmp_path / "sampler")) == {reference(data, SHORT)}


def test_same_bits_in_a_fresh_process(digits, reference, tmp_path):
    assert set(in_a_fresh_process(digits, SHORT, tmp_path)) == {reference(digits, SHORT)}


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_twenty_runs_give_the_same_bits(data, tmp_path):
    hashes = [fit(data, LONG), fit(data, LONG), *from_a_file(data, LONG, tmp_path / "sampler")]
    hashes += in_a_fresh_process(data, LONG, tmp_path)
    for way in (*WAYS, in_loky):
        hashes += way(data, LONG)
    assert len(hashes) >= N_RUNS
    assert len(set(hashes)) == 1
