"""Displays: what they compute, that they draw where they are told, and that they say what they cannot show."""

import matplotlib as mpl
import numpy as np
import pytest

from gan_oversampler import DeformationOverSampler, GANOverSampler
from gan_oversampler._deformation.deformations import Tone
from gan_oversampler.inspection import (
    DeformationDisplay,
    HistoryDisplay,
    QualityDisplay,
    SamplesDisplay,
    TableDisplay,
    quality_report,
)
from gan_oversampler.inspection._display import Mosaic, as_pictures

mpl.use("Agg")


@pytest.fixture(autouse=True)
def no_figure_is_left():
    import matplotlib.pyplot as plt

    yield
    plt.close("all")


@pytest.fixture(scope="module")
def deformer(digits):
    X, y = digits
    sampler = DeformationOverSampler(random_state=0)
    sampler.fit_resample(X, y)
    return sampler


def a_history(n=120):
    rng = np.random.default_rng(0)
    history = {name: rng.random(n) for name in ("generator_loss", "discriminator_loss", "discriminator_accuracy")}
    return {"step": np.arange(1, n + 1), **history, "seconds": np.arange(n) / 10}


def a_table(n=50, p=7, seed=0):
    return np.random.default_rng(seed).normal(size=(n, p))


def every_display(digits, deformer):
    X, y = digits
    return [
        SamplesDisplay.from_estimator(deformer, X, y, 3, n_samples=12),
        DeformationDisplay.from_estimator(deformer, X, y, 3),
        HistoryDisplay.from_history(a_history()),
        TableDisplay.from_arrays(a_table(), a_table(seed=1)),
        QualityDisplay.from_report(quality_report(a_table(100), a_table(100, seed=1))),
    ]


# -- the grammar -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("which", range(5))
def test_plot_returns_the_display_and_draws_in_a_figure_of_its_own_or_on_the_axes_given(which, digits, deformer):
    import matplotlib.pyplot as plt

    display = every_display(digits, deformer)[which]
    assert display.figure_ is None
    assert display.plot() is display
    first = display.figure_
    figure, axes = plt.subplots(1, 2)
    display.plot(ax=axes[1])
    assert display.figure_ is figure
    assert first is not figure
    drawn = [display.ax_] if hasattr(display, "ax_") else display.axes_.ravel()
    assert all(ax.figure is figure for ax in drawn)
    figure.canvas.draw()
    assert not axes[0].has_data()


def test_axes_that_cannot_be_divided_are_refused():
    import matplotlib.pyplot as plt

    ax = plt.figure().add_axes([0, 0, 1, 1])
    with pytest.raises(ValueError, match=r"one of plt.subplots\(\)"):
        HistoryDisplay.from_history(a_history()).plot(ax)


# -- samples ---------------------------------------------------------------------------------------------


def test_the_nearest_real_image_is_the_nearest(digits, deformer):
    X, y = digits
    display = SamplesDisplay.from_estimator(deformer, X, y, 3, n_samples=5, random_state=1)
    assert np.array_equal(display.generated.reshape(5, 64), deformer.sample(5, 3, random_state=1))
    by_hand = np.linalg.norm(display.generated.reshape(5, 1, 64) - X[y == 3], axis=2)
    assert display.distances == pytest.approx(by_hand.min(axis=1))
    assert np.array_equal(display.nearest.reshape(5, 64), X[y == 3][by_hand.argmin(axis=1)])


def test_copies_lie_over_themselves(digits):
    X, y = digits
    display = SamplesDisplay.from_arrays(X[y == 3][:4], X[y == 3], image_shape=(8, 8))
    assert np.array_equal(display.generated, display.nearest)


def test_labels_may_be_one_hot_and_rows_a_frame(digits, deformer):
    pd = pytest.importorskip("pandas")
    X, y = digits
    plain = SamplesDisplay.from_estimator(deformer, X, y, 3, n_samples=3)
    framed = SamplesDisplay.from_estimator(deformer, pd.DataFrame(X), pd.Series(y), 3, n_samples=3)
    assert np.array_equal(plain.nearest, framed.nearest)


@pytest.mark.parametrize("shape", [(5, 6), (5, 6, 1), (5, 6, 2), (5, 6, 3)])
def test_images_of_any_channels_are_drawn(shape):
    images = np.random.default_rng(0).random((7, *shape))
    display = SamplesDisplay.from_arrays(images[:3], images).plot(n_columns=2)
    assert len(display.ax_.get_yticks()) == 4


