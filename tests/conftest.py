"""What several tests share: small data, and a sampler whose training takes a moment."""

import os
import re
from concurrent.futures import ThreadPoolExecutor

import hypothesis
import numpy as np
import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


# A busy machine is slow now and then; tests of time hold it against something else that is timed then.
hypothesis.settings.register_profile("any machine", deadline=None)
hypothesis.settings.load_profile("any machine")


def pytest_addoption(parser):
    parser.addoption(
        "--sklearn-config",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="run all tests under a global setting of scikit-learn, such as transform_output=pandas",
    )


# They begin first, the longest before all: one of them at the end would leave other processes with nothing to do.
LONGEST = ("parallel", "several_devices", "processes", "docs", "bits", "shapes", "sklearn_settings", "contract")


def _turn(item):
    name = item.path.stem.removeprefix("test_")
    return LONGEST.index(name) if name in LONGEST else len(LONGEST)


def pytest_report_header():
    return "All tests take about six minutes on two cores (make test)."


# Checks of scikit-learn and imbalanced-learn that LogisticRegression or SMOTE fails too under a setting: they expect an
# array from a scaler, or hand over what array API dispatch refuses.
_NOT_UNDER_PANDAS = ("sampler_get_feature_names_out", "classifiers_train")
THEIR_OWN_FAIL = {
    "transform_output=pandas": _NOT_UNDER_PANDAS,
    "transform_output=polars": (
        *_NOT_UNDER_PANDAS,
        *("estimators_unfitted", "classifiers_classes", "classifiers_regression_target"),
    ),
    "array_api_dispatch=True": ("classifier_data_not_an_array",),
}


def pytest_collection_modifyitems(config, items):
    items.sort(key=_turn)
    for setting in config.getoption("--sklearn-config"):
        checks = "|".join(THEIR_OWN_FAIL.get(setting, ()))
        skip = pytest.mark.skip(reason=f"LogisticRegression or SMOTE fails it too under {setting}")
        for item in items:
            if checks and re.search(rf"-check_({checks})[](]", item.name):
                item.add_marker(skip)


def pytest_configure(config):
    settings = dict(setting.split("=") for setting in config.getoption("--sklearn-config"))
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


def _in_a_thread_that_ends(function, **arguments):
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(function, **arguments).result()


@pytest.fixture
def two_blas_threads():
    """Where there is one to begin with, a limit that is left behind shows nothing.

    threadpoolctl lets the thread that set a limit keep others from setting theirs, as long as it lives.
    """
    from threadpoolctl import threadpool_limits

    limits = _in_a_thread_that_ends(threadpool_limits, limits=2, user_api="blas")
    yield
    _in_a_thread_that_ends(limits.restore_original_limits)


@pytest.fixture
def tiny():
    """Keyword arguments of a budget that trains for a moment."""
    return dict(TINY)
