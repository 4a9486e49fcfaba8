"""A file from which a training that was stopped or killed continues as if it had not been stopped.

It is one npz of numbers: every array, and the bytes of a JSON text, `description`, that describes the arrays. Reading
it executes nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from gan_oversampler._trained.state import TrainingState
from gan_oversampler._utils import npz, seeds
from gan_oversampler._utils.fingerprint import fingerprint
from gan_oversampler.exceptions import CheckpointError, DivergenceError

_FORMAT = 1
_SECONDS_BETWEEN = 30.0
_CHUNK = 4096
# Parameters that do not shape what is learned of the data.
_NOT_SHAPING = {
    *("checkpoint", "on_divergence", "random_state", "sampling_strategy", "synthetic_weight", "time_limit"),
    *("n_jobs", "verbose"),
}

Key = tuple[int, int]
"""Place of a class among the classes, and attempt."""


def data_digest(rows: np.ndarray, labels: np.ndarray) -> str:
    """Hash of the data: equal for equal values, dtype, shape and labels."""
    classes, codes = np.unique(labels, return_inverse=True)
    digest = hashlib.sha256(repr((rows.shape, str(rows.dtype), classes.tolist())).encode())
    digest.update(codes.astype(np.int64).tobytes())
    for start in range(0, len(rows), _CHUNK):
        digest.update(rows[start : start + _CHUNK].tobytes())
    return digest.hexdigest()


def identity(rows: np.ndarray, labels: np.ndarray, parameters: dict[str, Any]) -> dict[str, str]:
    """Fingerprints of all that must be the same for a training to be the same, by the name a user knows it by."""
    return {
        "gan-oversampler version": version("gan-oversampler"),
        "data": data_digest(rows, labels),
        **{name: fingerprint(value) for name, value in parameters.items()},
    }


def _pack(key: Key, state: TrainingState, arrays: dict[str, np.ndarray]) -> dict[str, Any]:
    """Put the arrays of a state into `arrays`, and describe the rest."""
    groups = {"variables": state.variables, "snapshot": state.snapshot, "history": list(state.history.values())}
    for group, values in groups.items():
        arrays.update({f"{key[0]}/{key[1]}/{group}/{i}": value for i, value in enumerate(values)})
    return {
        "key": key,
        "seed": state.seed,
        "history": list(state.history),
        "n_variables": len(state.variables),
        "n_snapshot": len(state.snapshot),
        "is_complete": state.is_complete,
        "callbacks": state.callbacks,
    }


def _unpack(described: dict[str, Any], arrays: dict[str, np.ndarray]) -> tuple[Key, TrainingState]:
    position, attempt = described["key"]

    def group(name: str, n: int) -> list[np.ndarray]:
        return [arrays[f"{position}/{attempt}/{name}/{i}"] for i in range(n)]

    names = described["history"]
    state = TrainingState(
        described["seed"],
        dict(zip(names, group("history", len(names)), strict=True)),
        group("variables", described["n_variables"]),
        group("snapshot", described["n_snapshot"]),
        described["is_complete"],
        described["callbacks"],
    )
    return (position, attempt), state


def _damaged(path: Path) -> CheckpointError:
    return CheckpointError(
        f"{path} is not a checkpoint of gan_oversampler, or a damaged one: delete it to train from the start, or give "
        "another path."
    )


def _read(path: Path) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    content = path.read_bytes()
    try:
        arrays = npz.read(content)
        return json.loads(arrays.pop("description").tobytes()), arrays
    except Exception as error:  # whatever such bytes lead to
        raise _damaged(path) from error


def _refuse_others(path: Path, then: dict[str, str], now: dict[str, str]) -> None:
    different = sorted(name for name in then.keys() | now.keys() if then.get(name) != now.get(name))
    if different:
        raise CheckpointError(
            f"{path} is the checkpoint of another training, which differs in: {', '.join(different)}; give what it "
            "was begun with, or delete the file to train from the start."
        )


def _load(path: Path, identity: dict[str, str], seed: int | None) -> tuple[int, dict[Key, TrainingState]]:
    """Seed and states of a file; a seed of None takes that of the file."""
    description, arrays = _read(path)
    try:
        then = {"format": str(description["format"]), **description["identity"]}
        _refuse_others(path, then, {"format": str(_FORMAT), **identity})
        if seed is not None:
            _refuse_others(path, {"random_state": str(description["seed"])}, {"random_state": str(seed)})
        return description["seed"], dict(_unpack(described, arrays) for described in description["states"])
    except CheckpointError:
        raise
    except (KeyError, TypeError, ValueError) as error:
        raise _damaged(path) from error


class Checkpoint:
    """The file of a fit, and the states of its trainings.

    Of several processes that train together, only one writes it.

    Parameters
    ----------
    path : Path
    identity : dict of str
        From the function `identity`.
    classes : ndarray
        All classes of the data.
    seed : int
        Root seed of the fit.
    states : dict
        (place of the class, attempt) -> TrainingState at the stop.
    part_of : str or None
        Name of the main file, where this is the file of one worker.

    Attributes
    ----------
    writes : bool
        Whether this process writes the file.
    """

    def __init__(
        self,
        path: Path,
        identity: dict[str, str],
        classes: np.ndarray,
        seed: int,
        states: dict[Key, TrainingState],
        part_of: str | None = None,
        writes: bool = True,
    ) -> None:
        self.path, self.identity, self.classes, self.seed = path, identity, classes, seed
        self.states, self.part_of, self.writes = states, part_of, writes
        self._written = time.monotonic()

    @classmethod
    def open(
        cls, path: Any, identity: dict[str, str], classes: np.ndarray, random_state: Any, writes: bool
    ) -> Checkpoint:
        """The checkpoint of a file, or of a new fit where there is none.

        Raises
        ------
        CheckpointError
            If the file is that of another training, or no checkpoint.
        """
        path = Path(path)
        if not path.absolute().parent.is_dir():
            raise FileNotFoundError(f"checkpoint={str(path)!r} lies in a folder that does not exist: make it first.")
        if not path.exists():
            checkpoint = cls(path, identity, classes, seeds.root_seed(random_state), {}, writes=writes)
            checkpoint._remove_parts()
            return checkpoint
        wanted = None if random_state is None else seeds.root_seed(random_state)
        checkpoint = cls(path, identity, classes, *_load(path, identity, wanted), writes=writes)
        checkpoint._take_parts()
        return checkpoint

    @classmethod
    def of_fit(
        cls,
        path: Any,
        rows: np.ndarray,
        labels: np.ndarray,
        parameters: dict[str, Any],
        earlier: dict[Any, TrainingState],
        random_state: Any,
        writes: bool,
    ) -> Checkpoint | None:
        """The checkpoint of a fit with a sampler's parameters, which continues from `earlier`; None without a path."""
        if path is None:
            return None
        shaping = {name: value for name, value in parameters.items() if name not in _NOT_SHAPING}
        shaping["warm_start"] = [(label, state.seed, state.step) for label, state in earlier.items()]
        return cls.open(path, identity(rows, labels, shaping), np.unique(labels), random_state, writes)

    @property
    def stopped_at(self) -> list[tuple[Key, int]]:
        """For each training that was begun, the steps that it took."""
        return [(key, state.step) for key, state in self.states.items()]

    def _key(self, label: Any, attempt: int) -> Key:
        return int(np.flatnonzero(self.classes == label)[0]), attempt

    # Workers write their class to a file of its own beside the main file, which is written before any of these. A file
    # of such a name may be the user's: only one that says whose part it is is read, overwritten or removed.

    @property
    def _parts(self) -> list[Path]:
        """Where workers write, by the place of the class."""
        return [self.path.with_name(f"{self.path.name}.{place}") for place in range(len(self.classes))]

    def _is_part(self, path: Path) -> bool:
        """Whether a file was written by a worker for this main file."""
        try:
            description = _read(path)[0]
        except CheckpointError:
            return False
        return isinstance(description, dict) and description.get("part_of") == self.path.name

    @property
    def _parts_written(self) -> list[Path]:
        return [path for path in self._parts if path.exists() and self._is_part(path)]

    def part(self, label: Any) -> Checkpoint:
        """The checkpoint of a worker that trains one class."""
        place = self._key(label, 0)[0]
        states = {key: state for key, state in self.states.items() if key[0] == place}
        return Checkpoint(self._parts[place], self.identity, self.classes, self.seed, states, self.path.name)

    def write_for_parts(self) -> None:
        """Write the main file, without which parts belong to nothing.

        Raises
        ------
        CheckpointError
            If workers would overwrite files that are no parts of it.
        """
        foreign = [str(path) for path in self._parts if path.exists() and not self._is_part(path)]
        if foreign:
            raise CheckpointError(
                f"checkpoint={str(self.path)!r} and n_jobs would overwrite {', '.join(foreign)}, which no worker of "
                "it wrote: move that away, or give another path."
            )
        self._write()

    def _remove_parts(self) -> None:
        for part in self._parts_written:
            part.unlink()

    def _take_parts(self) -> None:
        """Bring what workers wrote, which is newer, into the main file."""
        parts = self._parts_written
        for part in parts:
            self.states.update(_load(part, self.identity, self.seed)[1])
        if parts:
            self._write()
            self._remove_parts()

    def start(self, label: Any, attempt: int) -> TrainingState | None:
        """Where the training of a class was stopped."""
        return self.states.get(self._key(label, attempt))

    def begin(self) -> None:
        """Let the time to the next write run."""
        self._written = time.monotonic()  # of this machine: a worker may be another

    @property
    def is_due(self) -> bool:
        """Whether the last write was half a minute ago."""
        return self.writes and time.monotonic() - self._written >= _SECONDS_BETWEEN

    def save(self, label: Any, attempt: int, state: Callable[[], TrainingState]) -> None:
        """Write the training of a class as it stands."""
        if self.writes:
            self.states[self._key(label, attempt)] = state()
            self._write()
            self._written = time.monotonic()

    @contextmanager
    def until_done(self) -> Iterator[None]:
        """Remove the file when nothing is left to go on with: the result exists, or training diverged."""
        try:
            yield
        except DivergenceError:
            self._remove()
            raise
        self._remove()

    def _remove(self) -> None:
        if self.writes:
            self.path.unlink(missing_ok=True)
            self._remove_parts()

    def _write(self) -> None:
        arrays: dict[str, np.ndarray] = {}
        states = [_pack(key, state, arrays) for key, state in self.states.items()]
        described = {"format": _FORMAT, "identity": self.identity, "seed": self.seed, "states": states}
        described |= {} if self.part_of is None else {"part_of": self.part_of}
        # One name for all writes: what a kill leaves behind is overwritten, not heaped up.
        unfinished = self.path.with_name(f".{self.path.name}.unfinished-checkpoint")
        with open(unfinished, "wb") as file:
            file.write(npz.write({**arrays, "description": np.frombuffer(json.dumps(described).encode(), np.uint8)}))
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, self.path)
