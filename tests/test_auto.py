"""AutoOverSampler: the choice, its evidence, and the contract of a sampler."""

import sys
from functools import partialmethod

import numpy as np
import pandas as pd
import pytest
from imblearn.over_sampling import SMOTE, RandomOverSampler
from imblearn.pipeline import make_pipeline
from imblearn.utils import estimator_checks as imblearn_checks
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.ensemble import HistGradientBoostingClassifier, VotingClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import balanced_accuracy_score, make_scorer
from sklearn.model_selection import (
    GroupKFold,
    KFold,
    PredefinedSplit,
    RepeatedStratifiedKFold,
    StratifiedShuffleSplit,
    cross_validate,
)
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import OrdinalEncoder
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils import estimator_checks as sklearn_checks
from threadpoolctl import threadpool_info, threadpool_limits

from gan_oversampler import AutoOverSampler, DeformationOverSampler
from gan_oversampler._choice.evidence import preferred_of_the_best
from gan_oversampler._choice.splits import draw, held_out_ratio, sample
from gan_oversampler._rows.groups import check_groups
from gan_oversampler.comparison import compare_samplers

LIGHT = DecisionTreeClassifier(max_depth=2)
PUBLIC = ["RandomOverSampler", "SMOTE"]
FEWER_TREES = HistGradientBoostingClassifier.__init__
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
        ([[0.5, 0.5, 0.5], [0.5, 0.5, 0.5], [0.5, 0.5, 0.5]], 0),  # a tie goes to the first
        ([[0.5, 0.5, 0.5], [0.6, 0.4, 0.6], [0.9, 0.9, 0.9]], 2),  # a clear lead wins
        ([[0.50, 0.60, 0.70], [0.52, 0.58, 0.73], [0.4, 0.4, 0.4]], 0),  # within an error: the first
        ([[0.50, 0.60, 0.70], [0.52, 0.62, 0.72], [0.4, 0.4, 0.4]], 1),  # folds differ, the lead does not
        ([[np.nan] * 3, [0.5, 0.5, 0.5], [0.5, 0.5, 0.5]], 1),  # what failed is never chosen
    ],
)
def test_the_first_within_one_error_is_chosen(scores, chosen):
    assert preferred_of_the_best(np.array(scores), test_train_ratio=1 / 2) == chosen


class CountsRows(ClassifierMixin, BaseEstimator):
    """Ranks held-out rows right if its classes are balanced, or only before they are."""

    def __init__(self, wants_balance=True):
        self.wants_balance = wants_balance

    def fit(self, X, y):
        self.classes_, counts = np.unique(y, return_counts=True)
        self.is_balanced_ = (counts.min() == counts.max()) == self.wants_balance
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
    assert gains.choice_ == "DeformationOverSampler"
    assert np.bincount(y_res).tolist() == [80, 80]
    np.testing.assert_array_equal(X_res[:100], X)
    content = AutoOverSampler(classifier=CountsRows(False), random_state=0)
    X_res, y_res = content.fit_resample(X, y)
    assert content.choice_ == "nothing"
    assert content.sampler_ is None
    np.testing.assert_array_equal(X_res, X)
    assert not np.shares_memory(X_res, X)


def test_evidence_names_every_method_with_its_folds(told):
    sampler = AutoOverSampler(classifier=LIGHT, cv=3, random_state=0)
    sampler.fit_resample(*told)
    results = pd.DataFrame(sampler.cv_results_)
    others = [f"{n}{to}" for n in ("DeformationOverSampler", *PUBLIC) for to in ("", " to 0.5")]
    assert results["method"].tolist() == ["nothing", *others]
    folds = results[[f"split{fold}_test_score" for fold in range(3)]].to_numpy()
    np.testing.assert_allclose(folds.mean(axis=1), results["mean_test_score"])
    assert (results["mean_fit_time"] > 0).all()


class CountsHalf(CountsRows):
    """Ranks right where the rare class has half as many rows as the other."""

    def fit(self, X, y):
        super().fit(X, y)
        counts = np.unique(y, return_counts=True)[1]
        self.is_balanced_ = 0.45 < counts.min() / counts.max() < 0.55
        return self


