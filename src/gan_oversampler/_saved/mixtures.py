"""Which descriptions of a mixture are let in from a file: those whose indices and widths fit each other."""

from __future__ import annotations

from typing import Any

import numpy as np

from gan_oversampler._perturbation import Mixture
from gan_oversampler.exceptions import FileFormatError


def _are_rows(rows: np.ndarray, width: int) -> bool:
    return rows.dtype == np.float32 and rows.ndim == 2 and rows.shape[1] == width and len(rows) > 0


def _are_indices(indices: np.ndarray, n_lines: int, n_rows: int) -> bool:
    is_filled = indices.dtype == np.int32 and indices.ndim == 2 and indices.shape[1] > 0
    return is_filled and len(indices) == n_lines and bool(((indices >= 0) & (indices < n_rows)).all())


def mixture(state: dict[str, Any], n_numeric: int, width: int) -> Mixture:
    """The mixture of a table whose encoded rows are so wide.

    Raises
    ------
    FileFormatError
    """
    found = Mixture.from_state(state)
    perturbation, n, m = found.perturbation, len(found.rows), len(found.perturbation.others)
    is_whole = (
        _are_rows(found.rows, width)
        and _are_rows(perturbation.others, width)
        and _are_indices(found.neighbours, n, n)
        and _are_indices(found.near, n, m)
        and _are_indices(perturbation.partners, m, m)
        and type(perturbation.n_numeric) is int
        and perturbation.n_numeric == n_numeric
        and type(perturbation.strength) in (float, int)
        and 0 <= perturbation.strength <= 1
    )
    if not is_whole:
        raise FileFormatError("Its mixture is not what save() writes: it may be damaged.")
    return found
