"""Provenance: `parent_indices_` names the row of X that each row was made from."""

import json
import zipfile

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.model_selection import GroupKFold

from gan_oversampler import DeformationOverSampler, FileFormatError, GANOverSampler
from gan_oversampler._classes import model
from gan_oversampler._classes.model import Drawn, LabelFilter
from gan_oversampler._deformation.deformations import AffineDeformation
from gan_oversampler._deformation.warp import DeformationBasis

pytestmark = pytest.mark.filterwarnings(
    "ignore::gan_oversampler.SmallClassWarning", "ignore::sklearn.exceptions.ConvergenceWarning"
)
STILL = AffineDeformation(DeformationBasis.for_size(8, 8)).scaled(0.0)
"""A deformation that leaves every image as it is."""


def frozen_corner(images, rng):
    """Deformation of a user's own: noise everywhere but in the first pixel."""
    noisy = rng.uniform(-1, 1, images.shape).astype(np.float32)
    noisy[:, 0, 0] = images[:, 0, 0]
    return noisy


@pytest.fixture
def three_classes():
    """Digits of three classes in random order, of which two are rare; each image is another one."""
    X, y = load_digits(return_X_y=True)
    rows = np.concatenate([np.flatnonzero(y == label)[:n] for label, n in ((1, 70), (4, 30), (7, 20))])
    rows = np.random.default_rng(0).permutation(rows)
    assert len(np.unique(X[rows], axis=0)) == len(rows)
    return X[rows].astype(np.uint8), y[rows]


def check_provenance(sampler, X, y, X_res, y_res):
    """What holds of any sampler: originals name themselves, new rows nothing or a row of their class."""
    parents, is_new = sampler.parent_indices_, sampler.synthetic_mask_
    assert parents.shape == (len(X_res),)
    assert parents.dtype == np.int64
    np.testing.assert_array_equal(parents[~is_new], np.arange(len(X)))
    named = parents >= 0
    assert parents[~named].size == 0 or set(parents[~named]) == {-1}
    np.testing.assert_array_equal(y[parents[named]], y_res[named])


@pytest.mark.parametrize("chunk", [7, 4096])
@pytest.mark.parametrize("deformation", [None, STILL], ids=["repeated", "deformed by nothing"])
@pytest.mark.parametrize("flat", [True, False], ids=["flat", "images"])
def test_a_copy_equals_its_parent(three_classes, monkeypatch, deformation, flat, chunk):
    monkeypatch.setattr(model, "_CHUNK", chunk)
    X, y = three_classes
    X = X if flat else X.reshape(-1, 8, 8)
    sampler = DeformationOverSampler(deformation=deformation, random_state=0)
    X_res, y_res = sampler.fit_resample(X, y)
    check_provenance(sampler, X, y, X_res, y_res)
    assert (sampler.parent_indices_ >= 0).all()
    np.testing.assert_array_equal(X_res, X[sampler.parent_indices_])


def test_a_deformation_of_ones_own_keeps_the_parent(three_classes):
    X, y = three_classes
    X = X.copy()
    X[:, 0] = np.arange(len(X))
    sampler = DeformationOverSampler(deformation=frozen_corner, image_shape=(8, 8), random_state=0)
    X_res, y_res = sampler.fit_resample(X, y)
    check_provenance(sampler, X, y, X_res, y_res)
    np.testing.assert_array_equal(X_res[:, 0], X[sampler.parent_indices_, 0])
    assert (X_res[sampler.synthetic_mask_] != X[sampler.parent_indices_[sampler.synthetic_mask_]]).any(axis=1).all()


def test_in_a_mixture_copies_name_their_parent_and_generated_rows_none(three_classes, tiny, monkeypatch):
    monkeypatch.setattr(model, "_CHUNK", 11)
    X, y = three_classes
    sampler = GANOverSampler(deformation=STILL, random_state=0, **tiny | {"deformed_share": 0.5})
    X_res, y_res = sampler.fit_resample(X, y)
    check_provenance(sampler, X, y, X_res, y_res)
    named = sampler.parent_indices_ >= 0
    np.testing.assert_array_equal(X_res[named], X[sampler.parent_indices_[named]])
    assert not (X_res[~named][:, None] == X).all(axis=2).any()
    assert 0.3 < named[sampler.synthetic_mask_].mean() < 0.7


