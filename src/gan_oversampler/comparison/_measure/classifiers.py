"""The classifiers that judge, and how they are fitted."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sklearn import config_context
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.utils import compute_sample_weight
from sklearn.utils.validation import has_fit_parameter

from gan_oversampler._rows.for_classifiers import category_columns, one_hot_and_scaled
from gan_oversampler.comparison._measure.dense import DenseClassifier
from gan_oversampler.comparison._rivals.convolutional import ConvolutionalClassifier

CONVOLUTIONAL = "convolutional 16-32-64"
_MANY_ROWS = 10_000
_FEWEST_STEPS, _ROWS_A_STEP = 1_200, 25  # of 256 rows each: about ten epochs of the rows, or five of twice as many
_SIDE_FOR_CONVOLUTIONS = 16


def strong_classifier() -> MLPClassifier:
    """The dense classifier 256-64 of the first records of MNIST: ten epochs, so that a balanced set gets more steps.

    About 5 s for 100,000 float32 rows of 784 on 2 cores.
    """
    return MLPClassifier((256, 64), batch_size=512, max_iter=10)


def notebook_classifier() -> MLPClassifier:
    """The notebook's 16-1 sigmoid units.

    Its softmax over two outputs is the same function as scikit-learn's one logistic output. At the usual rate
    of .001 ten epochs leave it at chance (average precision .08 on 315 fives); at .01 it learns (.91).
    """
    return MLPClassifier((16, 1), activation="logistic", batch_size=128, learning_rate_init=0.01, max_iter=10)


def digit_classifier() -> MLPClassifier:
    """The notebook's large classifier over all ten digits: it labels what a sampler draws."""
    return MLPClassifier((512, 256, 128, 64, 32), batch_size=256, max_iter=10)


def default_classifier(n_rows: int, images: bool, categories: Sequence[int] = ()) -> Any:
    """The dense classifier 256-64: where rows are few, for 100 epochs or until it settles; otherwise for a number of
    steps, by `n_rows` before resampling. For a table, missing values become medians of the rows it is fitted on,
    columns are standardised, and those at the positions `categories` become one-hot."""
    few, n_steps = n_rows < _MANY_ROWS, max(_FEWEST_STEPS, n_rows // _ROWS_A_STEP)
    dense = MLPClassifier((256, 64), max_iter=100) if few else DenseClassifier((256, 64), n_steps=n_steps)
    if images:
        return dense
    return make_pipeline(*one_hot_and_scaled(categories), dense)


def _is_large(image_shape: tuple[int, ...]) -> bool:
    return min(image_shape[:2]) >= _SIDE_FOR_CONVOLUTIONS


def _last(estimator: Any) -> Any:
    return estimator.steps[-1][1] if hasattr(estimator, "steps") else estimator


def named_classifiers(
    classifier: Any, n_rows: int, image_shape: tuple[int, ...] | None, X: Any = None
) -> dict[str, Any]:
    """A name for every classifier: the user's own names, or the class of the only one; by default a dense one, and a
    convolutional one beside it for images of 16 pixels and more."""
    if classifier is None:
        categories = category_columns(X) if image_shape is None and X is not None else []
        chosen = {"dense 256-64": default_classifier(n_rows, image_shape is not None, categories)}
        if image_shape is not None and _is_large(image_shape):
            chosen[CONVOLUTIONAL] = ConvolutionalClassifier(image_shape=image_shape)
        return chosen
    if isinstance(classifier, Mapping):
        return dict(classifier)
    return {type(_last(classifier)).__name__: classifier}


def seeded(estimator: Any, seed: int) -> Any:
    """A clone with every `random_state` in it, nested ones too, set to `seed`."""
    copy = clone(estimator)
    names = [n for n in copy.get_params() if n == "random_state" or n.endswith("__random_state")]
    return copy.set_params(**dict.fromkeys(names, seed))


def can_weigh(classifier: Any) -> bool:
    """Whether class weights are possible: a `class_weight` parameter, or `sample_weight` in fit."""
    last = _last(classifier)
    return "class_weight" in last.get_params() or has_fit_parameter(last, "sample_weight")


def can_correct(classifier: Any) -> bool:
    """Whether there are probabilities to correct."""
    return hasattr(classifier, "predict_proba")


def can_take(classifier: Any, options: Mapping[str, Any]) -> bool:
    """Whether the classifier has all these parameters."""
    return options.keys() <= _last(classifier).get_params().keys()


def with_options(classifier: Any, options: Mapping[str, Any]) -> Any:
    """The classifier itself, with these parameters set."""
    _last(classifier).set_params(**options)
    return classifier


@contextmanager
def _fixed_epochs() -> Iterator[None]:
    """Silence the one warning that stopping after a fixed number of epochs is meant to cause."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Stochastic Optimizer: Maximum iterations", ConvergenceWarning)
        yield


def fit(classifier: Any, X: Any, y: Any, *, weighted: bool = False) -> Any:
    """Fit in place, with balanced class weights if asked, and return it."""
    arguments: dict[str, Any] = {}
    if weighted:
        last = _last(classifier)
        if "class_weight" in last.get_params():
            last.set_params(class_weight="balanced")
        else:
            prefix = f"{classifier.steps[-1][0]}__" if hasattr(classifier, "steps") else ""
            arguments[f"{prefix}sample_weight"] = compute_sample_weight("balanced", y)
    # With metadata routing on, a pipeline takes weights under another name.
    routing = {"enable_metadata_routing": False} if arguments else {}
    with _fixed_epochs(), config_context(**routing):
        return classifier.fit(X, y, **arguments)
