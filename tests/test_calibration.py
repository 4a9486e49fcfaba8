"""Probabilities after resampling: corrected to the class shares of before, in two classes and in several."""

import numpy as np
import pytest
from imblearn import FunctionSampler
from imblearn.ensemble import BalancedRandomForestClassifier, RUSBoostClassifier
from imblearn.over_sampling import SMOTE, RandomOverSampler
from imblearn.pipeline import Pipeline as ResamplingPipeline
from imblearn.pipeline import make_pipeline
from imblearn.under_sampling import RandomUnderSampler
from sklearn import config_context
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import BaggingClassifier, RandomForestClassifier, StackingClassifier, VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss
from sklearn.model_selection import GridSearchCV, cross_val_predict
from sklearn.multiclass import OneVsRestClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline as make_plain_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from sklearn.utils.estimator_checks import parametrize_with_checks

from gan_oversampler import DeformationOverSampler, PriorCorrectedClassifier
from gan_oversampler.calibration import prior_corrected
from gan_oversampler.comparison import compare_samplers

SHARES = {2: [0.9, 0.1], 4: [0.6, 0.25, 0.1, 0.05]}
OVER, LOGISTIC = RandomOverSampler(random_state=0), LogisticRegression()


def scaler():
    """One that gives arrays under each global setting: imbalanced-learn's samplers fail on polars."""
    return StandardScaler().set_output(transform="default")


PIPELINES = {
    "over": make_pipeline(OVER, LOGISTIC),
    "under": make_pipeline(RandomUnderSampler(random_state=0), LOGISTIC),
    "new rows": make_pipeline(SMOTE(random_state=0), LOGISTIC),
    "ours": make_pipeline(DeformationOverSampler(random_state=0), LOGISTIC),
    "transformers on both sides": make_pipeline(scaler(), OVER, scaler(), LOGISTIC),
    "two samplers": make_pipeline(RandomUnderSampler(random_state=0), OVER, LOGISTIC),
    "inside a plain pipeline": make_plain_pipeline(scaler(), make_pipeline(OVER, LOGISTIC)),
    "around a plain pipeline": make_pipeline(OVER, make_plain_pipeline(scaler(), LOGISTIC)),
    "class weights": LogisticRegression(class_weight="balanced"),
    "no resampling": LOGISTIC,
}
pipelines = pytest.mark.parametrize("pipeline", PIPELINES.values(), ids=PIPELINES)


def gaussians(n_classes, n=4000, seed=0):
    """Gaussian classes of the shares above, one step apart: (X of shape (n, 2), y)."""
    rng = np.random.default_rng(seed)
    y = np.repeat(np.arange(n_classes), (np.array(SHARES[n_classes]) * n).astype(int))
    return rng.normal(size=(len(y), 2)) + y[:, None], y


@parametrize_with_checks([PriorCorrectedClassifier(PIPELINES["over"]), PriorCorrectedClassifier(LOGISTIC)])
def test_scikit_learns_contract(estimator, check):
    check(estimator)


@pipelines
@pytest.mark.parametrize("n_classes", SHARES)
def test_probabilities_fit_the_rows_of_before(pipeline, n_classes):
    """A calibrated classifier's mean probability of a class is the share of the class, on rows it never saw."""
    X, y = gaussians(n_classes)
    X_new, _ = gaussians(n_classes, seed=1)
    model = PriorCorrectedClassifier(pipeline).fit(X, y)
    np.testing.assert_allclose(model.prior_, SHARES[n_classes])
    np.testing.assert_allclose(model.predict_proba(X_new).mean(axis=0), SHARES[n_classes], atol=0.03)
    if pipeline is not LOGISTIC:
        assert np.abs(pipeline.fit(X, y).predict_proba(X_new).mean(axis=0) - SHARES[n_classes]).max() > 0.1
        np.testing.assert_allclose(model.prior_trained_, np.full(n_classes, 1 / n_classes))


