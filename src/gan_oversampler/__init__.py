"""Over-sampling with generative adversarial networks, for imbalanced-learn.

`GANOverSampler` fits one GAN to each class that needs more rows and appends what it draws;
`DeformationOverSampler` appends deformed copies of the real images. Importing this package does not import
TensorFlow: that happens when a network is trained or drawn from.
"""

from importlib.metadata import version

from gan_oversampler._choice.auto import AutoOverSampler
from gan_oversampler._samplers.deformation import DeformationOverSampler
from gan_oversampler._samplers.gan import GANOverSampler
from gan_oversampler.calibration import PriorCorrectedClassifier
from gan_oversampler.exceptions import (
    BackendError,
    CheckpointError,
    ConvergenceWarning,
    DivergenceError,
    FileFormatError,
    ForkedProcessError,
    NotEnoughMemoryError,
    SmallClassWarning,
    WorkerLostError,
)

__all__ = [
    "AutoOverSampler",
    "BackendError",
    "CheckpointError",
    "ConvergenceWarning",
    "DeformationOverSampler",
    "DivergenceError",
    "FileFormatError",
    "ForkedProcessError",
    "GANOverSampler",
    "NotEnoughMemoryError",
    "PriorCorrectedClassifier",
    "SmallClassWarning",
    "WorkerLostError",
]
__version__ = version("gan-oversampler")
