"""What is saved comes back and draws the same rows, whenever the power fails; what is not ours runs nothing."""

import copy
import dataclasses
import io
import json
import os
import pickle
import random
import stat
import sys
import time
import zipfile
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.datasets import load_digits

from gan_oversampler import DeformationOverSampler, FileFormatError, GANOverSampler
from gan_oversampler._deformation.deformations import Tone

from .processes import Call
from .test_sampler import narrow_generator


@pytest.fixture
def fitted(digits, tiny):
    sampler = GANOverSampler(random_state=0, sampling_strategy={3: 60}, **tiny)
    sampler.fit_resample(*digits)
    return sampler


@pytest.mark.parametrize("deformation", ["affine", "learned", None])
def test_loaded_sampler_draws_the_same_rows(digits, tiny, tmp_path, deformation):
    sampler = GANOverSampler(random_state=0, deformation=deformation, **tiny)
    X_res, _ = sampler.fit_resample(*digits)
    sampler.save(tmp_path / "digits.zip")
    loaded = GANOverSampler.load(tmp_path / "digits.zip")
    np.testing.assert_array_equal(loaded.sample(40, 3), sampler.sample(40, 3))
    assert loaded.get_params() == sampler.get_params()
    np.testing.assert_array_equal(loaded.synthetic_mask_, sampler.synthetic_mask_)
    np.testing.assert_array_equal(loaded.history_[3]["generator_loss"], sampler.history_[3]["generator_loss"])
    np.testing.assert_array_equal(loaded.fit_resample(*digits)[0], X_res)


@pytest.mark.parametrize("data", ["digits", "table"])
def test_a_sampler_without_a_network_is_saved_too(data, tmp_path, request):
    X, y = request.getfixturevalue(data)
    sampler = DeformationOverSampler(random_state=0).fit(X, y)
    (label,) = sampler.models_
    sampler.save(tmp_path / "rows.zip")
    loaded = DeformationOverSampler.load(tmp_path / "rows.zip")
    assert type(loaded) is DeformationOverSampler
    assert loaded.get_params() == sampler.get_params()
    np.testing.assert_array_equal(loaded.sample(40, label), sampler.sample(40, label))
    assert loaded.quality_report_[label].verdict == sampler.quality_report_[label].verdict


@pytest.fixture
def with_parts(fitted):
    """A sampler whose deformation has every part."""
    model = fitted.models_[3]
    deformation = model.deformation.with_parts(("left-right", "quarter turn"), Tone(0.4, 0.1))
    fitted.models_[3] = dataclasses.replace(model, deformation=deformation)
    return fitted


def test_all_parts_of_a_deformation_come_back(with_parts, tmp_path):
    with_parts.save(tmp_path / "parts.zip")
    loaded = GANOverSampler.load(tmp_path / "parts.zip")
    found, saved = (sampler.models_[3].deformation for sampler in (loaded, with_parts))
    assert (found.symmetry, found.tone) == (saved.symmetry, saved.tone)
    np.testing.assert_array_equal(loaded.sample(40, 3), with_parts.sample(40, 3))


@pytest.mark.parametrize(
    "tone", [Tone(-0.1), Tone(contrast=11), Tone(brightness=float("nan")), Tone("x"), Tone(True), Tone([1])]
)
def test_a_tone_that_save_does_not_write_is_refused(with_parts, tmp_path, tone):
    model = with_parts.models_[3]
    deformation = dataclasses.replace(model.deformation, tone=tone)
    with_parts.quality_report_  # noqa: B018  measured before the model is spoilt
    with_parts.models_[3] = dataclasses.replace(model, deformation=deformation)
    with pytest.raises(ValueError, match="deformation is not what save"):
        with_parts.save(tmp_path / "parts.zip")


def test_frames_labels_and_own_networks_come_back(table, tiny, tmp_path):
    X = pd.DataFrame(table[0], columns=list("abcde")).astype({"a": "float32"})
    X["b"] = X["b"].round().astype("Int64")
    y = np.array(["common", "rare"], dtype=object)[table[1]]
    sampler = GANOverSampler(generator=narrow_generator, random_state=0, **tiny)
    sampler.fit_resample(X, y)
    sampler.save(tmp_path / "table.zip")
    with pytest.warns(UserWarning, match="'generator': 'narrow_generator'.* were not saved"):
        loaded = GANOverSampler.load(tmp_path / "table.zip")
    pd.testing.assert_frame_equal(loaded.sample(9, "rare"), sampler.sample(9, "rare"))
    assert list(loaded.feature_names_in_) == list("abcde")


@pytest.mark.parametrize("share", [None, 0.5])
def test_a_table_made_of_real_rows_draws_the_same(table, tiny, tmp_path, share):
    sampler = GANOverSampler(random_state=0, **tiny | {"deformed_share": share})
    sampler.fit_resample(*table)
    sampler.save(tmp_path / "table.zip")
    loaded = GANOverSampler.load(tmp_path / "table.zip")
    np.testing.assert_array_equal(loaded.sample(40, 1), sampler.sample(40, 1))
    assert loaded.shares_ == sampler.shares_


