"""Mirror images, turns and changes of tone that leave the images of a class among their kind.

Each is tried on the many images of the other classes: a small classifier must not tell what it makes from other images.
Then classifiers that know the class must not miss the class's own images more often when these are changed. What passes
alone is tried together at the end.

What is noticed may still help: light falls on all solar cells from one side, but a mirrored crack is a crack. Mirror
images and turns that the class's own classifiers accept are therefore tried for their use, with bending and without.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np

from gan_oversampler._classes.membership import Change, Membership
from gan_oversampler._classes.usefulness import Usefulness
from gan_oversampler._deformation.deformations import Deformation, Tone
from gan_oversampler._deformation.plausible import MIN_IMAGES, Plausibility
from gan_oversampler._deformation.symmetry import elements, possible
from gan_oversampler._deformation.warp import Floats
from gan_oversampler._utils import seeds

_SURE = 1.75  # standard errors; one of several candidates gains so much by chance, but precision must rise, too
_LADDERS = {"contrast": (0.4, 0.2), "brightness": (0.1,)}


def _fewer(whole: Deformation) -> Iterator[Deformation]:
    """A deformation of several parts, and what is left of it when they go one by one, those that came last first."""
    symmetry, tone = whole.symmetry, whole.tone
    yield whole
    if tone.contrast and tone.brightness:
        yield whole.with_parts(symmetry, Tone(contrast=tone.contrast))
    for n in range(len(symmetry), -1, -1):
        yield whole.with_parts(symmetry[:n], Tone())


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
    still = bending.scaled(0.0).resized(*among.size)

    def passes(change: Change) -> bool:
        return among.leaves(change) and (not membership.can_tell or membership.keeps(change))

    # Done to every image: where half stay as they are, a mirrored image hides among these.
    names = (name for name in possible(*membership.own.shape[1:3]) if all(map(passes, elements(name))))
    symmetry, tone = tuple(names), Tone()
    for name, ladder in _LADDERS.items():  # each on top of those that have passed
        candidates = (dataclasses.replace(tone, **{name: size}) for size in ladder)
        tone = next((candidate for candidate in candidates if passes(still.with_parts((), candidate))), tone)
    together = next(parts for parts in _fewer(still.with_parts(symmetry, tone)) if not parts.parts or passes(parts))
    return bending.with_parts(together.symmetry, together.tone)


def _with_accepted(found: Deformation, membership: Membership) -> Iterator[Deformation]:
    """The deformation with more symmetries, which the class accepts, and these without bending."""
    names = possible(*membership.own.shape[1:3])
    accepted = [name for name in names if name in found.symmetry or all(map(membership.keeps, elements(name)))]
    mirrors = [name for name in accepted if name != "quarter turn"]
    for symmetry in dict.fromkeys(map(tuple, (mirrors, accepted))):
        if set(symmetry) - set(found.symmetry):
            yield found.with_parts(symmetry, found.tone)
            yield found.with_parts(symmetry, found.tone).scaled(0.0)


def _is_sure(gain: Floats) -> bool:
    return bool(gain.mean() > _SURE * gain.std() / np.sqrt(len(gain)))


def add_what_helps(found: Deformation, membership: Membership) -> Deformation:
    """The deformation, or the best of those with more symmetries if it helps to find left-out images of the class.

    Parameters
    ----------
    found : Deformation
        What `add_what_passes` found.
    membership : Membership
        Of the class. Fewer than 10 images of it, or 400 others, say nothing.

    Returns
    -------
    Deformation
        Of those that take the class further from the others, by more than 1.75 standard errors, the one that gains most
        precision; or the one that was found.
    """
    if not membership.can_tell or len(membership.others) < MIN_IMAGES:
        return found
    candidates = list(_with_accepted(found, membership))
    if not candidates:
        return found
    useful = Usefulness(membership.own, membership.others, membership.seed)
    before = useful.found(found.resized(*useful.size))
    best, most = found, 0.0
    for candidate in candidates:
        after = useful.found(candidate.resized(*useful.size))
        gained = float((after.precision - before.precision).mean())
        if gained > most and _is_sure(after.distance - before.distance):
            best, most = candidate, gained
    return best
