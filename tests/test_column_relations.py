"""What holds of a table's columns in every row holds of new rows: decimals, order, sums; identifiers are named."""

import warnings

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes

from gan_oversampler import DeformationOverSampler, GANOverSampler
from gan_oversampler._rows.column import Column, find_decimals
from gan_oversampler._rows.columns import Columns
from gan_oversampler._rows.orders import find_orders

N = 300
RARE = np.arange(N) % 10 == 0
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def new_rows(X, y=RARE, sampler=None):
    sampler = sampler or DeformationOverSampler(random_state=0)
    return sampler.fit_resample(X, y)[0][len(X) :]


def columns_of(rows):
    return Columns.find(rows, np.zeros(rows.shape[1], bool))


@pytest.mark.parametrize(
    ("values", "decimals"),
    [
        (np.random.default_rng(0).normal(size=100), None),
        (np.random.default_rng(0).lognormal(3, 2, 100).round(2), 2),
        (1 - np.random.default_rng(0).random(100).round(2), 2),  # 0.36 and 0.030000000000000027
        (np.random.default_rng(0).random(100).round(1).astype(np.float32), 1),
        (np.random.default_rng(0).random(100).astype(np.float32) * 255, None),
        ((np.random.default_rng(0).random(100) * 1e6).round(2).astype(np.float32), None),
        (np.random.default_rng(0).integers(0, 99, 100), 0),
        (np.random.default_rng(0).integers(0, 99, 100) * 1000.0, -3),
        (np.array([10.0, 20.0, 30.0]), 0),  # three tens may come by chance
        (np.array([1e300, 1.0]), None),
    ],
)
def test_decimals_are_those_that_every_value_keeps_to(values, decimals):
    assert find_decimals(values) == decimals


def test_a_late_value_with_more_decimals_counts():
    assert find_decimals(np.append(np.ones(5000), 0.123)) == 3


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_amounts_keep_two_decimals(dtype):
    rng = np.random.default_rng(0)
    X = np.stack([rng.lognormal(3, 1, N).round(2), rng.normal(size=N)], axis=1).astype(dtype)
    amounts, free = new_rows(X).T
    np.testing.assert_array_equal(amounts, amounts.astype(np.float64).round(2).astype(dtype))
    assert np.mean(free == free.astype(np.float64).round(2)) < 0.1
    assert np.mean(np.isin(amounts, X[:, 0])) < 0.9


def test_thousands_stay_thousands():
    rng = np.random.default_rng(0)
    X = np.stack([rng.integers(20, 200, N) * 1000, rng.normal(size=N)], axis=1)
    assert (new_rows(X)[:, 0] % 1000 == 0).all()


@pytest.mark.parametrize(
    "sampler", [DeformationOverSampler(random_state=0), GANOverSampler(deformed_share=0, max_iter=3, random_state=0)]
)
def test_an_end_is_never_before_its_start(sampler):
    rng = np.random.default_rng(0)
    start = rng.integers(0, 300, N).astype(float)
    middle = start + rng.integers(0, 40, N)
    middle = (middle + rng.random(N)).round(2)
    X = np.stack([np.floor(middle) + rng.integers(2, 9, N), start, rng.normal(size=N), middle], axis=1)
    end, start, _, middle = new_rows(X, sampler=sampler).T
    assert (start <= middle).all()
    assert (end - middle > 1).all()  # as in every real row
    np.testing.assert_array_equal(end, np.rint(end))
    np.testing.assert_array_equal(middle, middle.round(2))


def test_missing_ends_stay_missing_and_the_others_in_order():
    rng = np.random.default_rng(1)
    start = rng.random(N)
    end = start + rng.random(N)
    end[(np.arange(N) % 3 == 0) & (start < 0.95)] = np.nan
    new = new_rows(np.stack([start, end, rng.normal(size=N)], axis=1))
    assert np.isnan(new[:, 1]).mean() > 0.1
    assert (new[:, 0] <= new[:, 1])[~np.isnan(new[:, 1])].all()