@pipelines
def test_the_fitted_pipeline_is_the_one_that_was_given(pipeline):
    X, y = gaussians(2, n=400)
    before = repr(pipeline)
    model = PriorCorrectedClassifier(pipeline).fit(X, y)
    assert repr(model.estimator_) == repr(pipeline) == before
    np.testing.assert_array_equal(model.estimator_.predict_proba(X), clone(pipeline).fit(X, y).predict_proba(X))


def test_a_pipeline_with_a_memory_is_read_too(tmp_path):
    X, y = gaussians(2, n=400)
    pipeline = ResamplingPipeline([("over", OVER), ("logistic", LOGISTIC)], memory=str(tmp_path))
    for _ in range(2):  # the second fit comes from the memory
        np.testing.assert_array_equal(PriorCorrectedClassifier(pipeline).fit(X, y).prior_trained_, [0.5, 0.5])


@pytest.mark.parametrize("n_classes", SHARES)
def test_the_correction_is_bayes_rule(n_classes):
    """Gaussian naive Bayes with one prior, corrected, is Gaussian naive Bayes with the other."""
    X, y = gaussians(n_classes)
    even, true = np.full(n_classes, 1 / n_classes), np.array(SHARES[n_classes])
    trained = GaussianNB(priors=even).fit(X, y).predict_proba(X)
    expected = GaussianNB(priors=true).fit(X, y).predict_proba(X)
    np.testing.assert_allclose(prior_corrected(trained, even, true), expected, atol=1e-9)
    if n_classes == 2:
        np.testing.assert_allclose(prior_corrected(trained[:, 1], 0.5, true[1]), expected[:, 1], atol=1e-9)


def test_the_brier_score_of_held_out_rows_is_mended_and_the_order_kept():
    X, y = gaussians(2)
    plain, corrected = (
        cross_val_predict(model, X, y, method="predict_proba")[:, 1]
        for model in (PIPELINES["over"], PriorCorrectedClassifier(PIPELINES["over"]))
    )
    assert brier_score_loss(y, corrected) < 0.8 * brier_score_loss(y, plain)


def test_a_prior_of_ones_own_is_corrected_to():
    X, y = gaussians(4)
    even = np.full(4, 0.25)
    model = PriorCorrectedClassifier(PIPELINES["over"], prior=even).fit(X, y)
    np.testing.assert_allclose(model.predict_proba(X), model.estimator_.predict_proba(X))
    labels = np.array(["b", "a", "d", "c"])[y]
    model = PriorCorrectedClassifier(PIPELINES["over"]).fit(X, labels)
    assert model.classes_.tolist() == ["a", "b", "c", "d"]
    np.testing.assert_allclose(model.prior_, [0.25, 0.6, 0.05, 0.1])
    assert set(model.predict(X)) <= set(labels)


@pytest.mark.parametrize(
    "prior", [[0.5, 0.5], [0.5, 0.2, 0.2, 0.2], [1.0, 0.0, 0.0, 0.0], [0.5, np.nan, 0.25, 0.25], 0.2, {0: 0.5, 1: 0.5}]
)
def test_a_prior_that_does_not_fit_the_classes_is_refused(prior):
    with pytest.raises(ValueError, match="prior must be 4 shares above 0 that sum to 1"):
        PriorCorrectedClassifier(LOGISTIC, prior=prior).fit(*gaussians(4, n=100))


def test_what_has_no_probabilities_is_refused():
    with pytest.raises(ValueError, match="predict_proba"):
        PriorCorrectedClassifier(make_pipeline(OVER, LinearSVC())).fit(*gaussians(2, n=100))


def test_a_sampler_that_drops_a_class_is_refused():
    dropping = FunctionSampler(func=lambda X, y: (X[y > 0], y[y > 0]))
    with pytest.raises(ValueError, match=r"left no row of the classes \[0\]"):
        PriorCorrectedClassifier(make_pipeline(dropping, LOGISTIC)).fit(*gaussians(4, n=400))


