"""scikit-learn's own callbacks, where it has them."""

import re

import pytest
from sklearn.base import clone

from gan_oversampler import GANOverSampler

callback = pytest.importorskip("sklearn.callback", reason="needs scikit-learn 1.9 or later")


class Recorder:
    """A callback in scikit-learn's protocol; stops a class after `n_most` steps."""

    def __init__(self, n_most=None):
        self.calls, self.n_most = [], n_most

    def setup(self, estimator, context):
        self.calls.append(("setup", context.task_name))

    def on_fit_task_begin(self, estimator, context):
        self.calls.append(("begin", context.task_name, context.max_subtasks))

    def on_fit_task_end(self, estimator, context):
        self.calls.append(("end", context.task_name))
        return context.task_name == "step" and context.task_id + 1 == self.n_most

    def teardown(self, estimator, context):
        self.calls.append(("teardown", context.task_name))


def test_a_fit_is_a_tree_of_classes_and_steps(table, tiny):
    recorder = Recorder()
    GANOverSampler(random_state=0, **tiny).set_callbacks(recorder).fit_resample(*table)
    steps = [("begin", "step", 0), ("end", "step")] * 3
    assert recorder.calls == [
        ("setup", "fit_resample"),
        ("begin", "fit_resample", 1),
        ("begin", "class 1", 3),
        *steps,
        ("end", "class 1"),
        ("end", "fit_resample"),
        ("teardown", "fit_resample"),
    ]


def test_a_callback_may_end_the_training_and_changes_no_bit(table, tiny):
    plain = GANOverSampler(random_state=0, **{**tiny, "max_iter": 2})
    stopped = GANOverSampler(random_state=0, **tiny).set_callbacks(Recorder(n_most=2))
    rows = [sampler.fit_resample(*table)[0] for sampler in (plain, stopped)]
    assert len(stopped.history_[1]["step"]) == 2
    assert (rows[0] == rows[1]).all()


def test_it_is_torn_down_where_a_fit_fails(table, tiny):
    recorder = Recorder()
    sampler = GANOverSampler(random_state=0, deformation="affine", **tiny).set_callbacks(recorder)
    with pytest.raises(ValueError, match="is for images"):
        sampler.fit_resample(*table)
    assert recorder.calls[-1] == ("teardown", "fit_resample")
    sampler.set_params(deformation="auto").fit_resample(*table)


def test_progress_bars_of_scikit_learn_show_it(table, tiny, capsys):
    sampler = GANOverSampler(random_state=0, **tiny)
    clone(sampler).set_callbacks(callback.ProgressBar()).fit_resample(*table)
    shown = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", capsys.readouterr().out)
    assert "GANOverSampler - fit_resample" in shown
    assert "GANOverSampler - class 1" in shown
