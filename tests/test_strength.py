"""Laws of choosing the strength of a deformation."""

import numpy as np
import pytest

from gan_oversampler._deformation import AffineDeformation, DeformationBasis
from gan_oversampler._strength import _most_plausible, choose_strength, probe_deformations

STRENGTHS = np.array([0, 0.25, 0.5, 0.75, 1])
AFFINE = AffineDeformation(DeformationBasis.for_size(8, 8))


def two_classes(n=12, m=200, n_channels=1):
    rng = np.random.default_rng(0)
    minority, majority = rng.normal(size=(n, 8, 8, n_channels)), rng.normal(size=(m, 8, 8, n_channels))
    minority[:, 2:6, 2:6] += 1
    return minority.astype(np.float32), majority.astype(np.float32)


@pytest.mark.parametrize("best", STRENGTHS)
def test_clear_evidence_beats_the_rule(best):
    scores = np.where(best == STRENGTHS, 0.99, 0.7) * np.ones((3, 1))
    assert _most_plausible(scores, STRENGTHS) == best


def test_without_evidence_the_rule_holds():
    assert _most_plausible(np.full((3, 5), 0.9), STRENGTHS) == 0.75


@pytest.mark.parametrize("n_channels", [1, 3])
def test_the_choice_is_one_of_the_strengths_and_repeats(n_channels):
    minority, majority = two_classes(n_channels=n_channels)
    before = minority.copy()
    first, again = (
        choose_strength(AFFINE, minority, majority, np.random.default_rng(5), strengths=(0, 0.5)) for _ in range(2)
    )
    assert first.strength in (0, 0.5)
    assert first.scores.shape == (3, 2)
    np.testing.assert_array_equal(first.scores, again.scores)
    np.testing.assert_array_equal(minority, before)


def test_equal_candidates_score_equally():
    scores = probe_deformations([AFFINE, AFFINE], *two_classes(), np.random.default_rng(0), n_folds=2)
    np.testing.assert_array_equal(scores[:, 0], scores[:, 1])
    assert ((scores >= 0) & (scores <= 1)).all()


def test_a_majority_smaller_than_the_probe_wants_is_enough():
    minority, majority = two_classes(n=6, m=20)
    assert choose_strength(AFFINE, minority, majority, np.random.default_rng(0)).strength in STRENGTHS