@pytest.mark.parametrize(
    ("class_weight", "expected"),
    [(None, [0.9, 0.1]), ("balanced", [0.5, 0.5]), ("balanced_subsample", [0.5, 0.5]), ({0: 1, 1: 3}, [0.75, 0.25])],
)
def test_class_weights_count_as_resampling(class_weight, expected):
    forest = RandomForestClassifier(5, class_weight=class_weight, random_state=0)
    model = PriorCorrectedClassifier(forest).fit(*gaussians(2, n=400))
    np.testing.assert_allclose(model.prior_trained_, expected)


def test_it_goes_into_a_search():
    X, y = gaussians(2, n=400)
    grid = {"estimator__logisticregression__C": [0.1, 1.0]}
    search = GridSearchCV(PriorCorrectedClassifier(PIPELINES["over"]), grid, scoring="neg_brier_score").fit(X, y)
    assert search.best_estimator_.prior_trained_.tolist() == [0.5, 0.5]


BALANCED = LogisticRegression(class_weight="balanced")
AROUND = {
    "search": GridSearchCV(PIPELINES["over"], {"logisticregression__C": [0.1, 1.0]}, cv=2),
    "search of weights": GridSearchCV(LOGISTIC, {"class_weight": ["balanced"]}, cv=2),
    "search of samplers": GridSearchCV(PIPELINES["over"], {"randomoversampler": [SMOTE(random_state=0)]}, cv=2),
    "pipeline with a search": make_plain_pipeline(scaler(), GridSearchCV(BALANCED, {"C": [1.0]}, cv=2)),
    "one against the rest": OneVsRestClassifier(PIPELINES["over"]),
    "bagging": BaggingClassifier(PIPELINES["over"], 5, random_state=0),
    "bagging of a search": BaggingClassifier(GridSearchCV(BALANCED, {"C": [1.0]}, cv=2), 2, random_state=0),
    "voting": VotingClassifier([("a", PIPELINES["under"]), ("b", BALANCED), ("c", GaussianNB())], voting="soft"),
    "calibrated": CalibratedClassifierCV(PIPELINES["over"], cv=2),
    "stacking": StackingClassifier([("a", PIPELINES["over"])], BALANCED, cv=2),
}


@pytest.mark.parametrize("n_classes", SHARES)
@pytest.mark.parametrize("around", AROUND.values(), ids=AROUND)
def test_searches_and_ensembles_are_corrected_where_they_resample(around, n_classes):
    X, y = gaussians(n_classes)
    X_new, _ = gaussians(n_classes, seed=1)
    before = repr(around)
    model = PriorCorrectedClassifier(around).fit(X, y)
    np.testing.assert_allclose(model.predict_proba(X_new).mean(axis=0), SHARES[n_classes], atol=0.03)
    other = np.full(n_classes, 1 / n_classes)
    to_even = clone(model).set_params(prior=other).fit(X, y)
    np.testing.assert_allclose(
        to_even.predict_proba(X_new), prior_corrected(model.predict_proba(X_new), SHARES[n_classes], other), atol=1e-9
    )
    assert repr(around) == before
    assert "prior_recorder" not in repr(model.estimator_.get_params())


def test_a_search_is_left_with_the_pipeline_that_it_was_given():
    X, y = gaussians(2, n=400)
    search = PriorCorrectedClassifier(AROUND["search"]).fit(X, y).estimator_
    assert repr(search) == repr(AROUND["search"])
    np.testing.assert_array_equal(
        search.predict_proba(X), search.best_estimator_.predict_proba(X), clone(search).fit(X, y).predict_proba(X)
    )
    assert [name for name, _ in search.best_estimator_.steps] == ["randomoversampler", "logisticregression"]


