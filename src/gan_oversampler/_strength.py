"""Choose from training rows alone how strongly a class should be deformed.

A quick probe classifier is trained with the class oversampled by each candidate and judged on training images
it has not seen. So small an experiment is noisy: it has to speak clearly to move the choice from the rule.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple
from warnings import catch_warnings, simplefilter

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import average_precision_score
from sklearn.model_selection import KFold
from sklearn.neural_network import MLPClassifier

from ._deformation import Deformation, Floats

__all__ = ["StrengthChoice", "choose_strength", "probe_deformations"]

_PROBE_ROWS = 1500  # of each class, in training
_JUDGED_ROWS = 4000
_PRIOR_STRENGTH = 0.75  # best at 28x28 and level with the best at 8x8, see benchmarks/deformation_trials.md
_PRIOR_FOLDS = 3.0  # the rule counts as much as this many folds
_PRIOR_CURVATURE = 4.0  # expected loss in log odds at one unit from the best strength


class StrengthChoice(NamedTuple):
    """What was chosen and on what evidence.

    Attributes
    ----------
    strength : float
    strengths : ndarray of shape (n_candidates,)
    scores : ndarray of shape (n_folds, n_candidates), average precision of the probe in [0, 1]
    """

    strength: float
    strengths: NDArray[np.float64]
    scores: NDArray[np.float64]


def _sample(images: NDArray[Any], n: int, rng: np.random.Generator) -> Floats:
    return images[rng.choice(len(images), min(n, len(images)), replace=False)].astype(np.float32, copy=False)


def _flat(*parts: Floats) -> Floats:
    return np.concatenate([part.reshape(len(part), -1) for part in parts])


def _probe_score(members: Floats, others: Floats, judged: Floats, truth: NDArray[Any], seed: int) -> float:
    """Average precision on the judged rows of a small network trained on members against others."""
    labels = np.repeat([1, 0], [len(members), len(others)])
    settings = {"batch_size": min(100, len(labels)), "learning_rate_init": 2e-3, "max_iter": 8}
    probe = MLPClassifier((64,), random_state=seed, **settings)
    with catch_warnings():
        simplefilter("ignore", ConvergenceWarning)  # a probe need not converge
        probe.fit(_flat(members, others), labels)
    return float(average_precision_score(truth, probe.predict_proba(judged)[:, 1]))


def probe_deformations(
    candidates: Sequence[Deformation],
    minority: Floats,
    majority: NDArray[Any],
    rng: np.random.Generator,
    *,
    n_folds: int = 3,
) -> NDArray[np.float64]:
    """Judge deformations by what a classifier learns from the rows they make.

    Parameters
    ----------
    candidates : sequence of Deformation
    minority : ndarray of shape (n, H, W, C), float32, at least `n_folds` images
    majority : ndarray of shape (m, H, W, C), any real dtype in the same range, at least 2 images
    rng : numpy.random.Generator
    n_folds : int, default=3

    Returns
    -------
    ndarray of shape (n_folds, n_candidates), float64 in [0, 1]
        Average precision on the images left out, paired: within a fold the candidates deform the same images,
        draw the same random numbers, start from the same weights and are judged on the same rows.
    """
    center, spread = minority.mean(), minority.std() + np.finfo(np.float32).eps
    minority = (minority - center) / spread
    others = (_sample(majority, _PROBE_ROWS + _JUDGED_ROWS, rng) - center) / spread
    n_others = min(_PROBE_ROWS, len(others) // 2)
    scores = np.empty((n_folds, len(candidates)))
    folds = KFold(n_folds, shuffle=True, random_state=int(rng.integers(2**31))).split(minority)
    for fold, (seen, unseen) in enumerate(folds):
        seed = int(rng.integers(2**31))
        repeated = minority[rng.choice(seen, n_others)]
        judged = _flat(minority[unseen], others[n_others:])
        truth = np.repeat([1, 0], [len(unseen), len(others) - n_others])
        for column, deform in enumerate(candidates):
            members = deform(repeated, np.random.default_rng(seed))
            scores[fold, column] = _probe_score(members, others[:n_others], judged, truth, seed)
    return scores


def choose_strength(
    deformation: Deformation,
    minority: Floats,
    majority: NDArray[Any],
    rng: np.random.Generator,
    *,
    strengths: Sequence[float] = (0.0, 0.25, 0.5, 0.75, 1.0),
    n_folds: int = 3,
) -> StrengthChoice:
    """Choose the strength at which a deformation teaches a probe classifier most.

    Parameters
    ----------
    deformation : Deformation
    minority, majority, rng, n_folds
        As in `probe_deformations`; training rows only.
    strengths : sequence of float, default=(0, 0.25, 0.5, 0.75, 1)

    Returns
    -------
    StrengthChoice
    """
    candidates = [deformation.scaled(strength) for strength in strengths]
    scores = probe_deformations(candidates, minority, majority, rng, n_folds=n_folds)
    tried = np.asarray(strengths, np.float64)
    return StrengthChoice(_most_plausible(scores, tried), tried, scores)


def _most_plausible(scores: NDArray[np.float64], strengths: NDArray[np.float64]) -> float:
    """Mean log odds of the folds plus the prior's parabola around the strength that is best as a rule."""
    odds = np.log((scores + 1e-3) / (1 - scores + 1e-3))
    prior = -_PRIOR_CURVATURE * (strengths - _PRIOR_STRENGTH) ** 2
    plausible = (odds.sum(axis=0) + _PRIOR_FOLDS * prior) / (len(scores) + _PRIOR_FOLDS)
    return float(strengths[np.argmax(plausible)])
