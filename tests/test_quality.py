"""The quality report: each verdict is provoked, real rows pass, and every sampler brings one along."""

import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.datasets import load_digits

from gan_oversampler import DeformationOverSampler, GANOverSampler
from gan_oversampler._classes import quality
from gan_oversampler._classes.kept_rows import KeptRows, _shrunk
from gan_oversampler._classes.quality import NAMES
from gan_oversampler._rows.user_rows import read_further
from gan_oversampler.inspection import QualityReport, quality_report

pytestmark = pytest.mark.usefixtures("one_thread")


def digit_rows(label):
    X, y = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(X))
    X, y = X[order] / 8 - 1, y[order]
    own = X[y == label]
    return own[:90], own[90:], X[y != label][:300]


@pytest.fixture(scope="module")
def threes():
    """Training rows, held-out rows, and rows of the other digits: ndarrays of shape (n, 64) in [-1, 1]."""
    return digit_rows(3)


def noise(like, seed=0):
    return np.random.default_rng(seed).normal(size=like.shape)


PROVOKED = {
    "held-out rows": (lambda train, held_out: held_out, "good"),
    "training rows": (lambda train, held_out: train, "copies its data"),
    "training rows, drawn with replacement": (
        lambda train, held_out: train[np.random.default_rng(0).integers(len(train), size=200)],
        "copies its data",
    ),
    "training rows with a little noise": (lambda train, held_out: train + 0.02 * noise(train), "copies its data"),
    "one row, repeated": (lambda train, held_out: np.repeat(held_out[:1], 90, axis=0), "collapsed"),
    "one row, varied a little": (lambda train, held_out: held_out[:1] + 0.02 * noise(train), "collapsed"),
    "four rows": (lambda train, held_out: np.repeat(held_out[:4], 25, axis=0) + 0.02 * noise(train[:1]), "collapsed"),
    "the mean": (lambda train, held_out: train.mean(axis=0) + 0.02 * noise(train), "collapsed"),
    "noise": (lambda train, held_out: noise(train), "unlike its data"),
    "pixels in another order": (
        lambda train, held_out: held_out[:, np.random.default_rng(0).permutation(64)],
        "unlike its data",
    ),
}


@pytest.mark.parametrize("what", PROVOKED)
def test_each_verdict_is_given_to_what_deserves_it(what, threes):
    train, held_out, others = threes
    make, verdict = PROVOKED[what]
    report = quality_report(train, make(train, held_out), others=others)
    assert report.verdict == verdict, str(report)


@pytest.mark.parametrize("label", range(10))
def test_real_rows_are_good_whatever_the_class(label):
    train, held_out, others = digit_rows(label)
    assert quality_report(train, held_out, others=others).verdict == "good"


def test_rows_of_another_class_are_told(threes):
    train, _, others = threes
    report = quality_report(train, digit_rows(9)[1], others=others)
    assert report.verdict == "wrong class"
    assert report.scores["label_agreement"] < 0.3 < 0.9 < report.reference["label_agreement"]


def test_half_of_the_class_is_narrow():
    real = np.random.default_rng(0).normal(size=(400, 3))
    generated = np.random.default_rng(1).normal(size=(900, 3))
    report = quality_report(real, generated[generated[:, 0] > 0.4])
    assert report.verdict == "narrow", str(report)


@pytest.mark.parametrize("n", [1, 10, 49])
def test_few_rows_say_so(n):
    report = quality_report(np.random.default_rng(0).normal(size=(n, 4)), np.zeros((100, 4)))
    assert report.verdict == "too few rows to tell"
    assert f"{n} different real rows, and at least 50" in report.explanation
    assert not report.scores


def test_equal_rows_are_few(threes):
    assert quality_report(np.ones((200, 4)), threes[0][:, :4]).verdict == "too few rows to tell"


def test_real_against_real_scores_as_the_reference(threes):
    train, held_out, others = threes
    report = quality_report(train, held_out, others=others)
    for name in ("precision", "recall", "coverage", "label_agreement", "copying"):
        assert report.scores[name] == pytest.approx(report.reference[name], abs=0.2)
    assert set(report.scores) == set(report.reference) <= set(NAMES)
    assert not [name for name in report.scores if "p_value" in name]  # it rejects too many equals


