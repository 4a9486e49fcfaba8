"""The report, the advice, the plots and the command: computed from records alone."""

import csv
import json

import matplotlib as mpl
import numpy as np
import pytest
from scipy import stats
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from gan_oversampler.comparison import Comparison, compare_samplers
from gan_oversampler.comparison.__main__ import main
from gan_oversampler.comparison._measure.classifier_metrics import RECORDED
from gan_oversampler.comparison._measure.records import FIELDS
from gan_oversampler.comparison._mnist.label_check import some_rows

mpl.use("Agg")


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """Small matrices on several threads of a busy machine cost 40 times as much."""
    with threadpool_limits(1):
        yield


SETTINGS = {"n_train": 8000, "n_test": 2000, "n_minority": 100, "n_majority": 7200, "root_seed": 0}


def curve_at(score):
    """A curve that falls from the score by .001 for each hundredth of recall."""
    return "" if np.isnan(score) else " ".join(f"{round(1000 * score) - i}" for i in range(101))


def records_of(scores, *, oracle_rows=800, roles=None, seconds=None, **more):
    """Records that have the given average precisions: {method: a score per draw}."""
    rows = []
    for method, values in scores.items():
        role = (roles or {}).get(method, "oracle" if method.startswith("oracle") else "rival")
        role = "curve" if method.startswith("nothing @") else role
        n = oracle_rows if role == "oracle" else int(method.split()[-1]) if role == "curve" else 100
        for draw, score in enumerate(values):
            row = dict.fromkeys(FIELDS, float("nan")) | dict.fromkeys(RECORDED, score) | SETTINGS
            row |= {"draw": draw, "method": method, "role": role, "classifier": "c", "classifier_seed": 0}
            row |= {
                "n_minority": n,
                "n_leaked": 0,
                "error": "",
                "suspicion": "",
                "precision_at_recall": curve_at(score),
            }
            row["resample_seconds"] = (seconds or {}).get(method, 1.0)
            rows.append(row | {k: v.get(method, score) for k, v in more.items()})
    return rows


SLOW = {"dear": 90.0}
NOISE = np.array([0.0, 0.001, -0.001, 0.002, -0.002])
PLAIN = {"nothing": 0.90 + NOISE, "tuned threshold": 0.90 + NOISE, "SMOTE": 0.93 + NOISE[::-1]}
ORACLE = {"oracle": 0.95 + NOISE, "oracle balanced": 0.96 + NOISE, "nothing @ 200": 0.92 + NOISE}


def test_gap_and_multiplier_are_read_off_the_records():
    c = Comparison(records_of({**PLAIN, **ORACLE}))
    assert c.methods == ["nothing", "tuned threshold", "SMOTE", "oracle", "oracle balanced"]
    assert c.oracle() == "oracle balanced"
    assert c.gap_closed("SMOTE") == pytest.approx(0.5)
    # Halfway in score between 200 rows (.92) and 800 (.95): a third of the way in the logarithm.
    assert c.data_multiplier("SMOTE") == pytest.approx(2 * 4 ** (1 / 3))
    assert c.data_multiplier("oracle balanced") == np.inf


def test_an_oracle_no_better_than_nothing_defines_no_gap():
    c = Comparison(records_of({**PLAIN, "oracle": 0.89 + NOISE}))
    assert np.isnan(c.gap_closed("SMOTE"))
    assert "the gap is not defined" in c.to_markdown()


def test_without_an_oracle_the_report_says_so():
    assert "there is no oracle and no gap" in Comparison(records_of(PLAIN)).to_markdown()