def test_repeated_rows_are_saved_too(tmp_path):
    X, y = np.random.default_rng(0).normal(size=(40, 3)), np.arange(40) < 5
    sampler = GANOverSampler(deformed_share=0, deformation=None, random_state=0)
    with pytest.warns(UserWarning, match="has 5 rows"):
        sampler.fit_resample(X, y)
    sampler.save(tmp_path / "few.zip")
    np.testing.assert_array_equal(GANOverSampler.load(tmp_path / "few.zip").sample(9, True), sampler.sample(9, True))


def test_failed_save_keeps_the_older_file(fitted, tmp_path, monkeypatch):
    path = tmp_path / "sampler.zip"
    fitted.save(path)
    good = path.read_bytes()
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        fitted.save(path)
    assert path.read_bytes() == good
    assert [p.name for p in tmp_path.iterdir()] == ["sampler.zip"]


def save_without_end(sampler, path, ready):
    ready.touch()
    while True:
        sampler.save(path)


def check_kills(sampler, folder, n):
    """Kill a process that saves over a good file without end; whenever it dies, there is a good file."""
    path, ready = folder / "sampler.zip", folder / "ready"
    sampler.save(path)
    weights = sampler.models_[3].source.weights
    rng = random.Random(0)
    for _ in range(n):
        call = Call(save_without_end, sampler, path, ready)
        while not ready.exists():
            assert call.process.is_alive()
            time.sleep(0.01)
        time.sleep(rng.uniform(0, 0.2))
        call.kill()
        ready.unlink()
        loaded = GANOverSampler.load(path)
        for one, other in zip(weights, loaded.models_[3].source.weights, strict=True):
            np.testing.assert_array_equal(one, other)
    left = [name for name in os.listdir(folder) if name != "sampler.zip"]
    assert len(left) <= n
    assert all(name.startswith(".sampler.zip.") and name.endswith(".tmp") for name in left)
    return len(left)


def test_killed_while_saving_leaves_a_good_file(fitted, tmp_path):
    check_kills(fitted, tmp_path, 3)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_fifty_kills_while_saving_leave_a_good_file(fitted, tmp_path):
    assert check_kills(fitted, tmp_path, 50) >= 10  # otherwise too few hit the writing itself


