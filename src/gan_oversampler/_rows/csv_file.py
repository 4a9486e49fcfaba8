"""The cells of a CSV file, whatever its encoding and delimiter are: rows that are all of one length."""

from __future__ import annotations

import csv
import io
from collections import Counter
from pathlib import Path
from typing import NamedTuple

_DELIMITERS = (",", ";", "\t", "|")
_LOOKED_AT = 65_536  # characters


class Cells(NamedTuple):
    """What stands in a file.

    Attributes
    ----------
    rows : list of list of str
        All of one length, of two cells or more.
    lines : list of int
        The line of each row, counted from 1.
    delimiter : str
    """

    rows: list[list[str]]
    lines: list[int]
    delimiter: str


def _text_of(path: Path) -> str:
    """The text of a file: UTF-8, UTF-16 where its first bytes say so, else what Windows and Latin-1 wrote."""
    data = path.read_bytes()
    marked = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "cp1252", "latin-1"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise ValueError(f"{path} must be a CSV file, but it is no text: write the table as CSV first.")


def _rows_of(text: str, delimiter: str) -> list[tuple[int, list[str]]]:
    """Rows that are not blank, with the lines where they end."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
    return [(reader.line_num, [cell.strip() for cell in row]) for row in reader if any(map(str.strip, row))]


def _fit(text: str, delimiter: str) -> tuple[float, int]:
    """How well a delimiter divides some rows: the share of those of the commonest length above 1, and this length."""
    lengths = Counter(len(row) for _, row in _rows_of(text, delimiter))
    length, n = max(((k, n) for k, n in lengths.items() if k > 1), key=lambda pair: pair[1], default=(1, 0))
    return n / max(1, lengths.total()), length


def read_cells(path: Path) -> Cells:
    """Read a file of cells that are divided by commas, semicolons, tabs or bars.

    Raises
    ------
    ValueError
        It is no text, has fewer than two columns, or rows of several lengths.
    """
    text = _text_of(path)
    start = text if len(text) <= _LOOKED_AT else text[: text.rfind("\n", 0, _LOOKED_AT) + 1]
    try:
        delimiter = max(_DELIMITERS, key=lambda each: _fit(start, each))
        found = _rows_of(text, delimiter)
    except csv.Error as error:
        raise ValueError(
            f"{path} cannot be read as CSV ({error}): look for a quotation mark that is not closed."
        ) from error
    if not found or (width := len(found[0][1])) < 2:
        raise ValueError(
            f"{path} must have a header, rows, and at least one column before the class, divided by commas, semicolons "
            "or tabs."
        )
    if odd := next(((line, row) for line, row in found if len(row) != width), None):
        raise ValueError(
            f"{path} must have {width} cells a row, as in the first, but line {odd[0]} has {len(odd[1])}: mend it."
        )
    return Cells([row for _, row in found], [line for line, _ in found], delimiter)
