"""The form of X as JSON, and back: what comes back is checked before anything is made of it."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from gan_oversampler._rows import coding
from gan_oversampler._rows.coding import Coding
from gan_oversampler._rows.containers import BY_KIND
from gan_oversampler._rows.containers.container import RowFormat
from gan_oversampler._saved.dtypes import narwhals_dtype, numpy_dtype, pandas_dtype
from gan_oversampler._saved.values import from_json, to_json
from gan_oversampler.exceptions import FileFormatError

MAX_FEATURES = 2**22
_BACKENDS = ("polars", "pyarrow")

Described = dict[str, Any]


def _expect(is_so: Any, name: str) -> None:
    if not is_so:
        raise FileFormatError(f"Its {name} is not what save() writes: it may be damaged.")


# -- codings ---------------------------------------------------------------------------------------------


def _describe_missing(value: Any) -> str:
    return "none" if value is None else "nan" if isinstance(value, float) else "NA"


def _describe_coding(found: Coding) -> Described:
    levels = None if found.levels is None else [to_json(level) for level in found.levels.tolist()]
    return {
        "is_category": found.is_category,
        "levels": levels,
        "dtype": None if found.levels is None else str(found.levels.dtype),
        "type_name": found.type_name,
        "missing": _describe_missing(found.missing),
    }


def _missing(described: Any) -> Any:
    if described == "NA":
        import pandas as pd

        return pd.NA
    _expect(described in ("none", "nan"), "missing value")
    return None if described == "none" else np.nan


def _coding(described: Any) -> Coding:
    levels, type_name = described["levels"], described["type_name"]
    _expect(type(described["is_category"]) is bool and type_name in coding.TYPES, "coding")
    array = None
    if levels is not None:
        array = coding.objects([from_json(level) for level in levels]).astype(numpy_dtype(described["dtype"]))
    return Coding(described["is_category"], array, type_name, _missing(described["missing"]))


# -- empty frames ----------------------------------------------------------------------------------------


def _describe_index(index: Any) -> Described:
    described = {"labels": [to_json(label) for label in index.tolist()], "names": [to_json(n) for n in index.names]}
    if type(index).__name__ == "CategoricalIndex":
        described["categories"] = [to_json(label) for label in index.categories.tolist()]
        described["ordered"] = index.ordered
    return described


def _index(described: Any) -> Any:
    import pandas as pd

    labels, names = ([from_json(item) for item in described[key]] for key in ("labels", "names"))
    if "categories" in described:
        categories = [from_json(label) for label in described["categories"]]
        return pd.CategoricalIndex(labels, categories, bool(described["ordered"]), name=names[0])
    if len(names) > 1:
        return pd.MultiIndex.from_tuples(labels, names=names)
    return pd.Index(labels, name=names[0])


def _empty_frame(form: RowFormat, index: Any, ordered: list[int]) -> Any:
    """A DataFrame without rows, of the dtypes and columns described."""
    import pandas as pd

    columns = {}
    for i, name in enumerate(form.dtypes):
        if name == "category":
            dtype = pd.CategoricalDtype(list(form.codings[i].levels), ordered=i in ordered)  # type: ignore[arg-type]
        else:
            dtype = pandas_dtype(name)
        columns[i] = pd.Series([], dtype=dtype)
    frame = pd.DataFrame(columns)
    frame.columns = _index(index)
    return frame


def _empty_other_frame(form: RowFormat, names: list[str], backend: str) -> Any:
    import narwhals as nw

    schema = {name: narwhals_dtype(dtype) for name, dtype in zip(names, form.dtypes, strict=True)}
    return nw.from_dict({name: [] for name in names}, schema=schema, backend=backend).to_native()  # type: ignore[arg-type]


def _is_same(one: Any, other: Any) -> bool:
    """Whether two empty frames have the same columns."""
    if not hasattr(one, "iloc"):
        return one.schema == other.schema
    are_named_so = one.columns.equals(other.columns) and one.columns.names == other.columns.names
    return are_named_so and one.dtypes.tolist() == other.dtypes.tolist()


# -- the form --------------------------------------------------------------------------------------------


def _describe_template(form: RowFormat) -> Described | None:
    if form.kind == "dataframe":
        ordered = [i for i, dtype in enumerate(form.template.dtypes) if getattr(dtype, "ordered", False)]
        return {"index": _describe_index(form.template.columns), "ordered": ordered}
    if form.kind == "other dataframe":
        backend = type(form.template).__module__.split(".")[0]
        return {"names": list(form.template.columns), "backend": backend}
    return None


def describe(form: RowFormat) -> Described:
    """The form as JSON.

    Raises
    ------
    ValueError
        Where it could not be read back.
    """
    described = {
        "kind": form.kind,
        "row_shape": list(form.row_shape),
        "storage_dtype": str(form.storage_dtype),
        "dtypes": list(form.dtypes),
        "codings": {str(i): _describe_coding(found) for i, found in form.codings.items()},
        "template": _describe_template(form),
    }
    try:
        again = read(described)
        is_same = form.template is None or _is_same(form.template, again.template)
    except Exception as error:
        raise ValueError(_refusal(form, error)) from error
    if not is_same:
        raise ValueError(_refusal(form, "its columns would not be the same"))
    return described


def _refusal(form: RowFormat, why: Any) -> str:
    return (
        f"This sampler cannot be saved, but can be pickled, since a file cannot hold the form of its X, a {form.kind} "
        f"({str(why)[:150]}): fit it to columns of plain names (strings or numbers) and plain dtypes."
    )


def _template(form: RowFormat, described: Any) -> Any:
    if form.kind == "dataframe":
        template = _empty_frame(form, described["index"], described["ordered"])
        _expect(len(template.columns) == form.n_features, "list of columns")
        return template
    names, backend = described["names"], described["backend"]
    _expect(backend in _BACKENDS and len(names) == form.n_features, "list of columns")
    _expect(all(isinstance(name, str) for name in names) and len(set(names)) == len(names), "list of columns")
    return _empty_other_frame(form, names, backend)


def _of_first_version(described: Any) -> Described:
    """A description of format version 1 as one of today's."""
    columns, dtypes = described["columns"], from_json(described["dtypes"])
    is_frame = columns is not None
    _expect(isinstance(dtypes, tuple) and len(dtypes) > 0, "list of dtypes")
    return {
        "kind": described["kind"],
        "row_shape": list(from_json(described["row_shape"])),
        "storage_dtype": "float64" if is_frame else dtypes[0],
        "dtypes": list(dtypes),
        "codings": {},
        "template": {"index": {"labels": columns["tuple"], "names": [None]}, "ordered": []} if is_frame else None,
    }


