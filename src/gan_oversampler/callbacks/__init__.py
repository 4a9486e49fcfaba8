"""Hooks into training: look at it, record it, or stop it.

A callback is an object with some of the methods of `Callback`. The progress bar of `GANOverSampler` is one itself.
"""

from gan_oversampler.callbacks._early_stopping import EarlyStopping
from gan_oversampler.callbacks._hooks import Callback, FitEvent, TrainingEvent
from gan_oversampler.callbacks._tensorboard import TensorBoard

__all__ = ["Callback", "EarlyStopping", "FitEvent", "TensorBoard", "TrainingEvent"]
