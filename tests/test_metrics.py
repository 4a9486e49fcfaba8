"""The metrics, held against formulas written out by brute force and against values known in closed form."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from gan_oversampler.metrics import (
    column_distances,
    copying_test,
    correlation_distance,
    detection_auc,
    duplicate_share,
    expected_coverage,
    kernel_distance,
    label_agreement,
    membership_inference,
    prdc,
    two_sample_test,
)

pytestmark = pytest.mark.usefixtures("one_thread")


def normal(n, p=8, shift=0.0, seed=0):
    return np.random.default_rng(seed).normal(size=(n, p)) + shift


def reference_prdc(real, fake, k):
    """The four formulas of the `prdc` package by Naeem et al., on full distance matrices."""
    real_radii = np.sort(cdist(real, real), axis=1)[:, k]  # the row itself is the nearest
    fake_radii = np.sort(cdist(fake, fake), axis=1)[:, k]
    distance = cdist(real, fake)
    precision = (distance < real_radii[:, None]).any(axis=0).mean()
    recall = (distance < fake_radii[None, :]).any(axis=1).mean()
    density = (distance < real_radii[:, None]).sum(axis=0).mean() / k
    coverage = (distance.min(axis=1) < real_radii).mean()
    return precision, recall, density, coverage


@pytest.mark.parametrize("k", [1, 3, 5])
@pytest.mark.parametrize("shift", [0.0, 0.7, 30.0])
def test_prdc_is_the_reference_formula(k, shift):
    real, fake = normal(60), normal(45, shift=shift, seed=1)
    assert prdc(real, fake, n_neighbors=k) == pytest.approx(reference_prdc(real, fake, k))


def test_prdc_is_the_same_in_chunks_of_little_memory():
    import sklearn

    real, fake = normal(3000, 2), normal(500, 2, seed=1)
    whole = prdc(real, fake)
    with sklearn.config_context(working_memory=1):
        assert prdc(real, fake) == pytest.approx(whole)


@pytest.mark.parametrize("k", [3, 5])
def test_coverage_and_density_of_equal_distributions_have_their_known_values(k):
    scores = [prdc(normal(400, seed=s), normal(300, seed=1000 + s), n_neighbors=k) for s in range(20)]
    _, _, density, coverage = np.mean(scores, axis=0)
    assert coverage == pytest.approx(expected_coverage(400, 300, n_neighbors=k), abs=0.01)
    assert density == pytest.approx(1, abs=0.05)


def test_expected_coverage_tends_to_the_published_limit():
    # Naeem et al.: 1 - 2**-k for as many generated rows as real ones
    assert expected_coverage(10**7, 10**7, n_neighbors=5) == pytest.approx(1 - 2**-5, abs=1e-6)
    assert expected_coverage(3, 2, n_neighbors=1) == pytest.approx(1 - 2 / 4)


def test_prdc_tells_a_lost_mode_from_a_poor_row():
    real = np.concatenate([normal(200), normal(200, shift=9)])
    lost = prdc(real, normal(400, seed=1))
    poor = prdc(real, np.concatenate([normal(200, seed=1), normal(200, shift=90)]))
    assert lost.precision > 0.9
    assert lost.coverage < 0.6
    assert poor.precision < 0.6


def test_an_outlier_among_the_real_rows_raises_precision_and_not_density():
    real, fake = normal(300), normal(300, shift=3, seed=1)
    outlier = np.concatenate([real, [np.full(8, 30.0)]])
    assert prdc(outlier, fake).precision > prdc(real, fake).precision + 0.2
    assert prdc(outlier, fake).density < prdc(real, fake).density + 0.25


def reference_mmd(a, b):
    def kernel(x, y):
        return (x @ y / len(x) + 1) ** 3

    n, m = len(a), len(b)
    aa = sum(kernel(a[i], a[j]) for i in range(n) for j in range(n) if i != j) / (n * (n - 1))
    bb = sum(kernel(b[i], b[j]) for i in range(m) for j in range(m) if i != j) / (m * (m - 1))
    return aa + bb - 2 * np.mean([kernel(x, y) for x in a for y in b])


def test_kernel_distance_is_its_formula():
    a, b = normal(12, 3), normal(9, 3, 0.5, seed=1)
    assert kernel_distance(a, b) == pytest.approx(reference_mmd(a, b))


def test_kernel_distance_is_unbiased_and_grows():
    null = [kernel_distance(normal(50, seed=s), normal(40, seed=500 + s)) for s in range(200)]
    assert abs(np.mean(null)) < 3 * np.std(null) / np.sqrt(200)
    # Gaussians of mean 0 and c in one dimension: the moments E[x^i] give the distance in closed form
    c = 1.0
    moments = np.array([1, 0, 1, 0]) - np.array([1, c, 1 + c**2, 3 * c + c**3])
    known = float(np.array([1, 3, 3, 1]) @ moments**2)
    found = [kernel_distance(normal(400, 1, seed=s), normal(400, 1, c, seed=500 + s)) for s in range(40)]
    assert np.mean(found) == pytest.approx(known, rel=0.05)


@pytest.mark.parametrize("classifier", [None, LogisticRegression()])
def test_the_two_sample_test_rejects_a_true_hypothesis_no_more_often_than_it_says(classifier):
    tests = [
        two_sample_test(normal(40, seed=s), normal(40, seed=900 + s), classifier=classifier, random_state=s)
        for s in range(150)
    ]
    assert np.mean([test.p_value < 0.05 for test in tests]) < 0.09  # .05 and two standard errors of 150 trials
    assert np.mean([test.accuracy for test in tests]) == pytest.approx(0.5, abs=0.02)


def test_the_two_sample_test_knows_what_the_best_classifier_can_do():
    # Two unit Gaussians d apart: no rule does better than Phi(d / 2)
    real, fake = normal(1500, 2), normal(1500, 2, 1.0, seed=1)
    test = two_sample_test(real, fake)
    assert test.accuracy == pytest.approx(0.760, abs=0.02)  # Phi(sqrt(2) / 2)
    assert test.p_value < 1e-10


def test_the_two_sample_test_sees_a_spread_that_no_mean_shows():
    assert two_sample_test(normal(300), normal(300, seed=1) * 0.5).p_value < 0.001


def test_sides_of_unequal_length_leave_chance_at_one_half():
    test = two_sample_test(normal(60), normal(900, seed=1))
    assert test.accuracy == pytest.approx(0.5, abs=0.15)
    assert test.p_value > 0.01


def test_copying_is_the_share_of_nearer_pairs():
    train, held_out, generated = normal(30, 2), normal(12, 2, seed=1), normal(15, 2, 0.3, seed=2)
    ours, theirs = cdist(generated, train).min(axis=1), cdist(held_out, train).min(axis=1)
    share = np.mean(ours[:, None] < theirs)
    assert copying_test(train, generated, held_out).share == pytest.approx(share)


def test_copies_are_found_and_new_rows_are_not():
    train, held_out = normal(200), normal(100, seed=1)
    copies = copying_test(train, train[:80], held_out)
    assert (copies.share, copies.p_value < 1e-6) == (1, True)
    nearly = copying_test(train, train + 0.1 * normal(200, seed=2), held_out)
    assert nearly.share > 0.95
    fresh = [
        copying_test(normal(200, seed=s), normal(100, seed=s + 1), normal(80, seed=s + 2)) for s in range(0, 60, 3)
    ]
    assert np.mean([test.share for test in fresh]) == pytest.approx(0.5, abs=0.05)
    assert copying_test(train, normal(80, shift=20, seed=3), held_out).share == 0


def test_without_held_out_rows_each_training_row_is_held_against_the_others():
    train, generated = normal(30, 2), normal(15, 2, 0.3, seed=2)
    among = cdist(train, train) + np.diag(np.full(30, np.inf))
    share = np.mean(cdist(generated, train).min(axis=1)[:, None] < among.min(axis=1))
    assert copying_test(train, generated).share == pytest.approx(share)
    fresh = [copying_test(normal(200, seed=s), normal(80, seed=s + 1)).share for s in range(0, 40, 2)]
    assert np.mean(fresh) == pytest.approx(0.5, abs=0.05)


def test_attacks_are_those_written_out():
    """By distance: minus that from the nearest new row. By ratio: density of new rows over that of a reference."""
    members, others, generated, reference = (normal(n, 3, seed=n) for n in (40, 250, 90, 60))
    is_member = np.repeat([True, False], [40, 250])
    away, far = (np.sort(cdist(np.concatenate([members, others]), side))[:, 1] for side in (generated, reference))
    found = membership_inference(members, others, generated, reference=reference, n_neighbors=2)
    assert found.likelihood_ratio.auc == pytest.approx(roc_auc_score(is_member, far / away))
    scores = -cdist(np.concatenate([members, others]), generated).min(axis=1)
    assert found.distance.auc == pytest.approx(roc_auc_score(is_member, scores))
    third_best = np.sort(scores[~is_member])[-3]  # two of 250 are .8 %
    assert found.distance.true_positive_rate == np.mean(scores[is_member] > third_best)


def test_without_a_reference_both_sides_are_held_against_all_other_rows_but_one():
    members, others, generated = normal(30, 3), normal(12, 3, seed=1), normal(50, 3, seed=2)
    among = cdist(others, others) + np.diag(np.full(12, np.inf))
    away = cdist(np.concatenate([members, others]), generated).min(axis=1)
    nearest = np.sort(cdist(members, others))[:, :2]
    wanted = [
        roc_auc_score(np.repeat([True, False], [30, 12]), np.concatenate([far, among.min(axis=1)]) / away)
        for far in nearest.T
    ]
    found = [membership_inference(members, others, generated, random_state=i).likelihood_ratio.auc for i in range(20)]
    assert min(wanted) <= min(found) < max(found) <= max(wanted)
    first = membership_inference(members, others, generated, random_state=3)
    assert membership_inference(members, others, generated, random_state=3) == first


def test_attacks_find_copies_and_what_is_near_to_them():
    members, others = normal(200), normal(150, seed=1)
    copies = membership_inference(members, others, members)
    assert [attack[:2] for attack in copies] == [(1, 1), (1, 1)]
    assert max(attack.p_value for attack in copies) < 1e-20
    some = membership_inference(members, others, np.concatenate([members[:20], normal(500, seed=2)]))
    assert some.distance.true_positive_rate == pytest.approx(0.1, abs=0.02)  # the few that are copied
    assert some.distance.p_value < 1e-3 < 0.5 < some.distance.auc < 0.6


def test_the_ratio_finds_what_distance_misses():
    """Rows of a sparse part are copied loosely: still further from a new row than any row of the dense part is."""
    dense, sparse = normal(400, 4) * 0.05, normal(200, 4, seed=1) * 10 + 100
    members, others = (np.concatenate([d, s]) for d, s in ((dense[:200], sparse[:100]), (dense[200:], sparse[100:])))
    new = np.concatenate([normal(800, 4, seed=2) * 0.05, members[200:] + normal(100, 4, seed=3)])
    found = membership_inference(members, others, new)
    assert found.distance.true_positive_rate < 0.05
    assert found.likelihood_ratio.true_positive_rate > 0.2


def test_attacks_on_unrelated_rows_are_chance():
    fresh = [membership_inference(*(normal(n, 4, seed=[s, n]) for n in (60, 120, 300))) for s in range(200)]
    for attack in zip(*fresh, strict=True):
        auc, rate, p = np.array(attack).T
        assert auc.mean() == pytest.approx(0.5, abs=0.01)
        assert rate.mean() == pytest.approx(2 / 121, abs=0.006)  # members above the second of 120 non-members
        assert (p < 0.05).mean() <= 0.08
        assert (p < 0.2).mean() > 0.08
        assert p.max() <= 1


def test_copies_of_equal_rows_are_no_sign_of_membership():
    equal = np.repeat(normal(1), 30, axis=0)
    for attack in membership_inference(equal, equal, equal):
        assert attack == (0.5, 0, 1)


def test_duplicates_count_repeats():
    rows = normal(10)
    assert duplicate_share(rows) == 0
    assert duplicate_share(np.concatenate([rows, rows])) == 0.5
    assert duplicate_share(np.zeros((8, 3, 3))) == pytest.approx(7 / 8)


def test_label_agreement_is_the_share_taken_for_the_class():
    X, y = np.concatenate([normal(50), normal(50, shift=5)]), np.repeat(["a", "b"], 50)
    generated = np.concatenate([normal(30, seed=1), normal(10, shift=5, seed=2)])
    assert label_agreement(X, y, generated, "a") == 0.75
    assert label_agreement(X, y, generated, "b", classifier=LogisticRegression()) == 0.25


def test_images_are_flattened_and_nothing_is_changed():
    images, other = normal(40, 16).reshape(40, 4, 4), normal(40, 16, seed=1)
    before = images.copy()
    assert prdc(images, other.reshape(40, 4, 4, 1)) == prdc(images.reshape(40, 16), other)
    assert np.array_equal(images, before)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: prdc(normal(5), normal(50)), "real must be an array of at least 6 rows"),
        (
            lambda: membership_inference(normal(5), normal(1), normal(5)),
            "non_members must be an array of at least 2 rows",
        ),
        (lambda: membership_inference(normal(5), normal(5), normal(5, 7)), "same number of values"),
        (lambda: kernel_distance(normal(5), normal(1)), "generated must be an array of at least 2 rows"),
        (lambda: prdc(normal(9, 3), normal(9, 4)), "same number of values, but real has 3, generated has 4"),
        (lambda: copying_test(normal(9), normal(9), normal(0)), "held_out must be an array of at least 1 rows"),
        (lambda: duplicate_share(np.arange(4)), r"its shape is \(4,\)"),
        (lambda: duplicate_share([[np.nan]]), "finite numbers"),
        (lambda: label_agreement(normal(4), [0, 0, 1, 1], normal(4), 2), r"label must be one of \[0, 1\]"),
    ],
)
def test_what_cannot_be_measured_is_refused_in_one_sentence(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_equal_columns_are_not_apart_and_another_distribution_is():
    real, moved = normal(400), normal(400, seed=1)
    moved[:, 2] += 3
    apart = column_distances(real, moved)
    assert apart.argmax() == 2
    assert apart[2] > 0.8
    assert np.delete(apart, 2).max() < 0.15
    np.testing.assert_array_equal(column_distances(real, real), 0)


@pytest.mark.parametrize(("first", "second"), [(0.5, 0.5), (0.2, 0.7), (0, 1)])
def test_of_a_category_the_frequencies_are_compared(first, second):
    sides = [(np.arange(100) < 100 * share).astype(float)[:, None] for share in (first, second)]
    assert column_distances(*sides) == pytest.approx(abs(first - second))


def test_columns_drawn_each_by_itself_keep_their_own_distribution_and_lose_the_pairs():
    real = normal(500)
    real[:, 1] = real[:, 0] + 0.1 * real[:, 1]
    rng = np.random.default_rng(0)
    alone = np.column_stack([rng.permutation(column) for column in real.T])
    np.testing.assert_allclose(column_distances(real, alone), 0)
    assert correlation_distance(real[:, :2], alone[:, :2]) > 0.8
    assert correlation_distance(real, real) == 0
    assert detection_auc(real, alone) > 0.7


def test_correlations_are_those_of_pearson_whatever_the_mean_and_scale():
    real, generated = normal(60, 4, shift=5.0) * [1, 10, 0.1, 3], normal(40, 4, seed=1) - 2
    real[:, 1] += 20 * real[:, 0]
    pairs = np.triu_indices(4, 1)
    apart = (np.corrcoef(real.T) - np.corrcoef(generated.T))[pairs]
    assert correlation_distance(real, generated) == pytest.approx(np.abs(apart).mean())


def test_constant_and_single_columns_have_no_correlation_to_lose():
    constant = np.ones((50, 3))
    assert correlation_distance(constant, constant) == 0
    assert correlation_distance(normal(50)[:, :1], normal(50)[:, :1]) == 0


def test_rows_of_one_distribution_are_not_detected_and_values_between_levels_are():
    real = np.random.default_rng(0).integers(0, 2, size=(300, 4)).astype(float)
    same = np.random.default_rng(1).integers(0, 2, size=(300, 4)).astype(float)
    assert detection_auc(real, same) == pytest.approx(0.5, abs=0.08)
    assert detection_auc(real, same * 0.9 + 0.05) > 0.99


def test_copies_lie_below_a_half():
    real = normal(200)
    assert detection_auc(real, real) < 0.2