def test_links_are_followed_and_permissions_are_those_of_new_files(fitted, tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "folder" / "sampler")
    (tmp_path / "plain").write_bytes(b"")
    fitted.save(tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    modes = [stat.S_IMODE(p.stat().st_mode) for p in (tmp_path / "folder" / "sampler", tmp_path / "plain")]
    assert modes[0] == modes[1]


def test_copies_of_every_kind_draw_the_same_rows(fitted, tmp_path):
    fitted.save(tmp_path / "saved")
    loaded = GANOverSampler.load(tmp_path / "saved")
    joblib.dump(fitted, tmp_path / "dumped")
    copies = [pickle.loads(pickle.dumps(fitted)), copy.deepcopy(fitted), copy.copy(fitted)]
    copies += [joblib.load(tmp_path / "dumped"), pickle.loads(pickle.dumps(loaded)), copy.deepcopy(loaded)]
    rows = fitted.sample(30, 3)
    for copied in copies:
        np.testing.assert_array_equal(copied.sample(30, 3), rows)
    assert joblib.hash(copies[0]) == joblib.hash(fitted)
    assert clone(loaded).get_params() == fitted.get_params()
    assert not hasattr(clone(loaded), "models_")
    loaded.save(tmp_path / "again")
    np.testing.assert_array_equal(GANOverSampler.load(tmp_path / "again").sample(30, 3), rows)


def train_and_save(path):
    """Rows that a sampler draws after it was saved."""
    X, y = load_digits(return_X_y=True)
    X, y = X[y < 2][:150], y[y < 2][:150]
    sampler = GANOverSampler(max_iter=3, batch_size=8, sampling_strategy={1: 100}, random_state=0)
    sampler.fit_resample(X, y)
    sampler.save(path)
    return sampler.sample(50, 1)


def test_trained_in_another_process_it_draws_the_same_rows_here(tmp_path):
    drawn = Call(train_and_save, tmp_path / "saved").result()
    np.testing.assert_array_equal(GANOverSampler.load(tmp_path / "saved").sample(50, 1), drawn)


def no_change(images, rng):
    """Deformation of a user's own."""
    return images


def test_what_only_code_could_draw_is_not_saved(digits, tmp_path):
    X, y = digits
    sampler = GANOverSampler(deformation=no_change, random_state=0)
    with pytest.warns(UserWarning, match="has 5 rows"):
        sampler.fit_resample(X[35:], y[35:])
    with pytest.raises(ValueError, match=r"deformation no_change .* a file holds no code"):
        sampler.save(tmp_path / "sampler")
    assert list(tmp_path.iterdir()) == []


def rewrite(path, change):
    """The file with its JSON changed."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    described = json.loads(members["sampler.json"])
    change(described)
    members["sampler.json"] = json.dumps(described).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def add_lambda(described):
    layers = described["models"][0][1]["source"]["architecture"]["config"]["layers"]
    layers[1] = {"module": "keras.layers", "class_name": "Lambda", "config": {}, "registered_name": None}


def add_foreign(described):
    layer = described["models"][0][1]["source"]["architecture"]["config"]["layers"][1]
    layer.update(module="os", class_name="Dense")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda d: d.update(version=99), "format version 99, but this release reads up to 2: upgrade"),
        (lambda d: d.update(format="other"), "was not written by gan_oversampler"),
        (lambda d: d.pop("models"), "may be damaged"),
        (add_lambda, "a part 'Lambda'"),
        (add_foreign, "from 'os'"),
    ],
)
def test_other_files_are_refused_in_one_sentence(fitted, tmp_path, change, sentence):
    path = tmp_path / "sampler.zip"
    fitted.save(path)
    rewrite(path, change)
    with pytest.raises(FileFormatError, match=sentence) as error:
        GANOverSampler.load(path)
    assert "\n" not in str(error.value)


class Bomb:
    """Leaves a mark where it is unpickled."""

    def __reduce__(self):
        return exec, ("import sys; sys.bomb_went_off = True",)


def test_pickled_arrays_are_never_run(fitted, tmp_path):
    path, buffer = tmp_path / "sampler.zip", io.BytesIO()
    fitted.save(path)
    np.savez(buffer, a0=np.array([Bomb()], dtype=object))
    with zipfile.ZipFile(path) as archive:
        described = archive.read("sampler.json")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("sampler.json", described)
        archive.writestr("arrays.npz", buffer.getvalue())
    with pytest.raises(FileFormatError):
        GANOverSampler.load(path)
    assert not hasattr(sys, "bomb_went_off")


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04 truncated"])
def test_files_of_another_kind(tmp_path, content):
    path = tmp_path / "sampler.zip"
    path.write_bytes(content)
    with pytest.raises(FileFormatError):
        GANOverSampler.load(path)
    with pytest.raises(FileNotFoundError):
        GANOverSampler.load(tmp_path / "missing.zip")


def test_a_loaded_sampler_leaves_a_checkpoint_of_that_name_alone(table, tiny, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    sampler = GANOverSampler(checkpoint="night.ckpt", random_state=0, **tiny)
    sampler.fit_resample(*table)
    sampler.save("saved")
    assert b"night.ckpt" not in (tmp_path / "saved").read_bytes()
    rewrite(tmp_path / "saved", lambda described: described["parameters"].update(checkpoint="night.ckpt"))
    (tmp_path / "night.ckpt").write_bytes(b"of somebody else")
    loaded = GANOverSampler.load("saved")
    assert loaded.checkpoint is None
    loaded.fit_resample(*table)
    assert (tmp_path / "night.ckpt").read_bytes() == b"of somebody else"


def unusual_generator(latent_dim, output_shape):
    """Builder of a network with a layer that no file may hold."""
    import keras

    unusual = keras.layers.ActivityRegularization()
    return keras.Sequential([keras.Input((latent_dim,)), keras.layers.Dense(output_shape[0]), unusual])


def timestamps(X, y):
    return pd.DataFrame(X, columns=pd.date_range("2024", periods=X.shape[1])), y


@pytest.mark.parametrize(
    ("change", "parameters", "reason"),
    [
        (timestamps, {}, r"a dataframe \(a file holds no Timestamp\): fit it to columns of plain names"),
        (lambda X, y: (X, y), {"generator": unusual_generator}, "a part 'ActivityRegularization'"),
    ],
)
def test_what_load_would_refuse_is_not_saved(table, tiny, tmp_path, change, parameters, reason):
    path = tmp_path / "sampler"
    path.write_bytes(b"an older file")
    sampler = GANOverSampler(random_state=0, **tiny, **parameters)
    sampler.fit_resample(*change(*table))
    with pytest.raises(
        ValueError, match=f"^This sampler cannot be saved, but can be pickled, since .*{reason}"
    ) as error:
        sampler.save(path)
    assert not isinstance(error.value, FileFormatError)
    assert "\n" not in str(error.value)
    assert path.read_bytes() == b"an older file"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.filterwarnings("ignore:The parameters")  # builders are not in a file
@pytest.mark.parametrize("name", ["table", "images"])
def test_a_file_of_format_version_1_draws_what_it_drew_when_it_was_written(name):
    path = Path(__file__).parent / "data" / f"version-1-{name}"
    sampler = GANOverSampler.load(path.with_suffix(".zip"))
    expected = np.load(path.with_suffix(".npy"))
    # Another processor may multiply to other last bits, so that a pixel is rounded the other way.
    np.testing.assert_allclose(
        sampler.sample(8, True).astype(float), expected.astype(float), rtol=1e-4, atol=int(name == "images")
    )
