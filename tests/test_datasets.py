"""MNIST and its relatives from files, tables from CSV, and one class made rare."""

import gzip
import struct
import sys
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from gan_oversampler import datasets
from gan_oversampler.datasets import (
    load_fashion_mnist,
    load_medmnist,
    load_mnist,
    load_solar_cells,
    load_table,
    make_rare,
    one_vs_rest,
    rows_kept,
)


@pytest.fixture
def mnist_file(tmp_path):
    rng = np.random.default_rng(0)
    path = tmp_path / "mnist.npz"
    images = rng.integers(0, 256, (6, 28, 28), dtype=np.uint8)
    labels = np.arange(6, dtype=np.uint8)
    np.savez(path, x_train=images[:4], y_train=labels[:4], x_test=images[4:], y_test=labels[4:])
    return path, images


def test_mnist_from_a_file_or_the_environment(mnist_file, monkeypatch):
    path, images = mnist_file
    monkeypatch.setenv(datasets.MNIST_VARIABLE, str(path))
    for X, y in (load_mnist(path), load_mnist()):
        assert X.dtype == np.uint8
        np.testing.assert_array_equal(X, images)
        np.testing.assert_array_equal(y, np.arange(6))


def test_mnist_says_what_is_wrong_with_a_file(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"mnist\.npz"):
        load_mnist(tmp_path / "no.npz")
    np.savez(tmp_path / "other.npz", x=np.zeros(2))
    with pytest.raises(ValueError, match="must hold the arrays x_train"):
        load_mnist(tmp_path / "other.npz")


def test_mnist_offline_says_how_to_give_a_file(monkeypatch):
    monkeypatch.delenv(datasets.MNIST_VARIABLE, raising=False)

    def offline(*args, **kwargs):
        raise OSError("no route to host")

    monkeypatch.setattr("sklearn.datasets.fetch_openml", offline)
    with pytest.raises(ConnectionError, match="GAN_OVERSAMPLER_MNIST"):
        load_mnist()


def idx(array):
    """The bytes of an idx file: two zeros, 8 for bytes, the number of axes, big-endian sizes, the values."""
    return struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.tobytes()


def write_fashion(folder, compress):
    rng = np.random.default_rng(0)
    images, labels = rng.integers(0, 256, (6, 28, 28), dtype=np.uint8), np.array([9, 1, 2, 3, 4, 0], np.uint8)
    for part, rows in {"train": slice(0, 4), "t10k": slice(4, 6)}.items():
        for name, array in {"images-idx3": images[rows], "labels-idx1": labels[rows]}.items():
            if compress:
                (folder / f"{part}-{name}-ubyte.gz").write_bytes(gzip.compress(idx(array)))
            else:
                (folder / f"{part}-{name}-ubyte").write_bytes(idx(array))
    return images, labels


@pytest.mark.parametrize("compress", [True, False])
def test_fashion_mnist_from_the_files_of_its_authors(tmp_path, compress):
    images, labels = write_fashion(tmp_path, compress)
    X, y = load_fashion_mnist(tmp_path)
    assert (X.dtype, y.dtype) == (np.uint8, np.int64)
    np.testing.assert_array_equal(X, images)
    np.testing.assert_array_equal(y, labels)


def test_fashion_mnist_from_an_npz_file(mnist_file):
    path, images = mnist_file
    np.testing.assert_array_equal(load_fashion_mnist(path)[0], images)


def test_fashion_mnist_says_what_is_wrong_with_its_files(tmp_path):
    write_fashion(tmp_path, compress=True)
    path = tmp_path / "train-labels-idx1-ubyte.gz"
    whole = path.read_bytes()
    for content, message in {
        whole[:-9]: "damaged gzip file",
        gzip.compress(idx(np.zeros((4, 1), np.uint8))): "begins with 00 00 08 02",
        gzip.compress(idx(np.zeros(4, np.uint8))[:-1]): "must hold 4 bytes after its header, but holds 3",
        gzip.compress(b"\0\0\x08\x01\0"): "bytes after its header",
        gzip.compress(idx(np.zeros(3, np.uint8))): "4 images for 3 labels",
    }.items():
        path.write_bytes(content)
        with pytest.raises(ValueError, match=message):
            load_fashion_mnist(tmp_path)
    path.unlink()
    with pytest.raises(FileNotFoundError, match=r"must hold train-labels-idx1-ubyte or train-labels-idx1-ubyte\.gz"):
        load_fashion_mnist(tmp_path)
    with pytest.raises(FileNotFoundError, match="four idx files"):
        load_fashion_mnist(tmp_path / "nowhere")


