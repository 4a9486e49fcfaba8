"""What leaves an image in its class: how strongly it may be bent, mirrored or turned, and changed in its tone.

Many are asked. A small classifier must not tell changed images of the other classes from other images of these
(`Plausibility`). Classifiers that know a part of the class must not miss its own images more often when these are
changed (`Membership`). What is noticed may still help: light falls on all solar cells from one side, but a mirrored
crack is a crack. Mirror images and turns that the class's own classifiers accept are therefore tried for their use.
"""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Iterator
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from sklearn import config_context
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import KFold
from sklearn.neural_network import MLPClassifier
from sklearn.utils.extmath import randomized_svd

from gan_oversampler._classes.model import MIN_OTHERS, LabelFilter
from gan_oversampler._classes.usefulness import Usefulness
from gan_oversampler._deformation.deformations import AffineDeformation, Change, Deformation, LearnedDeformation, Tone
from gan_oversampler._deformation.learning import reduced
from gan_oversampler._deformation.symmetry import KEEPING_ROWS, elements, possible
from gan_oversampler._deformation.warp import DeformationBasis, Floats
from gan_oversampler._utils import seeds

# -- asked of the other classes: is a changed image still one of its kind? ---------------------------------------------

MIN_IMAGES = 400
LARGEST_AUC = 0.56  # with one standard error; photographs: mirrored .50, upside down .81; digits: mirrored .98
_MAX_IMAGES = 4000
_COMPONENTS = 40
_N_FOR_COMPONENTS = 1000
_BATCH = 200
_N_STEPS = 100  # of 200 rows: so few do not learn rows by heart, and fewer would not see what small sets show


def _spread(values: Floats) -> Floats:
    """Standard deviation of each channel: (n, H, W, C) -> (n, C), in one pass."""
    pixels = values.reshape(len(values), -1, values.shape[-1])
    mean_square = np.einsum("npc,npc->nc", pixels, pixels) / np.float32(pixels.shape[1])
    return np.sqrt(np.maximum(mean_square - np.square(pixels.mean(axis=1)), 0))


def _statistics(images: Floats) -> Floats:
    """What no few principal components show: mean, spread and roughness of each channel: (n, 5 * C)."""
    axes = (1, 2)
    lasting = 1 if images.shape[1] > 2 else 2  # a low image is reduced to two rows, which have one difference
    by_row, by_column, twice = (np.diff(images, order, axis=axis) for order, axis in ((1, 1), (1, 2), (2, lasting)))
    spreads = [np.log(_spread(values) + 1e-3) for values in (images, by_row, by_column, twice)]
    return np.concatenate([images.mean(axis=axes), *spreads], axis=1)


