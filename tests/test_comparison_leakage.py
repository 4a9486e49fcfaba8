"""The leakage check accuses no honest sampler, proves what can be proved, and reports what it only suspects."""

import numpy as np
import pandas as pd
import pytest
from imblearn.over_sampling import SMOTE, RandomOverSampler
from sklearn.base import BaseEstimator

from gan_oversampler.comparison import Comparison, LeakageError
from gan_oversampler.comparison._measure.draws import make_draw
from gan_oversampler.comparison._measure.leakage import Rows, check_leakage
from gan_oversampler.comparison._measure.records import FIELDS
from tests.test_comparison import compare, two_classes


class Peeking(BaseEstimator):
    """Adds minority rows of a table that it knows from elsewhere."""

    def __init__(self, known=None):
        self.known = known

    def fit_resample(self, X, y):
        extra = np.asarray(self.known, dtype=X.dtype)
        return np.vstack([X, extra]), np.concatenate([y, np.ones(len(extra), y.dtype)])


def integers(seed, n=1000, share=0.04, spread=2.0):
    """Whole numbers: a wide majority, and a minority close together."""
    rng = np.random.default_rng(seed)
    y = (np.arange(n) < share * n).astype(int)
    return np.round(rng.normal(size=(n, 5)) * np.where(y, spread, 5 * spread)[:, None]).astype(int), y


def check(sampler, X, y, seed=0, n_minority=None):
    """What the check finds in one draw."""
    draw = make_draw(y, 0, test_size=0.2, n_minority=n_minority, seed=seed)
    index, hidden = draw.training(draw.n_kept), draw.held_out(draw.n_kept)
    X_new, y_new = sampler.fit_resample(X[index], y[index])
    return check_leakage("it", Rows(X_new, y_new), Rows(X[index], y[index]), Rows(X[hidden], y[hidden]))


def hidden_minority(X, y, n_minority=None):
    draw = make_draw(y, 0, test_size=0.2, n_minority=n_minority, seed=0)
    hidden = draw.held_out(draw.n_kept)
    return X[hidden[y[hidden] == 1]]


@pytest.mark.parametrize("spread", [1.0, 2.0, 4.0])
@pytest.mark.parametrize("sampler", [SMOTE(random_state=0), RandomOverSampler(random_state=0)], ids=str)
def test_honest_samplers_of_whole_numbers_are_not_accused(sampler, spread):
    found = [check(sampler, *integers(seed, spread=spread), seed) for seed in range(20)]
    assert sum(bool(leakage.suspicion) for leakage in found) <= 1
    if isinstance(sampler, SMOTE) and spread == 1:
        assert sum(leakage.n_leaked > 0 for leakage in found) >= 10  # rows do repeat here


def test_one_held_out_row_of_real_numbers_is_proof():
    X, y = two_classes()
    with pytest.raises(LeakageError, match=r"it returned 1 rows that are held-out rows.*1 of 1 different new rows"):
        check(Peeking(hidden_minority(X, y)[:1]), X, y)


def test_one_row_of_whole_numbers_is_no_proof():
    X, y = integers(0)
    found = check(Peeking(hidden_minority(X, y)[:1]), X, y)
    assert (found.n_leaked, found.suspicion) == (1, "")


def test_many_held_out_images_are_proof_though_each_value_occurs_elsewhere():
    """The notebook's first leak: its GAN had seen fives that were then removed."""
    rng = np.random.default_rng(0)
    X, y = rng.integers(0, 256, (600, 64)).astype(np.uint8), (np.arange(600) < 200).astype(int)
    with pytest.raises(LeakageError, match=r"real rows of that class 0\.0% equal another row"):
        check(Peeking(hidden_minority(X, y, 50)), X, y, n_minority=50)


def test_the_comparison_ends_where_a_leak_is_proven():
    X, y = two_classes()
    with pytest.raises(LeakageError, match="peeking returned 24 rows that are held-out rows"):
        compare(X, y, samplers={"peeking": Peeking(hidden_minority(X, y))}, methods=["peeking"])


def test_a_suspicion_is_recorded_and_reported_and_ends_nothing(tmp_path):
    """Where a third of the rows repeat by nature, nothing is proven; but this sampler returns held-out rows only."""
    X, y = integers(0, share=0.3, spread=1.0)
    path = tmp_path / "records.csv"
    options = {"samplers": {"peeking": Peeking(hidden_minority(X, y))}, "methods": ["peeking", "SMOTE"]}
    compare(X, y, **options, records=path, n_draws=1)
    outcome = Comparison.from_csv(path)
    row = outcome.rows("peeking")[0]
    assert row["n_leaked"] > 20
    assert "of real rows of that class" in row["suspicion"]
    assert not outcome.rows("SMOTE")[0]["suspicion"]
    report = outcome.to_markdown()
    assert f"- peeking may know held-out rows, so its scores may say nothing (draw 0): {row['suspicion']}." in report
    assert "peak MB | repeats |" in report
    ranking = next(line for line in report.splitlines() if line.startswith("| peeking |"))
    assert ranking.endswith(f"| {row['n_leaked']} |")


def test_without_repeats_the_report_has_no_such_column():
    report = compare(*two_classes(), n_draws=1).to_markdown()
    assert "repeats" not in report
    assert "Suspicions" not in report


FLOATS = np.array([[1.5, 2, 0.1], [3.5, 4, 0.2], [5.5, 6, 0.3]])
MIXED = pd.DataFrame({"a": [1.5, 3.5, np.nan], "b": [2, 4, 6], "c": ["x", None, "z"]})
CONTAINERS = {
    "array": FLOATS,
    "float32": FLOATS.astype(np.float32),
    "frame": pd.DataFrame(FLOATS),
    "float32 frame": pd.DataFrame(FLOATS.astype(np.float32)),
    "object": FLOATS.astype(object),
    "nullable": pd.DataFrame(FLOATS).convert_dtypes(),
}


def _leaked(returned, given, hidden):
    return check_leakage("it", *(Rows(X, np.ones(len(X), int)) for X in (returned, given, hidden))).n_leaked


@pytest.mark.parametrize("given", CONTAINERS)
@pytest.mark.parametrize("returned", CONTAINERS)
def test_leaks_are_seen_whatever_goes_in_and_comes_out(given, returned):
    real, back = CONTAINERS[given], CONTAINERS[returned]
    with pytest.raises(LeakageError, match="it returned 1 rows"):
        _leaked(back, real[:2], real[2:])
    assert _leaked(back[:2], real[:2], real[2:]) == 0


def test_leaks_of_text_missing_values_and_signed_zeros_are_seen():
    for returned in (MIXED, MIXED.to_numpy()):
        assert _leaked(returned, MIXED[:2], MIXED[2:]) == 1
        assert _leaked(returned[:2], MIXED[:2], MIXED[2:]) == 0
    zeros = np.zeros((4, 2))
    assert _leaked(-zeros, np.ones((4, 2)), zeros) == 4


def test_records_of_before_suspicions_are_read_and_continued(tmp_path):
    X, y = two_classes()
    path = tmp_path / "records.csv"
    compare(X, y, records=path, n_draws=1)
    lines = path.read_text().splitlines()
    assert lines[0].endswith(",suspicion")
    path.write_text("".join(line.rsplit(",", 1)[0] + "\n" for line in lines))
    outcome = compare(X, y, records=path, n_draws=2)
    assert outcome.draws == Comparison.from_csv(path).draws == [0, 1]
    assert path.read_text().splitlines()[0] == ",".join(FIELDS)
