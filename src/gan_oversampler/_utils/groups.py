"""Groups of rows that stay on one side of each split, such as the rows of one patient."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils.validation import column_or_1d


def check_groups(groups: Any, n_rows: int) -> np.ndarray:
    """Number of the group of each row.

    Parameters
    ----------
    groups : array-like of shape (n,)
    n_rows : int

    Returns
    -------
    ndarray of shape (n,), int

    Raises
    ------
    ValueError
        Where there is not one group, known, for each row.
    """
    import pandas as pd

    codes, _ = pd.factorize(column_or_1d(groups, dtype=object))
    if len(codes) != n_rows:
        raise ValueError(f"groups must name a group for each of the {n_rows} rows, but it names {len(codes)}.")
    if (codes < 0).any():
        raise ValueError(
            f"groups must name a group for each row, but it misses {(codes < 0).sum()}, the first in row "
            f"{codes.argmin()}: give a row that belongs to none a group of its own."
        )
    return np.asarray(codes)
