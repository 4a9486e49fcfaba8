"""Images as users hold them: lists of arrays and of PIL images come back as such, folders are read and written."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from sklearn.datasets import load_digits

from gan_oversampler import DeformationOverSampler, GANOverSampler
from gan_oversampler.datasets import load_image_folder, save_image_folder

DIGITS = load_digits()
KEPT = np.concatenate([np.flatnonzero(DIGITS.target == 3)[:12], np.flatnonzero(DIGITS.target == 4)[:20]])
Y = DIGITS.target[KEPT]


def grey(dtype=np.uint8):
    return (DIGITS.images[KEPT] * 15).astype(dtype)


def in_mode(mode):
    return [Image.fromarray(image).convert(mode) for image in grey()]


def resampled(X):
    return DeformationOverSampler(deformation="affine", random_state=0).fit_resample(X, Y)[0]


# -- lists -----------------------------------------------------------------------------------------------

ARRAYS = {
    "uint8": grey(),
    "float32": grey(np.float32) / 255,
    "int16": grey(np.int16),
    "bool": grey() > 100,
    "colour": np.repeat(grey()[..., None], 3, axis=-1),
    "one channel": grey()[..., None],
}


@pytest.mark.parametrize("name", ARRAYS)
@pytest.mark.parametrize("container", [list, tuple])
def test_a_list_of_arrays_comes_back_as_one(name, container):
    X = container(ARRAYS[name])
    X_res = resampled(X)
    assert type(X_res) is list
    assert {(type(image), image.dtype, image.shape) for image in X_res} == {(np.ndarray, X[0].dtype, X[0].shape)}
    np.testing.assert_array_equal(X_res[: len(X)], X)
    np.testing.assert_array_equal(X_res, resampled(ARRAYS[name]))
    assert not any(np.shares_memory(a, b) for a, b in zip(X, X_res, strict=False))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "RGB", "RGBA", "I", "F"])
def test_pil_images_come_back_as_such(mode):
    X = in_mode(mode)
    X_res = resampled(X)
    assert {(type(image), image.mode, image.size) for image in X_res} == {(Image.Image, mode, (8, 8))}
    assert [image.tobytes() for image in X_res[: len(X)]] == [image.tobytes() for image in X]
    assert not any(a is b for a, b in zip(X, X_res, strict=False))
    np.testing.assert_array_equal(np.stack(X_res), resampled(np.stack(X)))


@pytest.mark.parametrize("X", [list(grey()), in_mode("RGB")], ids=["arrays", "PIL"])
def test_images_drawn_later_and_from_a_file_have_the_form_of_the_list(X, tmp_path, tiny):
    sampler = GANOverSampler(random_state=0, **tiny)
    sampler.fit_resample(X, Y)
    sampler.save(tmp_path / "sampler")
    for drawn in (sampler.sample(3, 3), GANOverSampler.load(tmp_path / "sampler").sample(3, 3)):
        assert [(type(image), np.shape(image)) for image in drawn] == [(type(X[0]), np.shape(X[0]))] * 3


def cells(images):
    column = np.empty(len(images), object)
    column[:] = list(images)
    return column


def dataset(batched):
    import tensorflow as tf

    made = tf.data.Dataset.from_tensor_slices((grey(), Y))
    return made.batch(8) if batched else made


NO_COLLECTIONS = {
    "sizes": ([*grey()[1:], np.zeros((9, 9), np.uint8)], "images of one shape, but that of the first is .* image 31"),
    "channels": ([*grey()[1:], np.zeros((8, 8, 3), np.uint8)], "bring them to one size and to the same channels"),
    "PIL sizes": ([*in_mode("L")[1:], Image.new("L", (9, 9))], r"of one size, .* \(9, 9\): resize them"),
    "PIL modes": ([*in_mode("L")[1:], Image.new("RGB", (8, 8))], "of one mode, .* is RGB: convert them"),
    "arrays and PIL": ([*grey()[1:], Image.new("L", (8, 8))], r"np\.asarray\(image\)"),
    "PIL and arrays": ([*in_mode("L")[1:], np.zeros((8, 8), np.uint8)], r"PIL\.Image\.fromarray"),
    "palette": (in_mode("P"), "mode P, which is none of .*convert them"),
    "print colours": (in_mode("CMYK"), "mode CMYK, which is none of .*convert them"),
    "object array": (cells(grey()), r"give np\.stack\(list\(X\)\)"),
    "object array of PIL": (cells(in_mode("L")), r"give np\.stack\(list\(X\)\)"),
    "series": (pd.Series(list(grey())), r"give np\.stack\(list\(X\)\)"),
    "frame": (pd.DataFrame({"image": list(grey())}), r"give np\.stack\(X\['image'\]\)"),
    "folder": ("photographs", r"load_image_folder\(path, size"),
    "Path": (Path("photographs"), r"load_image_folder\(path, size"),
    "files": ([f"{i}.PNG" for i in range(32)], r"load_image_folder\(path, size"),
    "paths": ([Path(f"{i}.jpg") for i in range(32)], r"load_image_folder\(path, size"),
}


@pytest.mark.parametrize("name", NO_COLLECTIONS)
def test_what_cannot_be_taken_is_told_with_what_to_do(name):
    X, sentence = NO_COLLECTIONS[name]
    with pytest.raises(ValueError, match=sentence) as error:
        DeformationOverSampler().fit_resample(X, Y)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("X", [cells(grey()), pd.Series(list(grey())), pd.DataFrame({"image": list(grey())})])
def test_the_call_that_is_told_stacks_the_images(X):
    with pytest.raises(ValueError, match=r"give np\.stack") as error:
        DeformationOverSampler().fit_resample(X, Y)
    np.testing.assert_array_equal(eval(str(error.value).split("give ")[1].rstrip("."), {"np": np, "X": X}), grey())


@pytest.mark.parametrize("batched", [True, False])
def test_a_dataset_of_tensorflow_is_told_how_to_become_arrays(batched):
    with pytest.raises(ValueError, match=r"tf\.data\.Dataset") as error:
        DeformationOverSampler().fit_resample(dataset(batched), Y)
    call = str(error.value).split("X, y = ")[1].split(", without")[0]
    call = call if batched else call.replace(".unbatch()", "")
    X, y = eval(call, {"np": np, "dataset": dataset(batched)})
    np.testing.assert_array_equal(X, grey())
    np.testing.assert_array_equal(y, Y)


# -- folders ---------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path):
    """Two classes, images of several sizes and formats, one of them deeper, and files that are no images."""
    for name, mode, size in (
        ("cat/b.png", "RGB", (20, 12)),
        ("cat/a.jpg", "L", (12, 12)),
        ("cat/more/c.gif", "P", (12, 20)),
        ("dog/1.png", "RGBA", (30, 30)),
        ("dog/2.png", "LA", (8, 8)),
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new(mode, size).save(tmp_path / name)
    (tmp_path / "cat" / "Thumbs.db").write_text("of the system")
    (tmp_path / "cat" / ".hidden.png").write_text("no image")
    (tmp_path / ".cache").mkdir()
    return tmp_path


@pytest.mark.parametrize(("mode", "channels"), [("L", ()), ("LA", (2,)), ("RGB", (3,)), ("RGBA", (4,))])
@pytest.mark.parametrize(("size", "sides"), [(9, (9, 9)), ((6, 10), (6, 10))])
def test_a_folder_is_read_in_order(folder, mode, channels, size, sides):
    X, y = load_image_folder(folder, size=size, mode=mode)
    assert X.dtype == np.uint8
    assert X.shape == (5, *sides, *channels)
    assert y.tolist() == ["cat", "cat", "cat", "dog", "dog"]


def test_images_are_cut_to_shape_and_turned_upright(tmp_path):
    (tmp_path / "one").mkdir()
    wide = np.zeros((10, 30, 3), np.uint8)
    wide[:, 10:20] = 200  # the middle third, all that fits into a square
    image = Image.fromarray(wide)
    exif = image.getexif()
    exif[0x0112] = 6  # held sideways
    image.save(tmp_path / "one" / "wide.png", exif=exif)
    X, _ = load_image_folder(tmp_path)
    assert X.shape == (1, 30, 10, 3)
    X, _ = load_image_folder(tmp_path, size=10)
    assert (X == 200).all()


def broken(folder):
    file = folder / "dog" / "1.png"
    file.write_bytes(file.read_bytes()[:40])


def no_image(folder):
    (folder / "dog" / "1.png").write_text("text")


def sixteen_bits(folder):
    Image.new("I;16", (9, 9)).save(folder / "dog" / "1.png")


def floats(folder):
    Image.new("F", (9, 9)).save(folder / "dog" / "1.tif")


def of_three_pages(folder):
    Image.new("L", (9, 9)).save(folder / "dog" / "1.tif", save_all=True, append_images=[Image.new("L", (9, 9))] * 2)


def moving(folder):
    pages = [Image.new("L", (9, 9), grey) for grey in (0, 200)]
    pages[0].save(folder / "cat" / "1.gif", save_all=True, append_images=pages[1:])


def with_mask(folder):
    Image.new("1", (9, 9)).save(folder / "dog" / "1_Mask.png")


def too_large(folder):
    Image.new("1", (14_000, 14_000)).save(folder / "dog" / "1.png")


def medical(folder):
    (folder / "none").mkdir()
    (folder / "none" / "1.dcm").write_bytes(b"DICM")


@pytest.mark.parametrize(
    ("spoil", "arguments", "error", "sentence"),
    [
        (broken, {"size": 8}, ValueError, r"1\.png cannot be read as an image .*: repair it or remove it"),
        (no_image, {"size": 8}, ValueError, r"1\.png cannot be read as an image .*: repair it or remove it"),
        (sixteen_bits, {"size": 8}, ValueError, r"1\.png has more than 8 bits a channel .*: give mode='L'"),
        (sixteen_bits, {"size": 8, "mode": "L"}, ValueError, r"a\.jpg has 8 bits a value and .*1\.png 16"),
        (floats, {"size": 8, "mode": "L"}, ValueError, r"1\.tif has more than 8 bits a channel .*: convert it"),
        (of_three_pages, {"size": 8}, ValueError, r"1\.tif must hold one image, but it holds 3 pages: save each"),
        (moving, {"size": 8}, ValueError, r"1\.gif must hold one image, but it holds 2 pages: save each"),
        (with_mask, {"size": 8}, ValueError, r"1_Mask\.png seems to be the mask of one: give pattern='!\*mask\*'"),
        (too_large, {"size": 8}, ValueError, r"1\.png is larger than Pillow opens .*: scale it down, or set"),
        (medical, {"size": 8}, ValueError, r"none was found among its 1 files \(1\.dcm\): convert them"),
        (
            lambda folder: None,
            {"pattern": "*.bmp"},
            ValueError,
            r"images that fit '\*\.bmp', but none .*a\.jpg",
        ),
        (lambda folder: (folder / "none").mkdir(), {"size": 8}, ValueError, "none must hold images"),
        (lambda folder: None, {}, ValueError, r"of one size, but .*give size=\(height, width\)"),
        (lambda folder: None, {"mode": "CMYK"}, ValueError, "mode must be one of"),
        (lambda folder: None, {"size": (3, 4, 5)}, ValueError, "size must be"),
        (lambda folder: None, {"size": 0}, ValueError, "size must be"),
        (lambda folder: None, {"size": 8.0}, ValueError, "size must be"),
        (lambda folder: None, {"background": "no colour"}, ValueError, "background must name a colour"),
    ],
)
def test_what_is_wrong_with_a_folder_is_said_in_one_sentence(folder, spoil, arguments, error, sentence):
    spoil(folder)
    with pytest.raises(error, match=sentence) as raised:
        load_image_folder(folder, **arguments)
    assert "\n" not in str(raised.value)


def test_no_folder_and_no_classes(tmp_path):
    with pytest.raises(FileNotFoundError, match="There is no folder"):
        load_image_folder(tmp_path / "none")
    with pytest.raises(ValueError, match="a folder for each class"):
        load_image_folder(tmp_path)


def put(file, values):
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.asarray(values)).save(file)


@pytest.mark.parametrize("parts", [("train", "val", "test"), ("Training", "Testing"), ("train",), ("dev", "x", "test")])
def test_parts_of_a_data_set_are_no_classes(tmp_path, parts):
    for part in parts:
        put(tmp_path / part / "cat" / "1.png", grey()[0])
    with pytest.raises(ValueError, match=rf"parts of a data set .*: give .*such as {tmp_path / parts[0]}\."):
        load_image_folder(tmp_path)
    assert load_image_folder(tmp_path / parts[0])[1].tolist() == ["cat"]


def test_a_folder_around_the_classes_is_named(tmp_path):
    for name in ("cat", "dog"):
        put(tmp_path / "photos" / name / "1.png", grey()[0])
    with pytest.raises(ValueError, match=rf"photos alone, which holds folders: give {tmp_path / 'photos'}"):
        load_image_folder(tmp_path)


def test_what_is_no_image_is_left_out_by_name(folder):
    for name in ("labels.csv", "cat/readme.pdf", "dog/notes.txt"):
        (folder / name).write_text("text")
    with pytest.warns(UserWarning, match=r"left out, .*: labels\.csv, cat/readme\.pdf, dog/notes\.txt\.") as told:
        X, _ = load_image_folder(folder, size=np.int64(8))
    assert (len(told), len(X)) == (1, 5)


@pytest.mark.parametrize("pattern", ["images/*", "!masks/*", "!*mask*"])
def test_masks_are_left_out_by_a_pattern(tmp_path, pattern):
    put(tmp_path / "normal" / "images" / "0.png", grey()[3])
    for i, image in enumerate(grey()[:3]):
        put(tmp_path / "benign" / "images" / f"{i}.png", image)
        put(tmp_path / "benign" / "masks" / f"{i}.png", image > 100)
    X, _ = load_image_folder(tmp_path, mode="L", pattern=pattern)
    np.testing.assert_array_equal(X, grey()[:4])
    assert len(load_image_folder(tmp_path, mode="L", pattern="*")[1]) == 7


def test_what_is_transparent_shows_the_background(tmp_path):
    colours = np.full((8, 8, 4), 216, np.uint8)
    colours[..., 3] = 0  # hidden
    colours[2:6, 2:6] = [0, 0, 255, 255]
    put(tmp_path / "a" / "1.png", colours)
    for background, value in (("white", 255), ("#010101", 1)):
        X, _ = load_image_folder(tmp_path, background=background)
        assert np.unique(X[0, 0]).tolist() == [value]
        assert X[0, 3, 3].tolist() == [0, 0, 255]
        assert load_image_folder(tmp_path, mode="L", background=background)[0][0, 0, 0] == value
    np.testing.assert_array_equal(load_image_folder(tmp_path, mode="RGBA")[0][0], colours)


@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_twelve_bits_in_sixteen_stay_what_they_are(tmp_path, suffix):
    deep = np.linspace(0, 4095, 32 * 64).reshape(32, 8, 8).astype(np.uint16)
    for i, image in enumerate(deep):
        put(tmp_path / str(Y[i]) / f"{i:02d}.{suffix}", image)
    X, y = load_image_folder(tmp_path, mode="L")
    assert X.dtype == np.uint16
    np.testing.assert_array_equal(X, deep)
    assert load_image_folder(tmp_path, mode="L", size=4)[0].max() > 4000
    X_res, y_res = DeformationOverSampler(deformation="affine", random_state=0).fit_resample(X, y)
    assert X_res.dtype == np.uint16
    assert X_res.max() <= 4095
    save_image_folder(tmp_path / "balanced", X_res, y_res)
    assert load_image_folder(tmp_path / "balanced", mode="L")[0].sum() == X_res.sum()


def test_a_photograph_with_a_preview_is_one_image(tmp_path):
    (tmp_path / "a").mkdir()
    picture, preview = Image.new("RGB", (16, 16), "red"), Image.new("RGB", (8, 8))
    picture.save(tmp_path / "a" / "1.jpg", "MPO", save_all=True, append_images=[preview])
    assert load_image_folder(tmp_path)[0].shape == (1, 16, 16, 3)


def test_progress_is_shown_where_asked_for(folder, capsys):
    load_image_folder(folder, size=8)
    assert not capsys.readouterr().out
    X, y = load_image_folder(folder, size=8, verbose=1)
    save_image_folder(folder / "copy", X, y, verbose=1)
    told = capsys.readouterr().out
    assert "Reading images" in told
    assert "Writing images" in told


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
@pytest.mark.parametrize("as_pil", [False, True])
def test_what_is_written_is_read_again(folder, tmp_path, mode, as_pil):
    X, y = load_image_folder(folder, size=8, mode=mode)
    X = np.random.default_rng(0).integers(0, 256, X.shape, dtype=np.uint8)
    files = save_image_folder(tmp_path / "copy", [Image.fromarray(image) for image in X] if as_pil else X, y)
    assert [file.parent.name for file in files] == y.tolist()
    for ours, again in zip((X, y), load_image_folder(tmp_path / "copy", mode=mode), strict=True):
        np.testing.assert_array_equal(ours, again)


def test_a_folder_is_balanced_in_three_lines(tmp_path):
    save_image_folder(tmp_path / "seen", grey(), Y)
    X, y = load_image_folder(tmp_path / "seen", mode="L")
    X_res, y_res = DeformationOverSampler(random_state=0).fit_resample(X, y)
    save_image_folder(tmp_path / "balanced", X_res, y_res)
    assert {len(list(folder.iterdir())) for folder in (tmp_path / "balanced").iterdir()} == {20}


@pytest.mark.parametrize(
    ("X", "y", "error", "sentence"),
    [
        (grey(), Y[1:], ValueError, "32 images and 31 labels"),
        (grey(float), Y, ValueError, r"must be uint8 .* float64 .*astype\(np\.uint8\)"),
        (grey().reshape(32, -1), Y, ValueError, r"must be uint8 of shape \(H, W\)"),
        (np.zeros((32, 8, 8, 5), np.uint8), Y, ValueError, "up to 4 channels"),
        (in_mode("F"), Y, ValueError, "one is F: convert it first"),
        (grey(), [".."] * 32, ValueError, "'..' cannot"),
        (grey(), ["a/b"] * 32, ValueError, "'a/b' cannot"),
        (grey(), [""] * 32, ValueError, "'' cannot"),
    ],
)
def test_what_cannot_be_written_is_said_and_nothing_is(tmp_path, X, y, error, sentence):
    with pytest.raises(error, match=sentence):
        save_image_folder(tmp_path / "new", X, y)
    assert not (tmp_path / "new").exists()


def test_nothing_is_overwritten(tmp_path):
    save_image_folder(tmp_path, grey()[5:6], Y[5:6], prefix="new-")
    before = {file: file.read_bytes() for file in tmp_path.rglob("*.png")}
    with pytest.raises(FileExistsError, match=r"new-00000\.png is there already: give another folder, or a prefix"):
        save_image_folder(tmp_path, grey(), np.full(32, Y[5]), prefix="new-")
    assert {file: file.read_bytes() for file in tmp_path.rglob("*.png")} == before
