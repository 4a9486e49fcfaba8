"""Losses for classes of unequal size: pure functions of logits and of the number of training rows in each class.

Each gives an array of shape (n, n_classes): the loss of a row if it belonged to that class. So a label may be soft,
and the loss of a row is the sum over classes, weighted by its label.
"""

from __future__ import annotations

from typing import Any

import tensorflow as tf

LDAM_SCALE = 30.0
_LARGEST_MARGIN = 0.5
_FOCUS = 2.0


def cross_entropy(logits: Any, counts: Any) -> Any:
    """Minus the log of the probability of each class."""
    return -tf.nn.log_softmax(logits)


def logit_adjusted(logits: Any, counts: Any) -> Any:
    """Cross-entropy of the logits plus the log of each class's share of the training rows.

    Predictions use the logits without that term, so they rank as if the classes were equally frequent. It is the
    balanced softmax of Ren et al. (2020, arXiv:2007.10740), too.

    References
    ----------
    Menon, A. K. et al. (2021). Long-tail learning via logit adjustment. arXiv:2007.07314, equation 10 with tau = 1
    """
    return cross_entropy(logits + tf.math.log(counts / tf.reduce_sum(counts)), counts)


def focal(logits: Any, counts: Any) -> Any:
    """Cross-entropy times (1 - p)², p the probability of the class: rows that are right already count little.

    References
    ----------
    Lin, T.-Y. et al. (2017). Focal loss for dense object detection. arXiv:1708.02002, equation 4 with gamma = 2
    """
    log_probability = tf.nn.log_softmax(logits)
    return -((1 - tf.exp(log_probability)) ** _FOCUS) * log_probability


def ldam_margins(counts: Any) -> Any:
    """The margin of each class, in proportion to the number of its rows to the power of -1/4; .5 for the rarest."""
    return _LARGEST_MARGIN * (tf.reduce_min(counts) / counts) ** 0.25


def ldam(logits: Any, counts: Any) -> Any:
    """Cross-entropy in which the logit of a row's own class is smaller by the margin of that class.

    Logits are cosines times `LDAM_SCALE`: a normalised last layer belongs to this loss.

    References
    ----------
    Cao, K. et al. (2019). Learning imbalanced datasets with label-distribution-aware margin loss.
    arXiv:1906.07413; the largest margin and the scale are those of the authors' code
    """
    lowered = logits[:, None, :] - tf.linalg.diag(LDAM_SCALE * ldam_margins(counts))
    return tf.linalg.diag_part(cross_entropy(lowered, counts))


LOSSES = {"cross-entropy": cross_entropy, "logit-adjusted": logit_adjusted, "focal": focal, "LDAM": ldam}
