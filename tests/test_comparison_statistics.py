"""The statistics against values computed independently, by hand or from their papers."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from gan_oversampler.comparison import combined_test, corrected_t_test, holm, prior_corrected
from gan_oversampler.comparison._measure.classifier_metrics import (
    AT_RECALL,
    RECALL_LEVELS,
    accuracy,
    calibration,
    compact_curve,
    decisions,
    expand_curve,
    positive_scores,
    precision_at,
    ranking,
)
from gan_oversampler.comparison._measure.draws import curve_sizes
from gan_oversampler.comparison._measure.records import score_of
from gan_oversampler.comparison._outcome.statistics import gap_closed, rows_worth, wilcoxon_p

probabilities = st.lists(st.floats(0, 1), min_size=1, max_size=12)


def test_corrected_t_test_by_hand():
    # mean .022, variance .00007; error = sqrt((1/5 + 1/4) * .00007) = .00561249; t = 3.91984
    test = corrected_t_test([0.02, 0.03, 0.01, 0.03, 0.02], 0.25)
    assert test.mean == pytest.approx(0.022)
    assert test.statistic == pytest.approx(0.022 / np.sqrt(0.45 * 7e-5))
    assert test.p_value == pytest.approx(2 * (1 - stats.t.cdf(test.statistic, 4)))
    assert (test.low + test.high) / 2 == pytest.approx(0.022)
    assert (test.n, test.spread) == (5, pytest.approx(np.sqrt(7e-5)))


def test_without_overlap_it_is_the_paired_t_test():
    a, b = np.random.default_rng(0).normal(size=(2, 8))
    expected = stats.ttest_rel(a, b)
    test = corrected_t_test(a - b, 0)
    assert (test.statistic, test.p_value) == pytest.approx((expected.statistic, expected.pvalue))
    assert (test.low, test.high) == pytest.approx(tuple(expected.confidence_interval()))


def test_correction_holds_its_level_where_the_plain_test_does_not():
    """Differences that share part of their randomness, as overlapping training sets make them."""
    rng, ratio, k = np.random.default_rng(0), 0.25, 10
    share = ratio / (1 + ratio)  # the correlation that Nadeau and Bengio assume
    common = rng.normal(size=(2000, 1)) * np.sqrt(share)
    differences = common + rng.normal(size=(2000, k)) * np.sqrt(1 - share)
    rejected = np.mean([corrected_t_test(d, ratio).p_value < 0.05 for d in differences])
    plain = np.mean(stats.ttest_1samp(differences, 0, axis=1).pvalue < 0.05)
    assert rejected == pytest.approx(0.05, abs=0.02)
    assert plain > 0.2


RATIO = 0.25


def draws_of_units(rng, n_units, n_draws, difference):
    """Differences in draws that share training rows, as Nadeau and Bengio assume: (n_units, n_draws)."""
    share = RATIO / (1 + RATIO)
    own = rng.normal(size=(n_units, n_draws)) * np.sqrt(1 - share)
    return rng.normal(size=(n_units, 1)) * np.sqrt(share) + own + difference


def combined(rng, n_units, n_draws, difference):
    return combined_test([corrected_t_test(d, RATIO) for d in draws_of_units(rng, n_units, n_draws, difference)])


def true_error(n_draws):
    share = RATIO / (1 + RATIO)
    return np.sqrt(share + (1 - share) / n_draws)


def test_combined_test_by_hand():
    tests = [corrected_t_test(d, RATIO) for d in ([1.0, 3.0, 2.0], [0.0, 1.0, -4.0, 2.0])]
    z = [stats.norm.isf(stats.t.sf(test.statistic, test.n - 1)) for test in tests]
    found = combined_test(tests)
    assert found.statistic == pytest.approx(sum(z) / np.sqrt(2))
    assert found.p_value == pytest.approx(2 * stats.norm.sf(abs(found.statistic)))
    assert (found.n, found.mean) == (2, pytest.approx((2 - 0.25) / 2))
    first, second = (test.error**2 for test in tests)
    assert found.error == pytest.approx(np.sqrt(first + second) / 2)
    freedom = (first + second) ** 2 / (first**2 / 2 + second**2 / 3)
    half = stats.t.ppf(0.975, freedom) * found.error
    assert (found.low, found.high) == pytest.approx((found.mean - half, found.mean + half))


def test_directions_count_when_tests_are_combined():
    up, down = corrected_t_test([1.0, 1.1, 0.9, 1.05], RATIO), corrected_t_test([-1.0, -1.1, -0.9, -1.05], RATIO)
    assert combined_test([up, up]).p_value < up.p_value / 10
    assert combined_test([down, down]).p_value == pytest.approx(combined_test([up, up]).p_value)
    assert combined_test([up, down]).p_value == 1
    huge = corrected_t_test([-1e6, -1e6 - 1e-3, -1e6 + 1e-3], RATIO)
    assert 0 <= combined_test([huge, huge]).p_value < 1e-6


def test_units_without_a_test_of_their_own():
    test, none = corrected_t_test([1.0, 1.1, 0.9, 1.05], RATIO), corrected_t_test([0.0, 0.0, 0.0], RATIO)
    alone = combined_test([test])
    assert (alone.p_value, alone.mean, alone.low) == pytest.approx((test.p_value, test.mean, test.low))
    level = combined_test([test, none])  # draws that never differ say nothing, and count in the mean
    assert (level.n, level.mean) == (2, pytest.approx(test.mean / 2))
    z = stats.norm.isf(stats.t.sf(test.statistic, 3)) / np.sqrt(2)
    assert level.p_value == pytest.approx(2 * stats.norm.sf(z))
    assert level.detectable() > test.detectable()
    assert combined_test([test, corrected_t_test([5.0], RATIO)]).p_value == alone.p_value  # one draw is no test
    nothing = combined_test([none, none])
    assert (nothing.n, nothing.mean) == (2, 0)
    assert np.isnan([nothing.p_value, nothing.low, nothing.detectable()]).all()
    assert combined_test([]).n == 0


@pytest.mark.parametrize(("n_units", "n_draws"), [(2, 3), (4, 2), (5, 5)])
def test_combined_test_holds_its_level_and_sees_what_it_says(n_units, n_draws):
    """Simulated: 5 % of alarms where there is no difference, and about 80 % where it is the visible one."""
    rng = np.random.default_rng(0)
    alarms = np.mean([combined(rng, n_units, n_draws, 0).p_value < 0.05 for _ in range(500)])
    assert alarms == pytest.approx(0.05, abs=0.02)
    unit = replace(corrected_t_test([1.0, 2.0], RATIO), n=n_draws, error=true_error(n_draws))
    visible = combined_test([unit] * n_units).detectable()
    found = np.mean([combined(rng, n_units, n_draws, visible).p_value < 0.05 for _ in range(500)])
    assert found == pytest.approx(0.8, abs=0.04)


def test_a_noisy_unit_hides_no_more_than_it_must():
    """Stouffer's z of it is small; the error of the mean, which it rules, is not what the test goes by."""
    quiet, noisy = corrected_t_test([1.0, 1.1, 0.9, 1.05], RATIO), corrected_t_test([90.0, -80.0, 70.0, -90.0], RATIO)
    test = combined_test([quiet, quiet, quiet, noisy])
    assert test.detectable() < 2 < test.error * 2


