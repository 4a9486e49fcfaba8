"""A sample of the real rows of a class, kept so that its model can be judged later."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gan_oversampler._classes import quality
from gan_oversampler._classes.model import ClassModel
from gan_oversampler._classes.task import ClassTask
from gan_oversampler._utils import seeds

Floats = NDArray[np.float32]

_MAX_ROWS, _MAX_OTHERS = 600, 300
_MAX_VALUES = 2**20  # 4 MiB of the class, and half of that of the others
_MIN_ROWS = 100
_LARGEST_SIDE = 32
_MAX_ATTACKED = 10_000
_MOST_SHARED = 0.5  # tables of few values repeat rows by nature
_LIMIT = 1e3  # other classes may lie far outside the range of this one, which ends at 1


def _shrunk_shape(shape: tuple[int, ...]) -> tuple[int, ...]:
    """What becomes of the shape (H, W, C) of an image."""
    block = -(-max(shape[:2]) // _LARGEST_SIDE)
    return (*(max(1, side // block) for side in shape[:2]), *shape[2:])


def _shrunk(rows: NDArray[np.floating]) -> NDArray[np.floating]:
    """Rows as flat rows; images of more than 32 pixels a side as means over blocks."""
    if rows.ndim == 2:
        return rows
    block = -(-max(rows.shape[1:3]) // _LARGEST_SIDE)
    height, width = _shrunk_shape(rows.shape[1:])[:2]
    blocks = rows[:, : height * block, : width * block]
    if block > 1:
        blocks = blocks.reshape(len(rows), height, -1, width, block, rows.shape[-1]).mean(axis=(2, 4))
    return blocks.reshape(len(rows), -1)


def _some(rows: NDArray[np.floating], n: int, rng: np.random.Generator) -> Floats:
    some = rows[np.sort(rng.permutation(len(rows))[:n])]
    return np.clip(_shrunk(some), -_LIMIT, _LIMIT).astype(np.float32)


@dataclass(frozen=True, eq=False)
class KeptRows:
    """A sample of the real rows that a class was learned from.

    Attributes
    ----------
    own : ndarray of shape (n, p), float32
        At most 600 encoded rows of the class; large images shrunk.
    others : ndarray of shape (m, p), float32
        At most 300 of the other classes.
    seed : int
    is_table : bool
    shape : tuple of int or None
        Of the images, shrunk; None for a table, and in pickles of earlier versions.
    """

    own: Floats
    others: Floats
    seed: int
    is_table: bool
    shape: tuple[int, ...] | None = None

    @classmethod
    def of(
        cls, own: NDArray[np.floating], others: Callable[[int, np.random.Generator], NDArray[np.floating]], seed: int
    ) -> KeptRows:
        """Draw the sample.

        Parameters
        ----------
        own : ndarray of shape (n, ...)
            Encoded rows of the class.
        others : callable
            Takes a number and a generator; returns at most that many encoded rows of the other classes.
        seed : int
        """
        rng = seeds.generator(seed, "kept rows")
        affordable = max(_MIN_ROWS, _MAX_VALUES // _shrunk(own[:1]).shape[1])
        kept = _some(own, min(_MAX_ROWS, affordable), rng)
        away = _some(others(_MAX_OTHERS, rng), min(_MAX_OTHERS, affordable // 2), rng)
        is_table = own.ndim == 2
        return cls(kept, away, seed, is_table, None if is_table else _shrunk_shape(own.shape[1:]))

    @classmethod
    def of_repeats(cls, own: NDArray[Any], seed: int) -> KeptRows:
        """Draw the sample where rows are repeated as they are, of which only the different ones will be counted.

        Parameters
        ----------
        own : ndarray of shape (n, ...)
            Rows of the class, not encoded: that takes seconds for a wide table.
        seed : int
        """
        flat = own.reshape(len(own), -1)
        affordable = max(_MIN_ROWS, _MAX_VALUES // flat.shape[1])
        chosen = seeds.generator(seed, "kept rows").permutation(len(flat))[: min(_MAX_ROWS, affordable)]
        kept = flat[np.sort(chosen)]
        return cls(kept, kept[:0], seed, own.ndim == 2)

    @classmethod
    def for_model(cls, model: ClassModel, task: ClassTask) -> KeptRows:
        """Draw the sample that a model is to be judged by."""
        if model.repeats_rows:
            return cls.of_repeats(task.own, task.seed)
        return cls.of(task.data, task.others, task.seed)

    def judge(
        self,
        model: ClassModel,
        draw: Callable[[int], NDArray[np.floating]],
        held_out: NDArray[Any] | None = None,
        n_asked: int = 0,
    ) -> quality.QualityReport:
        """Quality of the rows that a model draws.

        Parameters
        ----------
        model : ClassModel
        draw : callable
            Takes a number; returns that many rows as a user gets them: ndarray of shape (n, p).
        held_out : ndarray of shape (h, ...), optional
            Rows of the class that nothing was learned from, as numbers: an attack on membership is tried with them.
        n_asked : int, default=0
            New rows that were asked for: so many are attacked, from as many as there are kept rows to 10,000.

        Raises
        ------
        ValueError
            Where most of the held-out rows are rows that were learned from.
        """
        n = len(self.own)
        n_different = len(np.unique(self.own, axis=0))
        if n_different < quality.MIN_ROWS:
            return quality.too_few(n_different)
        if model.repeats_rows:
            return quality.repeats(n)
        is_real = model.deformed_share == 1
        unknown = None if held_out is None else self._unknown(_shrunk(model.codec.encode(held_out)))
        n_new = n if held_out is None else max(n, min(n_asked, _MAX_ATTACKED))
        as_images = (-1, *(self.shape or self.own.shape[1:]))
        return quality.quality_report(
            self.own.reshape(as_images),
            _shrunk(model.codec.encode(draw(n_new))),
            others=self.others,
            undeformed=None if is_real else self._undeformed(model),
            held_out=unknown,
            deformed_share=model.deformed_share,
            is_table=self.is_table,
            random_state=self.seed,
        )

    def _unknown(self, held_out: NDArray[np.floating]) -> Floats:
        """Held-out rows like the kept ones, after a look at whether they were kept out indeed."""
        rows = np.clip(held_out, -_LIMIT, _LIMIT).astype(np.float32)
        known, unknown = ({row.tobytes() for row in side} for side in (self.own, rows))
        both = len(known & unknown)
        if both > _MOST_SHARED * min(len(known), len(unknown) or 1):
            raise ValueError(
                f"X must hold rows that were kept out of training, but {both} of its {len(unknown)} different rows of "
                "a class were learned from: split before the fit, and give the part that the fit did not see."
            )
        return rows

    def _undeformed(self, model: ClassModel) -> NDArray[np.floating]:
        return _shrunk(model.source.draw(len(self.own), seeds.generator(self.seed, "undeformed")).rows)