def test_fashion_mnist_through_keras_or_a_sentence(monkeypatch):
    import keras

    pair = np.zeros((2, 28, 28), np.uint8), np.array([3, 4], np.uint8)
    monkeypatch.setattr(keras.datasets.fashion_mnist, "load_data", lambda: (pair, pair))
    X, y = load_fashion_mnist()
    assert X.shape == (4, 28, 28)
    assert y.tolist() == [3, 4, 3, 4]

    def offline():
        raise Exception("URL fetch failure")

    monkeypatch.setattr(keras.datasets.fashion_mnist, "load_data", offline)
    with pytest.raises(ConnectionError, match="name a folder that holds its four files"):
        load_fashion_mnist()


def medmnist_arrays(shape=(28, 28), n_labels=1):
    rng = np.random.default_rng(0)
    sizes = {"train": 5, "val": 2, "test": 3}
    images = {f"{part}_images": rng.integers(0, 256, (n, *shape), dtype=np.uint8) for part, n in sizes.items()}
    return images | {f"{part}_labels": rng.integers(0, 2, (n, n_labels), dtype=np.uint8) for part, n in sizes.items()}


@pytest.mark.parametrize("shape", [(28, 28), (64, 64, 3)])
def test_medmnist_from_a_file(tmp_path, shape):
    arrays = medmnist_arrays(shape)
    np.savez(tmp_path / "some.npz", **arrays)
    X, y = load_medmnist(tmp_path / "some.npz")
    assert (X.dtype, y.dtype, y.shape) == (np.uint8, np.int64, (10,))
    np.testing.assert_array_equal(X, np.concatenate([arrays[f"{part}_images"] for part in ("train", "val", "test")]))
    np.testing.assert_array_equal(y[5:7], arrays["val_labels"][:, 0])


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        (medmnist_arrays((28, 28, 28)), "only grey and RGB images"),
        (medmnist_arrays(n_labels=14), "must have one label an image"),
        ({"x": np.zeros(2)}, "must hold the arrays train_images"),
    ],
)
def test_medmnist_says_what_it_cannot_load(tmp_path, arrays, message):
    np.savez(tmp_path / "some.npz", **arrays)
    with pytest.raises(ValueError, match=message):
        load_medmnist(tmp_path / "some.npz")


def test_medmnist_by_name_needs_its_package(tmp_path, monkeypatch):
    with pytest.raises(FileNotFoundError, match="name an npz file of MedMNIST"):
        load_medmnist(tmp_path / "no.npz")
    monkeypatch.setitem(sys.modules, "medmnist", None)
    with pytest.raises(FileNotFoundError, match="install the package medmnist"):
        load_medmnist("pneumoniamnist")
    arrays = medmnist_arrays()

    def some(split, download):
        assert download
        return SimpleNamespace(imgs=arrays[f"{split}_images"], labels=arrays[f"{split}_labels"])

    package = SimpleNamespace(INFO={"some": {"python_class": "Some"}}, Some=some)
    monkeypatch.setitem(sys.modules, "medmnist", package)
    assert load_medmnist("some")[0].shape == (10, 28, 28)
    with pytest.raises(FileNotFoundError, match=r"MedMNIST has only \['some'\]"):
        load_medmnist("other")


