"""Weights alongside: those of the originals come back, new rows get their class's mean or the share asked for."""

import numpy as np
import pandas as pd
import pytest
from imblearn.pipeline import make_pipeline
from sklearn import config_context
from sklearn.exceptions import UnsetMetadataPassedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_validate

from gan_oversampler import DeformationOverSampler, GANOverSampler
from gan_oversampler._samplers.fit import Fit

pytestmark = pytest.mark.filterwarnings(
    "ignore::gan_oversampler.SmallClassWarning", "ignore::sklearn.exceptions.ConvergenceWarning"
)
WEIGHT_CONTAINERS = {
    "array": lambda w: w,
    "float32": lambda w: w.astype(np.float32),
    "list": lambda w: w.tolist(),
    "series": lambda w: pd.Series(w, index=np.arange(len(w))[::-1]),
    "nullable": lambda w: pd.Series(w, dtype="Float64"),
}
LABELS = {
    "numbers": lambda y: y,
    "strings": lambda y: np.array(["many", "few", "fewer"])[y],
    "column": lambda y: y[:, None],
    "one-hot": lambda y: np.eye(3, dtype=int)[y],
}


@pytest.fixture
def weighted():
    """A table of three classes in random order, and weights in eighths: (X, y, weights)."""
    rng = np.random.default_rng(0)
    y = rng.permutation(np.repeat([0, 1, 2], [40, 20, 12]))
    return rng.normal(size=(len(y), 3)), y, rng.integers(0, 40, len(y)) / 8


@pytest.mark.parametrize("labels", LABELS.values(), ids=LABELS)
@pytest.mark.parametrize("container", WEIGHT_CONTAINERS.values(), ids=WEIGHT_CONTAINERS)
def test_originals_keep_their_weight_and_new_rows_get_their_classs_mean(weighted, container, labels):
    X, y, weights = weighted
    given = container(weights)
    sampler = DeformationOverSampler(random_state=0)
    X_res, _ = sampler.fit_resample(X, labels(y), sample_weight=given)
    assert sampler.sample_weight_.dtype == np.float64
    np.testing.assert_array_equal(sampler.sample_weight_[: len(X)], weights)
    assert len(sampler.sample_weight_) == len(X_res)
    new, parents = sampler.sample_weight_[len(X) :], sampler.parent_indices_[len(X) :]
    for label in (1, 2):
        np.testing.assert_allclose(new[y[parents] == label], weights[y == label].mean())
    pd.testing.assert_series_equal(pd.Series(given), pd.Series(container(weights)))


@pytest.mark.parametrize("relative", [0, 0.25, 1, 3.0])
@pytest.mark.parametrize("with_weights", [True, False])
def test_new_rows_of_a_class_weigh_together_what_is_asked_for(weighted, relative, with_weights):
    X, y, weights = weighted
    weights = weights if with_weights else None
    sampler = DeformationOverSampler(synthetic_weight=relative, random_state=0)
    _, y_res = sampler.fit_resample(X, y, sample_weight=weights)
    is_new = sampler.synthetic_mask_
    for label in (1, 2):
        real, new = (sampler.sample_weight_[(y_res == label) & mask] for mask in (~is_new, is_new))
        assert new.sum() == pytest.approx(relative * real.sum())
        assert np.ptp(new) == 0


def test_without_weights_all_rows_weigh_one(table):
    sampler = DeformationOverSampler(random_state=0)
    X_res, _ = sampler.fit_resample(*table)
    np.testing.assert_array_equal(sampler.sample_weight_, np.ones(len(X_res)))


def test_rows_do_not_depend_on_weights(weighted, tiny):
    X, y, weights = weighted
    rows = [
        GANOverSampler(synthetic_weight=relative, random_state=0, **tiny).fit_resample(X, y, sample_weight=given)[0]
        for relative, given in ((None, None), (None, weights), (0.5, weights))
    ]
    np.testing.assert_array_equal(rows[0], rows[1])
    np.testing.assert_array_equal(rows[0], rows[2])


BAD = {
    "too few": (lambda w: w[:-1], r"each of the 72 rows of X, but its shape is \(71,\)"),
    "two dimensions": (lambda w: w[:, None], r"its shape is \(72, 1\)"),
    "one number": (lambda w: 1.0, r"its shape is \(\)"),
    "negative": (lambda w: w - 10, "finite numbers from 0 up"),
    "NaN": (lambda w: np.where(w > 1, np.nan, w), "finite numbers from 0 up"),
    "missing": (lambda w: pd.Series(w, dtype="Float64").where(w > 1), "sample_weight must hold"),
    "text": (lambda w: ["heavy"] * len(w), "must hold a number for each row"),
}


@pytest.mark.parametrize(("spoil", "sentence"), BAD.values(), ids=BAD)
def test_wrong_weights_are_refused_before_training(weighted, monkeypatch, spoil, sentence):
    X, y, weights = weighted
    monkeypatch.setattr(Fit, "resample", lambda *_: pytest.fail("trained"))
    with pytest.raises(ValueError, match=sentence):
        DeformationOverSampler().fit_resample(X, y, sample_weight=spoil(weights))


@pytest.mark.parametrize("relative", [-0.1, "1", np.nan])
def test_a_wrong_synthetic_weight_is_refused(table, relative):
    with pytest.raises(ValueError, match="synthetic_weight"):
        DeformationOverSampler(synthetic_weight=relative).fit_resample(*table)


def asking_pipeline(sampler):
    """The sampler takes the weights; the classifier must not, since they are those of the rows of before."""
    classifier = LogisticRegression().set_fit_request(sample_weight=False).set_score_request(sample_weight=True)
    return make_pipeline(sampler.set_fit_resample_request(sample_weight=True), classifier)


@pytest.mark.parametrize("kind", [DeformationOverSampler, GANOverSampler])
def test_weights_are_routed_to_the_sampler_of_a_pipeline(weighted, tiny, kind):
    X, y, weights = weighted
    with config_context(enable_metadata_routing=True):
        pipeline = asking_pipeline(kind(**(tiny if kind is GANOverSampler else {})))
        pipeline.fit(X, y, sample_weight=weights)
        np.testing.assert_array_equal(pipeline[0].sample_weight_[: len(X)], weights)
        with pytest.raises(UnsetMetadataPassedError, match="sample_weight"):
            make_pipeline(kind(), LogisticRegression()).fit(X, y, sample_weight=weights)


def test_weights_are_routed_through_cross_validation(weighted):
    X, y, weights = weighted
    with config_context(enable_metadata_routing=True):
        pipeline = asking_pipeline(DeformationOverSampler())
        found = cross_validate(
            pipeline, X, y, cv=2, params={"sample_weight": weights}, return_estimator=True, return_indices=True
        )
    for model, train in zip(found["estimator"], found["indices"]["train"], strict=True):
        np.testing.assert_array_equal(model[0].sample_weight_[: len(train)], weights[train])


def test_a_loaded_sampler_knows_the_parameter_and_no_weights(weighted, tiny, tmp_path):
    X, y, weights = weighted
    sampler = GANOverSampler(synthetic_weight=0.5, random_state=0, **tiny)
    sampler.fit_resample(X, y, sample_weight=weights)
    sampler.save(tmp_path / "sampler.zip")
    loaded = GANOverSampler.load(tmp_path / "sampler.zip")
    assert loaded.synthetic_weight == 0.5
    assert not hasattr(loaded, "sample_weight_")
