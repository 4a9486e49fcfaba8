"""What a fitted sampler does without training again: draw, judge what it draws, and be kept in a file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from numbers import Integral
from typing import Any, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted

from gan_oversampler._classes.kept_rows import KeptRows
from gan_oversampler._classes.model import ClassModel
from gan_oversampler._classes.quality import QualityReport
from gan_oversampler._classes.task import name_of_label
from gan_oversampler._rows import result_memory
from gan_oversampler._rows.containers.container import RowFormat
from gan_oversampler._rows.labels import labels_of
from gan_oversampler._rows.user_rows import read_further
from gan_oversampler._samplers.argument_order import NOT_FITTED, either_order, is_number_of_rows
from gan_oversampler._samplers.chunks import Chunks, as_dask, draw_rows
from gan_oversampler._saved import file
from gan_oversampler._utils import seeds
from gan_oversampler._utils.blas_threads import blas_on_one_thread


def place(state: dict[str, Any], label: Any) -> int:
    """Place of a class among the classes: labels may be of any type."""
    return int(np.flatnonzero(state["classes_"] == label)[0])


def stream(state: dict[str, Any], label: Any, purpose: str) -> np.random.Generator:
    """Random stream of a class."""
    return seeds.generator(state["seed_"], purpose, place(state, label))


class FittedSamplerMixin:
    """Methods that need nothing but the fitted attributes of an over-sampler."""

    row_format_: RowFormat
    models_: dict[Any, ClassModel]
    seed_: int
    sampling_strategy_: dict[Any, int]
    _kept_rows_: dict[Any, KeptRows]

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
        rng = seeds.generator(seed, "sample", place(self.__dict__, label))
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
        return Chunks(self.models_[label], form, seed, place(self.__dict__, label), n, size)

    def _check_request(self, n_samples: Any, label: Any) -> None:
        """Refuse what cannot be drawn."""
        check_is_fitted(self, "models_", msg=NOT_FITTED)
        if not is_number_of_rows(n_samples):
            raise ValueError(f"n_samples must be a whole number from 0 up, but {n_samples!r} was given.")
        if label not in self.models_:
            raise ValueError(
                f"No model was learned of class {name_of_label(label)}: choose one of "
                f"{', '.join(map(name_of_label, self.models_))}, or ask for more rows of it in sampling_strategy."
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
        rng = stream(self.__dict__, label, "quality")
        model, n_asked = self.models_[label], self.sampling_strategy_.get(label, 0)
        return self._kept_rows_[label].judge(
            model, lambda n: draw_rows(model, self.row_format_, n, rng), held_out, n_asked
        )
