"""What several tests share: small data, and a sampler whose training takes a moment."""

import os
import re

import numpy as np
import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def pytest_addoption(parser):
    parser.addoption(
        "--sklearn-config",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="run all tests under a global setting of scikit-learn, such as transform_output=pandas",
    )


# LogisticRegression or SMOTE fails these checks of scikit-learn and imbalanced-learn too, under another output than
# arrays or under array API dispatch: the checks expect an array from a scaler, or hand over what dispatch refuses.
ARRAYS_ONLY = re.compile(
    "-check_(sampler_get_feature_names_out|estimators_unfitted|classifiers_classes|classifiers_train"
    r"|classifiers_regression_target|classifier_data_not_an_array)[](]"
)


def _settings(config):
    return dict(setting.split("=") for setting in config.getoption("--sklearn-config"))


def pytest_collection_modifyitems(config, items):
    if {"transform_output", "array_api_dispatch"} & set(_settings(config)):
        skip = pytest.mark.skip(reason="scikit-learn's or imbalanced-learn's own estimators fail it under this setting")
        for item in filter(lambda item: ARRAYS_ONLY.search(item.name), items):
            item.add_marker(skip)


def pytest_configure(config):
    settings = _settings(config)
    if "array_api_dispatch" in settings:
        os.environ["SCIPY_ARRAY_API"] = "1"  # SciPy reads it when it is imported
    if settings:
        import sklearn

        sklearn.set_config(**{name: {"True": True}.get(value, value) for name, value in settings.items()})


TINY = {"max_iter": 3, "batch_size": 8, "latent_dim": 8, "deformed_share": 0}


@pytest.fixture(scope="session")
def digits():
    """Images of threes (rare) and fours: (X of shape (n, 64), y)."""
    from sklearn.datasets import load_digits

    X, y = load_digits(return_X_y=True)
    rare = np.flatnonzero(y == 3)[:40]
    common = np.flatnonzero(y == 4)[:90]
    rows = np.concatenate([rare, common])
    return X[rows], y[rows]


@pytest.fixture(scope="session")
def table():
    """Imbalanced table: (X of shape (120, 5) float64, y with 30 ones)."""
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1], [90, 30])
    return rng.normal(size=(120, 5)) + y[:, None], y


@pytest.fixture(scope="module")
def one_thread():
    """Small matrices on several threads of a busy machine cost many times as much."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        yield


@pytest.fixture
def tiny():
    """Keyword arguments of a budget that trains for a moment."""
    return dict(TINY)
