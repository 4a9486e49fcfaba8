"""Mirror images, turns and changes of tone that leave the images of a class among their kind.

Each is tried on the many images of the other classes: a small classifier must not tell what it makes from other images.
Then classifiers that know the class must not miss it much more often than real images that were left out.
"""

from __future__ import annotations

import dataclasses

from gan_oversampler._classes.membership import Membership
from gan_oversampler._deformation.deformations import Deformation
from gan_oversampler._deformation.plausible import MIN_IMAGES, Plausibility
from gan_oversampler._deformation.symmetry import possible
from gan_oversampler._deformation.tone import Tone
from gan_oversampler._utils import seeds

_LADDERS = {"contrast": (0.4, 0.2), "brightness": (0.1,)}


def add_what_passes(bending: Deformation, membership: Membership) -> Deformation:
    """Add to a bending the symmetries and the changes of tone that pass, each change as large as it may be.

    Parameters
    ----------
    bending : Deformation
    membership : Membership
        Of the class. Fewer than 400 other images teach nothing.

    Returns
    -------
    Deformation
    """
    if len(membership.others) < MIN_IMAGES:
        return bending
    among = Plausibility(membership.others, seeds.generator(membership.seed, "plausible"))

    def passes(symmetry: tuple[str, ...], tone: Tone) -> bool:
        change = bending.scaled(0.0).with_parts(symmetry, tone)
        if not among.leaves(change.resized(*among.size)):
            return False
        return not membership.can_tell or membership.missed(change.resized(*membership.size)) <= membership.allowed

    height, width = membership.own.shape[1:3]
    # A set of images that does not change under two symmetries does not change under both, one after the other.
    symmetry = tuple(name for name in possible(height, width) if passes((name,), Tone()))
    tone = Tone()
    for name, ladder in _LADDERS.items():  # each on top of those that have passed
        candidates = (dataclasses.replace(tone, **{name: size}) for size in ladder)
        tone = next((candidate for candidate in candidates if passes((), candidate)), tone)
    return bending.with_parts(symmetry, tone)
