"""Which files of a folder are images of a class: folders of classes, patterns, masks, and what is left out."""

from __future__ import annotations

import re
from fnmatch import fnmatch
from pathlib import Path

from gan_oversampler._utils.warnings import warn

_PARTS = {"train", "training", "val", "valid", "validation", "dev", "test", "testing"}
_MASK = re.compile(r"(?<![a-z])masks?(?![a-z])")
_OF_THE_SYSTEM = {"thumbs.db", "desktop.ini"}
_MOST_NAMED = 5


def _seen_in(folder: Path) -> list[Path]:
    """What is in a folder, sorted, without what is hidden."""
    return sorted(path for path in folder.iterdir() if not path.name.startswith("."))


def _folders_in(folder: Path) -> list[Path]:
    return [path for path in _seen_in(folder) if path.is_dir()]


def _named(paths: list[Path], folder: Path) -> str:
    """A few of the paths within the folder, and how many there are if these are more."""
    names = ", ".join(path.relative_to(folder).as_posix() for path in paths[:_MOST_NAMED])
    return names if len(paths) <= _MOST_NAMED else f"{names} and {len(paths) - _MOST_NAMED:,} others"


def _classes_in(folder: Path) -> list[Path]:
    """Folders of the classes, sorted.

    Raises
    ------
    FileNotFoundError, ValueError
        There is no such folder, it holds none, or what it holds are parts of a data set or its root.
    """
    if not folder.is_dir():
        raise FileNotFoundError(f"There is no folder {folder}: name one that holds a folder of images for each class.")
    if not (classes := _folders_in(folder)):
        raise ValueError(f"{folder} must hold a folder for each class, named after it, but it holds none.")
    parts = [path for path in classes if path.name.lower() in _PARTS]
    if len(parts) > 1 or parts == classes:
        raise ValueError(
            f"{folder} must hold a folder for each class, but it holds parts of a data set ({_named(parts, folder)}): "
            f"give the folder of one part, such as {next((p for p in parts if 'train' in p.name.lower()), parts[0])}."
        )
    if len(classes) == 1 and len(_folders_in(classes[0])) == len(_seen_in(classes[0])) > 1:
        raise ValueError(
            f"{folder} must hold a folder for each class, but it holds the folder {classes[0].name} alone, which holds "
            f"folders: give {classes[0]}."
        )
    return classes


def _is_wanted(name: str, pattern: str) -> bool:
    """Whether a path within the folder of its class fits the pattern, or does not where this begins with "!"."""
    fits = fnmatch(name, pattern.removeprefix("!")) or fnmatch(name.rsplit("/", 1)[-1], pattern.removeprefix("!"))
    return fits != pattern.startswith("!")


def _check_no_masks(folder: Path, names: list[str]) -> None:
    """Refuse images some of which are called masks."""
    masks = [name for name in names if _MASK.search(name.lower())]
    if masks and len(masks) < len(names):
        raise ValueError(
            f"{folder} must hold images of its class, but {masks[0]} seems to be the mask of one: give "
            "pattern='!*mask*' to leave such files out, or pattern='*' to read all."
        )


def _images_in(folder: Path, pattern: str | None) -> tuple[list[Path], list[Path]]:
    """Files of a class in this folder and those inside it, and files that are no images."""
    from PIL import Image

    suffixes = {suffix for suffix, form in Image.registered_extensions().items() if form in Image.OPEN}
    files = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
    files = {name: path for name, path in files.items() if not any(p.startswith(".") for p in name.split("/"))}
    wanted = {name: path for name, path in files.items() if pattern is None or _is_wanted(name, pattern)}
    images = {name: path for name, path in wanted.items() if path.suffix.lower() in suffixes}
    others = [path for name, path in wanted.items() if name not in images]
    if not images:
        wish, seen = f" that fit {pattern!r}" if pattern else "", list(files.values())
        names = f" ({_named(seen, folder)})" if seen else ""
        raise ValueError(
            f"{folder} must hold images{wish}, but none was found among its {len(seen):,} files{names}: convert them "
            "to PNG, put some into it, or remove the folder."
        )
    if pattern is None:
        _check_no_masks(folder, list(images))
    return list(images.values()), others


def image_files(folder: Path, pattern: str | None) -> list[tuple[Path, str]]:
    """Images of a folder that holds a folder for each class, and the names of their classes.

    Parameters
    ----------
    folder : Path
    pattern : str, optional
        Glob that files must fit, by name or by path within the folder of their class; or must not, after "!".

    Warns
    -----
    UserWarning
        Files are left out, since they are no images or belong to no class.

    Raises
    ------
    FileNotFoundError, ValueError
        It is no such folder, a class has no images, or some images are masks.
    """
    classes = _classes_in(folder)
    found, left_out = [], [path for path in _seen_in(folder) if path.is_file()]
    for of_class in classes:
        images, others = _images_in(of_class, pattern)
        found += [(path, of_class.name) for path in images]
        left_out += others
    if left_out := [path for path in left_out if path.name.lower() not in _OF_THE_SYSTEM]:
        warn(
            f"{folder} holds files that are left out, since they are no images of a class: {_named(left_out, folder)}.",
            UserWarning,
        )
    return found
