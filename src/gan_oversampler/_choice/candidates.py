"""The samplers that are worth comparing on given rows, in the order in which they are preferred."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from imblearn.over_sampling import SMOTE, SMOTEN, SMOTENC, RandomOverSampler
from sklearn.base import clone

from gan_oversampler._rows.containers import container_of
from gan_oversampler._rows.containers.pandas_frames import PandasFrame
from gan_oversampler._rows.for_classifiers import category_columns
from gan_oversampler._samplers.deformation import DeformationOverSampler
from gan_oversampler._samplers.gan import GANOverSampler

_N_NEIGHBOURS = 5


@dataclass(frozen=True)
class Amount:
    """A `sampling_strategy` that brings each class up to a share of the rows that are asked for.

    In a part of the rows, as in cross-validation, it asks for the same part of the new ones.

    Attributes
    ----------
    factors : dict
        Class -> rows that are asked for, for each row that it has.
    share : float
        In (0, 1]. A class that has as many rows already gets none.
    """

    factors: dict[Any, float]
    share: float

    def __call__(self, labels: np.ndarray) -> dict[Any, int]:
        """Class -> rows that it should have."""
        had = {label: int((labels == label).sum()) for label in self.factors}
        return {label: max(n, round(self.share * self.factors[label] * n)) for label, n in had.items()}

    def adds_rows(self, labels: np.ndarray) -> bool:
        """Whether any class gets new rows."""
        return any(n > (labels == label).sum() for label, n in self(labels).items())


def _is_category(X: Any) -> np.ndarray:
    """Which columns hold no numbers: bool ndarray of shape (p,)."""
    if not PandasFrame.holds(X):
        return np.isin(np.arange(np.shape(X)[1]), category_columns(X))
    return np.array([dtype.kind not in "biuf" for dtype in X.dtypes])


def _has_missing(X: Any) -> bool:
    if PandasFrame.holds(X):
        return bool(X.isna().to_numpy().any())
    rows, _ = container_of(X).dense().read([None] * np.shape(X)[1])
    return not np.isfinite(np.asarray(rows, np.float64)).all()


def _smote(X: Any, n_neighbours: int) -> Any:
    """SMOTE of the kind that these columns need."""
    is_category = _is_category(X)
    if is_category.all():
        return SMOTEN(k_neighbors=n_neighbours)
    if is_category.any():
        return SMOTENC(np.flatnonzero(is_category).tolist(), k_neighbors=n_neighbours)
    return SMOTE(k_neighbors=n_neighbours)


def _amounts(labels: np.ndarray, new_rows: dict[Any, int], shares: Sequence[float]) -> list[Amount]:
    """The amounts by which a class gets rows, the largest first and always among them."""
    had = {label: int((labels == label).sum()) for label in new_rows}
    factors = {label: (n + new_rows[label]) / n for label, n in had.items()}
    amounts = [Amount(factors, share) for share in sorted(set(shares), reverse=True)]
    return [amount for amount in amounts if amount.share == max(shares) or amount.adds_rows(labels)]


def _named(sampler: Any, share: float) -> str:
    name = type(sampler).__name__
    return name if share == 1 else f"{name} to {share:.4g}"


def candidates(
    X: Any,
    labels: np.ndarray,
    n_fewest: int,
    new_rows: dict[Any, int],
    shares: Sequence[float],
    *,
    with_network: bool,
) -> dict[str, Any]:
    """Name -> sampler, the preferred one first; None leaves the rows as they are.

    Nothing stands first and all rows of `DeformationOverSampler` second: of the orders that were tried on 32 tables
    this lost on the fewest and gained as much (benchmarks/table_choice.md).

    Parameters
    ----------
    X : array-like or DataFrame
    labels : ndarray of shape (n,)
    n_fewest : int
        Rows that the smallest class may lend to a sampler: SMOTE needs two.
    new_rows : dict
        Class -> new rows that are asked for.
    shares : sequence of float
        In (0, 1]: each sampler is a candidate for each share of the rows that classes should have.
    with_network : bool
        Whether `GANOverSampler` is one.
    """
    kinds: list[Any] = [DeformationOverSampler()]
    if with_network:
        kinds.append(GANOverSampler())
    is_flat = np.ndim(X) == 2
    if is_flat:
        kinds.append(RandomOverSampler())
    if is_flat and n_fewest > 1 and not _has_missing(X):
        kinds.append(_smote(X, min(_N_NEIGHBOURS, n_fewest - 1)))
    chosen: dict[str, Any] = {"nothing": None}
    for kind in kinds:
        for amount in _amounts(labels, new_rows, shares):
            chosen[_named(kind, amount.share)] = clone(kind).set_params(sampling_strategy=amount)
    return chosen
