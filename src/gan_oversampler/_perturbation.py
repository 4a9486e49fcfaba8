"""Random changes under which a table row stays in its class, and new rows made of real ones by them.

A perturbation is to a table what a learned deformation is to an image: a difference seen between two similar rows of
the other classes is added to a row of the rare class. A third of the new rows are real ones repeated, a third are
interpolated, a third perturbed.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.neighbors import NearestNeighbors

Floats = NDArray[np.float32]
Indices = NDArray[np.int32]

MAX_OTHERS = 10_000
_N_NEAR = 30
_N_PARTNERS = 10

PARTS = ("repeated", "interpolated", "perturbed")
# How much of a learned difference is added to a row of each part. Set by hand, like the equal shares.
_STRENGTHS = np.array([0, 0.5, 0.75], np.float32)
_N_NEIGHBOURS = 5


def nearest(rows: Floats, among: Floats, k: int) -> Indices:
    """The k rows of `among` nearest to each row, or all rows where there are fewer.

    Parameters
    ----------
    rows : ndarray of shape (n, d), float32
    among : ndarray of shape (m, d), float32
        At least one row.
    k : int

    Returns
    -------
    ndarray of shape (n, min(k, m)), int32
    """
    index = NearestNeighbors(n_neighbors=min(k, len(among))).fit(among)
    return index.kneighbors(rows, return_distance=False).astype(np.int32)


def nearest_others(rows: Floats, k: int) -> Indices:
    """The k other rows nearest to each row; a row that is alone is its own neighbour.

    Parameters
    ----------
    rows : ndarray of shape (n, d), float32
    k : int

    Returns
    -------
    ndarray of shape (n, max(1, min(k, n - 1))), int32
    """
    found = nearest(rows, rows, k + 1)
    return found[:, 1:] if len(rows) > 1 else found


def pick(candidates: Indices, rng: np.random.Generator) -> Indices:
    """One of the candidates in each line: ndarray of shape (n,)."""
    return candidates[np.arange(len(candidates)), rng.integers(candidates.shape[1], size=len(candidates))]


@dataclass(frozen=True, eq=False)
class LearnedPerturbation:
    """What is added to each row: the difference between two neighbours among the rows of the other classes.

    Of the 30 other rows nearest to a row one is drawn, a; of the 10 nearest to a one is drawn, b; the row moves by
    plus or minus b - a. Only the numeric columns move: a row keeps its categories, since changing them made rows of
    another class in every trial.

    Parameters
    ----------
    others : ndarray of shape (m, d), float32
        Encoded rows of the other classes.
    partners : ndarray of shape (m, k), int32
        The nearest of each.
    n_numeric : int
        How many columns move: the first ones.
    strength : float, keyword-only
        Factor on the difference; 0 leaves every row as it is.
    """

    others: Floats
    partners: Indices
    n_numeric: int
    strength: float = field(default=1.0, kw_only=True)

    @classmethod
    def learn(cls, others: Floats, n_numeric: int) -> Self:
        """Perturbation that the rows of the other classes teach; at least one row is needed."""
        return cls(others, nearest_others(others, _N_PARTNERS), n_numeric)

    def near(self, rows: Floats) -> Indices:
        """Where each row is to look for a difference: indices into `others`, ndarray of shape (n, 30) or narrower."""
        return nearest(rows, self.others, _N_NEAR)

    def draw(self, near: Indices, rng: np.random.Generator) -> Floats:
        """Draw the change of n rows.

        Parameters
        ----------
        near : ndarray of shape (n, k), int32
            What `near` says of these rows.
        rng : numpy.random.Generator

        Returns
        -------
        ndarray of shape (n, n_numeric), float32
        """
        a = pick(near, rng)
        b = pick(self.partners[a], rng)
        sign = rng.choice(np.array([-self.strength, self.strength], np.float32), size=(len(near), 1))
        return sign * (self.others[b, : self.n_numeric] - self.others[a, : self.n_numeric])

    def get_state(self) -> dict[str, Any]:
        """Describe the perturbation in plain numbers and arrays; `from_state` reads it."""
        return {item.name: getattr(self, item.name) for item in dataclasses.fields(self)}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Rebuild from what `get_state` returned."""
        return cls(**state)


@dataclass(frozen=True, eq=False)
class Mixture:
    """Draws real rows of a class: as they are, moved towards a neighbour, and perturbed.

    Parts weigh alike. An interpolated row lies between a row and one of its 5 nearest in the class, and then moves by
    half a learned difference; a perturbed one is a row that moves by three quarters of it. Numeric columns alone move.

    Attributes
    ----------
    rows : ndarray of shape (n, d), float32
        Encoded rows of the class.
    neighbours : ndarray of shape (n, k), int32
        The nearest of each in the class.
    near : ndarray of shape (n, k), int32
        Where each looks for a difference, see `LearnedPerturbation`.
    perturbation : LearnedPerturbation
    """

    rows: Floats
    neighbours: Indices
    near: Indices
    perturbation: LearnedPerturbation

    @classmethod
    def of(cls, rows: Floats, perturbation: LearnedPerturbation) -> Self:
        """Mixture for a class.

        Parameters
        ----------
        rows : ndarray of shape (n, d), float32
            Encoded rows of the class.
        perturbation : LearnedPerturbation
            Learned from those of the other classes.
        """
        return cls(rows, nearest_others(rows, _N_NEIGHBOURS), perturbation.near(rows), perturbation)

    def draw(self, n: int, rng: np.random.Generator) -> tuple[Floats, NDArray[np.int64]]:
        """Draw new rows.

        Returns
        -------
        tensors : ndarray of shape (n, d), float32
        parents : ndarray of shape (n,), int
            The row of the class that each new row came from.
        """
        parents = rng.integers(len(self.rows), size=n)
        part = rng.integers(len(PARTS), size=n)
        tensors = self.rows[parents]
        moving = tensors[:, : self.perturbation.n_numeric]
        towards = self.rows[pick(self.neighbours[parents], rng), : self.perturbation.n_numeric]
        way = rng.random((n, 1), np.float32) * (part == PARTS.index("interpolated"))[:, None]
        moving += way.astype(np.float32) * (towards - moving)
        moving += _STRENGTHS[part][:, None] * self.perturbation.draw(self.near[parents], rng)
        return tensors, parents

    def get_state(self) -> dict[str, Any]:
        """Plain numbers and arrays; `from_state` reads them."""
        own = {"rows": self.rows, "neighbours": self.neighbours, "near": self.near}
        return {**own, **self.perturbation.get_state()}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Rebuild from what `get_state` returned."""
        state = dict(state)
        own = {name: state.pop(name) for name in ("rows", "neighbours", "near")}
        return cls(**own, perturbation=LearnedPerturbation.from_state(state))
