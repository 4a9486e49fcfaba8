"""Classes learned in workers: the same bits as one after the other, and everything around a fit still works.

At the end stands what else needs workers of joblib or dask: they take ten seconds to start, and serve a whole file.
"""

import contextlib
import os
import re
import time
import warnings

import joblib
import numpy as np
import pytest
from imblearn.pipeline import make_pipeline
from joblib.externals.loky import get_reusable_executor
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV

from gan_oversampler import CheckpointError, DeformationOverSampler, DivergenceError, GANOverSampler
from gan_oversampler._classes.training import TrainingSession
from gan_oversampler._samplers import parallel
from gan_oversampler._trained.checkpoint import Checkpoint
from gan_oversampler._trained.time_limit import TimeLimit
from gan_oversampler.callbacks import Callback, EarlyStopping
from gan_oversampler.callbacks._hooks import CallbackGroup
from gan_oversampler.exceptions import SmallClassWarning

from .conftest import TINY
from .test_bits import SHORT, fit, in_loky
from .test_docs import run_page
from .test_sampler import constant_generator

pytestmark = pytest.mark.filterwarnings("ignore::gan_oversampler.ConvergenceWarning")


@pytest.fixture(scope="module")
def large_digits():
    """Two rare classes of 24x24 images: at this size another number of threads gives other bits."""
    X, y = load_digits(return_X_y=True)
    rows = np.concatenate([np.flatnonzero(y == digit)[:n] for digit, n in ((2, 40), (3, 40), (4, 90))])
    return np.kron(X[rows].reshape(-1, 8, 8), np.ones((3, 3))), y[rows]


@pytest.fixture(scope="module")
def three_classes():
    y = np.repeat([0, 1, 2], [60, 30, 20])
    return np.random.default_rng(0).normal(size=(110, 4)) + y[:, None], y


def resampled(data, cls=GANOverSampler, **parameters):
    """What a fit with seed 0 gives, and the sampler."""
    sampler = cls(random_state=0, **({} if cls is DeformationOverSampler else TINY) | parameters)
    return sampler.fit_resample(*data)[0], sampler


class WriteThreads(Callback):
    """Writes how TensorFlow's threads are set in the process that trains."""

    runs_in_workers = True

    def __init__(self, folder):
        self.folder = folder

    def on_class_begin(self, event):
        from tensorflow import config

        threading = config.threading
        counts = threading.get_intra_op_parallelism_threads(), threading.get_inter_op_parallelism_threads()
        (self.folder / f"{event.label}").write_text(f"{os.getpid()} {counts[0]} {counts[1]}")


@pytest.fixture
def fresh_workers():
    """No process in which an earlier test has let TensorFlow run: its threads can no longer be set there.

    The test that needs them comes first, so that all others of this file share them.
    """
    get_reusable_executor().shutdown(wait=True)


@pytest.mark.usefixtures("fresh_workers")
def test_a_worker_runs_one_operation_at_a_time_on_as_many_threads_as_the_caller(three_classes, tmp_path):
    resampled(three_classes, n_jobs=2, callbacks=[WriteThreads(tmp_path)])
    assert sorted(file.name for file in tmp_path.iterdir()) == ["1", "2"]
    for file in tmp_path.iterdir():
        process, intra_op, inter_op = map(int, file.read_text().split())
        assert process != os.getpid()
        assert (intra_op, inter_op) == (len(os.sched_getaffinity(0)), 1)


@pytest.mark.parametrize("cls", [GANOverSampler, DeformationOverSampler])
def test_images_are_those_of_one_after_the_other(large_digits, cls):
    more = {"max_iter": 12, "batch_size": 64} if cls is GANOverSampler else {}
    more["deformation"] = "affine"  # to learn one takes seconds
    (expected, alone), (got, sampler) = (resampled(large_digits, cls, n_jobs=n, **more) for n in (None, 2))
    np.testing.assert_array_equal(got, expected)
    assert list(sampler.models_) == list(alone.models_) == [2, 3]
    np.testing.assert_array_equal(sampler.sample(5, 3), alone.sample(5, 3))
    assert sampler.quality_report_[2] == alone.quality_report_[2]


def test_rows_of_a_table_and_histories_are_the_same(three_classes):
    (expected, alone), (got, sampler) = (resampled(three_classes, n_jobs=n) for n in (1, 2))
    np.testing.assert_array_equal(got, expected)
    for label, history in alone.history_.items():
        np.testing.assert_array_equal(history["generator_loss"], sampler.history_[label]["generator_loss"])


