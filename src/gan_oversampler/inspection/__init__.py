"""Displays, in scikit-learn's manner: look at samples, training, deformations and quality before you trust them.

Each is made by a class method (`from_estimator`, or from plain arrays), drawn by `plot`, and keeps what it draws.
"""

from gan_oversampler._classes.quality import QualityReport, quality_report
from gan_oversampler.inspection._deformation_display import DeformationDisplay
from gan_oversampler.inspection._history import HistoryDisplay
from gan_oversampler.inspection._quality_display import QualityDisplay
from gan_oversampler.inspection._samples import SamplesDisplay
from gan_oversampler.inspection._table import TableDisplay

__all__ = [
    "DeformationDisplay",
    "HistoryDisplay",
    "QualityDisplay",
    "QualityReport",
    "SamplesDisplay",
    "TableDisplay",
    "quality_report",
]
