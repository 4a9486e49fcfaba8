"""What each container of rows can do, and the form of it that is remembered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

import numpy as np

from gan_oversampler._rows import coding
from gan_oversampler._rows.coding import NUMERIC_KINDS, Categories, Codings


def check_array(X: np.ndarray) -> None:
    """Refuse an array of anything but real numbers (of objects, scikit-learn will).

    Raises
    ------
    ValueError
    """
    if X.dtype.kind == "c":
        raise ValueError(f"Complex data not supported: X has dtype {X.dtype}, but real numbers are expected.")
    if X.dtype.names:
        raise ValueError(
            f"X must be an array of numbers, but it is a structured one with the fields {', '.join(X.dtype.names)}: "
            "give numpy.lib.recfunctions.structured_to_unstructured(X)."
        )
    if X.dtype.kind not in NUMERIC_KINDS + "O" or X.dtype.itemsize > 8:
        raise ValueError(
            f"X has dtype {X.dtype}, but real numbers of 64 bits at the most are expected: convert it first, numbers "
            "with X.astype(float), and categories with X.astype(object)."
        )
    if np.ma.is_masked(X):
        raise ValueError("X must hold no masked values, but it does: fill them in, for example with X.filled().")


class Container:
    """X as the user gave it: an array, or what NumPy makes one of. The other kinds say what is different with them.

    Parameters
    ----------
    X : object

    Attributes
    ----------
    kinds : tuple of str
        Names of its forms, in files too.
    has_dtypes : bool
        Whether each column has a dtype of its own.
    """

    kinds: ClassVar[tuple[str, ...]] = ("array",)
    has_dtypes: ClassVar[bool] = False

    def __init__(self, X: Any) -> None:
        self.X = X

    @classmethod
    def holds(cls, X: Any) -> bool:
        """Whether X is such a container."""
        return isinstance(X, np.ndarray)

    @property
    def kind(self) -> str:
        """Name of the form."""
        return self.kinds[0]

    def dense(self) -> Container:
        """The same rows where their columns can be read: an array in place of a list, and nothing sparse.

        Raises
        ------
        ValueError
            Where X does not hold real numbers or categories.
        """
        if isinstance(self.X, np.ndarray):
            check_array(self.X)
        return self

    @property
    def names(self) -> list[Any]:
        """Names of the columns of what is dense, or their numbers where they have none."""
        return list(range(self.X.shape[1]))

    def read(self, categories: Categories) -> tuple[Any, Codings]:
        """Numbers that stand for the values of what is dense, and codings of columns of which they are not the values.

        Returns
        -------
        numbers : ndarray of shape (n, ...)
            Those of an array of numbers, or what is no table at all, as they are.
        codings : dict
        """
        X = self.X
        is_of_objects = isinstance(X, np.ndarray) and X.dtype.kind == "O" and X.ndim == 2 and X.size
        return coding.read_table(X, categories) if is_of_objects else (X, {})

    def form(self, numbers: np.ndarray, codings: Codings) -> RowFormat:
        """What is remembered of X, for whose values these numbers stand."""
        own = getattr(self.X, "dtype", None)
        dtype = str(own if isinstance(own, np.dtype) else numbers.dtype)
        return RowFormat(type(self), self.kind, tuple(numbers.shape[1:]), numbers.dtype, (dtype,), codings)

    @classmethod
    def misfit(cls, kind: str, row_shape: tuple[int, ...], dtype: str) -> str:
        """What a file says of a form, and no such container can have; "" where it can."""
        return ""

    @classmethod
    def build(cls, numbers: np.ndarray, form: RowFormat) -> Any:
        """New rows of that form, see `RowFormat.build`."""
        if not form.codings:
            return numbers.reshape(len(numbers), *form.row_shape).astype(form.dtypes[0], copy=False)
        rows = np.empty(numbers.shape, form.dtypes[0])
        for i, column in enumerate(numbers.T):
            rows[:, i] = form.codings[i].values(column) if i in form.codings else column
        return rows

    def first(self) -> Self:
        """The first row."""
        return type(self)(self.X[:1])

    def append(self, new: Any) -> Any:
        """X followed by the new rows: the originals are the same values, in a new container."""
        X = np.asarray(self.X)
        return np.concatenate([X, new], dtype=X.dtype)


class Frame(Container):
    """A container whose columns have names and dtypes of their own."""

    has_dtypes = True

    @property
    def names(self) -> list[Any]:
        return list(self.X.columns)

    def dense(self) -> Frame:
        return self

    def empty(self) -> Any:
        """X without its rows."""
        return self.X[:0]

    def form(self, numbers: np.ndarray, codings: Codings) -> RowFormat:
        # Numbers of several columns have room in float64 alone.
        dtypes = tuple(str(dtype) for dtype in self.X.dtypes)
        return RowFormat(
            type(self), self.kind, tuple(numbers.shape[1:]), np.dtype(np.float64), dtypes, codings, self.empty()
        )


@dataclass(frozen=True, eq=False)
class RowFormat:
    """The form of the rows of X, so that new rows get the same form.

    Attributes
    ----------
    container : subclass of Container
    kind : str
        One of its kinds.
    row_shape : tuple of int
        Shape of one row: (p,), (H, W) or (H, W, C).
    storage_dtype : dtype
        In which new rows can wait for `build`, as numbers.
    dtypes : tuple of str
        One dtype for all values, or one per column.
    codings : dict
        Column -> Coding, of those whose numbers are not their values.
    template : DataFrame, optional
        X without its rows.
    """

    container: type[Container]
    kind: str
    row_shape: tuple[int, ...]
    storage_dtype: np.dtype
    dtypes: tuple[str, ...]
    codings: Codings = field(default_factory=dict)
    template: Any = None

    @property
    def n_features(self) -> int:
        """Number of values in a row."""
        return int(np.prod(self.row_shape))

    @property
    def names(self) -> list[Any]:
        """Names of the columns, or their numbers where they have none."""
        return list(range(self.n_features)) if self.template is None else list(self.template.columns)

    @property
    def is_category(self) -> np.ndarray:
        """Which numbers are codes of categories: bool ndarray of shape (n_features,)."""
        coded = (self.codings.get(i) for i in range(self.n_features))
        return np.array([c is not None and c.is_category for c in coded])

    def _of_each_value(self, tell: Callable[[np.dtype], Any]) -> np.ndarray:
        """What holds of each value's dtype, float64 where it is no number: ndarray of shape (n_features, ...)."""
        told = np.array([tell(coding.numeric_counterpart(name) or np.dtype(np.float64)) for name in self.dtypes])
        return told if self.container.has_dtypes else np.repeat(told, self.n_features, axis=0)

    @property
    def whole(self) -> np.ndarray:
        """Which values have a dtype of whole numbers: bool ndarray of shape (n_features,)."""
        return self._of_each_value(lambda dtype: dtype.kind in "biu")

    @property
    def limits(self) -> tuple[np.ndarray, np.ndarray]:
        """Lowest and highest float64 that each value's dtype can hold: ndarrays of shape (n_features,)."""
        low, high = self._of_each_value(_limits).T
        return low, high

    def build(self, numbers: np.ndarray) -> Any:
        """New rows in this format.

        Parameters
        ----------
        numbers : ndarray of shape (n, n_features)
            Valid ones: whole, and in the range of the dtypes, where these are so. The rows may share their memory.
        """
        return self.container.build(numbers, self)


def _limits(dtype: np.dtype) -> tuple[float, float]:
    if dtype.kind == "b":
        return 0.0, 1.0
    if dtype.kind not in "iu":
        return -np.inf, np.inf
    info = np.iinfo(dtype)
    high = float(info.max)
    # float(2**63 - 1) is 2**63, which would wrap round when cast back.
    return float(info.min), high if int(high) <= info.max else float(np.nextafter(high, 0))