def test_an_order_that_chance_explains_is_none():
    rng = np.random.default_rng(0)
    few = np.stack([rng.random(6), 0.4 + rng.random(6)], axis=1)
    few[:, 1] = np.maximum(few[:, 1], few[:, 0])
    apart = np.stack([rng.random(N), 2 + rng.random(N)], axis=1)
    for rows in (few, apart):
        columns = [Column.of(values, False) for values in rows.T]
        assert find_orders(rows, columns, np.arange(2)) == ()


def test_of_a_chain_only_the_steps_are_kept():
    rows = np.sort(np.random.default_rng(0).random((N, 5)), axis=1)[:, [2, 0, 4, 1, 3]]
    assert {(order.lower, order.upper) for order in columns_of(rows).orders} == {(1, 3), (3, 0), (0, 4), (4, 2)}


@pytest.mark.parametrize(
    "sampler", [DeformationOverSampler(random_state=0), GANOverSampler(deformed_share=0, max_iter=3, random_state=0)]
)
def test_shares_add_up_and_a_total_is_a_total(sampler):
    rng = np.random.default_rng(0)
    p = rng.random(N).round(2)
    q = ((1 - p) * rng.random(N)).round(2)
    a, b = rng.integers(0, 50, N), rng.integers(0, 50, N)
    X = np.stack([p, q, 1 - p - q, rng.normal(size=N), a, 2 * a + b, b], axis=1)
    new = new_rows(X, sampler=sampler)
    np.testing.assert_allclose(new[:, :3].sum(axis=1), 1, atol=1e-9)
    np.testing.assert_array_equal(new[:, 5], 2 * new[:, 4] + new[:, 6])
    assert ((new >= X.min(axis=0) - 1e-9) & (new <= X.max(axis=0) + 1e-9)).all()
    np.testing.assert_array_equal(new[:, :2], new[:, :2].round(2))


def test_few_rows_prove_no_sum():
    assert not columns_of(np.random.default_rng(0).normal(size=(12, 12))).sums.members


def test_real_tables_are_not_full_of_sums():
    for X in (load_breast_cancer().data, load_diabetes().data):
        assert not columns_of(X).sums.members


def test_the_worst_of_a_tumour_is_not_below_its_mean():
    bunch = load_breast_cancer()
    names = bunch.feature_names.tolist()
    X, y = bunch.data[:427], bunch.target[:427] == 0
    new = new_rows(X, np.where(y, np.arange(427) % 3 == 0, False))
    mean, worst = (new[:, names.index(f"{which} radius")] for which in ("mean", "worst"))
    assert (mean <= worst).all()


@pytest.mark.parametrize("deformed_share", [1.0, 0.0])
def test_a_file_keeps_relations(tmp_path, deformed_share):
    rng = np.random.default_rng(0)
    start, p = rng.integers(0, 300, N), rng.random(N).round(3)
    X = np.stack([start, start + rng.integers(0, 40, N), p, 1 - p - 0.1 * (start > 9), rng.normal(size=N)], axis=1)
    sampler = GANOverSampler(deformed_share=deformed_share, max_iter=2, random_state=0).fit(X, RARE)
    sampler.save(tmp_path / "rows.gan")
    again = GANOverSampler.load(tmp_path / "rows.gan")
    np.testing.assert_array_equal(sampler.sample(50, True), again.sample(50, True))
    assert columns_of(X).orders


def test_identifiers_are_named_in_one_warning():
    pd = pytest.importorskip("pandas")
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"customer": rng.permutation(N) + 1000, "age": rng.integers(20, 80, N)})
    frame["salary"] = rng.integers(20_000, 90_000, N)  # may all differ by chance
    frame["e-mail"], frame["height"] = [f"{i}@example.org" for i in range(N)], rng.normal(170, 9, N)
    with pytest.warns(UserWarning, match="'customer', 'e-mail'") as caught:
        DeformationOverSampler(random_state=0).fit_resample(frame, RARE)
    assert len(caught) == 1
    assert caught[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        DeformationOverSampler(random_state=0).fit_resample(frame.drop(columns=["customer", "e-mail"]), RARE)
