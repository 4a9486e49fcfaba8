"""The instrument on data where the answer is known, and the laws of its records."""

import warnings

import numpy as np
import pandas as pd
import pytest
from imblearn.over_sampling import SMOTE, RandomOverSampler
from imblearn.pipeline import Pipeline
from imblearn.under_sampling import RandomUnderSampler
from sklearn.base import BaseEstimator, clone
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from threadpoolctl import threadpool_limits

from gan_oversampler.comparison import Comparison, compare_samplers
from gan_oversampler.comparison._measure.classifiers import fit, seeded
from gan_oversampler.comparison._measure.draws import make_draw
from gan_oversampler.comparison._measure.methods import Method
from gan_oversampler.comparison._measure.problem import as_problem
from gan_oversampler.comparison._measure.protocol import Protocol
from gan_oversampler.comparison._measure.records import MEASURED_ON_THE_MACHINE
from gan_oversampler.comparison._measure.thresholds import _splits
from gan_oversampler.exceptions import BackendError, ForkedProcessError

KNOWN = ["tuned threshold", "class weights", "RandomOverSampler", "SMOTE", "BorderlineSMOTE", "ADASYN"]
ORACLES = ["oracle", "oracle balanced"]


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """Small matrices on several threads of a busy machine cost 40 times as much."""
    with threadpool_limits(1):
        yield


def two_classes(n=600, share=0.2, distance=1.5, seed=0, p=4):
    rng = np.random.default_rng(seed)
    y = (np.arange(n) < share * n).astype(int)
    return rng.normal(size=(n, p)) + distance * y[:, None] / np.sqrt(p), y


def compare(X, y, **options):
    defaults = {
        "classifier": LogisticRegression(),
        "methods": ["SMOTE", "class weights"],
        "n_draws": 2,
        "n_classifier_seeds": 1,
        "random_state": 0,
        "learning_curve": False,
    }
    return compare_samplers(X, y, **(defaults | options))


def without_machine(records):
    """Records as comparable text: NaN equals NaN."""
    return [repr({k: v for k, v in row.items() if k not in MEASURED_ON_THE_MACHINE}) for row in records]


class TrueDensity(BaseEstimator):
    """Draws from the distribution that the minority of `two_classes(distance=3)` has."""

    def __init__(self, random_state=None):
        self.random_state = random_state

    def fit_resample(self, X, y):
        rng = np.random.default_rng(self.random_state)
        extra = rng.normal(size=(500, X.shape[1])) + 3 / np.sqrt(X.shape[1])
        return np.vstack([X, extra]), np.concatenate([y, np.ones(500, y.dtype)])


# --- the answer is known --------------------------------------------------------------------------------------------


def test_shuffled_labels_leave_every_method_at_the_prevalence():
    X, y = two_classes(1500)
    y = np.random.default_rng(1).permutation(y)
    outcome = compare(X, y, methods=[*KNOWN, *ORACLES], n_minority=60, n_draws=6)
    for method in outcome.methods:
        assert outcome.mean(method) == pytest.approx(0.2, abs=0.045), method
        assert outcome.mean(method, "roc_auc") == pytest.approx(0.5, abs=0.045), method
    assert outcome.advice().startswith("Use nothing")


def test_duplicating_the_minority_gains_nothing():
    """With enough rows for a linear boundary, repeating rows adds nothing to the ranking."""
    X, y = two_classes(4000, distance=2)
    outcome = compare(X, y, methods=["RandomOverSampler", "class weights"], n_minority=200, n_draws=5)
    for method in ("RandomOverSampler", "class weights"):
        assert abs(outcome.paired(method, "nothing").mean) < 0.005
    assert not any(d.significant for d in outcome.differences("RandomOverSampler"))


def test_more_information_is_recognised():
    """A method that knows the true density of the minority closes the gap, and is said to."""

    X, y = two_classes(3000, distance=3, p=60)
    outcome = compare(
        X, y, samplers={"true": TrueDensity()}, methods=["SMOTE", "true", *ORACLES], n_minority=8, n_draws=5
    )
    assert outcome.best() == outcome.focus == "true"
    assert outcome.gap_closed("true") == pytest.approx(1, abs=0.15)
    assert outcome.gap_closed("nothing") == 0
    assert outcome.advice().startswith("Use true")


