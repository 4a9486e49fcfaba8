"""Sparse tables of scipy: the rows are those of the dense table, in the user's own format."""

import json
import zipfile

import numpy as np
import pytest
from imblearn.over_sampling import SMOTE
from imblearn.pipeline import make_pipeline
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from gan_oversampler import (
    AutoOverSampler,
    DeformationOverSampler,
    FileFormatError,
    GANOverSampler,
    NotEnoughMemoryError,
)
from gan_oversampler._rows import result_memory
from gan_oversampler.inspection import TableDisplay

from .conftest import TINY

N, N_RARE = 90, 30
Y = np.repeat([0, 1], [N - N_RARE, N_RARE])
KINDS = {name: getattr(sparse, name) for name in ("csr_array", "csr_matrix", "csc_array", "csc_matrix")}
kinds = pytest.mark.parametrize("kind", KINDS)


def dense_table(dtype=np.float64):
    rng = np.random.default_rng(0)
    return np.where(rng.random((N, 4)) < 0.6, 0, rng.integers(1, 100, (N, 4))).astype(dtype)


def samplers():
    return [DeformationOverSampler(random_state=0), GANOverSampler(random_state=0, **TINY)]


@kinds
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int16, bool])
def test_rows_are_those_of_the_dense_table_in_the_format_of_x(kind, dtype):
    dense = dense_table(dtype)
    X = KINDS[kind](dense)
    for sampler in samplers() if dtype is np.float64 else samplers()[:1]:
        expected, _ = sampler.fit_resample(dense, Y)
        X_res, y_res = sampler.fit_resample(X, Y)
        assert type(X_res) is type(X)
        assert X_res.dtype == dtype
        np.testing.assert_array_equal(X_res.toarray(), expected)
        assert len(y_res) == X_res.shape[0] == 2 * (N - N_RARE)
        assert (X_res[:N] != X).nnz == 0
    np.testing.assert_array_equal(X.toarray(), dense)


@kinds
def test_more_rows_and_files_keep_the_format(kind, tmp_path):
    sampler = DeformationOverSampler(random_state=0).fit(KINDS[kind](dense_table()), Y)
    sampler.save(tmp_path / "sampler.zip")
    loaded = DeformationOverSampler.load(tmp_path / "sampler.zip").sample(9, 1)
    assert type(loaded) is KINDS[kind]
    np.testing.assert_array_equal(loaded.toarray(), sampler.sample(9, 1).toarray())
    assert [rows.shape for rows in sampler.iter_samples(5, 1, chunk_size=3)] == [(3, 4), (2, 4)]
    assert TableDisplay.from_estimator(sampler, KINDS[kind](dense_table()), Y, 1).real.shape == (N_RARE, 4)


@pytest.mark.parametrize(
    ("key", "value", "what"),
    [("row_shape", [2, 2], "row shape"), ("kind", "lil_array", "list of dtypes"), ("kind", ["x"], "list of dtypes")],
)
def test_a_file_of_sparse_images_or_of_no_known_kind_is_refused(tmp_path, key, value, what):
    path = tmp_path / "sampler.zip"
    DeformationOverSampler(random_state=0).fit(sparse.csr_array(dense_table()), Y).save(path)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    described = json.loads(members["sampler.json"])
    described["row_format"][key] = value
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("sampler.json", json.dumps(described))
        archive.writestr("arrays.npz", members["arrays.npz"])
    with pytest.raises(FileFormatError, match=f"Its {what} is not what"):
        DeformationOverSampler.load(path)


def test_texts_through_a_vectorizer_in_a_pipeline():
    texts = [f"{word} {number % 7} and {number % 5}" for number, word in enumerate(np.where(Y, "rare", "common"))]
    for sampler in (SMOTE(random_state=0), DeformationOverSampler(random_state=0)):
        model = make_pipeline(TfidfVectorizer(), sampler, LogisticRegression()).fit(texts, Y)
        assert model.score(texts, Y) == 1


@pytest.mark.parametrize("name", ["lil", "dok", "bsr"])
def test_another_format_is_refused_with_the_call_that_converts(name):
    X = sparse.csr_array(dense_table()).asformat(name)
    with pytest.raises(ValueError, match=rf"X is a sparse {name}_array, .* are expected: give X.tocsr\(\)"):
        DeformationOverSampler().fit_resample(X, Y)
    assert DeformationOverSampler().fit_resample(X.tocsr(), Y)[0].format == "csr"


def test_a_dense_table_beyond_memory_is_refused_before_it_is_made(monkeypatch):
    X = sparse.csr_array((N, 10**7))
    monkeypatch.setattr(result_memory, "available", lambda: 2.0**30)
    monkeypatch.setattr(type(X), "toarray", lambda self: pytest.fail("the dense table was made"))
    with pytest.raises(NotEnoughMemoryError, match=r"Sparse X, .* needs about 6.706 GiB .* such as SMOTE"):
        DeformationOverSampler().fit_resample(X, Y)


def test_the_sampler_that_tries_classifiers_says_to_make_it_dense():
    with pytest.raises(TypeError, match="toarray"):
        AutoOverSampler().fit_resample(sparse.csr_array(dense_table()), Y)
