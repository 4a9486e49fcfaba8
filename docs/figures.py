"""Measured figures of the pages, computed from their records: ``python docs/figures.py [--write] [PAGE ...]``.

A comment that readers do not see stands right after a paragraph, an item or a table that holds figures. It names a
record in `benchmarks`, and what each figure before it is, in the order of the text::

    `GANOverSampler` (.9948) is above SMOTE (.9745, p = .002).
    <!-- figures of mnist-five.csv: GANOverSampler; SMOTE; p GANOverSampler over SMOTE -->

============================================ =====================================================================
`SMOTE`                                      its mean average precision
`F1 SMOTE`                                   its mean by another metric, one of METRICS
`gap SMOTE`, `lowest gap`, `seconds`         the gap closed, the least of several records, seconds to resample
`tuning SMOTE`, `spread F1 SMOTE`            F1 at the tuned threshold less F1, the standard deviation over draws
`SMOTE over nothing`                         the difference of means
`p SMOTE over nothing or affine`, `Wilcoxon` the largest p-value of these after Holm's correction, by either test
`detectable SMOTE over nothing`              the least true difference that the test would have found
`ahead SMOTE over nothing`                   on how many of several records it is better: "nine digits of ten"
`... by dense 256-64`, `... on digit1`       by this classifier, on this one of several records
`of mnist-100: ...`                          from another record, which holds for what follows
`2 in speed.md`, `3 unrecorded`              two figures that stand on that page, three that have no record
============================================ =====================================================================

After a table the record is enough, ``<!-- figures of mnist-five.csv -->``: rows name methods and columns quantities, or
columns name methods and each row links a report. Items after it are of figures that stand among words in cells. A link
to a record stands near every figure. `--write` puts the computed figures into the pages.
"""

from __future__ import annotations

import functools
import itertools
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from gan_oversampler.comparison import Comparison, PooledComparison

ROOT = Path(__file__).parents[1]
BENCHMARKS = ROOT / "benchmarks"
PAGES = [ROOT / "README.md", ROOT / "docs" / "index.md", ROOT / "docs" / "should-i-use-it.md"]
ALSO = [ROOT / "docs" / "comparison.md", BENCHMARKS / "README.md"]  # where figures without a comment are let pass
METRICS = {
    **{f"precision at recall .{share}": f"precision_at_recall_{share}0" for share in (5, 8, 9)},
    **{"tuned F1": "f1_tuned", "F1": "f1", "recall": "recall", "precision": "precision", "Brier": "brier_corrected"},
}
METHODS = {
    **{"nothing done": "nothing", "learned": "DeformationOverSampler", "GAN": "GANOverSampler"},
    **{"small random affine deformation": "affine", "affine deformation": "affine"},
    "affine deformation, both classes": "affine both classes",
    "TrivialAugment while training, classes balanced": "TrivialAugment online, balanced",
    "flip and crop while training, classes balanced": "flip and crop online, balanced",
    **{"all real images": "oracle", "all real images, balanced": "oracle balanced"},
    "all real images, deformed": "oracle deformed",
}
COLUMNS = {
    **{"average precision": "{}", "gap closed": "gap {}", "to resample": "seconds {}", "s to resample": "seconds {}"},
    "gap closed by the GAN": "gap GANOverSampler",
    **{"F1": "F1 {}", "F1 at 0.5": "F1 {}", "Brier, corrected": "Brier {}"},
    **{f"precision at recall .{share}": f"precision at recall .{share} {{}}" for share in (5, 8, 9)},
    **{"dense, 0.5": "F1 {} by dense 256-64", "dense, tuned": "tuned F1 {} by dense 256-64"},
    **{"16-1, 0.5": "F1 {} by notebook 16-1", "16-1, tuned": "tuned F1 {} by notebook 16-1"},
}
THRESHOLD = "0.5"  # of a classifier: no figure that was measured
WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
FIGURE = (
    r"(?<![\w.,])(?:0?\.\d+(?![\w]|\.\d)|\d+(?:\.\d+)?(?= ?%| s\b)"
    rf"|(?:{'|'.join(WORDS)})(?=\s(?:digits|classes)\sof\s(?:four|ten)\b))"
)
COMMENT = r"<!--\s*figures\b(.*?)-->"
UNRECORDED = "unrecorded"


class Figure(NamedTuple):
    """A number of a page: where it stands, how it is written, and what its record says."""

    start: int
    text: str
    is_percent: bool = False
    is_negative: bool = False
    computed: float | None = None
    problem: str = ""

    @property
    def by_the_record(self) -> str:
        """The computed number, written as this one is."""
        if self.computed is None:
            return self.text
        if self.text in WORDS:
            return WORDS[int(self.computed)]
        digits = len(self.text.partition(".")[2])
        number = f"{abs(self.computed) * (100 if self.is_percent else 1):.{digits}f}"
        has_other_sign = (self.computed < 0) != self.is_negative and float(number) != 0
        sign = ("+" if self.is_negative else "-") if has_other_sign else ""
        return sign + (number.removeprefix("0") if self.text.startswith(".") else number)


