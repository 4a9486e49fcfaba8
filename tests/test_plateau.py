"""Training on a table ends when drawn rows come no nearer to the real ones, and not before."""

import numpy as np
import pytest
import threadpoolctl

from gan_oversampler import GANOverSampler
from gan_oversampler._trained import diagnosis
from gan_oversampler.callbacks import Callback

BUDGET = {"deformed_share": 0, "batch_size": 16, "latent_dim": 8, "random_state": 0}
STOPS = "ignore::gan_oversampler.ConvergenceWarning"


@pytest.mark.parametrize(("n_real", "n_columns", "power"), [(30, 3, 1), (300, 3, 1), (60, 20, 3)])
def test_the_noise_is_how_far_the_distance_of_equal_distributions_varies(n_real, n_columns, power):
    rng = np.random.default_rng(0)

    def rows(n):
        return rng.normal(size=(n, n_columns)) ** power

    found = [diagnosis.energy_distance(rows(256), rows(n_real)) for _ in range(200)]
    expected = np.mean([diagnosis.noise_of_distance(256, rows(n_real)) for _ in range(20)])
    assert expected == pytest.approx(np.std(found), rel=0.2)


def test_rows_that_do_not_differ_have_no_noise():
    assert diagnosis.noise_of_distance(256, np.ones((9, 4))) == 0
    assert diagnosis.noise_of_distance(256, np.ones((1, 4))) == 0


@pytest.mark.parametrize(
    ("distances", "settles"),
    [
        ([], False),
        ([0.05], False),
        ([0.05] * 5, False),
        ([0.05] * 6, True),
        ([0.05, 0.045, 0.042, 0.041, 0.041, 0.041], True),  # each within the noise of the first
        ([0.05, 0.045, 0.038, 0.038, 0.038, 0.038], False),
        ([0.05, 0.038, 0.038, 0.038, 0.038, 0.038, 0.038], True),
        ([0.6, 0.4, 0.2, 0.1, 0.05, 0.0, -0.05], False),
        ([0.0, 4, 5, 6, 2, 1], True),
        ([0.2] * 20, False),  # it has learned nothing: that is no place to settle
        ([np.inf] * 6, False),
    ],
)
def test_it_has_settled_when_it_is_near_and_five_looks_found_nothing_nearer(distances, settles):
    assert diagnosis.has_settled(np.array(distances, float), 0.01) == settles


def easy_table(n_rare=60, n_common=500):
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1], [n_common, n_rare])
    return rng.normal(size=(len(y), 4)) + 2 * y[:, None], y


class Looks(Callback):
    """Keeps what is drawn at each look."""

    def __init__(self):
        self.drawn = {}

    def on_step_end(self, event):
        if event.step % 100 == 0:
            self.drawn[event.step] = event.draw(50)

    def on_class_end(self, event):
        self.last = event.draw(50)

    def needs_step(self, step, max_iter):
        return step % 100 == 0


def test_an_easy_table_is_learned_in_a_part_of_the_steps():
    X, y = easy_table()
    sampler = GANOverSampler(**BUDGET)
    X_res, _ = sampler.fit_resample(X, y)
    history = sampler.history_[1]
    assert 600 <= len(history["step"]) < 3000
    assert np.nanmin(history["energy_distance"]) < 0.02
    new = X_res[len(X) :]
    np.testing.assert_allclose(new.mean(axis=0), X[y == 1].mean(axis=0), atol=0.3)
    np.testing.assert_allclose(new.std(axis=0), X[y == 1].std(axis=0), atol=0.3)


@pytest.mark.filterwarnings(STOPS)
@pytest.mark.parametrize(
    ("distances", "last"),
    [
        ([0.9, 0.03, 0.2, 0.2, 0.2, 0.2, 0.2], 200),
        ([0.9, 0.03, 0.029, 0.031, 0.2, 0.2, 0.2], 400),  # as near but for noise, and later
        ([0.9, 0.03, 0.03, 0.03, 0.03, 0.03, 0.03], 700),
    ],
)
def test_the_last_weights_that_drew_as_near_as_any_are_taken(monkeypatch, distances, last):
    looks, left = Looks(), iter(distances)
    monkeypatch.setattr(diagnosis, "energy_distance", lambda drawn, real: next(left))
    monkeypatch.setattr(diagnosis, "noise_of_distance", lambda n, rows: 0.005)
    sampler = GANOverSampler(callbacks=[looks], **BUDGET).fit(*easy_table())
    assert sampler.history_[1]["energy_distance"][99::100].tolist() == distances
    np.testing.assert_array_equal(looks.last, looks.drawn[last])
    assert all(np.array_equal(looks.last, drawn) == (step == last) for step, drawn in looks.drawn.items())


