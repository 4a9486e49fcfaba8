"""Does a sampler help on these data? Samplers, class weights, a moved threshold and nothing on real held-out
rows."""

from gan_oversampler.calibration import prior_corrected
from gan_oversampler.comparison._compare import compare_samplers
from gan_oversampler.comparison._measure.attack import attack_sampler
from gan_oversampler.comparison._measure.classifier_metrics import METRICS
from gan_oversampler.comparison._measure.classifiers import default_classifier, notebook_classifier, strong_classifier
from gan_oversampler.comparison._measure.dense import DenseClassifier
from gan_oversampler.comparison._measure.leakage import LeakageError
from gan_oversampler.comparison._measure.methods import DEFAULT_METHODS, KNOWN_METHODS, both_classes
from gan_oversampler.comparison._measure.resampling import Resampled
from gan_oversampler.comparison._outcome.comparison import Comparison
from gan_oversampler.comparison._outcome.paired import Difference
from gan_oversampler.comparison._outcome.pooled import PooledComparison
from gan_oversampler.comparison._outcome.statistics import PairedTest, combined_test, corrected_t_test, holm
from gan_oversampler.comparison._rivals.convolutional import ConvolutionalClassifier

__all__ = [
    "DEFAULT_METHODS",
    "KNOWN_METHODS",
    "METRICS",
    "Comparison",
    "ConvolutionalClassifier",
    "DenseClassifier",
    "Difference",
    "LeakageError",
    "PairedTest",
    "PooledComparison",
    "Resampled",
    "attack_sampler",
    "both_classes",
    "combined_test",
    "compare_samplers",
    "corrected_t_test",
    "default_classifier",
    "holm",
    "notebook_classifier",
    "prior_corrected",
    "strong_classifier",
]