def test_table_has_numbers_and_a_column_for_each_value_of_text(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("a,b,Class\n1.5,x,positive\n2,y,negative\n3,x, negative\n")
    X, y = load_table(path)
    np.testing.assert_array_equal(X, [[1.5, 1, 0], [2, 0, 1], [3, 1, 0]])
    assert y.tolist() == ["positive", "negative", "negative"]


@pytest.mark.parametrize("blank", ["", " ", "?", "NA", "null", "nan"])
def test_a_blank_cell_leaves_a_column_of_numbers_one_of_numbers(tmp_path, blank):
    path = tmp_path / "table.csv"
    lines = [f"{i}.5,{'x' if i % 2 else blank},no" for i in range(300)]
    path.write_text("\n".join(["a,b,Class", f"{blank},x,yes", *lines]) + "\n")
    X, _ = load_table(path)
    assert X.shape == (301, 3)  # the column of text has its blank cells as a value
    assert np.isnan(X[0, 0])
    np.testing.assert_array_equal(X[1:, 0], np.arange(300) + 0.5)
    assert X[0, 1:].tolist() == [0, 1]


FRAME = pd.DataFrame({"a": np.arange(60) / 8 - 2, "b": np.arange(60) % 7, "class": ["nö", "ok", "ok"] * 20})


@pytest.mark.parametrize("layout", [{}, {"sep": ";"}, {"sep": ";", "decimal": ","}, {"sep": "\t"}, {"sep": "|"}])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_a_table_is_read_however_it_was_written(tmp_path, layout, encoding):
    FRAME.to_csv(tmp_path / "t.csv", index=False, encoding=encoding, **layout)
    X, y = load_table(tmp_path / "t.csv")
    np.testing.assert_array_equal(X, FRAME[["a", "b"]])
    assert y.tolist() == FRAME["class"].tolist()


@pytest.mark.parametrize("target", ["class", 0, -3])
def test_the_class_may_stand_in_any_column(tmp_path, target):
    FRAME[["class", "a", "b"]].to_csv(tmp_path / "t.csv", index=False)
    X, y = load_table(tmp_path / "t.csv", target=target)
    np.testing.assert_array_equal(X, FRAME[["a", "b"]])
    assert y.tolist() == FRAME["class"].tolist()


def test_without_a_header_no_row_is_lost(tmp_path):
    FRAME.to_csv(tmp_path / "t.csv", index=False, header=False)
    with pytest.warns(UserWarning, match=r"t\.csv has no header: the class of its first row, 'nö'"):
        X, _ = load_table(tmp_path / "t.csv")
    np.testing.assert_array_equal(X, FRAME[["a", "b"]])


@pytest.mark.parametrize("text", ["-", "n.a.", "oops"])
def test_a_few_texts_among_numbers_are_missing_and_said_once(tmp_path, text):
    spoilt = FRAME.astype(object)
    spoilt.loc[3, ["a", "b"]] = text
    spoilt.to_csv(tmp_path / "t.csv", index=False)
    with pytest.warns(UserWarning, match=rf"taken as missing, in a \('{text}'\), b \('{text}'\)\.") as told:
        X, _ = load_table(tmp_path / "t.csv")
    assert len(told) == 1
    assert np.argwhere(np.isnan(X)).tolist() == [[3, 0], [3, 1]]


def column_of(*values):
    return FRAME.assign(b=[values[i % len(values)] for i in range(60)]).to_csv(index=False)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (FRAME.to_csv(index=False) + "1,2,\n3,4,?\n", "class is blank in 2, the first in line 62"),
        (FRAME.to_csv(index=False) + "1,ok\n", "must have 3 cells a row, as in the first, but line 62 has 2"),
        (column_of("2020-01-05", "2020-1-31 12:30"), "column b holds dates or times, such as 2020-01-05: turn each"),
        (column_of("31.12.2020", "", "05.Jan.2021"), "column b holds dates"),
        (column_of("12/31/20", "1/2/2020 1:00 PM"), "column b holds dates"),
        (column_of("12:30", "1:30:10.5"), "column b holds dates or times"),
        (
            column_of(*[f"{i}@post" for i in range(60)]),
            "column b holds another text in each row, such as 0@post",
        ),
        (FRAME[["class", "a", "b"]].to_csv(index=False), r"last column, but that is b, and class is .*target='class'"),
        (FRAME[["b", "a"]].to_csv(index=False), "must have classes in the column a, but it holds 60 different values"),
        (
            "a b class\n1 2 ok\n",
            "must have a header, rows, and at least one column .* divided by commas",
        ),
        ("PK\0\3\4", "is no text: write the table as CSV first"),
        ('a,b\n1,"' + "x" * 150_000, "cannot be read as CSV .*: look for a quotation mark"),
    ],
)
def test_what_a_table_cannot_be_read_from_is_said_in_one_sentence(tmp_path, text, sentence):
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises(ValueError, match=sentence) as raised:
        load_table(tmp_path / "t.csv")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(("target", "sentence"), [("x", "one column 'x', but .* a, b, class"), (3, "target=3")])