@pytest.mark.parametrize("strategy", ["auto", 1.0, {1: 80}, lambda y: {1: 80}])
def test_amounts_are_shares_of_the_rows_that_are_asked_for_in_folds_too(told, strategy):
    X, y = told
    sampler = AutoOverSampler(
        classifier=CountsHalf(), sampling_strategy=strategy, amounts=[0.1, 0.5, 1], cv=3, random_state=0
    )
    _, y_res = sampler.fit_resample(X, y)
    assert sampler.choice_ == "DeformationOverSampler to 0.5"
    assert np.bincount(y_res).tolist() == [80, 40]
    assert not any(" to 0.1" in name for name in sampler.cv_results_["method"])  # the class has a quarter already
    sampler.set_params(amounts=[1]).fit_resample(X, y)
    assert sampler.cv_results_["method"] == ["nothing", "DeformationOverSampler", *PUBLIC]


@pytest.mark.parametrize("amounts", [[], [0.0, 0.5], [1.5], ["half"], [float("nan")]])
def test_amounts_that_are_no_shares_are_refused(told, amounts):
    with pytest.raises(ValueError, match="amounts must hold shares above 0 and up to 1"):
        AutoOverSampler(classifier=LIGHT, amounts=amounts).fit_resample(*told)


def test_the_budget_of_fits_is_kept_and_one_too_small_is_refused_before_any_fit(told):
    fits = []

    class Counted(CountsRows):
        def fit(self, X, y):
            fits.append(1)
            return super().fit(X, y)

    sampler = AutoOverSampler(classifier=Counted(), amounts=[1], cv=5, max_fits=15, random_state=0)
    sampler.fit_resample(*told)
    assert len(fits) == 12  # three splits of four methods
    assert "split3_test_score" not in sampler.cv_results_
    with pytest.raises(ValueError, match="2 splits of 4 methods, which are 8 fits, but it is 7: allow more, or give"):
        sampler.set_params(max_fits=7).fit_resample(*told)
    assert len(fits) == 12


def test_the_time_limit_ends_the_trials_after_two_splits_or_more(told, capsys):
    sampler = AutoOverSampler(classifier=LIGHT, samplers={"nothing": None}, cv=5, time_limit=1e-6, verbose=1)
    sampler.fit_resample(*told)
    assert [name for name in sampler.cv_results_ if name.startswith("split")] == [
        "split0_test_score",
        "split1_test_score",
    ]
    assert "time_limit is spent after 2 of 5 splits" in capsys.readouterr().out
    sampler.set_params(time_limit=600).fit_resample(*told)
    assert "split4_test_score" in sampler.cv_results_


def test_of_many_rows_a_sample_is_compared_and_all_are_resampled(told):
    X, y = np.tile(told[0], (10, 1)), np.tile(told[1], 10)
    X[:, 1] += np.arange(1000) / 1000
    seen = []

    class Sizes(CountsHalf):
        def fit(self, X, y):
            seen.append(np.bincount(y))
            return super().fit(X, y)

    sampler = AutoOverSampler(classifier=Sizes(), samplers="fast", cv=2, max_rows=400, random_state=0)
    _, y_res = sampler.fit_resample(X, y)
    assert max(sizes[0] for sizes in seen) == 160  # 320 of 400, halved
    assert max(sizes[1] for sizes in seen) == 160
    assert sampler.choice_ == "DeformationOverSampler to 0.5"
    assert np.bincount(y_res).tolist() == [800, 400]
    seen.clear()
    sampler.set_params(max_rows=None).fit_resample(X, y)
    assert max(sizes[0] for sizes in seen) == 400
    seen.clear()
    sampler.set_params(max_rows=400, cv=PredefinedSplit(np.arange(1000) % 2)).fit_resample(X, y)
    assert max(sizes[0] for sizes in seen) == 400


def test_a_sample_holds_some_rows_of_each_class():
    labels = np.repeat(["a", "b", "c"], [9_000, 60, 3])
    rows = sample(labels, 1_000, 50, 0)
    drawn, counts = np.unique(labels[rows], return_counts=True)
    assert dict(zip(drawn, counts.tolist(), strict=True)) == {"a": 993, "b": 50, "c": 3}
    assert sample(labels, 10**6, 50, 0).tolist() == list(range(len(labels)))
    assert len(np.unique(rows)) == len(rows)


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


