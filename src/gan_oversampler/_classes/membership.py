"""How often a classifier that knows some images of a class misses others, and changed copies of those that it knows.

This is how the class's own images say what leaves the class.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import NamedTuple

import numpy as np
from scipy.special import expit
from sklearn.model_selection import KFold

from gan_oversampler._classes.label_filter import MIN_OTHERS, LabelFilter
from gan_oversampler._deformation.deformations import AffineDeformation
from gan_oversampler._deformation.pairs import reduced
from gan_oversampler._deformation.warp import DeformationBasis, Floats
from gan_oversampler._utils import seeds

MIN_OWN = 10
TOLERANCE = 1.5
MOST_MISSED = 0.5
_MARGIN = 0.05
_N_FOLDS = 5
_MAX_OWN = 1000
_MAX_OTHERS = 3000
_N_CHANGED = 400

Change = Callable[[Floats, np.random.Generator], Floats]


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
