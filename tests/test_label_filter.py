"""The label filter keeps rows of the class, gives exactly the number asked for, and never draws for ever."""

import numpy as np
import pytest

from gan_oversampler._classes.model import Drawn, LabelFilter


@pytest.fixture(scope="module")
def label_filter():
    """Class around +2, the others around -2."""
    rng = np.random.default_rng(0)
    own, others = (rng.normal(centre, 1, (400, 4, 4, 1)).astype(np.float32) for centre in (2, -2))
    return LabelFilter.fit(own, others, seed=0)


def mixture(share):
    """Source of which that share is of the class; it counts what it was asked for."""

    def draw(n, rng):
        draw.n_drawn += n
        centres = np.where(rng.random(n) < share, 2, -2)
        return Drawn.without_parents(rng.normal(centres[:, None, None, None], 1, (n, 4, 4, 1)).astype(np.float32))

    draw.n_drawn = 0
    return draw


@pytest.mark.parametrize("share", [1.0, 0.7])
def test_keeps_exactly_as_many_of_the_class(label_filter, share):
    rows = label_filter.draw(mixture(share), 200, np.random.default_rng(1)).rows
    assert rows.shape == (200, 4, 4, 1)
    assert (rows.mean(axis=(1, 2, 3)) > 0).all()


def test_a_hopeless_source_ends_with_the_nearest_rows(label_filter):
    source = mixture(0.0)
    rows = label_filter.draw(source, 50, np.random.default_rng(1)).rows
    assert len(rows) == 50
    assert source.n_drawn == 250
    anything = source(2000, np.random.default_rng(2)).rows
    assert label_filter.scores(rows).mean() > label_filter.scores(anything).mean()


def test_scores_are_the_networks_log_odds(label_filter):
    from sklearn.neural_network import MLPClassifier

    rows = np.random.default_rng(3).normal(size=(30, 16)).astype(np.float32)
    network = MLPClassifier((128,), random_state=0).partial_fit(rows, np.arange(30) % 2, classes=[0, 1])
    weights = [part for pair in zip(network.coefs_, network.intercepts_, strict=True) for part in pair]
    odds = LabelFilter(weights).scores(rows)
    np.testing.assert_allclose(1 / (1 + np.exp(-odds)), network.predict_proba(rows)[:, 1], rtol=1e-4)


def test_state_round_trip(label_filter):
    rows = np.random.default_rng(3).normal(size=(9, 4, 4, 1)).astype(np.float32)
    again = LabelFilter.from_state(label_filter.get_state())
    np.testing.assert_array_equal(again.scores(rows), label_filter.scores(rows))


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_scores_that_are_no_number_cost_no_row(label_filter, share, monkeypatch):
    rng = np.random.default_rng(0)
    real_scores = LabelFilter.scores

    def scores(self, rows):
        found = real_scores(self, rows)
        return np.where(np.random.default_rng(1).random(len(found)) < share, np.nan, found)

    monkeypatch.setattr(LabelFilter, "scores", scores)
    for source_share in (0.0, 0.5):
        drawn = label_filter.draw(mixture(source_share), 50, rng)
        assert len(drawn) == 50
        assert np.isfinite(drawn.rows).all()


def test_a_number_comes_before_none():
    given = Drawn.without_parents(np.arange(6, dtype=np.float32).reshape(6, 1))

    class Fixed(LabelFilter):
        def scores(self, rows):
            return np.array([np.nan, -3, np.nan, -1, -2, np.nan])[: len(rows)]

    drawn = Fixed([]).draw(lambda n, rng: given, 3, np.random.default_rng(0))
    assert drawn.rows.ravel().tolist() == [3, 3, 3]  # the best of five rounds