@pytest.mark.parametrize("sampler", [None, SMOTE(), DeformationOverSampler()], ids=["nothing", "SMOTE", "ours"])
def test_the_index_is_counted_anew_whatever_is_chosen(told, sampler):
    X, y = told
    names = [f"row {i}" for i in range(len(y))]
    frame, target = pd.DataFrame(X, names), pd.Series(y, names, name="target")
    X_res, y_res = AutoOverSampler(
        classifier=LogisticRegression(), samplers={"it": sampler}, random_state=0
    ).fit_resample(frame, target)
    of_smote = SMOTE(random_state=0).fit_resample(frame, target)
    for got, expected in zip((X_res, y_res), of_smote, strict=True):
        assert type(got.index) is type(expected.index)
        assert got.index.equals(expected.index[: len(got)])
    assert y_res.name == "target"
    assert list(frame.index) == list(target.index) == names


def test_equal_seeds_give_equal_rows_and_clones(told):
    sampler = AutoOverSampler(classifier=CountsRows(), samplers={"SMOTE": SMOTE()}, random_state=3)
    first, again = (s.fit_resample(*told)[0] for s in (sampler, clone(sampler)))
    np.testing.assert_array_equal(first, again)
    assert sampler.samplers["SMOTE"].random_state is None


def test_a_method_that_fails_is_left_out_with_its_reason(told):
    samplers = {"SMOTE": SMOTE(k_neighbors=40), "ROS": RandomOverSampler(), "too": SMOTE(k_neighbors=40)}
    sampler = AutoOverSampler(classifier=LIGHT, samplers=samplers, random_state=0)
    with pytest.warns(
        UserWarning, match="SMOTE, too cannot resample these rows and are left out: Expected n_n"
    ) as told_once:
        sampler.fit_resample(*told)
    assert len(told_once) == 1
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


class Recorded(StratifiedShuffleSplit):
    """Notes the rows that it holds out, which are others in each call of `split`."""

    def split(self, *arguments):
        for train, test in super().split(*arguments):
            self.seen.append(set(test))
            yield train, test


def test_every_method_meets_the_same_splits(told):
    cv = Recorded(3)
    cv.seen = []
    sampler = AutoOverSampler(classifier=LIGHT, samplers={"A": None, "B": None}, cv=cv, random_state=0)
    sampler.fit_resample(*told)
    assert len(cv.seen) == 3
    assert all(a == b for name, (a, b) in sampler.cv_results_.items() if name.startswith("split"))


def test_the_error_knows_the_sizes_of_the_splits(told):
    X, y = told
    repeated = RepeatedStratifiedKFold(n_splits=5, n_repeats=10, random_state=0)
    assert held_out_ratio(draw(repeated, X, y, None, 0)) == pytest.approx(1 / 4)
    # Ten repeats of the same folds know no more than one: the lead stays within an error.
    lead = np.array([[0.5, 0.6, 0.7, 0.6, 0.6], [0.53, 0.57, 0.73, 0.62, 0.59]])
    assert preferred_of_the_best(np.tile(lead, 10), 1 / 4) == preferred_of_the_best(lead, 1 / 4) == 0
    with pytest.raises(ValueError, match=r"cv must give 2 splits or more .* StratifiedShuffleSplit gave 1, of which 1"):
        AutoOverSampler(classifier=LIGHT, cv=StratifiedShuffleSplit(1)).fit_resample(X, y)


def test_splits_that_lack_a_class_are_left_out(told):
    X, y = told
    with pytest.raises(ValueError, match="KFold gave 5, of which 0 are such: give fewer folds, or stratified ones"):
        AutoOverSampler(classifier=LIGHT, cv=KFold(5)).fit_resample(X, y)
    rows = np.r_[:40, 80:90, 40:80, 90:100]  # the last of three folds has one class
    cv = PredefinedSplit(np.repeat([0, 1, 2], [50, 40, 10]))
    sampler = AutoOverSampler(classifier=LIGHT, cv=cv, random_state=0)
    with pytest.raises(ValueError, match="gave 3, of which 1"):
        sampler.fit_resample(X[rows], y[rows])
    with pytest.warns(UserWarning, match="1 of 3 splits lack a class on one side and are left out"):
        sampler.set_params(cv=PredefinedSplit(np.repeat([0, 1, 2, 0], [50, 45, 3, 2]))).fit_resample(X[rows], y[rows])
    assert "split2_test_score" not in sampler.cv_results_


