"""Arrays to an npz in memory and back, without trusting it: nothing is allocated that is not in the file.

`numpy.load` allocates the size that a header declares before it checks whether that much follows. Here members must be
stored uncompressed, as `numpy.savez` writes them, and each must be as long as its header says.
"""

from __future__ import annotations

import io
import math
import zipfile

import numpy as np
from numpy.lib import format as npy

from gan_oversampler.exceptions import FileFormatError

_KINDS = "biuf"


def write(arrays: dict[str, np.ndarray]) -> bytes:
    """Bytes of an npz that holds these arrays of numbers."""
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]
    return buffer.getvalue()


def _read_array(content: bytes, name: str) -> np.ndarray:
    stream = io.BytesIO(content)
    if npy.read_magic(stream) != (1, 0):
        raise FileFormatError(f"Array {name!r} is of another npy version than 1.0.")
    shape, is_fortran, dtype = npy.read_array_header_1_0(stream)
    n_bytes = len(content) - stream.tell()
    if dtype.kind not in _KINDS or dtype.itemsize > 8 or math.prod(shape) * dtype.itemsize != n_bytes:
        raise FileFormatError(f"Array {name!r} says {dtype} of shape {shape}, which its {n_bytes} bytes are not.")
    flat = np.frombuffer(content, dtype, offset=stream.tell()).astype(dtype.newbyteorder("="))
    return flat.reshape(shape, order="F" if is_fortran else "C")


def stored_members(archive: zipfile.ZipFile, n_bytes: int) -> list[zipfile.ZipInfo]:
    """Members of a zip of `n_bytes` bytes: none is compressed, and together they are no longer than the zip.

    Raises
    ------
    FileFormatError
    """
    members = archive.infolist()
    if any(member.compress_type != zipfile.ZIP_STORED for member in members):
        raise FileFormatError("Its members are compressed, which save() does not do.")
    # Members could share their bytes, so that each is honest and all together are a bomb.
    if sum(member.file_size for member in members) > n_bytes:
        raise FileFormatError("Its members are longer than the file.")
    return members


def read(content: bytes) -> dict[str, np.ndarray]:
    """The arrays of an npz.

    Raises
    ------
    FileFormatError
        If a member is not an array of numbers, or not as long as its header says.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {
            member.filename.removesuffix(".npy"): _read_array(archive.read(member), member.filename)
            for member in stored_members(archive, len(content))
        }
