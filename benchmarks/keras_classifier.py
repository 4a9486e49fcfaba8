"""The judge of the first records of photographs, kept so that their command still runs.

`gan_oversampler.comparison.ConvolutionalClassifier` took its place. This one trains for epochs, so rows that a sampler
adds buy more steps.
"""

from __future__ import annotations

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin


class ConvClassifier(ClassifierMixin, BaseEstimator):
    """Three 3x3 convolutions (32, 64, 64) with pooling, dense 64, one logit; Adam, 10 epochs.

    Parameters
    ----------
    image_shape : tuple of int
        (H, W, C) of the flat rows.
    max_iter : int
        Epochs.
    random_state : int or None
        Keras' global seed is set to it: this is a benchmark, not a library.
    """

    def __init__(self, image_shape=(32, 32, 3), max_iter=10, random_state=None):
        self.image_shape = image_shape
        self.max_iter = max_iter
        self.random_state = random_state

    def _build(self):
        import keras

        layers = [keras.Input((int(np.prod(self.image_shape)),)), keras.layers.Reshape(self.image_shape)]
        for filters in (32, 64, 64):
            layers += [
                keras.layers.Conv2D(filters, 3, padding="same", activation="relu"),
                keras.layers.MaxPooling2D(),
            ]
        layers += [keras.layers.Flatten(), keras.layers.Dense(64, "relu"), keras.layers.Dense(1)]
        model = keras.Sequential(layers)
        loss = keras.losses.BinaryCrossentropy(from_logits=True)
        model.compile(keras.optimizers.Adam(1e-3), loss)
        return model

    def fit(self, X, y, sample_weight=None):
        import keras

        if self.random_state is not None:
            keras.utils.set_random_seed(self.random_state % 2**32)
        self.classes_, codes = np.unique(y, return_inverse=True)
        self.model_ = self._build()
        self.model_.fit(
            np.asarray(X, np.float32),
            codes,
            batch_size=128,
            epochs=self.max_iter,
            sample_weight=sample_weight,
            verbose=0,
        )
        return self

    def predict_proba(self, X):
        logits = self.model_.predict(np.asarray(X, np.float32), batch_size=512, verbose=0)[:, 0].astype(float)
        positive = 1 / (1 + np.exp(-logits))
        return np.stack([1 - positive, positive], axis=1)

    def predict(self, X):
        return self.classes_[(self.predict_proba(X)[:, 1] > 0.5).astype(int)]
