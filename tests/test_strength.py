"""How strong a learned deformation may be: decided by the class's own images."""

import dataclasses

import numpy as np
import pytest
from sklearn.datasets import load_digits

from gan_oversampler import DeformationOverSampler
from gan_oversampler._classes.strength import LARGEST_STRENGTH, choose_strength
from gan_oversampler._deformation.learning import learn_deformation


@pytest.fixture(scope="module")
def threes():
    """100 threes, the other digits, and the deformation that these teach."""
    X, y = load_digits(return_X_y=True)
    images = (X / 8 - 1).astype(np.float32).reshape(-1, 8, 8, 1)
    others = images[y != 3]
    return images[y == 3][:100], others, learn_deformation(others, np.random.default_rng(0))


def stronger(deformation, factor):
    return dataclasses.replace(deformation, factor=deformation.factor * np.float32(factor))


def test_it_lies_in_its_range_and_repeats(threes):
    own, others, deformation = threes
    chosen = choose_strength(deformation, own, others, seed=1)
    assert 0.15 <= chosen <= LARGEST_STRENGTH
    assert choose_strength(deformation, own, others, seed=1) == chosen


def test_a_deformation_that_leaves_the_class_is_weakened(threes):
    own, others, deformation = threes
    mild, wild = (choose_strength(stronger(deformation, f), own, others, seed=0) for f in (0.3, 4))
    assert mild == LARGEST_STRENGTH
    assert wild < 0.5


def test_its_own_strength_does_not_matter(threes):
    own, others, deformation = threes
    weak, strong = (choose_strength(deformation.scaled(s), own, others, seed=0) for s in (0.1, 2.0))
    assert weak == strong


@pytest.mark.parametrize(("n_own", "n_others"), [(9, 500), (100, 49)])
def test_too_few_to_compare_leave_it_at_the_largest(threes, n_own, n_others):
    own, others, deformation = threes
    assert choose_strength(stronger(deformation, 4), own[:n_own], others[:n_others], seed=0) == LARGEST_STRENGTH


def test_a_sampler_chooses_for_each_class():
    X, y = load_digits(return_X_y=True)
    sampler = DeformationOverSampler(sampling_strategy=dict.fromkeys(range(10), 200), random_state=0)
    sampler.fit_resample(X, y)
    strengths = [model.deformation.strength for model in sampler.models_.values()]
    assert len(set(strengths)) > 1
    assert all(0.15 <= strength <= LARGEST_STRENGTH for strength in strengths)
