"""The ledger of what was looked at on which draws, held against the records and against what pages claim."""

from __future__ import annotations

import ast
import csv
import itertools
import re
from fnmatch import fnmatch
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1]
BENCHMARKS = ROOT / "benchmarks"
LEDGER = BENCHMARKS / "ledger.md"
RECORDS = [path for path in sorted(BENCHMARKS.rglob("*.csv")) if not path.name.endswith(".labels.csv")]
COPIES = {path.name.lower() for path in ROOT.glob("*.md")}  # that the build of the site makes in docs
PAGES = [
    *(ROOT / "README.md", *sorted(path for path in BENCHMARKS.glob("*.md") if path != LEDGER)),
    *(path for path in sorted((ROOT / "docs").glob("*.md")) if path.name not in COPIES),
]
FRESH = r"nothing\s+(?:was|is|had\s+been)\s+(?:ever\s+)?chosen"  # the one way in which pages say it
OTHER_WORDS = (
    *(r"no\s+choices?\s+(?:was|were|had\s+been)\s+made", r"fresh\s+(?:draw|fold|split|data|digit|table)s?\b"),
    *(r"nothing\s+(?:was|had\s+been)\s+(?:looked\s+at|tuned\s+on)", r"(?:draw|table|digit)s?\s+(?:never|not)\s+seen"),
)


def values(cell: str) -> set[int] | set[str]:
    """Numbers such as "0-2, 5", or the words of the cell."""
    if not re.fullmatch(r"[\d\s,-]+", cell):
        return {cell}
    ends = (part.split("-") for part in cell.split(","))
    return set(itertools.chain.from_iterable(range(int(first[0]), int(first[-1]) + 1) for first in ends))


class Line(NamedTuple):
    """A line of the table."""

    data: str
    label: str
    seed: str
    draws: str
    rare: str
    chosen: str
    reported: str

    @property
    def is_fresh(self) -> bool:
        return self.chosen.split(";")[0] == "nothing"

    @property
    def names(self) -> set[str]:
        """Of records and reports; a part of a record has a name such as "scores.csv, set `untouched`"."""
        return names_in(self.reported)

    def reports(self, name: str) -> bool:
        """Whether a record, a folder of records or a page stands in the last column."""
        return any(name == own or own.startswith(f"{name.rstrip('/')}/") or fnmatch(name, own) for own in self.names)

    def overlaps(self, other: Line) -> bool:
        pairs = zip(self[1:4], other[1:4], strict=True)
        return (
            self.data == other.data
            and self.seed.isdigit()
            and all(not values(mine).isdisjoint(values(theirs)) for mine, theirs in pairs)
        )


def names_in(text: str) -> set[str]:
    """What a text names of the folder of records, as the ledger names it: files, folders ("mnist-50/*") and pages."""
    code = re.findall(r"`([\w./?*-]+(?:\.csv|/))`(?:, set `(\w+)`)?", text)
    links = re.findall(r"\]\(([^)#\s]+\.(?:md|csv))[)#]", text)
    named = [f"{name}{'*' if name.endswith('/') else ''}{f':{part}' if part else ''}" for name, part in code]
    return {re.sub(r"^(\.\./)*(benchmarks/)?", "", name) for name in [*named, *links]}


def lines_of(text: str) -> list[Line]:
    rows = [re.split(r"\s*\|\s*", row.strip("| ")) for row in re.findall(r"^\|.*\|$", text, re.MULTILINE)]
    return [Line(*row) for row in rows[2:]]


LINES = lines_of(LEDGER.read_text(encoding="utf-8"))


# -- the records -------------------------------------------------------------------------------------------


class Cell(NamedTuple):
    """What a row of a record tells of where it was measured; None where it does not."""

    part: str | None
    label: int | None
    seed: int | None
    draw: int | None
    rare: int | None


def _cell(row: dict[str, str]) -> Cell:
    label, rare, *_ = ast.literal_eval(row["settings"]) if row.get("settings") else (None, row.get("n_minority"))
    label = row.get("class", row.get("digit", label))
    numbers = (label, row.get("root_seed", row.get("seed")), row.get("draw"), rare)
    return Cell(row.get("set"), *(int(number) if str(number).isdigit() else None for number in numbers))


def cells(path: Path) -> set[Cell]:
    with path.open(newline="", encoding="utf-8") as file:
        return {_cell(row) for row in csv.DictReader(file)}


