"""A fingerprint of parameters: equal for equal ones in every process, and for no others.

`joblib.hash` knows numbers, texts and arrays by their values. But it knows a function by its name alone, and an object
by all that it holds, also by what it noted while it ran. Here a function is known by its code, and an object by its
class and by what its constructor was given.
"""

from __future__ import annotations

import inspect
import os
import pickle
from collections.abc import Mapping
from functools import partial
from types import CodeType, FunctionType, MethodType
from typing import Any

import joblib
import numpy as np

from gan_oversampler._utils.names import name_of

# Whoever compares two fits sets their seeds himself. The number of workers changes no result.
_NOT_COMPARED = ("random_state", "n_jobs")


def _of_code(code: CodeType) -> list[Any]:
    """What a function does, without the file and the line in which it stands."""
    constants = [_of_code(c) if isinstance(c, CodeType) else c for c in code.co_consts]
    return [code.co_code, code.co_names, code.co_varnames, constants]


def _of_function(function: FunctionType) -> list[Any]:
    enclosed = [cell.cell_contents for cell in function.__closure__ or ()]
    others = [value for value in enclosed if value is not function]  # one that calls itself encloses itself
    return [*_of_code(function.__code__), function.__defaults__, function.__kwdefaults__, others]


def _given(thing: Any) -> dict[str, Any] | None:
    """What the constructor of an object was given; None where the object does not keep all of it by name."""
    if hasattr(thing, "get_params"):
        return dict(thing.get_params(deep=False))
    if not hasattr(thing, "__dict__") or hasattr(thing, "__name__"):  # what has a name is pickled by it
        return None
    names, kept = inspect.signature(type(thing)).parameters, vars(thing)
    given = {name: kept[key] for name in names for key in (name, f"_{name}") if key in kept}
    return given if given.keys() == names.keys() else None


def _parts(thing: Any) -> list[Any] | None:
    """What tells a thing from others of its kind; None where its value does."""
    if isinstance(thing, Mapping):
        return sorted([fingerprint(key), fingerprint(value)] for key, value in thing.items())
    if isinstance(thing, list | tuple):
        return list(thing)
    if isinstance(thing, partial):
        return [thing.func, thing.args, thing.keywords]
    if isinstance(thing, MethodType):
        return [thing.__func__, thing.__self__]
    if isinstance(thing, FunctionType):
        return [thing.__module__, thing.__qualname__, *_of_function(thing)]
    if isinstance(thing, type):
        return [thing.__module__, thing.__qualname__]
    given = _given(thing)
    return None if given is None else [type(thing), {k: v for k, v in given.items() if k not in _NOT_COMPARED}]


def _of_value(thing: Any) -> str:
    try:
        return str(joblib.hash(np.ascontiguousarray(thing) if isinstance(thing, np.ndarray) else thing))
    except (pickle.PicklingError, TypeError, AttributeError) as error:
        raise TypeError(
            f"{name_of(thing)} cannot be compared between two runs: let it keep what its constructor is given as "
            "attributes of the same names."
        ) from error


def fingerprint(thing: Any) -> str:
    """Fingerprint of a parameter, or of a list or dict of parameters; seeds and workers of estimators do not count.

    Parameters
    ----------
    thing : object
        Estimators are known by their parameters, other objects by what their constructor was given where they keep it
        under the same names, functions by their code, all else by value. A list is as good as a tuple.

    Returns
    -------
    str of 32 hexadecimal digits

    Raises
    ------
    TypeError
        Where an object neither keeps what its constructor was given nor can be pickled.
    """
    if isinstance(thing, np.generic):
        thing = thing.item()
    if isinstance(thing, os.PathLike):
        thing = os.fspath(thing)
    parts = _parts(thing)
    if parts is None:
        return _of_value(thing)
    kind = "list" if isinstance(thing, tuple) else "dict" if isinstance(thing, Mapping) else name_of(type(thing))
    return str(joblib.hash([kind, *map(fingerprint, parts)]))
