"""Mirror images, turns and tone: laws of the parts of a deformation, and the tests that a part must pass."""

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from scipy.special import expit
from sklearn.datasets import load_digits
from sklearn.metrics import average_precision_score

from gan_oversampler import DeformationOverSampler, GANOverSampler
from gan_oversampler._classes.membership import (
    LARGEST_AUC,
    Membership,
    Plausibility,
    add_what_helps,
    add_what_passes,
)
from gan_oversampler._classes.usefulness import Found, Usefulness, _distance_of_each, _precision_at_each
from gan_oversampler._deformation.deformations import AffineDeformation, Tone, change_tone, deformation_from_state
from gan_oversampler._deformation.symmetry import NAMES, draw_maps, elements, map_first, possible
from gan_oversampler._deformation.warp import DeformationBasis, warp
from gan_oversampler.datasets import load_solar_cells

NO_TONE = Tone()
MIRRORED = {
    "left-right": lambda images: images[:, :, ::-1],
    "up-down": lambda images: images[:, ::-1],
    "half turn": lambda images: images[:, ::-1, ::-1],
    "quarter turn": lambda images: np.rot90(images, 1, (1, 2)),
}


def still(height, width, symmetry=(), tone=NO_TONE):
    return AffineDeformation(DeformationBasis.for_size(height, width)).scaled(0.0).with_parts(symmetry, tone)


def bent(side, symmetry=(), tone=NO_TONE):
    return AffineDeformation(DeformationBasis.for_size(side, side)).with_parts(symmetry, tone)


def noise_images(n, height=9, width=9, n_channels=1, seed=0):
    return np.random.default_rng(seed).uniform(-1, 1, (n, height, width, n_channels)).astype(np.float32)


# -- symmetry --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(8, 8), (28, 28), (9, 9), (17, 33)])
def test_a_symmetry_mirrors_or_turns_each_image_or_leaves_it(size):
    images = noise_images(60, *size)
    for name in possible(*size):
        found = still(*size, (name,))(images, np.random.default_rng(0))
        ways = [images, MIRRORED[name](images)]
        if name == "quarter turn":
            ways += [np.rot90(images, turns, (1, 2)) for turns in (2, 3)]
        apart = [np.abs(found - way).max(axis=(1, 2, 3)) for way in ways]
        assert (np.min(apart, axis=0) < 1e-3).all(), name
        shares = np.bincount(np.argmin(apart, axis=0), minlength=len(ways)) / len(images)
        assert shares.min() > 0.5 / len(ways)


def test_an_image_that_is_not_square_takes_no_quarter_turn():
    assert possible(8, 8) == NAMES
    assert possible(8, 9) == NAMES[:-1]


def test_mirroring_comes_before_bending_in_one_warp():
    smooth = gaussian_filter(noise_images(40), (0, 2, 2, 0))
    bending, basis = bent(9).draw(40, np.random.default_rng(3)), bent(9).basis
    rng = np.random.default_rng(3)
    together = bent(9, NAMES).draw_warps(40, rng)
    rng = np.random.default_rng(3)
    bent(9).draw(40, rng)
    mapping = map_first(np.zeros_like(bending), draw_maps(NAMES, 40, rng))
    mapped_then_bent = warp(warp(smooth, basis.displacements(mapping)), basis.displacements(bending))
    np.testing.assert_allclose(warp(smooth, basis.displacements(together)), mapped_then_bent, atol=1e-4)


def test_without_parts_the_bits_are_those_of_the_bending_alone():
    images, plain = noise_images(5), bent(9)
    expected = warp(images, plain.basis.displacements(plain.draw(5, np.random.default_rng(0))))
    np.testing.assert_array_equal(plain(images, np.random.default_rng(0)), expected)
    assert plain.draw_all(5, np.random.default_rng(0)).shape == (5, plain.basis.n_coefficients)
    assert not {"symmetry", "tone"} & set(plain.get_state())


# -- tone ------------------------------------------------------------------------------------------------------------


