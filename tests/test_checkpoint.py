"""Checkpoints: a training that was stopped ends with the same bits as one that never was."""

import contextlib
import copy
import json
import operator
import os
import signal
import time
from functools import partial

import numpy as np
import pytest
from sklearn.datasets import load_digits

import gan_oversampler
from gan_oversampler import CheckpointError, DivergenceError, GANOverSampler
from gan_oversampler._trained import checkpoint
from gan_oversampler._utils import npz
from gan_oversampler.callbacks import Callback, EarlyStopping

from .processes import Call
from .test_sampler import constant_generator


def data_of(kind):
    """A table or images of three classes, two of which are learned."""
    if kind == "images":
        X, y = load_digits(return_X_y=True)
        rows = np.concatenate([np.flatnonzero(y == digit)[:n] for digit, n in ((3, 40), (4, 60), (5, 30))])
        return X[rows], y[rows]
    y = np.repeat([0, 1, 2], [90, 30, 20])
    return np.random.default_rng(0).normal(size=(140, 5)) + y[:, None], y


def finish_fit(kind, path=None):
    """All rows of a fit, from where the file stands."""
    sampler = GANOverSampler(
        max_iter=100 if kind == "images" else 300,
        batch_size=8,
        latent_dim=8,
        random_state=0,
        deformed_share=0,
        deformation="affine" if kind == "images" else "auto",
        callbacks=[EarlyStopping(patience=90)],
        checkpoint=path,
    )
    return sampler.fit_resample(*data_of(kind))[0]


def fit_and_write_often(kind, path, out):
    checkpoint._SECONDS_BETWEEN = 0.05
    with contextlib.suppress(KeyboardInterrupt):
        np.save(part := out.with_suffix(".part.npy"), finish_fit(kind, path))
        part.replace(out)  # a kill leaves all of it or nothing


def written_at(path):
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return None


def kill_in_training(kind, path, out, seconds, how):
    """Kill a fit in a process of its own some time after it wrote its file, which is left unless it ended before."""
    before = written_at(path)
    process = Call(fit_and_write_often, kind, path, out).process
    while process.is_alive() and written_at(path) in (None, before):
        time.sleep(0.01)
    process.join(seconds)
    if process.is_alive():
        os.kill(process.pid, how)
    process.join()
    assert process.exitcode in (0, -how)


def check_kills(tmp_path, kind, n_kills, longest, how=signal.SIGKILL):
    """Up to three kills a fit, whose rest then runs here."""
    path, out, expected = tmp_path / "training.ckpt", tmp_path / "rows.npy", finish_fit(kind)
    rng, n_killed = np.random.default_rng(0), 0
    while n_killed < n_kills:
        kill_in_training(kind, path, out, rng.uniform(0, longest), how)
        was_killed = path.exists()
        n_killed += was_killed
        if was_killed and n_killed % 3 and n_killed < n_kills:
            continue
        np.testing.assert_array_equal(np.load(out) if out.exists() else finish_fit(kind, path), expected)
        assert not path.exists()
        out.unlink(missing_ok=True)


@pytest.mark.filterwarnings("ignore::gan_oversampler.ConvergenceWarning")
def test_three_kills_change_no_bit(tmp_path):
    check_kills(tmp_path, "table", 3, 0.3)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.filterwarnings("ignore::gan_oversampler.ConvergenceWarning")
@pytest.mark.parametrize("kind", ["table", "images"])
def test_thirty_kills_change_no_bit(tmp_path, kind):
    check_kills(tmp_path, kind, 30, 2.0)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.filterwarnings("ignore::gan_oversampler.ConvergenceWarning")
def test_ten_times_ctrl_c_changes_no_bit(tmp_path):
    check_kills(tmp_path, "table", 10, 2.0, signal.SIGINT)


class Interrupt(Callback):
    """Ctrl+C, as it comes; when it does, is no parameter of the training."""

    step = None

    @classmethod
    def at(cls, step):
        callback = cls()
        callback.step = step
        return callback

    def on_step_end(self, event):
        if event.step == self.step:
            raise KeyboardInterrupt


