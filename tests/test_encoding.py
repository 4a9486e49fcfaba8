"""Images are distinguished from tables, and decode undoes encode."""

import os
import re
from functools import cache

import numpy as np
import pytest
from sklearn import datasets

from gan_oversampler import DeformationOverSampler
from gan_oversampler._rows import codecs
from gan_oversampler._rows.codecs import ImageCodec
from gan_oversampler._rows.columns import Columns
from gan_oversampler._rows.image_shape import infer_image_shape, resolve_image_shape
from gan_oversampler._rows.tables import TableCodec

RNG = np.random.default_rng


def numeric_codec(rows):
    return TableCodec.fit(rows, rows, Columns.find(rows, np.zeros(rows.shape[1], bool)))


def blobs(n, side, channels=1, seed=0):
    """Images of one soft blob somewhere on a soft slope."""
    rng = RNG(seed)
    yy, xx = np.mgrid[:side, :side] / side
    centre, tint = rng.uniform(0.2, 0.8, (2, n, 1, 1)), rng.uniform(0.2, 1, (n, 1, 1, channels))
    blob = np.exp(-((yy - centre[0]) ** 2 + (xx - centre[1]) ** 2) / 0.03)
    slope = rng.normal(size=(n, 1, 1)) * 0.2 * xx
    return (blob[..., None] * tint + slope[..., None]).reshape(n, -1)


def correlated(n, p, seed=0):
    rng = RNG(seed)
    return rng.normal(size=(n, 5)) @ rng.normal(size=(5, p)) + 0.3 * rng.normal(size=(n, p))


def walk(n, p, seed=0):
    return np.cumsum(RNG(seed).normal(size=(n, p)), axis=1)


def smooth(n, p, seed=0):
    noise = RNG(seed).normal(size=(n, p + 8))
    return np.apply_along_axis(lambda row: np.convolve(row, np.ones(9) / 9, "valid"), 1, noise)


def season(n, p, seed=0):
    """Periodic series whose period is the side of the square it would fold into."""
    rng, period = RNG(seed), round(p**0.5)
    phase = rng.uniform(0, 2 * np.pi, (n, 1))
    return np.sin(2 * np.pi * np.arange(p) / period + phase) + 0.1 * rng.normal(size=(n, p))


def waves(n, p, seed=0):
    rng = RNG(seed)
    angles = 2 * np.pi * np.arange(p) / p
    return sum(rng.normal(size=(n, 1)) * np.sin(f * angles + rng.uniform(0, 6, (n, 1))) for f in range(1, 6))


@pytest.mark.parametrize("n", [20, 1797])
def test_digits_are_images(n):
    assert infer_image_shape(datasets.load_digits().data[:n]) == (8, 8)


@pytest.mark.parametrize(("side", "channels", "shape"), [(12, 1, (12, 12)), (16, 3, (16, 16, 3)), (32, 3, (32, 32, 3))])
def test_grey_and_colour_images_are_images(side, channels, shape):
    assert infer_image_shape(blobs(200, side, channels)) == shape


def test_mnist_is_images():
    path = os.environ.get("GAN_OVERSAMPLER_MNIST")
    if not path:
        pytest.skip("set GAN_OVERSAMPLER_MNIST to Keras' mnist.npz")
    with np.load(path) as file:
        assert infer_image_shape(file["x_train"][:2000].reshape(2000, -1)) == (28, 28)


@pytest.mark.parametrize(
    "X",
    [
        datasets.load_breast_cancer().data,
        datasets.load_wine().data,
        datasets.load_iris().data,
        datasets.make_classification(500, 64, n_informative=20, random_state=0)[0],
        datasets.make_classification(500, 100, n_informative=50, n_redundant=40, random_state=0)[0],
    ],
    ids=["breast_cancer", "wine", "iris", "classification64", "classification100"],
)
def test_tables_of_scikit_learn_are_tables(X):
    assert infer_image_shape(X) is None


@pytest.mark.parametrize("p", [64, 100, 128, 192, 256, 784])
@pytest.mark.parametrize("n", [10, 50, 400])
@pytest.mark.parametrize(
    "make", [lambda n, p, s=0: RNG(s).normal(size=(n, p)), correlated, walk, smooth, season, waves]
)
def test_random_tables_and_time_series_are_tables(make, n, p):
    assert infer_image_shape(make(n, p)) is None


def test_constant_table_is_a_table():
    assert infer_image_shape(np.ones((30, 64))) is None


# -- channels first or last ------------------------------------------------------------------------------


@cache
def photographs(side=32, n=150):
    """Patches of both photographs that come with scikit-learn: (n, side, side, 3), uint8."""
    parts = [photograph[::4, ::4] for photograph in datasets.load_sample_images().images]
    corners = RNG(0).integers(0, [parts[0].shape[0] - side, parts[0].shape[1] - side], size=(n, 2))
    return np.stack([parts[i % 2][r : r + side, c : c + side] for i, (r, c) in enumerate(corners)])


