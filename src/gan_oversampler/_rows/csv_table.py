"""A table of numbers and classes from the cells of a CSV file: header, class, numbers, texts and what is missing."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from gan_oversampler._rows.csv_file import Cells, read_cells
from gan_oversampler._utils.warnings import warn

_BLANK = {"", "?", "na", "n/a", "nan", "null", "none", "<null>"}
_NO_CLASS = _BLANK - {"none"}  # which is a class at times
_LIKE_BLANK = {"-", "--", ".", "n.a.", "#n/a", "missing", "unknown"}
_CLASS_NAMES = {"class", "target", "label"}
_FEW = 0.05  # of the cells of a column may be no numbers by mistake
_MANY_TEXTS = 50
_YEAR, _DAY = r"\d{4}", r"(?:\d{1,2}|[A-Za-z]{3,9})"
_DAYS = rf"{_YEAR}([-/.]){_DAY}\1\d{{1,2}}|\d{{1,2}}([-/. ]){_DAY}\2{_YEAR}|\d{{1,2}}/\d{{1,2}}/\d{{2}}"
_DATE = re.compile(rf"(?:{_DAYS})(?:[T ,]+\d{{1,2}}:.*)?|\d{{1,2}}:\d{{2}}(?::\d{{2}}(?:\.\d*)?)?")


def _number(text: str, has_decimal_commas: bool) -> float | None:
    """The number that a cell holds, NaN for a blank one, None for text."""
    if text.lower() in _BLANK:
        return np.nan
    try:
        return float(text.replace(",", ".") if has_decimal_commas else text)
    except ValueError:
        return None


def _check_text(path: Path, name: str, texts: list[str], n_rows: int) -> None:
    """Refuse texts of which a 0/1 column each would say nothing."""
    if all(map(_DATE.fullmatch, texts)):
        raise ValueError(
            f"{path} must hold numbers and categories, but the column {name} holds dates or times, such as {texts[0]}: "
            "turn each into numbers (days since the first, weekday, hour), or remove the column."
        )
    if len(texts) == n_rows > _MANY_TEXTS:
        raise ValueError(
            f"{path} must hold numbers and categories, but the column {name} holds another text in each row, such as "
            f"{texts[0]}: remove it."
        )


def _encode(values: list[str], found: dict[str, float | None]) -> npt.NDArray[np.float64]:
    """Numbers as one column, texts as a 0/1 column for each value."""
    if None in found.values():
        array = np.array(values)
        return (array[:, None] == np.unique(array)).astype(float)
    return np.array([found[value] for value in values], float)[:, None]


def _taken_as_missing(values: list[str], found: dict[str, float | None]) -> list[str]:
    """Texts that stand for missing numbers in a column of numbers; none in a column of texts."""
    texts = {text for text, number in found.items() if number is None}
    by_mistake = {text for text in texts if text.lower() not in _LIKE_BLANK}
    has_numbers = any(number is not None and number == number for number in found.values())
    n_by_mistake = sum(value in by_mistake for value in values)
    return sorted(texts) if has_numbers and n_by_mistake <= _FEW * len(values) else []


def _as_numbers(path: Path, names: list[str], columns: dict[int, list[str]], delimiter: str) -> npt.NDArray[np.float64]:
    encoded, told = [], []
    for i, values in columns.items():
        name = names[i] or str(i)
        found = {text: _number(text, delimiter != ",") for text in dict.fromkeys(values)}
        if missing := _taken_as_missing(values, found):
            found.update(dict.fromkeys(missing, np.nan))
            told.append(f"{name} ({', '.join(map(repr, missing[:3]))})")
        if None in found.values():
            _check_text(path, name, [text for text in found if text.lower() not in _BLANK], len(values))
        encoded.append(_encode(values, found))
    if told:
        warn(f"{path}: what is no number in columns of numbers is taken as missing, in {', '.join(told)}.", UserWarning)
    return np.hstack(encoded)


# -- the header and the class ------------------------------------------------------------------------------------


def _index_of_class(path: Path, first: list[str], target: str | int | None) -> int:
    if isinstance(target, str):
        if first.count(target) != 1:
            raise ValueError(f"{path} must have one column {target!r}, but its columns are {', '.join(first)}.")
        return first.index(target)
    if target is not None:
        if not -len(first) <= target < len(first):
            raise ValueError(f"{path} has {len(first)} columns, so that there is no target={target}.")
        return target % len(first)
    named = [name for name in first[:-1] if name.lower() in _CLASS_NAMES]
    if named and first[-1].lower() not in _CLASS_NAMES:
        raise ValueError(
            f"{path} must have the class in its last column, but that is {first[-1]}, and {named[0]} is another: give "
            f"target={named[0]!r}, or target=-1 for the last."
        )
    return len(first) - 1


def _names_and_rows(path: Path, cells: Cells, at: int, is_named: bool) -> tuple[list[str], Cells]:
    """Names of the columns, which are numbers where there is no header, and the rows below them."""
    first, others = cells.rows[0], cells.rows[1:]
    if is_named or first[at] not in {row[at] for row in others}:
        return first, Cells(others, cells.lines[1:], cells.delimiter)
    warn(
        f"{path} has no header: the class of its first row, {first[at]!r}, is that of others too, so that the row "
        "is read as data.",
        UserWarning,
    )
    return [str(i) for i in range(len(first))], cells


def _check_classes(path: Path, name: str, labels: list[str], lines: list[int]) -> None:
    if bad := [line for label, line in zip(labels, lines, strict=True) if label.lower() in _NO_CLASS]:
        raise ValueError(
            f"{path} must have a class in each row, but {name} is blank in {len(bad):,}, the first in line {bad[0]}: "
            "drop those rows, or give them a class."
        )
    if len(labels) > 2 and 2 * (n := len(set(labels))) > len(labels) > _MANY_TEXTS:
        raise ValueError(
            f"{path} must have classes in the column {name}, but it holds {n:,} different values in {len(labels):,} "
            "rows: name the column of the class by target."
        )


def read_table(path: Path, target: str | int | None) -> tuple[npt.NDArray[np.float64], npt.NDArray[Any]]:
    """Numbers and classes of a CSV file.

    Parameters
    ----------
    path : Path
    target : str, int or None
        The column of the class, by name or number; None: the last.

    Returns
    -------
    X : ndarray of shape (n, p), float64
    y : ndarray of shape (n,), str

    Raises
    ------
    ValueError
    """
    cells = read_cells(path)
    at = _index_of_class(path, cells.rows[0], target)
    names, (rows, lines, delimiter) = _names_and_rows(path, cells, at, isinstance(target, str))
    if not rows:
        raise ValueError(f"{path} must have a header, rows, and at least one column before the class.")
    columns = dict(enumerate(map(list, zip(*rows, strict=True))))
    labels = columns.pop(at)
    _check_classes(path, names[at], labels, lines)
    return _as_numbers(path, names, columns, delimiter), np.array(labels)