def test_workers_are_those_that_joblib_is_told_to_use(three_classes):
    expected, _ = resampled(three_classes)
    for backend in ("threading", "loky"):
        with joblib.parallel_config(backend, n_jobs=2):
            np.testing.assert_array_equal(resampled(three_classes)[0], expected)


def warns_a_lot(images, rng):
    for category in (RuntimeWarning, DeprecationWarning, UserWarning):
        warnings.warn(f"a {category.__name__}", category, stacklevel=1)
    return images


def test_warnings_of_every_kind_pass_the_users_filters(large_digits):
    def told(n_jobs):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            warnings.simplefilter("ignore", DeprecationWarning)
            GANOverSampler(deformation=warns_a_lot, n_jobs=n_jobs, random_state=0, **TINY).fit(*large_digits)
        return [(w.category, w.filename) for w in caught if str(w.message).startswith("a ")]

    assert sorted(told(2), key=repr) == sorted(told(1), key=repr)
    assert {category for category, _ in told(2)} == {RuntimeWarning, UserWarning}


def test_warnings_of_workers_reach_the_caller(three_classes):
    X, y = three_classes
    few = np.concatenate([X, X[:3], X[3:7]]), np.concatenate([y, [3] * 3, [4] * 4])
    with pytest.warns(SmallClassWarning) as caught:
        resampled(few, n_jobs=2)
    named = [re.match(r"Class (\d)", str(w.message))[1] for w in caught if w.category is SmallClassWarning]
    assert named == ["3", "4"]


def test_of_several_errors_that_of_the_first_class_is_raised_whichever_comes_first():
    errors = {label: ValueError(f"of {label}") for label in "abc"}
    failed = {label: parallel.Failed(label, error) for label, error in errors.items()}
    fine = {label: parallel.Finished(label, None, {}, []) for label in "abc"}
    for results, expected in (
        ([failed["c"], failed["a"]], "of a"),
        ([failed["b"], fine["a"], failed["c"]], "of b"),
        ([fine["b"], fine["a"], failed["c"]], "of c"),
    ):
        with pytest.raises(ValueError, match=expected):
            list(parallel._without_errors(results, ("a", "b", "c")))
    assert list(parallel._without_errors(fine.values(), ("a", "b", "c"))) == list(fine.values())


class Note(Callback):
    pass


def test_callbacks_that_would_see_nothing_are_refused(three_classes, monkeypatch):
    monkeypatch.setattr(GANOverSampler._fit_type, "learn_model", lambda *_: pytest.fail("it went on to train"))
    with pytest.raises(ValueError, match="in workers, of which Note would see nothing here: set n_jobs=1") as error:
        resampled(three_classes, n_jobs=2, callbacks=[EarlyStopping(), Note()])
    assert "EarlyStopping" not in str(error.value)


def test_callbacks_of_scikit_learn_are_refused(three_classes):
    callback = pytest.importorskip("sklearn.callback", reason="scikit-learn 1.9 and later has callbacks")
    sampler = GANOverSampler(n_jobs=2, **TINY).set_callbacks(callback.ProgressBar())
    with pytest.raises(ValueError, match="scikit-learn's callbacks would see nothing here"):
        sampler.fit_resample(*three_classes)


class NotesItsClass(Callback):
    """Fails where a step of another class is shown to it than the one that it was told of."""

    runs_in_workers = True

    def on_class_begin(self, event):
        assert not hasattr(self, "label")
        self.label = event.label

    def on_step_end(self, event):
        time.sleep(0.01)
        assert event.label == self.label


def test_threads_have_a_copy_of_each_callback(three_classes):
    callback = NotesItsClass()
    with joblib.parallel_config(backend="threading"):
        resampled(three_classes, n_jobs=2, callbacks=[callback])
    assert not hasattr(callback, "label")


def test_early_stopping_works_in_workers(three_classes):
    early = {"callbacks": [EarlyStopping(every=1, patience=1, min_steps=1)], "max_iter": 40}
    (_, alone), (_, sampler) = (resampled(three_classes, n_jobs=n, **early) for n in (1, 2))
    steps = {label: len(history["step"]) for label, history in sampler.history_.items()}
    assert steps == {label: len(history["step"]) for label, history in alone.history_.items()}
    assert max(steps.values()) < 40


def test_one_display_counts_the_classes(three_classes, capsys):
    resampled(three_classes, n_jobs=2, verbose=1)
    out = capsys.readouterr().out
    assert out.count("classes") == 1
    assert "class 1: new rows are 100% generated." in out
    assert "class 2: new rows are 100% generated." in out


