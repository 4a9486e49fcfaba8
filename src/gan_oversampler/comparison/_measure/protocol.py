"""The protocol: in every draw split first, resample training rows only, judge on real held-out rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from gan_oversampler._utils.seeds import child_seed
from gan_oversampler.calibration import PriorCorrectedClassifier
from gan_oversampler.comparison._measure.classifiers import seeded, with_options
from gan_oversampler.comparison._measure.draws import Draw
from gan_oversampler.comparison._measure.methods import Method
from gan_oversampler.comparison._measure.problem import Problem


@dataclass(frozen=True)
class Protocol:
    """Settings that stay the same over all draws and methods."""

    problem: Problem
    classifiers: Mapping[str, Any]
    seed: int
    n_classifier_seeds: int
    threshold_metric: str
    threshold_size: float | None
    flatten: bool

    def for_classifier(self, X: Any) -> Any:
        """Rows as the classifiers take them: flat, or as images."""
        shape = self.problem.image_shape
        return X if self.flatten or shape is None else np.reshape(X, (len(X), *shape))

    def classifier(self, draw: Draw, method: Method, name: str, number: int) -> Any:
        """A fresh classifier for the rows of a method; its seed is the same for all methods: they are paired in it."""
        seed = child_seed(self.seed, "classifier", draw.number, name, number)
        classifier = with_options(seeded(self.classifiers[name], seed), method.options)
        if not method.corrected:
            return classifier
        return PriorCorrectedClassifier(classifier, prior=[1 - draw.prior, draw.prior])
