"""Callbacks: what each hook is told and when, stopping, failing, and the ones that come along."""

import copy
import io
import pickle
import re
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stdout

import numpy as np
import pytest
from rich.console import Console
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from gan_oversampler import ConvergenceWarning, GANOverSampler
from gan_oversampler._trained.time_limit import TimeLimit
from gan_oversampler.callbacks import Callback, EarlyStopping, TensorBoard, TrainingEvent
from gan_oversampler.callbacks._progress_bar import ProgressBar, image_strip

HOOKS = ["on_fit_begin", "on_class_begin", "on_step_end", "on_class_end", "on_fit_end"]


class Recorder(Callback):
    """Writes down which hook was called, and for what."""

    def __init__(self):
        self.calls, self.events = [], []

    def _note(self, hook, event):
        self.calls.append((hook, getattr(event, "label", None), getattr(event, "step", None)))
        self.events.append(event)

    def on_fit_begin(self, event):
        self._note("on_fit_begin", event)

    def on_class_begin(self, event):
        self._note("on_class_begin", event)

    def on_step_end(self, event):
        self._note("on_step_end", event)

    def on_class_end(self, event):
        self._note("on_class_end", event)

    def on_fit_end(self, event):
        self._note("on_fit_end", event)


class Raiser(Callback):
    """Fails in one hook."""

    def __init__(self, hook):
        self.hook = hook

    def __getattribute__(self, name):
        if name in HOOKS and name == object.__getattribute__(self, "hook"):
            raise OSError(f"no room in {name}")
        return object.__getattribute__(self, name)


class StopAt(Callback):
    """Ends training at a step."""

    def __init__(self, step):
        self.step = step

    def on_step_end(self, event):
        return event.step == self.step


class Slow(Callback):
    """Makes each step take a while."""

    def on_step_end(self, event):
        time.sleep(0.05)


def fit(data, *callbacks, **parameters):
    sampler = GANOverSampler(random_state=0, deformation=None, callbacks=list(callbacks), **parameters)
    return sampler, *sampler.fit_resample(*data)


@pytest.fixture
def three_classes():
    y = np.repeat([0, 1, 2], [60, 30, 20])
    return np.random.default_rng(0).normal(size=(110, 4)) + y[:, None], y


def test_hooks_are_called_in_order(three_classes, tiny):
    recorder = Recorder()
    fit(three_classes, recorder, **tiny)
    classes = [
        [("on_class_begin", k, 0), *(("on_step_end", k, i) for i in (1, 2, 3)), ("on_class_end", k, 3)] for k in (1, 2)
    ]
    begin, end = ("on_fit_begin", None, None), ("on_fit_end", None, None)
    assert recorder.calls == [begin, *classes[0], *classes[1], end]
    assert recorder.events[0].labels == (1, 2)
    assert recorder.events[-1].error is None


class Tenth(Callback):
    """Wants each tenth step, and notes those that it is shown."""

    def __init__(self):
        self.steps = []

    def on_step_end(self, event):
        self.steps.append(event.step)
        assert len(event.history["step"]) == event.step
        assert np.isfinite(event.history["generator_loss"]).all()
        assert (np.diff(event.history["seconds"], prepend=0) > 0).all()

    def needs_step(self, step, max_iter):
        return step % 10 == 0


class Each(Tenth):
    """Overrides what a step does and not which it needs: all, whatever the class says that it derives from."""

    def on_step_end(self, event):
        super().on_step_end(event)


def test_a_callback_sees_the_steps_that_it_needs_and_no_bit_changes(table, digits, tiny, monkeypatch):
    from gan_oversampler._gan import loop

    monkeypatch.setattr(loop, "_SECONDS_AT_ONCE", 1e9)
    budget = {**tiny, "max_iter": 35}
    tenth, each, of_images = Tenth(), Each(), Tenth()
    rows = [fit(table, *callbacks, **budget)[1] for callbacks in ((), [tenth], [each])]
    assert tenth.steps == [1, 10, 20, 30, 35]  # after the first step weights are kept
    assert each.steps == list(range(1, 36))
    fit(digits, of_images, **{**tiny, "max_iter": 11})
    assert of_images.steps == list(range(1, 12))
    for other in rows[1:]:
        np.testing.assert_array_equal(other, rows[0])


