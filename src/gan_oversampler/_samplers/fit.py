"""One fit: its classes are learned, one after the other or in workers, and new rows are drawn of each."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from functools import cache, partial
from typing import Any, Self

import numpy as np
from sklearn.base import clone

from gan_oversampler._classes.kept_rows import KeptRows
from gan_oversampler._classes.model import NO_PARENT, ClassModel
from gan_oversampler._classes.task import ClassTask
from gan_oversampler._rows.columns import Columns
from gan_oversampler._rows.user_rows import UserRows
from gan_oversampler._samplers import parallel
from gan_oversampler._samplers.chunks import draw_into
from gan_oversampler._samplers.fitted import stream
from gan_oversampler._utils import seeds


@dataclass(eq=False, kw_only=True)
class Fit(ABC):
    """One call of `fit` or `fit_resample`, while it runs. Subclasses say how a class is learned.

    Attributes
    ----------
    sampler : BaseModelOverSampler
        Its parameters count; fitted attributes are not set on it here.
    seed : int
        Root seed.
    extras : dict
        Further fitted attributes.
    """

    sampler: Any
    seed: int
    extras: dict[str, Any] = field(default_factory=dict)

    @classmethod
    @contextmanager
    def begin(
        cls, sampler: Any, rows: np.ndarray, labels: np.ndarray, wanted: tuple[Any, ...], earlier: dict[str, Any]
    ) -> Iterator[Self]:
        """A context for one fit; it ends when the result is built, or with an error."""
        yield cls(sampler=sampler, seed=seeds.root_seed(sampler.random_state))

    @abstractmethod
    def learn_model(self, task: ClassTask) -> ClassModel:
        """Learn one class; put further fitted attributes into `extras`."""

    def resample(
        self, X: UserRows, labels: np.ndarray, wanted: dict[Any, int]
    ) -> tuple[np.ndarray, np.ndarray, dict[str, Any]]:
        """Learn, then draw: new rows as numbers, for each the index of a row of its class, and fitted attributes."""
        rows, form = X.numbers, X.form
        state = self.learn(X, labels, tuple(wanted))
        models = state["models_"]
        values = np.empty((sum(wanted.values()), form.n_features), form.storage_dtype)
        parents, start = [], 0
        for label, n in wanted.items():  # into the one array, since parts that are joined are held twice
            positions = draw_into(values[start : start + n], models[label], form, stream(state, label, "resample"))
            parents.append(_rows_of(label, labels, positions))
            start += n
        first_rows = np.array([np.flatnonzero(labels == label)[0] for label in wanted], int)
        donors = np.repeat(first_rows, np.array(list(wanted.values()), int))
        state["synthetic_mask_"] = np.arange(len(rows) + len(values)) >= len(rows)
        state["parent_indices_"] = np.concatenate([np.arange(len(rows)), *parents])
        return values, donors, state

    def learn(self, X: UserRows, labels: np.ndarray, wanted: tuple[Any, ...]) -> dict[str, Any]:
        """Learn: the fitted attributes from which rows can be drawn."""
        learned = self._learn_classes(X, labels, wanted)
        return {
            "classes_": np.unique(labels),
            "image_shape_": X.image_shape,
            "row_format_": X.form,
            "seed_": self.seed,
            "models_": {label: model for label, (model, _) in learned.items()},
            "_kept_rows_": {label: kept for label, (_, kept) in learned.items()},
            **self.extras,
        }

    def _learn_classes(self, X: UserRows, labels: np.ndarray, wanted: tuple[Any, ...]) -> dict[Any, parallel.Learned]:
        """Model of each class, and a sample of the rows to judge it by: one after the other, or in workers."""
        if (n_workers := parallel.n_workers(self.sampler.n_jobs, wanted)) > 1:
            return parallel.learn(self, X, labels, wanted, n_workers)
        find_columns = cache(partial(Columns.find, X.numbers, X.form.is_category))
        tasks = (ClassTask(X.numbers, labels, label, X.image_shape, find_columns, self.seed) for label in wanted)
        return {task.label: self.learn_class(task) for task in tasks}

    def learn_class(self, task: ClassTask) -> parallel.Learned:
        """Model of a class, and a sample of the rows to judge it by."""
        model = self.learn_model(task)
        return model, KeptRows.for_model(model, task)

    # -- workers ---------------------------------------------------------------------------------------

    def part(self, label: Any, n_rounds: int) -> Self:
        """What a worker needs to learn one class, where each worker learns `n_rounds` classes at the most."""
        return replace(self, sampler=clone(self.sampler).set_params(n_jobs=None), extras={})

    def around(self, label: Any) -> AbstractContextManager[Any]:
        """In a worker: what surrounds the learning of the class."""
        return nullcontext()

    def shown(self, finished: Iterable[parallel.Finished], n_classes: int) -> Iterable[parallel.Finished]:
        """What workers finished, shown as it comes in."""
        return finished


def _rows_of(label: Any, labels: np.ndarray, positions: np.ndarray) -> np.ndarray:
    """Rows of X, from positions among those of a class; -1 stays -1."""
    return np.append(np.flatnonzero(labels == label), NO_PARENT)[positions]
