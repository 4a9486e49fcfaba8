"""Every verdict from both sides of each bound: the quality report, the troubles of a training, images or a table."""

import numpy as np
import pytest

from gan_oversampler._classes import quality
from gan_oversampler._rows import image_shape
from gan_oversampler._trained import diagnosis

ABOVE, BELOW = 1 + 1e-6, 1 - 1e-6

# -- the quality report ----------------------------------------------------------------------------------------------

REFERENCE = {"precision": 0.8, "recall": 0.5, "coverage": 0.9, "label_agreement": 0.9, "learned_accuracy": 0.5}
GOOD = {"precision": 0.8, "recall": 0.5, "coverage": 0.9, "label_agreement": 0.9, "spread": 1.0, "copying": 0.5}
LITTLE = {"recall": 0.1, "coverage": 0.4}  # below a quarter of .5, below half of .9
WRONG = 0.65 * 0.9
NO_CLASS = 0.5 * 0.8


def verdict(is_like_others=True, **scores):
    return quality._judge({**GOOD, **scores}, REFERENCE, is_like_others)[0]


def seen(distance, accuracy):
    return {"learned_distance": distance, "learned_accuracy": accuracy}


@pytest.mark.parametrize(
    ("beyond", "name", "within", "otherwise"),
    [
        ({"spread": 0.25 * BELOW}, "collapsed", {"spread": 0.25}, "good"),
        ({**LITTLE, "coverage": 0.45 * BELOW}, "collapsed", {**LITTLE, "coverage": 0.45}, "narrow"),
        ({**LITTLE, "recall": 0.125 * BELOW}, "collapsed", {**LITTLE, "recall": 0.125}, "narrow"),
        ({**LITTLE, "precision": NO_CLASS}, "collapsed", {**LITTLE, "precision": NO_CLASS * BELOW}, "unlike its data"),
        ({"copying": 0.9 * ABOVE}, "copies its data", {"copying": 0.9}, "good"),
        ({"label_agreement": WRONG * BELOW}, "wrong class", {"label_agreement": WRONG}, "good"),
        ({"precision": NO_CLASS * BELOW}, "unlike its data", {"precision": NO_CLASS}, "good"),
        (seen(0.04 * ABOVE, 0.7), "unlike its data", seen(0.04, 0.7), "good"),
        (seen(0.9, 0.6 * ABOVE), "unlike its data", seen(0.9, 0.6), "good"),
        (seen(0.0, 0.8 * ABOVE), "unlike its data", seen(0.0, 0.8), "good"),
        ({"recall": 0.4 * BELOW}, "narrow", {"recall": 0.4}, "good"),
    ],
)
def test_a_quality_verdict_changes_at_its_bound(beyond, name, within, otherwise):
    assert verdict(**beyond) == name
    assert verdict(**within) == otherwise


def test_the_gravest_quality_verdict_comes_first():
    faults = {"spread": 0.1, "copying": 1.0, "label_agreement": 0.1, "precision": 0.1, "recall": 0.1}
    order = ["collapsed", "copies its data", "wrong class", "unlike its data", "narrow", "good"]
    while faults:
        assert verdict(**faults) == order.pop(0)
        faults.pop(next(iter(faults)))
    assert verdict() == "good"


def test_what_a_network_sees_counts_as_far_as_it_is_beyond_real_images():
    def with_reference(real_accuracy):
        return quality._judge({**GOOD, **seen(0.9, 0.7)}, {**REFERENCE, "learned_accuracy": real_accuracy}, True)[0]

    assert [with_reference(share) for share in (0.4, 0.59, 0.61)] == ["unlike its data", "unlike its data", "good"]


def test_rows_of_no_class_are_of_no_wrong_one():
    assert verdict(label_agreement=0.1, is_like_others=False) == "good"


def test_what_was_not_measured_gives_no_verdict():
    scores = {name: score for name, score in GOOD.items() if name not in ("copying", "label_agreement")}
    assert quality._judge(scores, REFERENCE, True)[0] == "good"


