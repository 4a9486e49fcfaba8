"""One method run on the training rows of one draw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from gan_oversampler._utils.seeds import child_seed
from gan_oversampler.comparison._measure.classifiers import seeded
from gan_oversampler.comparison._measure.draws import Draw
from gan_oversampler.comparison._measure.leakage import Leakage, Rows, check_leakage
from gan_oversampler.comparison._measure.meter import Meter
from gan_oversampler.comparison._measure.methods import Method
from gan_oversampler.comparison._measure.problem import Problem
from gan_oversampler.comparison._measure.protocol import Protocol
from gan_oversampler.exceptions import BackendError, ForkedProcessError

Index = npt.NDArray[np.int64]
Labels = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Resampled:
    """Training rows of one draw, before and after one method.

    Attributes
    ----------
    draw : Draw
    method : Method
    X_before, y_before : rows and 0/1 labels that the sampler was given
    X, y : rows and 0/1 labels that it returned
    sampler : fitted sampler or None
    seconds, peak_mb : float
    leakage : Leakage
        How many returned rows are held-out rows, and why that may not be chance.
    """

    draw: Draw
    method: Method
    X_before: Any
    y_before: Labels
    X: Any
    y: Labels
    sampler: Any
    seconds: float
    peak_mb: float
    leakage: Leakage


class SamplerFailedError(Exception):
    """A sampler refused the rows of a draw. This is a result and is recorded."""


def resample_rows(problem: Problem, sampler: Any, index: Index, seed: int) -> tuple[Any, Labels, Any]:
    """Resample the rows at `index`: rows, 0/1 labels, and the fitted sampler.

    Raises
    ------
    SamplerFailedError
        The sampler refused them.
    BackendError, ForkedProcessError
        The sampler could not run here, which says nothing about the method.
    """
    X = problem.rows(index)
    if sampler is None:
        return X, problem.y[index], None
    fitted = seeded(sampler, seed)
    try:
        X_new, labels = fitted.fit_resample(X, problem.labels[index])
    except (BackendError, ForkedProcessError):
        raise
    except (ValueError, RuntimeError) as error:
        raise SamplerFailedError(f"{type(error).__name__}: " + " ".join(str(error).split())) from error
    return X_new, problem.positive(labels), fitted


def resample(protocol: Protocol, draw: Draw, method: Method) -> Resampled:
    """Run one sampler on the training rows of one draw, and check that it knew no other rows."""
    problem, index = protocol.problem, draw.training(method.n_minority)
    seed = child_seed(protocol.seed, "sampler", draw.number, method.name)
    with Meter() as meter:
        X, y, sampler = resample_rows(problem, method.sampler, index, seed)
    given, hidden = (Rows(problem.rows(i), problem.y[i]) for i in (index, draw.held_out(method.n_minority)))
    leakage = Leakage(0, "")
    if method.sampler is not None:
        leakage = check_leakage(method.name, Rows(X, y), given, hidden)
    return Resampled(draw, method, given.X, given.y, X, y, sampler, meter.seconds, meter.peak_mb, leakage)
