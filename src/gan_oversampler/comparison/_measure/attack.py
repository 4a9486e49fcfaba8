"""What the rows of any sampler give away about the real rows that it saw."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.pipeline import make_pipeline

from gan_oversampler._rows.for_classifiers import category_columns, one_hot_and_scaled
from gan_oversampler._utils import seeds
from gan_oversampler.comparison._measure.methods import tell_shape
from gan_oversampler.comparison._measure.problem import Problem, Shape, as_problem
from gan_oversampler.comparison._measure.resampling import SamplerFailedError, resample_rows
from gan_oversampler.metrics import Floats, MembershipInference, membership_inference

Encoder = Callable[[Any], Floats]
_MIN_ROWS = 20


def _encoder(problem: Problem) -> Encoder:
    """From rows to those whose distances are compared: pixels as they are, columns of a table on one scale."""
    if problem.image_shape is not None:
        return lambda rows: np.asarray(rows, np.float64)
    scaled = make_pipeline(*one_hot_and_scaled(category_columns(problem.X))).fit(problem.X)
    return lambda rows: np.asarray(scaled.transform(rows), np.float64)


def _asked(sampler: Any, problem: Problem, n_rows: int | None) -> Any:
    """The sampler, asked for so many rows of the class in all, and told that rows are images where they are."""
    if not hasattr(sampler, "fit_resample"):
        raise TypeError(f"sampler must be an imblearn sampler or pipeline, but it is a {type(sampler).__name__}.")
    if n_rows is not None:
        shown = problem.labels[problem.y == 1][0]
        sampler = clone(sampler).set_params(sampling_strategy={shown: n_rows})
    return tell_shape(sampler, problem.image_shape)


def _new_rows(problem: Problem, sampler: Any, index: np.ndarray, seed: int, encode: Encoder) -> Floats:
    """New rows of the class, encoded, that a sampler appended to those at `index`.

    Raises
    ------
    ValueError
        Where it refused the rows, did not keep them, or made none.
    """
    try:
        rows, y, _ = resample_rows(problem, sampler, index, seed)
    except SamplerFailedError as error:
        raise ValueError(f"The sampler refused half of the class: {error}") from error
    encoded, n = encode(rows), len(index)
    if not np.array_equal(encoded[:n], encode(problem.rows(index))):
        raise ValueError("The sampler must keep the rows that it is given and put new ones after them, but it did not.")
    new = encoded[n:][y[n:] == 1]
    if not len(new):
        raise ValueError("The sampler made no new row of the class: ask for some by n_new or its sampling_strategy.")
    return new


def attack_sampler(
    sampler: Any,
    X: Any,
    y: Any,
    *,
    minority: Any = None,
    n_new: int | None = None,
    image_shape: Shape | None = None,
    random_state: int | np.random.RandomState | None = None,
) -> MembershipInference:
    """Attack the rows that a sampler makes: does it give away which real rows it saw?

    Half of the class is shown to the sampler, drawn at random, with all other rows. Two attacks then try to tell that
    half from the other by the new rows.

    Parameters
    ----------
    sampler : imblearn sampler or pipeline
        One that puts its new rows after the rows that it was given.
    X : array-like of shape (n, p), (n, H, W) or (n, H, W, C), or DataFrame
        As in `compare_samplers`.
    y : array-like of shape (n,)
    minority : label, default=None
        The class; None is the rarest one. It needs 20 rows.
    n_new : int, default=None
        New rows to ask for in `sampling_strategy`, so that samplers are compared alike: the more there are, the more an
        attack finds. None leaves that to the sampler.
    image_shape : tuple of int, default=None
        Says that rows of a 2-D array are flat images.
    random_state : int, RandomState or None, default=None
        For the halves and the sampler.

    Returns
    -------
    MembershipInference

    Raises
    ------
    ValueError
        Where the class has too few rows, or the sampler refused them, made none, or did not put them last.

    Notes
    -----
    Distances are between pixels, or between standard scores and one-hot columns of a table.

    Examples
    --------
    >>> from imblearn.over_sampling import RandomOverSampler
    >>> from sklearn.datasets import load_breast_cancer
    >>> X, y = load_breast_cancer(return_X_y=True)
    >>> attack_sampler(RandomOverSampler(), X, y, n_new=1000, random_state=0).distance.auc  # it repeats real rows
    1.0
    """
    problem = as_problem(X, y, minority, image_shape)
    seed = seeds.root_seed(random_state)
    own = seeds.generator(seed, "halves of a class").permutation(np.flatnonzero(problem.y == 1))
    if len(own) < _MIN_ROWS:
        raise ValueError(
            f"The class {problem.minority!r} has {len(own)} rows, but at least {_MIN_ROWS} are needed, half for the "
            "sampler and half to be kept out: give more."
        )
    members, non_members = own[: len(own) // 2], own[len(own) // 2 :]
    index = np.sort(np.concatenate([np.flatnonzero(problem.y == 0), members]))
    asked = _asked(sampler, problem, None if n_new is None else len(members) + n_new)
    encode = _encoder(problem)
    new = _new_rows(problem, asked, index, seeds.child_seed(seed, "sampler"), encode)
    known, unknown = (encode(problem.rows(side)) for side in (members, non_members))
    return membership_inference(known, unknown, new, random_state=seeds.child_seed(seed, "attack"))