@pytest.mark.filterwarnings(STOPS)
def test_a_training_that_still_comes_nearer_goes_on(monkeypatch):
    """The noise is what it must fall by, and `max_iter` the end."""
    monkeypatch.setattr(diagnosis, "noise_of_distance", lambda n, rows: -np.inf)
    sampler = GANOverSampler(max_iter=800, **BUDGET).fit(*easy_table())
    assert len(sampler.history_[1]["step"]) == 800


@pytest.fixture
def settles_at_once(monkeypatch):
    monkeypatch.setattr(diagnosis, "_PATIENCE", 0)


@pytest.mark.filterwarnings(STOPS)
def test_images_and_warm_starts_take_their_steps(settles_at_once, digits):
    sampler = GANOverSampler(max_iter=150, warm_start=True, **BUDGET)
    n_steps = [len(sampler.fit(*easy_table()).history_[1]["step"]) for _ in range(2)]
    assert n_steps == [100, 250]
    sampler = GANOverSampler(max_iter=110, **BUDGET).fit(*digits)
    assert len(sampler.history_[3]["step"]) == 110


@pytest.mark.filterwarnings(STOPS)
def test_what_ends_a_training_is_measured_on_one_thread(monkeypatch):
    """Some builds of BLAS give a matrix product other bits on two."""
    threads = []

    def noting(function):
        def noted(*given):
            pools = threadpoolctl.threadpool_info()
            threads.extend(pool["num_threads"] for pool in pools if pool["user_api"] == "blas")
            return function(*given)

        return noted

    for name in ("energy_distance", "noise_of_distance"):
        monkeypatch.setattr(diagnosis, name, noting(getattr(diagnosis, name)))
    with threadpoolctl.threadpool_limits(2, user_api="blas"):
        GANOverSampler(max_iter=100, **BUDGET).fit(*easy_table())
    assert set(threads) == {1}


class Interrupt(Callback):
    step = None

    def on_step_end(self, event):
        if event.step == self.step:
            raise KeyboardInterrupt


@pytest.mark.filterwarnings(STOPS)
@pytest.mark.parametrize("step", [130, 350, "last"])
def test_a_training_that_was_stopped_settles_with_the_same_bits(monkeypatch, tmp_path, step):
    monkeypatch.setattr(diagnosis, "_PATIENCE", 2)
    stopping = Interrupt()
    whole = GANOverSampler(callbacks=[stopping], **BUDGET)
    expected, _ = whole.fit_resample(*easy_table())
    n_steps = len(whole.history_[1]["step"])
    assert 350 < n_steps < 3000
    sampler = GANOverSampler(checkpoint=tmp_path / "file", callbacks=[stopping], **BUDGET)
    stopping.step = n_steps if step == "last" else step
    with pytest.raises(KeyboardInterrupt):
        sampler.fit_resample(*easy_table())
    stopping.step = None
    np.testing.assert_array_equal(sampler.fit_resample(*easy_table())[0], expected)
    assert len(sampler.history_[1]["step"]) == n_steps


@pytest.mark.filterwarnings(STOPS)
@pytest.mark.parametrize("where", ["energy_distance", "are_finite"])
def test_ctrl_c_in_a_look_loses_no_look(monkeypatch, tmp_path, where):
    from gan_oversampler._gan import loop

    monkeypatch.setattr(diagnosis, "_PATIENCE", 2)
    sampler = GANOverSampler(checkpoint=tmp_path / "file", **BUDGET)
    expected, _ = sampler.fit_resample(*easy_table())
    distances = sampler.history_[1]["energy_distance"]
    module = diagnosis if where == "energy_distance" else loop
    calls, real = [], getattr(module, where)

    def interrupted(*given):
        calls.append(given)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(*given)

    monkeypatch.setattr(module, where, interrupted)
    with pytest.raises(KeyboardInterrupt):
        sampler.fit_resample(*easy_table())
    np.testing.assert_array_equal(sampler.fit_resample(*easy_table())[0], expected)
    np.testing.assert_array_equal(sampler.history_[1]["energy_distance"], distances)
