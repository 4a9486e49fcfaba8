"""Each sampler on images of many sizes, channels and numbers of other images, under each kind of deformation."""

import itertools
from functools import partial

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from gan_oversampler import DeformationOverSampler, GANOverSampler
from gan_oversampler._classes import task

SIDES = [8, 12, 16, 28, 32, 47, 48, 49, 64, 96, 128]
SIZES = [*((side, side) for side in SIDES), (12, 1000), (4, 120), (40, 64), (65, 31)]
CHANNELS = [1, 3, 4]
N_OTHERS = [30, 399, 400, 2000]
DEFORMATIONS = ["auto", "learned", "affine", None]
N_OWN, N_NEW = 12, 5
TRAINING = {"max_iter": 1, "batch_size": 4, "latent_dim": 4, "deformed_share": 0}

pytestmark = pytest.mark.filterwarnings("ignore::gan_oversampler.ConvergenceWarning")


@pytest.fixture(autouse=True)
def few_pairs(monkeypatch):
    """A tenth of the pairs teaches as much of what fails here."""
    monkeypatch.setattr(task, "learn_deformation", partial(task.learn_deformation, n_pairs=40))


def pictures(n, size, channels):
    """Smooth grey or coloured shapes, drawn small and enlarged."""
    small = gaussian_filter(np.random.default_rng(0).normal(size=(n, 8, 8, channels)), (0, 1, 1, 0))
    small = np.uint8(255 * (small - small.min()) / (small.max() - small.min()))
    large = small.repeat(-(-size[0] // 8), axis=1).repeat(-(-size[1] // 8), axis=2)[:, : size[0], : size[1]]
    return large[..., 0] if channels == 1 else large


def check(make, size, channels, n_others, deformation):
    X = pictures(N_OWN + n_others, size, channels)
    y = np.arange(len(X)) < N_OWN
    sampler = make(sampling_strategy={True: N_OWN + N_NEW}, deformation=deformation, random_state=0)
    X_res, y_res = sampler.fit_resample(X, y)
    assert X_res.shape == (len(X) + N_NEW, *X.shape[1:])
    assert X_res.dtype == X.dtype
    np.testing.assert_array_equal(X_res[: len(X)], X)
    assert len(y_res) == len(X_res)


def gan(**parameters):
    return GANOverSampler(**TRAINING, **parameters)


SETTINGS = list(itertools.product(DEFORMATIONS, N_OTHERS))
MIXED = [SETTINGS[5 * i % len(SETTINGS)] for i in range(len(SETTINGS))]  # neighbours differ in both
IN_TURNS = [
    (size, channels, n_others, deformation)
    for size, channels, (deformation, n_others) in zip(SIZES, itertools.cycle(CHANNELS), MIXED, strict=False)
]


@pytest.mark.parametrize(("size", "channels", "n_others", "deformation"), IN_TURNS)
def test_real_images_deformed(size, channels, n_others, deformation):
    check(DeformationOverSampler, size, channels, n_others, deformation)


@pytest.mark.parametrize("size", [(4, 120), (12, 1000), (1000, 16), (7, 500)])
@pytest.mark.parametrize("deformation", ["auto", "learned"])
def test_long_low_images_keep_two_pixels_of_their_shorter_side(size, deformation):
    check(DeformationOverSampler, size, 1, 30, deformation)


@pytest.mark.parametrize("side", [48, 96])
def test_large_images_by_default(side):
    """They were tried at a reduced size under a deformation of the whole one, and refused."""
    check(DeformationOverSampler, (side, side), 1, 400, "auto")


@pytest.mark.parametrize(("size", "channels", "deformation"), [(size, n, by) for size, n, _, by in IN_TURNS[1::3]])
def test_a_network(size, channels, deformation):
    """Beside few other images: what their number changes is the deformation, which has been tried above."""
    check(gan, size, channels, N_OTHERS[0], deformation)


@pytest.mark.slow
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("make", [DeformationOverSampler, gan])
@pytest.mark.parametrize(("deformation", "n_others"), SETTINGS)
def test_every_combination(make, deformation, n_others):
    for size, channels in itertools.product(SIZES, CHANNELS):
        check(make, size, channels, n_others, deformation)