@pytest.fixture
def three_classes():
    y = np.repeat([0, 1, 2], [60, 30, 20])
    return np.random.default_rng(0).normal(size=(110, 4)) + y[:, None], y


def stop(data, path, step=7, callbacks=(), **parameters):
    """Leave a checkpoint behind."""
    sampler = GANOverSampler(checkpoint=path, callbacks=[*callbacks, Interrupt.at(step)], **parameters)
    with pytest.raises(KeyboardInterrupt):
        sampler.fit_resample(*data)
    assert path.exists()
    return sampler


@pytest.fixture
def budget():
    return {"max_iter": 12, "batch_size": 8, "latent_dim": 8, "deformed_share": 0}


@pytest.mark.filterwarnings("ignore::gan_oversampler.ConvergenceWarning")
@pytest.mark.parametrize("step", [1, 7, 12])
def test_interrupt_saves_and_what_follows_is_equal(three_classes, budget, tmp_path, step):
    path = tmp_path / "training.ckpt"
    whole = GANOverSampler(random_state=0, callbacks=[Callback()], **budget)
    expected, _ = whole.fit_resample(*three_classes)
    sampler = stop(three_classes, path, step, random_state=0, **budget)
    sampler.callbacks[0].step = None
    X_res, _ = sampler.fit_resample(*three_classes)
    np.testing.assert_array_equal(X_res, expected)
    for label in (1, 2):
        for name in ("step", "generator_loss", "discriminator_loss", "discriminator_accuracy"):
            np.testing.assert_array_equal(sampler.history_[label][name], whole.history_[label][name])
        assert (np.diff(sampler.history_[label]["seconds"]) > 0).all()
    assert not path.exists()


@pytest.mark.filterwarnings("ignore::gan_oversampler.ConvergenceWarning")
@pytest.mark.parametrize("n_steps", [1, 4])
def test_an_interrupt_inside_a_call_loses_no_step(three_classes, budget, tmp_path, monkeypatch, n_steps):
    from gan_oversampler._gan import loop

    path = tmp_path / "training.ckpt"
    sampler = GANOverSampler(random_state=0, checkpoint=path, **budget)
    expected, _ = sampler.fit_resample(*three_classes)
    real_advance = loop._Run._advance

    def interrupted(run):
        if run.step < 5:
            monkeypatch.setattr(loop, "_MOST_AT_ONCE", 5 - run.step)
            return real_advance(run)
        run._take(n_steps)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(loop._Run, "_advance", interrupted)
        with pytest.raises(KeyboardInterrupt):
            sampler.fit_resample(*three_classes)
    assert checkpoint._read(path)[1]["1/0/history/0"].tolist() == [*range(1, 6 + n_steps)]
    np.testing.assert_array_equal(sampler.fit_resample(*three_classes)[0], expected)


@pytest.mark.filterwarnings("ignore::gan_oversampler.ConvergenceWarning")
def test_without_a_seed_that_of_the_file_is_taken(three_classes, budget, tmp_path):
    path = tmp_path / "training.ckpt"
    sampler = stop(three_classes, path, **budget)
    seed = checkpoint._read(path)[0]["seed"]
    sampler.callbacks[0].step = None
    sampler.fit_resample(*three_classes)
    assert sampler.seed_ == seed


def as_of_before(path):
    """The file as it was when the time limit and the checkpoint were callbacks, the last two, and had no state."""
    described, arrays = checkpoint._read(path)
    for state in described["states"]:
        state["callbacks"] += [None, None]
    path.write_bytes(npz.write({**arrays, "description": np.frombuffer(json.dumps(described).encode(), np.uint8)}))


