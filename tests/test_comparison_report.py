"""The report, the advice, the plots and the command: computed from records alone."""

import csv
import json

import matplotlib as mpl
import numpy as np
import pytest
from scipy import stats
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from gan_oversampler.comparison import METRICS, Comparison, compare_samplers
from gan_oversampler.comparison.__main__ import main
from gan_oversampler.comparison._measure.records import FIELDS

mpl.use("Agg")


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """Small matrices on several threads of a busy machine cost 40 times as much."""
    with threadpool_limits(1):
        yield


SETTINGS = {"n_train": 8000, "n_test": 2000, "n_minority": 100, "n_majority": 7200, "root_seed": 0}


def records_of(scores, *, oracle_rows=800, roles=None, seconds=None, **more):
    """Records that have the given average precisions: {method: a score per draw}."""
    rows = []
    for method, values in scores.items():
        role = (roles or {}).get(method, "oracle" if method.startswith("oracle") else "rival")
        role = "curve" if method.startswith("nothing @") else role
        n = oracle_rows if role == "oracle" else int(method.split()[-1]) if role == "curve" else 100
        for draw, score in enumerate(values):
            row = dict.fromkeys(FIELDS, float("nan")) | dict.fromkeys(METRICS, score) | SETTINGS
            row |= {"draw": draw, "method": method, "role": role, "classifier": "c", "classifier_seed": 0}
            row |= {"n_minority": n, "n_leaked": 0, "error": "", "suspicion": "", "precision_at_recall": ""}
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
    assert report.startswith((tmp_path / "again.md").read_text())
    size = (tmp_path / "r.csv").stat().st_size
    _mnist(small_mnist, tmp_path)
    assert (tmp_path / "r.csv").stat().st_size == size
    assert (tmp_path / "r.md").read_text() == report


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