def test_tone_is_a_factor_around_the_mean_and_an_offset():
    images = noise_images(3, n_channels=3) * 0.2
    changes = np.array([[2, 0], [1, 0.1], [1, 0]], np.float32)
    found, mean = change_tone(images, changes), images.mean(axis=(1, 2, 3), keepdims=True)
    np.testing.assert_allclose(found[0], (mean + 2 * (images - mean))[0], atol=1e-6)
    np.testing.assert_allclose(found[1], images[1] + 0.1, atol=1e-6)
    np.testing.assert_allclose(found[2], images[2], atol=1e-6)


def test_tone_ends_at_black_and_white_but_not_where_another_class_lies_beyond():
    images = noise_images(2, n_channels=3)
    images[1] *= 3
    found = change_tone(images, np.ones((2, 2), np.float32))
    assert found[0].max() == 1
    assert found[1].max() == images[1].max()


def test_changes_of_tone_are_as_large_as_they_may_be():
    factor, offset = Tone(0.3, 0.2).draw(4000, np.random.default_rng(0)).T
    assert [np.log(factor).min(), np.log(factor).max()] == pytest.approx([-0.3, 0.3], abs=1e-3)
    assert [offset.min(), offset.max()] == pytest.approx([-0.4, 0.4], abs=1e-3)


def test_a_tone_that_changes_nothing_is_none():
    assert not Tone()
    assert Tone(brightness=0.1)


# -- as a whole ------------------------------------------------------------------------------------------------------

WHOLE = bent(9, ("left-right", "half turn"), Tone(0.4, 0.1))


def test_the_state_gives_all_parts_back():
    images = noise_images(6, n_channels=3)
    back = deformation_from_state(WHOLE.get_state())
    assert (back.symmetry, back.tone) == (WHOLE.symmetry, WHOLE.tone)
    np.testing.assert_array_equal(back(images, np.random.default_rng(0)), WHOLE(images, np.random.default_rng(0)))


@pytest.mark.parametrize("names", [["sideways"], ["left-right", "left-right"], [3]])
def test_a_state_of_unknown_symmetries_is_refused(names):
    with pytest.raises(ValueError, match="symmetries among left-right, up-down"):
        deformation_from_state({**WHOLE.get_state(), "symmetry": names})


def test_a_state_without_parts_is_that_of_an_older_file():
    state = {key: value for key, value in WHOLE.get_state().items() if key not in ("symmetry", "tone")}
    assert deformation_from_state(state).parts.keys() == {"bending"}


def test_each_part_alone():
    parts = WHOLE.parts
    assert list(parts) == ["bending", "symmetry", "tone"]
    assert [bool(part.strength) for part in parts.values()] == [True, False, False]
    assert [bool(part.symmetry) for part in parts.values()] == [False, True, False]
    assert [bool(part.tone) for part in parts.values()] == [False, False, True]


# -- is a change told from real images? ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def digits():
    X, y = load_digits(return_X_y=True)
    return (X / 8 - 1).astype(np.float32).reshape(-1, 8, 8, 1), y


def cells(n, seed=0):
    """Bright discs on a dark, uneven ground: as they lie in the dish, so in every direction, and as the lamp is set."""
    rng = np.random.default_rng(seed)
    place, radius = rng.uniform(2.5, 8.5, (n, 2, 1, 1)), rng.uniform(1.5, 4, (n, 1, 1))
    stretch, angle = rng.uniform(0.6, 1.6, (n, 1, 1)), rng.uniform(0, np.pi, (n, 1, 1))
    y, x = (axis - center for axis, center in zip(np.indices((12, 12)), np.moveaxis(place, 1, 0), strict=True))
    along, across = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    inside = 1 / (1 + np.exp(2 * (np.hypot(along * stretch, across) - radius)))
    images = rng.uniform(0.3, 1.2, (n, 1, 1)) * inside + rng.uniform(-0.8, 0, (n, 1, 1))
    images += rng.normal(0, 0.05, images.shape)
    return images[..., None].clip(-1, 1).astype(np.float32)