def test_differences_are_paired_and_corrected_over_the_rivals():
    c = Comparison(records_of({**PLAIN, "weights": 0.9295 + NOISE, **ORACLE}))
    by_rival = {d.rival: d for d in c.differences("SMOTE")}
    assert set(by_rival) == {"nothing", "weights"}  # ranks alike: the tuned threshold is no rival of its own here
    assert "tuned threshold" in {d.rival for d in c.differences("SMOTE", "f1")}
    smaller = by_rival["nothing"]
    assert smaller.p_holm == pytest.approx(2 * smaller.test.p_value)
    assert smaller.significant
    assert not by_rival["weights"].significant


@pytest.mark.parametrize(
    ("method", "other", "trained_on"),
    [("SMOTE", "nothing", 7300), ("SMOTE", "oracle", 7300), ("oracle balanced", "oracle", 8000)],
)
def test_pairs_are_tested_by_the_formula_with_the_rows_that_were_trained_on(method, other, trained_on):
    """Nadeau and Bengio (2003): the fewest rows that either method was given, not those of the split."""
    rng = np.random.default_rng(0)
    scores = {name: 0.9 + 0.01 * rng.normal(size=5) for name in ("nothing", "SMOTE", "oracle", "oracle balanced")}
    test = Comparison(records_of(scores)).paired(method, other)
    difference = scores[method] - scores[other]
    error = np.sqrt((1 / 5 + 2000 / trained_on) * difference.var(ddof=1))
    half = stats.t.ppf(0.975, 4) * error
    assert test.statistic == pytest.approx(difference.mean() / error)
    assert test.p_value == pytest.approx(2 * stats.t.sf(abs(difference.mean()) / error, 4))
    assert (test.low, test.high) == pytest.approx((difference.mean() - half, difference.mean() + half))


def test_classifier_seeds_are_averaged_before_the_test():
    rows = records_of(PLAIN)
    twice = rows + [{**row, "classifier_seed": 1, "average_precision": row["average_precision"] + 0.01} for row in rows]
    once, both = Comparison(rows), Comparison(twice)
    assert both.paired("SMOTE", "nothing").n == 5
    assert both.mean("SMOTE") == pytest.approx(once.mean("SMOTE") + 0.005)


@pytest.mark.parametrize(
    ("records", "sentence"),
    [
        (records_of({"nothing": [0.9], "SMOTE": [0.95]}), "One draw decides nothing: SMOTE came first"),
        (
            records_of({"nothing": [0.9, 0.91], "SMOTE": [0.95, 0.92]}),
            "2 draws decide nothing: SMOTE came first with an average precision of 0.9350 (nothing: 0.9050); run at",
        ),
        (
            records_of({"nothing": 0.9 + NOISE, "SMOTE": 0.9 + NOISE[::-1]}),
            "Use nothing: no method ranks held-out rows significantly better than doing nothing",
        ),
        (
            records_of(
                {"nothing": 0.9 + NOISE, "tuned threshold": 0.9 + NOISE},
                f1={"nothing": 0.4, "tuned threshold": 0.6},
            ),
            "Use nothing and move the threshold",
        ),
        (
            records_of({"nothing": 0.9 + NOISE, "cheap": 0.9495 + NOISE[::-1], "dear": 0.95 + 2 * NOISE}, seconds=SLOW),
            "Use cheap: it takes average precision on held-out rows from 0.9000 to 0.9495 in 1.0 s; dear reaches",
        ),
        (
            records_of({"nothing": 0.9 + NOISE, "cheap": 0.91 + NOISE[::-1], "dear": 0.95 + 2 * NOISE}, seconds=SLOW),
            "Use dear: it takes average precision on held-out rows from 0.9000 to 0.9500 in 90.0 s, the highest",
        ),
    ],
)  # fmt: skip
def test_advice(records, sentence):
    advice = Comparison(records).advice()
    assert advice.startswith(sentence), advice
    assert advice.endswith(".")
    assert advice.count("\n") == 0


NO = float("nan")


