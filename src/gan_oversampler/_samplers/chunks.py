"""New rows of a class, chunk by chunk: each from a seed of its own, so that any worker draws the same ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gan_oversampler._classes.model import ClassModel
from gan_oversampler._rows import codecs
from gan_oversampler._rows.containers.container import RowFormat
from gan_oversampler._utils import seeds
from gan_oversampler._utils.blas_threads import blas_on_one_thread


@blas_on_one_thread()
def draw_into(rows: np.ndarray, model: ClassModel, form: RowFormat, rng: np.random.Generator) -> NDArray[np.int64]:
    """Fill rows of shape (n, n_features), rounded and in the range of their dtypes, and return their parents."""
    parents, start = np.empty(len(rows), np.int64), 0
    for chunk in model.draw(len(rows), rng):
        here = slice(start, start + len(chunk))
        rows[here], parents[here] = codecs.finish(chunk.rows, form.whole, form.limits), chunk.parents
        start += len(chunk)
    assert start == len(rows), f"{start} rows were drawn in place of {len(rows)}"
    return parents


def draw_rows(model: ClassModel, form: RowFormat, n: int, rng: np.random.Generator) -> np.ndarray:
    """The same as new rows alone."""
    rows = np.empty((n, form.n_features), form.storage_dtype)
    draw_into(rows, model, form, rng)
    return rows


@dataclass(frozen=True, eq=False)
class Chunks:
    """New rows of a class in chunks.

    Attributes
    ----------
    model : ClassModel
    form : RowFormat
    seed : int
        Root seed.
    place : int
        Of the class among the classes.
    n_rows, chunk_size : int
        All rows, and those of a chunk; the last may hold fewer.
    """

    model: ClassModel
    form: RowFormat
    seed: int
    place: int
    n_rows: int
    chunk_size: int

    def __len__(self) -> int:
        return -(-self.n_rows // self.chunk_size)

    def size(self, chunk: int) -> int:
        """Rows of a chunk."""
        return min(self.chunk_size, self.n_rows - chunk * self.chunk_size)

    def draw(self, chunk: int) -> Any:
        """Rows of a chunk, in the container of X: from the root seed, the class and the number of the chunk alone."""
        rng = seeds.generator(self.seed, "chunk", self.place, chunk)
        return self.form.build(draw_rows(self.model, self.form, self.size(chunk), rng))

    def __iter__(self) -> Iterator[Any]:
        return map(self.draw, range(len(self)))


def as_dask(chunks: Chunks) -> Any:
    """The same chunks as an array or a DataFrame of dask, which draws each where and when it needs it.

    Raises
    ------
    ImportError
        Without dask.
    ValueError
        Where X was neither an array nor a pandas DataFrame.
    """
    form = chunks.form
    if form.kind not in ("array", "dataframe"):
        raise ValueError(
            f"sample_dask gives arrays and pandas DataFrames in chunks, but X was a container of kind {form.kind!r}: "
            "draw with iter_samples, or fit to an array."
        )
    try:
        import dask
    except ImportError as error:
        raise ImportError('sample_dask needs dask, which is missing: pip install "dask[array,dataframe]".') from error
    draw = dask.delayed(Chunks.draw, pure=False)
    shared = dask.delayed(chunks, traverse=False)  # sent to a worker once
    parts = [draw(shared, i) for i in range(len(chunks))]
    empty = form.build(np.empty((0, form.n_features), form.storage_dtype))
    if form.kind == "dataframe":
        import dask.dataframe as dd

        return dd.from_delayed(parts or [dask.delayed(empty)], meta=empty, verify_meta=False)
    import dask.array as da

    arrays = [da.from_delayed(p, (chunks.size(i), *empty.shape[1:]), empty.dtype) for i, p in enumerate(parts)]
    return da.concatenate(arrays) if arrays else da.from_array(empty)
