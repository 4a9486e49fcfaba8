"""What a small network that learned the class sees, and that the quality report listens to it."""

import dataclasses
import pickle

import numpy as np
import pytest
from sklearn.datasets import load_digits, load_sample_image

from gan_oversampler import DeformationOverSampler
from gan_oversampler._classes import learned_features
from gan_oversampler._classes.kept_rows import KeptRows
from gan_oversampler._classes.learned_features import LearnedFeatures
from gan_oversampler.inspection import quality_report

pytestmark = pytest.mark.usefixtures("one_thread")

LEARNED = {"learned_distance", "learned_accuracy"}


def squares(name, side=16):
    """A photograph cut into squares, in random order: ndarray of shape (n, 16, 16, 3) in [-1, 1]."""
    picture = load_sample_image(name)[:416] / 127.5 - 1
    rows = picture.reshape(416 // side, side, 640 // side, side, 3).swapaxes(1, 2)
    return np.random.default_rng(0).permutation(rows.reshape(-1, side, side, 3))


@pytest.fixture(scope="module")
def temple():
    """Images of the class to learn, others of the class, and some turned: another class."""
    own = squares("china.jpg")
    return own[:200], own[200:400], np.rot90(own[400:570], axes=(1, 2))


def noisy(images):
    return np.clip(images + np.random.default_rng(0).normal(scale=0.2, size=images.shape), -1, 1)


def blurred(images):
    for axis in (1, 2, 1, 2):
        images = (images + np.roll(images, 1, axis)) / 2
    return images


def report(real, generated, others, *, as_images=True):
    sides = (real, generated, others)
    real, generated, others = (side if as_images else side.reshape(len(side), -1) for side in sides)
    return quality_report(real, generated, others=others, deformed_share=1.0)


def test_other_real_images_are_good(temple):
    train, held_out, others = temple
    found = report(train, held_out, others)
    assert found.verdict == "good", str(found)
    assert found.scores["learned_distance"] < 0.04
    assert found.scores["learned_accuracy"] == pytest.approx(0.5, abs=0.08)
    assert set(found.reference) >= LEARNED
    assert "learned features" in str(found)


@pytest.mark.parametrize("change", [noisy, blurred])
def test_images_that_keep_their_neighbours_in_pixels_are_not_good_for_that(change, temple):
    train, held_out, others = temple
    found = report(train, change(held_out), others)
    assert found.verdict == "unlike its data", str(found)
    assert "by what a small network learned of the class" in found.explanation
    assert report(train, change(held_out), others, as_images=False).verdict != "unlike its data"


def test_no_network_judges_what_it_learned(temple, monkeypatch):
    train, held_out, others = temple
    known, seen = [], []

    class Spy:
        def __init__(self, own, others, seed):
            known.append({image.tobytes() for image in (*own, *others)})

        def __call__(self, images):
            seen.append((len(known) - 1, {image.tobytes() for image in images}))
            return np.random.default_rng(len(seen)).normal(size=(len(images), 3))

    monkeypatch.setattr(learned_features, "LearnedFeatures", Spy)
    learned_features.compare_as_seen(train, held_out, others, seed=0)
    assert [len(images) for images in known] == [184, 184]
    assert len(known[0] | known[1]) == 368
    assert all(not images & known[network] for network, images in seen)
    of_both = [set.union(*(images for network, images in seen if network == one)) for one in (0, 1)]
    assert [len(images) for images in of_both] == [100 + 100 + 84] * 2  # real, generated and other images


def test_equal_input_gives_equal_bits_and_brightness_and_scale_do_not_matter(temple):
    train, held_out, others = temple
    features = LearnedFeatures(train, others, 0)(held_out)
    assert features.shape == (200, 64)
    assert np.array_equal(features, LearnedFeatures(train, others, 0)(held_out))
    again = LearnedFeatures(50 * train + 100, 50 * others + 100, 0)(50 * held_out + 100)
    np.testing.assert_allclose(again, features, atol=0.02 * features.max())


@pytest.mark.parametrize("shape", [(6, 6, 1), (6, 9, 2), (28, 7, 1)])
def test_small_and_oblong_images_have_features(shape):
    rng = np.random.default_rng(0)
    own, others = rng.normal(size=(2, 30, *shape))
    assert np.isfinite(LearnedFeatures(own, others, 0)(own)).all()
    constant = np.zeros((30, *shape))
    assert np.isfinite(LearnedFeatures(constant, constant, 0)(own)).all()


def test_only_images_beside_enough_others_are_seen_so(temple):
    train, held_out, others = temple
    assert not LEARNED & set(report(train, held_out, others, as_images=False).scores)
    assert not LEARNED & set(quality_report(train, held_out).scores)
    assert not LEARNED & set(report(train, held_out, others[:49]).scores)
    assert not LEARNED & set(report(train[:, :5], held_out[:, :5], others[:, :5]).scores)
    grey = [side[..., 0] for side in temple]
    assert set(report(*grey).scores) > LEARNED


def test_a_sampler_of_images_brings_it_and_deformed_digits_are_good():
    X, y = load_digits(return_X_y=True)
    sampler = DeformationOverSampler(sampling_strategy={8: 400}, random_state=0).fit(X.reshape(-1, 8, 8), y)
    found = sampler.quality_report_[8]
    assert set(found.scores) > LEARNED
    assert found.verdict == "good", str(found)


def test_rows_kept_by_an_earlier_version_are_judged_as_before():
    images = np.random.default_rng(0).normal(size=(80, 8, 8, 1)).astype(np.float32)
    kept = KeptRows.of(images, lambda n, rng: images[:n] + 1, 0)
    assert kept.shape == (8, 8, 1)
    assert KeptRows.of(np.zeros((60, 64, 40, 3)), lambda n, rng: np.zeros((60, 64, 40, 3)), 0).shape == (32, 20, 3)
    del vars(kept)["shape"]
    assert pickle.loads(pickle.dumps(kept)).shape is None
    assert [field.name for field in dataclasses.fields(KeptRows)][-1] == "shape"