# --- the protocol ---------------------------------------------------------------------------------------------------


def test_training_and_held_out_rows_are_disjoint_and_nested():
    _, y = two_classes()
    draw = make_draw(y, 3, test_size=0.25, n_minority=20, seed=0)
    few, all_rows = draw.training(20), draw.training(len(draw.minority))
    assert not set(all_rows) & set(draw.test)
    assert set(few) < set(all_rows)
    assert sorted([*all_rows, *draw.test]) == list(range(len(y)))
    assert set(few) | set(draw.held_out(20)) == set(range(len(y)))
    assert y[few].sum() == 20
    assert y[draw.test].mean() == pytest.approx(y.mean(), abs=0.01)


def test_draws_differ_and_every_method_of_a_draw_has_the_same_rows():
    X, y = two_classes()
    seen = {}

    def remember(resampled):
        seen.setdefault(resampled.draw.number, []).append(resampled.X_before)

    compare(X, y, methods=["RandomOverSampler", "SMOTE"], n_minority=30, on_resample=remember)
    for rows in seen.values():
        assert len(rows) == 3
        for other in rows[1:]:
            np.testing.assert_array_equal(other, rows[0])
    assert not np.array_equal(seen[0][0], seen[1][0])


def test_the_data_stay_as_they_are():
    X, y = two_classes()
    before = X.copy(), y.copy()
    compare(X, y)
    np.testing.assert_array_equal(X, before[0])
    np.testing.assert_array_equal(y, before[1])


def test_same_seed_same_records():
    X, y = two_classes()
    options = {"classifier": MLPClassifier((4,), max_iter=3), "n_classifier_seeds": 2, "n_minority": 30}
    first, second = (without_machine(compare(X, y, **options).records) for _ in range(2))
    assert first == second


def test_another_seed_is_another_draw():
    X, y = two_classes()
    scores = [compare(X, y, random_state=seed).mean("SMOTE") for seed in (0, 1)]
    assert scores[0] != scores[1]


def test_adding_methods_draws_and_classifiers_changes_nothing_else():
    X, y = two_classes()
    few = compare(X, y, classifier={"a": MLPClassifier((4,), max_iter=3)})
    more = compare(
        X,
        y,
        classifier={"b": LogisticRegression(), "a": MLPClassifier((4,), max_iter=3)},
        methods=["RandomOverSampler", "class weights", "SMOTE"],
        n_draws=3,
        n_classifier_seeds=2,
    )
    assert set(without_machine(few.records)) < set(without_machine(more.records))


def test_classifier_seeds_are_shared_by_methods_so_that_they_are_paired():
    X, y = two_classes()
    outcome = compare(
        X,
        y,
        samplers={"does nothing": None},
        methods=["does nothing", "tuned threshold"],
        classifier=MLPClassifier((4,), max_iter=3),
    )
    for method in ("does nothing", "tuned threshold"):
        np.testing.assert_array_equal(outcome.scores(method), outcome.scores("nothing"))


def test_a_tuned_threshold_lifts_f1_where_half_is_wrong():
    X, y = two_classes(4000, share=0.1, distance=2)
    outcome = compare(X, y, methods=["tuned threshold"], n_draws=3)
    raw = outcome.mean("nothing", "f1")
    assert outcome.mean("tuned threshold", "f1") > raw + 0.02
    assert outcome.mean("nothing", "f1_tuned") > raw + 0.02
    assert "move the threshold" in outcome.advice()


def test_prior_correction_repairs_the_brier_score_of_resampled_rows():
    X, y = two_classes(4000, share=0.1, distance=2)
    outcome = compare(X, y, methods=["RandomOverSampler", "class weights"], n_draws=2)
    for method in ("RandomOverSampler", "class weights"):
        assert outcome.mean(method, "brier_corrected") < 0.8 * outcome.mean(method, "brier")
        expected = outcome.mean("nothing", "brier")
        assert outcome.mean(method, "brier_corrected") == pytest.approx(expected, rel=0.03)


def test_classifiers_that_fail_are_no_failure_of_the_method():
    class Broken(LogisticRegression):
        def fit(self, X, y):
            raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        compare(*two_classes(), classifier=Broken())


