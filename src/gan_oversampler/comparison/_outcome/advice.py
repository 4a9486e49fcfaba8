"""One plain sentence of advice for the data at hand."""

from __future__ import annotations

import numpy as np

from gan_oversampler.comparison._measure.classifier_metrics import TUNED
from gan_oversampler.comparison._measure.methods import BASELINE
from gan_oversampler.comparison._outcome.scores import Scores
from gan_oversampler.comparison._outcome.statistics import holm

# A cheaper method counts as level with the best one if they do not differ significantly and it keeps this share of
# the gain.
_KEPT_GAIN = 0.9
_TUNING = "tuned threshold"
# With fewer, the corrected test has so little power that "not significant" means little.
_ENOUGH_DRAWS = 5


def _better_than_nothing(comparison: Scores, classifier: str | None) -> list[str]:
    """Methods whose average precision is above that of nothing, Holm-corrected over all methods."""
    others = comparison.rivals_of(BASELINE)
    tests = [comparison.paired(method, BASELINE, classifier=classifier) for method in others]
    corrected = holm([test.p_value for test in tests])
    return [m for m, test, p in zip(others, tests, corrected, strict=True) if test.mean > 0 and p < 0.05]


def _level_with(comparison: Scores, best: str, method: str, classifier: str | None) -> bool:
    gain, kept = (comparison.mean(m, classifier=classifier) for m in (best, method))
    nothing = comparison.mean(BASELINE, classifier=classifier)
    behind = comparison.paired(best, method, classifier=classifier)
    told_apart = behind.p_value < 0.05
    return not told_apart and kept - nothing >= _KEPT_GAIN * (gain - nothing)


def _cheapest_level(comparison: Scores, best: str, better: list[str], classifier: str | None) -> str:
    level = [m for m in better if m == best or _level_with(comparison, best, m, classifier)]
    return min(level, key=lambda m: comparison.cost(m, "resample_seconds", classifier))


def _always_ahead(comparison: Scores, classifier: str | None) -> list[str]:
    """Methods whose average precision is above that of nothing in every draw."""
    nothing = comparison.common_scores(BASELINE, classifier=classifier)
    return [
        method
        for method in comparison.rivals_of(BASELINE)
        if (comparison.common_scores(method, classifier=classifier) > nothing).all()
    ]


def _undecided(comparison: Scores, ahead: list[str], classifier: str | None) -> str:
    n = len(comparison.common_draws(classifier))
    first = max(ahead, key=lambda method: comparison.mean(method, classifier=classifier))
    score, nothing = (comparison.mean(m, classifier=classifier) for m in (first, BASELINE))
    return (
        f"{'One draw decides' if n == 1 else f'{n} draws decide'} nothing: {first} came first with an average "
        f"precision of {score:.4f} (nothing: {nothing:.4f}); run at least {_ENOUGH_DRAWS} draws."
    )


def _f1_by_threshold(comparison: Scores, classifier: str | None) -> tuple[float, float]:
    """F1 of doing nothing, and with a tuned threshold, in the draws that have both; NaN where none has."""
    raw = comparison.scores(BASELINE, "f1", classifier)
    for method, metric in ((_TUNING, "f1"), (BASELINE, "f1" + TUNED)):
        moved = comparison.scores(method, metric, classifier)
        both = ~np.isnan(raw) & ~np.isnan(moved)
        if both.any():
            return float(raw[both].mean()), float(moved[both].mean())
    return float("nan"), float("nan")


def _nothing(comparison: Scores, classifier: str | None) -> str:
    raw, moved = _f1_by_threshold(comparison, classifier)
    why = "no method ranks held-out rows significantly better than doing nothing"
    if np.isnan(moved):
        return f"Use nothing: {why}. No threshold was tuned."
    if moved > raw:
        return (
            f"Use nothing and move the threshold: {why}, and a tuned threshold takes F1 from {raw:.3f} to {moved:.3f}."
        )
    return f"Use nothing: {why}, and a tuned threshold does not raise F1 either ({raw:.3f})."


def _cost(comparison: Scores, method: str, classifier: str | None) -> str:
    seconds = comparison.cost(method, "resample_seconds", classifier)
    return "no time" if method == "class weights" else f"{seconds:.1f} s"


def advice(comparison: Scores, classifier: str | None = None) -> str:
    """What to do with these data, judged by held-out average precision with one classifier.

    "Nothing" unless a method is significantly better. Otherwise the cheapest method that is level with the best one.
    With fewer than 5 draws, a method that is ahead in every draw but not significantly leads to the advice to run
    more draws.
    """
    n_draws = len(comparison.common_draws(classifier))
    if not n_draws:
        return "In no draw did every method give a score, so their means are not compared: leave out those that fail."
    better = _better_than_nothing(comparison, classifier) if n_draws > 1 else []
    if not better:
        ahead = _always_ahead(comparison, classifier)
        if ahead and n_draws < _ENOUGH_DRAWS:
            return _undecided(comparison, ahead, classifier)
        return _nothing(comparison, classifier)
    best = max(better, key=lambda m: comparison.mean(m, classifier=classifier))
    choice = _cheapest_level(comparison, best, better, classifier)
    score, nothing = (comparison.mean(m, classifier=classifier) for m in (choice, BASELINE))
    sentence = (
        f"Use {choice}: it takes average precision on held-out rows from {nothing:.4f} to {score:.4f} "
        f"in {_cost(comparison, choice, classifier)}"
    )
    if choice == best:
        return f"{sentence}, the highest of all methods that are significantly better than nothing."
    return (
        f"{sentence}; {best} reaches {comparison.mean(best, classifier=classifier):.4f} "
        f"in {_cost(comparison, best, classifier)}, which these draws do not tell apart."
    )