@pytest.mark.parametrize(
    ("n_draws", "level", "power"), [(2, 0.05, 0.8), (5, 0.05, 0.8), (5, 0.05 / 8, 0.8), (10, 0.05, 0.5)]
)
def test_detectable_difference_is_found_as_often_as_is_said(n_draws, level, power):
    rng = np.random.default_rng(0)
    test = replace(corrected_t_test([1.0, 2.0], RATIO), n=n_draws, error=true_error(n_draws))
    drawn = draws_of_units(rng, 3000, n_draws, test.detectable(level, power))
    found = np.mean([corrected_t_test(d, RATIO).p_value < level for d in drawn])
    assert found == pytest.approx(power, abs=0.03)


@pytest.mark.parametrize("differences", [[0.0, 0.0], [0.1, 0.1], [0.93 - 0.90, 0.94 - 0.91, 0.95 - 0.92]])
def test_draws_that_do_not_differ_tell_nothing_of_how_far_they_might(differences):
    test = corrected_t_test(differences, 0.25)
    assert (test.n, test.mean, test.spread) == (len(differences), pytest.approx(np.mean(differences)), 0)
    assert np.isnan([test.statistic, test.p_value, test.low, test.high]).all()


def test_a_draw_that_failed_is_left_out_and_one_draw_is_no_test():
    assert corrected_t_test([1, np.nan, 2, 4], 0.25) == corrected_t_test([1, 2, 4], 0.25)
    one, none = corrected_t_test([0.3], 0.25), corrected_t_test([np.nan], 0.25)
    assert (one.n, one.mean, none.n) == (1, 0.3, 0)
    assert np.isnan([one.spread, one.statistic, one.p_value, one.low, one.high, none.mean, none.spread]).all()


