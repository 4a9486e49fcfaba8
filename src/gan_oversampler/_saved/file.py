"""Save and load a fitted sampler: a zip of JSON and npz. Reading it executes nothing.

`sampler.json` holds parameters, labels and the description of the networks; `arrays.npz` holds every array. Nothing
is allocated beyond the file's own bytes: arrays are stored uncompressed, and the JSON is short.
"""

from __future__ import annotations

import io
import json
import os
import secrets
import warnings
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from gan_oversampler._saved import description
from gan_oversampler._saved.values import LEFT_OUT, from_json, unsaved_names
from gan_oversampler._utils import npz
from gan_oversampler.exceptions import FileFormatError

FORMAT = "gan-oversampler"
VERSION = 2
_JSON, _NPZ = "sampler.json", "arrays.npz"
_MAX_JSON = 4 * 2**20
_MAX_MESSAGE = 200


# -- reading ---------------------------------------------------------------------------------------------


def _read_members(content: bytes) -> tuple[bytes, bytes]:
    """The JSON and the npz of a file's content."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = npz.stored_members(archive, len(content))
        if sorted(member.filename for member in members) != sorted([_JSON, _NPZ]):
            raise FileFormatError(f"It does not hold exactly {_JSON} and {_NPZ}.")
        if archive.getinfo(_JSON).file_size > _MAX_JSON:
            raise FileFormatError(f"Its {_JSON} is longer than {_MAX_JSON:,} bytes.")
        return archive.read(_JSON), archive.read(_NPZ)


def _parse(text: bytes) -> dict[str, Any]:
    described = json.loads(text)
    if not isinstance(described, dict) or described.get("format") != FORMAT:
        raise FileFormatError("It was not written by gan_oversampler.")
    version = described.get("version")
    if type(version) is not int or version < 1:
        raise FileFormatError("Its version is no number: it may be damaged.")
    if version > VERSION:
        raise FileFormatError(
            f"It has format version {version}, but this release reads up to {VERSION}: upgrade gan-oversampler."
        )
    return described


def _parameters(cls: Any, described: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """The parameters that a sampler of this class takes, and the names of the parameters that no file can hold."""
    taken = set(cls._get_param_names()) - LEFT_OUT
    saved = {k: v for k, v in described["parameters"].items() if k in taken}
    unsaved = {k: names for k, v in saved.items() if (names := ", ".join(unsaved_names(v)))}
    return {k: from_json(v) for k, v in saved.items() if k not in unsaved}, unsaved


def _read(cls: type, content: bytes) -> tuple[Any, dict[str, str]]:
    text, arrays = _read_members(content)
    described = _parse(text)
    state = description.fitted_state(described, npz.read(arrays))
    parameters, unsaved = _parameters(cls, described)
    sampler = cls(**parameters)
    vars(sampler).update(state)
    return sampler, unsaved


def _read_or_say_why(cls: type, content: bytes, path: str | os.PathLike[str]) -> tuple[Any, dict[str, str]]:
    try:
        return _read(cls, content)
    except FileFormatError as error:
        raise FileFormatError(f"{path} cannot be read: {error}") from error
    except Exception as error:
        what = " ".join(f"{type(error).__name__}: {error}".split())[:_MAX_MESSAGE]
        raise FileFormatError(
            f"{path} is not a file that gan_oversampler can read ({what}): it may be damaged, or not have been "
            "written by save()."
        ) from error


def load(cls: type, path: str | os.PathLike[str]) -> Any:
    """Read a sampler of class `cls` that `save` wrote.

    Raises
    ------
    OSError
        If the file cannot be opened.
    FileFormatError
        If anything in it is wrong.
    """
    content = Path(path).read_bytes()  # zipfile would ask a file for as many bytes as it says of itself
    sampler, unsaved = _read_or_say_why(cls, content, path)
    if unsaved:
        warnings.warn(
            f"The parameters {unsaved} were not saved, since a file holds no code: set them again before fitting "
            "anew; drawing works as it is.",
            UserWarning,
            stacklevel=3,
        )
    return sampler


# -- writing ---------------------------------------------------------------------------------------------


def _replace(target: Path, members: dict[str, bytes], check: Callable[[bytes], None]) -> None:
    """Write a zip beside the target, check it and move it into place: there is a good file at every moment."""
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(8)}.tmp")
    try:
        with open(temporary, "xb") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
                for name, content in members.items():
                    archive.writestr(name, content)
            file.flush()
            os.fsync(file.fileno())
        check(temporary.read_bytes())
        os.replace(temporary, target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _check_that_it_loads(sampler: Any, path: Path, content: bytes) -> None:
    try:
        _read_or_say_why(type(sampler), content, path)
        description.check_networks(sampler.models_.values())
    except FileFormatError as error:
        raise ValueError(
            f"This sampler cannot be saved, but can be pickled, since a file of it could not be read again: {error}"
        ) from error


def save(sampler: Any, path: str | os.PathLike[str]) -> None:
    """Write a fitted sampler; an older file at `path` is replaced only when the new one is complete and can be read.

    Raises
    ------
    ValueError
        Where `load` would refuse the file.
    """
    from sklearn.utils.validation import check_is_fitted

    check_is_fitted(sampler, "models_")
    arrays: description.Arrays = {}
    described = {"format": FORMAT, "version": VERSION, **description.describe(sampler, arrays)}
    text = json.dumps(described).encode()
    if len(text) > _MAX_JSON:
        raise ValueError(
            f"The description of this sampler takes {len(text):,} bytes, but {_MAX_JSON:,} are the most that is read "
            "back: give X as an array, or fewer columns."
        )
    members = {_JSON: text, _NPZ: npz.write(arrays)}
    target = Path(path).resolve()
    _replace(target, members, partial(_check_that_it_loads, sampler, target))
