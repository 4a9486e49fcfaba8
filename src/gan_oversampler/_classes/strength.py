"""The strength of a learned deformation for a class, chosen by how much its real images differ.

A small classifier that knows some images of the class misses a share of the others. Deformed copies of the images that
it knows may be missed a little more often than those: beyond that they leave the class.
"""

from __future__ import annotations

import numpy as np
from scipy.special import expit
from sklearn.model_selection import KFold

from gan_oversampler._classes.label_filter import MIN_OTHERS, LabelFilter
from gan_oversampler._deformation.deformations import AffineDeformation, Deformation, LearnedDeformation
from gan_oversampler._deformation.warp import Floats
from gan_oversampler._utils import seeds

LARGEST_STRENGTH = LearnedDeformation.strength  # .75, the best in held-out average precision
MIN_OWN = 10
_STRENGTHS = np.array([0.15, 0.3, 0.45, 0.6, LARGEST_STRENGTH])
_TOLERANCE = 1.5
_N_FOLDS = 5
_MAX_OWN = 1000
_MAX_OTHERS = 3000
_N_DEFORMED = 400


def _missed(known: LabelFilter, images: Floats) -> Floats:
    """Probability with which each image is missed: ndarray of shape (n,)."""
    missed: Floats = expit(-known.scores(images))
    return missed


def choose_strength(deformation: Deformation, own: Floats, others: Floats, seed: int) -> float:
    """Strength at which deformed images are missed 1.5 times as often as real images that were left out.

    Parameters
    ----------
    deformation : Deformation
        At any strength.
    own : ndarray of shape (n, H, W, C), float32
        Images of the class.
    others : ndarray of shape (m, H, W, C), float32
        Images of the other classes.
    seed : int

    Returns
    -------
    float in [0.15, 0.75]
        0.75 where fewer than 10 of the class or 50 others leave nothing to compare.
    """
    if len(own) < MIN_OWN or len(others) < MIN_OTHERS:
        return LARGEST_STRENGTH
    rng = seeds.generator(seed, "strength")
    own = own[rng.permutation(len(own))[:_MAX_OWN]]
    others = others[rng.permutation(len(others))[:_MAX_OTHERS]]
    mild = AffineDeformation(deformation.basis).scaled(0.5)
    real, deformed = [], []
    for fold, (seen, left_out) in enumerate(KFold(_N_FOLDS).split(own)):
        known = LabelFilter.fit_copies(own[seen], others, mild, rng, seeds.child_seed(seed, "fold", fold))
        real.append(_missed(known, own[left_out]))
        images = own[rng.choice(seen, _N_DEFORMED)]
        noise = seeds.child_seed(seed, "noise", fold)  # the same draws at every strength
        deformed.append(
            [
                _missed(known, deformation.scaled(strength)(images, np.random.default_rng(noise))).mean()
                for strength in _STRENGTHS
            ]
        )
    rising = np.maximum.accumulate(np.mean(deformed, axis=0))
    return float(np.interp(_TOLERANCE * np.concatenate(real).mean(), rising, _STRENGTHS))