def test_deformed_copies_are_counted_and_not_called_copies(threes):
    train, _, others = threes
    plain = quality_report(train, train, others=others)
    deformed = quality_report(train, train, others=others, deformed_share=1.0)
    assert plain.verdict == "copies its data"
    assert "copying" not in deformed.scores
    assert deformed.verdict == "good"
    assert "100% of the rows are made of real ones" in str(deformed)


def test_copying_is_judged_before_the_deformation(threes):
    train, held_out, _ = threes
    assert quality_report(train, held_out, undeformed=train).verdict == "copies its data"
    assert quality_report(train, train, undeformed=held_out).verdict == "good"


def test_neither_order_nor_a_second_call_changes_it(threes):
    train, held_out, others = threes
    assert quality_report(train, held_out, others=others) == quality_report(train, held_out, others=others)


def test_scale_does_not_matter(threes):
    train, held_out, others = threes
    one = quality_report(train, held_out, others=others)
    other = quality_report(train * 1000, held_out * 1000, others=others * 1000)
    assert other.scores == pytest.approx(one.scores, abs=0.03)


def test_it_reads_as_a_table_and_as_html(threes):
    report = quality_report(threes[0], threes[1])
    assert str(report).splitlines()[0].startswith("good: precision")
    assert len(str(report).splitlines()) == 3 + len(report.scores)
    assert report._repr_html_().count("<tr>") == 1 + len(report.scores)
    assert "&lt;b&gt;" in QualityReport("<b>", "", {}, {}, 0, 0)._repr_html_()


def test_its_settings_are_given_by_name(threes):
    train, held_out, others = threes
    with pytest.raises(TypeError, match="positional"):
        quality_report(train, held_out, others)


def test_a_report_without_scores_is_a_sentence():
    report = quality.too_few(7, 3)
    assert (report.n_real, report.n_generated) == (7, 3)
    assert str(report) == "too few rows to tell: the class has 7 different real rows, and at least 50 are needed."
    assert "<tr>" not in report._repr_html_()
    verbatim = quality.repeats(7)
    assert (verbatim.n_real, verbatim.n_generated, dict(verbatim.scores)) == (7, 0, {})


def test_at_most_a_thousand_rows_of_each_side_are_measured():
    rng = np.random.default_rng(0)
    report = quality_report(rng.normal(size=(1001, 2)), rng.normal(size=(1200, 2)))
    assert (report.n_real, report.n_generated) == (1000, 1000)


# -- what is measured ------------------------------------------------------------------------------------


def test_the_spread_is_that_of_the_columns_together():
    real = np.random.default_rng(0).normal(size=(60, 3)) * [1, 2, 5]
    rows = real * [0.5, 1, 2] + [30, -40, 90]
    by_formula = np.sqrt((rows.std(axis=0) ** 2).sum() / (real.std(axis=0) ** 2).sum())
    assert quality._compare(real, rows, 0)["spread"] == pytest.approx(by_formula)


def test_rows_are_compared_on_fifty_components_of_unit_size():
    rng = np.random.default_rng(0)
    real, generated = rng.normal(size=(90, 60)), rng.normal(size=(70, 60)) + 1
    space = quality._Space(real, generated, 0)
    assert space(generated).shape == (70, 50)
    assert (space(real) ** 2).mean() == pytest.approx(1)
    assert quality._Space(real[:, :3], generated[:, :3], 0)(real[:, :3]).shape == (90, 3)
    assert quality._Space(real[:20], generated, 0)(real).shape == (90, 40)  # as many of each side, twenty


