"""Where a network is not worth its time: said before training, and deformed real images instead."""

import warnings

import numpy as np
import pytest
from sklearn.datasets import load_digits

from gan_oversampler import ConvergenceWarning, DeformationOverSampler, GANOverSampler, NoNetworkWarning
from gan_oversampler._deformation.plausible import MIN_IMAGES

from .conftest import TINY

BUDGET = {name: value for name, value in TINY.items() if name != "deformed_share"}
pytestmark = pytest.mark.filterwarnings("ignore::gan_oversampler.ConvergenceWarning")


def noise(n_others):
    """Images that have nothing in common: 30 are rare."""
    images = np.random.default_rng(0).integers(0, 256, (n_others + 30, 16, 16), np.uint8)
    return images, np.arange(n_others + 30) < 30


def fitted(data, **parameters):
    """The sampler, its new rows, and what it warned of."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        sampler = GANOverSampler(random_state=0, **BUDGET | parameters)
        X_res, _ = sampler.fit_resample(*data)
    messages = [str(warning.message) for warning in caught if warning.category is NoNetworkWarning]
    return sampler, X_res, messages


def test_images_that_do_not_deform_into_one_another_get_no_network(monkeypatch):
    monkeypatch.setattr(GANOverSampler, "_train", lambda *_: pytest.fail("it trained"))
    sampler, X_res, messages = fitted(noise(MIN_IMAGES))
    (message,) = messages
    assert message.startswith("Class True: no network is trained, since images of the other classes do not deform")
    assert message.endswith("Set deformed_share=0.75 to train one, or to 1 to be told no more.")
    assert sampler.history_ == {True: {}}
    assert sampler.shares_ == {True: {"deformed": 1.0}}
    alone, _ = DeformationOverSampler(random_state=0).fit_resample(*noise(MIN_IMAGES))
    np.testing.assert_array_equal(X_res, alone)


def generator(latent_dim, output_shape):
    from gan_oversampler._gan import networks

    return networks.dcgan_generator(latent_dim, output_shape)


@pytest.mark.parametrize(
    ("n_others", "parameters"),
    [
        (MIN_IMAGES - 1, {}),
        (MIN_IMAGES, {"deformed_share": 0.75}),
        (MIN_IMAGES, {"deformation": "affine"}),
        (MIN_IMAGES, {"deformation": None}),
        (MIN_IMAGES, {"generator": generator}),
    ],
    ids=["too few to judge", "asked for", "chosen deformation", "none", "own network"],
)
def test_a_network_is_trained_where_it_was_asked_for_or_nothing_is_known(n_others, parameters):
    sampler, _, messages = fitted(noise(n_others), **parameters)
    assert not messages
    assert len(sampler.history_[True]["step"]) == BUDGET["max_iter"]


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


def test_digits_get_a_network():
    X, y = load_digits(return_X_y=True)
    rows = np.concatenate([np.flatnonzero(y == digit)[:n] for digit, n in ((0, 30), (2, 170), (3, 170), (5, 170))])
    sampler, _, messages = fitted((X[rows].reshape(-1, 8, 8), y[rows] == 0))
    assert not messages
    assert len(sampler.history_[True]["step"]) == BUDGET["max_iter"]


def test_a_small_class_is_told_of_its_size_alone():
    X, y = noise(MIN_IMAGES)
    with pytest.warns(UserWarning, match="has 8 rows") as caught:
        GANOverSampler(random_state=0, **BUDGET).fit_resample(X[22:], y[22:])
    assert not [warning for warning in caught if warning.category in (NoNetworkWarning, ConvergenceWarning)]
