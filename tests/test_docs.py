"""The documentation: links and pictures of the built site, code of the pages, figures that must match the record."""

from __future__ import annotations

import dataclasses
import importlib
import re
import runpy
import warnings
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from sklearn import config_context
from sklearn.datasets import load_digits

from gan_oversampler import SmallClassWarning
from gan_oversampler._gan import presets
from gan_oversampler.comparison import Comparison, PooledComparison
from gan_oversampler.comparison.__main__ import main
from gan_oversampler.exceptions import ConvergenceWarning

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
SITE = DOCS / "_build" / "html"
PAGES = [path for path in sorted(SITE.rglob("*.html")) if "_static" not in path.parts]
RECORD = ROOT / "benchmarks" / "mnist-five.csv"

needs_site = pytest.mark.skipif(not PAGES, reason="the site is not built: run make docs")


# -- the built site ----------------------------------------------------------------------------------------


class _Page(HTMLParser):
    """What a page can be pointed at, and what it points at."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.targets: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("id", "name") and value:
                self.anchors.add(value)
            elif name in ("href", "src") and value:
                self.targets.append(value)


@pytest.fixture(scope="module")
def pages() -> dict[Path, _Page]:
    return {path: _Page(path) for path in PAGES}


def _broken(path: Path, target: str, pages: dict[Path, _Page]) -> bool:
    parts = urlsplit(target)
    if parts.scheme or parts.netloc:
        return False
    file = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    file = file / "index.html" if file.is_dir() else file
    if not file.exists():
        return True
    return bool(parts.fragment) and file in pages and unquote(parts.fragment) not in pages[file].anchors


@needs_site
def test_links_and_pictures_of_the_site_are_there(pages):
    broken = {
        f"{path.relative_to(SITE)}: {target}"
        for path, page in pages.items()
        for target in page.targets
        if _broken(path, target, pages)
    }
    assert not broken


@needs_site
def test_site_loads_nothing_from_the_network(pages):
    loaded = re.compile(r"""<(?:script|img|link rel="stylesheet")[^>]*(?:src|href)=["'](https?:)?//""")
    assert not [path.name for path in pages if loaded.search(path.read_text(encoding="utf-8"))]


# -- pages and README as they stand ------------------------------------------------------------------------

AT_THE_TOP = sorted(ROOT.glob("*.md"))
COPIES = {path.name.lower() for path in AT_THE_TOP}  # that the build of the site makes
SOURCES = [*AT_THE_TOP, *(path for path in sorted(DOCS.glob("*.md")) if path.name not in COPIES)]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_links_between_files_are_right(path):
    """As on a code forge, where the pages are read without being built."""
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    targets = re.findall(r"\]\(([^)\s]+)\)", text)
    if path.name == "index.md":  # the site's own front page points at what the build makes
        targets = [t for t in targets if not t.startswith("benchmarks/")]
    local = [t.split("#")[0] for t in targets if "://" not in t and not t.startswith("#")]
    assert not [t for t in local if not (path.parent / t).exists()]


def _blocks(path: Path) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", path.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)


TUTORIALS = [  # and "scaling", in test_parallel, where workers have started
    "getting-started",
    "images",
    "tables",
    "alongside",
    "batches",
    "tuning",
    "your-own-network",
    "speed-and-memory",
    "reproducibility",
    "coming-from",
    "should-i-use-it",
    "notebook",
]


def third_of_digits(**settings):
    """Every third row of X and y; all of what else is asked for."""
    digits = load_digits(**settings)
    return tuple(part[::3] for part in digits) if settings.get("return_X_y") else digits


