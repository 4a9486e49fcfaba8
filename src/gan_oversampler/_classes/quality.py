"""The quality report: every metric of generated rows next to that of other real rows, and a verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm
from sklearn import config_context
from sklearn.decomposition import PCA

from gan_oversampler import metrics
from gan_oversampler._classes.learned_features import LEAST_SIDE, compare_as_seen
from gan_oversampler._utils import seeds

__all__ = ["QualityReport", "quality_report"]

Floats = NDArray[np.floating[Any]]

MIN_ROWS = 50  # halves of 25: the standard error of a coverage is .08, and fewer rows say nothing
MAX_ROWS = 1000
_MIN_OTHERS = 50
_N_COMPONENTS = 50

# The thresholds, as shares of what real rows score unless said otherwise. Between good rows and what each is to
# find, on MNIST's fives (315 rows) and scikit-learn's digits:
_COLLAPSED_SPREAD = 0.25  # good: .94 and more; one row with a little noise: .01; an untrained generator: .06
_COLLAPSED_COVERAGE = 0.5  # and below the next; good: .75 and more; eight rows with a little noise: .11
_COLLAPSED_RECALL = 0.25  # good: .95; half of the class: .42; a few rows with a little noise: .02
_COPIES = 0.9  # the share itself; held-out rows: .5; a GAN's: .5 to .68; SMOTE's and copies: 1
_WRONG_CLASS = 0.65  # learned deformations, hard for a judge of few rows: .81; half of another class: .57
_UNLIKE = 0.5  # good: .76 and more; noise: 0
# In learned features (benchmarks/quality_verdict.md): distance and accuracy are beyond the first two, or accuracy is
# beyond the last. Good: to .05, and to .71 (deformed digits); photographs of which half are generated: .10 and .67.
_FAR, _TOLD, _SURELY_TOLD = 0.04, 0.6, 0.8
_NARROW = 0.8  # by recall, since rows spread wider than the class lower its coverage; good: .95; blurred rows: .66

NAMES = {
    "precision": "precision",
    "recall": "recall",
    "density": "density",
    "coverage": "coverage",
    "spread": "spread",
    "kernel_distance": "kernel distance",
    "two_sample_accuracy": "tell real from new (accuracy)",
    "learned_distance": "distance, learned features",
    "learned_accuracy": "accuracy, learned features",
    "column_distance": "columns apart (mean)",
    "largest_column_distance": "columns apart (worst)",
    "correlation_distance": "correlations apart",
    "detection_auc": "detected (ROC AUC)",
    "label_agreement": "label agreement",
    "copying": "nearer to training rows",
    "duplicates": "duplicates",
    "distance_attack": "attack by distance (AUC)",
    "distance_attack_rate": "found by distance at 1 %",
    "ratio_attack": "attack by ratio (AUC)",
    "ratio_attack_rate": "found by ratio at 1 %",
}

NOT_ATTACKED = (
    "not measured. Give rows of the class that were kept out of training to measure_quality(X, y), or let "
    "comparison.attack_sampler keep some out."
)
_ALARM = 0.025  # of each of the two attacks


@dataclass(frozen=True)
class QualityReport:
    """Scores of the rows drawn for a class, next to those of other real rows of the class, and a verdict.

    Attributes
    ----------
    verdict : str
        "good", "narrow", "collapsed", "copies its data", "wrong class", "unlike its data", or "too few rows to
        tell".
    explanation : str
        The verdict in a sentence with its numbers.
    scores : dict of str to float
        Of the generated rows: "precision", "recall", "density", "coverage", "spread", "kernel_distance",
        "two_sample_accuracy", "label_agreement", "copying" and "duplicates". Of images also "learned_distance" and
        "learned_accuracy": kernel distance, as a share of that of other classes, and accuracy of telling real from new,
        both in features that a small network learned. Of a table also
        "column_distance" and "largest_column_distance" (Kolmogorov-Smirnov; of a category: its frequency),
        "correlation_distance" and "detection_auc". Where rows were kept out of training, also ROC AUC and rate at 1 %
        false positives of two attacks on membership: "distance_attack", "distance_attack_rate", "ratio_attack" and
        "ratio_attack_rate". What could not be measured is left out.
    reference : dict of str to float
        The same metrics of real rows: one half against the other.
    n_real, n_generated : int
        Rows measured.
    deformed_share : float in [0, 1]
        Share of the generated rows that are deformed copies of real rows by construction. They are counted here
        and left out of "copying" and "duplicates".
    privacy : str
        What the attacks learned about the rows that the new ones were learned from, in a sentence; empty where there
        are too few rows. The verdict is about use for a classifier and says nothing of that: rows that are good for one
        may give every real row away.

    See Also
    --------
    quality_report : Makes a report of any two sets of rows.
    gan_oversampler.inspection.QualityDisplay : Draws it.
    """

    verdict: str
    explanation: str
    scores: Mapping[str, float]
    reference: Mapping[str, float]
    n_real: int
    n_generated: int
    deformed_share: float = 0.0
    privacy: str = NOT_ATTACKED

    def _lines(self) -> list[tuple[str, str, str]]:
        """Name, score and reference of what was measured."""
        return [
            (NAMES[name], f"{score:.3f}", f"{self.reference[name]:.3f}" if name in self.reference else "")
            for name, score in self.scores.items()
        ]

    def __str__(self) -> str:
        lines = [f"{self.verdict}: {self.explanation}"]
        if self.scores:
            lines.append(f"{'':<30}{'generated':>10}{'real':>10}")
            lines += [f"{name:<30}{score:>10}{real:>10}" for name, score, real in self._lines()]
        if self.deformed_share:
            lines.append(f"{self.deformed_share:.0%} of the rows are made of real ones.")
        if self.privacy:
            lines.append(f"privacy: {self.privacy}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td style='text-align:left'>{name}</td><td>{score}</td><td>{real}</td></tr>"
            for name, score, real in self._lines()
        )
        head = "<tr><th></th><th>generated</th><th>real</th></tr>" if rows else ""
        told = f"<p><b>{escape(self.verdict)}</b>: {escape(self.explanation)}</p><table>{head}{rows}</table>"
        return f"{told}<p>Privacy: {escape(self.privacy)}</p>" if self.privacy else told


# -- the space in which rows are compared ----------------------------------------------------------------


def _flat(rows: ArrayLike) -> Floats:
    return np.asarray(rows, np.float64).reshape(len(np.asarray(rows)), -1)


class _Space:
    """Principal components of both sides together, scaled so that the mean square of a value is 1.

    Both sides in equal numbers: components of the real rows alone would not see what sets the others apart, and
    would fit their own rows more closely.
    """

    def __init__(self, real: Floats, generated: Floats, seed: int) -> None:
        n = min(len(real), len(generated))
        rows = np.concatenate([real[:n], generated[:n]])
        pca = PCA(min(_N_COMPONENTS, *rows.shape), random_state=seed).set_output(transform="default")
        self._pca = pca.fit(rows)
        self._scale = np.sqrt((self._pca.transform(real) ** 2).mean())

    def __call__(self, rows: Floats) -> Floats:
        return self._pca.transform(rows) / self._scale


# -- the measurements ------------------------------------------------------------------------------------


def _compare(real: Floats, rows: Floats, seed: int) -> dict[str, float]:
    """Metrics of rows against real ones, of which there should be as many."""
    return {
        **metrics.prdc(real, rows)._asdict(),
        "spread": float(np.sqrt(rows.var(axis=0).sum() / real.var(axis=0).sum())),
        "kernel_distance": metrics.kernel_distance(real, rows),
        # Without its p-value, which is below .05 for up to 12 % of pairs that are equal.
        "two_sample_accuracy": metrics.two_sample_test(real, rows, random_state=seed).accuracy,
    }


def _compare_columns(real: Floats, rows: Floats, seed: int) -> dict[str, float]:
    """Metrics of the columns of a table, and of the pairs that they form."""
    apart = metrics.column_distances(real, rows)
    return {
        "column_distance": float(apart.mean()),
        "largest_column_distance": float(apart.max()),
        "correlation_distance": metrics.correlation_distance(real, rows),
        "detection_auc": metrics.detection_auc(real, rows, random_state=seed),
    }


def _measure_columns(real: Floats, generated: Floats, seed: int) -> tuple[dict[str, float], dict[str, float]]:
    """Scores of generated rows and of real ones: each against one half of the real rows."""
    half = min(len(real) // 2, len(generated))
    first, second = real[:half], real[half : 2 * half]
    return _compare_columns(first, generated[:half], seed), _compare_columns(first, second, seed)


def _agreement(real: Floats, others: Floats, rows: Floats) -> float:
    X, y = np.concatenate([real, others]), np.repeat([True, False], [len(real), len(others)])
    return metrics.label_agreement(X, y, rows, True)


def _copying(real: Floats, rows: Floats) -> dict[str, float]:
    return {"copying": metrics.copying_test(real, rows).share, "duplicates": metrics.duplicate_share(rows)}


@config_context(array_api_dispatch=False)  # its randomized SVD gives other bits, and warns
def _measure(
    real: Floats, generated: Floats, others: Floats | None, seed: int
) -> tuple[dict[str, float], dict[str, float]]:
    """Scores of generated rows and of real ones: each against one half of the real rows."""
    space = _Space(real, generated, seed)
    points, drawn = space(real), space(generated)
    half = min(len(points) // 2, len(drawn))
    first, second = points[:half], points[half : 2 * half]
    scores, reference = _compare(first, drawn[:half], seed), _compare(first, second, seed)
    if others is not None and len(others) >= _MIN_OTHERS:
        away = space(others)
        scores["label_agreement"] = float(np.mean([_agreement(side, away, drawn) for side in (first, second)]))
        real_agreements = _agreement(first, away, second), _agreement(second, away, first)
        reference["label_agreement"] = float(np.mean(real_agreements))
    return scores, reference


# -- the verdict -----------------------------------------------------------------------------------------


def _has_collapsed(scores: dict[str, float], reference: dict[str, float]) -> bool:
    looks_real = scores["precision"] >= _UNLIKE * reference["precision"]
    limits = {"coverage": _COLLAPSED_COVERAGE, "recall": _COLLAPSED_RECALL}
    is_little = all(scores[name] < share * reference[name] for name, share in limits.items())
    return scores["spread"] < _COLLAPSED_SPREAD or (looks_real and is_little)


def _looks_unlike(scores: dict[str, float], reference: dict[str, float]) -> bool:
    """Whether what a network learned distinguishes new images from real ones: more than it does two sets of these."""
    by_chance = max(reference.get("learned_accuracy", 0.5) - 0.5, 0)
    distance, accuracy = scores.get("learned_distance", 0.0), scores.get("learned_accuracy", 0.0) - by_chance
    return accuracy > _SURELY_TOLD or (distance > _FAR and accuracy > _TOLD)


def _judge(scores: dict[str, float], reference: dict[str, float], is_like_others: bool) -> tuple[str, str]:
    """The verdict and its sentence."""
    share = {name: scores[name] / max(reference[name], 1e-9) for name in ("precision", "recall", "coverage")}
    agreement, real_agreement = (side.get("label_agreement", 1.0) for side in (scores, reference))
    if _has_collapsed(scores, reference):
        return "collapsed", (
            f"the rows vary {scores['spread']:.0%} as much as real ones and cover {share['coverage']:.0%} of what "
            "those do: train again with another random_state or a smaller learning_rate."
        )
    if scores.get("copying", 0.0) > _COPIES:
        return "copies its data", (
            f"in {scores['copying']:.0%} of pairs a generated row lies nearer to a training row than a real row "
            "does: it adds little that is new."
        )
    if agreement < _WRONG_CLASS * real_agreement and is_like_others:
        return "wrong class", (
            f"only {agreement:.0%} of the rows are taken for the class, of real ones {real_agreement:.0%}: check the "
            "labels, or keep label_filter on."
        )
    if share["precision"] < _UNLIKE:
        return "unlike its data", (
            f"only {scores['precision']:.0%} of the rows lie among real ones, of real ones "
            f"{reference['precision']:.0%}: train longer, or use DeformationOverSampler."
        )
    if _looks_unlike(scores, reference):
        distance = scores["learned_distance"]
        away = f", and lie {distance:.0%} as far away as other classes" if distance > _FAR else ""
        return "unlike its data", (
            "by what a small network learned of the class, images are distinguished from real ones with accuracy "
            f"{scores['learned_accuracy']:.0%} (real ones from each other: {reference['learned_accuracy']:.0%}){away}: "
            "use a larger deformed_share, or DeformationOverSampler."
        )
    if share["recall"] < _NARROW:
        return "narrow", (
            f"the rows look real, but {scores['recall']:.0%} of real rows lie among them, of real ones "
            f"{reference['recall']:.0%}: train longer, or add the rows of another sampler."
        )
    return "good", (
        f"precision {share['precision']:.0%} and coverage {share['coverage']:.0%} of what other real rows score."
    )


def _is_like_others(generated: Floats, others: Floats | None) -> bool:
    """Whether rows lie among those of other classes; otherwise they belong to no class."""
    if others is None or len(others) < _MIN_OTHERS:
        return False
    return metrics.prdc(others, generated[: len(others)]).precision > _UNLIKE


# -- privacy ---------------------------------------------------------------------------------------------


def _smallest_alarm(n: int, n_others: int) -> float:
    """The ROC AUC from which on an attack counts as more than chance."""
    return 0.5 + float(norm.isf(_ALARM / 2)) * float(np.sqrt((n + n_others + 1) / (12 * n * n_others)))


def _found(attacks: metrics.MembershipInference, n: int, n_others: int) -> str:
    """What the attacks found, in a sentence."""
    worst = min(attacks, key=lambda attack: (attack.p_value, -attack.auc))
    if worst.p_value < _ALARM:
        return (
            f"an attack tells the rows learned from and {n_others} rows kept out apart with ROC AUC {worst.auc:.2f} "
            f"(.5 by chance), and finds {worst.true_positive_rate:.0%} at 1 % false positives: keep the new rows as "
            "private as the real ones."
        )
    return (
        f"two attacks do not tell the rows learned from and {n_others} rows kept out apart (ROC AUC "
        f"{attacks.distance.auc:.2f} by distance, {attacks.likelihood_ratio.auc:.2f} by likelihood ratio; from "
        f"{_smallest_alarm(n, n_others):.2f} on they would). That is no proof: other attacks may."
    )


def _attacked(real: Floats, held_out: Floats, generated: Floats, seed: int) -> tuple[dict[str, float], str]:
    """Scores of the attacks, and what they found in a sentence."""
    if len(held_out) < MIN_ROWS // 2:
        told = (
            f"not measured. {len(held_out)} rows of the class were kept out, and at least {MIN_ROWS // 2} are needed."
        )
        return {}, told
    attacks = metrics.membership_inference(real, held_out, generated, random_state=seed)
    scores = {
        "distance_attack": attacks.distance.auc,
        "distance_attack_rate": attacks.distance.true_positive_rate,
        "ratio_attack": attacks.likelihood_ratio.auc,
        "ratio_attack_rate": attacks.likelihood_ratio.true_positive_rate,
    }
    return scores, _found(attacks, len(real), len(held_out))


_ATTACKED_BY_CHANCE = {
    "distance_attack": 0.5,
    "distance_attack_rate": 0.01,
    "ratio_attack": 0.5,
    "ratio_attack_rate": 0.01,
}


# -- the report ------------------------------------------------------------------------------------------


def too_few(n_different: int, n_generated: int = 0) -> QualityReport:
    """Report of a class with too few different rows to judge."""
    told = f"the class has {n_different} different real rows, and at least {MIN_ROWS} are needed."
    return QualityReport("too few rows to tell", told, {}, {}, n_different, n_generated, privacy="")


def repeats(n_real: int) -> QualityReport:
    """Report of a model that repeats real rows as they are: nothing needs to be measured."""
    told = "every new row repeats a real one, as it is."
    shown = "the new rows are real rows: keep them as private as these."
    return QualityReport("copies its data", told, {}, {}, n_real, 0, privacy=shown)


def _sample(rows: ArrayLike, seed: int, name: str) -> Floats:
    flat = _flat(rows)
    return flat[seeds.generator(seed, "quality", name).permutation(len(flat))[:MAX_ROWS]]


def quality_report(
    real: ArrayLike,
    generated: ArrayLike,
    *,
    others: ArrayLike | None = None,
    undeformed: ArrayLike | None = None,
    held_out: ArrayLike | None = None,
    deformed_share: float = 0.0,
    is_table: bool = False,
    random_state: int = 0,
) -> QualityReport:
    """Measure generated rows of a class, next to its real rows.

    Parameters
    ----------
    real : array-like of shape (n, ...)
        Real rows of the class. At most 1,000 of each side are used, drawn at random. Images of shape (H, W) or
        (H, W, C) are also compared in features that a small network learned, if there are 50 `others`.
    generated : array-like of shape (m, ...)
        On the same scale; table columns should have been brought to one.
    others : array-like of shape (k, ...), optional
        Real rows of other classes, for the label agreement and the learned features.
    undeformed : array-like of shape (u, ...), optional
        Generated rows before a random deformation was applied to them: those that copying and duplicates are
        measured on. By default `generated`.
    held_out : array-like of shape (h, ...), optional
        Real rows of the class that the generator was not fitted to, 25 or more. Then two attacks try to tell the rows
        of `real` from them by all of `generated`, see `gan_oversampler.metrics.membership_inference`.
    deformed_share : float in [0, 1], default=0
        Share of `generated` that is made by deforming real rows, and so is near to them by intent. At 1, copying
        and duplicates are not measured.
    is_table : bool, default=False
        Whether columns mean something each: then they and their pairs are compared too, and generated rows are
        sought among real ones by trees.
    random_state : int, default=0

    Returns
    -------
    QualityReport

    Notes
    -----
    Real rows are split in half. Each metric is measured of generated rows against the one half, and for reference
    of the other half against it, in the same numbers and on the first 50 principal components of real and
    generated rows together. Copying is measured on the rows themselves, each real row being held against all
    others (see `gan_oversampler.metrics.copying_test`).

    These metrics compare numbers, pixel by pixel. They say much about digits and tables, and little about photographs:
    blurred images have the neighbours of sharp ones. Images are therefore also compared in what a small network sees
    that learned one half of the real ones beside the other classes, and judges the other half. The verdict weighs
    both. Look at `gan_oversampler.inspection.SamplesDisplay` as well. Good
    rows may still not help a classifier; use `gan_oversampler.comparison` to check.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> real = rng.normal(size=(400, 5))
    >>> quality_report(real, rng.normal(size=(400, 5))).verdict
    'good'
    >>> quality_report(real, real).verdict
    'copies its data'
    """
    shape = np.shape(real)[1:]
    every_new = _flat(generated)
    real, generated = _sample(real, random_state, "real"), _sample(generated, random_state, "generated")
    away = None if others is None else _sample(others, random_state, "others")
    n_different = len(np.unique(real, axis=0))
    if n_different < MIN_ROWS or len(generated) < MIN_ROWS // 2:
        return too_few(n_different, len(generated))
    scores, reference = _measure(real, generated, away, random_state)
    if away is not None and len(away) >= _MIN_OTHERS and len(shape) > 1 and min(shape[:2]) >= LEAST_SIDE:
        as_images = (-1, *(*shape, 1)[:3])
        sides = (rows.reshape(as_images) for rows in (real, generated, away))
        learned, real_learned = compare_as_seen(*sides, seed=random_state)
        scores, reference = scores | learned, reference | real_learned
    if is_table:
        columns, real_columns = _measure_columns(real, generated, random_state)
        scores, reference = scores | columns, reference | real_columns
    reference |= {"copying": 0.5, "duplicates": metrics.duplicate_share(real)}
    if deformed_share < 1:
        made = generated if undeformed is None else _sample(undeformed, random_state, "undeformed")
        scores |= _copying(real, made)
    verdict, explanation = _judge(scores, reference, _is_like_others(generated, away))
    privacy = NOT_ATTACKED
    if held_out is not None:
        unknown = _sample(held_out, random_state, "held out")
        attacked, privacy = _attacked(real, unknown, every_new, random_state)
        scores |= attacked
        reference |= {name: _ATTACKED_BY_CHANCE[name] for name in attacked}
    return QualityReport(verdict, explanation, scores, reference, len(real), len(generated), deformed_share, privacy)