def covers(line: Line, name: str, cell: Cell) -> bool:
    """Whether a line reports the record's row. Words, such as "defective", are not compared with numbers."""
    told = zip(line[1:5], cell[1:], strict=True)
    return line.reports(f"{name}:{cell.part}" if cell.part else name) and all(
        number is None or number in values(said) or said in values(said) for said, number in told
    )


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.relative_to(BENCHMARKS).as_posix())
def test_each_record_stands_in_the_ledger(path):
    name = path.relative_to(BENCHMARKS).as_posix()
    missing = {cell for cell in cells(path) if not any(covers(line, name, cell) for line in LINES)}
    assert not missing, f"add to ledger.md where {name} was measured"


def test_what_the_ledger_names_is_there():
    there = {path.relative_to(BENCHMARKS).as_posix() for path in [*RECORDS, *BENCHMARKS.rglob("*.md")]}
    names = {name.split(":")[0] for line in LINES if "being measured" not in line.reported for name in line.names}
    assert not {name for name in names if not any(fnmatch(path, name) for path in there)}


def test_rows_of_the_same_data_stand_under_one_name():
    """Records hold a fingerprint of X and of who is rare."""
    named = {}
    for path in RECORDS:
        with path.open(newline="", encoding="utf-8") as file:
            prints = {row.get("data") for row in csv.DictReader(file) if "settings" in row}
        for line in LINES:
            if line.reports(path.relative_to(BENCHMARKS).as_posix()):
                for fingerprint in prints:
                    named.setdefault(fingerprint, set()).add(line.data)
    assert not {fingerprint: names for fingerprint, names in named.items() if len(names) > 1}


# -- the claims --------------------------------------------------------------------------------------------


def contradictions(lines: list[Line]) -> list[tuple[Line, Line]]:
    """Lines that say "nothing" of draws on which another line says what was chosen."""
    pairs = itertools.product(lines, lines)
    return [(mine, other) for mine, other in pairs if mine.is_fresh > other.is_fresh and mine.overlaps(other)]


def test_nothing_is_said_of_no_draw_that_another_line_looked_at():
    assert not contradictions(LINES)


def blocks(text: str) -> list[str]:
    """Paragraphs, items of lists, and rows of tables."""
    return re.split(r"\n(?=\s*\n|\s*(?:[-*|]|\d+\.|#+) )", text)


def false_claims(text: str, lines: list[Line]) -> list[str]:
    """Blocks that claim what the ledger does not say, or name no record of it."""
    found = []
    for block in blocks(text):
        if re.search(FRESH, block, re.IGNORECASE):
            named = [[line for line in lines if line.reports(name)] for name in names_in(block) if name != "ledger.md"]
            claimed = [line for lines_of_name in named for line in lines_of_name]
            if not claimed or not all(line.is_fresh for line in claimed):
                found.append(block.strip())
        found += [match.group() for words in OTHER_WORDS for match in re.finditer(words, block, re.IGNORECASE)]
    return found


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_page_calls_fresh_only_what_the_ledger_does(path):
    assert not false_claims(path.read_text(encoding="utf-8"), LINES)


OUR_LINES = lines_of(
    """
| data | class | root seed | draws | rare rows | looked at, or chosen | reported in |
|---|---|---|---|---|---|---|
| MNIST | 0-9 | 2 | 0 | 315 | an earlier recipe | `looked/`, [report](looked.md) |
| MNIST | 0-9 | 2 | 1-4 | 315 | nothing | `looked/`, `fresh.csv` |
| tables | 8 others | 1 | 0 | all | nothing | `scores.csv`, set `untouched` |
| tables | 16 | 1 | 0 | all | the recipe | `scores.csv`, set `development` |
"""
)


@pytest.mark.parametrize(
    ("claim", "is_false"),
    [
        ("On draws that nothing was chosen on (`benchmarks/fresh.csv`): .9.", False),
        ("Tables that nothing\nwas chosen on (`scores.csv`, set `untouched`).", False),
        ("Tables that nothing was chosen on (`scores.csv`, set `development`).", True),
        ("On draws that nothing was chosen on (`benchmarks/looked/`): .9.", True),
        ("On draws that nothing was chosen on ([report](../benchmarks/looked.md)): .9.", True),
        ("On draws that nothing was chosen on: .9.", True),
        ("- `fresh.csv` is here.\n- Nothing was chosen on these.", True),
        ("On fresh draws (`fresh.csv`).", True),
        ("On draws on which no choice was made (`fresh.csv`).", True),
        ("What was chosen on `looked/` was the strength.", False),
    ],
)
def test_a_claim_is_held_against_the_line_of_its_record(claim, is_false):
    assert bool(false_claims(claim, OUR_LINES)) == is_false


def test_a_line_that_contradicts_another_is_found():
    assert not contradictions(OUR_LINES)
    assert contradictions([*OUR_LINES, OUR_LINES[0]._replace(chosen="nothing", label="5", rare="100")])
