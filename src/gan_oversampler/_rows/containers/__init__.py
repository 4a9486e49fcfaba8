"""The user's containers, a file each: their rows as numbers, and new rows in their form.

To add one, subclass `Container` and name it in `_CONTAINERS`.
"""

from __future__ import annotations

from typing import Any

from gan_oversampler._rows.containers.container import Container
from gan_oversampler._rows.containers.lists import ListOfRows
from gan_oversampler._rows.containers.other_frames import OtherFrame
from gan_oversampler._rows.containers.pandas_frames import PandasFrame
from gan_oversampler._rows.containers.pictures import ListOfPictures
from gan_oversampler._rows.containers.refused import check_is_container
from gan_oversampler._rows.containers.sparse_tables import SparseTable

# Asked in this order. OtherFrame imports narwhals, which X of the others does without.
_CONTAINERS = (PandasFrame, Container, ListOfPictures, ListOfRows, SparseTable, OtherFrame)
BY_KIND: dict[str, type[Container]] = {kind: container for container in _CONTAINERS for kind in container.kinds}


def container_of(X: Any) -> Container:
    """The container that X is; of what none holds, such as tensors, NumPy makes an array.

    Raises
    ------
    ValueError
        Where X is no container of rows.
    """
    check_is_container(X)
    return next((container for container in _CONTAINERS if container.holds(X)), Container)(X)