class TellsTime(Callback):
    """Notes what the training says of its end, and takes .05 s a step."""

    def __init__(self):
        self.told = {}

    def on_class_begin(self, event):
        self.told[event.step] = event.seconds_left()

    def on_step_end(self, event):
        time.sleep(0.05)
        self.told[event.step] = event.seconds_left()


@pytest.mark.parametrize("kind", ["table", "digits"])
def test_the_time_left_is_told_by_the_steps_taken_here_but_for_the_first(kind, tiny, request):
    callback = TellsTime()
    fit(request.getfixturevalue(kind), callback, **{**tiny, "max_iter": 21})
    assert [step for step, seconds in callback.told.items() if np.isnan(seconds)] == [0, 1], "the first compiles"
    assert callback.told[11] > 10 * 0.05
    assert callback.told[21] == 0
    assert callback.told[11] == pytest.approx(2 * callback.told[16], rel=0.5)


def test_steps_of_a_call_are_as_many_as_take_a_moment(table, tiny, monkeypatch):
    from gan_oversampler._gan import loop

    sizes = []
    take = loop._Run._take
    monkeypatch.setattr(loop._Run, "_take", lambda run, n: sizes.append(n) or take(run, n))
    fit(table, **{**tiny, "max_iter": 99})
    assert max(sizes) > 1
    monkeypatch.setattr(loop, "_SECONDS_AT_ONCE", 0.0)
    sizes.clear()
    fit(table, **{**tiny, "max_iter": 9})
    assert sizes == [1] * 9


def test_events_tell_where_training_stands(digits, tiny):
    class Look(Callback):
        def on_step_end(self, event):
            self.metrics, self.shape = event.metrics, event.real.shape
            self.drawn = [event.draw(5) for _ in range(2)]
            self.state = event.capture()
            assert event.is_image

    look = Look()
    sampler, *_ = fit(digits, look, **tiny)
    assert look.shape == (40, 8, 8, 1)
    assert look.drawn[0].shape == (5, 8, 8, 1)
    np.testing.assert_array_equal(*look.drawn)
    last = {name: values[-1] for name, values in sampler.history_[3].items()}
    assert look.metrics == {k: v for k, v in last.items() if k not in ("step", "energy_distance")}
    assert look.state.step == 3
    assert not look.state.is_complete


def test_looking_changes_no_bit(digits, tiny, tmp_path):
    _, expected, _ = fit(digits, **tiny)
    lookers = [Recorder(), EarlyStopping(every=1), TensorBoard(tmp_path, every=1, images_every=1)]
    _, X_res, _ = fit(digits, *lookers, **tiny)
    np.testing.assert_array_equal(X_res, expected)


def test_true_ends_the_training_of_a_class(three_classes, tiny):
    sampler, X_res, _ = fit(three_classes, Recorder(), StopAt(2), **tiny)
    assert [len(sampler.history_[k]["step"]) for k in (1, 2)] == [2, 2]
    assert len(X_res) == 180
    two_steps, _ = GANOverSampler(random_state=0, **{**tiny, "max_iter": 2}).fit_resample(*three_classes)
    np.testing.assert_array_equal(X_res, two_steps)


@pytest.mark.parametrize("hook", HOOKS)
def test_what_a_callback_raises_reaches_the_caller(table, tiny, hook):
    before, behind = Recorder(), Recorder()
    sampler = GANOverSampler(random_state=0, callbacks=[before, Raiser(hook), behind], **tiny)
    with pytest.raises(OSError, match=f"no room in {hook}"):
        sampler.fit_resample(*table)
    with pytest.raises(NotFittedError):
        sampler.sample(1, 1)
    for recorder in [before] if hook == "on_fit_begin" else [before, behind]:
        assert recorder.calls[-1][0] == "on_fit_end"
    if hook != "on_fit_end":
        assert isinstance(before.events[-1].error, OSError)


def test_what_is_no_callback_is_refused(table, tiny):
    for wrong in ("early stopping", EarlyStopping, print):
        with pytest.raises(TypeError, match=r"callbacks must be a list of Callback objects, but .* is in it"):
            GANOverSampler(callbacks=[wrong], **tiny).fit_resample(*table)
    with pytest.raises(ValueError, match="'callbacks' parameter"):
        GANOverSampler(callbacks=EarlyStopping(), **tiny).fit_resample(*table)


