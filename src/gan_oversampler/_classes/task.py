"""One class to learn: its encoded rows, the other classes' encoded rows, and its deformation."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np

from gan_oversampler._classes.membership import (
    MIN_IMAGES,
    Membership,
    add_what_helps,
    add_what_passes,
    choose_strength,
)
from gan_oversampler._classes.model import MIN_OTHERS, ClassModel, LabelFilter, MixtureSource, RowSource
from gan_oversampler._deformation import deformations
from gan_oversampler._deformation.learning import learn_deformation
from gan_oversampler._deformation.own import OwnDeformation
from gan_oversampler._deformation.warp import DeformationBasis
from gan_oversampler._perturbation import MAX_OTHERS, LearnedPerturbation, Mixture
from gan_oversampler._rows import codecs
from gan_oversampler._rows.columns import Columns
from gan_oversampler._rows.tables import TableCodec
from gan_oversampler._utils import seeds
from gan_oversampler._utils.blas_threads import blas_on_one_thread

_MIN_EXPLAINED = 0.7  # MNIST: .88, 8x8 digits: .78; photographs, which do not deform into one another: .64
_MIN_OTHERS = 400
_MAX_OTHERS_LEARNED_FROM = 30_000
_MAX_OTHERS_FILTERED_BY = 10_000
_N_TRIED = 64
_MAX_MOVED_COLUMNS = 2000  # of wider tables rows are repeated: to learn how columns differ would take minutes
_MAX_OTHER_VALUES = 2**25  # 128 MiB as float32


def most_others(n_others: int, n_values: int) -> int:
    """How many images of the other classes are looked at, each of so many values."""
    return min(n_others, _MAX_OTHERS_LEARNED_FROM, max(_MIN_OTHERS, _MAX_OTHER_VALUES // n_values))


def name_of_label(label: Any) -> str:
    """A label as a user would write it."""
    return repr(label.item() if isinstance(label, np.generic) else label)


class ClassTask:
    """One class to learn, its rows encoded for the networks.

    Parameters
    ----------
    rows : ndarray of shape (n, ...)
        Of all classes.
    labels : ndarray of shape (n,)
    label : label
        The class to learn.
    shape : (H, W, C) or None
        Where rows are images.
    find_columns : callable
        Gives the Columns of a table, where they are needed.
    seed : int
        Root seed of the fit.

    Attributes
    ----------
    own : ndarray of shape (m, ...)
        Rows of the class, unchanged.
    """

    def __init__(
        self,
        rows: np.ndarray,
        labels: np.ndarray,
        label: Any,
        shape: tuple[int, ...] | None,
        find_columns: Callable[[], Columns],
        seed: int,
    ) -> None:
        self.label, self.shape, self._find_columns = label, shape, find_columns
        self.seed = seeds.child_seed(seed, "class", int(np.flatnonzero(np.unique(labels) == label)[0]))
        self._rows, self._is_own = rows, labels == label
        self.own = rows[self._is_own]

    # Where rows are only repeated, nothing is encoded and no column is examined: wide tables take seconds.

    @cached_property
    def columns(self) -> Columns | None:
        """What the columns of a table are; None for images."""
        return None if self.is_image else self._find_columns()

    @cached_property
    def codec(self) -> codecs.ImageCodec | TableCodec:
        """The encoding of the class."""
        if self.shape is not None:
            return codecs.ImageCodec.fit(self.own, self.shape)
        assert self.columns is not None
        return TableCodec.fit(self.own, self._rows, self.columns)

    @cached_property
    def data(self) -> np.ndarray:
        """Rows of the class, encoded: ndarray of shape (m, H, W, C) or (m, p), float32."""
        return self.codec.encode(self.own)

    @property
    def name(self) -> str:
        """The label as a user would write it."""
        return name_of_label(self.label)

    @property
    def is_image(self) -> bool:
        """Whether rows are images."""
        return self.shape is not None

    def made_of_real(self, deformation: Any) -> RowSource | MixtureSource:
        """What draws rows of the class that are to be deformed, or rows of a table that are perturbed already."""
        if isinstance(deformation, LearnedPerturbation):
            return MixtureSource(Mixture.of(self.data, deformation))
        return RowSource(self.data)

    def real_rows(self, deformation: Any) -> ClassModel:
        """A model that draws rows made of real ones of the class, or these unchanged."""
        if isinstance(deformation, LearnedPerturbation):
            return ClassModel(self.codec, self.made_of_real(deformation), None, originals=self.own)
        if deformation is not None:
            return ClassModel(self.codec, RowSource(self.data), deformation)
        raw = codecs.RawCodec()
        return ClassModel(raw, RowSource(raw.encode(self.own)), None)

    def others(self, n_most: int, rng: np.random.Generator) -> np.ndarray:
        """Encoded images of the other classes: n_most at the most, and fewer where they are large."""
        index = np.flatnonzero(~self._is_own)
        n_most = min(n_most, max(_MIN_OTHERS, _MAX_OTHER_VALUES // int(np.prod(self.data.shape[1:]))))
        if len(index) > n_most:
            index = np.sort(rng.choice(index, n_most, replace=False))
        return self.codec.encode(self._rows[index])

    def _resolve_perturbation(self, setting: str | Callable[..., np.ndarray]) -> LearnedPerturbation | None:
        if setting not in ("auto", "learned"):
            raise ValueError(
                f"deformation={setting!r} is for images, but X was taken for a table: leave it at "
                '"auto", or set it to None to repeat rows as they are.'
            )
        if self.is_wide:
            return None
        assert isinstance(self.codec, TableCodec)
        if not self.codec.n_numeric:  # nothing can move: rows are repeated as they are
            return None
        others = self.others(MAX_OTHERS, seeds.generator(self.seed, "perturbation"))
        return LearnedPerturbation.learn(others, self.codec.n_numeric)

    @blas_on_one_thread()
    def resolve_deformation(self, setting: str | Callable[..., np.ndarray] | None) -> Any:
        """The deformation that a `deformation` parameter means for this class; for a table, a perturbation."""
        if setting is None:
            return None
        if not self.is_image:
            return self._resolve_perturbation(setting)
        if callable(setting):
            return setting if isinstance(setting, deformations.Deformation) else self._own_deformation(setting)
        affine = deformations.AffineDeformation(DeformationBasis.for_size(*self.data.shape[1:3]))
        return affine if setting == "affine" else self._learned_deformation(setting, affine)

    def _own_deformation(self, function: Callable[..., np.ndarray]) -> OwnDeformation:
        """A user's function, tried once before anything is trained."""
        deformation = OwnDeformation(function)
        deformation(self.data[:_N_TRIED], seeds.generator(self.seed, "own deformation"))
        return deformation

    def _learned_deformation(self, setting: str, affine: deformations.Deformation) -> deformations.Deformation:
        """Bending as the other classes teach it, or affine, and what they teach beyond that."""
        rng = seeds.generator(self.seed, "deformation")
        others = self.others(_MAX_OTHERS_LEARNED_FROM, rng)
        membership = Membership(self.data, others, self.seed)
        learned = learn_deformation(others, rng, least_explained=_MIN_EXPLAINED if setting == "auto" else 0.0)
        bending = affine if learned is None else learned.scaled(choose_strength(learned, membership))
        return add_what_helps(add_what_passes(bending, membership), membership)

    def is_like_photographs(self, deformation: Any) -> bool:
        """Whether many images of the other classes do not deform into one another, so that bending is affine."""
        return isinstance(deformation, deformations.AffineDeformation) and (~self._is_own).sum() >= MIN_IMAGES

    @property
    def is_wide(self) -> bool:
        """Whether it is a table of so many columns that its rows are repeated as they are."""
        return not self.is_image and self.own.shape[1] > _MAX_MOVED_COLUMNS

    def resolve_deformed_share(self, setting: float | None, default: float, deformation: Any) -> float:
        """The share of rows made of real ones that a `deformed_share` parameter means for this class.

        Raises
        ------
        ValueError
            If a share is asked for but nothing can be deformed: only a `Deformation` is applied to drawn images.
        """
        if not self.is_image or isinstance(deformation, deformations.Deformation):
            return default if setting is None else float(setting)
        if setting:
            raise ValueError(
                f"deformed_share={setting} asks for deformed real images, but deformation is None or a callable: set "
                'it to 0, or deformation to "learned" or "affine".'
            )
        return 0.0

    @blas_on_one_thread()
    def label_filter(self, deformation: Any) -> LabelFilter | None:
        """Filter fitted to deformed copies of the class's real images; None for tables and for few other rows."""
        if not self.is_image:
            return None
        rng = seeds.generator(self.seed, "label filter")
        others = self.others(_MAX_OTHERS_FILTERED_BY, rng)
        if len(others) < MIN_OTHERS:
            return None
        return LabelFilter.fit_copies(self.data, others, deformation, rng, seeds.child_seed(self.seed, "label filter"))