def test_the_time_limit_is_shared_by_the_rounds(three_classes):
    session = TrainingSession(CallbackGroup([]), TimeLimit(6), None, {})
    assert session.part(1, 3).time_limit.seconds == 2
    _, sampler = resampled(three_classes, n_jobs=2, time_limit=1, max_iter=10**6)
    assert all(history["seconds"][-1] < 20 for history in sampler.history_.values())


def test_warm_start_goes_on(three_classes):
    def twice(n_jobs):
        sampler = GANOverSampler(random_state=0, warm_start=True, n_jobs=n_jobs, **TINY)
        sampler.fit_resample(*three_classes)
        return sampler.fit_resample(*three_classes)[0]

    np.testing.assert_array_equal(twice(1), twice(2))


class StopClass(Callback):
    """An error while class 2 is trained, after a file is there; when it comes is no parameter."""

    runs_in_workers = True
    step = waits_for = None

    def on_step_end(self, event):
        if event.label == 2 and event.step == self.step:
            for _ in range(1200):
                if self.waits_for.exists():
                    break
                time.sleep(0.1)
            raise KeyError("stopped")


def left_behind(data, path, n_workers):
    """Stop a fit after its first class, and return the names of the files that it leaves."""
    callback = StopClass()
    callback.step, callback.waits_for = 30, path.with_name("night.ckpt.1") if n_workers > 1 else path
    with (
        joblib.parallel_config(n_jobs=n_workers),
        pytest.raises(KeyError, match="stopped"),
    ):  # n_jobs of None follows it
        resampled(data, checkpoint=path, callbacks=[callback], max_iter=40)
    return {file.name for file in path.parent.iterdir()}


@pytest.mark.parametrize(("first", "then"), [(2, 2), (2, 1), (1, 2)])
def test_a_checkpoint_goes_on_whatever_the_number_of_workers(three_classes, tmp_path, first, then):
    path = tmp_path / "night.ckpt"
    expected, _ = resampled(three_classes, max_iter=40)
    names = left_behind(three_classes, path, first)
    assert names == ({"night.ckpt", "night.ckpt.1"} if first == 2 else {"night.ckpt"})
    got, _ = resampled(three_classes, n_jobs=then, checkpoint=path, callbacks=[StopClass()], max_iter=40)
    np.testing.assert_array_equal(got, expected)
    assert not list(tmp_path.iterdir())


def test_the_class_that_ended_is_not_trained_again(three_classes, tmp_path, monkeypatch):
    path = tmp_path / "night.ckpt"
    left_behind(three_classes, path, 2)
    steps = []
    monkeypatch.setattr(StopClass, "on_step_end", lambda _, event: steps.append(event.label))
    resampled(three_classes, n_jobs=1, checkpoint=path, callbacks=[StopClass()], max_iter=40)
    assert set(steps) == {2}


def test_parts_of_a_training_whose_file_was_deleted_are_not_used(three_classes, tmp_path):
    path = tmp_path / "night.ckpt"
    left_behind(three_classes, path, 2)
    path.unlink()
    expected, _ = resampled(three_classes, max_iter=41)
    np.testing.assert_array_equal(resampled(three_classes, checkpoint=path, max_iter=41)[0], expected)
    assert not list(tmp_path.iterdir())


def own_files(folder):
    """Files of the user's with names that workers would write to: a text, and the main file of another training."""
    for name in ("night.ckpt.0", "night.ckpt.tmp"):
        (folder / name).write_text("my own file")
    Checkpoint(folder / "night.ckpt.2", {}, np.arange(3), 0, {}).write_for_parts()
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_checkpoint_touches_no_file_that_it_did_not_write(three_classes, tmp_path):
    mine = own_files(tmp_path)
    resampled(three_classes, checkpoint=tmp_path / "night.ckpt")
    with pytest.raises(CheckpointError, match=r"would overwrite \S*night.ckpt.0, \S*night.ckpt.2, which no worker"):
        resampled(three_classes, checkpoint=tmp_path / "night.ckpt", n_jobs=2)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == mine


# -- what else runs in workers ---------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["digits", "table"])
def test_same_seed_same_bits_in_workers(request, kind):
    data = request.getfixturevalue(kind)
    assert set(in_loky(data, SHORT)) == {fit(data, SHORT)}


