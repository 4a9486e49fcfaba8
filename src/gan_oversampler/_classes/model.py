"""The learned model of one class, as plain arrays: sources of rows, a deformation, an encoding."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from gan_oversampler._classes.drawn import Drawn
from gan_oversampler._classes.label_filter import LabelFilter
from gan_oversampler._deformation.deformations import Deformation
from gan_oversampler._gan import gate
from gan_oversampler._perturbation.mixture import PARTS, Mixture
from gan_oversampler._rows.codecs import Codec
from gan_oversampler._rows.tables import TableCodec
from gan_oversampler._trained import dense_drawing
from gan_oversampler._trained.noise import draw_noise

_CHUNK = 4096


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
