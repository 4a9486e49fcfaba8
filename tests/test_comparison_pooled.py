"""Several comparisons taken together."""

import numpy as np
import pytest
from scipy import stats

from gan_oversampler.comparison import Comparison, PooledComparison, combined_test
from gan_oversampler.comparison.__main__ import main
from gan_oversampler.comparison._measure.records import Records
from tests.test_comparison_report import NOISE, records_of

N = 8


def one(better, *, curve=0.92, **more):
    """A data set where `better` is what GANOverSampler is ahead of SMOTE by."""
    scores = {"nothing": 0.90 + NOISE, "SMOTE": 0.93 + NOISE, "GANOverSampler": 0.93 + better + NOISE * 2}
    scores |= {"oracle": 0.96 + NOISE, "nothing @ 200": curve + NOISE, **more}
    return Comparison(records_of(scores, roles={"GANOverSampler": "sampler"}))


AHEAD = [0.004, 0.006, 0.010, 0.008, 0.012, 0.005, 0.007, 0.009]


@pytest.fixture
def pooled():
    return PooledComparison({f"set {i}": one(better) for i, better in enumerate(AHEAD)})


def test_a_data_set_counts_once_and_the_test_is_over_data_sets(pooled):
    by_hand = stats.ttest_1samp(AHEAD, 0)
    test = pooled.paired("GANOverSampler", "SMOTE")
    assert (test.n, test.mean) == (N, pytest.approx(np.mean(AHEAD)))
    assert test.p_value == pytest.approx(by_hand.pvalue)
    assert pooled.scores("SMOTE") == pytest.approx([0.93] * N)


def test_wilcoxon_stands_beside_the_t_test(pooled):
    """All eight of one sign: 2 / 2**8, times the two rivals for Holm's smaller one."""
    smallest = 2 / 2**N
    assert [d.p_wilcoxon for d in pooled.differences()] == pytest.approx([2 * smallest] * 2)
    assert [d.p_wilcoxon for d in pooled.differences("SMOTE")] == pytest.approx([2 * smallest] * 2)
    assert np.isnan([d.p_wilcoxon for d in one(0.01).differences()]).all()
    assert "| p (t) | p (Wilcoxon) |" in pooled.to_markdown()


def test_where_the_tests_differ_neither_is_called_significant():
    """Six data sets of one sign are not enough for Wilcoxon and two rivals; one far ahead spoils the t-test alone."""
    few = PooledComparison({f"set {i}": one(better) for i, better in enumerate(AHEAD[:6])})
    by_rival = {d.rival: d for d in few.differences()}
    assert by_rival["SMOTE"].p_holm < 0.05 < by_rival["SMOTE"].p_wilcoxon
    assert not by_rival["SMOTE"].significant
    assert "| better by the t-test alone |" in few.to_markdown()
    skewed = [0.001 + 0.0001 * i for i in range(9)] + [0.06]
    far = PooledComparison({f"set {i}": one(better) for i, better in enumerate(skewed)})
    assert "| better by Wilcoxon's test alone |" in far.to_markdown()


def test_few_data_sets_are_tested_over_their_draws():
    comparisons = {f"set {i}": one(better) for i, better in enumerate(AHEAD[:5])}
    few = PooledComparison(comparisons)
    assert few.over_draws
    wanted = combined_test([c.paired("GANOverSampler", "SMOTE") for c in comparisons.values()])
    assert few.paired("GANOverSampler", "SMOTE") == wanted
    difference = {d.rival: d for d in few.differences()}["SMOTE"]
    assert np.isnan(difference.p_wilcoxon)
    assert difference.significant
    assert difference.detectable == pytest.approx(wanted.detectable(0.05 / 2))
    text = few.to_markdown()
    assert "5 data sets are too few for a test over them (Wilcoxon's cannot reach p < .05), so the test is over" in text
    assert "The test is about these data sets and not about the next." in text
    assert "| visible from | p (draws) | GANOverSampler is |" in text
    assert f"| {difference.detectable:.4f} | < .001 | better |" in text
    many = PooledComparison({f"set {i}": one(better) for i, better in enumerate(AHEAD[:6])})
    assert not many.over_draws
    assert "too few" not in many.to_markdown()


def test_few_data_sets_of_one_draw_cannot_tell():
    comparisons = {
        f"set {i}": Comparison([row for row in one(better).records if row["draw"] == 0])
        for i, better in enumerate([0.010, 0.011, 0.012])
    }
    few = PooledComparison(comparisons)
    assert not few.over_draws
    assert "with one draw of some there is no other: nothing here can be significant." in few.to_markdown()
    assert not any(d.significant for d in few.differences())
    assert {d.rival: d.p_holm for d in few.differences()}["SMOTE"] < 0.05


def test_means_are_over_the_data_sets_that_all_methods_share():
    lost = one(0.02)
    for row in lost.rows("SMOTE"):
        row["average_precision"] = float("nan")
    pooled = PooledComparison({"a": one(0.0), "b": one(0.01), "lost": lost})
    assert pooled.mean("GANOverSampler") == pytest.approx(0.935)
    assert pooled.mean("SMOTE") == pytest.approx(0.93)
    assert "Mean over 2 data sets" in pooled.to_markdown()