# --- what a user brings ---------------------------------------------------------------------------------------------


def test_frames_text_labels_pipelines_and_many_classes():
    X, y = two_classes()
    frame = pd.DataFrame(X, columns=list("abcd"))
    labels = np.where(y == 1, "rare", np.where(np.arange(len(y)) % 2, "one", "two"))
    samplers = {
        "under": RandomUnderSampler(),
        "both": Pipeline([("over", SMOTE(sampling_strategy=0.5)), ("under", RandomUnderSampler())]),
    }
    seen = []
    outcome = compare(
        frame,
        labels,
        samplers=samplers,
        methods=["under", "both", "RandomOverSampler"],
        minority="rare",
        classifier=make_pipeline(StandardScaler(), LogisticRegression()),
        on_resample=lambda r: seen.append(r.X),
    )
    assert all(list(rows.columns) == list("abcd") for rows in seen)
    assert outcome.classifiers == ["LogisticRegression"]
    assert not any(row["error"] for row in outcome.records)
    assert outcome.to_frame().shape == (8, len(outcome.records[0]))


def test_samplers_see_the_labels_of_the_user_where_there_are_two():
    X, y = two_classes()
    labels = np.where(y == 1, "yes", "no")
    sampler = RandomOverSampler(sampling_strategy={"yes": 200})
    outcome = compare(X, labels, samplers={"mine": sampler}, methods=["mine"])
    assert {row["n_minority_after"] for row in outcome.rows("mine")} == {200}


def test_images_are_scaled_once_and_reach_classifiers_flat_or_as_images():
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (200, 8, 8), dtype=np.uint8)
    y = (np.arange(200) < 50).astype(int)
    images[y == 1] //= 2
    seen = []
    compare(images, y, on_resample=lambda r: seen.append(r.X))
    assert seen[0].shape[1:] == (64,)
    assert seen[0].dtype == np.float32
    assert 0 <= seen[0].min() <= seen[0].max() <= 1

    class OnImages(LogisticRegression):
        def fit(self, X, y):
            assert X.shape[1:] == (8, 8)
            return super().fit(X.reshape(len(X), -1), y)

        def predict_proba(self, X):
            return super().predict_proba(X.reshape(len(X), -1))

        def predict(self, X):
            return super().predict(X.reshape(len(X), -1))

    outcome = compare(images, y, classifier=OnImages(), methods=["RandomOverSampler"], flatten=False)
    assert outcome.mean("nothing") > 0.9


@pytest.mark.parametrize(
    ("dtype", "low", "high"), [(np.int64, 0, 16), (np.uint16, 0, 65535), (np.int16, -40, 60), (np.int64, 7, 7)]
)
def test_integer_images_are_scaled_by_the_range_they_have(dtype, low, high):
    images = np.random.default_rng(0).integers(low, high, (50, 4, 4), dtype=dtype, endpoint=True)
    images[0, 0, :2] = low, high
    rows = as_problem(images, np.arange(50) % 2).X
    assert rows.dtype == np.float32
    np.testing.assert_allclose(rows.reshape(50, 4, 4), (images - float(low)) / max(high - low, 1), rtol=1e-6)


def test_uint8_images_are_divided_by_255_whatever_they_hold():
    images = np.full((4, 2, 2), 51, np.uint8)
    np.testing.assert_array_equal(as_problem(images, [0, 1, 0, 1]).X, np.full((4, 4), 51, np.float32) / 255)


def test_missing_values_are_filled_by_the_default_classifier_and_refusals_are_said():
    X, y = two_classes(300)
    X[::7, 0] = np.nan
    outcome = compare(X, y, classifier=None, methods=["RandomOverSampler", "SMOTE"], n_draws=1)
    assert outcome.mean("RandomOverSampler") > 0.4
    assert "contains NaN" in outcome.rows("SMOTE")[0]["error"]