def test_means_are_over_the_draws_that_all_methods_have():
    """A method that failed in the hard draws has the best mean over the rest, and is the worst in each of these."""
    hard, easy = [0.5, 0.52, 0.51], [0.9, 0.91]
    scores = {"nothing": hard + easy, "SMOTE": [0.6, 0.6, 0.62, 0.92, 0.93], "lucky": [NO] * 3 + [0.89, 0.9]}
    c = Comparison(records_of({**scores, "oracle": [0.7, 0.72, 0.71, 0.94, 0.96], "gone": [NO] * 5}))
    assert c.common_draws() == [3, 4]
    assert {m: round(c.mean(m), 4) for m in c.rivals[:3]} == {"nothing": 0.905, "SMOTE": 0.925, "lucky": 0.895}
    assert c.gap_closed("lucky") == pytest.approx(-0.01 / 0.045)
    assert c.best() == "SMOTE"
    assert np.isnan(c.mean("gone"))
    assert c.spread("nothing") == pytest.approx(np.std(easy, ddof=1))
    assert c.paired("SMOTE", "nothing").n == 5  # what is paired needs no third
    markdown = c.to_markdown("SMOTE")
    assert "Means are over the 2 of 5 draws in which every method has a score." in markdown
    assert "| lucky | +0.0300 (2 draws) |" in markdown
    assert c.plot().means == pytest.approx([0.905, 0.925, 0.895, 0.95, NO], nan_ok=True)
    mpl.pyplot.close("all")


def test_where_all_have_all_draws_nothing_is_said_of_them():
    assert "Means are over" not in Comparison(records_of(PLAIN)).to_markdown()


def test_without_a_common_draw_there_is_no_mean_and_the_report_says_so():
    c = Comparison(records_of({"nothing": [0.9, 0.9], "a": [0.95, NO], "b": [NO, 0.95]}))
    assert np.isnan(c.mean("nothing"))
    assert c.advice().startswith("In no draw did every method give a score")
    assert "No draw has a score of every method" in c.to_markdown()


def test_a_threshold_is_compared_in_the_draws_that_have_one():
    scores = {"nothing": 0.9 + NOISE, "tuned threshold": 0.9 + NOISE}
    rows = records_of(scores, f1={"nothing": 0.4, "tuned threshold": 0.6})
    for row in rows:
        if row["method"] == "nothing" and row["draw"] == 0:
            row["f1"] = 0.65
        if row["method"] == "tuned threshold" and row["draw"] > 0:
            row["f1"] = NO
    assert Comparison(rows).advice().endswith("and a tuned threshold does not raise F1 either (0.650).")
    for row in rows:
        row["f1"] = row["f1"] if row["method"] == "nothing" else NO
        row["f1_tuned"] = NO
    assert Comparison(rows).advice().endswith("than doing nothing. No threshold was tuned.")


WIDE = np.array([-2.0, -1.0, 0.0, 1.0, 2.0])


def with_p(mean, p, n=5):
    """Differences of the given mean whose corrected t-test has the given p-value (2,000 held out of 7,300)."""
    noise = WIDE if n == 5 else np.linspace(-1, 1, n)
    error = np.sqrt((1 / n + 2000 / 7300) * noise.var(ddof=1))
    return mean + noise * mean / (stats.t.ppf(1 - p / 2, n - 1) * error)


@pytest.mark.parametrize(("p", "words"), [(0.049, "Use SMOTE: "), (0.051, "Use nothing")])
def test_a_method_is_advised_below_five_percent(p, words):
    c = Comparison(records_of({"nothing": np.full(5, 0.9), "SMOTE": 0.9 + with_p(0.02, p)}))
    assert c.paired("SMOTE", "nothing").p_value == pytest.approx(p)
    assert c.advice().startswith(words)


@pytest.mark.parametrize(("p", "words"), [(0.024, "Use a: "), (0.026, "Use nothing")])
def test_with_two_methods_to_choose_from_half_of_that_is_asked(p, words):
    scores = {"nothing": np.full(5, 0.9), "a": 0.9 + with_p(0.02, p), "b": 0.9 + with_p(0.001, 0.9)}
    assert Comparison(records_of(scores)).advice().startswith(words)


