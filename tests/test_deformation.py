"""Laws of the deformations and of the warp."""

import subprocess
import sys
from functools import partial

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from sklearn.datasets import load_digits

from gan_oversampler import DeformationOverSampler
from gan_oversampler._deformation.deformations import AffineDeformation, LearnedDeformation, deformation_from_state
from gan_oversampler._deformation.warp import DeformationBasis, warp

SIZES = [(8, 8), (28, 28), (17, 33)]
CHANNELS = [1, 3]
sizes = pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
channels = pytest.mark.parametrize("n_channels", CHANNELS)


def images_of(size, n_channels=1, n=5, seed=0):
    return np.random.default_rng(seed).uniform(-1, 1, (n, *size, n_channels)).astype(np.float32)


def learned(size, strength=0.75):
    basis = DeformationBasis.for_size(*size)
    rng = np.random.default_rng(1)
    mean = rng.normal(0, 0.01, basis.n_coefficients).astype(np.float32)
    factor = rng.normal(0, 0.02, (basis.n_coefficients, 7)).astype(np.float32)
    return LearnedDeformation(basis, mean, factor, explained=0.9, strength=strength)


def affine(size, **limits):
    return AffineDeformation(DeformationBasis.for_size(*size), **limits)


kinds = pytest.mark.parametrize("make", [affine, learned])


def test_a_six_by_six_grid_has_78_coefficients():
    basis = DeformationBasis(28, 28, (6, 6))
    assert basis.n_coefficients == 78
    assert basis.matrix.shape == (28 * 28, 39)
    assert basis.matrix.dtype == np.float32


@sizes
def test_grid_nodes_that_agree_are_a_shift(size):
    basis = DeformationBasis.for_size(*size)
    np.testing.assert_allclose(basis.matrix[:, 3:].sum(axis=1), 1, rtol=1e-5)


@sizes
def test_coefficients_mean_the_same_at_twice_the_size(size):
    basis = DeformationBasis.for_size(*size)
    coefficients = affine(size).draw(3, np.random.default_rng(0))
    small = basis.displacements(coefficients)
    large = basis.resized(2 * size[0], 2 * size[1]).displacements(coefficients)
    averaged = large.reshape(3, 2, size[0], 2, size[1], 2).mean(axis=(3, 5))
    np.testing.assert_allclose(averaged, 2 * small, atol=1e-4)


@sizes
@channels
def test_zero_coefficients_leave_the_image_bit_by_bit(size, n_channels):
    images = images_of(size, n_channels)
    basis = DeformationBasis.for_size(*size)
    unmoved = warp(images, basis.displacements(np.zeros((5, basis.n_coefficients))))
    np.testing.assert_array_equal(unmoved, images)


@sizes
@channels
@pytest.mark.parametrize("shift", [(1, 0), (0, -2), (2, 1)])
def test_a_whole_shift_is_exact_and_repeats_the_border(size, n_channels, shift):
    images = images_of(size, n_channels)
    moved = np.broadcast_to(np.float32(shift)[:, None, None], (5, 2, *size))
    rows = np.clip(np.arange(size[0]) + shift[0], 0, size[0] - 1)
    columns = np.clip(np.arange(size[1]) + shift[1], 0, size[1] - 1)
    np.testing.assert_array_equal(warp(images, moved), images[:, rows][:, :, columns])