@pytest.mark.filterwarnings("ignore::gan_oversampler.ConvergenceWarning")
@pytest.mark.parametrize("prepare", [lambda path: None, as_of_before], ids=["now", "before"])
def test_callbacks_go_on_too(three_classes, budget, tmp_path, prepare):
    path = tmp_path / "training.ckpt"
    looks = {"every": 2, "patience": 2, "min_steps": 0, "min_improvement": 2.0}

    def fit(step, **parameters):
        stopping = EarlyStopping(**looks)
        sampler = GANOverSampler(random_state=0, callbacks=[stopping, Interrupt.at(step)], **parameters, **budget)
        return sampler.fit_resample(*three_classes)[0], sampler

    expected, whole = fit(None)
    assert len(whole.history_[1]["step"]) == 6
    with pytest.raises(KeyboardInterrupt):
        fit(3, checkpoint=path)
    prepare(path)
    X_res, _ = fit(None, checkpoint=path)
    np.testing.assert_array_equal(X_res, expected)


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (lambda X, y, p: (X + 1, y, p), "data"),
        (lambda X, y, p: (X.astype(np.float32), y, p), "data"),
        (lambda X, y, p: (X, np.roll(y, 1), p), "data"),
        (lambda X, y, p: (X, y, {**p, "max_iter": 13}), "max_iter"),
        (lambda X, y, p: (X, y, {**p, "learning_rate": 1e-3, "batch_size": 9}), "batch_size, learning_rate"),
        (lambda X, y, p: (X, y, {**p, "random_state": 1}), "random_state"),
    ],
)
def test_another_training_is_refused(three_classes, budget, tmp_path, change, name):
    path = tmp_path / "training.ckpt"
    stop(three_classes, path, random_state=0, **budget)
    before = path.read_bytes()
    X, y, parameters = change(*three_classes, {"random_state": 0, **budget})
    sampler = GANOverSampler(checkpoint=path, callbacks=[Interrupt()], **parameters)
    with pytest.raises(CheckpointError, match=f"another training, which differs in: {name}; .*delete the file"):
        sampler.fit_resample(X, y)
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"no checkpoint", b"PK\x03\x04 cut off"])
def test_damaged_files_are_refused(three_classes, budget, tmp_path, content):
    path = tmp_path / "training.ckpt"
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match=r"not a checkpoint.*or a damaged one: delete it"):
        GANOverSampler(checkpoint=path, **budget).fit_resample(*three_classes)


def test_a_file_cut_short_or_of_another_kind_is_refused(three_classes, budget, tmp_path):
    path = tmp_path / "training.ckpt"
    stop(three_classes, path, random_state=0, **budget)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(CheckpointError, match="damaged"):
        GANOverSampler(checkpoint=path, **budget).fit_resample(*three_classes)
    with open(path, "wb") as file:
        np.savez(file, description=np.frombuffer(b"{}", np.uint8))
    with pytest.raises(CheckpointError, match="damaged"):
        GANOverSampler(checkpoint=path, **budget).fit_resample(*three_classes)


def test_a_missing_folder_is_said_before_training(three_classes, budget, tmp_path):
    with pytest.raises(FileNotFoundError, match="folder that does not exist"):
        GANOverSampler(checkpoint=tmp_path / "no" / "file", **budget).fit_resample(*three_classes)


@pytest.mark.filterwarnings("ignore::gan_oversampler.ConvergenceWarning")
def test_a_warm_start_can_be_stopped_too(three_classes, budget, tmp_path):
    path = tmp_path / "training.ckpt"
    sampler = GANOverSampler(warm_start=True, random_state=0, callbacks=[Interrupt()], **budget)
    sampler.fit_resample(*three_classes)
    expected, _ = copy.deepcopy(sampler).fit_resample(*three_classes)
    sampler.set_params(checkpoint=path)
    sampler.callbacks[0].step = 17
    with pytest.raises(KeyboardInterrupt):
        sampler.fit_resample(*three_classes)
    with pytest.raises(CheckpointError, match="differs in: warm_start"):
        GANOverSampler(**sampler.get_params()).fit_resample(*three_classes)
    sampler.callbacks[0].step = None
    np.testing.assert_array_equal(sampler.fit_resample(*three_classes)[0], expected)