def test_two_draws_are_the_fewest_that_are_tested():
    # Differences 1 and 3: mean 2, variance 2, error sqrt((1/2 + 1/2) * 2); with one degree of freedom t is Cauchy's.
    test = corrected_t_test([1.0, 3.0], 0.5)
    assert test.statistic == pytest.approx(np.sqrt(2))
    assert test.p_value == pytest.approx(1 - 2 * np.arctan(np.sqrt(2)) / np.pi)
    assert wilcoxon_p([0.1, 0.2]) == pytest.approx(2 / 2**2)


def test_wilcoxon_by_hand():
    # Ranks 1 to 5, the smallest difference against the rest: 2 * (1 + 1) of 2**5 sign patterns have rank sum <= 1.
    assert wilcoxon_p([-0.01, 0.02, 0.03, 0.04, 0.05]) == pytest.approx(4 / 32)
    assert wilcoxon_p([-0.01, 0.02, np.nan, 0.03, 0.04, 0.05]) == pytest.approx(4 / 32)
    assert wilcoxon_p([0.0, 0.0, 0.0]) == 1
    assert np.isnan(wilcoxon_p([0.1]))


def test_holm_against_a_worked_example():
    # Sorted .005, .01, .03, .04 times 4, 3, 2, 1 = .02, .03, .06, .04 and the running maximum.
    np.testing.assert_allclose(holm([0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02])
    np.testing.assert_allclose(holm([0.01, np.nan, 0.02]), [0.02, np.nan, 0.02])


@given(probabilities)
def test_holm_lies_between_no_correction_and_bonferroni(p):
    adjusted = holm(p)
    assert np.all(adjusted >= np.array(p))
    assert np.all(adjusted <= np.minimum(1, len(p) * np.array(p)) + 1e-12)


def test_prior_correction_against_its_closed_form():
    """Two Gaussians: the posterior under any prior is known, and one corrects into the other."""
    x = np.linspace(-3, 4, 50)

    def posterior(prior):
        positive, negative = prior * stats.norm.pdf(x, 1), (1 - prior) * stats.norm.pdf(x, 0)
        return positive / (positive + negative)

    np.testing.assert_allclose(prior_corrected(posterior(0.5), 0.5, 0.02), posterior(0.02))
    np.testing.assert_allclose(prior_corrected(posterior(0.3), 0.3, 0.3), posterior(0.3))


@given(probabilities, st.floats(0.01, 0.99), st.floats(0.01, 0.99))
def test_prior_correction_is_undone_by_its_reverse_and_keeps_the_order(p, trained, true):
    corrected = prior_corrected(p, trained, true)
    assert np.all((corrected >= 0) & (corrected <= 1))
    np.testing.assert_allclose(prior_corrected(corrected, true, trained), p, atol=1e-9)
    assert np.all(np.diff(corrected[np.argsort(p)]) >= -1e-12)


def test_certainty_survives_prior_correction():
    assert calibration(np.array([1, 0]), np.array([1.0, 0.0]), 0.5, 0.1) == {"brier": 0, "brier_corrected": 0}


def test_compact_curve_is_the_best_precision_at_each_recall():
    y, scores = np.array([1, 0, 1, 0]), np.array([0.9, 0.8, 0.7, 0.1])
    curve = expand_curve(compact_curve(y, scores))
    np.testing.assert_allclose(curve[RECALL_LEVELS <= 0.5], 1)
    np.testing.assert_allclose(curve[RECALL_LEVELS > 0.5], 0.667)


def test_precision_at_a_recall_is_read_off_the_curve():
    y, scores = np.array([1, 0, 1, 0]), np.array([0.9, 0.8, 0.7, 0.1])
    text = compact_curve(y, scores)
    assert [precision_at(text, recall) for recall in (0.5, 0.8, 0.9)] == [1, 0.667, 0.667]
    levels = " ".join(str(1000 - i) for i in range(101))
    assert [precision_at(levels, recall) for recall in AT_RECALL.values()] == [0.95, 0.92, 0.91]
    assert np.isnan(precision_at("", 0.5))
    assert score_of({"precision_at_recall": levels, "f1": 0.3}, "precision_at_recall_90") == 0.91
    assert score_of({"precision_at_recall": levels, "f1": 0.3}, "f1") == 0.3


def test_a_curve_begins_at_what_a_threshold_reaches():
    y, scores = np.array([0, 1, 0]), np.array([0.9, 0.8, 0.1])
    np.testing.assert_allclose(expand_curve(compact_curve(y, scores)), 0.5)


def test_metrics_of_decisions_by_hand():
    # 3 of 4 positives and 3 of 6 negatives are found: recalls 3/4 and 1/2, precision 3/6, 6 of 10 decisions right.
    y, predicted = np.repeat([1, 0], [4, 6]), np.array([1, 1, 1, 0, 1, 1, 1, 0, 0, 0])
    by_hand = {"balanced_accuracy": 0.625, "g_mean": np.sqrt(0.375), "f1": 0.6, "recall": 0.75, "precision": 0.5}
    assert decisions(y, predicted) == pytest.approx(by_hand)
    assert list(decisions(y, predicted, "_tuned")) == [f"{name}_tuned" for name in by_hand]
    assert accuracy(y, predicted) == pytest.approx(0.6)
    nothing_found = decisions(y, np.zeros(10, int))
    assert nothing_found == pytest.approx(dict.fromkeys(by_hand, 0) | {"balanced_accuracy": 0.5})


def test_ranking_by_hand():
    # Ranked 1, 0, 1, 0: precision 1 and 2/3 at the positives, and 3 of 4 pairs in order.
    y, scores = np.array([1, 0, 1, 0]), np.array([0.9, 0.8, 0.7, 0.1])
    assert ranking(y, scores) == pytest.approx({"average_precision": 5 / 6, "roc_auc": 0.75})


class FirstColumn:
    """Notes the type of the rows that it scores by their first column."""

    def __init__(self):
        self.types = []

    def decision_function(self, rows):
        self.types.append(rows.dtype)
        return rows[:, 0]


class WithProbabilities(FirstColumn):
    def predict_proba(self, rows):
        return np.stack([1 - rows[:, 0], rows[:, 0]], axis=1)


@pytest.mark.parametrize("classifier", [FirstColumn, WithProbabilities])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("n", [1, 10, 4096, 9000])
def test_every_row_is_scored_once_and_in_order(classifier, dtype, n):
    rows = (np.arange(2 * n).reshape(n, 2) / 2**15).astype(dtype)
    np.testing.assert_array_equal(positive_scores(classifier(), rows), rows[:, 0])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_rows_are_scored_in_double_precision(dtype):
    classifier = FirstColumn()
    assert positive_scores(classifier, np.zeros((3, 1), dtype)).dtype == np.float64
    assert set(classifier.types) == {np.dtype(np.float64)}


def test_gap_closed():
    assert gap_closed(0.95, 0.9, 1.0) == pytest.approx(0.5)
    assert gap_closed(1.0, 0.9, 0.95) == pytest.approx(2.0)
    assert np.isnan(gap_closed(0.95, 0.9, 0.9))


def test_rows_worth_interpolates_in_the_logarithm():
    sizes, scores = [100, 400, 1600], [0.8, 0.9, 0.95]
    assert rows_worth(0.85, sizes, scores) == pytest.approx(200)
    assert rows_worth(0.9, sizes, scores) == pytest.approx(400)
    assert rows_worth(0.7, sizes, scores) == 0
    assert rows_worth(0.96, sizes, scores) == np.inf
    # A dip is levelled: the smallest number of rows that gives the score counts.
    assert rows_worth(0.9, [100, 400, 1600], [0.8, 0.9, 0.89]) == pytest.approx(400)
    assert np.isnan(rows_worth(np.nan, sizes, scores))


def test_the_points_of_the_curve_are_those_of_the_experiment():
    assert curve_sizes(315, 5050) == [630, 1260, 2520]
    assert curve_sizes(30, 30) == []
