"""The base of the over-samplers: the user's containers in and out, one model per class, drawing."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from numbers import Integral, Real
from typing import Any, ClassVar

import numpy as np
from imblearn.over_sampling.base import BaseOverSampler
from imblearn.utils import check_target_type
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, check_X_y, validate_data

from gan_oversampler._classes.drawn import NO_PARENT, Drawn
from gan_oversampler._classes.kept_rows import KeptRows
from gan_oversampler._classes.model import ClassModel
from gan_oversampler._classes.quality import QualityReport
from gan_oversampler._classes.task import ClassTask
from gan_oversampler._rows import codecs, containers, counts, memory
from gan_oversampler._rows.columns import Columns
from gan_oversampler._rows.user_rows import UserRows, categories_of
from gan_oversampler._rows.weights import append_weights, weights_of_rows
from gan_oversampler._samplers.doc_link import DocLinkMixin
from gan_oversampler._utils import seeds
from gan_oversampler._utils.threads import blas_on_one_thread

_NOT_FITTED = "This %(name)s has learned no class yet: call fit_resample first, since fit only checks its input."


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
    }

    def __init__(
        self,
        *,
        sampling_strategy: Any,
        image_shape: Any,
        categorical_features: Any,
        deformation: Any,
        synthetic_weight: float | None,
        random_state: Any,
    ) -> None:
        super().__init__(sampling_strategy=sampling_strategy)
        self.image_shape = image_shape
        self.categorical_features = categorical_features
        self.deformation = deformation
        self.synthetic_weight = synthetic_weight
        self.random_state = random_state

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = False
        tags.input_tags.allow_nan = True
        tags.input_tags.categorical = True
        return tags

    # -- checks ----------------------------------------------------------------------------------------

    def _check_X_y(self, X: Any, y: Any, accept_sparse: Any = None) -> tuple[np.ndarray, np.ndarray, bool]:
        rows, labels, is_one_hot = self._read(X, y)
        return rows.numbers, labels, is_one_hot

    def _read(self, X: Any, y: Any) -> tuple[UserRows, np.ndarray, bool]:
        """The rows of X, the labels, and whether these were one-hot."""
        labels, is_one_hot = check_target_type(containers.plain_labels(y), indicate_one_vs_all=True)
        dense = containers.prepare(X)
        categories = categories_of(dense, self.categorical_features) if len(np.shape(dense)) == 2 else []
        numbers, codings = containers.read(dense, categories)
        numbers, labels = check_X_y(
            numbers, labels, allow_nd=True, ensure_2d=False, ensure_all_finite=False, estimator=self
        )
        rows = UserRows.of(X, numbers, codings, categories, self.image_shape)
        validate_data(self, X=dense, reset=True, skip_check_array=True, ensure_2d=False)  # names of the columns
        self.n_features_in_ = rows.form.n_features
        return rows, labels, is_one_hot

    def _forget(self) -> dict[str, Any]:
        """Drop and return the state of an earlier fit, so that a failed fit never leaves half a state."""
        names = [name for name in vars(self) if name.endswith("_") and not name.startswith("__")]
        return {name: self.__dict__.pop(name) for name in names}

    # -- resampling ------------------------------------------------------------------------------------

    def fit_resample(self, X: Any, y: Any, sample_weight: Any = None) -> tuple[Any, Any]:
        """Learn the classes that need more rows and append the new rows.

        Parameters
        ----------
        X : array-like or DataFrame of shape (n, p), (n, H, W) or (n, H, W, C)
            Images: finite numbers. A table: numbers, categories (strings, bools, pandas' categories), and missing
            values.
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
        self._validate_params()
        earlier = self._forget()
        try:
            result, state = self._checked_fit_resample(X, y, sample_weight, earlier)
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
        containers.check_labels(y)
        check_classification_targets(containers.plain_labels(y))
        rows, labels, _ = self._read(X, y)
        given = weights_of_rows(sample_weight, len(labels))
        strategy = counts.rows_to_make(self.sampling_strategy, labels, self._sampling_type)
        form, n_new = rows.form, sum(strategy.values())
        memory.check(memory.estimate(len(labels), n_new, form.n_features, form.kind, form.storage_dtype), n_new)
        _rehearse(X, rows)
        wanted = {label: n for label, n in strategy.items() if n > 0}
        self._check_before_training(wanted, rows.image_shape is not None)
        with self._begin_fit(rows.numbers, labels, tuple(wanted), earlier) as fit:
            values, donors, state = self._fit_resample(rows, labels, wanted, fit)
            state["sampling_strategy_"] = strategy
            state["sample_weight_"] = append_weights(given, labels, strategy, self.synthetic_weight)
            result = containers.append_rows(X, form.build(values)), containers.repeat_labels(y, donors)
        return result, state

    def _fit_resample(
        self, X: UserRows, labels: np.ndarray, wanted: dict[Any, int], fit: Any
    ) -> tuple[np.ndarray, np.ndarray, dict[str, Any]]:
        """Learn, then draw: new rows as numbers, for each the index of a row of its class, and fitted attributes."""
        rows, shape, form = X.numbers, X.image_shape, X.form
        find_columns = cache(partial(Columns.find, rows, form.is_category))
        tasks = (ClassTask(rows, labels, label, shape, find_columns, fit.seed) for label in wanted)
        models, kept = {}, {}
        for task in tasks:
            models[task.label] = self._fit_class(task, fit)
            kept[task.label] = KeptRows.for_model(models[task.label], task)
        state = {
            "classes_": np.unique(labels),
            "image_shape_": shape,
            "row_format_": form,
            "seed_": fit.seed,
            "models_": models,
            "_kept_rows_": kept,
            **fit.extras,
        }
        drawn = [self._draw(models[k], form, n, _stream(state, k, "resample")) for k, n in wanted.items()]
        values = np.concatenate([np.empty((0, form.n_features), form.storage_dtype), *(part.rows for part in drawn)])
        first_rows = np.array([np.flatnonzero(labels == label)[0] for label in wanted], int)
        donors = np.repeat(first_rows, np.array(list(wanted.values()), int))
        state["synthetic_mask_"] = np.arange(len(rows) + len(values)) >= len(rows)
        parents = [_rows_of(label, labels, part.parents) for label, part in zip(wanted, drawn, strict=True)]
        state["parent_indices_"] = np.concatenate([np.arange(len(rows)), *parents])
        return values, donors, state

    def _check_before_training(self, wanted: dict[Any, int], is_image: bool) -> None:
        """Raise errors that would make training pointless."""

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

    @staticmethod
    @blas_on_one_thread()
    def _draw(model: ClassModel, form: containers.RowFormat, n: int, rng: np.random.Generator) -> Drawn:
        """Rows of shape (n, n_features), rounded and in the range of their dtypes."""
        rows, parents = np.empty((n, form.n_features), form.storage_dtype), np.empty(n, np.int64)
        start = 0
        for chunk in model.draw(n, rng):
            here = slice(start, start + len(chunk))
            rows[here], parents[here] = codecs.finish(chunk.rows, form.whole, form.limits), chunk.parents
            start += len(chunk)
        assert start == n, f"{start} rows were drawn in place of {n}"
        return Drawn(rows, parents)

    def sample(self, n_samples: int, label: Any, *, random_state: int | np.random.RandomState | None = None) -> Any:
        """Draw more rows of a class without training again.

        Parameters
        ----------
        n_samples : int
            How many, 0 or more.
        label : label
            A class that `fit_resample` learned (for one-hot y: its column).
        random_state : int, RandomState or None, default=None
            Another seed gives other rows. None draws from the seed of the fit: the same rows on every call, different
            from the rows that `fit_resample` appended.

        Returns
        -------
        rows : same container, rank and dtypes as the X of `fit_resample`
        """
        check_is_fitted(self, "models_", msg=_NOT_FITTED)
        if not isinstance(n_samples, Integral) or isinstance(n_samples, bool) or n_samples < 0:
            raise ValueError(f"n_samples must be a whole number from 0 up, but {n_samples!r} was given.")
        if label not in self.models_:
            raise ValueError(
                f"No model was learned of class {label!r}: choose one of {list(self.models_)}, or ask for more "
                "rows of it in sampling_strategy."
            )
        form, n = self.row_format_, int(n_samples)
        memory.check(memory.estimate(0, n, form.n_features, form.kind, form.storage_dtype), n)
        rng = _stream(vars(self), label, "sample")
        if random_state is not None:
            rng = seeds.generator(seeds.root_seed(random_state), "sample")
        return form.build(self._draw(self.models_[label], form, n, rng).rows)

    @property
    def shares_(self) -> dict[Any, dict[str, float]]:
        """Class -> way in which its new rows are made -> share."""
        check_is_fitted(self, "models_")
        return {label: model.shares for label, model in self.models_.items()}

    @property
    def quality_report_(self) -> dict[Any, QualityReport]:
        """Class -> QualityReport of the rows drawn for it; measured when first asked for, without training."""
        check_is_fitted(self, "models_", msg=_NOT_FITTED)
        if "_quality_reports_" not in vars(self):
            self._quality_reports_ = {label: self._judge(label) for label in self.models_}
        return self._quality_reports_

    @blas_on_one_thread()
    def _judge(self, label: Any) -> QualityReport:
        rng = _stream(self.__dict__, label, "quality")
        model = self.models_[label]
        return self._kept_rows_[label].judge(model, lambda n: self._draw(model, self.row_format_, n, rng).rows)


def _rehearse(X: Any, rows: UserRows) -> None:
    """Give a real row back as a new one, so that what cannot be built is said before training."""
    some = X[:1] if isinstance(X, list | tuple) or not hasattr(X, "iloc") else X.iloc[:1]
    try:
        containers.append_rows(some, rows.form.build(rows.numbers[:1].reshape(1, -1)))
    except Exception as error:  # whatever a container of somebody else's stumbles over
        raise ValueError(
            f"New rows cannot be given the form of X, a {type(X).__name__} ({type(error).__name__}: {error}): give an "
            "array of numbers, or a DataFrame of plain dtypes."
        ) from error


def _stream(state: dict[str, Any], label: Any, purpose: str) -> np.random.Generator:
    """Random stream of a class, by its place among the classes: labels may be of any type."""
    return seeds.generator(state["seed_"], purpose, int(np.flatnonzero(state["classes_"] == label)[0]))


def _rows_of(label: Any, labels: np.ndarray, positions: np.ndarray) -> np.ndarray:
    """Rows of X, from positions among those of a class; -1 stays -1."""
    return np.append(np.flatnonzero(labels == label), NO_PARENT)[positions]
