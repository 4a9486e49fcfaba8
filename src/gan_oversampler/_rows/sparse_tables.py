"""Sparse tables of scipy: read as the dense ones that they stand for, and given back in their own format."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import sparse

from gan_oversampler._rows import result_memory

KINDS = {
    "csr_array": sparse.csr_array,
    "csr_matrix": sparse.csr_matrix,
    "csc_array": sparse.csc_array,
    "csc_matrix": sparse.csc_matrix,
}
"""Kind -> what makes such a table of a dense one."""


def kind_of(X: Any) -> str | None:
    """One of KINDS; None of what is no sparse table.

    Raises
    ------
    ValueError
        Where X is of another format.
    """
    if not sparse.issparse(X):
        return None
    kind = f"{X.format}_{'array' if isinstance(X, sparse.sparray) else 'matrix'}"
    if kind not in KINDS:
        raise ValueError(
            f"X is a sparse {kind}, but of sparse tables the formats csr and csc are expected: give X.tocsr()."
        )
    return kind


def to_dense(X: Any) -> np.ndarray:
    """The dense table that X stands for.

    Raises
    ------
    NotEnoughMemoryError
    """
    result_memory.check_training(
        math.prod(X.shape) * X.dtype.itemsize,
        "Sparse X, which is learned from as a dense table,",
        "give fewer columns, choose a sampler that keeps X sparse, such as SMOTE",
    )
    return X.toarray()


def append(X: Any, new: Any) -> Any:
    """X with the new rows below."""
    return sparse.vstack([X, new], format=X.format, dtype=X.dtype)