@cache
def digits():
    return np.repeat(datasets.load_digits().images[:500, ..., None], 3, axis=-1)


def grey(images):
    return images.mean(axis=-1, keepdims=True)


def with_alpha(images):
    return np.concatenate([images, np.full_like(images[..., :1], 255)], axis=-1)


SOURCES = {"photographs": photographs, "digits": digits}
MODES = {
    "LA": lambda images: with_alpha(grey(images)),
    "LA, as clear as bright": lambda images: np.concatenate([grey(images), np.minimum(2 * grey(images), 200)], axis=-1),
    "RGB": lambda images: images,
    "RGB, but grey": lambda images: np.repeat(grey(images), 3, axis=-1),
    "RGBA": with_alpha,
}


def flat(images):
    return images.reshape(len(images), -1)


def channels_first(images):
    return np.moveaxis(images, -1, 1)


def mended(X, error):
    """X after the call that the message names."""
    return eval(re.search(r"np\.moveaxis\(.*-1\)(?= in place of X)", str(error.value))[0], {"np": np, "X": X})


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("mode", MODES)
def test_flat_rows_with_channels_last_are_read_and_with_channels_first_are_told(source, mode):
    images = MODES[mode](SOURCES[source]())
    assert infer_image_shape(flat(images)) == images.shape[1:]
    with pytest.raises(ValueError, match="with the channels first") as error:
        infer_image_shape(flat(channels_first(images)))
    np.testing.assert_array_equal(mended(flat(channels_first(images)), error), images)


@pytest.mark.parametrize("source", SOURCES)
def test_grey_images_are_not_taken_for_channels_beside_one_another(source):
    images = grey(SOURCES[source]())
    assert infer_image_shape(flat(images)) == images.shape[1:3]


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_no_reading_is_taken_because_the_right_one_proves_too_little(mode):
    """Neighbours and pixels at random are alike in small smooth patches, which wrong readings are not."""
    images = MODES[mode](photographs(8)[::2])
    for rows in (flat(images), flat(channels_first(images))):
        assert infer_image_shape(rows) is None


@pytest.mark.parametrize("shape", [(3, 32, 32), (4, 28, 28), (1, 28, 28), (2, 9, 12), (12, 64, 64), (4, 28, 32)])
def test_images_with_channels_first_are_told(shape):
    images = RNG(0).uniform(size=(5, *shape))
    with pytest.raises(ValueError, match="with the channels first") as error:
        resolve_image_shape(images, "auto")
    assert mended(images, error).shape == (5, *shape[1:], shape[0])
    with pytest.raises(ValueError, match="with the channels first") as error:
        resolve_image_shape(flat(images), shape)
    np.testing.assert_array_equal(mended(flat(images), error), np.moveaxis(images, 1, -1))


@pytest.mark.parametrize(
    "shape", [(28, 28, 1), (28, 28, 4), (5, 9, 3), (4, 4, 2), (8, 8, 8), (4, 9, 200), (16, 16, 12)]
)
def test_images_with_channels_last_are_taken_as_they_stand(shape):
    assert resolve_image_shape(RNG(0).uniform(size=(5, *shape)), "auto") == shape


def test_a_low_strip_of_many_channels_is_taken_where_it_is_said_to_be_one():
    assert resolve_image_shape(RNG(0).uniform(size=(5, 4, 28, 28)), (4, 28, 28)) == (4, 28, 28)


@pytest.mark.parametrize("shape", [(50, 6), (12, 4), (128, 9), (2500, 12)])
def test_series_of_sensors_are_no_images_unless_said_so(shape):
    X = RNG(0).uniform(size=(5, *shape))
    with pytest.raises(ValueError, match=r"^X of shape .* may hold series") as error:
        resolve_image_shape(X, "auto")
    assert f"image_shape={shape} for images" in str(error.value)
    assert resolve_image_shape(X, shape) == shape
    assert resolve_image_shape(X.reshape(len(X), -1), None) is None
    assert resolve_image_shape(X[..., None], "auto") == (*shape, 1)


@pytest.mark.parametrize("shape", [(9, 5), (8, 8), (4, 120), (40, 16)])
def test_images_that_are_not_narrow_need_no_word(shape):
    assert resolve_image_shape(RNG(0).uniform(size=(5, *shape)), "auto") == shape


@pytest.mark.parametrize("source", SOURCES)
def test_a_shape_of_the_users_is_held_against_flat_rows(source):
    images = SOURCES[source]()
    shape = images.shape[1:]
    assert resolve_image_shape(flat(images), shape) == shape
    with pytest.raises(ValueError, match="with the channels first"):
        resolve_image_shape(flat(channels_first(images)), shape)
    assert resolve_image_shape(RNG(0).uniform(size=(50, images[0].size)), shape) == shape


