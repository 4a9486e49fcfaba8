"""The attack on any sampler: copies give their rows away, noise does not, and what cannot be attacked is told."""

import numpy as np
import pandas as pd
import pytest
from imblearn.combine import SMOTEENN
from imblearn.over_sampling import SMOTE, SMOTENC, RandomOverSampler
from sklearn.base import BaseEstimator
from sklearn.datasets import load_breast_cancer, load_digits

from gan_oversampler import DeformationOverSampler
from gan_oversampler.comparison import attack_sampler

pytestmark = pytest.mark.usefixtures("one_thread")


class Noise(BaseEstimator):
    """Appends rows that were learned from nothing, or from rows by a function."""

    def __init__(self, make=None):
        self.make = make

    def fit_resample(self, X, y):
        rng = np.random.default_rng(0)
        new = rng.normal(size=(400, X.shape[1])) if self.make is None else self.make(X[y == 1], rng)
        return np.concatenate([X, new]), np.concatenate([y, np.ones(len(new), int)])


def normal(n=200, p=3):
    return np.random.default_rng(1).normal(size=(n, p)), np.repeat([1, 0], [n // 2, n - n // 2])


def test_copies_are_found_and_noise_is_not():
    X, y = normal()
    assert [a.auc for a in attack_sampler(RandomOverSampler(), X, y, minority=1, n_new=900, random_state=0)] == [1, 1]
    found = attack_sampler(Noise(), X, y, minority=1, random_state=0)
    assert min(attack.p_value for attack in found) > 0.05
    near = Noise(lambda own, rng: own + 0.05 * rng.normal(size=own.shape))
    near = attack_sampler(near, X, y, minority=1, random_state=0)
    assert min(attack.auc for attack in near) > 0.9


def test_half_of_the_class_is_shown():
    seen = []
    X, y = normal(200)
    X = np.concatenate([X, X[:1] + 5])
    y = np.append(y, 1)
    attack_sampler(Noise(lambda own, rng: seen.append(own) or own), X, y, minority=1, random_state=0)
    assert len(seen[0]) == 50  # of 101
    assert len(np.unique(seen[0], axis=0)) == 50
    attack_sampler(Noise(lambda own, rng: seen.append(own) or own), X, y, minority=1, random_state=1)
    assert not np.array_equal(seen[0], seen[1])


def test_the_same_seed_gives_the_same_outcome():
    X, y = normal()
    one, two, other = (attack_sampler(SMOTE(), X, y, minority=1, n_new=50, random_state=s) for s in (3, 3, 4))
    assert one == two != other


def test_columns_of_a_table_count_alike():
    """A column of large numbers does not hide what the others give away."""
    X, y = normal()
    X = X * [1, 1, 1e6]

    def near(own, rng):
        return own + rng.normal(size=own.shape) * [0.02, 0.02, 1e6]

    found = attack_sampler(Noise(near), X, y, minority=1, random_state=0)
    assert max(attack.p_value for attack in found) < 0.01


def test_images_and_further_classes():
    X, y = load_digits(return_X_y=True)
    sampler = DeformationOverSampler(deformation="affine")
    flat = attack_sampler(sampler, X, y, minority=3, n_new=500, image_shape=(8, 8), random_state=0)
    images = attack_sampler(sampler, X.reshape(-1, 8, 8), y, minority=3, n_new=500, random_state=0)
    assert flat == images
    assert flat.distance.auc > 0.7
    assert sampler.get_params()["image_shape"] == "auto"


def test_a_table_with_categories():
    X, y = normal()
    frame = pd.DataFrame(X, columns=list("abc")).assign(colour=np.random.default_rng(0).choice(["red", "blue"], len(X)))
    labels = np.where(y == 1, "rare", "other")
    found = attack_sampler(SMOTENC(["colour"]), frame, labels, minority="rare", n_new=500, random_state=0)
    assert found.likelihood_ratio.auc > 0.9


def test_what_cannot_be_attacked_is_told():
    X, y = load_breast_cancer(return_X_y=True)
    with pytest.raises(ValueError, match="must keep the rows that it is given"):
        attack_sampler(SMOTEENN(), X, y, random_state=0)
    with pytest.raises(ValueError, match="made no new row of the class"):
        attack_sampler(Noise(lambda own, rng: own[:0]), X, y, minority=1)
    with pytest.raises(ValueError, match="refused half of the class: ValueError: Expected n_neighbors"):
        attack_sampler(SMOTE(k_neighbors=150), X, y, n_new=10)
    with pytest.raises(ValueError, match="has 19 rows"):
        attack_sampler(SMOTE(), X[:60], np.repeat([1, 0], [19, 41]))
    with pytest.raises(TypeError, match="imblearn sampler or pipeline, but it is a NoneType"):
        attack_sampler(None, X, y)
    with pytest.raises(ValueError, match="minority='x' must be one of the labels"):
        attack_sampler(SMOTE(), X, y, minority="x")