def test_what_changes_nothing_is_not_told_and_a_mirrored_digit_is(digits):
    among = Plausibility(digits[0], np.random.default_rng(0))
    assert abs(among.auc(lambda images, rng: images) - 0.5) < 0.05
    assert among.auc(lambda images, rng: images[:, :, ::-1]) > 0.9
    assert among.leaves(still(8, 8))
    assert not any(among.leaves(still(8, 8, (name,))) for name in NAMES)


def test_what_only_roughness_shows_is_told():
    images = gaussian_filter(noise_images(1200, 16, 16), (0, 1.5, 1.5, 0))
    among = Plausibility(images, np.random.default_rng(0))
    assert among.auc(lambda images, rng: images + rng.normal(0, 0.02, images.shape).astype(np.float32)) > 0.9


def test_cells_may_be_mirrored_and_turned_and_change_their_tone_with_no_setting():
    images = cells(2500)
    found = add_what_passes(bent(12), Membership(images[:100], images[100:], seed=0))
    assert set(found.symmetry) == set(NAMES)
    assert found.tone.contrast
    assert found.tone.brightness


def test_digits_may_not(digits):
    images, y = digits
    found = add_what_passes(bent(8), Membership(images[y == 3][:60], images[y != 3], seed=0))
    assert found.symmetry == ()
    assert not found.tone


def test_few_other_images_teach_nothing():
    images = cells(500)
    bending = bent(12)
    assert add_what_passes(bending, Membership(images[:101], images[101:], seed=0)) is bending
    assert add_what_passes(bending, Membership(images[:100], images[100:], seed=0)).symmetry


def test_a_class_of_its_own_side_refuses_what_the_others_allow():
    own = cells(60)
    own[:, :, 6:] = -1  # dark on the right
    others = cells(2000, seed=1)
    found = add_what_passes(bent(12), Membership(own, others, seed=0))
    assert Plausibility(others, np.random.default_rng(0)).leaves(still(12, 12, ("left-right",)))
    assert found.symmetry == ("up-down",)


def among(leaves):
    """Stands in for Plausibility, with this answer to every change."""
    return lambda images, rng: SimpleNamespace(size=images.shape[1:3], leaves=leaves)


def test_the_strongest_change_that_passes_is_kept_on_top_of_the_others(monkeypatch):
    tried = []

    def leaves(change):
        if not isinstance(change, AffineDeformation):
            return False
        tried.append(change)
        return change.tone.contrast <= 0.2 and change.tone.brightness <= 0.1

    monkeypatch.setattr("gan_oversampler._classes.membership.Plausibility", among(leaves))
    images = noise_images(500, n_channels=3)
    found = add_what_passes(bent(9), Membership(images[:5], images, seed=0))
    assert (found.symmetry, found.tone) == ((), Tone(0.2, 0.1))
    assert [change.strength for change in tried] == [0.0] * len(tried)
    assert [dataclasses.astuple(change.tone) for change in tried] == [(0.4, 0), (0.2, 0), (0.2, 0.1), (0.2, 0.1)]


@pytest.mark.parametrize("most", range(7))
def test_parts_that_pass_alone_but_not_together_go_one_by_one(most, monkeypatch):
    def n_parts(change):
        return len(change.symmetry) + bool(change.tone.contrast) + bool(change.tone.brightness)

    def leaves(change):  # each alone, and so many together
        return not isinstance(change, AffineDeformation) or not change.symmetry or n_parts(change) <= most

    monkeypatch.setattr("gan_oversampler._classes.membership.Plausibility", among(leaves))
    images = noise_images(500)
    found = add_what_passes(bent(9), Membership(images[:5], images, seed=0))
    assert n_parts(found) == most
    assert found.symmetry == NAMES[: min(most, 4)]


@pytest.mark.parametrize("size", [(9, 9), (17, 33)])
def test_each_mirror_image_and_turn_of_a_symmetry_alone(size):
    images = noise_images(3, *size)
    for name in possible(*size):
        alone = [change(images, None) for change in elements(name)]
        assert len(alone) == (3 if name == "quarter turn" else 1)
        np.testing.assert_array_equal(alone[0], MIRRORED[name](images))
        assert not any((changed == images).all() for changed in alone)
        drawn = still(*size, (name,))(images, np.random.default_rng(1))
        apart = [np.abs(drawn - way).max(axis=(1, 2, 3)) for way in [images, *alone]]
        assert (np.min(apart, axis=0) < 1e-3).all()


