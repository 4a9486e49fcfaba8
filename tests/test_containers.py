"""Each kind of container: its numbers give its rows back, and it is asked once what it is."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from PIL import Image
from scipy import sparse

from gan_oversampler import AutoOverSampler, DeformationOverSampler
from gan_oversampler._rows.containers import BY_KIND, container_of
from gan_oversampler._rows.containers.pandas_frames import PandasFrame

IMAGES = np.random.default_rng(0).integers(0, 256, (6, 8, 9), np.uint8)
TABLE = np.random.default_rng(1).integers(0, 3, (6, 4)).astype(np.float32)
FRAME = {"real": [0.5, None, 2.5, 1.0], "word": ["a", "b", "a", None], "whole": [1, 2, 3, 4]}
EXAMPLES = {
    "array": IMAGES,
    "list": [[1, 0.5, True, "a"], [2, 1.5, False, "b"], [3, None, True, "a"]],
    "rows": list(TABLE),
    "images": list(IMAGES),
    "PIL images": list(map(Image.fromarray, IMAGES)),
    "dataframe": pd.DataFrame(FRAME),
    "other dataframe": pl.DataFrame(FRAME),
    **{kind: getattr(sparse, kind)(TABLE) for kind in ("csr_array", "csr_matrix", "csc_array", "csc_matrix")},
}


def told(X):
    """Type and values, to compare."""
    if isinstance(X, pd.DataFrame | pl.DataFrame):
        return type(X), str(X.dtypes), X.to_dict(orient="list") if isinstance(X, pd.DataFrame) else X.to_dicts()
    if sparse.issparse(X):
        return type(X), X.dtype, X.toarray().tolist()
    if isinstance(X, np.ndarray):
        return type(X), X.dtype, X.tolist()
    return type(X), [told(row) if isinstance(row, np.ndarray | Image.Image) else row for row in map(as_row, X)]


def as_row(row):
    return (row.mode, np.asarray(row).tolist()) if isinstance(row, Image.Image) else row


def test_every_kind_has_an_example():
    assert EXAMPLES.keys() == BY_KIND.keys()


@pytest.mark.parametrize("kind", BY_KIND)
def test_rows_that_are_built_from_the_numbers_of_x_are_x(kind):
    X = EXAMPLES[kind]
    container = container_of(X)
    assert type(container) is BY_KIND[kind]
    dense = container.dense()
    numbers, codings = dense.read([None] * dense.X.shape[1])
    form = container.form(np.asarray(numbers), codings)
    assert form.kind == kind
    n = len(numbers)
    rows = form.build(np.asarray(numbers).reshape(n, -1))
    assert repr(told(rows)) == repr(told(X))
    both = container.append(rows)
    again = np.asarray(container_of(both).dense().read([None] * dense.X.shape[1])[0])
    np.testing.assert_array_equal(again, np.concatenate([numbers, numbers]))
    assert len(container.first().dense().X) == 1


def test_x_is_asked_once_what_it_is(monkeypatch):
    asked, holds = [], PandasFrame.holds
    monkeypatch.setattr(PandasFrame, "holds", lambda X: asked.append(X is frame) or holds(X))
    frame = pd.DataFrame(np.random.default_rng(0).normal(size=(40, 2)), columns=["a", "b"])
    DeformationOverSampler(random_state=0).fit_resample(frame, np.arange(40) < 10)
    assert asked == [True]


@pytest.mark.parametrize("sampler", [DeformationOverSampler(), AutoOverSampler()], ids=["ours", "auto"])
def test_a_dict_of_columns_is_refused_in_one_sentence(sampler):
    with pytest.raises(ValueError, match=r"it is a dict: give pandas\.DataFrame\(X\)"):
        sampler.fit_resample({"a": [1.0, 2.0, 3.0]}, [0, 1, 1])
