"""Laws of the perturbation of table rows, and of new rows made of real ones."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gan_oversampler import DeformationOverSampler
from gan_oversampler._perturbation import PARTS, LearnedPerturbation, Mixture, nearest_others


def rows_of(seed, n, d):
    return np.random.default_rng(seed).normal(size=(n, d)).astype(np.float32)


@pytest.fixture
def perturbation():
    return LearnedPerturbation.learn(rows_of(0, 200, 5), n_numeric=3)


def test_the_change_is_a_difference_of_two_neighbours_near_the_row(perturbation):
    rows = rows_of(1, 40, 5)
    changes = perturbation.draw(perturbation.near(rows), np.random.default_rng(0))
    others = perturbation.others
    near = np.argsort(((rows[:, None] - others) ** 2).sum(axis=2), axis=1)[:, :30]
    partners = np.argsort(((others[:, None] - others) ** 2).sum(axis=2), axis=1)[:, 1:11]
    for change, around in zip(changes, near, strict=True):
        seen = others[partners[around], :3] - others[around, None, :3]
        away = np.minimum(np.abs(seen - change), np.abs(seen + change)).max(axis=2)
        assert away.min() < 1e-6


def changes_of(perturbation, rows, seed=0):
    return perturbation.draw(perturbation.near(rows), np.random.default_rng(seed))


def test_all_numeric_columns_move_and_no_other(perturbation):
    changes = changes_of(perturbation, rows_of(1, 40, 5))
    assert changes.shape == (40, 3)
    assert changes.all()
    assert changes.dtype == np.float32


@settings(deadline=None, max_examples=20)
@given(st.floats(0, 3, width=32))
def test_strength_is_a_factor(strength):
    perturbation = LearnedPerturbation.learn(rows_of(0, 60, 4), n_numeric=4)
    rows = rows_of(1, 20, 4)
    near = perturbation.near(rows)
    whole, part = (
        p.draw(near, np.random.default_rng(5)) for p in (perturbation, replace(perturbation, strength=strength))
    )
    np.testing.assert_allclose(part, strength * whole, rtol=1e-5, atol=1e-6)


def test_it_pushes_to_no_side(perturbation):
    rows = np.repeat(rows_of(1, 1, 5), 20_000, axis=0)
    changes = perturbation.draw(perturbation.near(rows), np.random.default_rng(0))
    assert (np.abs(changes.mean(axis=0)) < 4 * changes.std(axis=0) / np.sqrt(len(changes))).all()


def test_rows_move_as_far_as_the_others_differ_where_they_are():
    calm, wild = rows_of(0, 100, 2) * 0.01, rows_of(1, 100, 2) + 50
    perturbation = LearnedPerturbation.learn(np.concatenate([calm, wild]), n_numeric=2)
    rng = np.random.default_rng(0)
    here, there = (np.abs(perturbation.draw(perturbation.near(r), rng)).mean() for r in (calm, wild))
    assert there > 20 * here


@pytest.mark.parametrize("n", [1, 2, 7, 40])
def test_few_other_rows_teach_what_they_can(n):
    perturbation = LearnedPerturbation.learn(rows_of(0, n, 3), n_numeric=3)
    changes = changes_of(perturbation, rows_of(1, 9, 3))
    assert np.isfinite(changes).all()
    assert changes.any() == (n > 1)  # a single row differs from none


def test_state_gives_the_same_draws(perturbation):
    weak, rows = replace(perturbation, strength=0.4), rows_of(1, 9, 5)
    again = LearnedPerturbation.from_state(weak.get_state())
    np.testing.assert_array_equal(changes_of(again, rows), changes_of(weak, rows))


@pytest.fixture
def mixture():
    return Mixture.of(rows_of(2, 25, 5), LearnedPerturbation.learn(rows_of(0, 200, 5) + 1, 3))


def test_every_new_row_has_a_parent_whose_categories_it_keeps(mixture):
    tensors, parents = mixture.draw(3000, np.random.default_rng(0))
    assert set(parents) == set(range(25))
    np.testing.assert_array_equal(tensors[:, 3:], mixture.rows[parents, 3:])
    assert tensors.dtype == np.float32


def test_a_third_of_the_rows_is_real(mixture):
    tensors, parents = mixture.draw(6000, np.random.default_rng(0))
    is_real = (tensors == mixture.rows[parents]).all(axis=1)
    assert is_real.mean() == pytest.approx(1 / len(PARTS), abs=0.03)


def test_without_differences_rows_lie_between_a_row_and_its_neighbour():
    mixture = Mixture.of(
        rows_of(2, 25, 3), LearnedPerturbation.learn(rows_of(0, 1, 3), 3)
    )  # one other row teaches no difference
    tensors, parents = mixture.draw(500, np.random.default_rng(0))
    neighbours = nearest_others(mixture.rows, 5)
    for tensor, parent in zip(tensors, parents, strict=True):
        start, ends = mixture.rows[parent], mixture.rows[neighbours[parent]]
        along = ((tensor - start) * (ends - start)).sum(axis=1) / ((ends - start) ** 2).sum(axis=1)
        off = np.abs(tensor - start - along[:, None] * (ends - start)).max(axis=1)
        assert ((off < 1e-5) & (along >= 0) & (along <= 1)).any()


def test_a_class_of_one_row_and_a_table_without_numbers():
    alone, _ = Mixture.of(rows_of(2, 1, 3), LearnedPerturbation.learn(rows_of(0, 1, 3), 3)).draw(
        9, np.random.default_rng(0)
    )
    np.testing.assert_array_equal(alone, np.repeat(rows_of(2, 1, 3), 9, axis=0))
    still = Mixture.of(rows_of(2, 8, 3), LearnedPerturbation.learn(rows_of(0, 50, 3), 0))
    tensors, parents = still.draw(40, np.random.default_rng(0))
    np.testing.assert_array_equal(tensors, still.rows[parents])


def test_mixtures_state_gives_the_same_draws(mixture):
    again = Mixture.from_state(mixture.get_state())
    for first, second in zip(*(m.draw(50, np.random.default_rng(1)) for m in (mixture, again)), strict=True):
        np.testing.assert_array_equal(first, second)


def test_rows_of_very_wide_tables_are_repeated(monkeypatch):
    X, y = np.random.default_rng(0).normal(size=(60, 6)), np.arange(60) < 20
    monkeypatch.setattr("gan_oversampler._classes.task._MAX_MOVED_COLUMNS", 5)
    monkeypatch.setattr("gan_oversampler._rows.columns.Columns.find", lambda *_: pytest.fail("columns were examined"))
    sampler = DeformationOverSampler(random_state=0)
    X_res, _ = sampler.fit_resample(X, y)
    np.testing.assert_array_equal(X_res, X[sampler.parent_indices_])
    assert sampler.shares_ == {True: {"repeated": 1.0}}