def test_a_method_that_is_worse_is_not_advised():
    scores = {"nothing": np.full(5, 0.9), "SMOTE": 0.9 - with_p(0.02, 0.001)}
    assert Comparison(records_of(scores)).advice().startswith("Use nothing")


@pytest.mark.parametrize(("kept", "words"), [(0.91, "Use cheap: "), (0.89, "Use dear: ")])
def test_a_cheaper_method_must_keep_nine_tenths_of_the_gain(kept, words):
    dear = 0.9 + with_p(0.05, 0.001)
    cheap = 0.9 + 0.05 * kept + 2 * (dear[::-1] - 0.95)
    c = Comparison(records_of({"nothing": np.full(5, 0.9), "cheap": cheap, "dear": dear}, seconds=SLOW))
    assert c.paired("dear", "cheap").p_value > 0.05
    assert c.paired("cheap", "nothing").p_value < 0.025
    assert c.advice().startswith(words)


@pytest.mark.parametrize(("p", "words"), [(0.051, "Use cheap: "), (0.049, "Use dear: ")])
def test_a_cheaper_method_must_not_be_significantly_behind(p, words):
    dear = 0.9 + with_p(0.05, 0.001)
    cheap = dear - with_p(0.001, p)
    c = Comparison(records_of({"nothing": np.full(5, 0.9), "cheap": cheap, "dear": dear}, seconds=SLOW))
    assert c.paired("dear", "cheap").p_value == pytest.approx(p)
    assert c.advice().startswith(words)


@pytest.mark.parametrize(("n", "words"), [(4, "4 draws decide nothing: "), (5, "Use nothing")])
def test_fewer_than_five_draws_that_agree_call_for_more(n, words):
    ahead = with_p(0.02, 0.06, n)
    assert (ahead > 0).all() or n == 5
    c = Comparison(records_of({"nothing": np.full(n, 0.9), "SMOTE": 0.9 + np.maximum(ahead, 0.0001)}))
    assert c.paired("SMOTE", "nothing").p_value > 0.05
    assert c.advice().startswith(words)


def test_draws_that_do_not_agree_call_for_no_more():
    c = Comparison(records_of({"nothing": [0.9, 0.9, 0.9], "SMOTE": [0.95, 0.95, 0.8999]}))
    assert c.advice().startswith("Use nothing")


@pytest.mark.parametrize(
    ("moved", "words"),
    [(0.401, "Use nothing and move the threshold"), (0.4, "Use nothing: "), (0.399, "Use nothing: ")],
)
def test_the_threshold_is_moved_where_that_raises_f1(moved, words):
    scores = {"nothing": 0.9 + NOISE, "tuned threshold": 0.9 + NOISE}
    c = Comparison(records_of(scores, f1={"nothing": 0.4, "tuned threshold": moved}))
    assert c.advice().startswith(words)


def test_accuracy_is_shown_beside_the_reason_why_it_misleads():
    markdown = Comparison(records_of(PLAIN)).to_markdown()
    assert "Accuracy misleads: on these held-out rows a classifier that never says yes has 0.9000" in markdown


def test_there_must_be_records():
    with pytest.raises(ValueError, match="no records"):
        Comparison([])


@pytest.fixture(scope="module")
def measured():
    rng = np.random.default_rng(0)
    y = (np.arange(800) < 200).astype(int)
    X = rng.normal(size=(800, 4)) + 1.2 * y[:, None] / 2
    return compare_samplers(
        X, y, methods=["SMOTE", "oracle", "oracle balanced"], classifier={"lr": LogisticRegression()},
        n_minority=20, n_draws=3, n_classifier_seeds=1, random_state=0,
    )  # fmt: skip