def read(described: Any) -> RowFormat:
    """What `describe` was given.

    Raises
    ------
    FileFormatError
        And, of a description that lacks something or is of another form, the builtin that comes of it.
    """
    if "columns" in described:
        described = _of_first_version(described)
    shape, dtypes = tuple(described["row_shape"]), tuple(described["dtypes"])
    _expect(1 <= len(shape) <= 3 and all(type(n) is int and 1 <= n <= MAX_FEATURES for n in shape), "row shape")
    _expect(math.prod(shape) <= MAX_FEATURES, "row shape")
    _expect(described["kind"] in tuple(BY_KIND), "list of dtypes")  # whatever stands there, hashable or not
    container = BY_KIND[described["kind"]]
    _expect(len(dtypes) == (math.prod(shape) if container.has_dtypes else 1), "list of dtypes")
    if not container.has_dtypes:  # those of columns are looked up one by one
        numpy_dtype(dtypes[0])
    misfit = container.misfit(described["kind"], shape, dtypes[0])
    _expect(not misfit, misfit)
    storage_dtype = numpy_dtype(described["storage_dtype"])
    codings = {int(i): _coding(c) for i, c in described["codings"].items()}
    _expect(all(0 <= i < math.prod(shape) for i in codings) and (len(shape) == 1 or not codings), "coding")
    form = RowFormat(container, described["kind"], shape, storage_dtype, dtypes, codings)
    if not container.has_dtypes:
        return form
    form = replace(form, template=_template(form, described["template"]))
    form.build(_one_row(form))
    return form


def _one_row(form: RowFormat) -> np.ndarray:
    """A row to see whether one can be built: zeros, or the first of the known values."""
    row = np.zeros((1, form.n_features))
    row[:, [i for i, found in form.codings.items() if found.levels is not None and not len(found.levels)]] = np.nan
    return row
