"""The paired tests: Nadeau and Bengio's corrected resampled t-test, combined over units by Stouffer; Wilcoxon's; what a
test could have seen; and Holm's correction over rivals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from gan_oversampler._utils.corrected_error import corrected_error

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class PairedTest:
    """A paired difference over draws, with its corrected test, or over units that have such a test each.

    Attributes
    ----------
    n : int
        Draws, or units.
    mean, spread : float
        Mean and standard deviation (ddof 1) of the differences.
    statistic, p_value : float
        Student's t with n - 1 degrees of freedom, or Stouffer's z over units, and its two-sided p-value; NaN for fewer
        than 2 draws, and for draws that do not differ from one another.
    low, high : float
        The 95 % confidence interval of the mean; NaN where there is no test.
    error : float
        The standard error of the mean.
    units : tuple of PairedTest
        The tests that were combined.
    """

    n: int
    mean: float
    spread: float
    statistic: float
    p_value: float
    low: float
    high: float
    error: float = float("nan")
    units: tuple[PairedTest, ...] = ()

    def detectable(self, level: float = 0.05, power: float = 0.8) -> float:
        """The smallest true difference that such a test finds in `power` of all cases; NaN where there is no test.

        Parameters
        ----------
        level : float, default=0.05
            Of the two-sided test; divide it by the number of rivals for the strictest step of Holm's correction.
        power : float, default=0.8
        """
        units = self.units or (self,)
        if np.isnan(self.p_value):
            return float("nan")
        found = _power(units, level)
        low, high = 0.0, max(unit.error for unit in units if unit.error > 0)
        while found(high) < power:
            low, high = high, 2 * high
        for _ in range(_N_BISECTED):
            middle = (low + high) / 2
            low, high = (low, middle) if found(middle) >= power else (middle, high)
        return high


_N_SIMULATED, _N_BISECTED = 2000, 12


def _power(units: Sequence[PairedTest], level: float) -> Callable[[float], float]:
    """From a true difference in every unit to the share of simulated tests, alone or combined, that find it.

    The errors that were estimated are taken for the true ones; those of a simulated test are estimated anew.
    """
    rng = np.random.default_rng(0)
    error, freedom = np.array([(unit.error, unit.n - 1) for unit in units if unit.error > 0]).T[:, :, None]
    noise = rng.normal(size=(len(error), _N_SIMULATED))
    estimated = np.sqrt(rng.chisquare(freedom, noise.shape) / freedom)

    def power(difference: float) -> float:
        t = (difference / error + noise) / estimated
        z = stats.norm.isf(stats.t.sf(t, freedom)).sum(axis=0) / np.sqrt(len(units))
        return float((z > stats.norm.isf(level / 2)).mean())

    return power


def corrected_t_test(differences: npt.ArrayLike, test_train_ratio: float) -> PairedTest:
    r"""Corrected resampled t-test of paired differences over random splits of the same data.

    Parameters
    ----------
    differences : array-like of shape (n_draws,)
        A difference per draw; NaN (a draw where a method failed) is left out.
    test_train_ratio : float
        Held-out rows per row that was trained on.

    Returns
    -------
    PairedTest

    Notes
    -----
    Training sets of different draws overlap, so the plain paired t-test finds too many differences. With k draws the
    variance of the mean is estimated as :math:`(1/k + n_\text{test}/n_\text{train}) s^2` in place of :math:`s^2/k`.

    References
    ----------
    Nadeau, C. and Bengio, Y. (2003). Inference for the generalization error. Machine Learning 52.
    https://doi.org/10.1023/A:1024068626366

    Examples
    --------
    >>> round(corrected_t_test([0.02, 0.03, 0.01, 0.03, 0.02], 0.25).p_value, 4)
    0.0173
    """
    values = np.asarray(differences, dtype=float)
    values = values[~np.isnan(values)]
    k = len(values)
    mean = float(values.mean()) if k else np.nan
    if k < 2 or np.allclose(values, mean, rtol=1e-9, atol=1e-12):
        return PairedTest(k, mean, 0.0 if k > 1 else np.nan, np.nan, np.nan, np.nan, np.nan)
    spread = float(values.std(ddof=1))
    error = float(corrected_error(values, test_train_ratio))
    t = mean / error
    half = float(stats.t.ppf(0.975, k - 1)) * error
    p_value = float(2 * stats.t.sf(abs(t), k - 1))
    return PairedTest(k, mean, spread, t, p_value, mean - half, mean + half, error)


def _one_sided(test: PairedTest) -> tuple[float, float]:
    """Chances of so high, and of so low, a statistic; one half where draws do not differ: they say nothing."""
    if np.isnan(test.statistic):
        return 0.5, 0.5
    return float(stats.t.sf(test.statistic, test.n - 1)), float(stats.t.cdf(test.statistic, test.n - 1))


def combined_test(tests: Sequence[PairedTest]) -> PairedTest:
    """Tests over the draws of each unit, combined by Stouffer with their directions.

    Parameters
    ----------
    tests : sequence of PairedTest
        One for each data set, or each class of one. Those of fewer than 2 draws are left out.

    Returns
    -------
    PairedTest
        The mean counts each unit the same. Its test is about *these* units: whether the next one is like them, it does
        not say.

    Notes
    -----
    Draws of different units are taken as independent. The interval has Welch and Satterthwaite's degrees of freedom.

    References
    ----------
    Stouffer, S. A. et al. (1949). The American Soldier, vol. 1. Princeton University Press.

    Examples
    --------
    >>> tests = [corrected_t_test([0.02, 0.03, 0.00, 0.03, 0.02], 0.25) for _ in range(3)]
    >>> tests[0].p_value > 0.05 > combined_test(tests).p_value
    True
    """
    known = [test for test in tests if test.n > 1]
    if all(np.isnan(test.p_value) for test in known):
        mean = sum(test.mean for test in known) / len(known) if known else np.nan
        return PairedTest(len(known), mean, np.nan, np.nan, np.nan, np.nan, np.nan)
    means = np.array([test.mean for test in known])
    above, below = (stats.combine_pvalues(side, "stouffer") for side in zip(*map(_one_sided, known), strict=True))
    p_value = min(1.0, 2 * min(float(above.pvalue), float(below.pvalue)))
    variances = np.nan_to_num([test.error for test in known]) ** 2
    error = float(np.sqrt(variances.sum()) / len(known))
    freedom = float(variances.sum() ** 2 / (variances**2 / [test.n - 1 for test in known]).sum())
    mean, half = float(means.mean()), float(stats.t.ppf(0.975, freedom)) * error
    spread = float(means.std(ddof=1)) if len(known) > 1 else float("nan")
    z = float(above.statistic)
    return PairedTest(len(known), mean, spread, z, p_value, mean - half, mean + half, error, tuple(known))


def wilcoxon_p(differences: npt.ArrayLike) -> float:
    """Two-sided p-value of Wilcoxon's signed-rank test of paired differences; NaN for fewer than 2.

    Zeros count half for either side, and NaN is left out.

    References
    ----------
    Demšar, J. (2006). Statistical comparisons of classifiers over multiple data sets. JMLR 7, section 3.1.3.

    Examples
    --------
    >>> wilcoxon_p([0.02, 0.03, 0.01, 0.04, 0.05])  # all 5 of one sign: 2 / 2**5
    0.0625
    """
    values = np.asarray(differences, dtype=float)
    values = values[~np.isnan(values)]
    if len(values) < 2:
        return float("nan")
    return float(stats.wilcoxon(values, zero_method="zsplit").pvalue)


def holm(p_values: Sequence[float]) -> Floats:
    """Holm's step-down correction of p-values for the number of comparisons made.

    NaN (no test) stays NaN and is not counted as a comparison.

    References
    ----------
    Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scand. J. Statistics 6.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03, 0.005]).round(3).tolist()
    [0.03, 0.06, 0.06, 0.02]
    """
    p = np.asarray(p_values, dtype=float)
    tested = np.flatnonzero(~np.isnan(p))
    order = tested[np.argsort(p[tested], kind="stable")]
    factors = len(order) - np.arange(len(order))
    adjusted = np.full(len(p), np.nan)
    adjusted[order] = np.minimum(1, np.maximum.accumulate(factors * p[order]))
    return adjusted


def gap_closed(score: float, nothing: float, oracle: float) -> float:
    """Share of the way from `nothing` to `oracle` that `score` has come: may exceed 1, NaN if there is no
    gap."""
    gap = oracle - nothing
    return float((score - nothing) / gap) if gap > 0 else float("nan")


def rows_worth(score: float, sizes: Sequence[int], scores: Sequence[float]) -> float:
    """How many real minority rows, with nothing done, give `score`: read off a learning curve.

    Parameters
    ----------
    score : float
    sizes : sequence of int
        Real minority rows at the points of the curve, increasing.
    scores : sequence of float
        The measured score at each.

    Returns
    -------
    float
        Interpolated linearly in the logarithm of the size, on the curve made non-decreasing (a running
        maximum). Below the curve 0, above it infinity: nothing is extrapolated.
    """
    curve = np.maximum.accumulate(np.asarray(scores, dtype=float))
    if np.isnan(score) or score < curve[0]:
        return float("nan") if np.isnan(score) else 0.0
    if score > curve[-1]:
        return float("inf")
    # `np.interp` wants an increasing x: of a flat stretch the smallest size counts.
    first = np.concatenate([[True], np.diff(curve) > 0])
    logs = np.log(np.asarray(sizes, dtype=float))
    return float(np.exp(np.interp(score, curve[first], logs[first])))