@pytest.mark.parametrize("name", ["Callback", "EarlyStopping", "TensorBoard"])
def test_every_callback_can_be_copied_and_used_twice(digits, tiny, tmp_path, name):
    made = {"Callback": Callback, "EarlyStopping": EarlyStopping, "TensorBoard": lambda: TensorBoard(tmp_path)}[name]()
    sampler, expected, _ = fit(digits, made, **tiny)
    for copied in (clone(sampler), copy.deepcopy(sampler), pickle.loads(pickle.dumps(sampler)), sampler):
        np.testing.assert_array_equal(copied.fit_resample(*digits)[0], expected)


@pytest.mark.parametrize(
    ("distances", "stops"),
    [
        ([5, 4, 3, 2], False),
        ([5, 3, 3, 2.99, 3], True),
        ([1, 2, 3], False),
        ([1, 2, 3, 4], True),
        ([1, -0.1, -0.2, -0.3, -0.4], False),
        ([1, -0.1, -0.099, -0.1, -0.101], True),
        ([1, 0, 0, 0, 0], True),
    ],
)
def test_early_stopping_waits_for_a_plateau(monkeypatch, distances, stops):
    from types import SimpleNamespace

    from gan_oversampler._trained import diagnosis

    monkeypatch.setattr(diagnosis, "energy_distance", lambda drawn, real: distances[len(stopping.distances_)])
    stopping = EarlyStopping(every=1, patience=3, min_steps=0)
    events = [SimpleNamespace(step=i + 1, draw=lambda n: None, real=None) for i in range(len(distances))]
    assert [stopping.on_step_end(event) for event in events] == [False] * (len(distances) - 1) + [stops]


def test_early_stopping_ends_a_training(table, tiny):
    stopping = EarlyStopping(every=1, patience=2, min_improvement=0.99, min_steps=0)
    sampler, *_ = fit(table, stopping, **{**tiny, "max_iter": 50})
    assert len(sampler.history_[1]["step"]) == 3 == len(stopping.distances_)


def read_events(folder):
    import tensorflow as tf

    (path,) = folder.glob("events.*")
    for record in tf.data.TFRecordDataset(str(path)):
        event = tf.compat.v1.Event.FromString(record.numpy())
        for value in event.summary.value:
            yield event.step, value.tag, value.metadata.plugin_data.plugin_name, tf.make_ndarray(value.tensor)


def test_tensorboard_writes_curves_and_images(digits, tiny, tmp_path):
    sampler, *_ = fit(digits, TensorBoard(tmp_path, every=1, images_every=3), **tiny)
    records = list(read_events(tmp_path / "class_3"))
    losses = [float(x) for _, tag, plugin, x in records if (tag, plugin) == ("generator_loss", "scalars")]
    np.testing.assert_allclose(losses, sampler.history_[3]["generator_loss"], rtol=1e-6)
    ((step, images),) = [(step, x) for step, _, plugin, x in records if plugin == "images"]
    assert step == 3
    assert list(images[:2]) == [b"8", b"8"]
    assert len(images) == 10
    assert all(image.startswith(b"\x89PNG") for image in images[2:])


def test_time_limit_ends_in_time_and_is_shared(three_classes, tiny):
    fit(three_classes, **tiny)  # compiles
    start = time.monotonic()
    with pytest.warns(ConvergenceWarning) as caught:
        sampler, X_res, _ = fit(three_classes, Slow(), time_limit=2.0, **{**tiny, "max_iter": 1000})
    assert time.monotonic() - start < 5
    n_steps = [len(sampler.history_[k]["step"]) for k in (1, 2)]
    assert all(1 <= n <= 21 for n in n_steps)
    assert [
        f"class {k} was ended by time_limit after {n} of 1000" in str(warned.message)
        for k, n, warned in zip((1, 2), n_steps, caught, strict=True)
    ] == [True, True]
    assert all(warned.filename == __file__ for warned in caught)
    assert np.isfinite(X_res).all()