@sizes
def test_a_shift_is_in_units_of_half_the_longer_side(size):
    basis = DeformationBasis.for_size(*size)
    coefficients = np.zeros((1, 2, basis.n_coefficients // 2))
    coefficients[0, 1, 0] = 1 / basis.half
    moved = basis.displacements(coefficients.reshape(1, -1))
    np.testing.assert_allclose(moved[0, 0], 0)
    np.testing.assert_allclose(moved[0, 1], 1, rtol=1e-6)


@sizes
def test_a_rotation_keeps_distances(size):
    rotation = affine(size, rotation=40, scale=0, shear=0, shift=0)
    moved = rotation.basis.displacements(rotation.draw(4, np.random.default_rng(2)))
    places = np.stack(np.meshgrid(*map(np.arange, size), indexing="ij"))
    after = (places + moved).reshape(4, 2, -1)
    before = np.broadcast_to(places.reshape(2, -1), after.shape)
    distance_before = np.linalg.norm(before[..., 1:] - before[..., :1], axis=1)
    distance_after = np.linalg.norm(after[..., 1:] - after[..., :1], axis=1)
    np.testing.assert_allclose(distance_after, distance_before, rtol=1e-4)
    assert np.abs(moved).max() > 0.5


@sizes
@pytest.mark.parametrize("share", [1 / 28, 0.1])
def test_affine_shifts_stay_within_their_share_of_the_longer_side(size, share):
    shifts = affine(size, rotation=0, scale=0, shear=0, shift=share)
    moved = shifts.basis.displacements(shifts.draw(200, np.random.default_rng(0)))
    assert 0.9 * share * max(size) < np.abs(moved).max() <= share * max(size) * 1.0001


@kinds
@sizes
@channels
def test_deformed_images_keep_shape_dtype_and_range_and_the_input(make, size, n_channels):
    images = images_of(size, n_channels)
    before = images.copy()
    deformed = make(size)(images, np.random.default_rng(0))
    assert deformed.shape == images.shape
    assert deformed.dtype == np.float32
    assert (deformed.min(axis=(1, 2)) >= images.min(axis=(1, 2))).all()
    assert (deformed.max(axis=(1, 2)) <= images.max(axis=(1, 2))).all()
    assert not np.array_equal(deformed, images)
    np.testing.assert_array_equal(images, before)


@kinds
@sizes
@channels
def test_a_constant_image_stays_constant(make, size, n_channels):
    images = np.full((3, *size, n_channels), 0.3, np.float32)
    np.testing.assert_array_equal(make(size)(images, np.random.default_rng(0)), images)


@kinds
@sizes
def test_equal_seeds_give_equal_bits(make, size):
    deformation, images = make(size), images_of(size)
    first, again = (deformation(images, np.random.default_rng(3)) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, deformation(images, np.random.default_rng(4)))


@kinds
@sizes
def test_an_image_is_deformed_the_same_in_any_range(make, size):
    images = images_of(size)
    deformed = make(size)(images, np.random.default_rng(3))
    rescaled = make(size)(images * 100 + 50, np.random.default_rng(3))
    np.testing.assert_allclose(rescaled, deformed * 100 + 50, atol=1e-3)


@kinds
@sizes
def test_strength_zero_is_the_identity_and_strength_scales(make, size):
    images = images_of(size)
    np.testing.assert_array_equal(make(size).scaled(0.0)(images, np.random.default_rng(0)), images)
    mild, strong = (np.abs(make(size).scaled(s).draw(50, np.random.default_rng(0))).mean() for s in (0.5, 1.0))
    assert mild == pytest.approx(strong / 2, rel=0.05)


@kinds
@sizes
def test_state_is_plain_and_gives_the_same_deformation_back(make, size):
    deformation = make(size, strength=0.6)
    state = deformation.get_state()
    for value in state.values():
        assert isinstance(value, str | int | float | list | np.ndarray)
    back = deformation_from_state(state)
    assert type(back) is type(deformation)
    assert back.basis == deformation.basis
    images = images_of(size)
    expected = deformation(images, np.random.default_rng(0))
    np.testing.assert_array_equal(back(images, np.random.default_rng(0)), expected)


def test_state_of_another_kind_is_refused():
    with pytest.raises(ValueError, match="kind 'learned'; got 'affine'"):
        LearnedDeformation.from_state(affine((8, 8)).get_state())
    with pytest.raises(ValueError, match="kind affine or learned; got 'fluid'"):
        deformation_from_state({"kind": "fluid"})


@kinds
def test_images_of_another_size_are_refused(make):
    with pytest.raises(ValueError, match=r"expects images of shape \(n, 8, 12, channels\); got \(5, 28, 28, 1\)"):
        make((8, 12))(images_of((28, 28)), np.random.default_rng(0))


@kinds
def test_no_images_give_no_images(make):
    assert make((8, 8))(np.empty((0, 8, 8, 1), np.float32), np.random.default_rng(0)).shape == (0, 8, 8, 1)


def test_deforming_needs_no_tensorflow():
    script = "import gan_oversampler._deformation.deformations, sys; assert 'tensorflow' not in sys.modules"
    subprocess.run([sys.executable, "-c", script], check=True)


# --- what "auto" means ----------------------------------------------------------------------------------------------


def _kind(images, y, deformation):
    sampler = DeformationOverSampler(deformation=deformation, random_state=0)
    sampler.fit_resample(images, y)
    return sampler.models_[1].deformation.kind


def test_auto_learns_where_neighbours_deform_into_one_another_and_only_there():
    X, digits = load_digits(return_X_y=True)
    assert _kind(X, (digits == 3).astype(int), "auto") == "learned"
    noise = gaussian_filter(np.random.default_rng(0).normal(size=(300, 12, 12)), (0, 0.7, 0.7))
    y = (np.arange(300) < 30).astype(int)
    assert _kind(noise, y, "auto") == "affine"
    assert _kind(noise, y, "learned") == "learned"  # whoever asks for it gets it


# --- a user's own function ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("function", "gave"),
    [
        (lambda images, rng: images * 127.5 + 127.5, "values from 0 to 255"),
        (lambda images, rng: images / 2 + 0.5, "values from 0 to 1"),
        (lambda images, rng: np.clip(images + rng.normal(0, 0.05, images.shape), 0, 255), "values from 0 to 1"),
        (lambda images, rng: ((images + 1) * 127.5).astype(np.uint8), "values of type uint8"),
        (lambda images, rng: images * 127.5, "values from -128 to 128"),
    ],
)
def test_images_on_another_scale_are_refused_before_training(function, gave):
    """They were clipped without a word, so that most new images were white."""
    X, y = np.random.default_rng(0).integers(0, 256, (60, 8, 8)).astype(np.uint8), np.arange(60) < 20
    X[:, 0, 0], X[:, 0, 1] = 0, 255
    with pytest.raises(ValueError, match=f"from -1 .black. to 1 .white., but it gave {gave}"):
        DeformationOverSampler(deformation=function, random_state=0).fit_resample(X, y)


def fitted_with(deformation):
    X, y = np.random.default_rng(0).integers(0, 256, (60, 8, 8)).astype(np.uint8), np.arange(60) < 20
    X[0], X[1] = 0, 255
    return DeformationOverSampler(deformation=deformation, random_state=0).fit(X, y)


def test_a_function_of_other_arguments_is_refused_with_a_call_that_works():
    takes_others = r"must take two arguments, images of shape .*lambda images, rng: numpy.asarray\(function\(images\)\)"
    for function in (lambda image: image, lambda images, rng, strength: images, lambda *, images, rng: images):
        with pytest.raises(ValueError, match=takes_others):
            fitted_with(function)
    fitted_with(lambda images, rng: np.asarray(np.flip(images, 2)))
    fitted_with(partial(lambda strength, images, rng: images, 0.1))
    fitted_with(lambda *arguments: arguments[0])


def test_a_type_error_inside_the_function_is_the_function_s_own():
    with pytest.raises(TypeError, match="takes 0 positional arguments but 1 was given") as error:
        fitted_with(lambda images, rng: (lambda: images)(rng))
    assert "must take two arguments" not in str(error.value)


def test_a_layer_of_keras_is_refused_with_a_call_that_works():
    layers = pytest.importorskip("keras.layers", reason="needs Keras")
    pytest.importorskip("tensorflow", reason="needs TensorFlow, on which Keras runs")
    for layer in (layers.RandomFlip("horizontal"), layers.GaussianNoise(0.1)):
        with pytest.raises(ValueError, match=r"numpy.asarray\(layer\(images, training=True\)\)"):
            fitted_with(layer)
        fitted_with(lambda images, rng, layer=layer: np.asarray(layer(images, training=True)))


def test_noise_and_contrast_may_go_beyond_black_and_white():
    X, y = np.random.default_rng(0).integers(0, 256, (60, 8, 8)).astype(np.uint8), np.arange(60) < 20
    for function in (lambda images, rng: images * 2, lambda images, rng: images + rng.normal(0, 0.5, images.shape)):
        X_res, _ = DeformationOverSampler(deformation=function, random_state=0).fit_resample(X, y)
        assert X_res.dtype == np.uint8
