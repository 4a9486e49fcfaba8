"""Thresholds: the best where they are used, on rows that neither sampler nor classifier saw."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from imblearn.over_sampling import SMOTE
from sklearn.base import BaseEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score, f1_score
from sklearn.neighbors import KNeighborsClassifier
from threadpoolctl import threadpool_limits

from gan_oversampler.comparison import compare_samplers
from gan_oversampler.comparison._measure.thresholds import best_threshold, prior_weights
from tests.test_comparison import compare, two_classes

SCORES = {"f1": f1_score, "balanced_accuracy": balanced_accuracy_score}


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """Small matrices on several threads of a busy machine cost 40 times as much."""
    with threadpool_limits(1):
        yield


def noisy(seed, n=60):
    rng = np.random.default_rng(seed)
    y = np.append(rng.integers(0, 2, n - 2), [0, 1])
    return y, np.round(rng.normal(y), 1)  # with ties


@pytest.mark.parametrize("metric", SCORES)
@pytest.mark.parametrize("prior", [0.02, 0.3, 0.9])
def test_the_best_threshold_is_the_best_of_all_under_the_prior_it_is_told(prior, metric):
    y, scores = noisy(0)

    def value(threshold):
        return SCORES[metric](y, scores >= threshold, sample_weight=prior_weights(y, prior))

    best = max(value(threshold) for threshold in np.unique(scores))
    assert value(best_threshold(y, scores, metric, prior)) == pytest.approx(best)


@pytest.mark.parametrize("metric", SCORES)
def test_the_prior_of_the_rows_themselves_changes_nothing(metric):
    y, scores = noisy(0)
    assert best_threshold(y, scores, metric, y.mean()) == best_threshold(y, scores, metric)
    np.testing.assert_allclose(prior_weights(y, y.mean()), 1)


@given(st.integers(0, 1000), st.floats(0.01, 0.99))
def test_weights_give_positives_their_share_and_keep_the_total(seed, prior):
    y, _ = noisy(seed)
    weights = prior_weights(y, prior)
    assert weights[y == 1].sum() / weights.sum() == pytest.approx(prior)
    assert weights.sum() == pytest.approx(len(y))


@pytest.mark.parametrize("metric", SCORES)
def test_thresholds_are_chosen_for_the_share_that_held_out_rows_have(metric):
    """One positive in ten is held out, one in two hundred is trained on: every method gets what the oracle gets."""
    X, y = two_classes(20_000, share=0.1, distance=2.5)
    methods = ["tuned threshold", "class weights", "RandomOverSampler", "oracle"]
    outcome = compare(X, y, methods=methods, n_minority=100, n_draws=2, threshold_metric=metric)
    attainable = outcome.mean("oracle", f"{metric}_tuned")
    for method in ("nothing", *methods):
        assert outcome.mean(method, f"{metric}_tuned") == pytest.approx(attainable, abs=0.025), method
    assert outcome.mean("tuned threshold", metric) == outcome.mean("tuned threshold", f"{metric}_tuned")
    assert outcome.mean("nothing", "f1") < outcome.mean("nothing", "f1_tuned") - 0.2


class Memorising(BaseEstimator):
    """Repeats every minority row once, so that a classifier can be certain of each."""

    def fit_resample(self, X, y):
        return np.vstack([X, X[y == 1]]), np.append(y, np.ones(y.sum(), y.dtype))


def test_a_sampler_that_memorises_is_caught():
    """Neighbours weighted by distance are certain of every row that was seen: a threshold chosen there is about .5, and
    hardly any positive that was not seen reaches it."""
    X, y = two_classes(2000, distance=2.5)
    outcome = compare(
        X,
        y,
        samplers={"memorising": Memorising()},
        methods=["memorising"],
        classifier=KNeighborsClassifier(100, weights="distance"),
        n_minority=80,
    )
    assert outcome.mean("memorising", "f1_tuned") > outcome.mean("memorising", "f1") + 0.07
    assert max(row["threshold"] for row in outcome.rows("memorising")) < 0.45


class Watched(BaseEstimator):
    """A sampler that keeps what it was given."""

    given: list[np.ndarray] = []  # noqa: RUF012 - shared by clones

    def fit_resample(self, X, y):
        self.given.append(X)
        return X, y


def test_rows_that_thresholds_are_chosen_on_are_kept_from_sampler_and_classifier(monkeypatch):
    monkeypatch.setattr(Watched, "given", [])
    scored = []

    class Judge(LogisticRegression):
        def fit(self, X, y, sample_weight=None):
            scored.append(("fit", X))
            return super().fit(X, y, sample_weight)

        def predict_proba(self, X):
            scored.append(("score", X))
            return super().predict_proba(X)

    X, y = two_classes()
    compare(
        X, y, samplers={"watched": Watched()}, methods=["watched"], classifier=Judge(), n_draws=1, n_minority=40,
        threshold_size=0.25,
    )  # fmt: skip
    whole, part = Watched.given
    last = [rows for kind, rows in scored if kind == "score" and len(rows) < len(part)]
    chosen = next(rows for rows in last if len(rows) == len(whole) - len(part))
    keys = {name: set(map(bytes, rows)) for name, rows in {"whole": whole, "part": part, "chosen": chosen}.items()}
    assert not keys["part"] & keys["chosen"]
    assert keys["part"] | keys["chosen"] == keys["whole"]
    assert any(kind == "fit" and set(map(bytes, rows)) == keys["part"] for kind, rows in scored)


def test_too_few_rows_for_both_give_no_threshold():
    X, y = two_classes()
    outcome = compare(X, y, methods=["tuned threshold"], n_minority=2, n_draws=1)
    for method in outcome.methods:
        assert np.isnan(outcome.mean(method, "f1_tuned"))
        assert not np.isnan(outcome.mean(method, "f1"))
    assert not any(row["error"] for row in outcome.records)


def test_a_sampler_that_refuses_the_smaller_rows_keeps_its_ranking_and_says_why():
    """Of 8 rows 6 are left to fit on, and SMOTE with 6 neighbours wants 7."""
    X, y = two_classes()
    outcome = compare(X, y, samplers={"six": SMOTE(k_neighbors=6)}, methods=["six"], n_minority=8, n_draws=1)
    assert outcome.mean("six") > 0
    assert np.isnan(outcome.mean("six", "f1_tuned"))
    assert outcome.rows("six")[0]["error"].startswith("no threshold was chosen: ValueError: ")
    assert "no threshold was chosen" in outcome.to_markdown()


def test_no_thresholds_on_request():
    X, y = two_classes()
    outcome = compare_samplers(
        X, y, classifier=LogisticRegression(), methods=["SMOTE", "tuned threshold"], n_draws=1, n_classifier_seeds=1,
        learning_curve=False, threshold_size=None, random_state=0,
    )  # fmt: skip
    assert np.isnan(outcome.mean("SMOTE", "f1_tuned"))
    assert not np.isnan(outcome.mean("tuned threshold", "f1_tuned"))
