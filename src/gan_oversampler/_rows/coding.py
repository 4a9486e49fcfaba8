"""Values of any kind <-> numbers: categories and exact numbers as codes, and each value's own Python type."""

from __future__ import annotations

import datetime
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from numbers import Complex, Integral, Number, Real
from typing import Any

import numpy as np

NUMERIC_KINDS = "biuf"
LARGEST_EXACT = 2**53
"""Up to here float64 holds every whole number."""

TYPES: dict[str, Any] = {
    "int": int,
    "float": float,
    **{np.dtype(c).type.__name__: np.dtype(c).type for c in "bhilqBHILQefd"},
}
_DATES = (datetime.date, datetime.time, datetime.timedelta, np.datetime64, np.timedelta64)


def numpy_dtype(name: str) -> np.dtype:
    """NumPy's counterpart of a numeric NumPy or pandas dtype (nullable, sparse, Arrow) given by name."""
    plain = name.lower().removeprefix("sparse[").split(",")[0].rstrip("]").split("[")[0]
    return np.dtype("bool" if plain == "boolean" else plain)


def numeric_counterpart(name: str) -> np.dtype | None:
    """The same, or None of a dtype that is not one of numbers."""
    try:
        dtype = numpy_dtype(name)
    except (TypeError, ValueError):
        return None
    return dtype if dtype.kind in NUMERIC_KINDS else None


