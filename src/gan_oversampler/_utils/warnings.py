"""Warnings that point at the user's own line, however deep in the package they arise."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

import sklearn

# scikit-learn's decorator for callbacks is called between the user and us.
_NOT_THE_USERS = (str(Path(__file__).parent.parent), str(Path(sklearn.__file__).parent / "callback"))


def warn(message: str, category: type[Warning]) -> None:
    """Warn at the first caller outside of this package."""
    frame, level = sys._getframe(1), 2
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_NOT_THE_USERS):
        frame, level = frame.f_back, level + 1
    warnings.warn(message, category, stacklevel=level)