@pytest.mark.parametrize(
    ("estimator", "sentence"),
    [
        (BalancedRandomForestClassifier(5), "BalancedRandomForestClassifier resamples inside of itself"),
        (BaggingClassifier(RUSBoostClassifier(n_estimators=2)), "RUSBoostClassifier resamples inside of itself"),
        (
            GridSearchCV(BaggingClassifier(PIPELINES["over"]), {"n_estimators": [2]}),
            "give BaggingClassifier a PriorCorrectedClassifier of its pipeline",
        ),
    ],
)
def test_shares_that_cannot_be_known_are_refused(estimator, sentence):
    with pytest.raises(ValueError, match=sentence):
        PriorCorrectedClassifier(estimator).fit(*gaussians(2, n=400))


def test_the_advice_for_a_search_around_an_ensemble_works():
    X, y = gaussians(2)
    bagging = BaggingClassifier(PriorCorrectedClassifier(PIPELINES["over"]), random_state=0)
    model = PriorCorrectedClassifier(GridSearchCV(bagging, {"n_estimators": [2]}, cv=2)).fit(X, y)
    assert model.predict_proba(X)[:, 1].mean() == pytest.approx(0.1, abs=0.03)


@pytest.mark.parametrize("prior", [0.3, {"rare": 0.3, "common": 0.7}, [0.7, 0.3]])
def test_a_prior_is_shares_in_order_or_by_name_or_that_of_the_second_class(prior):
    X, y = gaussians(2, n=400)
    model = PriorCorrectedClassifier(LOGISTIC, prior=prior).fit(X, np.array(["common", "rare"])[y])
    np.testing.assert_allclose(model.prior_, [0.7, 0.3])


def test_parameters_of_fit_reach_the_estimator_with_and_without_routing():
    X, y = gaussians(2, n=400)
    weights = np.where(y == 1, 5.0, 1.0)
    expected = LogisticRegression().fit(X, y, sample_weight=weights).coef_
    with config_context(enable_metadata_routing=False):
        given = PriorCorrectedClassifier(LogisticRegression()).fit(X, y, sample_weight=weights)
    np.testing.assert_array_equal(given.estimator_.coef_, expected)
    with config_context(enable_metadata_routing=True):
        asking = LogisticRegression().set_fit_request(sample_weight=True)
        routed = PriorCorrectedClassifier(asking).fit(X, y, sample_weight=weights)
    np.testing.assert_array_equal(routed.estimator_.coef_, expected)


def test_a_pipeline_around_it_is_scored_with_routing_and_weights():
    X, y = gaussians(2, n=400)
    with config_context(enable_metadata_routing=True):
        model = PriorCorrectedClassifier(LOGISTIC).set_score_request(sample_weight=True)
        pipeline = make_plain_pipeline(scaler(), model).fit(X, y)
        assert pipeline.score(X, y) > 0.9
        assert pipeline.score(X, y, sample_weight=pipeline.predict(X) == y) == 1


def test_an_arm_of_the_comparison_is_judged_by_its_corrected_probabilities():
    X, y = gaussians(2, n=1000)
    outcome = compare_samplers(
        X,
        y,
        classifier={"logistic": LOGISTIC, "no probabilities": LinearSVC()},
        methods=["SMOTE", "SMOTE corrected"],
        n_draws=2,
        n_classifier_seeds=1,
        random_state=0,
        learning_curve=False,
    )
    rows = {(row["method"], row["classifier"]): row for row in outcome.records if row["draw"] == 0}
    assert ("SMOTE corrected", "no probabilities") not in rows
    plain, corrected = rows["SMOTE", "logistic"], rows["SMOTE corrected", "logistic"]
    assert corrected["brier"] == corrected["brier_corrected"]
    assert corrected["brier"] == pytest.approx(plain["brier_corrected"], rel=0.05)
    assert corrected["brier"] < 0.8 * plain["brier"]
    assert corrected["recall"] < plain["recall"]
    assert corrected["average_precision"] == pytest.approx(plain["average_precision"], abs=0.03)
    assert corrected["f1_tuned"] == pytest.approx(plain["f1_tuned"], abs=0.1)
