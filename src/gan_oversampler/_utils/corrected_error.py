"""The standard error of a mean over splits of the same rows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def corrected_error(values: NDArray[np.floating[Any]], test_train_ratio: float) -> Any:
    r"""Standard error of the mean over splits, corrected for the rows that their training sets share.

    Parameters
    ----------
    values : ndarray of shape (..., n_splits), float64
    test_train_ratio : float
        Held-out rows per row that was trained on.

    Returns
    -------
    float or ndarray of shape (...)

    Notes
    -----
    With k splits, :math:`\sqrt{1/k + n_\text{test}/n_\text{train}}\, s` in place of :math:`s/\sqrt{k}`.

    References
    ----------
    Nadeau, C. and Bengio, Y. (2003). Inference for the generalization error. Machine Learning 52.
    https://doi.org/10.1023/A:1024068626366
    """
    return values.std(axis=-1, ddof=1) * np.sqrt(1 / values.shape[-1] + test_train_ratio)
