"""DataFrames of polars and its like, through narwhals, which imports neither."""

from __future__ import annotations

from typing import Any

import numpy as np

from gan_oversampler._rows import coding
from gan_oversampler._rows.coding import Categories, Coding, Codings
from gan_oversampler._rows.containers.container import Frame, RowFormat


def _read_column(column: Any, category: bool | None) -> tuple[np.ndarray, Coding | None]:
    import narwhals as nw

    dtype = column.dtype
    if dtype.is_temporal():
        raise ValueError(coding.date_sentence(column.name, dtype))
    if dtype == nw.Enum:
        levels = list(dtype.categories)
        code = {level: i for i, level in enumerate(levels)}
        codes = np.array([-1 if value is None else code[value] for value in column.to_list()])
        return coding.read_categories(codes, coding.objects(levels), not category, None)
    is_plain = (dtype.is_float() or dtype.is_integer()) and not column.null_count()
    values = column.to_numpy() if is_plain else coding.objects(column.to_list())
    return coding.read_values(column.name, values, category)


def _plain(numbers: np.ndarray, found: Coding | None, dtype: Any) -> list[Any]:
    """Python's own values, None where one is missing."""
    if found is not None:
        values = found.values(numbers).tolist()
    else:
        values = list(map(int, numbers)) if dtype.is_integer() else numbers.tolist()
    return [None if coding.is_missing(value) and not dtype.is_float() else value for value in values]


class OtherFrame(Frame):
    """A DataFrame in memory that narwhals knows, and not one of pandas."""

    kinds = ("other dataframe",)

    @classmethod
    def holds(cls, X: Any) -> bool:
        import narwhals as nw

        is_frame = isinstance(nw.from_native(X, pass_through=True, eager_only=True), nw.DataFrame)
        return is_frame and not hasattr(X, "iloc")

    def read(self, categories: Categories) -> tuple[np.ndarray, Codings]:
        import narwhals as nw

        frame = nw.from_native(self.X, eager_only=True)
        return coding.side_by_side([_read_column(c, categories[i]) for i, c in enumerate(frame.iter_columns())])

    @classmethod
    def build(cls, numbers: np.ndarray, form: RowFormat) -> Any:
        import narwhals as nw

        like = nw.from_native(form.template, eager_only=True)
        columns = [
            nw.new_series(name, _plain(numbers[:, i], form.codings.get(i), dtype), dtype, backend=like.implementation)
            for i, (name, dtype) in enumerate(like.schema.items())
        ]
        return columns[0].to_frame().with_columns(*columns[1:]).to_native()

    def append(self, new: Any) -> Any:
        import narwhals as nw

        return nw.concat([nw.from_native(self.X), nw.from_native(new)]).to_native()


def is_series(y: Any) -> bool:
    """Whether y is a column of such a DataFrame."""
    import narwhals as nw

    wrapped = nw.from_native(y, pass_through=True, allow_series=True)
    return isinstance(wrapped, nw.Series) and not hasattr(y, "iloc")


def take(y: Any, index: np.ndarray) -> Any:
    """Values of a column in this order."""
    import narwhals as nw

    return nw.from_native(y, series_only=True)[index.tolist()].to_native()