def test_a_reference_of_zero_divides_nothing():
    zero = dict.fromkeys(REFERENCE, 0.0)
    assert quality._judge(GOOD, zero, True)[0] == "good"


@pytest.mark.parametrize(
    ("share", "n", "is_like"), [(0.6, 50, True), (0.5, 50, False), (0.4, 50, False), (0.6, 49, False)]
)
def test_rows_are_like_others_beyond_half_and_with_fifty_others(monkeypatch, share, n, is_like):
    monkeypatch.setattr(quality.metrics, "prdc", lambda real, rows: quality.metrics.PRDC(share, 0, 0, 0))
    assert quality._is_like_others(np.zeros((60, 2)), np.zeros((n, 2))) == is_like
    assert not quality._is_like_others(np.zeros((60, 2)), None)


@pytest.mark.parametrize(("n_real", "n_generated", "tells"), [(50, 25, True), (49, 25, False), (50, 24, False)])
def test_the_report_tells_from_fifty_real_and_twenty_five_generated_rows(n_real, n_generated, tells):
    rng = np.random.default_rng(0)
    report = quality.quality_report(rng.normal(size=(n_real, 3)), rng.normal(size=(n_generated, 3)))
    assert (report.verdict != "too few rows to tell") == tells


@pytest.mark.parametrize(("n_others", "is_measured"), [(50, True), (49, False)])
def test_label_agreement_takes_fifty_others(n_others, is_measured):
    rng = np.random.default_rng(0)
    others = rng.normal(size=(n_others, 3)) + 9
    report = quality.quality_report(rng.normal(size=(60, 3)), rng.normal(size=(60, 3)), others=others)
    assert ("label_agreement" in report.scores) == ("label_agreement" in report.reference) == is_measured


# -- the troubles of a training --------------------------------------------------------------------------------------


def history(n=300, **values):
    usual = {"generator_loss": 0.7, "discriminator_loss": 1.4, "discriminator_accuracy": 0.55}
    return {name: np.full(n, value) for name, value in {**usual, **values}.items()}


@pytest.mark.parametrize("name", ["generator_loss", "discriminator_loss"])
def test_a_loss_explodes_at_ten_thousand_and_only_the_last_counts(name):
    assert diagnosis.has_exploded(history(**{name: 1e4}))
    assert diagnosis.has_exploded(history(**{name: -1e4}))
    assert not diagnosis.has_exploded(history(**{name: 1e4 * BELOW}))
    passed = history()
    passed[name][:-1] = np.nan
    assert not diagnosis.has_exploded(passed)
    assert not diagnosis.has_exploded(history(0))


@pytest.mark.parametrize(
    ("n", "accuracy", "loss", "has_won"),
    [
        (300, 0.9901, 8.01, True),
        (299, 0.9901, 8.01, False),
        (300, 0.99, 8.01, False),
        (300, 0.9901, 8.0, False),
    ],
)
def test_the_discriminator_wins_beyond_each_of_its_bounds(n, accuracy, loss, has_won):
    assert diagnosis.discriminator_won(history(n, discriminator_accuracy=accuracy, generator_loss=loss)) == has_won


def test_only_the_last_three_hundred_steps_tell_who_wins():
    won = history(301, discriminator_accuracy=1.0, generator_loss=9.0)
    won["discriminator_accuracy"][0] = won["generator_loss"][0] = -1e9
    assert diagnosis.discriminator_won(won)


def trouble(drawn, real):
    found = diagnosis.find_trouble(history(), lambda n: drawn, real)
    return found and found.what.split(" (")[0]


def test_a_training_collapses_below_a_twentieth_of_the_spread():
    real = np.array([[-1.0, 3.0], [1.0, 7.0]] * 20)
    centre = real.mean(axis=0)
    assert trouble(centre + (real - centre) * 0.049, real) == "collapsed"
    assert trouble(centre + (real - centre) * 0.051, real) is None


