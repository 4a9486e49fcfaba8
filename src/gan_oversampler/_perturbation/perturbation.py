"""The random perturbation of a table row, learned from how near neighbours of the other classes differ.

It is to a table what a learned deformation is to an image: a difference seen between two similar rows of the other
classes is added to a row of the rare class.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

import numpy as np

from gan_oversampler._perturbation.neighbours import Floats, Indices, nearest, nearest_others, pick

MAX_OTHERS = 10_000
_N_NEAR = 30
_N_PARTNERS = 10


@dataclass(frozen=True, eq=False)
class LearnedPerturbation:
    """Adds to each row the difference between two neighbours among the rows of the other classes.

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

    kind: ClassVar[str] = "perturbation"

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

    def __call__(self, rows: Floats, rng: np.random.Generator) -> Floats:
        """Return a perturbed copy of each row, by a difference of its own.

        Parameters
        ----------
        rows : ndarray of shape (n, d), float32
        rng : numpy.random.Generator

        Returns
        -------
        ndarray of shape (n, d), float32
        """
        moved = rows.copy()
        moved[:, : self.n_numeric] += self.draw(self.near(rows), rng)
        return moved

    def scaled(self, strength: float) -> Self:
        """Return the same perturbation at another strength."""
        return dataclasses.replace(self, strength=strength)

    def get_state(self) -> dict[str, Any]:
        """Describe the perturbation in plain numbers and arrays; `from_state` reads it."""
        return {item.name: getattr(self, item.name) for item in dataclasses.fields(self)}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Rebuild from what `get_state` returned."""
        return cls(**state)
