"""The base of the over-samplers: the user's containers in and out, one model per class, drawing."""

from __future__ import annotations

import os
from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import cache, partial
from numbers import Integral, Real
from typing import Any, ClassVar, Self

import numpy as np
from imblearn.over_sampling.base import BaseOverSampler
from imblearn.utils import check_target_type
from sklearn.base import clone
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_is_fitted

from gan_oversampler._classes.kept_rows import KeptRows
from gan_oversampler._classes.model import NO_PARENT, ClassModel
from gan_oversampler._classes.quality import QualityReport
from gan_oversampler._classes.task import ClassTask
from gan_oversampler._rows import counts, result_memory
from gan_oversampler._rows.columns import Columns
from gan_oversampler._rows.containers.stored import stored_of
from gan_oversampler._rows.identifiers import warn_of_identifiers
from gan_oversampler._rows.labels import check_labels, labels_of, plain_labels, repeat_labels
from gan_oversampler._rows.user_rows import UserRows, read_further
from gan_oversampler._rows.weights import append_weights, weights_of_rows
from gan_oversampler._samplers import parallel
from gan_oversampler._samplers.argument_order import NOT_FITTED, either_order, is_number_of_rows
from gan_oversampler._samplers.chunks import Chunks, as_dask, draw_into, draw_rows
from gan_oversampler._samplers.doc_link import DocLinkMixin
from gan_oversampler._saved import file
from gan_oversampler._utils import seeds
from gan_oversampler._utils.blas_threads import blas_on_one_thread


@dataclass(eq=False)
class Fit:
    """One call of `fit_resample`, while it runs.

    Attributes
    ----------
    seed : int
        Root seed.
    extras : dict
        Further fitted attributes.
    """

    seed: int
    extras: dict[str, Any] = field(default_factory=dict)

    def part(self, label: Any, n_rounds: int) -> Fit:
        """What a worker needs to learn one class, where each worker learns `n_rounds` classes at the most."""
        return Fit(self.seed)

    def around(self, label: Any) -> AbstractContextManager[Any]:
        """In a worker: what surrounds the learning of the class."""
        return nullcontext()


