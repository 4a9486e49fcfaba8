"""New table rows made of real ones: a third repeated, a third interpolated, a third perturbed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from gan_oversampler._perturbation.neighbours import Floats, Indices, nearest_others, pick
from gan_oversampler._perturbation.perturbation import LearnedPerturbation

PARTS = ("repeated", "interpolated", "perturbed")
# How much of a learned difference is added to a row of each part. Set by hand, like the equal shares.
_STRENGTHS = np.array([0, 0.5, 0.75], np.float32)
_N_NEIGHBOURS = 5


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