def test_the_report_says_what_it_is_over():
    pooled = PooledComparison({"one": one(0.01), "two": one(0.02)}, unit="digits of one data set")
    text = pooled.to_markdown()
    assert text.startswith(
        "# Comparison over digits of one data set\n\n2 digits of one data set, 5 draws each: one, two."
    )
    assert "The test is about these digits of one data set and not about the next." in text
    assert "the tests tell nothing of other data" in text
    assert "data sets" not in text


def test_precision_at_fixed_recall_is_a_mean_over_data_sets(pooled):
    assert pooled.scores("SMOTE", "precision_at_recall_80") == pytest.approx([0.85] * N)
    text = pooled.to_markdown()
    assert "| AP | precision at recall .5 | precision at recall .8 | precision at recall .9 | gap closed |" in text
    assert "| SMOTE | 0.9300 | 0.880 | 0.850 | 0.840 |" in text


def test_rivals_are_corrected_together(pooled):
    differences = pooled.differences()
    assert [d.rival for d in differences] == ["nothing", "SMOTE"]
    assert all(d.p_holm >= d.test.p_value for d in differences)
    assert max(d.p_holm / d.test.p_value for d in differences) == pytest.approx(2)


def test_gaps_are_those_of_each_data_set(pooled):
    assert pooled.gaps_closed("SMOTE") == pytest.approx([0.5] * N)
    assert pooled.gaps_closed("GANOverSampler")[2] == pytest.approx(0.04 / 0.06)


def test_a_multiplier_beyond_the_curve_counts_as_its_end():
    beyond = PooledComparison({"a": one(0.05), "b": one(0.0)})
    assert beyond.data_multipliers("GANOverSampler")[0] == 8  # 100 rows of 800
    assert beyond.data_multipliers("nothing") == pytest.approx([1, 1])


def test_where_one_is_worse_is_named():
    pooled = PooledComparison({"good": one(0.01), "bad": one(-0.02), "level": one(0.0)})
    assert pooled.worse_on("GANOverSampler", "SMOTE") == ["bad"]
    assert pooled.worse_on("SMOTE", "GANOverSampler") == ["good"]
    assert "| SMOTE |" in pooled.to_markdown()


def test_a_lower_brier_score_is_the_better_one(pooled):
    assert pooled.ahead("GANOverSampler", "SMOTE").all()
    assert not pooled.ahead("GANOverSampler", "SMOTE", "brier").any()
    text = pooled.to_markdown()
    tables = {
        name: text.split(f"in {name}, c")[1].split("###")[0] for name in ("average precision", "Brier, prior-corrected")
    }
    assert "| better |" in tables["average precision"]
    assert "| worse |" in tables["Brier, prior-corrected"]


def test_only_what_all_of_them_have_is_pooled():
    pooled = PooledComparison({"a": one(0.01, ADASYN=0.9 + NOISE), "b": one(0.01)})
    assert "ADASYN" not in pooled.methods
    with pytest.raises(ValueError, match="at least one"):
        PooledComparison({})
    other = Comparison([row | {"classifier": "other"} for row in one(0.01).records])
    with pytest.raises(ValueError, match="share no method or no classifier"):
        PooledComparison({"a": one(0.01), "b": other})


def write(file, better):
    book = Records(file)
    for row in one(better).records:
        counts = {"n_after": 0, "n_minority_after": 0, "n_leaked": 0}
        book.append({**row, **counts, "data": "", "settings": "", "recipe": "", "suspicion": ""})
    return file


def test_files_of_one_name_in_two_folders_are_two_data_sets(tmp_path):
    files = [write(tmp_path / folder / "records.csv", better) for folder, better in zip("ab", AHEAD, strict=False)]
    pooled = PooledComparison.from_csv(files)
    assert pooled.names == ["a/records.csv", "b/records.csv"]
    assert pooled.difference("GANOverSampler", "SMOTE") == pytest.approx(AHEAD[:2])
    other = write(tmp_path / "a" / "records.txt", AHEAD[2])
    assert PooledComparison.from_csv([files[0], other]).names == ["records.csv", "records.txt"]
    with pytest.raises(ValueError, match=r"records\.csv is given twice"):
        PooledComparison.from_csv([files[0], tmp_path / "b" / ".." / "a" / "records.csv"])


def test_the_command_reports_several_files_as_one(tmp_path, capsys):
    files = [write(tmp_path / f"set-{i}.csv", better) for i, better in zip(range(3), AHEAD, strict=False)]
    report = tmp_path / "report.md"
    main(["report", *map(str, files), "--report", str(report)])
    assert "Mean over 3 data sets" in capsys.readouterr().out
    text = report.read_text()
    assert "3 data sets, 5 draws each: set-0, set-1, set-2." in text
    assert PooledComparison.from_csv(files).to_markdown() == text
    main(["report", *map(str, files), "--unit", "digits of one data set"])
    assert "3 digits of one data set" in capsys.readouterr().out
    with pytest.raises(SystemExit, match="--plots"):
        main(["report", *map(str, files), "--plots", str(tmp_path)])
