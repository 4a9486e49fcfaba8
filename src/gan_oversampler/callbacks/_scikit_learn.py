"""scikit-learn's own callbacks (from 1.9 on), such as its progress bars, as one of ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from gan_oversampler.callbacks import Callback, FitEvent, TrainingEvent

Method = TypeVar("Method", bound=Callable[..., Any])

try:
    from sklearn.callback import CallbackSupportMixin, with_callbacks
except ImportError:  # before scikit-learn 1.9

    class CallbackSupportMixin:  # type: ignore[no-redef]
        """Replaces scikit-learn's, which is missing."""

    def with_callbacks(method: Method) -> Method:
        """Replaces scikit-learn's, which is missing."""
        return method


__all__ = ["CallbackSupportMixin", "SklearnCallbacks", "with_callbacks"]


class SklearnCallbacks(Callback):
    """Reports a fit to scikit-learn's callbacks: one task per class, and in it one task per step.

    Parameters
    ----------
    sampler : CallbackSupportMixin
        Its `set_callbacks` was called, or that of an estimator that contains it.

    Notes
    -----
    A training that is repeated from a fresh seed is not counted again.
    """

    def __init__(self, sampler: Any) -> None:
        self.sampler = sampler
        self._root: Any = None
        self._task: Any = None
        self._label: Any = None
        self._n_left = 0

    def on_fit_begin(self, event: FitEvent) -> None:
        if getattr(self.sampler, "_skl_callbacks", None):
            self._root = self.sampler._init_callback_context("fit_resample", max_subtasks=len(event.labels))
            self._root.call_on_fit_task_begin(estimator=self.sampler)

    def on_class_begin(self, event: TrainingEvent) -> None:
        if self._root is None or (self._task is not None and event.label == self._label):
            return
        self._end_class()
        self._label, self._n_left = event.label, event.max_iter
        self._task = self._root.subcontext(f"class {event.label}", max_subtasks=event.max_iter)
        self._task.call_on_fit_task_begin(estimator=self.sampler)

    def on_step_end(self, event: TrainingEvent) -> bool:
        if self._task is None or not self._n_left:
            return False
        self._n_left -= 1
        step = self._task.subcontext("step")
        step.call_on_fit_task_begin(estimator=self.sampler)
        return bool(step.call_on_fit_task_end(estimator=self.sampler))

    def needs_step(self, step: int, max_iter: int) -> bool:
        return self._task is not None and self._n_left > 0

    def _end_class(self) -> None:
        if self._task is not None:
            self._task.call_on_fit_task_end(estimator=self.sampler)
        self._task = None

    def on_fit_end(self, event: FitEvent) -> None:
        if self._root is None or event.error is not None:
            return
        self._end_class()
        self._root.call_on_fit_task_end(estimator=self.sampler)
