"""Balanced batches for a network, with fresh rows of the rare classes in every epoch."""

from __future__ import annotations

import copy
import operator
from collections.abc import Iterator
from functools import reduce
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from gan_oversampler._batches.deforming import deformed
from gan_oversampler._batches.learned import deformers, fitted
from gan_oversampler._batches.look import Look
from gan_oversampler._batches.plan import Part, Plan, members_of, rows_shown
from gan_oversampler._batches.source import Source
from gan_oversampler._rows.containers import container_of
from gan_oversampler._rows.containers.stored import check_length, stored_of
from gan_oversampler._rows.labels import labels_of
from gan_oversampler._rows.weights import weight_of_new_row, weights_of_rows
from gan_oversampler._samplers.chunks import draw_rows
from gan_oversampler._utils import seeds

__all__ = ["BalancedBatches"]


def _check_numbers(batch_size: Any, balance: Any) -> None:
    if not isinstance(batch_size, Integral) or isinstance(batch_size, bool) or batch_size < 1:
        raise ValueError(f"batch_size must be a whole number of rows from 1 up, but {batch_size!r} was given.")
    if not isinstance(balance, Real) or isinstance(balance, bool) or not 0 < float(balance) <= 1:
        raise ValueError(
            f"balance must be above 0 and at most 1, which gives each learned class as many rows as the largest has, "
            f"but {balance!r} was given."
        )


def _check_is_readable(source: Source) -> None:
    X = source.X
    if not (source.is_frame or isinstance(X, np.ndarray) or (stored_of(X) and not hasattr(X, "columns"))):
        raise ValueError(
            f"X must be an array, in memory or stored, or a pandas DataFrame, from which rows are taken by number, but "
            f"it is a {type(X).__name__}: give numpy.asarray(X), or a DataFrame of pandas."
        )


def _take(rows: Any, order: NDArray[Any]) -> Any:
    return rows.iloc[order].reset_index(drop=True) if hasattr(rows, "iloc") else rows[order]


def _appended(rows: Any, others: Any) -> Any:
    return container_of(rows).append(others)


