"""Displays, in scikit-learn's manner: look at samples, training, deformations and quality before trusting them.

Each is made by a class method (`from_estimator`, or from plain arrays), drawn by `plot`, and keeps what it draws.
"""

from gan_oversampler._quality import QualityReport, quality_report

from ._deformations import DeformationDisplay
from ._history import HistoryDisplay
from ._quality import QualityDisplay
from ._samples import SamplesDisplay
from ._table import TableDisplay

__all__ = [
    "DeformationDisplay",
    "HistoryDisplay",
    "QualityDisplay",
    "QualityReport",
    "SamplesDisplay",
    "TableDisplay",
    "quality_report",
]
