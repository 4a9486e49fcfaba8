"""The samplers that are worth comparing on given rows, the simplest first."""

from __future__ import annotations

from typing import Any

import numpy as np
from imblearn.over_sampling import SMOTE, SMOTEN, SMOTENC, RandomOverSampler

from gan_oversampler._rows import containers
from gan_oversampler._rows.for_classifiers import category_columns
from gan_oversampler._rows.frames import is_dataframe
from gan_oversampler._samplers.deformation import DeformationOverSampler
from gan_oversampler._samplers.gan import GANOverSampler

_N_NEIGHBOURS = 5


def _is_category(X: Any) -> np.ndarray:
    """Which columns hold no numbers: bool ndarray of shape (p,)."""
    if not is_dataframe(X):
        return np.isin(np.arange(np.shape(X)[1]), category_columns(X))
    return np.array([dtype.kind not in "biuf" for dtype in X.dtypes])


def _has_missing(X: Any) -> bool:
    if is_dataframe(X):
        return bool(X.isna().to_numpy().any())
    rows, _ = containers.read(containers.prepare(X), [None] * np.shape(X)[1])
    return not np.isfinite(np.asarray(rows, np.float64)).all()


def _smote(X: Any, n_neighbours: int, strategy: Any) -> Any:
    """SMOTE of the kind that these columns need."""
    is_category = _is_category(X)
    settings = {"sampling_strategy": strategy, "k_neighbors": n_neighbours}
    if is_category.all():
        return SMOTEN(**settings)
    return SMOTENC(np.flatnonzero(is_category), **settings) if is_category.any() else SMOTE(**settings)


def candidates(X: Any, n_fewest: int, strategy: Any, *, with_network: bool) -> dict[str, Any]:
    """Name -> sampler; None leaves the rows as they are.

    Parameters
    ----------
    X : array-like or DataFrame
    n_fewest : int
        Rows that the smallest class may lend to a sampler: SMOTE needs two.
    strategy : float, str, dict or callable
        The parameter `sampling_strategy` of each.
    with_network : bool
        Whether `GANOverSampler` is one.
    """
    chosen: dict[str, Any] = {"nothing": None}
    is_flat = np.ndim(X) == 2
    if is_flat:
        chosen["RandomOverSampler"] = RandomOverSampler(sampling_strategy=strategy)
    if is_flat and n_fewest > 1 and not _has_missing(X):
        smote = _smote(X, min(_N_NEIGHBOURS, n_fewest - 1), strategy)
        chosen[type(smote).__name__] = smote
    chosen["DeformationOverSampler"] = DeformationOverSampler(sampling_strategy=strategy)
    if with_network:
        chosen["GANOverSampler"] = GANOverSampler(sampling_strategy=strategy)
    return chosen
