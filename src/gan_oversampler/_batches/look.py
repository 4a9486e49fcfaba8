"""How a network wants the rows of a batch: their dtype, and a factor."""

from __future__ import annotations

import math
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gan_oversampler._rows.containers.container import RowFormat
from gan_oversampler._rows.containers.pandas_frames import PandasFrame


@dataclass(frozen=True)
class Look:
    """The dtype and the factor.

    Attributes
    ----------
    dtype : dtype or None
        None: rows stay as X has them.
    scale : float or None
        Factor after the cast.
    """

    dtype: np.dtype[Any] | None
    scale: float | None

    @classmethod
    def of(cls, dtype: Any, scale: Any) -> Look:
        """The user's parameters, checked.

        Raises
        ------
        ValueError
        """
        if scale is not None and not (isinstance(scale, Real) and math.isfinite(scale) and scale != 0):
            raise ValueError(f"scale must be a finite factor other than 0, such as 1 / 255, but {scale!r} was given.")
        wanted = np.dtype(dtype) if dtype is not None else np.dtype(np.float32) if scale is not None else None
        if wanted is not None and wanted.kind not in "biuf":
            raise ValueError(f"dtype must be one of numbers, such as 'float32', but {dtype!r} was given.")
        if scale is not None and wanted is not None and wanted.kind != "f":
            raise ValueError(f"scale makes fractions, but dtype={dtype!r} holds none: give 'float32', or no scale.")
        return cls(wanted, None if scale is None else float(scale))

    def check_fits(self, form: RowFormat) -> None:
        """Refuse to make numbers of categories.

        Raises
        ------
        ValueError
        """
        if self.dtype is not None and form.codings:
            name = form.names[next(iter(form.codings))]
            raise ValueError(
                f"The rows cannot become {self.dtype}: column {name!r} holds categories, or "
                "numbers that float64 has no room for; leave dtype and scale out, and encode the rows of each batch."
            )

    def apply(self, rows: Any) -> Any:
        """Rows of a batch as the network wants them."""
        if self.dtype is None:
            return rows
        numbers: NDArray[Any] = rows.to_numpy(self.dtype) if PandasFrame.holds(rows) else rows.astype(self.dtype)
        return numbers if self.scale is None else numbers * self.dtype.type(self.scale)
