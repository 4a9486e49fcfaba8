"""scikit-learn's global settings are the user's: what the package computes inside is the same under each of them.

`pytest --sklearn-config transform_output=polars` runs any test under a setting; here is a cross-section under each.
"""

import ast
import functools
import importlib
import json
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
import sklearn
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import gan_oversampler
from gan_oversampler import GANOverSampler
from gan_oversampler.comparison import compare_samplers
from gan_oversampler.inspection import TableDisplay

from .conftest import TINY
from .test_bits import digest
from .test_processes import run

FILES = sorted(Path(gan_oversampler.__file__).parent.rglob("*.py"))
SETTINGS = [{"transform_output": "pandas"}, {"transform_output": "polars"}, {"enable_metadata_routing": True}]

# -- a cross-section of what uses scikit-learn inside ----------------------------------------------------


def small_table():
    y = np.repeat([0, 1], [90, 30])
    return np.random.default_rng(0).normal(size=(120, 5)) + y[:, None], y


def small_images():
    digits = load_digits()
    kept = np.concatenate([np.flatnonzero(digits.target == 3)[:60], np.flatnonzero(digits.target == 4)[:90]])
    return digits.images[kept], digits.target[kept]


def of_images():
    """The rows that a fit gives, and what the quality report says of them."""
    sampler = GANOverSampler(random_state=0, **TINY)
    rows, _ = sampler.fit_resample(*small_images())
    report = sampler.quality_report_[3]
    return {"rows": digest(rows), "scores": [*report.scores.values(), *report.reference.values()]}


def of_a_table():
    """The rows that a fit gives, and where a display shows them."""
    X, y = small_table()
    sampler = GANOverSampler(random_state=0, **TINY)
    rows, _ = sampler.fit_resample(X, y)
    display = TableDisplay.from_estimator(sampler, X, y, 1).plot()
    plt.close(display.figure_)
    points = np.concatenate([collection.get_offsets() for collection in np.ravel(display.axes_)[-1].collections])
    return {"rows": digest(rows), "scores": points.ravel().tolist()}


def of_a_comparison():
    """Average precision of each method, with a pipeline of the user's and one that the package makes."""
    settings = {"n_draws": 1, "n_classifier_seeds": 1, "learning_curve": False, "threshold_size": None}
    settings |= {"methods": ["class weights"], "random_state": 0}
    own = make_pipeline(StandardScaler(), LogisticRegression())
    parts = [compare_samplers(*small_table(), classifier=c, **settings) for c in (own, None)]
    return {"scores": [row["average_precision"] for part in parts for row in part.records]}


MEASURED = {"images": of_images, "table": of_a_table, "comparison": of_a_comparison}


@functools.cache
def as_usual(name):
    with sklearn.config_context(transform_output="default", enable_metadata_routing=False, array_api_dispatch=False):
        return MEASURED[name]()


@pytest.mark.parametrize("name", MEASURED)
@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: "=".join(map(str, *setting.items())))
def test_a_setting_changes_nothing(name, setting):
    with sklearn.config_context(**setting):
        assert MEASURED[name]() == as_usual(name)


def test_array_api_dispatch_changes_nothing():
    """In a process of its own: SciPy asks whether to take part when it is imported."""
    told = run(
        """
        import json, sklearn
        from tests.test_sklearn_settings import MEASURED
        with sklearn.config_context(array_api_dispatch=True):
            print(json.dumps({name: measure() for name, measure in MEASURED.items()}))
        """,
        SCIPY_ARRAY_API="1",
    )
    assert json.loads(told.splitlines()[-1]) == {name: as_usual(name) for name in MEASURED}


# -- no transformer is forgotten -------------------------------------------------------------------------


def transformers_of_scikit_learn(tree):
    """Names under which a file imports classes of scikit-learn that transform."""
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    names = [
        (node.module, name) for node in imports if (node.module or "").startswith("sklearn") for name in node.names
    ]
    found = {name.asname or name.name: getattr(importlib.import_module(module), name.name) for module, name in names}
    return {name for name, value in found.items() if isinstance(value, type) and hasattr(value, "transform")}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_transformer_is_made_to_give_arrays(path):
    tree = ast.parse(path.read_text())
    names = transformers_of_scikit_learn(tree)
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    made = {ast.unparse(call) for call in calls if isinstance(call.func, ast.Name) and call.func.id in names}
    told = {ast.unparse(call) for call in calls}
    assert {f"{call}.set_output(transform='default')" for call in made} <= told
