"""Files of the project that must say the same."""

import ast
import importlib
import re
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest

import gan_oversampler

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

pytestmark = pytest.mark.skipif(not (ROOT / ".github").exists(), reason="a source archive holds no files of the forge")


def text(name):
    return (ROOT / name).read_text(encoding="utf-8")


def test_a_commit_runs_what_make_lint_runs():
    """But for the option of `ruff format`, which repairs at a commit and only checks in lint."""
    recipe = re.search(r"^lint:.*?\n((?:\t.*\n)+)", text("Makefile"), re.MULTILINE)[1]
    in_lint = {line.strip().removeprefix("$(BIN)/").removesuffix(" --check") for line in recipe.splitlines()}
    hooks = re.findall(r"^ +entry: (.*)$", text(".pre-commit-config.yaml"), re.MULTILINE)
    assert {hook.removesuffix(" --force-exclude") for hook in hooks} == in_lint


def test_the_workflow_tests_the_pythons_that_the_package_names():
    named = re.findall(r"Python :: (3\.\d+)", "\n".join(PROJECT["classifiers"]))
    matrix = re.search(r"python: \[(.*)\]", text(".github/workflows/ci.yml"))[1]
    assert re.findall(r"3\.\d+", matrix) == named


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", ".github/workflows/ci.yml"])
def test_every_make_target_that_is_named_exists(page):
    targets = set(re.search(r"^\.PHONY: (.*)$", text("Makefile"), re.MULTILINE)[1].split())
    named = set(re.findall(r"\bmake (\w+)(?:`| +#|\n)", text(page)))
    assert named
    assert named <= targets


def test_one_version():
    cited = re.search(r"^version: (.*)$", text("CITATION.cff"), re.MULTILINE)[1]
    assert PROJECT["version"] == gan_oversampler.__version__ == cited


def imported_from_the_package(script):
    """Each (module, name) that a script imports from the package."""
    nodes = [n for n in ast.walk(ast.parse(script.read_text(encoding="utf-8"))) if isinstance(n, ast.ImportFrom)]
    of_package = [node for node in nodes if node.module and node.module.split(".")[0] == "gan_oversampler"]
    return {(node.module, alias.name) for node in of_package for alias in node.names}


@pytest.mark.parametrize("folder", ["benchmarks", "docs", "examples"])
def test_scripts_import_what_the_package_has(folder):
    """Moved files are missed in scripts that no test runs."""
    scripts = sorted((ROOT / folder).glob("*.py"))
    wanted = {pair for script in scripts for pair in imported_from_the_package(script)}
    assert wanted
    modules = {module: importlib.import_module(module) for module, _ in wanted}
    lost = [(m, name) for m, name in wanted if not hasattr(modules[m], name) and not find_spec(f"{m}.{name}")]
    assert not lost
