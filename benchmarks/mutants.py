"""Mutation testing: small faults are put into the files where learning and statistics live, and the tests must notice.

    python benchmarks/mutants.py                                  # all files named in mutants.toml
    python benchmarks/mutants.py _deformation/warp.py --sample 50 # 50 mutants of a file, drawn by a fixed seed

cosmic-ray makes the mutants. They are run here and not by its own runner, which starts Python anew for each: a process
forked from one that has imported the libraries, and run nothing, saves three to eight seconds a mutant. The fault is
put in while the module is imported, so that no file changes.
"""

from __future__ import annotations

import argparse
import ast
import importlib.abc
import importlib.util
import multiprocessing
import os
import sys
import time
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "gan_oversampler"
LIBRARIES = (
    *("hypothesis", "imblearn.over_sampling", "scipy.ndimage", "scipy.stats", "sklearn.datasets"),
    *("sklearn.decomposition", "sklearn.ensemble", "sklearn.neural_network", "sklearn.pipeline", "sklearn.svm"),
)
# One replacement of each kind: cosmic-ray's eleven for every "+" tell no more than the first.
OPERATORS = (
    *(f"Binary{pair}" for pair in ("Add_Sub", "Sub_Add", "Mul_Div", "Div_Mul", "FloorDiv_Mul", "Mod_Mul", "Pow_Mul")),
    *(f"Binary{pair}" for pair in ("BitAnd_BitOr", "BitOr_BitAnd", "RShift_LShift", "LShift_RShift")),
    *(f"Comparison{pair}" for pair in ("Lt_LtE", "Lt_GtE", "Gt_GtE", "Gt_LtE", "LtE_Lt", "LtE_Gt", "GtE_Gt", "GtE_Lt")),
    *(f"Comparison{pair}" for pair in ("Eq_NotEq", "NotEq_Eq", "Is_IsNot", "IsNot_Is")),
    *(f"Unary{pair}" for pair in ("USub_UAdd", "Delete_Not")),
    *("ReplaceTrueWithFalse", "ReplaceFalseWithTrue", "ReplaceAndWithOr", "ReplaceOrWithAnd"),
    *("NumberReplacer", "ZeroIterationForLoop", "AddNot"),
)
KINDS = ("Binary", "Comparison", "Unary")


@dataclass(frozen=True)
class Mutant:
    """A file with one fault: what was changed, the line, and the whole source."""

    operator: str
    line: int
    before: str
    after: str
    source: str


def _operator(name: str) -> str:
    kind = next((kind for kind in KINDS if name.startswith(kind)), None)
    return f"core/{name}" if kind is None else f"core/Replace{kind}Operator_{name.removeprefix(kind)}"


class _WithoutAnnotations(ast.NodeTransformer):
    """They are never evaluated, so a fault in one is none."""

    def visit_arg(self, node: ast.arg) -> ast.arg:
        return ast.arg(node.arg)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        node.annotation = ast.Constant(None)
        return self.generic_visit(node)


def _meaning(source: str) -> str | None:
    try:
        return ast.dump(_WithoutAnnotations().visit(ast.parse(source)))
    except SyntaxError:  # cosmic-ray takes the stars of f(**arguments) for a power
        return None


def mutants_of(source: str) -> Iterator[Mutant]:
    """Every mutant of a file, those left out that are no Python or differ in annotations alone."""
    from cosmic_ray import mutating, plugins

    meaning = _meaning(source)
    for name in OPERATORS:
        operator = plugins.get_operator(_operator(name))()
        occurrence = 0
        while (mutated := mutating.mutate_code(source, operator, occurrence)) is not None:
            occurrence += 1
            if _meaning(mutated) in (meaning, None):
                continue
            lines = enumerate(zip(source.splitlines(), mutated.splitlines(), strict=True), start=1)
            line, before, after = next((i, a.strip(), b.strip()) for i, (a, b) in lines if a != b)
            yield Mutant(name, line, before, after, mutated)


