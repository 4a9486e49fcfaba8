"""The threshold of a method: the best on real training rows that it did not see, at the share of positives that
held-out rows have."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt
from sklearn.model_selection import StratifiedKFold, StratifiedShuffleSplit

from gan_oversampler._utils.seeds import child_seed
from gan_oversampler.comparison._measure.classifier_metrics import positive_scores
from gan_oversampler.comparison._measure.classifiers import fit
from gan_oversampler.comparison._measure.draws import Draw, group_splits
from gan_oversampler.comparison._measure.methods import Method
from gan_oversampler.comparison._measure.protocol import Protocol
from gan_oversampler.comparison._measure.resampling import resample_rows

Floats = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]
Labels = npt.NDArray[np.int64]
_FOLDS = 3


def prior_weights(y: Labels, prior: float) -> Floats:
    """A weight per row under which positives have the share `prior`, and the mean weight is 1.

    Examples
    --------
    >>> prior_weights(np.array([1, 0, 0, 0]), 0.5).round(3).tolist()
    [2.0, 0.667, 0.667, 0.667]
    """
    share = y.mean()
    return np.where(y == 1, prior / share, (1 - prior) / (1 - share))


def best_threshold(y: Labels, scores: Floats, metric: str, prior: float | None = None) -> float:
    """The threshold that gives the highest `metric` on the given rows.

    Parameters
    ----------
    y : ndarray of shape (n,), 0 or 1
    scores : ndarray of shape (n,)
    metric : {"f1", "balanced_accuracy"}
    prior : float in (0, 1), default=None
        Share of positives where the threshold is used; None: as many as in `y`. Where the minority was made
        rare, these rows hold fewer positives than held-out rows do, so the threshold would be too high.

    Returns
    -------
    float
        A row is called positive when its score reaches it. Halfway between two neighbouring scores, so that it
        does not depend on one row's value.
    """
    order = np.argsort(-scores, kind="stable")
    weights = prior_weights(y, y.mean() if prior is None else prior)[order]
    hits, called = np.cumsum(weights * y[order]), np.cumsum(weights)
    positives, rows = hits[-1], called[-1]
    if metric == "f1":
        values = 2 * hits / (called + positives)
    else:
        values = hits / positives + 1 - (called - hits) / (rows - positives)
    ranked = scores[order]
    ends = np.append(ranked[1:] < ranked[:-1], True)
    best = int(np.argmax(np.where(ends, values, -np.inf)))
    return float((ranked[best] + ranked[min(best + 1, len(ranked) - 1)]) / 2)


def _wants_none(protocol: Protocol, method: Method) -> bool:
    return method.role == "curve" or (protocol.threshold_size is None and not method.tuned)


def _splits(protocol: Protocol, draw: Draw, method: Method) -> Iterator[tuple[Index, Index]]:
    """Training rows to fit on and training rows to choose on; none where the minority is too small for both."""
    index, seed = draw.training(method.n_minority), child_seed(protocol.seed, "threshold split", draw.number)
    if method.tuned:
        fewest, folds = _FOLDS, StratifiedKFold(_FOLDS, shuffle=True, random_state=seed)
    else:
        size = protocol.threshold_size
        assert size is not None
        fewest = int(np.ceil(1 / min(size, 1 - size)))
        folds = StratifiedShuffleSplit(1, test_size=size, random_state=seed)
    y, groups = protocol.problem.y[index], protocol.problem.groups
    if np.bincount(y).min() < fewest:
        return
    pairs = folds.split(index, y) if groups is None else group_splits(y, groups[index], fewest, seed)
    for fitted, chosen in itertools.islice(pairs, _FOLDS if method.tuned else 1):
        yield np.sort(index[fitted]), np.sort(index[chosen])


def choose_thresholds(protocol: Protocol, draw: Draw, method: Method, names: Iterable[str]) -> dict[str, float]:
    """For each classifier the threshold that is best on real training rows which neither sampler nor
    classifier saw.

    The whole method, sampler included, runs once more on the rest of the training rows: anything cheaper,
    such as validation rows from which the sampler made new rows, would put the threshold too high. "tuned
    threshold", which has no sampler to run, gets three folds instead of one split.
    """
    if _wants_none(protocol, method):
        return {}
    problem = protocol.problem
    seed = child_seed(protocol.seed, "sampler", draw.number, method.name, "threshold")
    labels: list[Labels] = []
    scores: dict[str, list[Floats]] = {name: [] for name in names}
    for fitted, chosen in _splits(protocol, draw, method):
        X, y, _ = resample_rows(problem, method.sampler, fitted, seed)
        labels.append(problem.y[chosen])
        for name, found in scores.items():
            classifier = protocol.classifier(draw, method, name, 0)
            fit(classifier, protocol.for_classifier(X), y, weighted=method.weighted)
            found.append(positive_scores(classifier, protocol.for_classifier(problem.rows(chosen))))
    if not labels:
        return {}
    truth, metric = np.concatenate(labels), protocol.threshold_metric
    return {name: best_threshold(truth, np.concatenate(found), metric, draw.prior) for name, found in scores.items()}