def test_a_generous_time_limit_changes_nothing(table, tiny):
    _, expected, _ = fit(table, **tiny)
    _, X_res, _ = fit(table, time_limit=3600, **tiny)
    np.testing.assert_array_equal(X_res, expected)


def test_time_limit_divides_what_is_left():
    limit = TimeLimit(100.0)
    limit.begin(("a", "b", "c"))
    shares = []
    for label in ("a", "c"):
        limit.begin_class(label)
        shares.append(limit._deadline - time.monotonic())
    np.testing.assert_allclose(shares, [100 / 3, 100], rtol=0.01)


def test_verbose_two_prints_images_of_images_only(digits, table, tiny):
    for data, n_strips in ((digits, 3), (table, 0)):
        with redirect_stdout(io.StringIO()) as out:
            fit(data, verbose=2, **tiny)
        lines = re.findall(r"^[ ░▒▓█]{72}$", out.getvalue(), re.M)
        assert len(lines) == 4 * n_strips
        assert len(re.findall(r"^step \d+$", out.getvalue(), re.M)) == n_strips


@pytest.mark.parametrize("in_colour", [True, False])
@pytest.mark.parametrize("shape", [(2, 5, 7, 1), (3, 64, 40, 3), (1, 28, 28, 2)])
def test_a_strip_has_two_rows_of_pixels_a_line(shape, in_colour):
    text = image_strip(np.linspace(-1, 1, int(np.prod(shape))).reshape(shape), in_colour)
    lines = text.plain.splitlines()
    stride = -(-max(shape[1:3]) // 28)
    height, width = (-(-side // stride) for side in shape[1:3])
    assert len(lines) == -(-height // 2)
    assert {len(line) for line in lines} == {shape[0] * (width + 1)}


def test_a_strip_shows_what_is_bright():
    left_half = np.where(np.arange(4) < 2, 1.0, -1.0)[None, None, :, None].repeat(2, axis=1)
    assert image_strip(left_half, in_colour=False).plain == "██   \n"
    spans = image_strip(left_half, in_colour=True).spans
    assert str(spans[0].style) == "rgb(255,255,255) on rgb(255,255,255)"
    assert str(spans[-1].style) == "rgb(0,0,0) on rgb(0,0,0)"


@pytest.mark.parametrize("label", [8, "a very long name of a class"])
def test_a_bar_is_whole_in_80_columns(label, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    real = np.zeros((315, 28, 28, 3), np.float32)
    losses = ("generator_loss", "discriminator_loss", "discriminator_accuracy")
    history = {"step": np.arange(1200), **{name: np.ones(1200) for name in losses}}
    bar, shown = ProgressBar(1), Console(file=io.StringIO(), force_terminal=True)
    event = TrainingEvent(label, 0, 1200, 1400, history, real, None, None, None)
    bar.on_class_begin(event)
    bar.on_step_end(event)
    shown.print(bar._bar.get_renderable())
    bar.on_class_end(event)
    assert "28x28x3 images" in (text := shown.file.getvalue())
    assert "1200/1400" in text
    assert "(100%)" in text
    assert "--:--" in text


def test_silence_costs_nothing():
    bar = ProgressBar(0)
    bar.on_class_begin(None)
    assert bar.on_step_end(None) is None


class FitsAnother(Callback):
    """Fits another sampler in the middle of a training."""

    def __init__(self, data, **parameters):
        self.data, self.parameters = data, parameters

    def on_step_end(self, event):
        GANOverSampler(deformation=None, random_state=0, **self.parameters).fit_resample(*self.data)


@pytest.mark.timeout(120)
def test_a_callback_that_needs_the_networks_in_training_is_told(table, tiny):
    with pytest.raises(RuntimeError, match=r"^A callback fits a sampler with the networks that are being trained: fit"):
        fit(table, FitsAnother(table, **tiny), **tiny)
    fit(table, FitsAnother(table, **{**tiny, "latent_dim": 7}), **tiny)


@pytest.mark.timeout(120)
def test_threads_with_the_same_networks_wait_for_each_other(table, tiny):
    _, expected, _ = fit(table, **tiny)
    with ThreadPoolExecutor(3) as pool:
        for _, X_res, _ in pool.map(lambda _: fit(table, Slow(), **tiny), range(3)):
            np.testing.assert_array_equal(X_res, expected)
