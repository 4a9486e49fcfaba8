"""Groups of rows that stay on one side of each split, such as the rows of one patient."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils.validation import column_or_1d

from gan_oversampler._rows.coding import is_missing


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
    given = column_or_1d(groups, dtype=object)
    if len(given) != n_rows:
        raise ValueError(f"groups must name a group for each of the {n_rows} rows, but it names {len(given)}.")
    missing = [row for row, group in enumerate(given) if is_missing(group)]
    if missing:
        raise ValueError(
            f"groups must name a group for each row, but it misses {len(missing)}, the first in row {missing[0]}: give "
            "a row that belongs to none a group of its own."
        )
    numbers = {group: number for number, group in enumerate(dict.fromkeys(given))}
    return np.array([numbers[group] for group in given])