@pytest.mark.parametrize(("n_real", "n_generated", "n"), [(61, 40, 30), (80, 25, 25)])
def test_generated_rows_and_half_of_the_real_ones_are_held_against_the_other_half(monkeypatch, n_real, n_generated, n):
    rng = np.random.default_rng(0)
    real, generated = rng.normal(size=(n_real, 2)), rng.normal(size=(n_generated, 2))
    seen = []
    monkeypatch.setattr(quality, "_compare", lambda one, other, seed: seen.append((one, other)) or {"seed": seed})
    monkeypatch.setattr(quality, "_compare_columns", quality._compare)
    assert quality._measure(real, generated, None, 5) == ({"seed": 5}, {"seed": 5})
    assert quality._measure_columns(real, generated, 5) == ({"seed": 5}, {"seed": 5})
    space = quality._Space(real, generated, 5)
    for place, pairs in ((space, seen[:2]), (np.asarray, seen[2:])):
        first, second, drawn = place(real[:n]), place(real[n : 2 * n]), place(generated[:n])
        for pair, wanted in zip(pairs, ((first, drawn), (first, second)), strict=True):
            np.testing.assert_allclose(pair, wanted)


def test_label_agreement_is_the_mean_of_both_halves(monkeypatch):
    rng = np.random.default_rng(0)
    real, others = rng.normal(size=(60, 2)), rng.normal(size=(50, 2))
    shares = iter([0.1, 0.5, 0.6, 1.0])
    monkeypatch.setattr(quality, "_agreement", lambda *rows: next(shares))
    scores, reference = quality._measure(real, real, others, 0)
    assert scores["label_agreement"] == pytest.approx(0.3)
    assert reference["label_agreement"] == pytest.approx(0.8)


def test_columns_apart_are_the_mean_and_the_worst():
    rng = np.random.default_rng(0)
    real = rng.normal(size=(60, 2))
    found = quality._compare_columns(real, real + np.array([0, 1e6]), 0)
    assert (found["column_distance"], found["largest_column_distance"]) == (0.5, 1)
    assert found["detection_auc"] > 0.9


# -- with the samplers -----------------------------------------------------------------------------------


def deformer(**parameters):
    X, y = load_digits(return_X_y=True)
    sampler = DeformationOverSampler(
        sampling_strategy={3: 200, 5: 200}, random_state=0, **{"deformation": "affine", **parameters}
    )
    sampler.fit_resample(X, y)
    return sampler


def test_every_class_has_a_report_after_a_fit_and_before_it_none():
    with pytest.raises(AttributeError, match="has learned no class yet"):
        _ = DeformationOverSampler().quality_report_
    sampler = deformer()
    reports = sampler.quality_report_
    assert list(reports) == [3, 5]
    assert all(report.verdict == "good" and report.deformed_share == 1 for report in reports.values())
    assert sampler.quality_report_ is reports


def test_reading_it_neither_trains_nor_changes_what_is_drawn():
    sampler, other = deformer(), deformer()
    drawn = sampler.sample(5, 3)
    assert sampler.quality_report_ == other.quality_report_
    assert np.array_equal(sampler.sample(5, 3), drawn)
    assert pickle.loads(pickle.dumps(deformer())).quality_report_ == sampler.quality_report_


# -- privacy ---------------------------------------------------------------------------------------------

ATTACKS = {"distance_attack", "distance_attack_rate", "ratio_attack", "ratio_attack_rate"}


def test_attacks_need_rows_that_were_kept_out(threes):
    train, held_out, _ = threes
    without = quality_report(train, held_out)
    assert not ATTACKS & set(without.scores)
    assert "privacy: not measured. Give rows of the class that were kept out" in str(without)
    few = quality_report(train, held_out, held_out=held_out[:24])
    assert not ATTACKS & set(few.scores)
    assert few.privacy == "not measured. 24 rows of the class were kept out, and at least 25 are needed."
    enough = quality_report(train, held_out, held_out=held_out[:25])
    assert set(enough.scores) - set(without.scores) == ATTACKS
    assert {enough.reference[name] for name in ATTACKS} == {0.5, 0.01}
    assert (enough.verdict, enough.explanation) == (without.verdict, without.explanation)


def test_what_attacks_find_is_said(threes):
    train, held_out, _ = threes
    rng = np.random.default_rng(0)
    near = train[rng.integers(len(train), size=900)] + 0.1 * rng.normal(size=(900, 64))
    leaky = quality_report(train, near, deformed_share=1.0, held_out=held_out)
    assert (leaky.scores["distance_attack"], leaky.scores["distance_attack_rate"]) == (1, 1)
    assert "with ROC AUC 1.00 (.5 by chance), and finds 100% at 1 % false positives" in leaky.privacy
    assert "as private as the real ones" in leaky._repr_html_()
    fair = quality_report(train, held_out[::2], held_out=held_out[1::2])
    assert "do not tell the rows learned from and 46 rows kept out apart" in fair.privacy
    assert "That is no proof" in fair.privacy