def test_report_in_the_terminal_and_in_markdown(measured, capsys):
    measured.report()
    printed, markdown = capsys.readouterr().out, measured.to_markdown("SMOTE")
    for name in ("nothing", "SMOTE", "oracle balanced"):
        assert name in printed
        assert name in markdown
    assert measured.advice() in markdown
    assert "| rival | difference | 95 % interval |" in markdown
    rows = [line for line in markdown.splitlines() if line.startswith("|")]
    assert all(line.endswith("|") for line in rows)


def test_summary_is_plain_data(measured):
    lines = measured.summary()
    assert [line["method"] for line in lines] == measured.methods
    assert json.loads(json.dumps(lines[0]))["average_precision"] == measured.mean("nothing")


@pytest.mark.parametrize("plot", ["plot", "plot_learning_curve", "plot_precision_recall"])
def test_displays_accept_axes_and_return_themselves(measured, plot):
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots()
    display = getattr(measured, plot)(ax=ax)
    assert display.ax_ is ax
    assert display.figure_ is figure
    fresh = getattr(measured, plot)()
    assert fresh.ax_ is not ax
    plt.close("all")


def test_mean_precision_recall_curve_holds_the_average_precision(measured):
    display = measured.plot_precision_recall()
    area = display.precision["nothing"].mean()
    assert area == pytest.approx(measured.mean("nothing"), abs=0.03)
    mpl.pyplot.close("all")


# --- the command ----------------------------------------------------------------------------------------------------


@pytest.fixture
def small_mnist(tmp_path):
    """A file like MNIST: the 8x8 digits of scikit-learn, enlarged."""
    from sklearn.datasets import load_digits

    X, y = load_digits(return_X_y=True)
    images = np.zeros((len(X), 28, 28), np.uint8)
    images[:, 2:26, 2:26] = (X.reshape(-1, 8, 8) * 15.9).astype(np.uint8).repeat(3, 1).repeat(3, 2)
    path = tmp_path / "mnist.npz"
    labels = y.astype(np.uint8)
    np.savez(path, x_train=images[:1500], y_train=labels[:1500], x_test=images[1500:], y_test=labels[1500:])
    return path


def _mnist(path, out):
    outputs = ["--records", str(out / "r.csv"), "--report", str(out / "r.md"), "--plots", str(out / "plots")]
    protocol = ["--n-minority", "20", "--draws", "1", "--classifier-seeds", "1", "--threshold-size", "0"]
    main(["mnist", "--data", str(path), *protocol, "--methods", "RandomOverSampler", "oracle", *outputs])


def test_mnist_command_writes_records_report_and_pictures(small_mnist, tmp_path, capsys):
    _mnist(small_mnist, tmp_path)
    printed = capsys.readouterr().out
    assert "MNIST: images (1797, 28, 28), 182 of 5, 1,615 others" in printed
    assert "20 -> " in printed
    assert "label check, RandomOverSampler" in printed
    report = (tmp_path / "r.md").read_text()
    for part in ("dense 256-64", "notebook 16-1", "## What is drawn", "## Advice", "Accuracy misleads"):
        assert part in report
    checked = next(csv.DictReader((tmp_path / "r.labels.csv").read_text().splitlines()))
    # copies of 20 images cover less than as many real ones, and the quality report that tells of copying is a GAN's
    assert 0 < float(checked["coverage"]) < float(checked["coverage_real"]) <= 1
    assert checked["copying"] == "nan"
    pictures = {path.name for path in (tmp_path / "plots").iterdir()}
    assert {"data.png", "new-RandomOverSampler.png", "methods-dense-256-64.png"} <= pictures

    main(["report", str(tmp_path / "r.csv"), "--report", str(tmp_path / "again.md")])
    assert (tmp_path / "again.md").read_text() == report
    size = (tmp_path / "r.csv").stat().st_size
    _mnist(small_mnist, tmp_path)
    assert (tmp_path / "r.csv").stat().st_size == size
    assert (tmp_path / "r.md").read_text() == report