def mixed_table(n=240):
    """Numbers, texts, bools and categories, some missing; the text tells the class."""
    rng = np.random.default_rng(0)
    y = (np.arange(n) % 8 == 0).astype(int)
    X = pd.DataFrame(
        {"a": rng.normal(size=n), "b": rng.random(n) < 0.5, "c": pd.Categorical(rng.choice(list("xyz"), n))}
    )
    X["text"] = np.where(y == 1, "u", rng.choice(["v", "w"], n)).astype(object)
    X.loc[::7, "a"] = np.nan
    X.loc[3::11, "text"] = None
    return X, y


@pytest.mark.parametrize("form", [lambda X: X, lambda X: X.to_numpy(object)], ids=["frame", "array of objects"])
def test_the_default_classifier_takes_texts_and_missing_values(form):
    X, y = mixed_table()
    comparison = compare_samplers(
        form(X), y, methods=["RandomOverSampler"], n_draws=1, n_classifier_seeds=1, learning_curve=False, random_state=0
    )
    assert all(row["average_precision"] > 0.8 for row in comparison.records)
    assert len(comparison.records) == 2


def patients(n=60, rows=5):
    """Noise that the rows of each patient share: (X, y, groups)."""
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(n), rows)
    return rng.normal(size=(n, 4))[groups], (np.arange(n) % 5 == 0).astype(int)[groups], groups


def test_rows_of_one_group_stay_on_one_side():
    X, y, groups = patients()
    options = {"classifier": KNeighborsClassifier(1), "n_draws": 2, "methods": ["tuned threshold"], "random_state": 0}
    seen = []
    known_by_heart = compare_samplers(X, y, learning_curve=False, **options).records
    noise = compare_samplers(X, y, groups=groups, learning_curve=False, on_resample=seen.append, **options).records
    assert min(row["average_precision"] for row in known_by_heart) > 0.99
    assert max(row["average_precision"] for row in noise) < 0.5
    assert not any(set(groups[r.draw.test]) & set(groups[r.draw.training(r.draw.n_kept)]) for r in seen)
    assert all(0.1 < len(r.draw.test) / len(X) < 0.3 for r in seen)


def test_thresholds_are_chosen_on_other_groups_too():
    X, y, groups = patients()
    problem = as_problem(X, y, groups=groups)
    protocol = Protocol(problem, {}, 0, 1, "f1", 0.25, True)
    draw = make_draw(problem.y, 0, test_size=0.2, n_minority=None, seed=0, groups=problem.groups)
    for tuned, n_splits in [(True, 3), (False, 1)]:
        pairs = list(_splits(protocol, draw, Method("any", "rival", None, draw.n_kept, tuned=tuned)))
        assert len(pairs) == n_splits
        assert not any(set(groups[fitted]) & set(groups[chosen]) for fitted, chosen in pairs)


def test_groups_that_cannot_be_split_are_refused():
    X, y, groups = patients()
    with pytest.raises(ValueError, match="the minority is in 1 groups and the rest in 1: give more"):
        compare_samplers(X, y, groups=y)
    with pytest.raises(ValueError, match="a group for each of the 300 rows, but it names 3"):
        compare_samplers(X, y, groups=[1, 2, 3])
    with pytest.raises(ValueError, match="it misses 1, the first in row 2"):
        compare_samplers(X, y, groups=pd.Series(groups).astype(float).where(np.arange(300) != 2))


def test_records_of_other_groups_are_refused(tmp_path):
    X, y, groups = patients()
    options = {"classifier": KNeighborsClassifier(1), "n_draws": 1, "methods": [], "learning_curve": False}
    compare_samplers(X, y, groups=groups, records=tmp_path / "a.csv", random_state=0, **options)
    with pytest.raises(ValueError, match="data"):
        compare_samplers(X, y, records=tmp_path / "a.csv", random_state=0, **options)


def test_a_sampler_that_fails_is_recorded_and_shown():
    X, y = two_classes()
    outcome = compare(X, y, samplers={"picky": SMOTE(k_neighbors=500)}, methods=["picky", "SMOTE"])
    assert np.isnan(outcome.scores("picky")).all()
    assert outcome.rows("picky")[0]["error"].startswith("ValueError: ")
    assert "picky failed" in outcome.to_markdown()
    assert not np.isnan(outcome.scores("SMOTE")).any()


