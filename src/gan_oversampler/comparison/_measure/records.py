"""Records: a row per draw, method, classifier and classifier seed, written as it is measured and found
again."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import Any, TextIO

from gan_oversampler.comparison._measure.classifier_metrics import AT_RECALL, RECORDED, precision_at

Row = dict[str, Any]
Cell = tuple[int, str, str, int]

TEXT = ("method", "role", "classifier", "error", "precision_at_recall", "data", "settings", "recipe", "suspicion")
_COUNTS = (
    *("draw", "classifier_seed", "root_seed", "n_train", "n_test", "n_minority", "n_majority"),
    *("n_after", "n_minority_after", "n_leaked"),
)
FIELDS = (
    *("draw", "method", "role", "classifier", "classifier_seed"),
    *RECORDED,
    *("threshold", "resample_seconds", "fit_seconds", "peak_memory_mb"),
    *("n_train", "n_test", "n_minority", "n_majority", "n_after", "n_minority_after", "n_leaked"),
    *("error", "precision_at_recall", "data", "settings", "recipe", "root_seed", "suspicion"),
)
# Older files without this last field are still read.
_ADDED = ("suspicion",)
# These differ between two runs that are otherwise the same.
MEASURED_ON_THE_MACHINE = ("resample_seconds", "fit_seconds", "peak_memory_mb")


def cell_of(row: Row) -> Cell:
    """The fields that name a record."""
    return row["draw"], row["method"], row["classifier"], row["classifier_seed"]


def score_of(row: Row, metric: str) -> float:
    """What a record says of a metric."""
    if metric in AT_RECALL:
        return precision_at(row["precision_at_recall"], AT_RECALL[metric])
    score: float = row[metric]
    return score


def _parse(field: str, text: str) -> Any:
    if field in TEXT:
        return text
    return int(text) if field in _COUNTS else float(text)


def _drop_torn_line(path: Path) -> None:
    """Cut off a last line that a stop left unfinished."""
    content = path.read_bytes()
    whole = content.rfind(b"\n") + 1
    if whole < len(content):
        with path.open("r+b") as file:
            file.truncate(whole)


def read_records(path: str | os.PathLike[str]) -> list[Row]:
    """Read records that `compare_samplers` wrote.

    Raises
    ------
    ValueError
        The file has other columns.
    """
    with Path(path).open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        if reader.fieldnames is not None and tuple(reader.fieldnames) not in (FIELDS, FIELDS[: -len(_ADDED)]):
            raise ValueError(f"{path} is not a file of records of this version: give another file name.")
        return [{field: _parse(field, row.get(field, "")) for field in FIELDS} for row in reader]


def _write(file: TextIO, rows: list[Row], *, header: bool) -> None:
    writer = csv.DictWriter(file, FIELDS, lineterminator="\n")
    if header:
        writer.writeheader()
    for row in rows:
        writer.writerow({k: repr(float(v)) if isinstance(v, float) else v for k, v in row.items()})
    file.flush()
    os.fsync(file.fileno())


class Records:
    """Rows in memory and, where a path is given, in a CSV file that grows by a line per row.

    Parameters
    ----------
    path : path or None
    """

    def __init__(self, path: str | os.PathLike[str] | None = None) -> None:
        self.path = None if path is None else Path(path)
        self.rows: list[Row] = []
        self._is_older = False
        if self.path is not None and self.path.exists():
            _drop_torn_line(self.path)
            self.rows = read_records(self.path)
            self._is_older = not self.path.read_text(encoding="utf-8").startswith(",".join(FIELDS))
        self._cells = {cell_of(row): row for row in self.rows}

    def __contains__(self, cell: Cell) -> bool:
        """Whether a cell was measured; one that failed is tried again."""
        return cell in self._cells and not self._cells[cell]["error"]

    @property
    def seed(self) -> int | None:
        """The root seed of the existing records."""
        return self.rows[0]["root_seed"] if self.rows else None

    def check(self, **expected: Any) -> None:
        """Refuse to continue records of other data, settings or seed."""
        for row in self.rows[:1]:
            for field, value in expected.items():
                if row[field] != value:
                    what = {"root_seed": "another random_state"}.get(field, f"other {field}")
                    raise ValueError(
                        f"{self.path} holds records of {what} ({row[field]}, now {value}): give another file name."
                    )

    def check_recipe(self, cell: Cell, recipe: str) -> None:
        """Refuse to reuse a stored cell whose sampler or classifier had other parameters."""
        if cell in self and self._cells[cell]["recipe"] != recipe:
            raise ValueError(
                f"{self.path} holds {cell[1]!r} with {cell[2]!r} under other parameters: give the "
                "changed sampler or "
                "classifier another name, or give another file name."
            )

    def append(self, row: Row) -> None:
        """Add a row, or replace the failed row of its cell; on disk before this returns."""
        assert tuple(row) == FIELDS, set(row) ^ set(FIELDS)
        failed = self._cells.get(cell_of(row))
        self._cells[cell_of(row)] = row
        if failed is None:
            self.rows.append(row)
        else:
            self.rows = [row if old is failed else old for old in self.rows]
        if failed is None and not self._is_older:
            self._write_line(row)
        else:
            self._write_all()

    def _write_line(self, row: Row) -> None:
        if self.path is None:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", newline="", encoding="utf-8") as file:
            _write(file, [row], header=file.tell() == 0)

    def _write_all(self) -> None:
        """Rewrite the file, so that a stop leaves the old or the new one."""
        if self.path is None:
            return
        fresh = self.path.with_name(self.path.name + ".new")
        with fresh.open("w", newline="", encoding="utf-8") as file:
            _write(file, self.rows, header=True)
        os.replace(fresh, self.path)
        self._is_older = False