def test_coverage_is_not_that_of_the_first_new_rows():
    """ADASYN returns its rows parent by parent, so the first ones covered one held-out image in eight."""
    sorted_by_parent = np.repeat(np.arange(40), 25)
    rows = np.column_stack([sorted_by_parent, np.arange(1000)])
    some = some_rows(rows, 200, seed=0)
    assert len(np.unique(some[:, 0])) > 35
    assert len(np.unique(some[:, 1])) == 200  # none twice
    np.testing.assert_array_equal(some, some_rows(rows, 200, seed=0))


def test_table_command(tmp_path, capsys):
    rng = np.random.default_rng(0)
    lines = [f"{a:.3f},{'x' if a > 0 else 'y'},{'yes' if a > 1 else 'no'}" for a in rng.normal(size=300)]
    (tmp_path / "t.csv").write_text("\n".join(["a,b,Class", *lines]) + "\n")
    main(["table", str(tmp_path / "t.csv"), "--draws", "1", "--classifier-seeds", "1", "--methods", "SMOTE"])
    assert "SMOTE" in capsys.readouterr().out


def test_the_command_says_what_to_mend_in_one_sentence(tmp_path):
    with pytest.raises(SystemExit, match="FileNotFoundError: There is no file"):
        main(["mnist", "--data", str(tmp_path / "none.npz")])


# --- our own samplers -----------------------------------------------------------------------------------------------


def test_our_samplers_take_part(digits, tiny):
    from gan_oversampler import GANOverSampler

    X, y = digits
    outcome = compare_samplers(
        X.reshape(-1, 8, 8).astype(np.float32) / 16,
        y,
        samplers={"GANOverSampler": GANOverSampler(**tiny)},
        methods=["affine", "affine both classes", "GANOverSampler", "oracle affine"],
        classifier=LogisticRegression(),
        n_minority=25,
        n_draws=1,
        threshold_size=None,
        random_state=0,
    )
    assert not any(row["error"] for row in outcome.records)
    assert outcome.focus == "GANOverSampler"
    n_majority = outcome.records[0]["n_majority"]
    for method, n_minority, n_after in [
        ("affine", n_majority, 2 * n_majority),
        ("GANOverSampler", n_majority, 2 * n_majority),
        ("affine both classes", 2 * n_majority, 4 * n_majority),
    ]:
        row = outcome.rows(method)[0]
        assert (row["n_minority_after"], row["n_after"]) == (n_minority, n_after)
    assert all(outcome.mean(method) > 0.9 for method in outcome.methods)


def test_precision_at_fixed_recall_stands_beside_average_precision():
    c = Comparison(records_of({**PLAIN, **ORACLE}))
    assert c.scores("SMOTE", "precision_at_recall_50") == pytest.approx(0.88 + NOISE[::-1])
    assert c.mean("nothing", "precision_at_recall_90") == pytest.approx(0.81)
    assert c.differences("SMOTE", "precision_at_recall_80")[0].test.mean == pytest.approx(0.03)
    assert "tuned threshold" not in c.rivals_of("SMOTE", "precision_at_recall_80")
    markdown = c.to_markdown()
    assert "| ROC AUC | precision at recall .5 | precision at recall .8 | precision at recall .9 | gap" in markdown
    assert "| 0.880 | 0.850 | 0.840 |" in markdown
    assert "| precision at recall .9 | +0.0300 (" in markdown


def test_a_method_without_a_curve_has_no_precision_at_a_recall():
    rows = records_of(PLAIN)
    for row in rows:
        if row["method"] == "SMOTE":
            row["precision_at_recall"] = ""
    c = Comparison(rows)
    assert np.isnan(c.mean("SMOTE", "precision_at_recall_50"))
    assert c.mean("nothing", "precision_at_recall_50") == pytest.approx(0.85)