def test_a_classifier_without_probabilities_ranks_and_decides():
    X, y = two_classes()
    outcome = compare(X, y, classifier=LinearSVC(), methods=["SMOTE"])
    assert outcome.mean("SMOTE") > 0.4
    assert outcome.mean("SMOTE", "f1_tuned") > 0.4
    assert np.isnan(outcome.mean("SMOTE", "brier"))


def test_a_classifier_that_cannot_be_weighted_goes_without():
    from sklearn.neighbors import KNeighborsClassifier

    X, y = two_classes()
    assert compare(X, y, classifier=KNeighborsClassifier()).methods == ["nothing", "SMOTE"]


@pytest.mark.parametrize("classifier", [LogisticRegression(), MLPClassifier((3,), max_iter=2)])
def test_class_weights_are_balanced(classifier):
    X, y = two_classes()
    weighted, plain = (fit(seeded(classifier, 0), X, y, weighted=w) for w in (True, False))
    assert weighted.predict_proba(X)[:, 1].mean() > plain.predict_proba(X)[:, 1].mean()


def test_only_the_warning_of_fixed_epochs_is_silenced():
    class Warning_(LogisticRegression):
        def fit(self, X, y):
            warnings.warn("something else", UserWarning, stacklevel=1)
            return super().fit(X, y)

    X, y = two_classes()
    with pytest.warns(UserWarning, match="something else"):
        fit(Warning_(), X, y)
    fit(MLPClassifier((2,), max_iter=1), X, y)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"test_size": 20}, "test_size is a share"),
        ({"n_draws": 0}, "n_draws must be at least 1"),
        ({"n_minority": 500}, "give a number from 2 to 96"),
        ({"minority": 7}, "must be one of the labels"),
        ({"methods": ["magic"]}, "neither in samplers nor one of"),
        ({"methods": "all"}, "a list of names"),
        ({"threshold_metric": "accuracy"}, "threshold_metric must be one of"),
        ({"image_shape": (3, 3)}, "does not fit rows"),
    ],
)
def test_bad_parameters_give_one_clear_sentence(options, message):
    with pytest.raises(ValueError, match=message):
        compare(*two_classes(), **options)


def test_bad_samplers_and_data_give_one_clear_sentence():
    from scipy import sparse

    X, y = two_classes()
    with pytest.raises(TypeError, match="must be an imblearn sampler"):
        compare(X, y, samplers={"mine": LogisticRegression()}, methods=["mine"])
    with pytest.raises(TypeError, match=r"X\.toarray"):
        compare(sparse.csr_array(X), y)
    with pytest.raises(ValueError, match="at least two classes"):
        compare(X, np.zeros(len(X)))
    with pytest.raises(ValueError, match="600 rows and y has 5"):
        compare(X, y[:5])


# --- records --------------------------------------------------------------------------------------------------------


class Stopped(Exception):
    pass


def test_missing_labels_and_a_list_of_samplers_give_one_clear_sentence():
    X, y = two_classes(n=100)
    with pytest.raises(ValueError, match="y must hold a label for each row, but 80 of its values are missing"):
        compare_samplers(X, np.where(y, "rare", None))
    with pytest.raises(TypeError, match=r"samplers must be a dict of name to sampler, .* but it is a list"):
        compare_samplers(X, y, samplers=[SMOTE()])


def test_resuming_after_a_stop_gives_the_same_records_and_runs_nothing_twice(tmp_path):
    X, y = two_classes()
    options = {"methods": ["SMOTE", "RandomOverSampler"], "n_minority": 30, "learning_curve": True}
    options["classifier"] = MLPClassifier((4,), max_iter=3)
    whole = compare(X, y, **options)
    path, calls = tmp_path / "records.csv", []

    def stop(resampled):
        calls.append((resampled.draw.number, resampled.method.name))
        if len(calls) == 4:
            raise Stopped

    with pytest.raises(Stopped):
        compare(X, y, **options, records=path, on_resample=stop)
    with path.open("a") as file:
        file.write("1,nothing,torn li")  # killed in the middle of a line
    resumed = compare(X, y, **options, records=path, on_resample=lambda r: calls.append((r.draw.number, r.method.name)))
    assert without_machine(resumed.records) == without_machine(whole.records)
    assert without_machine(Comparison.from_csv(path).records) == without_machine(whole.records)
    assert len(calls) == len(set(calls)) + 1  # the one that was stopped before it was measured
    size = path.stat().st_size
    compare(X, y, **options, records=path, on_resample=stop)
    assert path.stat().st_size == size


