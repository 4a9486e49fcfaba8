"""
Callbacks: watch, stop early, end in time
=========================================

**Training can be watched and ended from outside:** early stopping, a time limit, TensorBoard, and hooks of
your own.
"""

# %%

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

from gan_oversampler import GANOverSampler
from gan_oversampler.callbacks import Callback, EarlyStopping
from gan_oversampler.inspection import HistoryDisplay

X, digits = load_digits(return_X_y=True)
kept = np.sort(np.concatenate([np.flatnonzero(digits == 2)[:60], np.flatnonzero(digits != 2)[:500]]))
X, y = X[kept], digits[kept] == 2


class Snapshots(Callback):
    """Keeps eight drawn images, always of the same noise, every so many steps."""

    def __init__(self, every):
        self.every = every
        self.images = {}

    def on_step_end(self, event):
        if event.step % self.every == 0:
            self.images[event.step] = event.draw(8)


# %%
# Every 100 steps ``EarlyStopping`` measures how far drawn rows are from real ones (energy distance). It ends the
# training of a class when the distance has not fallen for a while.

stopping = EarlyStopping(patience=2, min_improvement=0.1)
snapshots = Snapshots(every=200)
sampler = GANOverSampler(max_iter=3000, callbacks=[snapshots, stopping], random_state=0)
sampler.fit_resample(X, y)
n_steps = len(sampler.history_[True]["step"])
print(f"{n_steps} of 3000 steps")

# %%

figure, ax = plt.subplots(figsize=(6, 2.8), layout="constrained")
looks = 100 * np.arange(1, len(stopping.distances_) + 1)
ax.plot(looks, stopping.distances_, "o-")
ax.axhline(0, color="grey", lw=0.8, ls=":")
ax.set(xlabel="step", ylabel="energy distance to real rows")

# %%
# Our own hook kept eight images of the same noise as training went on.

figure, axes = plt.subplots(len(snapshots.images), 8, figsize=(5, 0.68 * len(snapshots.images)), layout="constrained")
for line, (step, images) in zip(np.atleast_2d(axes), snapshots.images.items(), strict=True):
    for ax, image in zip(line, images, strict=True):
        ax.imshow(image[..., 0], cmap="gray_r", vmin=-1, vmax=1)
        ax.set(xticks=[], yticks=[])
    line[0].set_ylabel(f"step {step}", rotation=0, ha="right", va="center")

# %%
# The twos appear long before training ends by itself. The losses do not show that: they hover while the images get
# better.

HistoryDisplay.from_estimator(sampler).plot()

# %%
#
# ``time_limit=60`` ends training after a minute with the weights of that moment, and ``TensorBoard("runs")``
# among the callbacks writes losses and images for TensorBoard.
