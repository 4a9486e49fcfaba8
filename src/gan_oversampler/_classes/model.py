"""The learned model of one class, as plain arrays: sources of rows, a deformation, a filter, an encoding."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.neural_network import MLPClassifier

from gan_oversampler._deformation.deformations import Deformation
from gan_oversampler._gan import gate
from gan_oversampler._perturbation import PARTS, Mixture
from gan_oversampler._rows.codecs import Codec
from gan_oversampler._rows.tables import TableCodec
from gan_oversampler._trained import dense_drawing
from gan_oversampler._trained.dense_drawing import draw_noise

NO_PARENT = -1
"""Parent of a row that was made from no single row."""

MIN_OTHERS = 50
_N_EPOCHS = 3
_MAX_ROUNDS = 5
_CHUNK = 4096


@dataclass(frozen=True, eq=False)
class Drawn:
    """Rows that were drawn for a class.

    Attributes
    ----------
    rows : ndarray of shape (n, ...)
        Encoded, float32, unless said otherwise.
    parents : ndarray of shape (n,), int64
        For each the position, among the rows of the class, of the one that it was made from; -1 where there is none.
    """

    rows: NDArray[Any]
    parents: NDArray[np.int64]

    @classmethod
    def without_parents(cls, rows: NDArray[Any]) -> Drawn:
        """Rows that were made from no single row."""
        return cls(rows, np.full(len(rows), NO_PARENT, np.int64))

    @classmethod
    def joined(cls, parts: Sequence[Drawn]) -> Drawn:
        """Several as one, in their order."""
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in ("rows", "parents")))

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, which: NDArray[Any]) -> Drawn:
        """Some of the rows, by a mask or by position."""
        return Drawn(self.rows[which], self.parents[which])


@dataclass(frozen=True, eq=False)
class RowSource:
    """Draws the real rows of the class, with replacement.

    Attributes
    ----------
    rows : ndarray of shape (n, H, W, C) or (n, p), float32
        Encoded rows.
    """

    rows: np.ndarray

    def draw(self, n: int, rng: np.random.Generator) -> Drawn:
        """Draw n rows."""
        chosen = rng.integers(len(self.rows), size=n)
        return Drawn(self.rows[chosen], chosen)


@dataclass(frozen=True, eq=False)
class MixtureSource:
    """Draws rows of a table that are made of real ones.

    Attributes
    ----------
    mixture : Mixture
    """

    mixture: Mixture

    @property
    def rows(self) -> np.ndarray:
        """Encoded rows of the class."""
        return self.mixture.rows

    def draw(self, n: int, rng: np.random.Generator) -> Drawn:
        """Draw n rows."""
        return Drawn(*self.mixture.draw(n, rng))


@dataclass(frozen=True, eq=False)
class GeneratorSource:
    """Draws from a trained generator.

    Attributes
    ----------
    architecture : str
        Keras JSON of the generator.
    weights : list of ndarray
        Values of its variables, averaged over training.
    latent_dim : int
    latent : {"normal", "uniform"}
    """

    architecture: str
    weights: list[np.ndarray]
    latent_dim: int
    latent: str

    def draw(self, n: int, rng: np.random.Generator) -> Drawn:
        """Draw n rows, which have no parents. A generator of dense layers needs no TensorFlow for that."""
        noise = draw_noise(n, self.latent_dim, self.latent, rng)
        layers = dense_drawing.layers_of(self.architecture)
        if layers is not None:
            return Drawn.without_parents(dense_drawing.draw(layers, self.weights, noise))
        gate.require_tensorflow()
        from gan_oversampler._gan import drawing

        return Drawn.without_parents(drawing.draw(self.architecture, self.weights, noise))


class LabelFilter:
    """Keeps drawn rows that a small classifier takes for the class: a dense network, as plain arrays.

    Parameters
    ----------
    weights : list of ndarray
        Kernels and biases of the two layers, float32.
    """

    def __init__(self, weights: list[np.ndarray]) -> None:
        self.weights = weights

    @classmethod
    def fit(cls, own: np.ndarray, others: np.ndarray, seed: int) -> Self:
        """Filter for a class.

        Parameters
        ----------
        own : ndarray of shape (n, ...), float32
            Rows of the class, as many as the others for the two errors to weigh alike.
        others : ndarray of shape (m, ...), float32
        seed : int
        """
        rows = np.concatenate([own, others]).reshape(len(own) + len(others), -1)
        labels = np.arange(len(rows)) < len(own)
        network = MLPClassifier((128,), batch_size=min(256, len(rows)), random_state=seed)
        for _ in range(_N_EPOCHS):  # fit() would warn that so few epochs do not converge
            network.partial_fit(rows, labels, classes=[False, True])
        kernels, biases = network.coefs_, network.intercepts_
        return cls([np.asarray(w, np.float32) for pair in zip(kernels, biases, strict=True) for w in pair])

    @classmethod
    def fit_copies(
        cls, own: np.ndarray, others: np.ndarray, deformation: Any, rng: np.random.Generator, seed: int
    ) -> Self:
        """Filter that knows the class by copies of its images, deformed if at all, as many as there are others."""
        copies = own[rng.integers(len(own), size=len(others))]
        return cls.fit(copies if deformation is None else deformation(copies, rng), others, seed)

    def scores(self, rows: np.ndarray) -> np.ndarray:
        """Log-odds that each row is of the class: ndarray of shape (n,), float32."""
        kernel, bias, out_kernel, out_bias = self.weights
        hidden = np.maximum(rows.reshape(len(rows), -1) @ kernel + bias, 0)
        return (hidden @ out_kernel + out_bias)[:, 0]

    def draw(self, draw: Callable[[int, np.random.Generator], Drawn], n: int, rng: np.random.Generator) -> Drawn:
        """Draw exactly n rows: those taken for the class and, if these are too few, the nearest to it.

        Drawing stops after a few rounds, so that a poor generator costs a few draws only.
        """
        kept: list[Drawn] = []
        rejected: list[Drawn] = []
        their_scores: list[np.ndarray] = []
        for _ in range(_MAX_ROUNDS):
            missing = n - sum(map(len, kept))
            if not missing:
                break
            drawn = draw(missing, rng)
            scores = self.scores(drawn.rows)
            is_kept = scores > 0
            kept.append(drawn.take(is_kept))
            rejected.append(drawn.take(~is_kept))  # NaN too: it is sorted last
            their_scores.append(scores[~is_kept])
        missing = n - sum(map(len, kept))
        if missing:
            nearest = np.argsort(-np.concatenate(their_scores), kind="stable")[:missing]
            kept.append(Drawn.joined(rejected).take(nearest))
        return Drawn.joined(kept)

    def get_state(self) -> dict[str, Any]:
        """Arrays from which `from_state` restores this filter."""
        return {f"weight_{i}": weight for i, weight in enumerate(self.weights)}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> LabelFilter:
        """Filter from its state."""
        return cls([state[f"weight_{i}"] for i in range(4)])


@dataclass(frozen=True, eq=False)
class ClassModel:
    """Everything needed to draw new rows of one class.

    Attributes
    ----------
    codec : Codec
    source : RowSource, MixtureSource or GeneratorSource
    deformation : Deformation or None
        Applied to the rows that the source draws.
    label_filter : LabelFilter or None
        Keeps drawn rows, after deformation, that a classifier takes for the class.
    real : RowSource, MixtureSource or None
        If given, real rows replace some drawn rows, and are deformed like them.
    real_share : float in [0, 1]
        Share of the rows that come from `real`.
    originals : ndarray of shape (n, p) or None
        Rows of the class as numbers, where rows are a table: a new row has from its parent what does not move.
    """

    codec: Codec
    source: RowSource | MixtureSource | GeneratorSource
    deformation: Deformation | Any | None
    label_filter: LabelFilter | None = None
    real: RowSource | MixtureSource | None = None
    real_share: float = 0.0
    originals: np.ndarray | None = None

    @property
    def repeats_rows(self) -> bool:
        """Whether real rows are drawn unchanged."""
        return isinstance(self.source, RowSource) and self.deformation is None

    @property
    def deformed_share(self) -> float:
        """Share of drawn rows that are made of real ones, or are these unchanged."""
        return 1.0 if isinstance(self.source, RowSource | MixtureSource) else self.real_share

    @property
    def _real_source(self) -> RowSource | MixtureSource | None:
        """The source of rows made of real ones."""
        return self.real if isinstance(self.source, GeneratorSource) else self.source

    @property
    def shares(self) -> dict[str, float]:
        """Share of what is drawn that is made in each way."""
        if isinstance(self._real_source, MixtureSource):
            ways: tuple[str, ...] = PARTS
        else:
            ways = ("repeated",) if self.deformation is None else ("deformed",)
        shares = {way: self.deformed_share / len(ways) for way in ways} if self.deformed_share else {}
        return shares | ({"generated": 1 - self.deformed_share} if self.deformed_share < 1 else {})

    def _deformed(self, source: RowSource | MixtureSource | GeneratorSource, n: int, rng: np.random.Generator) -> Drawn:
        drawn = source.draw(n, rng)
        return drawn if self.deformation is None else Drawn(self.deformation(drawn.rows, rng), drawn.parents)

    def _from_source(self, n: int, rng: np.random.Generator) -> Drawn:
        draw = partial(self._deformed, self.source)
        return draw(n, rng) if self.label_filter is None else self.label_filter.draw(draw, n, rng)

    def _mixed(self, n: int, rng: np.random.Generator) -> Drawn:
        """Rows of both kinds in random order; rows made from real rows belong to the class and are not filtered."""
        if self.real is None:
            return self._from_source(n, rng)
        is_generated = rng.random(n) >= self.real_share
        mixed = self._deformed(self.real, n, rng)
        if is_generated.any():
            generated = self._from_source(int(is_generated.sum()), rng)
            mixed.rows[is_generated], mixed.parents[is_generated] = generated.rows, generated.parents
        return mixed

    def _decoded(self, drawn: Drawn, rng: np.random.Generator) -> np.ndarray:
        if not isinstance(self.codec, TableCodec):
            return self.codec.decode(drawn.rows)
        rows = self.codec.decode(drawn.rows, drawn.parents, self.originals, rng)
        if self.originals is not None and self._real_source is not None:
            # There and back is not exact: what was not moved is repeated as it is.
            still = (drawn.parents >= 0) & (drawn.rows == self._real_source.rows[drawn.parents]).all(axis=1)
            rows[still] = self.originals[drawn.parents[still]]
        return rows

    def draw(self, n: int, rng: np.random.Generator) -> Iterator[Drawn]:
        """Draw n rows, in chunks of decoded rows of shape (m, p), float64, in the range of the class."""
        for start in range(0, n, _CHUNK):
            drawn = self._mixed(min(_CHUNK, n - start), rng)
            yield Drawn(self._decoded(drawn, rng), drawn.parents)