@pytest.mark.filterwarnings("ignore::gan_oversampler.ConvergenceWarning")
@pytest.mark.parametrize(
    "where", ["_samplers.fit.draw_into", "_rows.user_rows.UserRows.followed_by", "_samplers.base.repeat_labels"]
)
def test_what_fails_after_training_costs_no_training(three_classes, budget, tmp_path, monkeypatch, where):
    def too_much(*arguments):
        if path.exists():  # what is rehearsed before training goes well
            raise MemoryError
        return real(*arguments)

    path, real = tmp_path / "training.ckpt", operator.attrgetter(where)(gan_oversampler)
    sampler = GANOverSampler(random_state=0, checkpoint=path, **budget)
    expected, _ = GANOverSampler(random_state=0, **budget).fit_resample(*three_classes)
    with monkeypatch.context() as patch:
        patch.setattr(f"gan_oversampler.{where}", too_much)
        with pytest.raises(MemoryError):
            sampler.fit_resample(*three_classes)
    monkeypatch.setattr("gan_oversampler._gan.loop._Run._advance", lambda _: pytest.fail("it trained again"))
    np.testing.assert_array_equal(sampler.fit_resample(*three_classes)[0], expected)
    assert not path.exists()


class FailsAtTheEnd(Callback):
    """Cannot write its last line."""

    def on_fit_end(self, event):
        raise OSError("disk full")


@pytest.mark.filterwarnings("ignore::gan_oversampler.ConvergenceWarning")
def test_a_callback_that_fails_at_the_end_costs_no_training(three_classes, budget, tmp_path):
    path = tmp_path / "training.ckpt"
    sampler = GANOverSampler(random_state=0, checkpoint=path, callbacks=[FailsAtTheEnd()], **budget)
    with pytest.raises(OSError, match="disk full"):
        sampler.fit_resample(*three_classes)
    assert path.exists()


def test_a_training_that_diverged_leaves_no_checkpoint(three_classes, budget, tmp_path):
    path = tmp_path / "training.ckpt"
    sampler = GANOverSampler(checkpoint=path, generator=constant_generator, on_divergence="raise", **budget)
    with pytest.raises(DivergenceError):
        sampler.fit_resample(*three_classes)
    assert list(tmp_path.iterdir()) == []


def narrow_generator(latent_dim, output_shape, n_units=4):
    """Builder of one layer between noise and row."""
    import keras

    noise = keras.Input((latent_dim,))
    hidden = keras.layers.Dense(n_units, activation="relu")(noise)
    return keras.Model(noise, keras.layers.Dense(output_shape[0])(hidden))


@pytest.mark.parametrize(
    ("then", "now"),
    [
        ({"callbacks": [EarlyStopping(1)]}, {"callbacks": [EarlyStopping(9)]}),
        ({"callbacks": [Callback()]}, {"callbacks": [EarlyStopping()]}),
        ({"generator": partial(narrow_generator, n_units=4)}, {"generator": partial(narrow_generator, n_units=5)}),
        ({"generator": lambda n, s: narrow_generator(n, s, 4)}, {"generator": lambda n, s: narrow_generator(n, s, 5)}),
    ],
)
def test_parameters_that_only_look_alike_are_another_training(three_classes, budget, tmp_path, then, now):
    path = tmp_path / "training.ckpt"
    stop(three_classes, path, random_state=0, **budget, **then)
    (name,) = now
    changed = {**now, "callbacks": [*now.get("callbacks", []), Interrupt()]}
    with pytest.raises(CheckpointError, match=f"differs in: {name};"):
        GANOverSampler(checkpoint=path, random_state=0, **budget, **changed).fit_resample(*three_classes)


def test_the_digest_of_data_knows_values_and_not_their_order_in_memory():
    rows, labels = np.arange(12.0).reshape(3, 4), np.array(["a", "b", "b"])
    digest = checkpoint.data_digest(rows, labels)
    assert digest == checkpoint.data_digest(np.asfortranarray(rows), labels)
    assert digest != checkpoint.data_digest(rows + (rows == 7), labels)