def test_the_alarm_is_where_the_attack_finds_more_than_chance():
    rng = np.random.default_rng(0)
    alarms = 0
    for _ in range(200):
        real, held_out, new = rng.normal(size=(3, 60, 2))
        report = quality._attacked(real, held_out, new, 0)[1]
        alarms += "keep the new rows" in report
    assert 1 <= alarms <= 20  # one in twenty
    told = mannwhitney_p(quality._smallest_alarm(60, 40), 60, 40)
    assert told == pytest.approx(0.025 / 2, rel=1e-6)


def mannwhitney_p(auc, n, m):
    return stats.norm.sf((auc - 0.5) * n * m / np.sqrt(n * m * (n + m + 1) / 12))


def halves():
    X, y = load_digits(return_X_y=True)
    return X[::2], y[::2], X[1::2], y[1::2]


def test_a_sampler_takes_rows_that_were_kept_out():
    X, y, X_held_out, y_held_out = halves()
    sampler = DeformationOverSampler(sampling_strategy={3: 900, 5: 200}, random_state=0)
    sampler.fit_resample(X, y)
    reports = sampler.measure_quality(X_held_out.reshape(-1, 64), y_held_out)
    assert list(reports) == [3, 5]
    assert reports[3].scores["distance_attack"] > 0.85
    assert reports[3].n_generated == 810  # as many as were asked for
    assert "as private as the real ones" in reports[3].privacy
    assert reports == sampler.measure_quality(X_held_out, y_held_out)
    assert not ATTACKS & set(sampler.quality_report_[3].scores)
    only_fives = sampler.measure_quality(X_held_out[y_held_out == 5], y_held_out[y_held_out == 5])
    assert only_fives[5] == reports[5]
    assert only_fives[3] == sampler.quality_report_[3]


def test_rows_that_were_learned_from_are_refused(tmp_path):
    X, y, X_held_out, y_held_out = halves()
    sampler = DeformationOverSampler(sampling_strategy={3: 200}, random_state=0).fit(X, y)
    with pytest.raises(ValueError, match=r"kept out of training, but \d+ of its \d+ different rows of a class"):
        sampler.measure_quality(X, y)
    with pytest.raises(ValueError, match="were learned from: split before the fit"):
        sampler.measure_quality(np.concatenate([X, X_held_out]), np.concatenate([y, y_held_out]))
    with pytest.raises(ValueError, match="X has 10 rows and y has 11 labels"):
        sampler.measure_quality(X_held_out[:10], y_held_out[:11])
    with pytest.raises(ValueError, match=r"rows of shape \(64,\) like those that were fitted to"):
        sampler.measure_quality(X_held_out[:, :63], y_held_out)
    sampler.save(tmp_path / "file")
    with pytest.raises(ValueError, match="keeps no rows to measure by"):
        DeformationOverSampler.load(tmp_path / "file").measure_quality(X_held_out, y_held_out)
    with pytest.raises(AttributeError, match="has learned no class yet"):
        DeformationOverSampler().measure_quality(X_held_out, y_held_out)


def test_repeated_rows_are_real_rows():
    X, y, X_held_out, y_held_out = halves()
    sampler = DeformationOverSampler(sampling_strategy={3: 200}, deformation=None).fit(X, y)
    assert sampler.measure_quality(X_held_out, y_held_out)[3].privacy.startswith("the new rows are real rows")