class BalancedBatches:
    """Batches of real rows, each once an epoch, in which rows drawn anew top up the rare classes.

    A sequence: `len(batches)` and `batches[i]`, which is `(X_batch, y_batch)`, or `(X_batch, y_batch, w_batch)` where
    there is a `sample_weight`. A resampled X is never built: the new rows of a batch are drawn when it is asked for.

    Parameters
    ----------
    sampler : GANOverSampler or DeformationOverSampler
        Used as it is where it is fitted; otherwise a clone is fitted to X and y. The classes that it learned are topped
        up, whatever number of rows its `sampling_strategy` names.
    X : array of shape (n, ...) or pandas DataFrame
        In memory, a memory map, a dataset of h5py, or an array of Zarr. A batch reads its own rows only.
    y : array-like of shape (n,), (n, 1) or one-hot (n, n_classes)
    batch_size : int, default=32
        Rows of a batch, real and new ones together. The last batch may be smaller.
    balance : float, default=1.0
        Rows of each learned class, as a share of those of the largest class, above 0 and at most 1.
    deform_others : bool, default=False
        Whether real rows are shown deformed, too: those of a learned class by its own deformation, the others by that
        of the first learned class. Only for images.
    sample_weight : array-like of shape (n,), default=None
        Weights of the rows. A new row weighs as much as a real row of its class on average, unless the sampler's
        `synthetic_weight` says otherwise.
    random_state : int, RandomState or None, default=None
        None: the seed of the sampler's fit. A sampler that is fitted here, and has no seed, is seeded by it, too.
    drop_last : bool, default=False
        Whether a last batch that is smaller is left out. Other rows are left out in each epoch.
    one_hot : bool, default=False
        Whether y_batch is float32 of shape (m, n_classes), in the order of `classes_`. Otherwise it has the labels as y
        holds them.
    dtype : dtype, default=None
        Of X_batch. None: that of X, or float32 where there is a `scale`. A DataFrame becomes an array.
    scale : float, default=None
        Factor on X_batch, after the cast: 1 / 255 takes bytes to [0, 1].

    Attributes
    ----------
    sampler_ : GANOverSampler or DeformationOverSampler
        The fitted sampler.
    classes_ : ndarray of shape (n_classes,)
    counts_ : ndarray of shape (n_classes,), int
        Rows of each class in an epoch, real and new ones.

    Raises
    ------
    ValueError
        Where a parameter is out of its range, the lengths of X and y differ, y has one class, or the sampler was fitted
        on something else.

    See Also
    --------
    gan_oversampler.GANOverSampler.iter_samples : Rows of one class in chunks.

    Notes
    -----
    A batch depends on the seed, the epoch and its own number alone. Any number of threads and processes therefore give
    the same batches, and a run that starts again gives them, too. All classes are spread evenly over the epoch.

    In PyTorch: ``DataLoader(batches, batch_size=None, num_workers=2)``, and ``batches.set_epoch(epoch)`` before each
    epoch. Leave `persistent_workers` off: workers that stay alive would not see the next epoch. With
    ``shuffle=True`` batches come in another order.

    Where a network draws the rows, workers must not be forked after TensorFlow ran: give
    ``multiprocessing_context="spawn"``.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.datasets import load_digits
    >>> from gan_oversampler import DeformationOverSampler
    >>> from gan_oversampler.batches import BalancedBatches
    >>> X, y = load_digits(return_X_y=True)
    >>> X, y = X[y < 2][:200], y[y < 2][:200] * (np.arange(200) % 4 == 0)
    >>> batches = BalancedBatches(DeformationOverSampler(random_state=0), X, y, batch_size=32, scale=1 / 16)
    >>> X_batch, y_batch = batches[0]
    >>> len(batches), X_batch.shape, np.bincount(y_batch).tolist()
    (12, (32, 64), [16, 16])
    """

    def __init__(
        self,
        sampler: Any,
        X: Any,
        y: Any,
        *,
        batch_size: int = 32,
        balance: float = 1.0,
        deform_others: bool = False,
        sample_weight: Any = None,
        random_state: int | np.random.RandomState | None = None,
        drop_last: bool = False,
        one_hot: bool = False,
        dtype: DTypeLike | None = None,
        scale: float | None = None,
    ) -> None:
        _check_numbers(batch_size, balance)
        self._look, self._one_hot, self._source = Look.of(dtype, scale), bool(one_hot), Source(X)
        _check_is_readable(self._source)
        y = np.asarray(y) if stored_of(y) else y
        labels = labels_of(y)
        check_length(X, len(labels))
        self.classes_, places = np.unique(labels, return_inverse=True)
        self._check_classes(batch_size)
        seed = None if random_state is None else seeds.root_seed(random_state)
        self.sampler_ = fitted(sampler, self._source, y, self.classes_, seed)
        self._look.check_fits(self.sampler_.row_format_)
        self._deformers = deformers(self.sampler_, self.classes_) if deform_others else None
        self._members = members_of(places, len(self.classes_))
        self._y_of_class = np.asarray(y)[[own[0] for own in self._members]]
        self._plan = self._planned(int(batch_size), balance, drop_last)
        self.counts_ = self._plan.n_shown
        self._weights = None if sample_weight is None else self._all_weights(sample_weight)
        self._seed = self.sampler_.seed_ if seed is None else seed
        self._epoch = 0
        self._order_of: tuple[int, list[NDArray[Any]]] | None = None

    def _check_classes(self, batch_size: int) -> None:
        if len(self.classes_) < 2:
            raise ValueError(f"y must hold two classes or more, but all of its labels are {self.classes_.tolist()}.")
        if batch_size < len(self.classes_):
            raise ValueError(
                f"batch_size={batch_size} has no room for a row of each of the {len(self.classes_)} classes: give "
                f"{len(self.classes_)} or more."
            )

    def _planned(self, batch_size: int, balance: float, drop_last: bool) -> Plan:
        n_real = np.array([len(rows) for rows in self._members], np.int64)
        is_learned = np.array([label in self.sampler_.models_ for label in self.classes_])
        plan = Plan(n_real, rows_shown(n_real, is_learned, balance), batch_size, bool(drop_last))
        if not len(plan):
            raise ValueError(
                f"drop_last=True leaves no batch: an epoch has {plan.n_rows} rows, but batch_size={batch_size}; give a "
                "smaller one."
            )
        return plan

    def _all_weights(self, sample_weight: Any) -> tuple[NDArray[Any], NDArray[Any]]:
        """Weights of the real rows, and what a new row of each class weighs."""
        weights = weights_of_rows(sample_weight, int(self._plan.n_real.sum()))
        n_new = (self._plan.n_shown - self._plan.n_real).tolist()
        relative = self.sampler_.synthetic_weight
        of_new = [weight_of_new_row(weights[own], n, relative) for own, n in zip(self._members, n_new, strict=True)]
        return weights.astype(np.float32), np.array(of_new, np.float32)

    # -- the sequence ----------------------------------------------------------------------------------

    @property
    def epoch(self) -> int:
        """Number of the epoch whose batches are given, 0 at first."""
        return self._epoch

    def set_epoch(self, epoch: int) -> None:
        """Choose the epoch whose batches are given from now on.

        Parameters
        ----------
        epoch : int
            From 0 up. Each has another order of the real rows, and other new rows.
        """
        if not isinstance(epoch, Integral) or isinstance(epoch, bool) or epoch < 0:
            raise ValueError(f"epoch must be a whole number from 0 up, but {epoch!r} was given.")
        self._epoch = int(epoch)

    def _at(self, epoch: int) -> BalancedBatches:
        """The same batches, in an epoch of their own."""
        other = copy.copy(self)
        other.set_epoch(epoch)
        return other

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_order_of": None}

    def __len__(self) -> int:
        return len(self._plan)

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return map(self.__getitem__, range(len(self)))

    def __getitem__(self, i: int) -> tuple[Any, ...]:
        number = range(len(self))[operator.index(i)]
        epoch, parts = self._epoch, self._plan.batch(number)
        rows = [own[part.start : part.stop] for own, part in zip(self._members_in_order(epoch), parts, strict=True)]
        real = np.repeat(np.arange(len(parts)), list(map(len, rows)))  # the class of each row, class by class
        new = np.repeat(np.arange(len(parts)), [part.n_new for part in parts])
        order = seeds.generator(self._seed, "batches", "batch", epoch, number).permutation(len(real) + len(new))
        X = self._joined(self._real(rows, epoch, number), parts, epoch, number)
        batch = [self._look.apply(_take(X, order)), self._labels(np.concatenate([real, new]))[order]]
        if self._weights is not None:
            weights, of_new = self._weights
            batch.append(np.concatenate([weights[np.concatenate(rows)], of_new[new]])[order])
        return tuple(batch)

    def _real(self, rows: list[NDArray[Any]], epoch: int, number: int) -> Any:
        """Real rows of a batch, class by class."""
        X = self._source.read(np.concatenate(rows))
        if self._deformers is None:
            return X
        form, pieces, start = self.sampler_.row_format_, [], 0
        for k, (own, deformer) in enumerate(zip(rows, self._deformers, strict=True)):
            piece = X.iloc[start : start + len(own)] if self._source.is_frame else X[start : start + len(own)]
            rng = seeds.generator(self._seed, "batches", "deform", epoch, number, k)
            pieces.append(deformed(piece, *deformer, form, rng))
            start += len(own)
        return reduce(_appended, pieces)

    def _joined(self, real: Any, parts: list[Part], epoch: int, number: int) -> Any:
        """Real rows of a batch, and new ones behind, class by class."""
        form, drawn = self.sampler_.row_format_, []
        for k, part in enumerate(parts):
            if part.n_new:
                rng = seeds.generator(self._seed, "batches", "draw", epoch, number, k)
                drawn.append(draw_rows(self.sampler_.models_[self.classes_[k]], form, part.n_new, rng))
        return _appended(real, form.build(np.concatenate(drawn))) if drawn else real

    def _labels(self, places: NDArray[Any]) -> NDArray[Any]:
        """y_batch, from the place of each row's class among the classes."""
        if self._one_hot:
            return np.asarray(places[:, None] == np.arange(len(self.classes_)), np.float32)
        return self._y_of_class[places]

    def _members_in_order(self, epoch: int) -> list[NDArray[Any]]:
        """Rows of each class in the order of an epoch, which is kept until another one is asked for."""
        kept = self._order_of
        if kept is None or kept[0] != epoch:
            streams = [seeds.generator(self._seed, "batches", "epoch", epoch, k) for k in range(len(self._members))]
            order = [rng.permutation(own) for rng, own in zip(streams, self._members, strict=True)]
            self._order_of = kept = (epoch, order)
        return kept[1]

    # -- for other libraries ---------------------------------------------------------------------------

    def as_keras(self, workers: int = 1, use_multiprocessing: bool = False, max_queue_size: int = 10) -> Any:
        """The batches as a `keras.utils.PyDataset`, for ``model.fit(batches.as_keras(), epochs=10)``.

        Parameters
        ----------
        workers : int, default=1
            Threads or processes that draw ahead of the step. Threads take turns at drawing, processes do not.
        use_multiprocessing : bool, default=False
            Whether they are processes. Only where Keras runs on TensorFlow.
        max_queue_size : int, default=10
            Batches that they may be ahead.

        Returns
        -------
        keras.utils.PyDataset
            Its first epoch is `epoch`. Each epoch of `fit` is the next one, also of a further `fit`. On TensorFlow,
            Keras changes the order of the batches by Python's `random`, unless ``fit(shuffle=False)``.

        Raises
        ------
        ValueError
            Where Keras could not take X or y, or where processes would mix epochs: on other backends.

        Notes
        -----
        A run that starts again at epoch 5: ``batches.set_epoch(5)``, then
        ``model.fit(batches.as_keras(), initial_epoch=5, epochs=10)``. Leave `steps_per_epoch` out. Under a
        `tf.distribute` strategy leave `workers` at 1: Keras' own mix epochs there.
        """
        self._check_are_numbers("as_keras")
        from gan_oversampler._batches.keras_data import KerasBatches

        return KerasBatches(self._at(self.epoch), workers, use_multiprocessing, max_queue_size)

    def as_tf_data(self) -> Any:
        """The batches as a `tf.data.Dataset` of known length, one batch drawn ahead.

        Returns
        -------
        tf.data.Dataset
            The first time it is gone through is the epoch `epoch`, and each further time the next one.

        Raises
        ------
        ValueError
            Where TensorFlow could not take X or y.
        """
        self._check_are_numbers("as_tf_data")
        from gan_oversampler._batches import tf_data

        return tf_data.dataset(self._at, self.epoch, len(self), self._specs())

    def _check_are_numbers(self, name: str) -> None:
        if self._source.is_frame and self._look.dtype is None:
            raise ValueError(f"{name} gives arrays, but X is a DataFrame: give dtype='float32', say.")
        if not self._one_hot and self._y_of_class.dtype.kind not in "biuf":
            raise ValueError(f"{name} gives numbers, but y holds {self.classes_.tolist()}: give one_hot=True.")

    def _specs(self) -> list[tuple[tuple[int | None, ...], Any]]:
        """Shape and dtype of each part of a batch."""
        n = self._plan.batch_size if self._plan.is_even else None
        y = self._labels(np.zeros(1, np.int64))
        specs: list[tuple[tuple[int | None, ...], Any]] = [
            ((n, *self._source.row_shape), self._look.dtype or self._source.X.dtype),
            ((n, *y.shape[1:]), y.dtype),
        ]
        return specs if self._weights is None else [*specs, ((n,), np.dtype(np.float32))]