def test_a_table_is_pointed_to_its_own_display(table):
    X, y = table
    sampler = DeformationOverSampler(random_state=0)
    sampler.fit_resample(X, y)
    with pytest.raises(ValueError, match="TableDisplay"):
        SamplesDisplay.from_estimator(sampler, X, y, 1)
    with pytest.raises(ValueError, match="TableDisplay"):
        SamplesDisplay.from_arrays(X, X)
    with pytest.raises(ValueError, match="TableDisplay"):
        DeformationDisplay.from_estimator(sampler, X, y, 1)


def test_an_unknown_label_is_named(digits, deformer):
    X, y = digits
    with pytest.raises(ValueError, match="choose one of"):
        SamplesDisplay.from_estimator(deformer, X, y, 4)
    with pytest.raises(ValueError, match=r"label must be one of those in y, \[4\], but 3"):
        SamplesDisplay.from_estimator(deformer, X[y == 4], y[y == 4], 3)


def test_a_mosaic_places_its_tiles_and_leaves_the_rest_clear():
    tiles = np.full((3, 2, 4, 5, 3), np.nan)
    tiles[:2] = 0.25
    mosaic = Mosaic(tiles, row_breaks=(2,))
    canvas = mosaic.canvas()
    assert canvas.shape == (4 * 3 + 1 + 2, 5 * 2 + 1, 4)
    assert canvas[..., 3].sum() == 4 * 4 * 5
    assert np.unique(canvas[canvas[..., 3] == 1][:, :3]) == 0.25


def test_pictures_span_black_to_white():
    pictures = as_pictures(np.array([[-1.0, 0, 1, 3]]).reshape(1, 2, 2, 1), -1, 1)
    assert pictures[0, :, :, 0].ravel().tolist() == [0, 0.5, 1, 1]
    assert as_pictures(np.zeros((1, 2, 2, 1)), 0, 0).max() == 0


# -- training --------------------------------------------------------------------------------------------


def test_history_of_a_fit(digits, tiny):
    X, y = digits
    sampler = GANOverSampler(**tiny, label_filter=False, random_state=0)
    sampler.fit_resample(X, y)
    display = HistoryDisplay.from_estimator(sampler).plot()
    assert display.axes_.shape == (2, 1)
    assert np.array_equal(display.history["generator_loss"], sampler.history_[3]["generator_loss"])
    with pytest.raises(ValueError, match=r"one of \[3\], the classes with a training history, but 4"):
        HistoryDisplay.from_estimator(sampler, 4)


def test_a_second_try_is_marked():
    twice = {name: np.concatenate([values, values]) for name, values in a_history(30).items()}
    display = HistoryDisplay.from_history(twice)
    assert display.restarts.tolist() == [30]
    assert HistoryDisplay.from_history(a_history()).restarts.tolist() == []


def test_a_spike_or_a_divergence_does_not_press_the_rest_flat():
    history = a_history(1000)
    history["generator_loss"][500] = 1e6
    history["discriminator_loss"][700:] = np.nan
    losses = HistoryDisplay.from_history(history).plot().axes_[0, 0]
    assert losses.get_ylim()[1] < 2


@pytest.mark.parametrize("n", [1, 120])
def test_a_history_without_a_finite_number_can_be_drawn(n):
    nothing = {name: np.full(n, np.nan) for name in a_history(n) if name != "step"}
    display = HistoryDisplay.from_history({**nothing, "energy_distance": np.full(n, np.inf)}).plot()
    display.figure_.canvas.draw()
    assert np.isfinite([ax.get_ylim() for ax in display.axes_.flat]).all()


def test_distances_below_nothing_are_shown():
    distances = np.full(120, np.nan)
    distances[[39, 79, 119]] = 2, 0.004, -0.003
    ax = HistoryDisplay.from_history({**a_history(), "energy_distance": distances}).plot().axes_[2, 0]
    heights = ax.transAxes.inverted().transform(ax.transData.transform([(40, 2), (80, 0.004), (120, -0.003)]))[:, 1]
    assert 1 > heights[0] > heights[1] + 0.1 > heights[2] + 0.2 > 0.2


@pytest.mark.parametrize("history", [{}, {**a_history(), "generator_loss": []}])
def test_what_is_no_history_is_refused(history):
    with pytest.raises(ValueError, match="generator_loss"):
        HistoryDisplay.from_history(history)


# -- tables ----------------------------------------------------------------------------------------------