@pytest.mark.parametrize("seed", range(4))
def test_a_class_whose_mirror_image_is_another_class_is_not_mirrored(seed):
    """Left halves are brighter in one class and darker in another: few of the other images say so, the class does."""
    rng, side = np.random.default_rng(seed), np.where(np.arange(12) < 6, 0.05, -0.05)
    images = [rng.normal(s * side, 0.25, (n, 12, 12)) for n, s in ((30, 1), (60, -1), (900, 0))]
    own, *others = (part[..., None].astype(np.float32) for part in images)
    found = add_what_passes(bent(12), Membership(own, np.concatenate(others), seed))
    assert not set(found.symmetry) & {"left-right", "half turn", "quarter turn"}


def test_images_that_differ_in_nothing_are_not_told_even_where_they_are_noise():
    aucs = [
        Plausibility(noise_images(450, 16, 16, seed=seed), np.random.default_rng(seed)).auc(lambda images, _: images)
        for seed in range(8)
    ]
    assert abs(np.mean(aucs) - 0.5) < 0.03


def test_the_bound_lies_between_what_passes_and_what_does_not():
    assert 0.5 < LARGEST_AUC < 0.6


# -- in a sampler ----------------------------------------------------------------------------------------------------


def test_a_sampler_learns_the_parts_and_affine_has_none():
    X, y = cells(1100), np.arange(1100) < 60
    for setting, expected in {"auto": set(NAMES), "learned": set(NAMES), "affine": set()}.items():
        sampler = DeformationOverSampler(sampling_strategy={True: 80}, deformation=setting, random_state=0)
        sampler.fit_resample(X, y)
        assert set(sampler.models_[True].deformation.symmetry) == expected


@pytest.mark.filterwarnings("ignore::gan_oversampler.ConvergenceWarning")
def test_a_network_is_trained_under_all_parts_and_saved_with_them(tmp_path, tiny):
    X, y = cells(1100, seed=1), np.arange(1100) < 60
    sampler = GANOverSampler(sampling_strategy={True: 80}, random_state=0, **tiny)
    sampler.fit_resample(X, y)
    found = sampler.models_[True].deformation
    assert found.symmetry
    assert found.tone
    sampler.save(tmp_path / "cells.zip")
    loaded = GANOverSampler.load(tmp_path / "cells.zip")
    np.testing.assert_array_equal(loaded.sample(5, True), sampler.sample(5, True))


# -- what is noticed may still help ----------------------------------------------------------------------


def solar_cells(n, rng, broken):
    """Cells with straight bars, a little brighter on the left; in a broken one a part between bars is dark."""
    images = 0.12 * rng.standard_normal((n, 16, 16), np.float32)
    images[:, :, 1:3] += 0.1
    images[:, :, [0, 5, 10, 15]] -= 0.5
    for image, down, right in zip(images, rng.integers(4, size=n), rng.integers(3, size=n), strict=True):
        image[4 * down :, 1 + 5 * right :][:4, :4] += -0.35 if broken else 0.1
    return np.clip(images, -1, 1)[..., None]


@pytest.mark.parametrize("seed", range(2))
def test_mirror_images_of_cells_are_noticed_and_help_where_bending_does_not(seed):
    rng = np.random.default_rng(seed)
    membership = Membership(solar_cells(40, rng, True), solar_cells(800, rng, False), seed)
    found = add_what_passes(bent(16), membership)
    assert "left-right" not in found.symmetry
    helping = add_what_helps(found, membership)
    assert {"left-right", "up-down"} <= set(helping.symmetry)
    assert helping.strength == 0
    assert helping.tone == found.tone


def test_what_does_not_help_is_left_out(digits, monkeypatch):
    images, labels = digits
    own, others = images[labels == 5], images[labels != 5]
    membership = Membership(own[:60], others, 0)
    monkeypatch.setattr(Membership, "keeps", lambda self, change: True)
    found = bent(8)
    assert add_what_helps(found, membership) is found