def test_a_training_copies_within_a_tenth_of_the_usual_distance():
    real = np.arange(40.0)[:, None]  # one apart
    assert trouble(real + 0.099, real) == "learned its rows by heart"
    assert trouble(real + 0.101, real) is None


def test_256_rows_are_drawn_to_judge_a_training():
    asked = []
    diagnosis.find_trouble(history(), lambda n: asked.append(n) or np.arange(40.0)[:, None], np.arange(40.0)[:, None])
    assert asked == [256]


def test_spread_and_novelty_by_their_formulas():
    rng = np.random.default_rng(0)
    real, drawn = rng.normal(size=(30, 4)), 2 * rng.normal(size=(20, 4)) + 1
    assert diagnosis.spread_ratio(drawn, real) == pytest.approx(drawn.std(axis=0).mean() / real.std(axis=0).mean())
    among = [min(np.linalg.norm(a - b) for j, b in enumerate(real) if i != j) for i, a in enumerate(real)]
    away = [min(np.linalg.norm(a - b) for b in real) for a in drawn]
    assert diagnosis.novelty_ratio(drawn, real) == pytest.approx(np.median(away) / np.median(among))
    assert diagnosis.spread_ratio(drawn, np.ones((5, 4))) == 1
    assert diagnosis.novelty_ratio(drawn, np.ones((5, 4))) == 1


def test_of_many_rows_a_thousand_evenly_spaced_ones_are_looked_at():
    rows = np.arange(3000.0).reshape(3000, 1, 1)
    thinned = diagnosis.thinned(rows)
    assert thinned.shape == (1000, 1)
    assert thinned[0] == 0
    assert thinned[-1] == 2999
    assert set(np.diff(thinned[:, 0])) <= {3, 4}
    np.testing.assert_array_equal(diagnosis.thinned(rows[:7]), rows[:7, 0])


# -- images or a table -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("below", "beside", "anywhere", "across", "are_images"),
    [
        (0.9, 0.9, 0.1, 0.1, True),
        (0.2501, 0.9, 0.1, 0.1, True),
        (0.25, 0.9, 0.1, 0.1, False),
        (0.9, 0.2501, 0.1, 0.1, True),
        (0.9, 0.25, 0.1, 0.1, False),
        (0.6501, 0.9, 0.5, 0.1, True),
        (0.65, 0.9, 0.5, 0.1, False),
        (0.9, 0.5751, 0.1, 0.5, True),
        (0.9, 0.575, 0.1, 0.5, False),
    ],
)
def test_images_are_told_beyond_each_bound(below, beside, anywhere, across, are_images):
    assert image_shape._proves_images(below, beside, anywhere, across) == are_images


@pytest.mark.parametrize(
    ("n_columns", "shapes"),
    [
        *((63, []), (49, []), (147, []), (98, [])),
        *((64, [(8, 8)]), (128, [(8, 8, 2)]), (192, [(8, 8, 3)]), (256, [(16, 16), (8, 8, 4)])),
        *((784, [(28, 28), (14, 14, 4)]), (3072, [(32, 32, 3)])),
    ],
)
def test_square_shapes_start_at_eight_pixels(n_columns, shapes):
    assert list(image_shape._square_shapes(n_columns)) == shapes


def test_a_column_that_never_varies_is_left_out_or_correlated_with_nothing():
    a, b = np.random.default_rng(0).normal(size=(2, 30, 4))
    b += a * [0, 1, -2, 3]
    a[:, 0] = 5
    each = np.array([abs(np.corrcoef(a[:, j], b[:, j])[0, 1]) for j in range(1, 4)])
    found = image_shape._correlations(*(image_shape._some_standardised(rows) for rows in (a, b)))
    np.testing.assert_allclose(found, [np.nan, *each])
    assert image_shape._mean_known(found) == pytest.approx(each.mean())
    assert image_shape._mean_known(found[:1]) == 0
