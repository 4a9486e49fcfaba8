"""Displays, in scikit-learn's manner: look at samples, training, deformations and quality before trusting them.

Each is made by a class method (`from_estimator`, or from plain arrays), drawn by `plot`, and keeps what it draws.
"""

from ._deformations import DeformationDisplay
from ._history import HistoryDisplay
from ._samples import SamplesDisplay
from ._table import TableDisplay

__all__ = ["DeformationDisplay", "HistoryDisplay", "SamplesDisplay", "TableDisplay"]
