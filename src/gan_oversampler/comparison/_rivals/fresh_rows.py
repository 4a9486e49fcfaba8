"""Balanced batches in the place of an augmentation: rows drawn anew in every epoch, one thread ahead of the step."""

from __future__ import annotations

from collections.abc import Generator
from functools import partial
from itertools import count
from typing import Any, TypeGuard

from numpy.typing import NDArray

from gan_oversampler._batches.ahead import drawn_ahead
from gan_oversampler.batches import BalancedBatches

_THEIRS = ("sampler", "balance", "deform_others")
_N_AHEAD = 2


def is_batches(augmentation: Any) -> TypeGuard[partial[BalancedBatches]]:
    """Whether an augmentation is a `functools.partial` of `BalancedBatches`."""
    return isinstance(augmentation, partial) and augmentation.func is BalancedBatches


def _check_sets_no_more(augmentation: partial[BalancedBatches]) -> None:
    if len(augmentation.args) > 1 or (others := sorted(augmentation.keywords.keys() - set(_THEIRS))):
        given = "X" if len(augmentation.args) > 1 else ", ".join(others)
        raise ValueError(
            f"A partial of BalancedBatches as augmentation may set {', '.join(_THEIRS)}, but it sets {given}: leave "
            "that out, the classifier sets it."
        )


def balanced(
    augmentation: partial[BalancedBatches],
    X: NDArray[Any],
    y: NDArray[Any],
    weights: NDArray[Any],
    *,
    batch_size: int,
    seed: int,
) -> BalancedBatches:
    """The batches of images, all of one size.

    Raises
    ------
    ValueError
    """
    _check_sets_no_more(augmentation)
    size = min(batch_size, len(X))  # an epoch has at least the real rows: some batch is left where the last is dropped
    return augmentation(X=X, y=y, sample_weight=weights, batch_size=size, drop_last=True, random_state=seed)


def for_ever(batches: BalancedBatches) -> Generator[tuple[Any, ...], None, None]:
    """Batches of one epoch after the other."""
    for epoch in count():
        batches.set_epoch(epoch)
        yield from drawn_ahead(batches, 1, _N_AHEAD)
