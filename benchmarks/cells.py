"""Records that grow by cells: what a file holds is not measured again."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any


def measure_missing(
    records: Path,
    header: Sequence[str],
    cells: Iterable[Sequence[Any]],
    measure: Callable[..., Iterable[Sequence[Any]]],
) -> None:
    """Append the rows of each cell that a file lacks, cell by cell.

    Parameters
    ----------
    records : Path
        CSV file, made if it is not there.
    header : sequence of str
    cells : iterable of sequence
        What the first columns of a cell's rows hold.
    measure : callable
        Takes the values of a cell and returns the other columns of its rows.
    """
    for cell in map(list, cells):
        names = list(map(str, cell))
        known = list(csv.reader(records.open(newline=""))) if records.exists() else []
        if names in [row[: len(names)] for row in known]:
            continue
        rows = [[*cell, *row] for row in measure(*cell)]
        with records.open("a", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(rows if known else [header, *rows])
