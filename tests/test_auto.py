"""AutoOverSampler: the choice, its evidence, and the contract of a sampler."""

import numpy as np
import pandas as pd
import pytest
from imblearn.over_sampling import SMOTE, RandomOverSampler
from imblearn.pipeline import make_pipeline
from imblearn.utils import estimator_checks as imblearn_checks
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_validate
from sklearn.preprocessing import OrdinalEncoder
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils import estimator_checks as sklearn_checks

from gan_oversampler import AutoOverSampler
from gan_oversampler._samplers.evidence import simplest_of_the_best
from gan_oversampler.comparison import compare_samplers

LIGHT = DecisionTreeClassifier(max_depth=2)
TAKES_STRINGS = make_pipeline(OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1), LIGHT)
CHEAP = AutoOverSampler(
    classifier=TAKES_STRINGS, samplers={"nothing": None, "ROS": RandomOverSampler()}, cv=2, random_state=0
)


@imblearn_checks.parametrize_with_checks([CHEAP])
def test_imbalanced_learn(estimator, check):
    check(estimator)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
@sklearn_checks.parametrize_with_checks([CHEAP])
def test_scikit_learn(estimator, check):
    check(estimator)


def test_parameters_and_column_names():
    imblearn_checks.check_param_validation("AutoOverSampler", CHEAP)
    imblearn_checks.check_dataframe_column_names_consistency("AutoOverSampler", CHEAP)
    assert set(AutoOverSampler._parameter_constraints) == set(CHEAP.get_params(deep=False))


@pytest.mark.parametrize(
    ("scores", "chosen"),
    [
        ([[0.5, 0.5, 0.5], [0.5, 0.5, 0.5], [0.5, 0.5, 0.5]], 0),  # a tie goes to the simplest
        ([[0.5, 0.5, 0.5], [0.6, 0.4, 0.6], [0.9, 0.9, 0.9]], 2),  # a clear lead wins
        ([[0.50, 0.60, 0.70], [0.52, 0.58, 0.73], [0.4, 0.4, 0.4]], 0),  # within an error: the simplest
        ([[0.50, 0.60, 0.70], [0.52, 0.62, 0.72], [0.4, 0.4, 0.4]], 1),  # folds differ, the lead does not
        ([[np.nan] * 3, [0.5, 0.5, 0.5], [0.5, 0.5, 0.5]], 1),  # what failed is never chosen
    ],
)
def test_the_simplest_within_one_error_is_chosen(scores, chosen):
    assert simplest_of_the_best(np.array(scores)) == chosen


class CountsRows(ClassifierMixin, BaseEstimator):
    """Ranks held-out rows right once its classes are balanced, at random before."""

    def fit(self, X, y):
        self.classes_, counts = np.unique(y, return_counts=True)
        self.is_balanced_ = counts.min() == counts.max()
        return self

    def predict_proba(self, X):
        right = (np.asarray(X)[:, 0] > 0.5) if self.is_balanced_ else np.arange(len(X)) % 2
        return np.column_stack([1 - right, right])

    def predict(self, X):
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


@pytest.fixture
def told():
    """A table whose first column is the label."""
    y = np.repeat([0, 1], [80, 20])
    return np.column_stack([y, np.random.default_rng(0).normal(size=100)]), y


def test_a_classifier_that_gains_gets_balanced_rows_and_one_that_does_not_keeps_its_own(told):
    X, y = told
    gains = AutoOverSampler(classifier=CountsRows(), random_state=0)
    X_res, y_res = gains.fit_resample(X, y)
    assert gains.choice_ == "RandomOverSampler"
    assert np.bincount(y_res).tolist() == [80, 80]
    np.testing.assert_array_equal(X_res[:100], X)
    content = AutoOverSampler(classifier=LIGHT, random_state=0)
    X_res, y_res = content.fit_resample(X, y)
    assert content.choice_ == "nothing"
    assert content.sampler_ is None
    np.testing.assert_array_equal(X_res, X)
    assert not np.shares_memory(X_res, X)


def test_evidence_names_every_method_with_its_folds(told):
    sampler = AutoOverSampler(classifier=LIGHT, cv=3, random_state=0)
    sampler.fit_resample(*told)
    results = pd.DataFrame(sampler.cv_results_)
    assert results["method"].tolist() == ["nothing", "RandomOverSampler", "SMOTE", "DeformationOverSampler"]
    folds = results[[f"split{fold}_test_score" for fold in range(3)]].to_numpy()
    np.testing.assert_allclose(folds.mean(axis=1), results["mean_test_score"])
    assert (results["mean_fit_time"] > 0).all()


