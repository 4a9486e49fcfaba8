"""Real rows that are shown deformed, as new rows of a learned class are."""

from __future__ import annotations

from typing import Any

import numpy as np

from gan_oversampler._classes.model import ClassModel
from gan_oversampler._rows.codecs import ImageCodec, finish
from gan_oversampler._rows.containers.container import RowFormat
from gan_oversampler._utils.blas_threads import blas_on_one_thread


def _covering(codec: ImageCodec, rows: np.ndarray) -> ImageCodec:
    """The codec for rows of another class, which may be darker or brighter."""
    own = ImageCodec.fit(rows, codec.shape)
    return ImageCodec(codec.shape, min(codec.low, own.low), max(codec.high, own.high), own.constant, own.is_grey)


@blas_on_one_thread()
def deformed(rows: Any, model: ClassModel, is_own: bool, form: RowFormat, rng: np.random.Generator) -> Any:
    """Images under the deformation of a learned class.

    Parameters
    ----------
    rows : ndarray of shape (n, ...), or DataFrame
        n may be 0.
    model : ClassModel
    is_own : bool
        Whether the rows are of that class.
    form : RowFormat
    rng : numpy.random.Generator

    Returns
    -------
    The same container, of the same dtype.
    """
    if not len(rows) or model.deformation is None:
        return rows
    assert isinstance(model.codec, ImageCodec)
    images = np.asarray(rows)
    codec = model.codec if is_own else _covering(model.codec, images)
    values = codec.decode(model.deformation(codec.encode(images), rng))
    return form.build(finish(values, form.whole, form.limits))