@pytest.mark.parametrize(
    ("rows", "image_shape", "sentence"),
    [
        (np.zeros((5, 64)), (8, 9), "needs rows of 72 values, but the rows of X have 64"),
        (np.zeros((5, 64)), (64,), r"must be \(H, W\) or \(H, W, C\)"),
        (np.zeros((5, 8, 8)), (4, 16), r"holds images of shape \(8, 8\)"),
        (np.zeros((5, 8, 8)), None, r"holds images of shape \(8, 8\)"),
        (np.zeros((5, 3, 40)), "auto", "at least 4 pixels"),
    ],
)
def test_wrong_image_shape_gives_one_sentence(rows, image_shape, sentence):
    with pytest.raises(ValueError, match=sentence) as error:
        resolve_image_shape(rows, image_shape)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("shape", [(8, 8), (9, 5), (6, 4, 3)])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64])
def test_image_codec_goes_there_and_back(shape, dtype):
    rows = (RNG(0).uniform(0, 255, (20, int(np.prod(shape))))).astype(dtype)
    codec = ImageCodec.fit(rows, shape)
    images = codec.encode(rows)
    assert images.dtype == np.float32
    assert images.min() == -1
    assert images.max() == 1
    np.testing.assert_allclose(codec.decode(images), rows, atol=1e-4)


def test_the_range_of_a_class_is_minus_one_to_one():
    codec = ImageCodec((1, 5), 20, 60)
    images = codec.encode(np.array([[20.0, 30, 40, 60, 100]]))
    np.testing.assert_allclose(images.ravel(), [-1, -0.5, 0, 1, 3])  # another class may lie beyond
    assert images.shape == (1, 1, 5, 1)
    np.testing.assert_allclose(codec.decode(np.array([[-1, -0.5, 0, 1, 3.0]])), [[20, 30, 40, 60, 60]])
    np.testing.assert_array_equal(codec.encode(np.array([[1e9] * 5])).ravel(), 1e4)
    np.testing.assert_array_equal(ImageCodec((1, 2), 7, 7).encode(np.array([[7.0, 7]])).ravel(), -1)


@pytest.mark.parametrize("scale", [1e-300, 1e-30, 1.0, 1e30, 1e300])
def test_extreme_ranges_survive(scale):
    rows = RNG(0).uniform(-1, 1, (20, 16)) * scale
    for codec in (ImageCodec.fit(rows, (4, 4)), numeric_codec(rows)):
        decoded = codec.decode(codec.encode(rows))
        assert np.isfinite(decoded).all()
        np.testing.assert_allclose(decoded / scale, rows / scale, atol=1e-3)


def test_table_codec_is_standard_and_stays_in_range():
    rng = RNG(1)
    rows = np.column_stack([rng.lognormal(size=300), rng.integers(0, 2, 300), np.full(300, 7.0)])
    codec = numeric_codec(rows)
    scores = codec.encode(rows)
    np.testing.assert_allclose(scores.std(axis=0), [1, 1, 0], atol=1e-3)
    np.testing.assert_allclose(codec.decode(scores), rows, rtol=1e-4, atol=1e-6)
    wild = codec.decode(rng.normal(size=(500, 3)) * 100)
    assert (wild >= rows.min(axis=0)).all()
    assert (wild <= rows.max(axis=0)).all()


@pytest.mark.parametrize("make", [lambda r: ImageCodec.fit(r, (4, 4)), numeric_codec], ids=["image", "table"])
def test_codec_state_round_trip(make):
    rows = RNG(0).normal(size=(30, 16))
    codec = make(rows)
    again = codecs.codec_from_state(codec.get_state())
    np.testing.assert_array_equal(again.encode(rows), codec.encode(rows))


@pytest.mark.parametrize("dtype", ["int64", "uint64"])
def test_whole_numbers_that_float64_cannot_hold_are_repeated_exactly(dtype):
    top = np.iinfo(dtype).max - np.arange(6, dtype=dtype)
    X, y = np.stack([top, top[::-1]], axis=1), [0, 0, 0, 0, 1, 1]
    X_res, _ = DeformationOverSampler(random_state=0).fit_resample(X, y)
    assert {tuple(row) for row in X_res[6:].tolist()} <= {tuple(row) for row in X[4:].tolist()}


def test_other_classes_may_lie_beyond_what_a_class_can_measure():
    codec = ImageCodec.fit(RNG(0).normal(size=(5, 16)) * 1e-300, (4, 4))
    assert np.isfinite(codec.encode(np.full((3, 16), 1e300))).all()


@pytest.mark.parametrize("scale", [1e-300, 1.0, 1e305])
def test_images_are_seen_at_any_scale(scale):
    assert infer_image_shape(datasets.load_digits().data[:300] * scale) == (8, 8)