class _MutatedModule(importlib.abc.MetaPathFinder, importlib.abc.SourceLoader):
    """Finds one module, with another source than its file has."""

    def __init__(self, name: str, path: Path, source: str) -> None:
        self.name, self.path, self.source = name, path, source

    def find_spec(self, name: str, path: object, target: object = None) -> object:
        return importlib.util.spec_from_loader(name, self) if name == self.name else None

    def get_filename(self, name: str) -> str:
        # No file has that name: TensorFlow compiles a step from its source, and would read the one without a fault.
        return f"{self.path}.mutant"

    def get_data(self, path: str) -> bytes:
        return self.source.encode()


def _run_tests(path: Path, source: str, tests: list[str]) -> None:
    """In a process of its own: exit with pytest's code."""
    sys.path.insert(0, str(ROOT / "src"))
    os.chdir(ROOT)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    name = ".".join(path.relative_to(ROOT / "src").with_suffix("").parts)
    sys.meta_path.insert(0, _MutatedModule(name, path, source))
    import pytest

    sys.exit(int(pytest.main(["-x", "-q", "-p", "no:cacheprovider", "-p", "pytest_timeout", *tests])))


class Runner:
    """Runs the tests of a file against its mutants, some at a time."""

    def __init__(self, context: multiprocessing.context.ForkServerContext, jobs: int) -> None:
        self.context, self.jobs = context, jobs

    def outcome(self, path: Path, source: str, tests: list[str], seconds: float) -> str:
        """'survived', 'killed' or 'killed by time'."""
        process = self.context.Process(target=_run_tests, args=(path, source, tests))
        process.start()
        process.join(seconds)
        if process.is_alive():
            process.kill()
            process.join()
            return "killed by time"
        if process.exitcode in (4, 5):  # pytest: wrong usage, no tests
            raise ValueError(f"pytest could not run {tests}: correct benchmarks/mutants.toml.")
        return "killed" if process.exitcode else "survived"

    def outcomes(self, path: Path, tests: list[str], mutants: list[Mutant]) -> list[str]:
        """What became of each mutant of a file, whose tests must pass without one."""
        began = time.perf_counter()
        if self.outcome(path, path.read_text(), tests, 600) != "survived":
            raise RuntimeError(f"The tests of {path.name} fail without any fault: {tests}.")
        limit = 30 + 5 * (time.perf_counter() - began)
        with ThreadPoolExecutor(self.jobs) as pool:
            return list(pool.map(lambda mutant: self.outcome(path, mutant.source, tests, limit), mutants))


def _drawn(mutants: list[Mutant], n: int | None, seed: int) -> list[Mutant]:
    if n is None or n >= len(mutants):
        return mutants
    return [mutants[i] for i in np.sort(np.random.default_rng(seed).choice(len(mutants), n, replace=False))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", help="as named in mutants.toml; default: all")
    parser.add_argument("--sample", type=int, help="at most so many mutants of a file; default: all")
    parser.add_argument("--seed", type=int, default=0, help="of the sample")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    os.environ.update(OMP_NUM_THREADS="1", TF_NUM_INTRAOP_THREADS="1", TF_NUM_INTEROP_THREADS="1")
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # a process needs none but the one that pyproject.toml names
    tests_of = tomllib.loads(Path(__file__).with_suffix(".toml").read_text())
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(LIBRARIES))
    runner = Runner(context, options.jobs)
    total, n_killed = 0, 0
    for name in options.files or tests_of:
        path = PACKAGE / name
        every = list(mutants_of(path.read_text()))
        mutants = _drawn(every, options.sample, options.seed)
        outcomes = runner.outcomes(path, tests_of[name], mutants)
        survived = [mutant for mutant, outcome in zip(mutants, outcomes, strict=True) if outcome == "survived"]
        killed = len(mutants) - len(survived)
        total, n_killed = total + len(mutants), n_killed + killed
        print(f"| `{name}` | {len(every)} | {len(mutants)} | {killed} | {killed / len(mutants):.0%} |", flush=True)
        for mutant in survived:
            print(f"    {mutant.line}: {mutant.before}  ->  {mutant.after}", flush=True)
    print(f"| all | | {total} | {n_killed} | {n_killed / total:.1%} |")


if __name__ == "__main__":
    main()
