"""Several comparisons taken together."""

import numpy as np
import pytest
from scipy import stats

from gan_oversampler.comparison import Comparison, PooledComparison
from gan_oversampler.comparison.__main__ import main
from gan_oversampler.comparison._measure.records import Records
from tests.test_comparison_report import NOISE, records_of

N = 6


def one(better, *, curve=0.92, **more):
    """A data set where `better` is what GANOverSampler is ahead of SMOTE by."""
    scores = {"nothing": 0.90 + NOISE, "SMOTE": 0.93 + NOISE, "GANOverSampler": 0.93 + better + NOISE * 2}
    scores |= {"oracle": 0.96 + NOISE, "nothing @ 200": curve + NOISE, **more}
    return Comparison(records_of(scores, roles={"GANOverSampler": "sampler"}))


AHEAD = [0.004, 0.006, 0.010, 0.008, 0.012, 0.005]


@pytest.fixture
def pooled():
    return PooledComparison({f"set {i}": one(better) for i, better in enumerate(AHEAD)})


def test_a_data_set_counts_once_and_the_test_is_over_data_sets(pooled):
    by_hand = stats.ttest_1samp(AHEAD, 0)
    test = pooled.paired("GANOverSampler", "SMOTE")
    assert (test.n, test.mean) == (N, pytest.approx(np.mean(AHEAD)))
    assert test.p_value == pytest.approx(by_hand.pvalue)
    assert pooled.scores("SMOTE") == pytest.approx([0.93] * N)


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


def test_the_command_reports_several_files_as_one(tmp_path, capsys):
    files = [tmp_path / f"set-{i}.csv" for i in range(3)]
    for file, better in zip(files, AHEAD, strict=False):
        book = Records(file)
        for row in one(better).records:
            counts = {"n_after": 0, "n_minority_after": 0, "n_leaked": 0}
            book.append({**row, **counts, "data": "", "settings": "", "recipe": "", "suspicion": ""})
    report = tmp_path / "report.md"
    main(["report", *map(str, files), "--report", str(report)])
    assert "Mean over 3 data sets" in capsys.readouterr().out
    text = report.read_text()
    assert "3 data sets, 5 draws each: set-0, set-1, set-2." in text
    assert PooledComparison.from_csv(files).to_markdown() == text
    with pytest.raises(SystemExit, match="--plots"):
        main(["report", *map(str, files), "--plots", str(tmp_path)])