def run_page(page, folder, monkeypatch):
    """From top to bottom in one namespace: networks train for a few steps on fewer digits, comparisons draw once."""
    import gan_oversampler.comparison as comparison

    monkeypatch.chdir(folder)
    monkeypatch.setenv("MPLBACKEND", "Agg")
    for name in ("DCGAN", "DENSE"):
        monkeypatch.setattr(presets, name, dataclasses.replace(getattr(presets, name), max_iter=10))
    monkeypatch.setattr("sklearn.datasets.load_digits", third_of_digits)
    full, once = comparison.compare_samplers, {"n_draws": 1, "n_classifier_seeds": 1}
    monkeypatch.setattr(comparison, "compare_samplers", lambda X, y, **settings: full(X, y, **(settings | once)))
    namespace: dict[str, object] = {"__name__": "__main__"}
    # Pages are written for the default: under another FunctionTransformer asks for names of its outputs.
    with warnings.catch_warnings(), config_context(transform_output="default"):
        for category in (SmallClassWarning, ConvergenceWarning):
            warnings.simplefilter("ignore", category)
        for block in _blocks(DOCS / f"{page}.md"):
            exec(compile(re.sub(r'(max_iter"?(?:=|: ))\d+', r"\g<1>10", block), page, "exec"), namespace)


@pytest.mark.parametrize("page", TUTORIALS)
def test_code_of_a_page_runs_as_written(page, tmp_path, monkeypatch):
    run_page(page, tmp_path, monkeypatch)


MODULES = [
    "gan_oversampler",
    *(
        f"gan_oversampler.{name}"
        for name in ("batches", "callbacks", "comparison", "datasets", "exceptions", "inspection", "metrics")
    ),
]


@pytest.mark.parametrize("module", MODULES)
def test_reference_names_everything_public(module):
    named = set(re.findall(r"\w+", (DOCS / "api.rst").read_text(encoding="utf-8")))
    assert set(importlib.import_module(module).__all__) <= named


# -- figures -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("judge", Comparison.from_csv(RECORD).classifiers)
def test_tuned_figures_are_means_over_all_draws(judge):
    comparison = Comparison.from_csv(RECORD)
    draws = {method: len(comparison.common_scores(method, "f1_tuned", judge)) for method in comparison.methods}
    assert set(draws.values()) == {5}, draws


def test_report_of_the_record_is_that_of_its_rows(tmp_path):
    main(["report", str(RECORD), "--report", str(tmp_path / "report.md")])
    assert (tmp_path / "report.md").read_text(encoding="utf-8") == RECORD.with_suffix(".md").read_text(encoding="utf-8")


UNITS = {"digits-20": "digits", "earlier/mnist-digits": "digits"} | {
    **dict.fromkeys(("both-classes", "earlier/both-classes"), "digits"),
    **dict.fromkeys(("headline-50", "headline-100", "headline-315", "by-classifier"), "digits"),
    **dict.fromkeys((f"earlier/mnist-{n}" for n in (50, 100, 1000)), "digits"),
    **{f"photographs-{name}": "classes" for name in ("200", "200-rivals", "500")},
}


@pytest.mark.parametrize("folder", UNITS)
def test_reports_over_several_records_are_those_of_their_rows(folder):
    pooled = pooled_record(folder, f"{UNITS[folder]} of one data set")
    about = "GANOverSampler both classes" if folder.endswith("both-classes") else None
    assert pooled.to_markdown(about) == (ROOT / "benchmarks" / f"{folder}.md").read_text(encoding="utf-8")


def pooled_record(folder, unit="data sets"):
    files = sorted(path for path in (ROOT / "benchmarks" / folder).glob("*.csv") if "labels" not in path.name)
    return PooledComparison.from_csv(files, unit)


def test_figures_of_privacy_are_those_of_the_record():
    script = runpy.run_path(str(ROOT / "benchmarks" / "privacy.py"))
    table = script["report"]()
    assert (ROOT / "benchmarks" / "privacy.md").read_text(encoding="utf-8").endswith(table + "\n")
    means = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]
    by_distance = {(data, method): auc for data, method, attack, auc, *_ in means if attack == "distance"}
    page = (
        (DOCS / "should-i-use-it.md").read_text(encoding="utf-8").split("of an attack by distance")[1].split("\n\n")[0]
    )
    lines = [line for line in page.splitlines()[2:] if line.startswith("|")]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    assert len(rows) == 4
    for method, *figures in rows:
        name = method.strip("`").replace("(", ", ").removesuffix(")")
        for data, figure in zip(("digits", "breast cancer", "vehicle3"), figures, strict=True):
            assert figure == by_distance[data, name].removeprefix("0"), (method, data)