def test_a_fit_that_fails_leaves_what_was_there(told):
    X, y = told
    sampler = AutoOverSampler(classifier=LIGHT, samplers={"ROS": RandomOverSampler()}, random_state=0)
    with pytest.raises(ValueError, match="gave 0"):
        clone(sampler).set_params(cv=PredefinedSplit(np.full(100, -1))).fit_resample(X, y)
    sampler.fit_resample(X, y)
    before = dict(vars(sampler))
    sampler.classifier = LogisticRegression(C=-1)
    with pytest.raises(ValueError, match="The 'C' parameter of LogisticRegression") as caught:
        sampler.fit_resample(X[:, :1], y)
    assert "on training rows resampled by ROS" in caught.value.__notes__[0]
    sampler.classifier = LIGHT
    assert vars(sampler) == before


@pytest.mark.parametrize(
    "scoring", ["f1", "roc_auc", make_scorer(balanced_accuracy_score), lambda c, X, y: c.score(X, y)]
)
def test_any_scorer_judges(told, scoring):
    sampler = AutoOverSampler(classifier=LIGHT, scoring=scoring, cv=2, random_state=0)
    sampler.fit_resample(*told)
    assert sampler.cv_results_["mean_test_score"][0] == 1


def test_what_cannot_be_judged_is_said_in_one_sentence(told):
    X, y = told
    for classifier, scoring, sentence in [
        (Ridge(), None, "must tell classes apart, but Ridge is a regressor"),
        (make_pipeline(Ridge()), "f1", "is a regressor"),
        (VotingClassifier([("a", LIGHT)]), None, "VotingClassifier has neither: give scoring, such as 'f1'"),
        (LIGHT, lambda c, X, y: None, "scoring must give a finite number for each fitted classifier, but it gave None"),
    ]:
        with pytest.raises(ValueError, match=sentence):
            AutoOverSampler(classifier=classifier, scoring=scoring).fit_resample(X, y)


def test_rows_of_one_group_stay_on_one_side():
    """Noise that each patient repeats: without groups it is known by heart, with them it is noise."""
    rng = np.random.default_rng(0)
    patients = np.repeat(np.arange(40), 6)
    X, y = rng.normal(size=(40, 4))[patients], (rng.random(40) < 0.25).astype(int)[patients]
    nearest = KNeighborsClassifier(1)
    for groups, least, greatest in [(None, 0.99, 1), (patients, 0, 0.5), (pd.Series(patients).astype(str), 0, 0.5)]:
        sampler = AutoOverSampler(classifier=nearest, samplers={"nothing": None}, random_state=0)
        sampler.fit_resample(X, y, groups=groups)
        assert least <= sampler.cv_results_["mean_test_score"][0] <= greatest
    needs = AutoOverSampler(classifier=nearest, cv=GroupKFold(3))
    needs.fit_resample(X, y, groups=patients)
    with pytest.raises(ValueError, match="GroupKFold splits by groups, but none were given: give groups to"):
        needs.fit_resample(X, y)
    with pytest.raises(ValueError, match="a group for each of the 240 rows, but it names 3"):
        needs.fit_resample(X, y, groups=[1, 2, 3])
    with pytest.raises(ValueError, match="it misses 1, the first in row 7"):
        needs.fit_resample(X, y, groups=np.where(np.arange(240) == 7, None, patients))


def test_a_class_of_one_group_means_nothing_is_done(told):
    sampler = AutoOverSampler(classifier=LIGHT, random_state=0)
    sampler.fit_resample(*told, groups=told[1])
    assert sampler.choice_ == "nothing"