def test_a_class_that_accepts_no_symmetry_is_not_asked_for_its_use(digits, monkeypatch):
    images, labels = digits
    own, others = images[labels == 5], images[labels != 5]
    monkeypatch.setattr(Membership, "keeps", lambda self, change: False)
    monkeypatch.setattr("gan_oversampler._classes.membership.Usefulness", None)
    found = bent(8)
    assert add_what_helps(found, Membership(own[:60], others, 0)) is found


def test_too_few_images_say_nothing_of_use(digits):
    images, labels = digits
    own, others = images[labels == 5], images[labels != 5]
    found = bent(8)
    for few in (Membership(own[:9], others, 0), Membership(own[:60], others[:399], 0)):
        assert add_what_helps(found, few) is found


def test_precisions_are_those_of_the_average_precision():
    rng = np.random.default_rng(0)
    own, others = rng.normal(1, 1, 30).round(1), rng.normal(0, 1, 200).round(1)  # with ties
    expected = average_precision_score(np.arange(230) < 30, np.concatenate([own, others]))
    np.testing.assert_allclose(_precision_at_each(own, others).mean(), expected)


def test_a_change_out_of_the_class_is_of_no_use(digits):
    images, labels = digits
    own, others = images[labels == 5], images[labels != 5]
    useful = Usefulness(own[:60], others, 0)
    still_images, upside_down = useful.found(lambda images, _: images), useful.found(elements("up-down")[0])
    assert len(still_images.precision) == len(upside_down.distance) == 60
    assert still_images.precision.mean() > upside_down.precision.mean() + 0.2
    assert still_images.distance.mean() > upside_down.distance.mean() + 0.5
    np.testing.assert_array_equal(useful.found(lambda images, _: images), still_images)


def test_distance_knows_no_scale_of_the_scores():
    rng = np.random.default_rng(0)
    own, others = rng.normal(2, 1, 30), rng.normal(0, 1, 200)
    np.testing.assert_allclose(_distance_of_each(expit(own), expit(others)), (own - others.mean()) / others.std())
    np.testing.assert_allclose(
        _distance_of_each(expit(3 * own - 1), expit(3 * others - 1)), _distance_of_each(expit(own), expit(others))
    )


@pytest.mark.parametrize(
    ("precision", "distance", "helps"),
    [
        ([0.4, -0.3, 0.2, 0.1], [0.4, 0.5, 0.6, 0.5], True),  # precision gains, and by chance for all it tells
        ([0.4, -0.3, 0.2, 0.1], [0.9, -0.7, 0.5, 0.4], False),  # the distance may gain by chance, too
        ([-0.1, -0.1, -0.1, -0.1], [0.4, 0.5, 0.6, 0.5], False),  # a greater distance finds no more of the class
    ],
)
def test_what_helps_gains_precision_and_surely_distance(digits, monkeypatch, precision, distance, helps):
    images, labels = digits
    membership = Membership(images[labels == 5][:60], images[labels != 5], 0)
    monkeypatch.setattr(Membership, "keeps", lambda self, change: True)

    def found_by(self, change):
        has_more = bool(change.symmetry)
        return Found(*(np.array(gain) * has_more for gain in (precision, distance)))

    monkeypatch.setattr(Usefulness, "found", found_by)
    found = bent(8)
    assert bool(add_what_helps(found, membership).symmetry) == helps


@pytest.mark.parametrize("n", [30, 60])
def test_broken_solar_cells_are_mirrored_and_not_bent(n):
    pytest.importorskip("elpv_dataset", reason="solar cells are in the package elpv-dataset")
    images, probability = load_solar_cells(32)
    X, y = images[(probability == 0) | (probability == 1)], probability[(probability == 0) | (probability == 1)] == 1
    few = np.concatenate([np.flatnonzero(~y), np.flatnonzero(y)[:n]])
    sampler = DeformationOverSampler(random_state=0).fit(X[few], y[few])
    deformation = sampler.models_[True].deformation
    assert {"left-right", "up-down"} <= set(deformation.symmetry)
    assert deformation.strength == 0
