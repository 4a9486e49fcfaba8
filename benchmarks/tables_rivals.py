"""Rivals that imbalanced-learn does not have, written again from their papers in a few lines each.

These are our own readings, not the authors' code: named so in the report.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from sklearn.neighbors import NearestNeighbors

Rows = np.ndarray
Make = Callable[[Rows, Rows, int, np.random.Generator], Rows]


def polynom_star(own: Rows, others: Rows, n: int, rng: np.random.Generator) -> Rows:
    """polynom-fit-SMOTE, star topology: rows on the lines from each row to the mean (Gazzah & Ben Amara, 2008)."""
    start = own[rng.integers(len(own), size=n)]
    return start + rng.random((n, 1)) * (own.mean(axis=0) - start)


def prowsyn(own: Rows, others: Rows, n: int, rng: np.random.Generator, n_levels: int = 5, k: int = 5) -> Rows:
    """ProWSyn: more rows where the rare class lies near the majority (Barua, Islam & Murase, 2013)."""
    left, levels = np.arange(len(own)), []
    for _ in range(n_levels - 1):
        if not len(left):
            break
        near = NearestNeighbors(n_neighbors=min(k, len(left))).fit(own[left]).kneighbors(others, return_distance=False)
        levels.append(left[np.unique(near)])
        left = np.setdiff1d(left, levels[-1])
    levels = [*levels, left] if len(left) else levels
    weights = np.exp(-np.arange(len(levels)))
    counts = rng.multinomial(n, weights / weights.sum())
    made = []
    for members, count in zip(levels, counts, strict=True):
        a, b = own[rng.choice(members, count)], own[rng.choice(members, count)]
        made.append(a + rng.random((count, 1)) * (b - a))
    return np.concatenate(made)


def gaussian(own: Rows, others: Rows, n: int, rng: np.random.Generator, k: int = 5) -> Rows:
    """Multivariate Gaussian SMOTE: rows from a normal fitted to each row and its neighbours (Grina et al., 2023)."""
    near = NearestNeighbors(n_neighbors=min(k + 1, len(own))).fit(own).kneighbors(own, return_distance=False)
    around = own[near[rng.integers(len(own), size=n)]]
    mean = around.mean(axis=1, keepdims=True)
    weights = rng.normal(size=(n, around.shape[1], 1)) / np.sqrt(around.shape[1] - 1)
    return (mean + ((around - mean) * weights).sum(axis=1, keepdims=True))[:, 0]


class Rival:
    """A sampler of one function: (rows of the class, other rows, how many, generator) -> new rows."""

    def __init__(self, make: Make, random_state: int) -> None:
        self.make, self.random_state = make, random_state

    def fit_resample(self, X: Rows, y: Rows) -> tuple[Rows, Rows]:
        """Balance two classes, of which True is the rare one."""
        n = int((~y).sum() - y.sum())
        new = self.make(X[y], X[~y], n, np.random.default_rng(self.random_state))
        return np.concatenate([X, new]), np.concatenate([y, np.ones(n, bool)])
