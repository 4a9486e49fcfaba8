"""Which descriptions of a table's columns are let in from a file: those that drawing can rely on."""

from __future__ import annotations

import numpy as np

from gan_oversampler._rows.coding import Coding
from gan_oversampler._rows.column import MAX_DECIMALS, Column
from gan_oversampler._rows.columns import Columns
from gan_oversampler._rows.containers.container import RowFormat
from gan_oversampler._rows.orders import Order
from gan_oversampler._rows.sums import Sums
from gan_oversampler._rows.tables import TableCodec
from gan_oversampler._rows.ties import Tie
from gan_oversampler.exceptions import FileFormatError


def _is_sorted(values: np.ndarray) -> bool:
    return bool((np.diff(values) > 0).all())


def _is_column(column: Column) -> bool:
    levels, decimals = column.levels, column.decimals
    return (
        column.low <= column.high
        and (levels is None or (levels.ndim == 1 and _is_sorted(levels)))
        and (decimals is None or abs(decimals) <= MAX_DECIMALS)
    )


def _is_tie(tie: Tie, n_columns: int) -> bool:
    n_known = 2 if tie.is_linear else len(tie.at)
    are_columns = all(0 <= i < n_columns for i in (tie.source, tie.target)) and tie.source != tie.target
    is_known = len(tie.at) == len(tie.gives) == n_known > 0 and (_is_sorted(tie.at) or tie.is_linear)
    return are_columns and is_known and not (tie.is_linear and tie.at[0] == tie.at[1])


def _are_sums(sums: Sums, n_columns: int) -> bool:
    members = np.concatenate([sums.targets, sums.sources])
    return (
        members.dtype.kind == "i"
        and len(np.unique(members)) == len(members)
        and all(0 <= i < n_columns for i in members)
        and sums.weights.shape == (len(sums.targets), len(sums.sources))
        and sums.constants.shape == sums.targets.shape
        and sums.centre.shape == sums.sources.shape
    )


def _is_order(order: Order, n_columns: int) -> bool:
    return all(0 <= i < n_columns for i in (order.lower, order.upper)) and order.gap >= 0


def _are_columns(columns: Columns, n_columns: int) -> bool:
    grouped = np.concatenate([np.empty(0, np.int64), *columns.one_hot])
    return (
        len(columns.columns) == n_columns
        and all(map(_is_column, columns.columns))
        and all(_is_tie(tie, n_columns) for tie in columns.ties)
        and not {tie.source for tie in columns.ties} & {tie.target for tie in columns.ties}
        and _are_sums(columns.sums, n_columns)
        and all(_is_order(order, n_columns) for order in columns.orders)
        and grouped.dtype.kind == "i"
        and all(len(group) for group in columns.one_hot)
        and len(np.unique(grouped)) == len(grouped)
        and all(0 <= i < n_columns and not columns.columns[i].is_category for i in grouped)
    )


def _are_blocks(codec: TableCodec) -> bool:
    """Whether each category or group has codes, and each group those of its columns."""
    known, n_categories = codec.category_levels, len(codec.columns.categories)
    n_blocks = n_categories + len(codec.columns.one_hot)
    of_groups = zip(codec.columns.one_hot, known[n_categories:], strict=False)
    return (
        len(known) == n_blocks
        and all(len(codes) and _is_sorted(codes) for codes in known)
        and all((np.isin(codes, np.arange(len(group)))).all() for group, codes in of_groups)
    )


def are_rows(rows: np.ndarray, form: RowFormat) -> bool:
    """Whether rows may be those of a table of this form, or flat images: no infinity, and codes of known values."""
    if rows.ndim != 2 or rows.shape[1] != form.n_features or (rows.dtype.kind == "f" and np.isinf(rows).any()):
        return False
    return all(_are_codes(rows[:, i], found) for i, found in form.codings.items())


def _are_codes(numbers: np.ndarray, found: Coding) -> bool:
    known = numbers[~np.isnan(numbers)]
    return found.levels is None or bool(np.isin(known, np.arange(len(found.levels))).all())


def _fit_codings(codec: TableCodec, form: RowFormat) -> bool:
    """Whether each column keeps to the values that the form knows."""
    columns = codec.columns.columns
    ranges = [(columns[i], found) for i, found in form.codings.items()]
    codes = zip(codec.columns.categories, codec.category_levels, strict=False)
    return all(
        found.levels is None or (column.is_whole and column.low >= 0 and column.high < max(len(found.levels), 1))
        for column, found in ranges
        if column.low < column.high or not column.has_missing
    ) and all(i not in form.codings or _are_codes(known, form.codings[i]) for i, known in codes)


def check(codec: TableCodec, form: RowFormat) -> None:
    """Refuse the codec of a table that is not one of this form.

    Raises
    ------
    FileFormatError
    """
    size, scores = (codec.n_numeric,), codec.scores
    per_number = (scores.low, scores.high, scores.mean, scores.scale, codec.fill)
    is_whole_table = (
        _are_columns(codec.columns, form.n_features)
        and len(scores.quantiles) > 0
        and scores.quantiles.shape[1:] == size
        and all(values.shape == size for values in per_number)
        and _are_blocks(codec)
        and _fit_codings(codec, form)
        and codec.patterns.dtype == bool
        and codec.patterns.shape == (len(codec.pattern_shares), len(codec.missing))
        and codec.pattern_shares.ndim == 1
        and bool((codec.pattern_shares >= 0).all())
        and abs(codec.pattern_shares.sum() - 1) < 1e-6
    )
    if not is_whole_table:
        raise FileFormatError("Its table is not what save() writes: it may be damaged.")
