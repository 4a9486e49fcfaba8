"""Fingerprints: equal for equal parameters in every process, and for no others."""

import os
import subprocess
import sys
from dataclasses import dataclass
from functools import partial
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from imblearn import FunctionSampler
from imblearn.over_sampling import SMOTE
from sklearn.metrics import f1_score, make_scorer
from sklearn.model_selection import KFold

from gan_oversampler import GANOverSampler
from gan_oversampler._utils.fingerprint import fingerprint
from gan_oversampler.callbacks import Callback, EarlyStopping, TensorBoard


class Shift:
    """Deformation that is an object: its repr holds an address, which is another in each process."""

    def __init__(self, pixels):
        self.pixels = pixels

    def __call__(self, images, rng):
        return images + self.pixels

    def half(self, images, rng):
        return images + self.pixels / 2


@dataclass
class Config:
    numbers: np.ndarray


class Secretive:
    """Keeps nothing under the name by which it was given, and cannot be pickled."""

    def __init__(self, size):
        self.made_of_it = (size for _ in range(3))


def enclosing(value):
    return lambda x: x + value


def calling_itself(x):
    def inner(n):
        return inner(n - 1) + x if n else 0

    return inner


def different():
    """Things of which no two are equal."""
    large = np.zeros(100_000)
    other = large.copy()
    other[50_000] = 1
    return [
        *(None, True, 1, 2, 1.0, "1", b"1", (1, 2), [2, 1], {1: 2}, {2: 1}, {1, 2}, {1, 3}, range(3), [], {}, [[]]),
        *(large, other, large[:9], large.astype(int)),
        *(Config(large), Config(other), {"a": large}, {"a": other}, [large], [other]),
        *(partial(int, base=2), partial(int, base=8), partial(float), int, float, len, max, np.exp, np.tanh),
        *(lambda x: x + 1, lambda x: x + 2, lambda x, y=1: x, lambda x, y=2: x, lambda x: [x + 1 for _ in x]),
        *(lambda x: np.exp(x), lambda x: np.tanh(x), lambda x: [x + 2 for _ in x]),
        *(enclosing(1), enclosing(2), enclosing(large), enclosing(other), calling_itself(1), calling_itself(2)),
        *(Shift(1), Shift(2), Shift(1).half, Shift(2).half, Shift, Config),
        *(Callback(), EarlyStopping(1), EarlyStopping(9), TensorBoard("a"), TensorBoard("b")),
        *(KFold(3), KFold(4), make_scorer(f1_score), make_scorer(f1_score, greater_is_better=False)),
        *(SMOTE(k_neighbors=3), SMOTE(k_neighbors=4)),
        *(FunctionSampler(func=lambda X, y: (X, y)), FunctionSampler(func=lambda X, y: (X[:9], y[:9]))),
        *(GANOverSampler(callbacks=[EarlyStopping(1)]), GANOverSampler(callbacks=[EarlyStopping(2)])),
    ]


def test_no_two_different_things_have_one_fingerprint():
    for (one, its), (other, others) in combinations([(thing, fingerprint(thing)) for thing in different()], 2):
        assert its != others, f"{one!r} and {other!r}"


def used(callback):
    """A callback that has looked at a training."""
    callback.distances_ = [3.0, 2.0]
    return callback


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (EarlyStopping(9), used(EarlyStopping(9))),
        (SMOTE(random_state=1), SMOTE(random_state=2)),
        (GANOverSampler(n_jobs=1), GANOverSampler(n_jobs=2)),
        ((28, 28), [28, 28]),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        (np.int64(3), 3),
        (np.str_("a"), "a"),
        (Path("runs"), "runs"),
        (np.asfortranarray(np.eye(3)), np.eye(3)),
        (np.arange(9)[::2], np.array([0, 2, 4, 6, 8])),
    ],
)
def test_equal_things_have_one_fingerprint(one, other):
    assert fingerprint(one) == fingerprint(other)


def test_fingerprints_are_the_same_in_every_process():
    code = "from tests.test_fingerprint import *; print(*map(fingerprint, different()))"
    environment = {**os.environ, "PYTHONHASHSEED": "7"}
    out = subprocess.run([sys.executable, "-c", code], env=environment, check=True, capture_output=True, text=True)
    assert out.stdout.split() == [fingerprint(thing) for thing in different()]


def test_what_cannot_be_known_again_is_said_in_one_sentence():
    with pytest.raises(
        TypeError, match=r"^Secretive cannot be compared between two runs: let it keep what its"
    ) as error:
        fingerprint([Secretive(3)])
    assert "\n" not in str(error.value)
