"""DeepSMOTE, re-created in small: SMOTE between the codes of an autoencoder."""

from __future__ import annotations

import math
from numbers import Integral
from typing import Any, ClassVar

import numpy as np
from imblearn.over_sampling import SMOTE
from imblearn.over_sampling.base import BaseOverSampler
from numpy.typing import NDArray
from sklearn.utils._param_validation import Interval

from gan_oversampler._gan.gate import require_tensorflow
from gan_oversampler._utils.seeds import child_seed, generator, root_seed
from gan_oversampler.comparison._rivals.classifier_training import batches

_BATCH, _LEARNING_RATE = 64, 1e-3


class DeepSMOTE(BaseOverSampler):
    """New images decoded from between the codes of near neighbours in a class: an own, small re-creation.

    It is not the authors' code. Their networks are larger, and their training is longer.

    Parameters
    ----------
    image_shape : tuple of int
        (H, W) or (H, W, C) of the flat rows.
    sampling_strategy : float, str, dict or callable, default="auto"
    n_codes : int, default=128
        Numbers in a code.
    n_steps : int, default=1000
        Steps of Adam, at a rate of .001.
    random_state : int, RandomState or None, default=None

    References
    ----------
    Dablain, D., Krawczyk, B. and Chawla, N. V. (2021). DeepSMOTE: fusing deep learning and SMOTE for imbalanced data.
    arXiv:2105.02340
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **BaseOverSampler._parameter_constraints,
        "image_shape": [tuple, list],
        "n_codes": [Interval(Integral, 1, None, closed="left")],
        "n_steps": [Interval(Integral, 1, None, closed="left")],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        *,
        image_shape: tuple[int, ...],
        sampling_strategy: Any = "auto",
        n_codes: int = 128,
        n_steps: int = 1000,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        super().__init__(sampling_strategy=sampling_strategy)
        self.image_shape = image_shape
        self.n_codes = n_codes
        self.n_steps = n_steps
        self.random_state = random_state

    def _train(self, network: Any, images: NDArray[np.float32], y: NDArray[Any], seed: int) -> None:
        drawn = batches(len(images), _BATCH, generator(seed, "rows"))
        rng = generator(seed, "classes")
        members = [np.flatnonzero(y == label) for label in np.unique(y)]
        for _ in range(self.n_steps):
            of_one_class = rng.choice(members[rng.integers(len(members))], _BATCH)
            network.step(images[next(drawn)], images[of_one_class], np.float32(_LEARNING_RATE))

    def _fit_resample(self, X: NDArray[Any], y: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        require_tensorflow()
        from gan_oversampler.comparison._rivals.autoencoder import autoencoder

        seed = root_seed(self.random_state)
        shape = (*self.image_shape, 1)[:3]
        if math.prod(shape) != X.shape[1]:
            raise ValueError(f"image_shape {self.image_shape} does not fit rows of {X.shape[1]} values.")
        low, high = X.min(), X.max()
        images = (2 * (X - low) / ((high - low) or 1) - 1).reshape(len(X), *shape).astype(np.float32)
        network = autoencoder(shape, self.n_codes)
        with network.fresh(generator(seed, "weights")):
            self._train(network, images, y, seed)
            totals = {label: int((y == label).sum()) + n for label, n in self.sampling_strategy_.items()}
            smote = SMOTE(sampling_strategy=totals, random_state=child_seed(seed, "SMOTE"))
            codes, labels = smote.fit_resample(network.encode(images), y)
            if len(codes) == len(X):
                return X, y
            new = network.decode(codes[len(X) :].astype(np.float32))
        rows = (low + (high - low) * (new.reshape(len(new), -1) + 1) / 2).astype(X.dtype)
        return np.concatenate([X, rows]), labels
