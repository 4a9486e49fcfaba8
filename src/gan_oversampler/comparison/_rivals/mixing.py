"""Mixing two images and their labels, drawn anew for each batch."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]


class Mixture(NamedTuple):
    """What a batch is mixed with, and in which proportions.

    Attributes
    ----------
    partner : ndarray of shape (n,), int
        The row of the batch that a row is mixed with.
    of_image, of_label : ndarray of shape (n,), float32 in [0, 1]
        The own share of a row in its mixed image, and in its mixed label.
    """

    partner: Integers
    of_image: Floats
    of_label: Floats

    def images(self, rows: Floats) -> Floats:
        """Mixed images of shape (n, H, W, C)."""
        share = self.of_image[:, None, None, None]
        return share * rows + (1 - share) * rows[self.partner]

    def labels(self, rows: Floats) -> Floats:
        """Mixed labels of shape (n, n_classes)."""
        share = self.of_label[:, None]
        return share * rows + (1 - share) * rows[self.partner]


def mixup(classes: Integers, counts: Integers, rng: np.random.Generator) -> Mixture:
    """Images and labels in the same proportion, uniform in [0, 1], which is Beta(1, 1).

    Parameters
    ----------
    classes : ndarray of shape (n,), int
        The classes of the batch.
    counts : ndarray of shape (n_classes,), int
        Rows of each class in the training data; not used here.
    rng : numpy.random.Generator

    Notes
    -----
    The proportion is drawn for each row, in place of once for each batch as in the authors' code.

    References
    ----------
    Zhang, H. et al. (2018). mixup: beyond empirical risk minimization. arXiv:1710.09412
    """
    share = rng.random(len(classes)).astype(np.float32)
    return Mixture(rng.permutation(len(classes)), share, share)


def remix(
    classes: Integers, counts: Integers, rng: np.random.Generator, *, kappa: float = 3.0, tau: float = 0.5
) -> Mixture:
    """Mixup whose label goes wholly to the rarer class where the two classes differ much.

    Parameters
    ----------
    classes, counts, rng
        As in `mixup`.
    kappa : float, default=3
        How many times as frequent the other class must be.
    tau : float, default=.5
        The share of the frequent class in the image must be below it.

    References
    ----------
    Chou, H.-P. et al. (2020). Remix: rebalanced mixup. arXiv:2007.03943; the defaults are the paper's.
    """
    partner, share, _ = mixup(classes, counts, rng)
    ratio = counts[classes] / counts[classes[partner]]
    label = np.where((ratio >= kappa) & (share < tau), 0, share)
    label = np.where((ratio <= 1 / kappa) & (1 - share < tau), 1, label)
    return Mixture(partner, share, label.astype(np.float32))


Mixing = Callable[[Integers, Integers, np.random.Generator], Mixture]
MIXINGS: dict[str, Mixing] = {"mixup": mixup, "remix": remix}
