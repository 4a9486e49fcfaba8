"""The picture of who may import whom, held against the imports."""

import ast
from pathlib import Path

import pytest

import gan_oversampler

ROOT = Path(gan_oversampler.__file__).parent
TENSORFLOW = {"_networks", "_losses", "_warp", "_training"}
# Each layer may import those above it, and others of its own line.
LAYERS = [
    {
        *("exceptions", "_random", "_tensorflow", "_presets", "_warnings", "_diagnosis", "datasets", "metrics"),
        *("_display", "_memory", "_strategy", "_own_deformation", "_npz", "_saved_values", "_doc_link", "_threads"),
    },
    {
        "_encoding",
        "_containers",
        "_deformation",
        "_registration",
        "_label_filter",
        "_losses",
        "_networks",
        "_strength",
        "_warp",
    },
    {"_training_state"},
    {"callbacks"},
    {"_checkpoint", "_progress", "_sklearn_callbacks", "_time_limit", "_training", "_watch", "_warm_start"},
    {"_class_model", "_class_training", "_architecture", "_quality", "_kept_rows"},
    {"_description", "_class_task"},
    {"_persistence", "_base"},
    {"_sampler", "_deformation_sampler"},
    {"comparison", "inspection", "__init__", "__main__"},
]
FILES = sorted(ROOT.rglob("*.py"))


def module_of(path):
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imports(path, top_level_only=False):
    """Modules imported by a file: package-internal ones by their own name."""
    tree = ast.parse(path.read_text())
    for node in tree.body if top_level_only else ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module == "gan_oversampler":
            yield from (f"gan_oversampler.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def layer(name):
    return next((i for i, names in enumerate(LAYERS) if name in names), None)


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_go_leftwards_only(path):
    assert layer(module_of(path)) is not None, "name the new module in LAYERS"
    for name in imports(path):
        parts = name.split(".")
        if parts[0] == "gan_oversampler" and len(parts) > 1 and (ROOT / f"{parts[1]}.py").exists():
            assert layer(parts[1]) <= layer(module_of(path)), f"{path.name} imports {name}"


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_only_four_modules_import_tensorflow_and_none_matplotlib_at_the_top(path):
    heavy = {name.split(".")[0] for name in imports(path, top_level_only=True)} & {"tensorflow", "keras", "matplotlib"}
    assert heavy <= ({"tensorflow", "keras"} if module_of(path) in TENSORFLOW else set())
