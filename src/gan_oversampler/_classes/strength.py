"""The strength of a learned deformation for a class, chosen by how much its real images differ.

A small classifier that knows some images of the class misses a share of the others. Deformed copies of the images that
it knows may be missed a little more often than those: beyond that they leave the class.
"""

from __future__ import annotations

import numpy as np

from gan_oversampler._classes.membership import Membership
from gan_oversampler._deformation.deformations import Deformation, LearnedDeformation

LARGEST_STRENGTH = LearnedDeformation.strength  # .75, the best in held-out average precision
_STRENGTHS = np.array([0.15, 0.3, 0.45, 0.6, LARGEST_STRENGTH])


def choose_strength(deformation: Deformation, membership: Membership) -> float:
    """Strength at which deformed images are missed 1.5 times as often as real images that were left out.

    Parameters
    ----------
    deformation : Deformation
        At any strength.
    membership : Membership
        Of the class.

    Returns
    -------
    float in [0.15, 0.75]
        0.75 where fewer than 10 of the class or 50 others leave nothing to compare.
    """
    if not membership.can_tell:
        return LARGEST_STRENGTH
    deformation = deformation.resized(*membership.size)
    missed = [membership.missed(deformation.scaled(strength)) for strength in _STRENGTHS]
    return float(np.interp(membership.allowed, np.maximum.accumulate(missed), _STRENGTHS))
