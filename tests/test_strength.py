"""How strong a learned deformation may be: decided by the class's own images."""

import dataclasses

import numpy as np
import pytest
from scipy.special import logit
from sklearn.datasets import load_digits

from gan_oversampler import DeformationOverSampler
from gan_oversampler._classes import membership
from gan_oversampler._classes.membership import LARGEST_STRENGTH, Membership
from gan_oversampler._classes.membership import choose_strength as choose
from gan_oversampler._deformation.learning import learn_deformation
from gan_oversampler._deformation.warp import DeformationBasis


def choose_strength(deformation, own, others, seed):
    return choose(deformation, Membership(own, others, seed))


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
    sampler = DeformationOverSampler(sampling_strategy={0: 200, 1: 200}, random_state=0)
    sampler.fit_resample(X, y)
    zeros, ones = (sampler.models_[label].deformation.strength for label in (0, 1))
    assert 0.15 <= zeros < 0.5  # zeros are alike
    assert ones == LARGEST_STRENGTH


# -- the tolerance, with a classifier whose errors are known ---------------------------------------------------------


class Known:
    """Stands in for the classifier: it misses an image with the probability that the image's pixels hold."""

    def __init__(self, seen):
        self.seen = {image.tobytes() for image in seen}

    def scores(self, images):
        return -logit(images.mean(axis=(1, 2, 3)))


class Raising:
    """Stands in for a deformation that raises the probability of being missed by so much at strength 1."""

    basis = DeformationBasis.for_size(8, 8)

    def __init__(self, slope, strength=1.0):
        self.slope, self.strength = slope, strength

    def scaled(self, strength):
        return Raising(self.slope, strength)

    def resized(self, height, width):
        return self

    def __call__(self, images, rng):
        slope = self.slope(self.strength) if callable(self.slope) else self.slope
        return images + np.float32(slope * self.strength)


@pytest.fixture
def known(monkeypatch):
    """Images that are missed with probability .2, others, and the classifiers that were fitted."""
    fitted = []

    def fit_copies(own, others, deformation, rng, seed):
        fitted.append((own, others, deformation, seed))
        return Known(own)

    monkeypatch.setattr(membership.LabelFilter, "fit_copies", fit_copies)
    own = np.full((50, 8, 8, 1), 0.2, np.float32)
    own[:, 0, 0, 0] += np.arange(50) / 1000  # each of its own
    own[:, 0, 1, 0] -= np.arange(50) / 1000
    return own, np.zeros((60, 8, 8, 1), np.float32), fitted


@pytest.mark.parametrize(
    ("slope", "chosen"), [(0.2, 0.5), (0.1 / 0.3, 0.3), (0.1 / 0.2, 0.2), (0.01, 0.75), (0.0, 0.75), (0.79, 0.15)]
)
def test_deformed_images_are_missed_one_and_a_half_times_as_often(known, slope, chosen):
    """.2 at strength 0 rises by `slope` with the strength: .3 is allowed, and read off between the strengths tried."""
    own, others, _ = known
    assert choose_strength(Raising(slope), own, others, seed=0) == pytest.approx(chosen, abs=1e-4)


def test_a_strength_beyond_one_that_is_too_strong_is_too_strong(known):
    own, others, _ = known
    dips = Raising(lambda at: {0.15: 0.0, 0.3: 0.5}.get(round(at, 2), 0.0))  # .35 at strength .3, and .2 again after
    assert choose_strength(dips, own, others, seed=0) == pytest.approx(0.15 + 0.15 * 0.1 / 0.15, abs=1e-4)


def test_each_fold_is_judged_by_a_classifier_that_does_not_know_it(known):
    own, others, fitted = known
    deformed = []

    class Watching(Raising):
        def scaled(self, strength):
            return self

        def __call__(self, images, rng):
            deformed.append(images)
            return images

    choose_strength(Watching(0.0), own, others, seed=0)
    assert len(fitted) == 5
    assert len({seed for *_, seed in fitted}) == 5
    seen = [{image.tobytes() for image in images} for images, *_ in fitted]
    assert all(len(images) == 40 for images in seen)
    assert all(sum(image.tobytes() in images for images in seen) == 4 for image in own)
    assert [len(images) for images in deformed] == [400] * 25
    for fold in range(5):  # what is deformed is known to the classifier, so that the deformation alone is judged
        assert {image.tobytes() for image in deformed[fold]} <= seen[fold]
    for _, away, mild, _ in fitted:
        assert len(away) == len(others)
        assert (mild.kind, mild.strength) == ("affine", 0.5)


def test_every_strength_is_tried_with_the_same_draws(known):
    own, others, _ = known
    numbers = []

    class Drawing(Raising):
        def scaled(self, strength):
            return self

        def __call__(self, images, rng):
            numbers.append(rng.random())
            return images

    choose_strength(Drawing(0.0), own, others, seed=0)
    by_strength = np.reshape(numbers, (5, 5))
    assert (by_strength == by_strength[:1]).all()
    assert len(np.unique(by_strength[0])) == 5


def test_at_most_a_thousand_images_and_three_thousand_others_are_read(known):
    own, others, fitted = known
    choose_strength(Raising(0.1), np.repeat(own, 25, axis=0), np.repeat(others, 60, axis=0), seed=0)
    assert {len(images) for images, *_ in fitted} == {800}
    assert {len(away) for _, away, *_ in fitted} == {3000}


@pytest.mark.parametrize(("n_own", "n_others", "chosen"), [(10, 50, 0.5), (9, 50, 0.75), (10, 49, 0.75)])
def test_ten_images_and_fifty_others_suffice(known, n_own, n_others, chosen):
    own, others, _ = known
    found = choose_strength(Raising(0.2), own[:n_own], others[:n_others], seed=0)
    assert found == pytest.approx(chosen, abs=1e-4)
