"""Splits of the real rows, drawn once, so that every method is judged on the same ones."""

from __future__ import annotations

from numbers import Integral
from typing import Any

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from gan_oversampler._utils.seeds import generator
from gan_oversampler._utils.warnings import warn

Split = tuple[np.ndarray, np.ndarray]  # rows to learn from and to be judged by

MIN_SPLITS = 2  # one alone does not tell how far a score is from the mean


def fewest(labels: np.ndarray, groups: np.ndarray | None = None) -> int:
    """Rows of the smallest class, or the groups that it is found in."""
    if groups is None:
        return int(np.unique(labels, return_counts=True)[1].min())
    return min(len(np.unique(groups[labels == label])) for label in np.unique(labels))


def sample(labels: np.ndarray, n_most: int, n_fewest: int, seed: int) -> np.ndarray:
    """Draw rows by class, as many of each as its share, or as `n_fewest` where it has so many.

    Parameters
    ----------
    labels : ndarray of shape (n,)
    n_most : int
        Rows to draw in all, apart from what `n_fewest` adds.
    n_fewest : int
        Of each class.
    seed : int

    Returns
    -------
    ndarray of int
        Sorted; all rows where there are no more than `n_most`.
    """
    if len(labels) <= n_most:
        return np.arange(len(labels))
    rng = generator(seed, "sample")
    drawn = []
    for label in np.unique(labels):
        own = np.flatnonzero(labels == label)
        n = min(len(own), max(n_fewest, round(n_most * len(own) / len(labels))))
        drawn.append(rng.choice(own, n, replace=False))
    return np.sort(np.concatenate(drawn))


def _splits_of(cv: Any, X: Any, labels: np.ndarray, groups: np.ndarray | None) -> list[Split]:
    try:
        return [(np.asarray(train), np.asarray(test)) for train, test in cv.split(X, labels, groups)]
    except ValueError as error:
        if groups is not None or "groups" not in str(error):
            raise
        raise ValueError(
            f"{type(cv).__name__} splits by groups, but none were given: give groups to fit_resample."
        ) from error


def _holds_every_class(split: Split, labels: np.ndarray) -> bool:
    n_classes = len(np.unique(labels))
    return all(len(np.unique(labels[side])) == n_classes for side in split)


def draw(cv: Any, X: Any, labels: np.ndarray, groups: np.ndarray | None, seed: int) -> list[Split]:
    """Draw the splits.

    Parameters
    ----------
    cv : int or cross-validation splitter
        An int: so many stratified folds, or as many as the smallest class has rows (with `groups`: groups).
    X : array-like or DataFrame of shape (n, ...)
    labels : ndarray of shape (n,)
    groups : ndarray of shape (n,) or None
        Rows of one group are on one side of each split.
    seed : int

    Returns
    -------
    list of (ndarray of int, ndarray of int)
        Those that hold rows of every class on both sides.

    Raises
    ------
    ValueError
    """
    if isinstance(cv, Integral):
        folds = StratifiedKFold if groups is None else StratifiedGroupKFold
        cv = folds(min(int(cv), fewest(labels, groups)), shuffle=True, random_state=seed)
    drawn = _splits_of(cv, X, labels, groups)
    kept = [split for split in drawn if _holds_every_class(split, labels)]
    if len(kept) < MIN_SPLITS:
        raise ValueError(
            f"cv must give {MIN_SPLITS} splits or more with rows of every class on both sides, because one alone does "
            f"not tell how sure a score is, but {type(cv).__name__} gave {len(drawn)}, of which {len(kept)} are such: "
            "give fewer folds, or stratified ones, such as RepeatedStratifiedKFold(n_splits=5, n_repeats=2)."
        )
    if len(kept) < len(drawn):
        n_out = len(drawn) - len(kept)
        warn(f"{n_out} of {len(drawn)} splits lack a class on one side and are left out.", UserWarning)
    return kept


def held_out_ratio(splits: list[Split]) -> float:
    """Held-out rows per row that is trained on, averaged over the splits."""
    return float(np.mean([len(test) / len(train) for train, test in splits]))