def test_judged_on_real_rows_only(told):
    X, y = told
    seen = []

    class Spy(CountsRows):
        def predict_proba(self, rows):
            seen.append(np.asarray(rows))
            return super().predict_proba(rows)

    AutoOverSampler(classifier=Spy(), samplers={"SMOTE": SMOTE()}, cv=4, random_state=0).fit_resample(X, y)
    assert np.isin(np.concatenate(seen)[:, 1], X[:, 1]).all()
    assert sum(map(len, seen)) == len(X)


def test_equal_seeds_give_equal_rows_and_clones(told):
    sampler = AutoOverSampler(classifier=CountsRows(), samplers={"SMOTE": SMOTE()}, random_state=3)
    first, again = (s.fit_resample(*told)[0] for s in (sampler, clone(sampler)))
    np.testing.assert_array_equal(first, again)
    assert sampler.samplers["SMOTE"].random_state is None


def test_a_method_that_fails_is_left_out_with_its_reason(told):
    samplers = {"SMOTE": SMOTE(k_neighbors=40), "ROS": RandomOverSampler()}
    sampler = AutoOverSampler(classifier=LIGHT, samplers=samplers, random_state=0)
    with pytest.warns(UserWarning, match="SMOTE cannot resample these rows and is left out: Expected n_neighbors"):
        sampler.fit_resample(*told)
    assert sampler.choice_ == "ROS"
    assert np.isnan(sampler.cv_results_["mean_test_score"][0])


@pytest.mark.filterwarnings("ignore:SMOTE cannot")
def test_where_all_fail_one_sentence_says_so(told):
    sampler = AutoOverSampler(classifier=LIGHT, samplers={"SMOTE": SMOTE(k_neighbors=40)})
    with pytest.raises(ValueError, match=r"None of \['SMOTE'\] can resample these rows"):
        sampler.fit_resample(*told)


def test_what_the_classifier_refuses_is_said_by_the_classifier(told):
    X, y = told
    X = np.where(np.arange(100)[:, None] == 5, np.nan, X)
    with pytest.raises(ValueError, match="LogisticRegression does not accept missing values"):
        AutoOverSampler(classifier=LogisticRegression()).fit_resample(X, y)


def test_takes_strings_for_labels_and_more_than_two_classes(told):
    X, y = told
    names = np.array(["common", "rare", "rarer"])[y + (np.arange(100) > 90)]
    sampler = AutoOverSampler(classifier=LogisticRegression(), random_state=0)
    _, y_res = sampler.fit_resample(X, names)
    assert set(y_res) == set(names)


def test_a_row_that_is_alone_in_its_class_means_nothing_is_done(told):
    X, y = told
    y = np.where(np.arange(100) == 99, 2, y)
    sampler = AutoOverSampler(classifier=LIGHT, random_state=0)
    sampler.fit_resample(X, y)
    assert sampler.choice_ == "nothing"


def test_works_in_a_pipeline_and_as_an_arm_of_the_comparison(told):
    X, y = told
    sampler = AutoOverSampler(classifier=LIGHT, cv=2, random_state=0)
    scores = cross_validate(make_pipeline(sampler, LIGHT), X, y, cv=2, error_score="raise")["test_score"]
    assert (scores == 1).all()
    comparison = compare_samplers(
        X, y, n_minority=10, classifier=LIGHT, methods=["auto"], samplers={"auto": sampler}, n_draws=1, random_state=0
    )
    assert "auto" in {row["method"] for row in comparison.records}


def test_boosting_is_the_classifier_where_none_is_given(told):
    sampler = AutoOverSampler(samplers={"nothing": None}, cv=2, random_state=0)
    with pytest.MonkeyPatch.context() as patch:
        fits = []
        fit = HistGradientBoostingClassifier.fit
        patch.setattr(HistGradientBoostingClassifier, "fit", lambda self, X, y: fits.append(1) or fit(self, X, y))
        sampler.fit_resample(*told)
    assert len(fits) == 2


def test_bools_beside_categories_and_missing_values_are_taken():
    pd = pytest.importorskip("pandas")
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"a": rng.normal(size=90), "b": rng.random(90) < 0.5, "c": pd.Categorical(list("xyz") * 30)})
    X.loc[::7, "a"] = np.nan
    y = np.arange(90) < 20
    sampler = AutoOverSampler(cv=2, random_state=0)
    X_res, _ = sampler.fit_resample(X, y)
    pd.testing.assert_frame_equal(X_res.iloc[:90].reset_index(drop=True), X)
    assert "DeformationOverSampler" in sampler.cv_results_["method"]
    assert list(sampler.feature_names_in_) == ["a", "b", "c"]
