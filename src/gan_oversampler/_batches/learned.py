"""What batches take from a sampler: its models, where they are of the rows at hand, and its deformations."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone

from gan_oversampler._batches.source import Source
from gan_oversampler._classes.model import ClassModel
from gan_oversampler._samplers.base import BaseModelOverSampler

_AS_ITS_FIT = "give the X and y of its fit, or a sampler that is not fitted yet"


class Deformer(NamedTuple):
    """The model whose deformation the real rows of a class take, and whether it is that of the class."""

    model: ClassModel
    is_own: bool


def _is_fitted_on(sampler: BaseModelOverSampler, source: Source) -> bool:
    """Whether rows of X have the form of those that a sampler learned from."""
    form, X = sampler.row_format_, source.X
    if form.row_shape != source.row_shape or form.kind != ("dataframe" if source.is_frame else "array"):
        return False
    if not source.is_frame:
        return form.dtypes == (str(X.dtype),)
    return form.template.columns.equals(X.columns) and form.dtypes == tuple(map(str, X.dtypes))


def _with_seed(sampler: BaseModelOverSampler, seed: int | None) -> BaseModelOverSampler:
    """A clone, with that seed where the sampler has none."""
    own = clone(sampler)
    return own.set_params(random_state=seed) if own.random_state is None else own


def fitted(sampler: Any, source: Source, y: Any, classes: NDArray[Any], seed: int | None) -> BaseModelOverSampler:
    """The sampler, fitted where it was not.

    Raises
    ------
    ValueError
        Where it was fitted on something else.
    """
    if not isinstance(sampler, BaseModelOverSampler):
        raise ValueError(
            f"sampler must be a GANOverSampler or a DeformationOverSampler, which draw rows anew for ever, but it is a "
            f"{type(sampler).__name__}."
        )
    if not hasattr(sampler, "models_"):
        return _with_seed(sampler, seed).fit(source.X, y)
    if not np.array_equal(sampler.classes_, classes):
        raise ValueError(
            f"sampler was fitted on the classes {sampler.classes_.tolist()}, but y holds {classes.tolist()}: "
            f"{_AS_ITS_FIT}."
        )
    if not _is_fitted_on(sampler, source):
        raise ValueError(
            f"sampler was fitted on rows of another shape, dtype or other columns than X, whose rows have the shape "
            f"{source.row_shape}: {_AS_ITS_FIT}."
        )
    return sampler


def deformers(sampler: BaseModelOverSampler, classes: NDArray[Any]) -> list[Deformer]:
    """What deforms the real rows of each class.

    Raises
    ------
    ValueError
    """
    if sampler.image_shape_ is None:
        raise ValueError("deform_others=True deforms images, but X was taken for a table: leave it at False.")
    having = [label for label, model in sampler.models_.items() if model.deformation is not None]
    if not having:
        raise ValueError(
            "deform_others=True needs a deformation, but the sampler holds none: leave `deformation` of the sampler at "
            "'auto', or deform_others at False."
        )
    return [Deformer(sampler.models_[k if k in having else having[0]], k in having) for k in classes]