def test_a_class_that_is_not_there_is_said(tmp_path, target, sentence):
    FRAME.to_csv(tmp_path / "t.csv", index=False)
    with pytest.raises(ValueError, match=sentence):
        load_table(tmp_path / "t.csv", target=target)


def test_an_empty_table_is_refused(tmp_path):
    (tmp_path / "empty.csv").write_text("a,Class\n")
    with pytest.raises(ValueError, match="must have a header, rows"):
        load_table(tmp_path / "empty.csv")


@pytest.mark.parametrize("n_minority", [3, 0.3])
def test_making_rare_keeps_the_rest_and_loses_no_row(n_minority):
    X, y = np.arange(30)[:, None], np.repeat([0, 1, 2], 10)
    rare = make_rare(X, y, minority=1, n_minority=n_minority, random_state=0)
    assert np.bincount(rare.y).tolist() == [10, 3, 10]
    np.testing.assert_array_equal(y[rare.X[:, 0]], rare.y)
    assert sorted(np.concatenate([rare.X, rare.X_removed])[:, 0]) == list(range(30))
    again = make_rare(pd.DataFrame(X), y, minority=1, n_minority=n_minority, random_state=0)
    np.testing.assert_array_equal(again.X.to_numpy(), rare.X)


@pytest.mark.parametrize("n_minority", [1, 11, 0.01])
def test_an_impossible_number_of_rows_is_refused(n_minority):
    with pytest.raises(ValueError, match=r"give a number from 2 to 10"):
        rows_kept(n_minority, 10)


def test_one_against_the_rest():
    assert one_vs_rest(np.array(["a", "b"]), "b").tolist() == [0, 1]


# -- solar cells -----------------------------------------------------------------------------------------------------


def test_solar_cells_are_means_of_the_packages_own(monkeypatch):
    rng = np.random.default_rng(0)
    large = rng.integers(0, 256, (3, 300, 300), np.uint8)
    utils = SimpleNamespace(load_dataset=lambda: (large, np.array([0.0, 0.3333, 1.0]), np.array(["mono"] * 3)))
    monkeypatch.setitem(sys.modules, "elpv_dataset.utils", utils)
    images, probability = load_solar_cells(size=60)
    assert (images.shape, images.dtype) == ((3, 60, 60), np.uint8)
    np.testing.assert_allclose(images, large.reshape(3, 60, 5, 60, 5).mean((2, 4)), atol=1)
    np.testing.assert_array_equal(probability, [0, 1 / 3, 1])


def test_solar_cells_without_their_package_name_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "elpv_dataset.utils", None)
    with pytest.raises(ImportError, match="pip install elpv-dataset"):
        load_solar_cells()


@pytest.mark.parametrize("size", [3, 301, 32.0, "64", (32, 32)])
def test_solar_cells_have_a_sensible_size(size):
    with pytest.raises(ValueError, match="size must be a whole number of pixels from 4 to 300"):
        load_solar_cells(size)


def test_real_solar_cells():
    pytest.importorskip("elpv_dataset", reason="needs the package elpv-dataset (pip install elpv-dataset)")
    images, probability = load_solar_cells(size=32)
    assert images.shape == (2624, 32, 32)
    assert np.unique(np.round(3 * probability), return_counts=True)[1].tolist() == [1508, 295, 106, 715]
