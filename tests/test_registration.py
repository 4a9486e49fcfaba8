"""Laws of learning deformations from pairs of images."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from gan_oversampler._deformation import learning
from gan_oversampler._deformation.deformations import AffineDeformation
from gan_oversampler._deformation.learning import learn_deformation
from gan_oversampler._deformation.registration import register
from gan_oversampler._deformation.warp import DeformationBasis, warp

pytestmark = pytest.mark.usefixtures("one_thread")

SIZES = [(8, 8), (28, 28), (17, 33)]
sizes = pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
channels = pytest.mark.parametrize("n_channels", [1, 3])


def smooth_images(size, n_channels=1, n=40, seed=0):
    """Blurred noise with blobs about a fifth of the image wide, in [-1, 1]."""
    noise = np.random.default_rng(seed).normal(size=(n, *size, n_channels))
    spread = max(size) / 8
    smooth = gaussian_filter(noise, (0, spread, spread, 0))
    return (smooth / np.abs(smooth).max(axis=(1, 2, 3), keepdims=True)).astype(np.float32)


def family(size, n_channels=1, n=60, seed=0, **limits):
    """Affine copies of three images: what deformation can explain."""
    originals = smooth_images(size, n_channels, n=3)
    copies = np.repeat(originals, n // 3, axis=0)
    deform = AffineDeformation(DeformationBasis.for_size(*size), **limits)
    return deform(copies, np.random.default_rng(seed))


def squared_difference(images, others):
    return np.square(images - others).sum(axis=(1, 2, 3))


@sizes
@channels
def test_a_known_deformation_is_recovered(size, n_channels):
    moving = smooth_images(size, n_channels)
    basis = DeformationBasis.for_size(*size)
    known = AffineDeformation(basis).draw(len(moving), np.random.default_rng(1))
    fixed = warp(moving, basis.displacements(known))
    found = warp(moving, basis.displacements(register(moving, fixed, basis)))
    assert squared_difference(found, fixed).sum() < 0.1 * squared_difference(moving, fixed).sum()


@sizes
@channels
def test_registration_never_adds_to_the_difference(size, n_channels):
    rng = np.random.default_rng(2)
    moving, fixed = rng.normal(size=(2, 30, *size, n_channels)).astype(np.float32)
    basis = DeformationBasis.for_size(*size)
    found = warp(moving, basis.displacements(register(moving, fixed, basis)))
    assert (squared_difference(found, fixed) <= squared_difference(moving, fixed)).all()


def test_equal_images_need_no_deformation():
    images = smooth_images((28, 28), n=3)
    np.testing.assert_allclose(register(images, images, DeformationBasis.for_size(28, 28)), 0)


@pytest.mark.parametrize(("factor", "offset"), [(100, 0), (0.5, 0.5)])
def test_neither_range_nor_contrast_matters(factor, offset):
    moving, fixed = family((28, 28))[:20], family((28, 28), seed=5)[:20]
    basis = DeformationBasis.for_size(28, 28)
    found = register(moving, fixed, basis)
    rescaled = register(moving * factor + offset, fixed * factor + offset, basis)
    np.testing.assert_allclose(rescaled, found, atol=0.01)


@sizes
@channels
def test_deformations_are_learned_and_stay_those_of_the_data(size, n_channels):
    images = family(size, n_channels)
    before = images.copy()
    learned = learn_deformation(images, np.random.default_rng(0))
    assert learned.basis == DeformationBasis.for_size(*size)
    assert learned.mean.dtype == learned.factor.dtype == np.float32
    assert 0.8 < learned.explained <= 1
    deformed = learned(images, np.random.default_rng(1))
    assert deformed.shape == images.shape
    np.testing.assert_array_equal(images, before)


def test_what_the_images_do_is_what_is_drawn():
    still = learn_deformation(family((28, 28), rotation=2, shear=0, scale=0), np.random.default_rng(0))
    turning = learn_deformation(family((28, 28), rotation=20, shear=0, scale=0), np.random.default_rng(0))

    def turn(deformation):
        moved = deformation.basis.displacements(deformation.draw(500, np.random.default_rng(0)))
        slope_of_rows = (moved[:, 0, 14, 21] - moved[:, 0, 14, 7]) / 14
        slope_of_columns = (moved[:, 1, 21, 14] - moved[:, 1, 7, 14]) / 14
        return np.std(slope_of_rows - slope_of_columns)

    assert turn(turning) > 2 * turn(still)


def test_equal_seeds_learn_equal_bits():
    images = family((8, 8))
    first, again = (learn_deformation(images, np.random.default_rng(3), n_pairs=50) for _ in range(2))
    np.testing.assert_array_equal(first.mean, again.mean)
    np.testing.assert_array_equal(first.factor, again.factor)


@pytest.mark.parametrize("dtype", [np.uint8, np.float64])
def test_images_of_any_dtype_teach_the_same(dtype):
    images = np.round((family((8, 8)) + 1) * 127.5)
    expected = learn_deformation(images.astype(np.float32), np.random.default_rng(3))
    learned = learn_deformation(images.astype(dtype), np.random.default_rng(3))
    np.testing.assert_array_equal(learned.factor, expected.factor)


def test_twenty_images_are_enough():
    assert learn_deformation(family((8, 8), n=21), np.random.default_rng(0)) is not None


@pytest.mark.parametrize("size", [(64, 64), (48, 70)])
def test_large_images_are_registered_reduced(size, monkeypatch):
    seen = []
    original = register

    def spy(moving, fixed, basis, scale):
        seen.append(moving.shape[1:3])
        return original(moving, fixed, basis, scale)

    monkeypatch.setattr(learning, "register", spy)
    learned = learn_deformation(family(size), np.random.default_rng(0))
    assert seen == [(size[0] // 2, size[1] // 2)] * 2  # a first look, and the rest
    assert (learned.basis.height, learned.basis.width) == size
    assert learned.explained > 0.8


def test_only_a_sample_of_many_images_is_read(monkeypatch):
    class Watched(np.ndarray):
        largest = 0

        def __getitem__(self, rows):
            if isinstance(rows, np.ndarray):
                Watched.largest = max(Watched.largest, len(rows))
            return super().__getitem__(rows)

    monkeypatch.setattr(learning, "_POOL", 60)
    images = family((8, 8), n=1200).view(Watched)
    assert learn_deformation(images, np.random.default_rng(0)) is not None
    assert Watched.largest <= 400


@pytest.mark.parametrize(
    "images",
    [
        np.full((50, 8, 8, 1), 0.5, np.float32),
        np.zeros((0, 8, 8, 1), np.float32),
        smooth_images((8, 8), n=5),
        np.random.default_rng(0).normal(size=(100, 28, 28, 1)).astype(np.float32),
    ],
    ids=["constant", "none", "few", "noise"],
)
def test_images_that_teach_nothing_give_none(images):
    assert learn_deformation(images, np.random.default_rng(0)) is None
