"""The user's X, of which batches read their own rows, and which other processes open anew."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gan_oversampler._rows.containers.pandas_frames import PandasFrame
from gan_oversampler._rows.containers.stored import stored_of


@dataclass(frozen=True)
class _Mapped:
    """Where the array of a memory map lies in its file.

    Attributes
    ----------
    filename : str
    start : int
        Byte of its first value.
    shape, strides : tuple of int
    dtype : dtype
    """

    filename: str
    start: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    dtype: np.dtype[Any]

    @classmethod
    def of(cls, X: np.memmap[Any, Any]) -> _Mapped:
        """Where X lies, which may be a part of what was mapped."""
        import mmap

        mapped: Any = X._mmap  # type: ignore[attr-defined]
        start_of_map = X.offset - X.offset % mmap.ALLOCATIONGRANULARITY
        start = start_of_map + X.ctypes.data - np.frombuffer(mapped, np.uint8).ctypes.data
        return cls(str(X.filename), start, X.shape, X.strides, X.dtype)

    def open(self) -> NDArray[Any]:
        """The same array, mapped anew, to be read only."""
        values = np.memmap(self.filename, np.uint8, "r")
        return np.ndarray(self.shape, self.dtype, values, self.start, self.strides)


def _is_file(X: Any) -> bool:
    """Whether X is a memory map of a file that shows the same values when it is mapped anew."""
    return isinstance(X, np.memmap) and X.filename is not None and X.mode != "c"


class Source:
    """X.

    Parameters
    ----------
    X : array or pandas DataFrame
        In memory, or outside of it.
    """

    def __init__(self, X: Any) -> None:
        self.X = X
        self._mapped = _Mapped.of(X) if _is_file(X) else None

    @property
    def is_frame(self) -> bool:
        """Whether X is a DataFrame."""
        return PandasFrame.holds(self.X)

    @property
    def row_shape(self) -> tuple[int, ...]:
        """Shape of a row."""
        return tuple(self.X.shape[1:])

    def read(self, index: NDArray[Any]) -> Any:
        """Rows of X, all different, in the order of the index."""
        if self.is_frame:
            return self.X.iloc[index]
        if (stored := stored_of(self.X)) is None:
            return self.X[index]
        order = np.argsort(index)
        rows = np.empty((len(index), *self.row_shape), self.X.dtype)
        rows[order] = stored.read(index[order], self.X.shape[0])
        return rows

    def __getstate__(self) -> dict[str, Any]:
        if type(self.X).__module__.startswith("h5py"):
            raise TypeError(
                "X is a dataset of h5py, which cannot be sent to another process: use threads as workers, or give X as "
                "a memory map or an array of Zarr."
            )
        return {"X": None if self._mapped else self.X, "_mapped": self._mapped}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        if self._mapped is not None:
            self.X = self._mapped.open()
