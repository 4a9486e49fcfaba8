"""A network is trained by default for each class of 10 different rows and more; where none is needed, it is said."""

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_digits

from gan_oversampler import GANOverSampler, SmallClassWarning
from gan_oversampler._classes.membership import MIN_IMAGES

from .conftest import TINY

BUDGET = {name: value for name, value in TINY.items() if name != "deformed_share"}
pytestmark = pytest.mark.filterwarnings("ignore::gan_oversampler.ConvergenceWarning")


def noise(n_others):
    """Images that have nothing in common: 30 are rare."""
    images = np.random.default_rng(0).integers(0, 256, (n_others + 30, 16, 16), np.uint8)
    return images, np.arange(n_others + 30) < 30


def digits():
    X, y = load_digits(return_X_y=True)
    rows = np.concatenate([np.flatnonzero(y == digit)[:n] for digit, n in ((0, 30), (2, 170), (3, 170), (5, 170))])
    return X[rows].reshape(-1, 8, 8), y[rows] == 0


def table():
    X, y = load_breast_cancer(return_X_y=True)
    return X[:150, :5], y[:150] == 1


def categories():
    rng = np.random.default_rng(0)
    return rng.choice(list("abcd"), (80, 4)).astype(object), np.arange(80) < 20


@pytest.mark.parametrize(
    ("data", "parameters", "share"),
    [
        (noise(MIN_IMAGES - 1), {}, 0.25),
        (digits(), {}, 0.25),
        (table(), {}, 0.25),
        (categories(), {}, 0.25),
        (noise(MIN_IMAGES), {}, 0.05),
        (noise(MIN_IMAGES), {"deformation": "affine"}, 0.25),
    ],
    ids=["few others", "digits", "table", "categories", "photographs", "affine for all it is known"],
)
def test_a_network_draws_a_fourth_of_new_rows_and_of_photographs_a_twentieth(data, parameters, share):
    sampler = GANOverSampler(random_state=0, **parameters, **BUDGET).fit(*data)
    (shares,) = sampler.shares_.values()
    assert shares["generated"] == pytest.approx(share)
    assert sum(shares.values()) == pytest.approx(1)
    assert len(sampler.history_[True]["step"]) == BUDGET["max_iter"]


@pytest.mark.parametrize(
    ("data", "rows"),
    [
        (noise(MIN_IMAGES), "images that do not deform into one another, as photographs,"),
        (table(), "tables,"),
        (noise(MIN_IMAGES - 1), None),
        (digits(), None),
    ],
    ids=["photographs", "table", "too few to judge", "digits"],
)
def test_one_line_names_the_sampler_that_is_as_good_and_quicker(data, rows, capsys):
    GANOverSampler(random_state=0, verbose=1, **BUDGET).fit(*data)
    lines = [line for line in capsys.readouterr().out.splitlines() if "DeformationOverSampler" in line]
    expected = f"class True: on {rows} DeformationOverSampler was measured to be as good, without a network."
    assert lines == ([expected] if rows else [])


def test_who_chose_a_share_is_not_told(capsys):
    GANOverSampler(random_state=0, verbose=1, deformed_share=0.75, **BUDGET).fit(*table())
    assert "DeformationOverSampler" not in capsys.readouterr().out


@pytest.mark.parametrize(("share", "steps"), [(0, 2800), (0.5, 1400)])
def test_a_network_that_makes_all_images_trains_twice_as_long(share, steps, monkeypatch):
    budgets = []

    def train(self, plan, data, deformation, *, label, seed, max_iter):
        budgets.append(max_iter)
        raise KeyboardInterrupt

    monkeypatch.setattr("gan_oversampler._classes.training.TrainingSession.train", train)
    with pytest.raises(KeyboardInterrupt):
        GANOverSampler(deformed_share=share, deformation="affine").fit_resample(*noise(50))
    assert budgets == [steps]


def test_a_small_class_gets_none():
    X, y = noise(MIN_IMAGES)
    with pytest.warns(SmallClassWarning, match="has 8 rows"):
        sampler = GANOverSampler(random_state=0, **BUDGET).fit(X[22:], y[22:])
    assert sampler.history_ == {True: {}}


def test_a_table_of_thousands_of_columns_gets_none():
    X = np.random.default_rng(0).normal(size=(60, 2001))
    sampler = GANOverSampler(random_state=0, **BUDGET).fit(X, np.arange(60) < 20)
    assert sampler.shares_ == {True: {"repeated": 1.0}}


def a_generator(latent_dim, output_shape):
    import keras

    return keras.Sequential([keras.layers.Input((latent_dim,)), keras.layers.Dense(*output_shape)])


def test_a_network_of_ones_own_is_trained_on_such_a_table_too():
    X = np.random.default_rng(0).normal(size=(60, 2001))
    sampler = GANOverSampler(random_state=0, generator=a_generator, **BUDGET).fit(X, np.arange(60) < 20)
    assert sampler.shares_[True]["generated"] == pytest.approx(0.25)
