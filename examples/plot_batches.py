"""
Fresh rows in every epoch: batches for Keras
============================================

**A network that trains on batches needs no resampled X.** ``BalancedBatches`` draws new rows of the rare class for each
batch, and others in each epoch. Beside it stands the same network with class weights, which sees the same few images
again and again.
"""

# %%
# Twenty images of the digit eight are kept among all others. 40 % of all images are held out and stay as they are.

import keras
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.metrics import average_precision_score
from sklearn.model_selection import train_test_split

from gan_oversampler import DeformationOverSampler
from gan_oversampler.batches import BalancedBatches

X, digits = load_digits(return_X_y=True)
X, y = X.reshape(-1, 8, 8, 1).astype(np.float32), (digits == 8).astype(int)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.4, stratify=y, random_state=0)
kept = np.sort(np.concatenate([np.flatnonzero(y_train == 1)[:20], np.flatnonzero(y_train == 0)]))
X_train, y_train = X_train[kept], y_train[kept]
print(np.bincount(y_train))

# %%
# The sampler learns how images of the class vary, and the batches draw from it.

sampler = DeformationOverSampler(random_state=0).fit(X_train, y_train)
batches = BalancedBatches(sampler, X_train, y_train, batch_size=32, scale=1 / 16)
X_batch, y_batch = batches[0]
print(len(batches), X_batch.shape, np.bincount(y_batch))

figure, axes = plt.subplots(2, 8, figsize=(6, 1.7), layout="constrained")
for epoch, line in enumerate(axes):
    batches.set_epoch(epoch)
    X_batch, y_batch = batches[0]
    for ax, image in zip(line, X_batch[y_batch == 1], strict=False):
        ax.imshow(image[..., 0], cmap="gray_r", vmin=0, vmax=1)
        ax.set(xticks=[], yticks=[])
    line[0].set_ylabel(f"epoch {epoch}", rotation=0, ha="right", va="center")
batches.set_epoch(0)

# %%
# Both networks begin with the same weights. After each epoch they are judged on the held-out images. An epoch of
# balanced batches has about twice as many steps, so the curves are drawn over steps.


class HeldOut(keras.callbacks.Callback):
    """Keeps the average precision on held-out images, and the step."""

    def __init__(self):
        super().__init__()
        self.steps, self.scores = [], []

    def on_epoch_end(self, epoch, logs=None):
        self.steps.append(int(self.model.optimizer.iterations))
        scores = self.model(X_test / 16)[:, 0]
        self.scores.append(average_precision_score(y_test, keras.ops.convert_to_numpy(scores)))


def network():
    keras.utils.set_random_seed(0)
    convolution, hidden = keras.layers.Conv2D(16, 3, activation="relu"), keras.layers.Dense(32, "relu")
    model = keras.Sequential([convolution, keras.layers.Flatten(), hidden, keras.layers.Dense(1, "sigmoid")])
    model.compile("adam", "binary_crossentropy")
    return model


weighted, fresh = HeldOut(), HeldOut()
share = np.bincount(y_train) / len(y_train)
weights = {0: 0.5 / share[0], 1: 0.5 / share[1]}
network().fit(X_train / 16, y_train, batch_size=32, epochs=31, class_weight=weights, callbacks=[weighted], verbose=0)
network().fit(batches.as_keras(), epochs=16, callbacks=[fresh], verbose=0)

# %%

figure, ax = plt.subplots(figsize=(6, 3.6), layout="constrained")
for name, curve in {"class weights": weighted, "BalancedBatches": fresh}.items():
    ax.plot(curve.steps, curve.scores, "o-", ms=3, label=name)
    print(f"{name:<16} {curve.scores[-1]:.3f} after {curve.steps[-1]} steps")
ax.set(xlabel="step", ylabel="average precision on held-out images", ylim=(None, 1))
ax.legend(loc="lower right")

# %%
# With class weights the curve stays where it is after 500 steps. With fresh images it goes on rising. One digit and one
# seed prove nothing: ``compare_samplers`` measures your images, and its method ``"DeformationOverSampler online"`` does
# what was done here.
