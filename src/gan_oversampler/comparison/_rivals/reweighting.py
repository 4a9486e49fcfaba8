"""Deferred re-weighting: classes count by their number of rows at first, and nearly alike at the end."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_BETA = 0.9999
_DEFERRED_UNTIL = 0.8


def class_weights(counts: NDArray[np.int64]) -> NDArray[np.float32]:
    """A weight for each class, one over its effective number of rows; 1 on average over the training rows.

    Parameters
    ----------
    counts : ndarray of shape (n_classes,), int
        Training rows of each class.

    References
    ----------
    Cui, Y. et al. (2019). Class-balanced loss based on effective number of samples. arXiv:1901.05555
    """
    weights = 1 / (1 - _BETA**counts)
    return (weights * counts.sum() / (weights @ counts)).astype(np.float32)


def is_reweighted(step: int, n_steps: int) -> bool:
    """Whether classes are weighted in a step: in the last fifth of the training.

    References
    ----------
    Cao, K. et al. (2019). Learning imbalanced datasets with label-distribution-aware margin loss.
    arXiv:1906.07413 (in its experiments, after epoch 160 of 200)
    """
    return step >= round(_DEFERRED_UNTIL * n_steps)
