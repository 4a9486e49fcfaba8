"""Tables with categories as scikit-learn's classifiers take them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, OrdinalEncoder, StandardScaler
from sklearn.utils import check_array

from gan_oversampler._rows.containers import container_of
from gan_oversampler._rows.containers.pandas_frames import PandasFrame

_MOST_LEVELS = 250  # rarer levels are one; scikit-learn's boosted trees take 255


def category_columns(X: Any) -> list[int]:
    """Positions of the columns of a table that hold no numbers: texts, bools beside them, and categories."""
    dense = container_of(X).dense()
    if np.ndim(dense.X) != 2:
        return []
    _, codings = dense.read([None] * dense.X.shape[1])
    return [i for i, coding in codings.items() if coding.is_category or coding.levels is not None]


def one_hot_and_scaled(categories: Sequence[int]) -> tuple[Any, ...]:
    """Transformers that fill missing numbers with medians, standardise them, and make a column of each level.

    Parameters
    ----------
    categories : sequence of int
        Positions of columns, see `category_columns`.
    """
    filled = SimpleImputer(strategy="median").set_output(transform="default")
    scaled = (filled, StandardScaler().set_output(transform="default"))
    if not categories:
        return scaled
    one_hot = OneHotEncoder(
        handle_unknown="infrequent_if_exist", max_categories=_MOST_LEVELS, sparse_output=False
    ).set_output(transform="default")
    encode = ColumnTransformer(
        [("categories", one_hot, list(categories))], remainder=make_pipeline(*scaled)
    ).set_output(transform="default")
    return (encode,)


def _trees_know(column: Any) -> bool:
    dtype = column.dtype
    return dtype.kind == "b" or (str(dtype) == "category" and len(dtype.categories) <= _MOST_LEVELS)


def boosted_trees(X: Any) -> Any:
    """`HistGradientBoostingClassifier`, behind an encoder where X has categories that it does not know as such."""
    categories = category_columns(X)
    if PandasFrame.holds(X) and all(_trees_know(X.iloc[:, i]) for i in categories):
        categories = []
    if not categories:
        return HistGradientBoostingClassifier()
    codes = OrdinalEncoder(
        handle_unknown="use_encoded_value",
        unknown_value=np.nan,
        encoded_missing_value=np.nan,
        max_categories=_MOST_LEVELS,
    ).set_output(transform="default")
    numbers = FunctionTransformer(
        check_array, kw_args={"dtype": np.float64, "ensure_all_finite": "allow-nan"}
    ).set_output(transform="default")
    encode = ColumnTransformer([("categories", codes, categories)], remainder=numbers).set_output(transform="default")
    return make_pipeline(encode, HistGradientBoostingClassifier(categorical_features=list(range(len(categories)))))