# -- what a record says ------------------------------------------------------------------------------------


@functools.cache
def record(name: str) -> Any:
    """The `Comparison` of a file, or the `PooledComparison` of a folder or a pattern, below `benchmarks`."""
    pattern = name if name.endswith(".csv") else f"{name}/*.csv"
    files = [path for path in sorted(BENCHMARKS.glob(pattern)) if not path.name.endswith(".labels.csv")]
    if not files:
        raise ValueError(f"there is no record {name}")
    return Comparison.from_csv(files[0]) if files == [BENCHMARKS / name] else PooledComparison.from_csv(files)


def _first_of(words: list[str], item: str) -> tuple[str, str]:
    """The word that an item begins with, or none, and the rest."""
    word = next((word for word in words if item.startswith(f"{word} ")), "")
    return word, item.removeprefix(word).strip()


def _of_method(outcome: Any, what: str, metric: str, name: str, judge: str | None) -> float:
    if what == "tuning":
        return outcome.mean(name, "f1_tuned", judge) - outcome.mean(name, "f1", judge)
    if what in ("gap", "lowest gap"):
        pooled = isinstance(outcome, PooledComparison)
        gaps = outcome.gaps_closed(name, judge) if pooled else [outcome.gap_closed(name, judge)]
        return float(np.mean(gaps) if what == "gap" else np.min(gaps))
    if what == "seconds":
        outcomes = outcome.comparisons.values() if isinstance(outcome, PooledComparison) else [outcome]
        return float(np.mean([one.cost(name, classifier=judge) for one in outcomes]))
    return outcome.spread(name, metric, judge) if what == "spread" else outcome.mean(name, metric, judge)


def _of_tests(outcome: Any, what: str, metric: str, name: str, rivals: list[str], judge: str | None) -> float:
    if what in ("", "ahead"):
        [rival] = rivals
        if what == "ahead":
            return float(outcome.ahead(name, rival, metric, judge).sum())
        return outcome.mean(name, metric, judge) - outcome.mean(rival, metric, judge)
    tests = {test.rival: test for test in outcome.differences(name, metric, judge)}
    if untested := set(rivals) - set(tests):
        raise ValueError(f"not among the rivals that are tested: {', '.join(sorted(untested))}")
    attribute = {"p": "p_holm", "Wilcoxon": "p_wilcoxon", "detectable": "detectable"}[what]
    return max(getattr(tests[rival], attribute) for rival in rivals)


@functools.cache
def value(name: str, item: str) -> float:
    """What an item of a comment is by its record."""
    outcome = record(name)
    item, _, unit = item.partition(" on ")
    if unit:
        [outcome] = [one for own, one in getattr(outcome, "comparisons", {}).items() if own.endswith(unit)]
    item, _, judge = item.partition(" by ")
    words = ["p", "Wilcoxon", "detectable", "ahead", "lowest gap", "gap", "seconds", "spread", "tuning"]
    what, item = _first_of(words, item)
    metric, item = _first_of(list(METRICS), item)
    method, _, others = item.partition(" over ")
    rivals = others.split(" or ") if others else []
    if unknown := {method, *rivals} - set(outcome.methods):
        raise ValueError(f"no method of {name}: {', '.join(sorted(unknown))}")
    given = (outcome, what, METRICS.get(metric, "average_precision"), method)
    return _of_tests(*given, rivals, judge or None) if rivals else _of_method(*given, judge or None)


def _computed(figure: Figure, name: str, item: str) -> Figure:
    try:
        return figure._replace(computed=value(name, item))
    except ValueError as error:
        return figure._replace(problem=str(error))


def _quoted(figure: Figure, page: str) -> Figure:
    """A figure that must stand on a page of `benchmarks` as it is."""
    text = (BENCHMARKS / page).read_text(encoding="utf-8")
    end = r" ?%" if figure.is_percent else r"(?!\d)"
    stands = re.search(rf"(?<![\d.])0?{re.escape(figure.text.removeprefix('0'))}{end}", text)
    return figure if stands else figure._replace(problem=f"does not stand in {page}")


# -- what a page says --------------------------------------------------------------------------------------


def _figures(text: str, start: int) -> list[Figure]:
    found = []
    for match in re.finditer(FIGURE, text):
        before, after = text[: match.start()].rstrip(" "), text[match.end() :].lstrip(" ")
        if match.group() != THRESHOLD:
            found.append(Figure(start + match.start(), match.group(), after.startswith("%"), before.endswith("-")))
    return found


def _items(comment: str) -> Iterator[tuple[str, str]]:
    """For each figure its record and what it is, or a page and nothing."""
    name = ""
    for part in comment.split(";") if comment else []:
        item = " ".join(part.split())
        if named := re.match(r"of (\S+): ", item):
            name, item = named[1], item[named.end() :]
        if place := re.fullmatch(rf"(?:(\d+) )?(?:in )?([\w.-]+\.md|{UNRECORDED})", item):
            yield from itertools.repeat((place[2], ""), int(place[1] or 1))
        else:
            yield name, item


