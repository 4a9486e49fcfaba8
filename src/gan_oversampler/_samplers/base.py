"""The base of the over-samplers: parameters, checks, and the user's containers in and out of a fit."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from numbers import Integral, Real
from typing import Any, ClassVar, Self

import numpy as np
from imblearn.over_sampling.base import BaseOverSampler
from imblearn.utils import check_target_type
from sklearn.utils._param_validation import Interval, StrOptions

from gan_oversampler._rows import counts, result_memory
from gan_oversampler._rows.containers.stored import stored_of
from gan_oversampler._rows.identifiers import warn_of_identifiers
from gan_oversampler._rows.labels import check_labels, labels_of, plain_labels, repeat_labels
from gan_oversampler._rows.user_rows import UserRows
from gan_oversampler._rows.weights import append_weights, weights_of_rows
from gan_oversampler._samplers.doc_link import DocLinkMixin
from gan_oversampler._samplers.fit import Fit
from gan_oversampler._samplers.fitted import FittedSamplerMixin


class BaseModelOverSampler(FittedSamplerMixin, DocLinkMixin, BaseOverSampler):
    """Over-sampler that learns a model of each class and draws the new rows from it.

    Subclasses say how a class is learned, by their `_fit_type`.
    """

    _fit_type: ClassVar[type[Fit]]

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
        return self._with_new_state(partial(self._fit_resample, X, y, sample_weight))

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
        return self._with_new_state(partial(self._fit, X, y))

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

    def _fit_resample(
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
        with self._fit_type.begin(self, rows.numbers, labels, tuple(wanted), earlier) as fit:
            values, donors, state = fit.resample(rows, labels, wanted)
            state["sampling_strategy_"] = strategy
            state["sample_weight_"] = append_weights(given, labels, strategy, self.synthetic_weight)
            result = rows.followed_by(values), repeat_labels(y, donors)
        return result, state

    def _fit(self, X: Any, y: Any, earlier: dict[str, Any]) -> tuple[Self, dict[str, Any]]:
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
        with self._fit_type.begin(self, rows.numbers, labels, tuple(wanted), earlier) as fit:
            state = fit.learn(rows, labels, tuple(wanted))
        return self, {**state, "sampling_strategy_": strategy}

    def _check_before_training(
        self, rows: UserRows, labels: np.ndarray, wanted: tuple[Any, ...], in_result: int
    ) -> None:
        """Raise errors that would make training pointless, beside a result of so many bytes."""