def test_few_rows_are_learned_on_one_thread_and_many_on_all(told):
    class Threads(CountsRows):
        def fit(self, X, y):
            limits.append({p["num_threads"] for p in threadpool_info() if p["user_api"] == "openmp"})
            return super().fit(X, y)

    limits, settings = [], {"classifier": Threads(), "samplers": {"nothing": None}, "cv": 2}
    with threadpool_limits(2, user_api="openmp"):
        AutoOverSampler(**settings).fit_resample(*told)
        X = np.tile(told[0], (1, 1100))
        AutoOverSampler(**settings).fit_resample(X, told[1])
    assert limits == [{1}, {1}, {2}, {2}]


def test_progress_tells_the_cost_before_and_the_scores_as_they_come(told, capsys):
    AutoOverSampler(classifier=LIGHT, samplers={"nothing": None, "ROS": RandomOverSampler()}, cv=2).fit_resample(*told)
    assert not capsys.readouterr().out
    sampler = AutoOverSampler(classifier=LIGHT, samplers={"nothing": None, "ROS": RandomOverSampler()}, cv=2, verbose=1)
    sampler.fit_resample(*told)
    first, *splits = capsys.readouterr().out.splitlines()
    assert first == "2 methods on 2 splits of 100 rows: 4 fits of DecisionTreeClassifier"
    assert "s, about " in splits[0]
    assert splits[1].startswith("split 2/2: nothing 1.0000, ROS 1.0000; ")


def test_takes_strings_for_labels_and_more_than_two_classes(told):
    X, y = told
    names = np.array(["common", "rare", "rarer"])[y + (np.arange(100) > 90)]
    sampler = AutoOverSampler(classifier=LogisticRegression(), random_state=0)
    _, y_res = sampler.fit_resample(X, names)
    assert set(y_res) == set(names)


def test_where_no_rows_are_asked_for_nothing_is_tried(told):
    sampler = AutoOverSampler(classifier=LIGHT, random_state=0)
    _, y_res = sampler.fit_resample(told[0][60:], told[1][60:])
    assert sampler.choice_ == "nothing"
    assert sampler.cv_results_ == {}
    assert len(y_res) == 40


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


@pytest.mark.filterwarnings("ignore:X holds another value in every row:UserWarning")
@pytest.mark.parametrize("form", [lambda X: X, lambda X: X.to_numpy(object), lambda X: X.to_numpy(object).tolist()])
def test_the_default_classifier_takes_texts_and_missing_values(form):
    rng = np.random.default_rng(0)
    y = (np.arange(200) % 8 == 0).astype(int)
    X = pd.DataFrame({"a": rng.normal(size=200), "text": np.where(y == 1, "u", rng.choice(["v", "w"], 200))})
    X.loc[::7, "a"] = np.nan
    X["id"] = [f"id {i % 198}" for i in range(200)]
    X["many"] = pd.Categorical([f"level {i % 199}" for i in range(200)], categories=[f"level {i}" for i in range(300)])
    sampler = AutoOverSampler(cv=3, random_state=0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(HistGradientBoostingClassifier, "__init__", partialmethod(FEWER_TREES, max_iter=20))
        sampler.fit_resample(form(X.astype({"text": object})), y)
    results = dict(zip(sampler.cv_results_["method"], sampler.cv_results_["mean_test_score"], strict=True))
    assert min(results.values()) > 0.9
    assert "DeformationOverSampler" in results


def test_groups_need_no_pandas(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    assert check_groups(["b", "a", "b", 3], 4).tolist() == [0, 1, 0, 2]


@pytest.mark.parametrize(("n_categories", "name"), [(1, "SMOTENC"), (2, "SMOTENC"), (3, "SMOTEN")])
def test_smote_of_the_kind_that_the_columns_need_is_tried(n_categories, name):
    rng = np.random.default_rng(0)
    columns = {f"c{i}": pd.Categorical(rng.choice(list("abc"), 90)) for i in range(n_categories)}
    if name == "SMOTENC":
        columns["x"] = rng.normal(size=90)
    sampler = AutoOverSampler(classifier=TAKES_STRINGS, amounts=[1], cv=2, random_state=0)
    sampler.fit_resample(pd.DataFrame(columns), np.arange(90) < 20)
    scores = dict(zip(sampler.cv_results_["method"], sampler.cv_results_["mean_test_score"], strict=True))
    assert np.isfinite(scores[name])