def mixed_table(n, seed, colours=("red", "green", "blue")):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"size": rng.normal(size=n), "width": rng.normal(size=n), "colour": rng.choice(colours, n)})
    frame.loc[::7, "width"] = np.nan
    return frame, np.repeat(["a", "b"], [n // 3, n - n // 3])


def test_categories_of_held_out_rows_are_those_of_the_fit():
    """Their codes would be others, as the held-out rows hold fewer and new ones."""
    X, y = mixed_table(240, 0)
    sampler = DeformationOverSampler(random_state=0).fit(X, y)
    held_out, labels = mixed_table(150, 1, ("violet", "red"))
    numbers = read_further(held_out, sampler.row_format_)
    assert np.array_equal(numbers[:, 0], held_out["size"])
    assert np.array_equal(np.isnan(numbers[:, 1]), held_out["width"].isna())
    known = dict(enumerate(sampler.row_format_.codings[2].levels))
    assert [known.get(code, "violet") for code in numbers[:, 2]] == held_out["colour"].tolist()
    assert set(sampler.measure_quality(held_out, labels)["a"].scores) >= ATTACKS
    with pytest.raises(ValueError, match="give the same columns in the same order"):
        sampler.measure_quality(held_out[["width", "size", "colour"]], labels)


def test_a_second_fit_forgets_it(digits):
    sampler = deformer()
    _ = sampler.quality_report_
    sampler.set_params(sampling_strategy="auto").fit_resample(*digits)
    assert list(sampler.quality_report_) == [3]
    assert sampler.quality_report_[3].verdict == "too few rows to tell"


@pytest.mark.parametrize("parameters", [{"deformation": None}, {"image_shape": None, "deformation": None}])
def test_repeated_real_rows_are_called_copies(parameters):
    assert deformer(**parameters).quality_report_[3].verdict == "copies its data"


def test_a_gan_brings_one_and_its_file_keeps_it(tmp_path):
    X, y = load_digits(return_X_y=True)
    X, y = X[y < 2], y[y < 2]
    tiny = {"max_iter": 2, "batch_size": 8, "latent_dim": 8, "deformed_share": 0}
    sampler = GANOverSampler(sampling_strategy={1: 200}, random_state=0, **tiny)
    sampler.fit_resample(X, y)
    sampler.save(tmp_path / "gan")
    report = GANOverSampler.load(tmp_path / "gan").quality_report_[1]
    assert report == sampler.quality_report_[1]
    assert report.verdict in {"collapsed", "unlike its data", "wrong class"}
    assert report.deformed_share == 0
    assert {"copying", "duplicates", "label_agreement"} < set(report.scores)


# -- what is kept for it ---------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(28, 28, 1), (40, 50, 3), (64, 20, 1), (200, 3, 1), (3000,)])
def test_little_is_kept(shape):
    rows = np.random.default_rng(0).normal(size=(700, *shape)).astype(np.float32)
    kept = KeptRows.of(rows, lambda n, rng: rows[:n], 0)
    assert 100 <= len(kept.own) <= 600
    assert kept.own.nbytes <= 5 * 2**20
    assert kept.others.nbytes <= 3 * 2**20
    assert kept.own.dtype == np.float32


def test_large_images_shrink_to_the_means_of_blocks():
    images = np.arange(2 * 64 * 40, dtype=float).reshape(2, 64, 40, 1)
    small = _shrunk(images).reshape(2, 32, 20)
    assert small[1, 3, 4] == images[1, 6:8, 8:10].mean()
    assert np.array_equal(_shrunk(images[:, :8, :8]), images[:, :8, :8].reshape(2, 64))


COLUMN_SCORES = {"column_distance", "largest_column_distance", "correlation_distance", "detection_auc"}


def test_columns_of_a_table_are_compared_and_pixels_are_not():
    rng = np.random.default_rng(0)
    real, rows = rng.normal(size=(300, 4)), rng.normal(size=(150, 4))
    table = quality_report(real, rows, is_table=True)
    assert set(table.scores) >= COLUMN_SCORES <= set(table.reference)
    assert table.scores["column_distance"] == pytest.approx(table.reference["column_distance"], abs=0.05)
    assert "columns apart (worst)" in str(table)
    assert not COLUMN_SCORES & set(quality_report(real, rows).scores)


def test_a_sampler_of_a_table_brings_the_comparison_of_its_columns():
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1], [300, 120])
    X = rng.normal(size=(420, 4)) + y[:, None]
    sampler = GANOverSampler(max_iter=3, deformed_share=0.5, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sampler.fit_resample(X, y)
    assert set(sampler.quality_report_[1].scores) >= COLUMN_SCORES
