"""The picture of the house in docs/design.md, held against the imports.

``python -m tests.test_architecture`` draws the picture.
"""

import ast
from pathlib import Path

import pytest

import gan_oversampler

ROOT = Path(gan_oversampler.__file__).parent
NAME = ROOT.name
FILES = sorted(ROOT.rglob("*.py"))
# Each room may import those named before it, and itself.
ROOMS = [
    "exceptions",
    "_utils",
    "_rows",
    "_deformation",
    "_perturbation",
    "datasets",
    "metrics",
    "calibration",
    "_trained",
    "callbacks",
]
ROOMS += [
    "_gan",
    "_classes",
    "_saved",
    "_samplers",
    "_choice",
    "_batches",
    "batches",
    "inspection",
    "comparison",
    "__init__",
    "__main__",
]
FOR_ALL = ("exceptions", "_utils")
# The way inside the one room that has rooms of its own.
COMPARISON = ["_rivals", "_measure", "_outcome", "_compare", "_mnist", "__init__", "__main__"]
# Importing these imports TensorFlow; elsewhere that happens inside a call.
NEEDS_TENSORFLOW = {
    f"{NAME}._gan.{file}"
    for file in ("networks", "losses", "tensor_deformation", "engine", "drawing", "replicas", "loop")
}
# What Keras and tf.data take, which are classes and functions of theirs.
NEEDS_TENSORFLOW |= {f"{NAME}._batches.{file}" for file in ("keras_data", "tf_data")}
# The networks of the comparison's rivals, and the losses that they take.
NEEDS_TENSORFLOW |= {
    f"{NAME}.comparison._rivals.{file}" for file in ("autoencoder", "imbalance_losses", "network", "trainable")
}
LAZY_USERS_OF_TENSORFLOW = {
    f"{NAME}._gan.builders",
    f"{NAME}._gan.gate",
    f"{NAME}._gan.distributed",
    f"{NAME}._classes.model",
    f"{NAME}._classes.training",
    f"{NAME}._classes.training_memory",
    f"{NAME}._samplers.parallel",
    f"{NAME}._saved.network_check",
    f"{NAME}.batches",
    f"{NAME}.callbacks._tensorboard",
    f"{NAME}.comparison._rivals.convolutional",
    f"{NAME}.comparison._rivals.deep_smote",
    f"{NAME}.datasets",  # Keras downloads Fashion-MNIST
}


def module_name(path):
    parts = path.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in FILES}


def _absolute(node, path):
    """The module that an import statement names, relative ones too."""
    package = path.relative_to(ROOT.parent).parent.parts
    base = package[: len(package) - node.level + 1] if node.level else ()
    return ".".join([*base, *([node.module] if node.module else [])])


def _names(node, path):
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    module = _absolute(node, path)
    inside = [f"{module}.{alias.name}" for alias in node.names]
    return [name if name in MODULES else module for name in inside]


def _at_the_top(tree):
    """Import statements that run when the module is imported."""
    for node in tree.body:
        yield from ast.walk(node) if isinstance(node, ast.Try | ast.With) else [node]


def imports_of(path, top_level_only=False):
    """Modules that a file imports: absolute and relative ones, and those inside functions."""
    tree = ast.parse(path.read_text())
    nodes = _at_the_top(tree) if top_level_only else ast.walk(tree)
    statements = [node for node in nodes if isinstance(node, ast.Import | ast.ImportFrom)]
    return {name for node in statements for name in _names(node, path)}


def room(module, folder=NAME):
    """The room inside a folder that a module lies in; None where it lies elsewhere."""
    if module == folder:
        return "__init__"
    return module.removeprefix(f"{folder}.").split(".")[0] if module.startswith(f"{folder}.") else None


def internal_imports(path):
    return {name for name in imports_of(path) if name.split(".")[0] == NAME}


def picture():
    """Each room and those that it uses, the highest first, for docs/design.md; without what every room may use."""
    files = {name: [path for module, path in MODULES.items() if room(module) == name] for name in ROOMS}
    used = {name: {room(module) for path in files[name] for module in internal_imports(path)} for name in ROOMS}
    shown = [name for name in ROOMS if name not in FOR_ALL]
    lines = [f"{name:<13}  {' '.join(r for r in shown if r in used[name] - {name})}" for name in reversed(ROOMS)]
    return "\n".join(line.rstrip() for line in lines)


def test_the_design_page_shows_this_picture():
    page = (Path(__file__).parents[1] / "docs" / "design.md").read_text(encoding="utf-8")
    assert picture() in page, "put into docs/design.md what `python -m tests.test_architecture` draws"


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_go_one_way_between_rooms(path):
    own = room(module_name(path))
    for name in internal_imports(path) - {NAME}:  # `import gan_oversampler` for the version
        assert ROOMS.index(room(name)) <= ROOMS.index(own), f"{path.relative_to(ROOT)} imports {name}"


@pytest.mark.parametrize(
    "path", [p for p in FILES if p.parent.parent.name == "comparison" or p.parent.name == "comparison"]
)
def test_imports_go_one_way_inside_comparison(path):
    folder = f"{NAME}.comparison"
    own = room(module_name(path), folder)
    for name in internal_imports(path):
        other = room(name, folder)
        assert other is None or COMPARISON.index(other) <= COMPARISON.index(own), f"{path.name} imports {name}"


def test_no_two_modules_import_each_other_in_a_circle():
    """Imports inside functions are counted: a circle that is hidden is a circle."""
    waiting = {
        module: {name for name in internal_imports(path) if name != module and MODULES[name].stem != "__init__"}
        for module, path in MODULES.items()
    }
    while free := [module for module, needs in waiting.items() if not needs & waiting.keys()]:
        for module in free:
            del waiting[module]
    assert not waiting, f"in a circle, or standing on one: {sorted(waiting)}"


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_tensorflow_is_imported_where_networks_are_and_matplotlib_nowhere_at_the_top(path):
    names = imports_of(path, top_level_only=True)
    heavy = {name.split(".")[0] for name in names} & {"tensorflow", "keras", "matplotlib"}
    may_import = module_name(path) in NEEDS_TENSORFLOW
    assert heavy <= ({"tensorflow", "keras"} if may_import else set())
    assert may_import or not names & NEEDS_TENSORFLOW


def test_those_who_import_tensorflow_in_a_call_are_known():
    users = {
        module
        for module, path in MODULES.items()
        if module not in NEEDS_TENSORFLOW
        and any(name in NEEDS_TENSORFLOW or name.split(".")[0] in ("tensorflow", "keras") for name in imports_of(path))
    }
    assert users == LAZY_USERS_OF_TENSORFLOW


def test_no_two_files_have_the_same_name():
    names = [path.stem.strip("_") for path in FILES if path.stem not in ("__init__", "__main__")]
    assert not {name for name in names if names.count(name) > 1}


def test_relative_and_lazy_imports_are_seen(tmp_path):
    folder = ROOT / "comparison" / "_measure"
    source = "from ..._utils import seeds\nfrom . import draws\ndef f():\n    from ...metrics import coverage\n"
    file = tmp_path / "file.py"
    file.write_text(source)
    tree = ast.parse(source)
    found = {n for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for n in _names(node, folder / "file.py")}
    assert found == {f"{NAME}._utils.seeds", f"{NAME}.comparison._measure.draws", f"{NAME}.metrics"}


if __name__ == "__main__":
    print(picture())
