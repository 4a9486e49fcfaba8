"""Sparse tables of scipy: read as the dense ones that they stand for, and given back in their own format."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import sparse

from gan_oversampler._rows import result_memory
from gan_oversampler._rows.containers.container import Container, RowFormat

_MAKERS = {
    "csr_array": sparse.csr_array,
    "csr_matrix": sparse.csr_matrix,
    "csc_array": sparse.csc_array,
    "csc_matrix": sparse.csc_matrix,
}
"""Kind -> what makes such a table of a dense one."""


class SparseTable(Container):
    """A table in one of scipy's formats."""

    kinds = tuple(_MAKERS)

    @classmethod
    def holds(cls, X: Any) -> bool:
        """Whether X is such a table.

        Raises
        ------
        ValueError
            Where X is of another format.
        """
        if sparse.issparse(X) and (kind := cls(X).kind) not in cls.kinds:
            raise ValueError(
                f"X is a sparse {kind}, but of sparse tables the formats csr and csc are expected: give X.tocsr()."
            )
        return sparse.issparse(X)

    @property
    def kind(self) -> str:
        return f"{self.X.format}_{'array' if isinstance(self.X, sparse.sparray) else 'matrix'}"

    def dense(self) -> Container:
        """The dense table that X stands for.

        Raises
        ------
        NotEnoughMemoryError
        """
        result_memory.check_training(
            math.prod(self.X.shape) * self.X.dtype.itemsize,
            "Sparse X, which is learned from as a dense table,",
            "give fewer columns, choose a sampler that keeps X sparse, such as SMOTE",
        )
        return Container(self.X.toarray()).dense()

    @classmethod
    def misfit(cls, kind: str, row_shape: tuple[int, ...], dtype: str) -> str:
        return "" if len(row_shape) == 1 else "row shape"

    @classmethod
    def build(cls, numbers: np.ndarray, form: RowFormat) -> Any:
        return _MAKERS[form.kind](super().build(numbers, form))

    def append(self, new: Any) -> Any:
        return sparse.vstack([self.X, new], format=self.X.format, dtype=self.X.dtype)
