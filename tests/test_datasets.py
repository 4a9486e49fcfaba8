"""MNIST from a file, tables from CSV, and one class made rare."""

import numpy as np
import pandas as pd
import pytest

from gan_oversampler import datasets
from gan_oversampler.datasets import load_mnist, load_table, make_rare, one_vs_rest, rows_kept


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