def test_records_go_on_with_their_own_seed(tmp_path):
    X, y = two_classes()
    path = tmp_path / "records.csv"
    compare(X, y, records=path, random_state=None, n_draws=1)
    more = compare(X, y, records=path, random_state=None, n_draws=2)
    assert len({row["root_seed"] for row in more.records}) == 1
    assert more.draws == [0, 1]


class Mended(BaseEstimator):
    """Repeats rows; refuses to while `broken` holds an error."""

    broken: list[Exception] = []  # noqa: RUF012 - shared by clones

    def fit_resample(self, X, y):
        if self.broken:
            raise self.broken[0]
        return RandomOverSampler(random_state=0).fit_resample(X, y)


@pytest.fixture
def mended(monkeypatch):
    monkeypatch.setattr(Mended, "broken", [])
    return Mended


def test_failed_cells_are_tried_again_and_end_like_those_that_never_failed(tmp_path, mended):
    X, y = two_classes()
    options = {"samplers": {"mine": mended()}, "methods": ["mine", "SMOTE"]}
    whole, path = compare(X, y, **options), tmp_path / "records.csv"
    mended.broken.append(RuntimeError("no room"))
    failed = compare(X, y, **options, records=path)
    assert {row["error"] for row in failed.rows("mine")} == {"RuntimeError: no room"}
    mended.broken.clear()
    seen = []
    resumed = compare(X, y, **options, records=path, on_resample=lambda r: seen.append(r.method.name))
    assert without_machine(resumed.records) == without_machine(whole.records)
    assert without_machine(Comparison.from_csv(path).records) == without_machine(whole.records)
    assert seen == ["mine", "mine"]
    assert [file.name for file in tmp_path.iterdir()] == ["records.csv"]


def test_a_failed_cell_may_be_mended_by_other_parameters(tmp_path):
    X, y = two_classes()
    path = tmp_path / "records.csv"
    for neighbours in (500, 3):
        outcome = compare(X, y, samplers={"mine": SMOTE(k_neighbors=neighbours)}, methods=["mine"], records=path)
    assert not any(row["error"] for row in outcome.records)


@pytest.mark.parametrize("error", [BackendError("another backend"), ForkedProcessError("forked")])
def test_what_cannot_run_here_at_all_is_no_failure_of_the_method(tmp_path, mended, error):
    X, y = two_classes()
    mended.broken.append(error)
    path = tmp_path / "records.csv"
    with pytest.raises(type(error)):
        compare(X, y, samplers={"mine": mended()}, methods=["mine"], records=path)
    assert {row["method"] for row in Comparison.from_csv(path).records} == {"nothing"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"X": 2}, "other data"),
        ({"test_size": 0.3}, "other settings"),
        ({"random_state": 1}, "another random_state"),
        ({"samplers": {"SMOTE": SMOTE(k_neighbors=2)}}, "under other parameters"),
        ({"classifier": LogisticRegression(C=2)}, "under other parameters"),
    ],
)
def test_records_of_something_else_are_refused(tmp_path, change, message):
    X, y = two_classes()
    path = tmp_path / "records.csv"
    compare(X, y, records=path, n_draws=1)
    X = X * change.pop("X", 1)
    with pytest.raises(ValueError, match=message):
        compare(X, y, records=path, n_draws=1, **change)


def test_a_file_of_something_else_is_refused(tmp_path):
    path = tmp_path / "other.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(ValueError, match="not a file of records"):
        compare(*two_classes(), records=path)


def test_samplers_are_cloned():
    X, y = two_classes()
    mine = SMOTE(random_state=3)
    compare(X, y, samplers={"mine": mine}, methods=["mine"])
    assert mine.get_params() == clone(mine).get_params()
    assert not hasattr(mine, "sampling_strategy_")


def test_y_that_holds_no_classes_is_refused():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="Unknown label type"):
        compare_samplers(rng.normal(size=(40, 2)), rng.normal(size=40))
