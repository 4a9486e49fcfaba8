"""pandas DataFrames: their columns as numbers, and new rows of their dtypes. pandas is imported only where X is one."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from gan_oversampler._rows import coding
from gan_oversampler._rows.coding import Categories, Coding, Codings, numpy_dtype
from gan_oversampler._rows.containers.container import Frame, RowFormat

# -- in --------------------------------------------------------------------------------------------------


def _check_columns(X: Any) -> None:
    """Refuse a DataFrame without columns, or whose names do not tell its columns apart."""
    if not len(X.columns):
        raise ValueError(f"X must have at least one column, but its shape is {X.shape}: give it a column of numbers.")
    if not X.columns.is_unique:
        twice = X.columns[X.columns.duplicated()][0]
        raise ValueError(f"X must have column names that all differ, but {twice!r} comes twice: rename the columns.")


def _densify(X: Any) -> Any:
    """X with its sparse columns made dense."""
    sparse = {i: d.subtype for i, d in enumerate(X.dtypes) if str(d).startswith("Sparse")}
    if not sparse:
        return X
    dense = X.copy(deep=False)
    dense.columns = range(X.shape[1])
    dense = dense.astype(sparse)
    dense.columns = X.columns
    return dense


def join_parts(parts: list[Any]) -> Any:
    """Parts of a DataFrame as one, where a column of categories knows those of all parts: `concat` makes texts of it.

    Raises
    ------
    ValueError
        Where categories have an order in each part, but not the same one.
    """
    import pandas as pd

    joined = pd.concat(parts)
    for i, name in enumerate(joined.columns):
        columns = [part.iloc[:, i] for part in parts]
        if all(str(column.dtype) == "category" for column in columns):
            joined.isetitem(i, _join_categories(name, columns))
    return joined


def _join_categories(name: Any, columns: list[Any]) -> Any:
    from pandas.api.types import union_categoricals

    try:
        return union_categoricals(columns)
    except TypeError as error:
        raise ValueError(
            f"Column {name!r} of X must hold the same categories in every partition where they have an order or are of "
            f"several types, but they differ ({error}): give them all to X[{name!r}].cat.set_categories first."
        ) from error


def _read_column(name: Any, series: Any, category: bool | None) -> tuple[np.ndarray, Coding | None]:
    dtype = series.dtype
    if dtype.kind in "mM" or str(dtype).startswith(("period", "interval")):
        raise ValueError(coding.date_sentence(name, dtype))
    if str(dtype) == "category":
        if category is False and not series.cat.ordered:
            raise ValueError(coding.category_sentence(name, dtype))
        codes, levels = series.cat.codes.to_numpy(), coding.objects(series.cat.categories.tolist())
        return coding.read_categories(codes, levels, series.cat.ordered if category is None else not category, np.nan)
    if isinstance(dtype, np.dtype):
        return coding.read_values(name, series.to_numpy(), category)
    counterpart = coding.numeric_counterpart(str(dtype))
    if counterpart is not None and counterpart.kind != "b":
        numbers = series.to_numpy(np.float64, na_value=np.nan)
        if counterpart.kind == "f" or np.nanmax(np.abs(numbers), initial=0) < coding.LARGEST_EXACT:
            return coding.read_values(name, numbers, category) if category else (numbers, None)
    return coding.read_values(name, series.to_numpy(object, na_value=None), category)


# -- out -------------------------------------------------------------------------------------------------


def dtype_of_name(name: str) -> Any:
    """Dtype of that name; pandas itself does not read back the names of sparse dtypes with a fill value."""
    if not name.startswith("Sparse["):
        return name
    import pandas as pd

    fill = name.removeprefix("Sparse[").rstrip("]").split(",")[-1].strip()
    dtype = numpy_dtype(name)
    return pd.SparseDtype(dtype, fill == "True" if dtype.kind == "b" else dtype.type(fill))


def _build_column(numbers: np.ndarray, dtype: Any, coding: Coding | None) -> Any:
    import pandas as pd

    if coding is not None:
        return pd.Series(coding.values(numbers), dtype=object).astype(dtype)
    is_gone, counterpart = np.isnan(numbers), numpy_dtype(str(dtype))
    if counterpart.kind == "f" and (isinstance(dtype, np.dtype) or not is_gone.any()):
        return pd.Series(numbers).astype(dtype)
    column = pd.Series(np.where(is_gone, 0, numbers).astype(counterpart)).astype(dtype)
    return column.mask(is_gone) if is_gone.any() else column


class PandasFrame(Frame):
    """A DataFrame of pandas."""

    kinds = ("dataframe",)

    @classmethod
    def holds(cls, X: Any) -> bool:
        """By its methods, so that pandas is not imported."""
        return hasattr(X, "iloc") and hasattr(X, "columns") and not hasattr(X, "dask")

    def dense(self) -> PandasFrame:
        _check_columns(self.X)
        return PandasFrame(_densify(self.X))

    def read(self, categories: Categories) -> tuple[np.ndarray, Codings]:
        X = self.X
        kinds = {dtype.kind if isinstance(dtype, np.dtype) else "?" for dtype in X.dtypes}
        is_plain = kinds <= set("iuf") and not any(categories)
        if is_plain and all(coding.are_exact(X[name].to_numpy()) for name in X.columns):
            return X.to_numpy(), {}
        columns = [_read_column(name, X.iloc[:, i], categories[i]) for i, name in enumerate(X.columns)]
        numbers, codings = coding.side_by_side(columns)
        return numbers.astype(np.float64), codings

    def empty(self) -> Any:
        return self.X.iloc[:0].copy()

    @classmethod
    def build(cls, numbers: np.ndarray, form: RowFormat) -> Any:
        import pandas as pd

        columns = {
            i: _build_column(column, dtype, form.codings.get(i))
            for i, (column, dtype) in enumerate(zip(numbers.T, form.template.dtypes, strict=True))
        }
        frame = pd.DataFrame(columns)
        frame.columns = form.template.columns
        return frame

    def first(self) -> Self:
        return type(self)(self.X.iloc[:1])

    def append(self, new: Any) -> Any:
        """X with the new rows behind, and its rows numbered anew."""
        import pandas as pd

        X = self.X
        if not len(new):
            return X.copy().reset_index(drop=True)
        frame = pd.concat([X, new], ignore_index=True)
        frame.columns = X.columns
        # pandas turns a column of foreign byte order into a native one.
        changed = {name: dtype for name, dtype in X.dtypes.items() if frame.dtypes[name] != dtype}
        return frame.astype(changed) if changed else frame