def test_grid_search_in_two_processes(table, tiny):
    X, y = table
    pipeline = make_pipeline(GANOverSampler(random_state=0, **tiny), LogisticRegression())
    grid = {"ganoversampler__sampling_strategy": [0.6, 1.0]}
    search = GridSearchCV(pipeline, grid, cv=2, n_jobs=2, error_score="raise").fit(X, y)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


# -- dask ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def dask_client():
    """Client of two workers of dask on this machine."""
    distributed = pytest.importorskip("distributed", reason="needs dask[distributed], in the dependency group test")
    cluster = distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0")
    with cluster, distributed.Client(cluster) as client:
        yield client


@pytest.mark.filterwarnings("default")  # of dask's own threads, which an error would end without a word
@pytest.mark.timeout(300)
def test_dask_gives_the_same_rows(large_digits, dask_client):
    expected, _ = resampled(large_digits, deformation="affine")
    with joblib.parallel_config("dask"):
        got, _ = resampled(large_digits, deformation="affine")
    np.testing.assert_array_equal(got, expected)
    ran = dask_client.run(lambda: "tensorflow" in __import__("sys").modules)
    assert list(ran.values()) == [True, True]


@pytest.mark.filterwarnings("default")
@pytest.mark.timeout(300)
def test_code_of_the_page_on_scaling_runs_as_written(dask_client, tmp_path, monkeypatch):
    """On the workers of this file, since each takes ten seconds to start."""
    monkeypatch.setattr("dask.distributed.Client", lambda **_: contextlib.nullcontext(dask_client))
    run_page("scaling", tmp_path, monkeypatch)


N, SIZE = 2500, 1000


@pytest.fixture(scope="module")
def fitted(digits):
    return GANOverSampler(random_state=0, **TINY).fit(*digits)


@pytest.fixture(scope="module")
def of_frame(table):
    pd = pytest.importorskip("pandas", reason="needs pandas, in the dependency group test")
    X = pd.DataFrame(table[0], columns=list("abcde")).assign(e=lambda X: np.where(X.e > 0, "high", "low"))
    return DeformationOverSampler(random_state=0).fit(X, table[1])


def test_two_workers_write_zarr_with_the_same_bits(fitted, dask_client, tmp_path):
    zarr = pytest.importorskip("zarr", reason="needs zarr, in the dependency group test")
    n = 4 * SIZE
    fitted.sample_dask(n, 3, SIZE).to_zarr(str(tmp_path / "threes.zarr"))
    assert len(dask_client.scheduler_info()["workers"]) == 2
    written = zarr.open_array(str(tmp_path / "threes.zarr"))
    assert written.chunks[0] == SIZE
    np.testing.assert_array_equal(written[:], np.concatenate(list(fitted.iter_samples(n, 3, SIZE))))


@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_two_workers_write_parquet_with_the_same_rows(of_frame, dask_client, tmp_path):
    pd = pytest.importorskip("pandas", reason="needs pandas, in the dependency group test")
    pytest.importorskip("pyarrow", reason="needs pyarrow, which comes with dask[dataframe]")
    of_frame.sample_dask(N, 1, SIZE).to_parquet(tmp_path / "rows")
    expected = pd.concat(of_frame.iter_samples(N, 1, SIZE))
    written = pd.read_parquet(tmp_path / "rows")
    assert len(list((tmp_path / "rows").glob("*.parquet"))) == 3
    assert list(written.columns) == list(expected.columns)
    assert (written.to_numpy() == expected.to_numpy()).all()


def test_the_chunks_of_a_lost_worker_are_drawn_again_equal(fitted, dask_client):
    lazy = fitted.sample_dask(4 * SIZE, 3, SIZE)
    kept = dask_client.persist(lazy)
    kept_rows = kept.compute()
    lost = next(iter(dask_client.scheduler_info()["workers"]))
    dask_client.run(lambda: __import__("os")._exit(1), workers=[lost], on_error="ignore")
    np.testing.assert_array_equal(kept.compute(), kept_rows)
    np.testing.assert_array_equal(kept_rows, np.concatenate(list(fitted.iter_samples(4 * SIZE, 3, SIZE))))


def test_the_error_of_a_worker_tells_where_it_arose(three_classes):
    """The last test of this file: joblib ends the processes where one fails while another still trains."""
    with pytest.raises(DivergenceError, match="Training of class 1") as error:
        resampled(three_classes, n_jobs=2, generator=constant_generator, on_divergence="raise")
    (note,) = error.value.__notes__
    assert note.startswith("In the worker of class 1:\nTraceback")
    assert "report_trouble" in note