def _named(figures: list[Figure], comment: str, start: int) -> Iterator[Figure]:
    """Figures with the items of a comment, one by one."""
    items = list(_items(comment))
    if len(figures) != len(items):
        told = (
            f"{len(figures)} figures ({' '.join(figure.text for figure in figures)}), of which {len(items)} are named"
        )
        yield Figure(start, "", problem=told)
        return
    for figure, (name, item) in zip(figures, items, strict=True):
        if name == UNRECORDED:
            yield figure
        else:
            yield _computed(figure, name, item) if item else _quoted(figure, name)


def _in_prose(text: str, start: int, comment: str) -> Iterator[Figure]:
    return _named(_figures(text, start), comment, start)


def _method(cell: str) -> str:
    """The method that a cell names."""
    name = re.sub(r"\s*\([^)]*\)$", "", cell).strip("*`")
    name = re.sub(r"^all [\d,]* ?real \w+", "all real images", name)
    return METHODS.get(name, name)


def _in_cell(figure: Figure, row: str, column: str, name: str) -> Figure:
    """A figure that fills a cell of a table."""
    linked = re.search(r"\([./]*(?:benchmarks/)?([\w/-]+)\.md", row)
    if name.endswith(".md"):
        return _quoted(figure, name)
    if column in COLUMNS:
        return _computed(figure, linked[1] if linked else name, COLUMNS[column].format(_method(row)))
    if linked:
        return _computed(figure, linked[1], _method(column))
    return figure._replace(problem=f"what is {column!r}? Name it in COLUMNS of docs/figures.py")


def _in_table(text: str, start: int, comment: str) -> Iterator[Figure]:
    about, _, items = comment.partition(";")
    among_words = []
    lines = list(re.finditer(r"^\|.*$", text, re.MULTILINE))
    head = [cell.strip() for cell in lines[0].group().strip("|").split("|")]
    for line in lines[2:]:
        row, *cells = re.finditer(r"[^|]+", line.group())
        for column, cell in zip(head[1:], cells, strict=True):
            content = cell.group() + ("s " if column.startswith("s ") else "")  # the head has the unit
            for figure in _figures(content, start + line.start() + cell.start()):
                if content.strip(" *%s+-") == figure.text:
                    yield _in_cell(figure, row.group().strip(), column, about.rpartition(" ")[2])
                else:
                    among_words.append(figure)
    yield from _named(among_words, items, start)


def _blank(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", match.group())


def _without_code(text: str) -> str:
    """Blanks in place of code, headings and addresses of links; tables are left as they are."""
    text = re.sub(r"^(```|:::).*?^\1\s*$", _blank, text, flags=re.DOTALL | re.MULTILINE)
    lines = text.splitlines(keepends=True)
    rest = r"`[^`]*`|(?<=\])\([^)]*\)|^#.*"
    return "".join(line if line.startswith("|") else re.sub(rest, _blank, line) for line in lines)


def figures_of(path: Path, text: str) -> Iterator[Figure]:
    """Each figure of a page, with what its record says."""
    readable = _without_code(text)
    blocks = [match.span() for match in re.finditer(r"(?:^.*\S.*\n?)+", readable, re.MULTILINE)]
    for i, (at, end) in enumerate(blocks):
        around = text[blocks[max(i - 1, 0)][0] : blocks[min(i + 1, len(blocks) - 1)][1]]
        is_linked = "benchmarks/" in around or path.parent == BENCHMARKS
        for comment in re.compile(COMMENT, re.DOTALL).finditer(readable, at, end):
            part = readable[at : comment.start()]
            read = _in_table if part.startswith("|") else _in_prose
            for figure in read(part, at, comment[1].strip()):
                yield figure if is_linked else figure._replace(problem="no link to its record stands near it")
            at = comment.end()
        for figure in _figures(readable[at:end], at) if path not in ALSO else []:
            yield figure._replace(problem="no comment after it names its record")


def findings(path: Path) -> list[str]:
    """What is wrong with the figures of a page."""
    text = path.read_text(encoding="utf-8")
    found = []
    for figure in figures_of(path, text):
        differs = f"{figure.by_the_record} by its record" if figure.by_the_record != figure.text else ""
        if problem := figure.problem or differs:
            line = text[: figure.start].count("\n") + 1
            found.append(f"{path.name}:{line}: {figure.text}: {problem}")
    return found


def write(path: Path) -> None:
    """Put the computed figures into a page."""
    text = path.read_text(encoding="utf-8")
    for figure in sorted(figures_of(path, text), key=lambda figure: -figure.start):
        text = text[: figure.start] + figure.by_the_record + text[figure.start + len(figure.text) :]
    path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    pages = [Path(name).resolve() for name in sys.argv[1:] if name != "--write"] or [*PAGES, *ALSO]
    if "--write" in sys.argv:
        for page in pages:
            write(page)
    wrong = [line for page in pages for line in findings(page)]
    print("\n".join(wrong))
    sys.exit(bool(wrong))
