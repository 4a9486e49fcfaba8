"""One root seed, and child seeds by name: the same name gives the same stream, whatever ran before."""

from __future__ import annotations

import zlib

import numpy as np

Name = str | int


def root_seed(random_state: int | np.random.RandomState | None) -> int:
    """Root seed for one call: fixed for an int, advancing for a RandomState, fresh entropy for None.

    None does not draw from NumPy's global generator, which scikit-learn's ``check_random_state`` would.
    """
    if random_state is None:
        return int(np.random.SeedSequence().generate_state(1)[0])
    if isinstance(random_state, np.random.RandomState):
        return int(random_state.randint(np.iinfo(np.int32).max))
    return int(random_state)


def _key(name: Name) -> int:
    return zlib.crc32(name.encode()) if isinstance(name, str) else int(name)


def generator(seed: int, *names: Name) -> np.random.Generator:
    """Random generator of the stream called `names` below the root `seed`."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=tuple(_key(n) for n in names)))


def child_seed(seed: int, *names: Name) -> int:
    """Child seed in [0, 2**31) of the stream called `names`."""
    return int(generator(seed, *names).integers(2**31))