def test_a_generator_alone_names_no_parent(table, tiny):
    sampler = GANOverSampler(random_state=0, **tiny)
    sampler.fit_resample(*table)
    assert (sampler.parent_indices_[sampler.synthetic_mask_] == -1).all()


def test_a_class_too_small_to_train_names_the_rows_that_it_repeats(table, tiny):
    X, y = table
    rows = np.concatenate([np.flatnonzero(y == 0), np.flatnonzero(y == 1)[:5]])[::-1]
    sampler = GANOverSampler(deformation=None, random_state=0, **tiny)
    X_res, _ = sampler.fit_resample(X[rows], y[rows])
    np.testing.assert_array_equal(X_res, X[rows][sampler.parent_indices_])


def test_without_new_rows_all_name_themselves(table):
    sampler = DeformationOverSampler(sampling_strategy={1: 30})
    sampler.fit_resample(*table)
    np.testing.assert_array_equal(sampler.parent_indices_, np.arange(120))


@pytest.mark.parametrize("threshold", [-1e9, 0.0, 1e9], ids=["all kept", "some", "none"])
def test_a_filter_keeps_rows_and_parents_together(threshold):
    """Row i holds the number i, and so does its parent."""
    filtering = LabelFilter([np.ones((1, 1)), np.zeros(1), np.ones((1, 1)), np.full(1, -50.0 - threshold)])

    def draw(n, rng):
        numbers = rng.integers(100, size=n)
        return Drawn(numbers[:, None].astype(np.float32), numbers)

    drawn = filtering.draw(draw, 40, np.random.default_rng(0))
    assert len(drawn) == 40
    np.testing.assert_array_equal(drawn.rows[:, 0], drawn.parents)


def test_groups_follow_so_that_no_copy_leaves_the_fold_of_its_parent(three_classes):
    X, y = three_classes
    groups = np.random.default_rng(1).integers(10, size=len(X))
    sampler = DeformationOverSampler(random_state=0)
    X_res, y_res = sampler.fit_resample(X, y)
    groups_res = groups[sampler.parent_indices_]
    for train, test in GroupKFold(5).split(X_res, y_res, groups_res):
        assert not set(sampler.parent_indices_[train]) & set(sampler.parent_indices_[test])


def without_parents(path):
    """The file as a version wrote it that knew no parents."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    described = json.loads(members["sampler.json"])
    del described["parents"]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("sampler.json", json.dumps(described))
        archive.writestr("arrays.npz", members["arrays.npz"])


def test_parents_are_saved_and_files_of_before_load_and_are_saved_again(digits, tiny, tmp_path):
    sampler = GANOverSampler(random_state=0, deformation="affine", **tiny)
    sampler.fit_resample(*digits)
    sampler.save(tmp_path / "new.zip")
    loaded = GANOverSampler.load(tmp_path / "new.zip")
    np.testing.assert_array_equal(loaded.parent_indices_, sampler.parent_indices_)
    without_parents(tmp_path / "new.zip")
    loaded = GANOverSampler.load(tmp_path / "new.zip")
    assert not hasattr(loaded, "parent_indices_")
    loaded.save(tmp_path / "again.zip")
    again = GANOverSampler.load(tmp_path / "again.zip")
    np.testing.assert_array_equal(again.sample(9, 3), sampler.sample(9, 3))


DAMAGES = {
    "too few": lambda parents: parents[:2],
    "below -1": lambda parents: parents - 1,
    "beyond the rows": lambda parents: parents + 1,
    "not whole": lambda parents: parents.astype(float),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_parents_that_no_save_writes_are_refused(digits, tiny, tmp_path, damage):
    sampler = GANOverSampler(random_state=0, deformation="affine", **tiny)
    sampler.fit_resample(*digits)
    sampler.parent_indices_ = damage(sampler.parent_indices_)
    with pytest.raises(ValueError, match=r"could not be read again.*list of parents") as error:
        sampler.save(tmp_path / "wrong.zip")
    assert isinstance(error.value.__cause__, FileFormatError)
