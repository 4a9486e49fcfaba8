"""The contract of imbalanced-learn and scikit-learn, by their own suites, nothing expected to fail."""

import numpy as np
import pytest
from imblearn.over_sampling import RandomOverSampler
from imblearn.pipeline import make_pipeline
from imblearn.utils import estimator_checks as imblearn_checks
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_validate
from sklearn.utils import estimator_checks as sklearn_checks

from gan_oversampler import DeformationOverSampler, GANOverSampler
from gan_oversampler._rows.counts import rows_to_make

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore::gan_oversampler.SmallClassWarning"),
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning"),
]

SAMPLERS = [
    GANOverSampler(max_iter=2, batch_size=8, deformed_share=0.5, random_state=0),
    DeformationOverSampler(random_state=0),
]


@imblearn_checks.parametrize_with_checks(SAMPLERS)
def test_imbalanced_learn(estimator, check):
    check(estimator)


@sklearn_checks.parametrize_with_checks(SAMPLERS)
def test_scikit_learn(estimator, check):
    check(estimator)


@pytest.mark.parametrize("sampler", SAMPLERS, ids=lambda s: type(s).__name__)
@pytest.mark.parametrize(
    "check", [imblearn_checks.check_param_validation, imblearn_checks.check_dataframe_column_names_consistency]
)
def test_parameters_and_column_names(sampler, check):
    check(type(sampler).__name__, sampler)


@pytest.mark.parametrize("sampler", SAMPLERS, ids=lambda s: type(s).__name__)
def test_constraints_name_exactly_the_parameters(sampler):
    assert set(type(sampler)._parameter_constraints) == set(sampler.get_params())


def test_pipeline_caches_and_cross_validates(table, tiny, tmp_path):
    X, y = table
    pipeline = make_pipeline(GANOverSampler(random_state=0, **tiny), LogisticRegression(), memory=str(tmp_path))
    scores = cross_validate(pipeline, X, y, cv=2, error_score="raise")["test_score"]
    again = cross_validate(clone(pipeline), X, y, cv=2, error_score="raise")["test_score"]
    np.testing.assert_array_equal(scores, again)


def test_pipeline_takes_images(digits, tiny):
    X, y = digits
    flatten = RandomOverSampler()  # imbalanced-learn's own samplers refuse images; ours comes first
    X_res, y_res = GANOverSampler(random_state=0, **tiny).fit_resample(X.reshape(-1, 8, 8), y)
    assert flatten.fit_resample(X_res.reshape(len(X_res), -1), y_res)[0].shape == (180, 64)


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [
        ("auto", {0: 60, 1: 60, 2: 60}),
        ("minority", {0: 60, 1: 40, 2: 60}),
        ("not minority", {0: 60, 1: 60, 2: 20}),
        ("not majority", {0: 60, 1: 60, 2: 60}),
        ("all", {0: 60, 1: 60, 2: 60}),
        ({1: 45, 2: 20}, {0: 60, 1: 45, 2: 20}),
        ({0: 70, 2: 30}, {0: 70, 1: 40, 2: 30}),
        (lambda y: {2: 21}, {0: 60, 1: 40, 2: 21}),
    ],
)
def test_every_form_of_sampling_strategy(strategy, expected, tiny):
    y = np.repeat([0, 1, 2], [60, 40, 20])
    X = np.random.default_rng(0).normal(size=(120, 3))
    _, y_res = GANOverSampler(sampling_strategy=strategy, random_state=0, **tiny).fit_resample(X, y)
    assert dict(zip(*np.unique(y_res, return_counts=True), strict=True)) == expected


@pytest.mark.parametrize("n_majority", [7, 100, 1000])
def test_a_ratio_asks_for_the_rows_that_are_meant(n_majority):
    """Of 100 rows .29 is 28.999... in floats, which was cut to 28."""
    for n in range(2, n_majority + 1):
        labels = np.repeat([0, 1], [n_majority, n - 1])
        assert rows_to_make(n / n_majority, labels, "over-sampling") == {1: 1}, n
    labels = np.repeat([0, 1], [100, 28])
    assert rows_to_make(0.29, labels, "over-sampling") == {1: 1}
    assert rows_to_make(0.299, labels, "over-sampling") == {1: 1}
    with pytest.raises(ValueError, match="ratio required to remove samples"):
        rows_to_make(0.28, labels, "over-sampling")


def test_ratio_as_a_float(table, tiny):
    _, y_res = GANOverSampler(sampling_strategy=0.5, random_state=0, **tiny).fit_resample(*table)
    assert (y_res == 1).sum() == 45
