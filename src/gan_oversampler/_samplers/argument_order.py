"""`n_samples` before `label`, as in `sample`; the other order, which chunks had at first, still works."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import wraps
from numbers import Integral
from typing import Any

from sklearn.utils.validation import check_is_fitted

from gan_oversampler._utils.warnings import warn

NOT_FITTED = "This %(name)s has learned no class yet: call fit or fit_resample first."


def is_number_of_rows(value: Any) -> bool:
    """Whether a value may be `n_samples`."""
    return isinstance(value, Integral) and not isinstance(value, bool) and value >= 0  # type: ignore[operator]


def _in_order(name: str, models: Any, first: Any, second: Any) -> tuple[Any, Any]:
    """n_samples and label, from what was given as the first two arguments."""
    if not (is_number_of_rows(second) and isinstance(first, Hashable) and first in models):
        return first, second
    warn(
        f"{name}(n_samples, label) is the order now, as in sample, and {name}({first!r}, {second!r}) was read in the "
        f"order of before: write {name}(n_samples={second!r}, label={first!r}).",
        FutureWarning,
    )
    return second, first


def either_order(method: Callable[..., Any]) -> Callable[..., Any]:
    """A method of (n_samples, label, ...) that also takes (label, n_samples, ...), with a FutureWarning.

    Where both orders have a meaning, as for the classes 3 and 5, the old one holds: no program draws other rows unsaid.
    """

    @wraps(method)
    def called(self: Any, *args: Any, **named: Any) -> Any:
        check_is_fitted(self, "models_", msg=NOT_FITTED)
        if len(args) == 1 and "n_samples" in named:
            named["label"], args = args[0], ()
        if len(args) > 1:
            args = (*_in_order(method.__name__, self.models_, *args[:2]), *args[2:])
        return method(self, *args, **named)

    return called