def _components(images: Floats, seed: int) -> Floats:
    """Principal components of the images, found from 1,000 at equal distances: (n, at most 40)."""
    flat = images.reshape(len(images), -1)
    some = flat[:: -(-len(flat) // _N_FOR_COMPONENTS)]
    some = some - some.mean(axis=0)
    components: Floats = flat @ randomized_svd(some, min(_COMPONENTS, *some.shape), random_state=seed)[2].T
    return components


def _features(images: Floats, seed: int) -> Floats:
    """What the classifier sees of changed and unchanged images: (n, n_features), each of mean 0 and spread 1.

    Both kinds alike say what the components are. Components of one kind would fit its own images better, and images
    that differ in nothing else would be distinguished by that.
    """
    values = np.hstack([_components(images, seed), _statistics(images)])
    scaled: Floats = (values - values.mean(axis=0)) / (values.std(axis=0) + np.float32(1e-6))
    return scaled


class Plausibility:
    """Real images, in two halves: those of one are changed, those of the other say what images are like.

    Parameters
    ----------
    images : ndarray of shape (n, H, W, C), float32
        Any in [-1, 1] or a little beyond; at most 4,000 are read, large ones at a reduced size.
    rng : numpy.random.Generator

    Attributes
    ----------
    size : (int, int)
        Height and width of the images that a change is given, which large ones are reduced to.
    """

    def __init__(self, images: NDArray[Any], rng: np.random.Generator) -> None:
        chosen = rng.permutation(len(images))[: _MAX_IMAGES // 2 * 2]
        images = reduced(images[chosen[: len(chosen) // 2 * 2]].astype(np.float32, copy=False))
        self._seed = int(rng.integers(2**31))
        self._given, self._unchanged = np.split(images, 2)
        self.size = images.shape[1:3]

    @config_context(array_api_dispatch=False)  # its randomized SVD gives other bits, and warns
    def auc(self, change: Change) -> float:
        """Area under the ROC curve of a classifier of changed images and others, cross-fitted; .5 by chance."""
        changed = change(self._given, np.random.default_rng(self._seed))
        images = np.clip(np.concatenate([changed, self._unchanged]), -1, 1)  # as they are when they are decoded
        rows, is_changed = _features(images, self._seed), np.arange(len(images)) < len(changed)
        return float(np.mean([self._score_of_other_half(rows, is_changed, fold) for fold in (0, 1)]))

    def _score_of_other_half(self, rows: Floats, is_changed: NDArray[np.bool_], fold: int) -> float:
        is_seen = np.arange(len(rows)) % 2 == fold
        n_seen = int(is_seen.sum())
        n_epochs = -(-_N_STEPS * _BATCH // n_seen)
        network = MLPClassifier((64,), batch_size=min(_BATCH, n_seen), max_iter=n_epochs, random_state=self._seed)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            network.fit(rows[is_seen], is_changed[is_seen])
        return float(roc_auc_score(is_changed[~is_seen], network.predict_proba(rows[~is_seen])[:, 1]))

    def leaves(self, change: Change) -> bool:
        """Whether a classifier hardly knows the changed images: the area is at most .56, one standard error added."""
        n = len(self._given)
        standard_error = np.sqrt((2 * n + 1) / (12 * n * n))  # of the area by chance
        return bool(self.auc(change) + standard_error <= LARGEST_AUC)


# -- asked of the class: are its own images missed when they are changed? ----------------------------------------------

MIN_OWN = 10
TOLERANCE = 1.5
MOST_MISSED = 0.5
_MARGIN = 0.05
_N_FOLDS = 5
_MAX_OWN = 1000
_MAX_OTHERS = 3000
_N_CHANGED = 400


class _Fold(NamedTuple):
    """A classifier, images of the class that it knows, those that were left out, how it misses these, and a seed."""

    known: LabelFilter
    images: Floats
    left_out: Floats
    missed: Floats
    noise: int  # the same draws for every change


def _missed(known: LabelFilter, images: Floats) -> Floats:
    """Probability with which each image is missed: ndarray of shape (n,)."""
    missed: Floats = expit(-known.scores(images))
    return missed


class Membership:
    """Classifiers that know four fifths of a class each, by mildly deformed copies; fitted when first asked.

    Parameters
    ----------
    own : ndarray of shape (n, H, W, C), float32
        Images of the class; at most 1,000 are read.
    others : ndarray of shape (m, H, W, C), float32
        Images of the other classes; at most 3,000 are read.
    seed : int

    Attributes
    ----------
    size : (int, int)
        Height and width of the images that a change is given, which large ones are reduced to.
    """

    def __init__(self, own: Floats, others: Floats, seed: int) -> None:
        self.own, self.others, self.seed = own, others, seed
        self.size = reduced(own[:1]).shape[1:3]

    @property
    def can_tell(self) -> bool:
        """Whether there are enough images: 10 of the class and 50 others."""
        return len(self.own) >= MIN_OWN and len(self.others) >= MIN_OTHERS

    @cached_property
    def _folds(self) -> list[_Fold]:
        rng = seeds.generator(self.seed, "strength")
        own = reduced(self.own[rng.permutation(len(self.own))[:_MAX_OWN]])
        others = reduced(self.others[rng.permutation(len(self.others))[:_MAX_OTHERS]])
        mild = AffineDeformation(DeformationBasis.for_size(*self.size)).scaled(0.5)
        folds = []
        for fold, (seen, left_out) in enumerate(KFold(_N_FOLDS).split(own)):
            known = LabelFilter.fit_copies(own[seen], others, mild, rng, seeds.child_seed(self.seed, "fold", fold))
            images, noise = own[rng.choice(seen, _N_CHANGED)], seeds.child_seed(self.seed, "noise", fold)
            folds.append(_Fold(known, images, own[left_out], _missed(known, own[left_out]), noise))
        return folds

    @cached_property
    def allowed(self) -> float:
        """How often changed copies may be missed: 1.5 times as often as left-out real images, one in two at most."""
        missed = np.concatenate([fold.missed for fold in self._folds]).mean()
        return float(min(TOLERANCE * missed, MOST_MISSED))

    def missed(self, change: Change) -> float:
        """How often changed copies of known images are missed."""
        shares = [_missed(f.known, change(f.images, np.random.default_rng(f.noise))).mean() for f in self._folds]
        return float(np.mean(shares))

    def keeps(self, change: Change) -> bool:
        """Whether left-out images are missed hardly more often when they are changed: by .05, less one standard error.

        The classifiers know neither, so few images suffice: these are compared with themselves.
        """
        changed = [_missed(f.known, change(f.left_out, np.random.default_rng(f.noise))) - f.missed for f in self._folds]
        more = np.concatenate(changed)
        return bool(more.mean() - more.std() / np.sqrt(len(more)) <= _MARGIN)


# -- what is chosen by that: the strength of the bending, then what is done beside it ----------------------------------

LARGEST_STRENGTH = LearnedDeformation.strength  # .75, the best in held-out average precision
_STRENGTHS = np.array([0.15, 0.3, 0.45, 0.6, LARGEST_STRENGTH])
_SURE = 1.75  # standard errors; one of several candidates gains so much by chance, but precision must rise, too
_LADDERS = {"contrast": (0.4, 0.2), "brightness": (0.1,)}


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
    keeping_rows = [name for name in accepted if name in KEEPING_ROWS]
    for symmetry in dict.fromkeys(map(tuple, (keeping_rows, accepted))):
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