class BaseModelOverSampler(DocLinkMixin, BaseOverSampler):
    """Over-sampler that learns a model of each class and draws the new rows from it.

    Subclasses say how a class is learned, in `_fit_class`.
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **BaseOverSampler._parameter_constraints,
        "categorical_features": ["array-like", StrOptions({"auto"}), None],
        "image_shape": [StrOptions({"auto"}), tuple, list, None],
        "deformation": [StrOptions({"auto", "learned", "affine"}), callable, None],
        "synthetic_weight": [Interval(Real, 0, None, closed="left"), None],
        "n_jobs": [Integral, None],
    }

    def __init__(
        self,
        *,
        sampling_strategy: Any,
        image_shape: Any,
        categorical_features: Any,
        deformation: Any,
        synthetic_weight: float | None,
        n_jobs: int | None,
        random_state: Any,
    ) -> None:
        super().__init__(sampling_strategy=sampling_strategy)
        self.image_shape = image_shape
        self.categorical_features = categorical_features
        self.deformation = deformation
        self.synthetic_weight = synthetic_weight
        self.n_jobs = n_jobs
        self.random_state = random_state

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.input_tags.allow_nan = True
        tags.input_tags.categorical = True
        return tags

    # -- checks ----------------------------------------------------------------------------------------

    def _check_X_y(self, X: Any, y: Any, accept_sparse: Any = None) -> tuple[np.ndarray, np.ndarray, bool]:
        rows, labels, is_one_hot = self._read(X, y)
        return rows.numbers, labels, is_one_hot

    def _read(self, X: Any, y: Any) -> tuple[UserRows, np.ndarray, bool]:
        """The rows of X, the labels, and whether these were one-hot."""
        given, is_one_hot = check_target_type(plain_labels(y), indicate_one_vs_all=True)
        return *UserRows.of(X, given, self), is_one_hot

    def _forget(self) -> dict[str, Any]:
        """Drop and return the state of an earlier fit, so that a failed fit never leaves half a state."""
        names = [name for name in vars(self) if name.endswith("_") and not name.startswith("__")]
        return {name: self.__dict__.pop(name) for name in names}

    # -- resampling ------------------------------------------------------------------------------------

    def fit_resample(self, X: Any, y: Any, sample_weight: Any = None) -> tuple[Any, Any]:
        """Learn the classes that need more rows and append the new rows.

        Parameters
        ----------
        X : array-like, sparse table or DataFrame of shape (n, p), (n, H, W) or (n, H, W, C)
            Images: finite numbers. A table: numbers, categories (strings, bools, pandas' categories), and missing
            values. A sparse one, CSR or CSC, is read as the dense one that it stands for.
        y : array-like of shape (n,), (n, 1) or one-hot (n, n_classes)
            Class labels.
        sample_weight : array-like of shape (n,), default=None
            Weights of the rows, 0 or more. They come back in `sample_weight_` with those of the new rows; what is
            learned and drawn does not depend on them. None: 1 for each row.

        Returns
        -------
        X_resampled, y_resampled : same containers, ranks, names and dtypes as X and y
            The original rows first, unchanged, then the new ones, class by class.

        Raises
        ------
        ValueError
            If X holds what is neither number nor category, y has one class, there is not one weight for each row, or
            a parameter contradicts them.
        """
        return self._with_new_state(partial(self._checked_fit_resample, X, y, sample_weight))

    def fit(self, X: Any, y: Any) -> Self:
        """Learn the classes that need more rows, without a resampled X: `sample` and its kin then draw.

        Parameters
        ----------
        X : array-like or DataFrame of shape (n, p), (n, H, W) or (n, H, W, C)
            As in `fit_resample`. A memory map, a dataset of h5py, an array of Zarr, and an array or a DataFrame of dask
            may be larger than memory: rows of the classes to learn and a sample of the others are read in parts.
        y : array-like of shape (n,), (n, 1) or one-hot (n, n_classes)
            Class labels, which are held in memory.

        Returns
        -------
        self : object

        Raises
        ------
        ValueError
            As from `fit_resample`.

        Notes
        -----
        What X holds beside the rows that are read is not looked at. The sample of the other classes takes 128 MiB
        (42,799 images of 28x28 in float32), and has at least 400 rows. If all rows are within it, the models are those
        of `fit_resample`.
        """
        return self._with_new_state(partial(self._checked_fit, X, y))

    def _with_new_state(self, learn: Callable[[dict[str, Any]], tuple[Any, dict[str, Any]]]) -> Any:
        """The result of what learns, after its fitted attributes have replaced those of an earlier fit."""
        self._validate_params()
        earlier = self._forget()
        try:
            result, state = learn(earlier)
        except BaseException:
            self._forget()
            self._recover(earlier)
            raise
        self.__dict__.update(state)
        return result

    def _recover(self, earlier: dict[str, Any]) -> None:
        """After a failed fit: the state of an earlier fit stays forgotten."""

    def _checked_fit_resample(
        self, X: Any, y: Any, sample_weight: Any, earlier: dict[str, Any]
    ) -> tuple[tuple[Any, Any], dict[str, Any]]:
        """The result, and the fitted attributes that belong to it."""
        check_labels(y)
        rows, labels, _ = self._read(X, y)
        given = weights_of_rows(sample_weight, len(labels))
        strategy = counts.rows_to_make(self.sampling_strategy, labels, self._sampling_type)
        form, n_new = rows.form, sum(strategy.values())
        in_result = result_memory.estimate(len(labels), n_new, form.n_features, form.kind, form.storage_dtype)
        result_memory.check(in_result, n_new)
        rows.rehearse()
        wanted = {label: n for label, n in strategy.items() if n > 0}
        if wanted:
            warn_of_identifiers(rows)
        self._check_before_training(rows, labels, tuple(wanted), in_result)
        with self._begin_fit(rows.numbers, labels, tuple(wanted), earlier) as fit:
            values, donors, state = self._fit_resample(rows, labels, wanted, fit)
            state["sampling_strategy_"] = strategy
            state["sample_weight_"] = append_weights(given, labels, strategy, self.synthetic_weight)
            result = rows.followed_by(values), repeat_labels(y, donors)
        return result, state

    def _checked_fit(self, X: Any, y: Any, earlier: dict[str, Any]) -> tuple[Self, dict[str, Any]]:
        """The sampler, and the fitted attributes that belong to it."""
        labels = labels_of(np.asarray(y) if stored_of(y) else y)
        strategy = counts.rows_to_make(self.sampling_strategy, labels, self._sampling_type)
        wanted = {label: n for label, n in strategy.items() if n > 0}
        if stored := stored_of(X):
            X, labels = stored.in_memory(labels, wanted)
        rows, labels, _ = self._read(X, labels)
        rows.rehearse()
        if wanted:
            warn_of_identifiers(rows)
        self._check_before_training(rows, labels, tuple(wanted), 0)
        with self._begin_fit(rows.numbers, labels, tuple(wanted), earlier) as fit:
            state = self._learned_state(rows, labels, tuple(wanted), fit)
        return self, {**state, "sampling_strategy_": strategy}

    def _fit_resample(
        self, X: UserRows, labels: np.ndarray, wanted: dict[Any, int], fit: Any
    ) -> tuple[np.ndarray, np.ndarray, dict[str, Any]]:
        """Learn, then draw: new rows as numbers, for each the index of a row of its class, and fitted attributes."""
        rows, form = X.numbers, X.form
        state = self._learned_state(X, labels, tuple(wanted), fit)
        models = state["models_"]
        values = np.empty((sum(wanted.values()), form.n_features), form.storage_dtype)
        parents, start = [], 0
        for label, n in wanted.items():  # into the one array, since parts that are joined are held twice
            positions = draw_into(values[start : start + n], models[label], form, _stream(state, label, "resample"))
            parents.append(_rows_of(label, labels, positions))
            start += n
        first_rows = np.array([np.flatnonzero(labels == label)[0] for label in wanted], int)
        donors = np.repeat(first_rows, np.array(list(wanted.values()), int))
        state["synthetic_mask_"] = np.arange(len(rows) + len(values)) >= len(rows)
        state["parent_indices_"] = np.concatenate([np.arange(len(rows)), *parents])
        return values, donors, state

    def _learned_state(self, X: UserRows, labels: np.ndarray, wanted: tuple[Any, ...], fit: Any) -> dict[str, Any]:
        """Learn: the fitted attributes from which rows can be drawn."""
        learned = self._learn(X, labels, wanted, fit)
        return {
            "classes_": np.unique(labels),
            "image_shape_": X.image_shape,
            "row_format_": X.form,
            "seed_": fit.seed,
            "models_": {label: model for label, (model, _) in learned.items()},
            "_kept_rows_": {label: kept for label, (_, kept) in learned.items()},
            **fit.extras,
        }

    def _learn(self, X: UserRows, labels: np.ndarray, wanted: tuple[Any, ...], fit: Any) -> dict[Any, parallel.Learned]:
        """Model of each class, and a sample of the rows to judge it by: one after the other, or in workers."""
        if (n_workers := parallel.n_workers(self.n_jobs, wanted)) > 1:
            return parallel.learn(self, X, labels, wanted, fit, n_workers)
        find_columns = cache(partial(Columns.find, X.numbers, X.form.is_category))
        tasks = (ClassTask(X.numbers, labels, label, X.image_shape, find_columns, fit.seed) for label in wanted)
        return {task.label: self._learn_class(task, fit) for task in tasks}

    def _learn_class(self, task: ClassTask, fit: Any) -> parallel.Learned:
        model = self._fit_class(task, fit)
        return model, KeptRows.for_model(model, task)

    def _for_worker(self) -> Self:
        """A copy that learns a class in a worker."""
        return clone(self).set_params(n_jobs=None)

    def _shown(self, finished: Iterable[parallel.Finished], n_classes: int) -> Iterable[parallel.Finished]:
        """What workers finished, shown as it comes in."""
        return finished

    def _check_before_training(
        self, rows: UserRows, labels: np.ndarray, wanted: tuple[Any, ...], in_result: int
    ) -> None:
        """Raise errors that would make training pointless, beside a result of so many bytes."""

    @contextmanager
    def _begin_fit(
        self, rows: np.ndarray, labels: np.ndarray, wanted: tuple[Any, ...], earlier: dict[str, Any]
    ) -> Iterator[Any]:
        """A context for one fit; it ends when the result is built, or with an error."""
        yield Fit(seeds.root_seed(self.random_state))

    @abstractmethod
    def _fit_class(self, task: ClassTask, fit: Any) -> ClassModel:
        """Learn one class; put further fitted attributes into `fit.extras`."""

    # -- drawing ---------------------------------------------------------------------------------------

    def sample(self, n_samples: int, label: Any, *, random_state: int | np.random.RandomState | None = None) -> Any:
        """Draw more rows of a class without training again.

        Parameters
        ----------
        n_samples : int
            How many, 0 or more.
        label : label
            A class that `fit_resample` learned (for one-hot y: its column).
        random_state : int, RandomState or None, default=None
            Another seed gives other rows, each class its own. None draws from the seed of the fit: the same rows on
            every call, different from the rows that `fit_resample` appended.

        Returns
        -------
        rows : same container, rank and dtypes as the X of `fit_resample`
        """
        self._check_request(n_samples, label)
        form, n = self.row_format_, int(n_samples)
        result_memory.check(result_memory.estimate(0, n, form.n_features, form.kind, form.storage_dtype), n)
        seed = self.seed_ if random_state is None else seeds.root_seed(random_state)
        rng = seeds.generator(seed, "sample", _place(self.__dict__, label))
        return form.build(draw_rows(self.models_[label], form, n, rng))

    @either_order
    def iter_samples(
        self,
        n_samples: int,
        label: Any,
        chunk_size: int = 10_000,
        *,
        random_state: int | np.random.RandomState | None = None,
    ) -> Iterator[Any]:
        """Draw rows of a class chunk by chunk, so that only a chunk is in memory.

        Parameters
        ----------
        n_samples : int
            How many, 0 or more.
        label : label
            A class that was learned (for one-hot y: its column).
        chunk_size : int, default=10_000
            Rows of a chunk; the last may hold fewer. Another size gives other rows.
        random_state : int, RandomState or None, default=None
            Another seed gives other rows. None draws from the seed of the fit: the same rows on every call.

        Yields
        ------
        rows : same container, rank and dtypes as X
            Each chunk is drawn from the root seed, the class and its own number alone.

        Examples
        --------
        >>> import numpy as np
        >>> from gan_oversampler import DeformationOverSampler
        >>> X = np.random.default_rng(0).normal(size=(60, 3))
        >>> sampler = DeformationOverSampler(random_state=0).fit(X, np.arange(60) < 20)
        >>> [len(rows) for rows in sampler.iter_samples(2500, True, chunk_size=1000)]
        [1000, 1000, 500]
        """
        return iter(self._chunks(n_samples, label, chunk_size, random_state, "chunk_size"))

    @either_order
    def sample_dask(
        self,
        n_samples: int,
        label: Any,
        chunks: int = 10_000,
        *,
        random_state: int | np.random.RandomState | None = None,
    ) -> Any:
        """The rows of `iter_samples` as an array or DataFrame of dask, for workers to draw and write in parallel.

        Parameters
        ----------
        n_samples, label, random_state
            As in `iter_samples`.
        chunks : int, default=10_000
            Rows of a chunk.

        Returns
        -------
        rows : dask Array, or dask DataFrame where X is a pandas DataFrame
            Nothing is drawn yet. Any number of workers gives the same bits, and the chunks of a worker that is lost are
            drawn again, equal.

        Raises
        ------
        ImportError
            Without dask.
        ValueError
            Where X is another container than an array or a pandas DataFrame.
        """
        return as_dask(self._chunks(n_samples, label, chunks, random_state, "chunks"))

    def _chunks(self, n_samples: Any, label: Any, chunk_size: Any, random_state: Any, name: str) -> Chunks:
        self._check_request(n_samples, label)
        if not isinstance(chunk_size, Integral) or isinstance(chunk_size, bool) or chunk_size < 1:
            raise ValueError(f"{name} must be a whole number of rows from 1 up, but {chunk_size!r} was given.")
        form, n, size = self.row_format_, int(n_samples), int(chunk_size)
        result_memory.check(
            result_memory.estimate(0, min(n, size), form.n_features, form.kind, form.storage_dtype), min(n, size)
        )
        seed = self.seed_ if random_state is None else seeds.root_seed(random_state)
        return Chunks(self.models_[label], form, seed, _place(self.__dict__, label), n, size)

    def _check_request(self, n_samples: Any, label: Any) -> None:
        """Refuse what cannot be drawn."""
        check_is_fitted(self, "models_", msg=NOT_FITTED)
        if not is_number_of_rows(n_samples):
            raise ValueError(f"n_samples must be a whole number from 0 up, but {n_samples!r} was given.")
        if label not in self.models_:
            raise ValueError(
                f"No model was learned of class {label!r}: choose one of {list(self.models_)}, or ask for more "
                "rows of it in sampling_strategy."
            )

    # -- files -----------------------------------------------------------------------------------------

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the fitted sampler to a file: a zip of JSON and npz, moved into place when complete.

        Parameters
        ----------
        path : path-like

        Raises
        ------
        ValueError
            Where `load` would refuse the file, as with layers of a user's own; a pickle can hold these.

        Notes
        -----
        Callables among the parameters are not saved; the networks that they built are. Nor is `checkpoint`. A file
        holds those real rows of the learned classes that new rows are made of.
        """
        file.save(self, path)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read what `save` wrote. Nothing in the file is executed.

        Parameters
        ----------
        path : path-like

        Returns
        -------
        sampler : of the class that is asked
            Draws the same rows from `sample` as the one that was saved.

        Raises
        ------
        FileFormatError
            Where the file is not such a file, is damaged, or comes from a newer version.
        """
        return file.load(cls, path)

    # -- what was learned ------------------------------------------------------------------------------

    @property
    def shares_(self) -> dict[Any, dict[str, float]]:
        """Class -> way in which its new rows are made -> share."""
        check_is_fitted(self, "models_")
        return {label: model.shares for label, model in self.models_.items()}

    @property
    def quality_report_(self) -> dict[Any, QualityReport]:
        """Class -> QualityReport of the rows drawn for it; measured when first asked for, without training."""
        check_is_fitted(self, "models_", msg=NOT_FITTED)
        if "_quality_reports_" not in vars(self):
            self._quality_reports_ = {label: self._judge(label) for label in self.models_}
        return self._quality_reports_

    def measure_quality(self, X: Any, y: Any) -> dict[Any, QualityReport]:
        """Quality reports with two attacks on membership, which need real rows that were kept out of training.

        Parameters
        ----------
        X : array-like or DataFrame, of the columns or the size of the X that was fitted to
            Rows that this sampler has not seen, such as a test fold; 25 or more of each class that is to be attacked.
        y : array-like of shape (n,)
            Their labels.

        Returns
        -------
        reports : dict
            Class -> QualityReport. Its `privacy` says what the attacks found.

        Raises
        ------
        ValueError
            Where X holds rows that were learned from, or does not fit to those, or this sampler comes from a file: a
            file keeps no rows to measure by.

        Notes
        -----
        The attacks see as many new rows as were asked for, 10,000 at most, and at most 600 of the rows that were
        learned from. See `gan_oversampler.metrics.membership_inference`.
        """
        check_is_fitted(self, "models_", msg=NOT_FITTED)
        if "_kept_rows_" not in vars(self):
            raise ValueError(
                "A sampler read from a file keeps no rows to measure by: call measure_quality before save, or on a "
                "pickle."
            )
        labels = labels_of(y)
        rows = read_further(X, self.row_format_)
        if len(rows) != len(labels):
            raise ValueError(f"X has {len(rows)} rows and y has {len(labels)} labels: give one label for each row.")
        held_out = {label: rows[labels == label] for label in self.models_}
        return {label: self._judge(label, own if len(own) else None) for label, own in held_out.items()}

    @blas_on_one_thread()
    def _judge(self, label: Any, held_out: np.ndarray | None = None) -> QualityReport:
        rng = _stream(self.__dict__, label, "quality")
        model, n_asked = self.models_[label], self.sampling_strategy_.get(label, 0)
        return self._kept_rows_[label].judge(
            model, lambda n: draw_rows(model, self.row_format_, n, rng), held_out, n_asked
        )


def _place(state: dict[str, Any], label: Any) -> int:
    """Place of a class among the classes: labels may be of any type."""
    return int(np.flatnonzero(state["classes_"] == label)[0])


def _stream(state: dict[str, Any], label: Any, purpose: str) -> np.random.Generator:
    """Random stream of a class."""
    return seeds.generator(state["seed_"], purpose, _place(state, label))


def _rows_of(label: Any, labels: np.ndarray, positions: np.ndarray) -> np.ndarray:
    """Rows of X, from positions among those of a class; -1 stays -1."""
    return np.append(np.flatnonzero(labels == label), NO_PARENT)[positions]
