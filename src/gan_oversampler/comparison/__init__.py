"""Does a sampler help on these data? Samplers, class weights, a moved threshold and nothing on real held-out
rows."""

from ._classifiers import default_classifier, notebook_classifier, strong_classifier
from ._compare import compare_samplers
from ._comparison import Comparison, Difference
from ._leakage import LeakageError
from ._methods import DEFAULT_METHODS, KNOWN_METHODS, both_classes
from ._metrics import METRICS, prior_corrected
from ._pooled import PooledComparison
from ._protocol import Resampled
from ._statistics import PairedTest, corrected_t_test, holm

__all__ = [
    "DEFAULT_METHODS",
    "KNOWN_METHODS",
    "METRICS",
    "Comparison",
    "Difference",
    "LeakageError",
    "PairedTest",
    "PooledComparison",
    "Resampled",
    "both_classes",
    "compare_samplers",
    "corrected_t_test",
    "default_classifier",
    "holm",
    "notebook_classifier",
    "prior_corrected",
    "strong_classifier",
]
