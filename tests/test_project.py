"""Files of the project that must say the same."""

import re
import tomllib
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