def is_missing(value: Any) -> bool:
    """Whether a value is None, NaN, NaT or pandas' NA."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, Number) and bool(value != value)


@dataclass(frozen=True, eq=False)
class Coding:
    """How the numbers of a column stand for its values, where they are not simply the same.

    Attributes
    ----------
    is_category : bool
        Whether the numbers are codes without an order.
    levels : ndarray of shape (k,), optional
        Value of each code 0, 1, ...; of numbers, where float64 does not hold them exactly, in order.
    type_name : str
        Where there are no levels: Python's or NumPy's name of the values' type.
    missing : object
        What stands for a missing value.
    """

    is_category: bool
    levels: np.ndarray | None = None
    type_name: str = "float"
    missing: Any = None

    def values(self, numbers: np.ndarray) -> np.ndarray:
        """Values of these numbers: ndarray of shape (n,), of the dtype of the levels or object."""
        is_gone = np.isnan(numbers)
        known = np.where(is_gone, 0, numbers)
        if self.levels is not None:
            values = self.levels[known.astype(np.int64)]
        else:
            values = objects([TYPES[self.type_name](number) for number in known.tolist()])
        if is_gone.any():
            values = values.astype(object)
            values[is_gone] = self.missing
        return values


Categories = Sequence[bool | None]
"""Whether each column is to be a category; None: it tells itself."""
Codings = dict[int, Coding]
"""Column -> Coding, of those whose numbers are not their values."""


def objects(values: Sequence[Any]) -> np.ndarray:
    """Array of objects; numpy itself would make a table of tuples."""
    array = np.empty(len(values), object)
    for i, value in enumerate(values):
        array[i] = value
    return array


def _ordered(values: Sequence[Any]) -> list[Any]:
    """Distinct values in order, or as they came where they have none."""
    distinct = list(dict.fromkeys(values))
    try:
        return sorted(distinct)
    except TypeError:
        return distinct


def _check_kinds(name: Any, types: set[type]) -> None:
    """Refuse values that neither numbers nor categories can stand for."""
    if dates := [t for t in types if issubclass(t, _DATES)]:
        raise ValueError(date_sentence(name, dates[0].__name__))
    if any(issubclass(t, Complex) and not issubclass(t, Real) for t in types):
        raise ValueError(f"Complex data not supported: column {name!r} of X holds complex numbers; give real ones.")
    if unhashable := [t for t in types if not issubclass(t, Hashable)]:
        raise TypeError(
            f"Column {name!r} of X holds a {unhashable[0].__name__}, but each argument must be a string or a number: "
            "give it a column for each of its parts."
        )


def date_sentence(name: Any, dtype: Any) -> str:
    """The advice on a column of dates or durations."""
    return (
        f"Column {name!r} of X holds dates or durations ({dtype}), but numbers or categories are expected: convert it "
        "first, for example to days since a date, or to its month and weekday, or drop it."
    )


def _are_exact(values: list[Any]) -> bool:
    return all(not isinstance(value, Integral) or abs(int(value)) <= LARGEST_EXACT for value in values)


def category_sentence(name: Any, kind: Any) -> str:
    """The advice on a column of categories that is said to be numbers."""
    return (
        f"Column {name!r} of X holds values of type {kind}, but numbers are expected of it: add it to "
        "categorical_features, leave that at 'auto', or encode the column first."
    )


def are_exact(values: np.ndarray) -> bool:
    """Whether float64 holds each of these numbers as it is."""
    if values.dtype.kind not in "iu" or not values.size:
        return True
    return int(values.max()) <= LARGEST_EXACT and int(values.min()) >= -LARGEST_EXACT


def _type_of_numbers(types: set[type]) -> str:
    """Name of the type that values of these types have in common: their own one, or the wider one."""
    if len(types) == 1:
        return next(iter(types)).__name__
    return "int" if all(issubclass(t, Integral) for t in types) else "float"


def _levels_of(present: list[Any], is_category: bool) -> list[Any]:
    """Distinct values; 1, True and 1.0 are equal, but not the same."""
    by_type: dict[type, list[Any]] = {}
    for value in present:
        by_type.setdefault(type(value), []).append(value)
    levels = [level for values in by_type.values() for level in _ordered(values)]
    return levels if is_category else sorted(levels)


def _of_objects(name: Any, values: np.ndarray, category: bool | None) -> tuple[np.ndarray, Coding]:
    is_gone = np.fromiter(map(is_missing, values), bool, len(values))
    present, missing = values[~is_gone].tolist(), values[is_gone][0] if is_gone.any() else None
    types = set(map(type, present))
    _check_kinds(name, types)
    are_numbers = all(issubclass(t, Number) and not issubclass(t, bool) for t in types)
    if category is False and not all(issubclass(t, Number | np.bool_) for t in types):
        kind = next(t.__name__ for t in types if not issubclass(t, Number | np.bool_))
        raise ValueError(category_sentence(name, kind))
    is_category = not are_numbers if category is None else category
    is_plain = are_numbers and all(issubclass(t, int | float | np.integer | np.floating) for t in types)
    if is_category or not is_plain or not _are_exact(present):
        levels = _levels_of(present, is_category)
        codes = {(type(level), level): float(i) for i, level in enumerate(levels)}
        numbers = _spread([codes[type(value), value] for value in present], is_gone)
        return numbers, Coding(is_category, objects(levels), missing=missing)
    return _spread(present, is_gone), Coding(False, None, _type_of_numbers(types), missing)


def _spread(numbers: Any, is_gone: np.ndarray) -> np.ndarray:
    """The numbers in the places that are not missing, NaN in the others: ndarray of shape (n,), float64."""
    spread = np.full(len(is_gone), np.nan)
    spread[~is_gone] = numbers
    return spread


def read_categories(codes: np.ndarray, levels: np.ndarray, is_ordered: bool, missing: Any) -> tuple[np.ndarray, Coding]:
    """The same for codes that are known already, -1 where a value is missing."""
    return np.where(codes < 0, np.nan, codes), Coding(not is_ordered, levels, missing=missing)


def read_values(name: Any, values: np.ndarray, category: bool | None) -> tuple[np.ndarray, Coding | None]:
    """Numbers that stand for a column's values.

    Parameters
    ----------
    name : label
    values : ndarray of shape (n,), numbers, bool or object
    category : bool, optional
        Whether they are categories; None: those that are not numbers are.

    Returns
    -------
    numbers : ndarray of shape (n,)
        A missing value is NaN.
    coding : Coding or None
        None where the numbers are the values.

    Raises
    ------
    ValueError, TypeError
        Where the values are dates, complex, or things that are not hashable.
    """
    if values.dtype.kind == "O":
        return _of_objects(name, values, category)
    is_bool = values.dtype.kind == "b"
    is_category = is_bool if category is None else category
    if not is_category and not is_bool and are_exact(values):
        return values, None
    is_gone = np.isnan(values)
    levels, codes = np.unique(values[~is_gone], return_inverse=True)
    return _spread(codes, is_gone), Coding(is_category, levels, missing=np.nan)


def side_by_side(columns: Sequence[tuple[np.ndarray, Coding | None]]) -> tuple[np.ndarray, Codings]:
    """Numbers of columns as those of a table: ndarray of shape (n, p), and the codings that there are."""
    return np.column_stack([numbers for numbers, _ in columns]), {i: c for i, (_, c) in enumerate(columns) if c}


def read_table(values: np.ndarray, categories: Categories) -> tuple[np.ndarray, Codings]:
    """Numbers that stand for the values of a table, ndarray of shape (n, p), float64, and codings."""
    numbers, codings = side_by_side([read_values(i, values[:, i], c) for i, c in enumerate(categories)])
    return numbers.astype(np.float64), codings


def code_numbers(rows: np.ndarray, categories: Categories) -> tuple[np.ndarray, Codings]:
    """The same of numbers, as they are unless some are categories, or too large for float64 to hold."""
    is_plain = rows.dtype.kind == "f" or (rows.dtype.kind != "b" and are_exact(rows))
    return (rows, {}) if is_plain and not any(categories) else read_table(rows, categories)
