"""Learn from pairs of similar images which deformations leave an image in its class.

Images of the other classes are plentiful: each is paired with a near neighbour, the deformation that carries
one onto the other is found by least squares, and one Gaussian is fitted to the deformations found.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gan_oversampler._deformation.deformations import LearnedDeformation
from gan_oversampler._deformation.pairs import different_pairs
from gan_oversampler._deformation.registration import Doubles, mean_squares, register, remaining_share
from gan_oversampler._deformation.warp import DeformationBasis, Floats

_MIN_PAIRS = 10


_LARGEST_REMAINDER = 0.5


def _gaussian(coefficients: Doubles) -> tuple[Floats, Floats]:
    """Mean and a factor of the covariance of the coefficients found."""
    mean = coefficients.mean(axis=0)
    _, singular, directions = np.linalg.svd(coefficients - mean, full_matrices=False)
    kept = singular > 1e-6 * singular[0]
    factor = directions[kept].T * (singular[kept] / np.sqrt(len(coefficients) - 1))
    return mean.astype(np.float32), factor.astype(np.float32)


def learn_deformation(
    images: NDArray[Any], rng: np.random.Generator, *, n_pairs: int = 400, min_pairs: int = _MIN_PAIRS
) -> LearnedDeformation | None:
    """Learn the deformations that carry images onto their near neighbours.

    Parameters
    ----------
    images : ndarray of shape (n, H, W, C), any real dtype and range
        Images to learn from: those of the other classes, and the class's own if it is large. No labels
        are needed. Only a sample is read: millions of images cost no more than 30,000.
    rng : numpy.random.Generator
    n_pairs : int, default=400
        Pairs to register, fewer if there are not as many. 400 taught as much as 3,000.
    min_pairs : int, default=10
        Fewer registered pairs than this teach nothing.

    Returns
    -------
    LearnedDeformation or None
        None if too few pairs register: too few images, images all alike, or images that no deformation carries
        onto each other. A pair counts as registered if at most half its squared difference is left.

    Notes
    -----
    `explained` of the result is taken over all pairs, registered or not.

    References
    ----------
    Hauberg, S. et al. (2016). Dreaming more data: class-dependent distributions over diffeomorphisms for
    learned data augmentation. arXiv:1510.02795. There each class is learned from itself; here a class that is too
    small for this is learned from the many images of the other classes.
    """
    if len(images) < min_pairs:
        return None
    moving, fixed = different_pairs(images, n_pairs, rng)
    if len(moving) < min_pairs:
        return None
    basis = DeformationBasis.for_size(*images.shape[1:3])
    small = basis.resized(*moving.shape[1:3])
    coefficients = register(moving, fixed, small)
    remaining = remaining_share(moving, fixed, small, coefficients)
    registered = remaining <= _LARGEST_REMAINDER
    if registered.sum() < min_pairs:
        return None
    mean, factor = _gaussian(coefficients[registered].astype(np.float64))
    explained = 1 - np.average(remaining, weights=mean_squares(moving - fixed))
    return LearnedDeformation(basis, mean, factor, float(explained))
