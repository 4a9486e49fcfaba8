"""Files in the idx format of MNIST and its relatives: a header of sizes, then bytes; with or without gzip."""

from __future__ import annotations

import gzip
import math
import zlib
from pathlib import Path

import numpy as np
import numpy.typing as npt

_UINT8 = 0x08
_GZIP = b"\x1f\x8b"


def _content(path: Path) -> bytes:
    raw = path.read_bytes()
    if not raw.startswith(_GZIP):
        return raw
    try:
        return gzip.decompress(raw)
    except (EOFError, OSError, zlib.error) as error:
        raise ValueError(f"{path} is a damaged gzip file: fetch it again.") from error


def read_idx(path: Path, n_axes: int) -> npt.NDArray[np.uint8]:
    """Read an array of bytes.

    Parameters
    ----------
    path : Path
        An idx file, or a gzip file of one.
    n_axes : int
        3 for images, 1 for labels.

    Returns
    -------
    ndarray of n_axes axes, uint8

    Raises
    ------
    ValueError
        The file is damaged, cut off, or of another format.
    """
    content = _content(path)
    if content[:4] != bytes([0, 0, _UINT8, n_axes]):
        raise ValueError(f"{path} is no idx file of bytes with {n_axes} axes: it begins with {content[:4].hex(' ')}.")
    start = 4 + 4 * n_axes
    sizes = [int.from_bytes(content[i : i + 4], "big") for i in range(4, start, 4)]
    if len(content) != start + math.prod(sizes):
        raise ValueError(
            f"{path} must hold {math.prod(sizes):,} bytes after its header, but holds {len(content) - start:,}: fetch "
            "it again."
        )
    return np.frombuffer(content, np.uint8, offset=start).reshape(sizes).copy()
