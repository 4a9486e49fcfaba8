"""The quality of generated rows: fidelity, coverage, copying, membership, duplicates, label agreement: numbers.

Every function takes real and generated rows as arrays, flattens images, and compares Euclidean distances, so
bring table columns to one scale first. No number here predicts how much a classifier gains (Ravuri and Vinyals
2019, arXiv:1905.10887): use `gan_oversampler.comparison` to measure that.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import ks_2samp, mannwhitneyu, nhypergeom, norm
from sklearn.base import ClassifierMixin, clone
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.metrics import pairwise_distances_chunked, roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.neighbors import NearestNeighbors
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

__all__ = [
    "PRDC",
    "Attack",
    "CopyingTest",
    "MembershipInference",
    "TwoSampleTest",
    "column_distances",
    "copying_test",
    "correlation_distance",
    "detection_auc",
    "duplicate_share",
    "expected_coverage",
    "kernel_distance",
    "label_agreement",
    "membership_inference",
    "prdc",
    "two_sample_test",
]

Floats = NDArray[np.float64]


# -- checks and distances --------------------------------------------------------------------------------


def _flat(rows: ArrayLike, name: str, at_least: int = 1) -> Floats:
    """Rows of shape (n, ...) as finite float64 rows of shape (n, p)."""
    values = np.asarray(rows, np.float64)
    if values.ndim < 2 or len(values) < at_least:
        raise ValueError(
            f"{name} must be an array of at least {at_least} rows, (n, p) or (n, H, W[, C]), but its shape is "
            f"{values.shape}: pass more rows, or reshape it."
        )
    if not np.isfinite(values).all():
        raise ValueError(f"{name} must hold finite numbers, but some are NaN or infinite: impute or drop them.")
    return values.reshape(len(values), -1)


def _check_columns(**rows: Floats) -> None:
    """Refuse rows that do not have the same number of values."""
    widths = {name: values.shape[1] for name, values in rows.items()}
    if len(set(widths.values())) > 1:
        told = ", ".join(f"{name} has {width}" for name, width in widths.items())
        raise ValueError(f"All rows must have the same number of values, but {told}: pass rows of one data set.")


def _pair(real: ArrayLike, generated: ArrayLike, at_least: int) -> tuple[Floats, Floats]:
    pair = _flat(real, "real", at_least), _flat(generated, "generated", at_least)
    _check_columns(real=pair[0], generated=pair[1])
    return pair


def _radii(rows: Floats, n_neighbors: int) -> Floats:
    """Distance of each row from its n-th nearest other row."""
    return NearestNeighbors(n_neighbors=n_neighbors).fit(rows).kneighbors()[0][:, -1]


def _nearest(rows: Floats, among: Floats) -> Floats:
    """Distance of each row from the nearest of others."""
    return _nth_nearest(rows, among, 1)


def _nth_nearest(rows: Floats, among: Floats, n_neighbors: int) -> Floats:
    """Distance of each row from the n-th nearest of others."""
    return NearestNeighbors(n_neighbors=n_neighbors).fit(among).kneighbors(rows)[0][:, -1]


# -- fidelity and coverage -------------------------------------------------------------------------------


class PRDC(NamedTuple):
    """Precision, recall, density and coverage of generated rows.

    Attributes
    ----------
    precision : float in [0, 1]
        Share of generated rows inside the estimated support of the real ones, a measure of fidelity.
    recall : float in [0, 1]
        Share of real rows inside the estimated support of the generated ones.
    density : float, 0 or more
        Mean number of real neighbourhoods around a generated row, over its expectation: 1 for real rows,
        and, unlike precision, not raised by an outlier among the real ones.
    coverage : float in [0, 1]
        Share of real rows with a generated row in their neighbourhood, a measure of variety.
    """

    precision: float
    recall: float
    density: float
    coverage: float


def prdc(real: ArrayLike, generated: ArrayLike, *, n_neighbors: int = 5) -> PRDC:
    """Precision, recall, density and coverage by nearest neighbours.

    Parameters
    ----------
    real : array-like of shape (n, ...)
        Real rows, preferably held-out ones.
    generated : array-like of shape (m, ...)
    n_neighbors : int, default=5
        Number of neighbours that define a row's neighbourhood, without the row itself.

    Returns
    -------
    PRDC

    Raises
    ------
    ValueError
        Where a side has no more than `n_neighbors` rows, or the sides differ in width.

    Notes
    -----
    All four depend on n, m and `n_neighbors`, and precision and recall on the dimension. Compare them with the
    scores of the same number of other real rows. `expected_coverage` has a closed form.

    References
    ----------
    Kynkaanniemi, T. et al. (2019). Improved precision and recall metric for assessing generative models.
    arXiv:1904.06991.

    Naeem, M. F. et al. (2020). Reliable fidelity and diversity metrics for generative models. arXiv:2002.09797.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> real, generated = rng.normal(size=(2, 1000, 8))
    >>> scores = prdc(real, generated)
    >>> round(scores.density, 1), round(scores.coverage, 2)
    (1.0, 0.97)
    """
    real, generated = _pair(real, generated, n_neighbors + 1)
    real_radii, generated_radii = _radii(real, n_neighbors), _radii(generated, n_neighbors)
    around = np.zeros(len(generated))  # real neighbourhoods that hold each generated row
    recalled: list[NDArray[np.bool_]] = []
    covered: list[NDArray[np.bool_]] = []
    done = 0
    for distances in pairwise_distances_chunked(real, generated):
        radii = real_radii[done : done + len(distances)]
        is_near = distances < radii[:, None]
        around += is_near.sum(axis=0)
        covered.append(is_near.any(axis=1))
        recalled.append((distances < generated_radii).any(axis=1))
        done += len(distances)
    recall, coverage = (float(np.concatenate(parts).mean()) for parts in (recalled, covered))
    return PRDC(float((around > 0).mean()), recall, float(around.mean() / n_neighbors), coverage)


def expected_coverage(n_real: int, n_generated: int, *, n_neighbors: int = 5) -> float:
    """Expected coverage if generated rows are distributed as the real ones.

    Parameters
    ----------
    n_real, n_generated, n_neighbors : int

    Returns
    -------
    float in [0, 1]

    Notes
    -----
    ``1 - (n-1)...(n-k) / ((m+n-1)...(m+n-k))``, for n real and m generated rows and k neighbours: the chance that
    the k nearest of the others are not all real (Naeem et al. 2020, arXiv:2002.09797, equation 11).

    Examples
    --------
    >>> round(expected_coverage(10_000, 10_000), 3)
    0.969
    """
    i = np.arange(1, n_neighbors + 1)
    return float(1 - np.prod((n_real - i) / (n_real + n_generated - i)))


def _cubic_kernel(a: Floats, b: Floats) -> Floats:
    return (a @ b.T / a.shape[1] + 1) ** 3


def _mean_off_diagonal(kernel: Floats) -> float:
    return float((kernel.sum() - np.trace(kernel)) / (len(kernel) * (len(kernel) - 1)))


def kernel_distance(real: ArrayLike, generated: ArrayLike) -> float:
    """Distance of two distributions: squared maximum mean discrepancy under a cubic kernel, unbiased.

    Parameters
    ----------
    real : array-like of shape (n, ...)
    generated : array-like of shape (m, ...)
        On the scale of `real`, preferably with a mean square of about 1 per value, since the kernel is not scale-free.

    Returns
    -------
    float
        0 on average if both come from one distribution, so it may be slightly negative.

    Raises
    ------
    ValueError
        Where a side has fewer than 2 rows, or the sides differ in width.

    Notes
    -----
    The kernel is ``(x @ y / p + 1) ** 3``: the formula of the kernel inception distance, on the rows themselves,
    since Inception features mean little for small images and nothing for tables.

    References
    ----------
    Gretton, A. et al. (2012). A kernel two-sample test. JMLR 13:723-773.

    Binkowski, M. et al. (2018). Demystifying MMD GANs. arXiv:1801.01401.
    """
    real, generated = _pair(real, generated, 2)
    within = _mean_off_diagonal(_cubic_kernel(real, real)) + _mean_off_diagonal(_cubic_kernel(generated, generated))
    return float(within - 2 * _cubic_kernel(real, generated).mean())


# -- two-sample test -------------------------------------------------------------------------------------


def _support_vector_machine() -> ClassifierMixin:
    """Gaussian kernel on standard scores, which are arrays whatever `transform_output` says."""
    return make_pipeline(StandardScaler().set_output(transform="default"), SVC())


def _held_out(
    method: str, classifier: ClassifierMixin, rows: Floats, is_real: NDArray[np.bool_], n_folds: int, random_state: int
) -> NDArray[Any]:
    """What `method` of the classifier gives for each row when it is fitted to the other folds."""
    folds = StratifiedKFold(n_folds, shuffle=True, random_state=random_state)
    return np.asarray(cross_val_predict(clone(classifier), rows, is_real, cv=folds, method=method))


class TwoSampleTest(NamedTuple):
    """Whether a classifier can distinguish generated from real rows.

    Attributes
    ----------
    accuracy : float in [0, 1]
        Accuracy of the classifier on rows it was not fitted on; .5 if it cannot.
    p_value : float in [0, 1]
        Chance of such an accuracy, or a higher one, if both come from one distribution.
    """

    accuracy: float
    p_value: float


def two_sample_test(
    real: ArrayLike,
    generated: ArrayLike,
    *,
    classifier: ClassifierMixin | None = None,
    n_folds: int = 5,
    random_state: int = 0,
) -> TwoSampleTest:
    """Classifier two-sample test, cross-fitted.

    Parameters
    ----------
    real : array-like of shape (n, ...)
    generated : array-like of shape (m, ...)
        As many rows are drawn from the longer side as the shorter has, so that chance is .5.
    classifier : scikit-learn classifier, optional
        Fitted to distinguish the two sides; by default a support vector machine with a Gaussian kernel on standard
        scores.
    n_folds : int, default=5
    random_state : int, default=0
        For drawing the rows and the folds.

    Returns
    -------
    TwoSampleTest

    Raises
    ------
    ValueError
        Where a side has fewer than `n_folds` rows, or the sides differ in width.

    Notes
    -----
    The p-value takes the accuracy for normal with mean 1/2 and variance ``1 / (2 n_rows)``: twice that of the
    paper, which judges one split. Folds judge each other's training rows, so their errors are correlated: between
    equal Gaussians (20 to 150 rows a side, 10 and 50 columns) the variance was 1.1 to 1.9 times the paper's, which
    rejected 5 to 12 % of true hypotheses at the .05 level.

    References
    ----------
    Lopez-Paz, D. and Oquab, M. (2017). Revisiting classifier two-sample tests. arXiv:1610.06545.
    """
    real, generated = _pair(real, generated, n_folds)
    rng = np.random.default_rng(random_state)
    n = min(len(real), len(generated))
    rows = np.concatenate([side[rng.permutation(len(side))[:n]] for side in (real, generated)])
    is_real = np.repeat([True, False], n)
    classifier = _support_vector_machine() if classifier is None else classifier
    accuracy = float((_held_out("predict", classifier, rows, is_real, n_folds, random_state) == is_real).mean())
    return TwoSampleTest(accuracy, float(norm.sf((accuracy - 0.5) * 2 * np.sqrt(n))))


# -- columns of a table ----------------------------------------------------------------------------------


def column_distances(real: ArrayLike, generated: ArrayLike) -> Floats:
    """Kolmogorov-Smirnov distance of each column.

    Parameters
    ----------
    real : array-like of shape (n, p)
    generated : array-like of shape (m, p)

    Returns
    -------
    ndarray of shape (p,), float64 in [0, 1]
        Largest difference between the two distribution functions of a column. For a column of 0 and 1, such as one of
        a one-hot encoded category, it is the difference in frequency.

    Examples
    --------
    >>> column_distances([[1, 0], [2, 0], [3, 1], [4, 1]], [[1, 1], [2, 1], [3, 1], [4, 1]]).tolist()
    [0.0, 0.5]
    """
    real, generated = _pair(real, generated, 1)
    pairs = zip(real.T, generated.T, strict=True)
    return np.array([ks_2samp(a, b, method="asymp").statistic for a, b in pairs])


def _correlations(rows: Floats) -> Floats:
    """Correlation of each pair of columns, 0 where one is constant: ndarray of shape (p * (p - 1) / 2,)."""
    spread = rows.std(axis=0)
    scores = (rows - rows.mean(axis=0)) / np.where(spread > 0, spread, 1)
    return (scores.T @ scores / len(rows))[np.triu_indices(rows.shape[1], 1)]


def correlation_distance(real: ArrayLike, generated: ArrayLike) -> float:
    """Mean absolute difference between the correlations of pairs of columns.

    Parameters
    ----------
    real : array-like of shape (n, p)
    generated : array-like of shape (m, p)

    Returns
    -------
    float in [0, 2]
        0 where there is one column.

    Examples
    --------
    >>> correlation_distance([[0, 0], [1, 1]], [[0, 1], [1, 0]])
    2.0
    """
    real, generated = _pair(real, generated, 2)
    apart = np.abs(_correlations(real) - _correlations(generated))
    return float(apart.mean()) if len(apart) else 0.0


def detection_auc(
    real: ArrayLike,
    generated: ArrayLike,
    *,
    classifier: ClassifierMixin | None = None,
    n_folds: int = 5,
    random_state: int = 0,
) -> float:
    """ROC AUC with which a classifier detects generated rows among real ones, cross-fitted.

    Parameters
    ----------
    real : array-like of shape (n, p)
    generated : array-like of shape (m, p)
    classifier : scikit-learn classifier with `predict_proba`, optional
        By default extremely randomised trees, which see values between the levels of a column where distances do not.
    n_folds : int, default=5
    random_state : int, default=0

    Returns
    -------
    float in [0, 1]
        .5 if generated rows cannot be detected, 1 if each is detected. Copies of the real rows lie *below* .5.

    Raises
    ------
    ValueError
        Where a side has fewer than `n_folds` rows, or the sides differ in width.
    """
    real, generated = _pair(real, generated, n_folds)
    rows = np.concatenate([real, generated])
    is_real = np.arange(len(rows)) < len(real)
    if classifier is None:
        classifier = ExtraTreesClassifier(min_samples_leaf=2, class_weight="balanced", random_state=random_state)
    scores = _held_out("predict_proba", classifier, rows, is_real, n_folds, random_state)
    return float(roc_auc_score(is_real, scores[:, 1]))


# -- copying ---------------------------------------------------------------------------------------------


class CopyingTest(NamedTuple):
    """Whether generated rows are nearer to training rows than other real rows are.

    Attributes
    ----------
    share : float in [0, 1]
        Of all pairs of a generated and a held-out row, those in which the generated one is nearer to its nearest
        training row (ties count half): .5 by chance, 1 for copies, near 0 for rows unlike the data.
    p_value : float in [0, 1]
        One-sided: chance of such a share, or a larger one, without copying.
    """

    share: float
    p_value: float


def copying_test(train: ArrayLike, generated: ArrayLike, held_out: ArrayLike | None = None) -> CopyingTest:
    """Test whether generated rows are copies of training rows.

    Parameters
    ----------
    train : array-like of shape (n, ...)
        The real rows that the generator has seen.
    generated : array-like of shape (m, ...)
    held_out : array-like of shape (h, ...), optional
        Real rows of the same class that it has not seen. By default each training row in turn is held against
        the others.

    Returns
    -------
    CopyingTest

    Raises
    ------
    ValueError
        Where a side has too few rows, or the sides differ in width.

    Notes
    -----
    The Mann-Whitney test of Meehan et al. over the whole space. Theirs repeats it in cells of a partition and
    averages, which finds copying in one part even where another part is far from the data; with as few rows as a
    minority class has, cells would hold too few.

    References
    ----------
    Meehan, C., Chaudhuri, K. and Dasgupta, S. (2020). A non-parametric test to detect data-copying in generative
    models. arXiv:2004.05675.
    """
    train = _flat(train, "train", 2 if held_out is None else 1)
    generated = _flat(generated, "generated")
    others = train if held_out is None else _flat(held_out, "held_out")
    _check_columns(train=train, generated=generated, held_out=others)
    ours = _nearest(generated, train)
    theirs = _radii(train, 1) if held_out is None else _nearest(others, train)
    test = mannwhitneyu(theirs, ours, alternative="greater")
    return CopyingTest(float(test.statistic / (len(ours) * len(theirs))), float(test.pvalue))


def duplicate_share(rows: ArrayLike) -> float:
    """Share of rows that equal an earlier row in every value.

    Parameters
    ----------
    rows : array-like of shape (n, ...)

    Examples
    --------
    >>> duplicate_share([[1, 2], [1, 2], [3, 4], [1, 2]])
    0.5
    """
    flat = _flat(rows, "rows")
    return 1 - len(np.unique(flat, axis=0)) / len(flat)


# -- membership ------------------------------------------------------------------------------------------

_FALSE_POSITIVES = 0.01


class Attack(NamedTuple):
    """How well an attack tells the rows that were learned from.

    Attributes
    ----------
    auc : float in [0, 1]
        ROC AUC of members against non-members; .5 by chance, 1 if all members are found.
    true_positive_rate : float in [0, 1]
        Share of members that are found where 1 % of non-members are taken for members: none of fewer than 100. By
        chance .01, or one over the number of non-members where these are fewer.
    p_value : float in [0, 1]
        Chance of such an AUC or such a rate, or a higher one, if members and non-members are alike to the attack:
        twice the smaller of both chances.
    """

    auc: float
    true_positive_rate: float
    p_value: float


class MembershipInference(NamedTuple):
    """What two attacks learn from new rows about the rows that they were learned from.

    Attributes
    ----------
    distance : Attack
        By the distance from the nearest new row.
    likelihood_ratio : Attack
        By the density of new rows near a row against that of other real rows.
    """

    distance: Attack
    likelihood_ratio: Attack


def _attack(members: Floats, non_members: Floats) -> Attack:
    """Outcome of an attack by the scores that it gives to rows; higher ones are taken for members."""
    n, n_others = len(members), len(non_members)
    n_false = int(_FALSE_POSITIVES * n_others)
    n_found = int((members > np.sort(non_members)[n_others - 1 - n_false]).sum())
    test = mannwhitneyu(members, non_members, alternative="greater")
    # Members above so many non-members, in random order, are negative hypergeometric.
    p_rate = nhypergeom.sf(n_found - 1, n + n_others, n, n_false + 1)
    p_value = min(1.0, 2 * min(float(test.pvalue), float(p_rate)))
    return Attack(float(test.statistic / (n * n_others)), n_found / n, p_value)


def _nearest_of_fewer(rows: Floats, among: Floats, n_neighbors: int, random_state: int) -> Floats:
    """Distance of each row from its n-th nearest of all others but one, left out at random."""
    distances, found = NearestNeighbors(n_neighbors=n_neighbors + 1).fit(among).kneighbors(rows)
    left_out = np.random.default_rng(random_state).integers(len(among), size=(len(rows), 1))
    was_counted = (found[:, :n_neighbors] == left_out).any(axis=1)
    farther: Floats = np.where(was_counted, distances[:, -1], distances[:, -2])
    return farther


def membership_inference(
    members: ArrayLike,
    non_members: ArrayLike,
    generated: ArrayLike,
    *,
    reference: ArrayLike | None = None,
    n_neighbors: int = 1,
    random_state: int = 0,
) -> MembershipInference:
    """Attack new rows: which real rows were they learned from?

    Parameters
    ----------
    members : array-like of shape (n, ...)
        Rows that the generator was fitted to.
    non_members : array-like of shape (h, ...)
        Rows of the same class that it was not fitted to.
    generated : array-like of shape (m, ...)
        The more new rows there are, the more the attacks find.
    reference : array-like of shape (r, ...), optional
        Further real rows of the class, neither members nor among `non_members`, that an attacker may have. By default
        the other non-members: each row is held against all but one.
    n_neighbors : int, default=1
        For both densities of the likelihood ratio: that of new rows near a row is taken from its distance to the n-th
        nearest new row, and that of real rows likewise.
    random_state : int, default=0
        For which non-member each member leaves out, so that both sides have equally many neighbours.

    Returns
    -------
    MembershipInference

    Raises
    ------
    ValueError
        Where a side has too few rows, or the sides differ in width.

    Notes
    -----
    Rows that are far from copies may still give members away, which a distance from the nearest real row misses: in a
    dense part of the class every row is near a new one. The likelihood ratio holds that against the other real rows.
    An attack that finds nothing proves nothing: others may.

    References
    ----------
    van Breugel, B. et al. (2023). Membership inference attacks against synthetic data through overfitting detection.
    arXiv:2302.12580.

    Carlini, N. et al. (2022). Membership inference attacks from first principles. arXiv:2112.03570. (The rate of true
    positives at few false ones.)

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> members, non_members, new = rng.normal(size=(3, 200, 5))
    >>> membership_inference(members, non_members, new).distance.p_value > 0.05
    True
    >>> membership_inference(members, non_members, members + 0.01 * new).distance.auc > 0.99
    True
    """
    known, unknown = _flat(members, "members"), _flat(non_members, "non_members", n_neighbors + 1)
    new = _flat(generated, "generated", n_neighbors)
    real = None if reference is None else _flat(reference, "reference", n_neighbors)
    _check_columns(members=known, non_members=unknown, generated=new, reference=unknown if real is None else real)
    both = (known, unknown)
    if real is None:
        sparse = _nearest_of_fewer(known, unknown, n_neighbors, random_state), _radii(unknown, n_neighbors)
    else:
        sparse = _nth_nearest(known, real, n_neighbors), _nth_nearest(unknown, real, n_neighbors)
    least = 1e-9 * np.concatenate(sparse).mean() + np.finfo(float).tiny  # copies lie at 0
    ratios = [
        (s + least) / (_nth_nearest(rows, new, n_neighbors) + least) for rows, s in zip(both, sparse, strict=True)
    ]
    return MembershipInference(_attack(*(-_nearest(rows, new) for rows in both)), _attack(*ratios))


# -- label -----------------------------------------------------------------------------------------------


def label_agreement(
    X: ArrayLike, y: ArrayLike, generated: ArrayLike, label: Any, *, classifier: ClassifierMixin | None = None
) -> float:
    """Share of generated rows that a classifier, fitted on real rows, takes for the class asked for.

    Parameters
    ----------
    X : array-like of shape (n, ...)
        Real rows of all classes.
    y : array-like of shape (n,)
    generated : array-like of shape (m, ...)
    label : label
        The class that the generated rows should have.
    classifier : scikit-learn classifier, optional
        By default a support vector machine with a Gaussian kernel, both sides weighing alike.

    Returns
    -------
    float in [0, 1]
        Compare it with that of held-out real rows of the class.

    Raises
    ------
    ValueError
        Where `label` is not in y, or the sides differ in width.
    """
    rows, generated, labels = _flat(X, "X"), _flat(generated, "generated"), np.asarray(y)
    _check_columns(X=rows, generated=generated)
    if label not in labels:
        raise ValueError(f"label must be one of {np.unique(labels).tolist()}, but {label!r} was given.")
    classifier = SVC(class_weight="balanced") if classifier is None else clone(classifier)
    return float((classifier.fit(rows, labels).predict(generated) == label).mean())
