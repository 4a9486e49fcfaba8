"""The dense classifier that judges: as many steps for every set of rows."""

import numpy as np
import pytest
from sklearn.neural_network import MLPClassifier
from sklearn.utils.estimator_checks import parametrize_with_checks

from gan_oversampler.comparison import DenseClassifier, default_classifier

EXPECTED = {
    "check_sample_weight_equivalence_on_dense_data": "batches of repeated rows are other batches than weighted ones",
}


@parametrize_with_checks(
    [DenseClassifier((8,), n_steps=400, batch_size=16)], expected_failed_checks=lambda estimator: EXPECTED
)
def test_scikit_learn_checks(estimator, check):
    check(estimator)


@pytest.mark.parametrize("n_rows", [5, 64, 100, 1_000])
def test_every_set_of_rows_gets_the_same_steps_of_whole_batches(n_rows, monkeypatch):
    seen = []

    def counted(network, X, y, sample_weight, classes):
        seen.extend(X[:, 0].tolist())
        return original(network, X, y, sample_weight, classes)

    original = MLPClassifier.partial_fit
    monkeypatch.setattr(MLPClassifier, "partial_fit", counted)
    X = np.arange(n_rows, dtype=float).reshape(-1, 1)
    classifier = DenseClassifier((4,), n_steps=50, batch_size=64, random_state=0).fit(X, np.arange(n_rows) % 2)
    assert len(seen) == 50 * 64
    assert classifier.network_._optimizer.t == 50
    times = np.bincount(np.array(seen, dtype=int), minlength=n_rows)
    assert times.max() - times.min() <= 1, "each pass shows every row once"


def test_the_default_judge_of_many_rows_counts_steps():
    assert default_classifier(30_000, images=True).n_steps == 1_200
    assert default_classifier(200_000, images=False).steps[-1][1].n_steps == 8_000
    assert isinstance(default_classifier(9_999, images=True), MLPClassifier)


def test_weights_reach_the_network():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(400, 2)), np.arange(400) % 2
    classifier = DenseClassifier((32,), n_steps=1_000, batch_size=64, random_state=0)
    weighted = classifier.fit(X, y, np.where(y == 1, 9.0, 1.0)).predict_proba(X)[:, 1].mean()
    assert classifier.fit(X, y).predict_proba(X)[:, 1].mean() == pytest.approx(0.5, abs=0.1)
    assert weighted == pytest.approx(0.9, abs=0.1)