def test_the_columns_that_differ_most_are_shown():
    real, generated = a_table(200), a_table(200, seed=1)
    generated[:, [2, 5]] += 3
    display = TableDisplay.from_arrays(real, generated)
    assert set(display.columns[:2]) == {2, 5}
    assert len(display.columns) == 4


def test_the_least_alike_pair_is_found():
    real, generated = a_table(300), a_table(300, seed=1)
    real[:, 6] = real[:, 1] + 0.1 * real[:, 6]
    axes = TableDisplay.from_arrays(real, generated, columns=[0]).plot().axes_
    assert (axes.flat[1].get_xlabel(), axes.flat[1].get_ylabel()) == ("column 1", "column 6")


def test_columns_by_name_and_a_frame(table):
    pd = pytest.importorskip("pandas")
    X, y = table
    frame = pd.DataFrame(X, columns=list("abcde"))
    sampler = DeformationOverSampler(random_state=0)
    sampler.fit_resample(frame, y)
    display = TableDisplay.from_estimator(sampler, frame, y, 1, columns=["b", 3])
    assert display.columns == [1, 3]
    assert display.generated.shape == display.real.shape == (30, 5)


def test_one_constant_column_is_drawn():
    ones = np.ones((20, 1))
    assert TableDisplay.from_arrays(ones, ones).plot().axes_.shape == (1, 1)
    assert TableDisplay.from_arrays(np.ones((20, 2)), np.ones((20, 2))).plot().figure_ is not None


def test_tables_of_other_width_are_refused():
    with pytest.raises(ValueError, match="real has 7 and generated 6"):
        TableDisplay.from_arrays(a_table(), a_table(p=6))


# -- deformations ----------------------------------------------------------------------------------------


def test_the_samplers_own_deformation_stands_beside_an_affine_one(digits):
    X, y = digits
    callables = {"affine": ["affine"], "callable": ["callable", "affine"]}
    for kind, shown in callables.items():
        setting = kind if kind == "affine" else lambda images, rng: images[:, ::-1]
        sampler = DeformationOverSampler(deformation=setting, random_state=0)
        sampler.fit_resample(X, y)
        display = DeformationDisplay.from_estimator(sampler, X, y, 3, n_images=3, n_deformed=2)
        assert list(display.deformed) == shown
        assert all(copies.shape == (3, 2, 8, 8, 1) for copies in display.deformed.values())
    assert np.array_equal(display.deformed["callable"][:, 0], display.real[:, ::-1])


def test_the_whole_of_a_deformation_stands_beside_each_of_its_parts(digits):
    X, y = digits
    sampler = DeformationOverSampler(random_state=0)
    sampler.fit_resample(X, y)
    deformation = sampler.models_[3].deformation.with_parts(("up-down",), Tone(brightness=0.1))
    images = sampler.models_[3].codec.encode(X[y == 3][:3])
    display = DeformationDisplay.from_deformation(deformation, images, n_deformed=8)
    assert list(display.deformed) == ["together", "bending", "symmetry", "tone", "affine"]
    mirrored = (np.abs(display.deformed["symmetry"] - images[:, None, ::-1]).max(axis=(2, 3, 4)) < 1e-4).mean()
    assert 0 < mirrored < 1
    assert np.ptp(display.deformed["tone"] - images[:, None], axis=(2, 3, 4)).min() < 0.2
    assert display.plot().figure_ is not None


def test_no_deformation_is_said(digits):
    X, y = digits
    sampler = DeformationOverSampler(deformation=None, random_state=0)
    sampler.fit_resample(X, y)
    with pytest.raises(ValueError, match="no deformation to show"):
        DeformationDisplay.from_estimator(sampler, X, y, 3)


# -- quality ---------------------------------------------------------------------------------------------


def test_every_metric_has_a_bar_and_a_title_says_the_verdict():
    report = quality_report(a_table(100), a_table(100, seed=1) * 9)
    display = QualityDisplay.from_report(report, title="class 1").plot()
    assert display.ax_.get_title() == "class 1: unlike its data"
    assert len(display.ax_.patches) == len(report.scores)
    assert display.ax_.get_xlim()[1] == 1.5


def test_a_report_without_measurements_is_refused(digits, deformer):
    with pytest.raises(ValueError, match="40 different real rows, and at least 50 are needed"):
        QualityDisplay.from_estimator(deformer)
    with pytest.raises(ValueError, match="the classes with a quality report, but 9"):
        QualityDisplay.from_estimator(deformer, 9)
