"""Save and load a fitted sampler: a zip of JSON and npz. Reading it executes nothing.

`sampler.json` holds parameters, labels and the description of the networks; `arrays.npz` holds every array. Nothing
is allocated that the file's own bytes do not fill: arrays are stored uncompressed, and the JSON is short.
"""

from __future__ import annotations

import io
import json
import os
import secrets
import warnings
import zipfile
from pathlib import Path
from typing import Any

from gan_oversampler._saved import description
from gan_oversampler._saved.values import from_json, unsaved_names
from gan_oversampler._utils import npz
from gan_oversampler.exceptions import FileFormatError

FORMAT = "gan-oversampler"
VERSION = 2
_JSON, _NPZ = "sampler.json", "arrays.npz"
_MAX_JSON = 8 * 2**20
_MAX_MESSAGE = 200


# -- writing ---------------------------------------------------------------------------------------------


def _replace(target: Path, members: dict[str, bytes]) -> None:
    """Write a zip beside the target and move it into place, so that there is a whole file at every moment."""
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(8)}.tmp")
    try:
        with open(temporary, "xb") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
                for name, content in members.items():
                    archive.writestr(name, content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def save(sampler: Any, path: str | os.PathLike[str]) -> None:
    """Write a fitted sampler; an older file at `path` is replaced only when the new one is complete."""
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
    _replace(Path(path).resolve(), {_JSON: text, _NPZ: npz.write(arrays)})


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
    """The parameters that a sampler of this class takes, and the names of those that no file can hold."""
    saved = {k: v for k, v in described["parameters"].items() if k in cls._get_param_names()}
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


def _read_or_say_why(cls: type, path: str | os.PathLike[str]) -> tuple[Any, dict[str, str]]:
    content = Path(path).read_bytes()  # zipfile would ask a file for as many bytes as it says of itself
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
        Where the file cannot be opened.
    FileFormatError
        Whatever is wrong with what is in it.
    """
    sampler, unsaved = _read_or_say_why(cls, path)
    if unsaved:
        warnings.warn(
            f"The parameters {unsaved} were not saved, since a file holds no code: set them again before fitting "
            "anew; drawing works as it is.",
            UserWarning,
            stacklevel=3,
        )
    return sampler
