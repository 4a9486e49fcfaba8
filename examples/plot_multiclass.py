"""
Several rare classes at once
============================

**Each class that needs rows gets a network of its own,** so a drawn row has the label it was drawn for. The original
rows come back first, unchanged.
"""

# %%
# Three digits: many zeros, fewer threes, few sixes. X has the shape of images here, (n, 8, 8).

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

from gan_oversampler import GANOverSampler

images, digits = load_digits().images, load_digits().target
counts = {0: 170, 3: 60, 6: 30}
kept = np.concatenate([np.flatnonzero(digits == digit)[:n] for digit, n in counts.items()])
X, y = images[kept], digits[kept]

# %%
# ``sampling_strategy="auto"``, the default, raises every class to the size of the largest.

sampler = GANOverSampler(max_iter=700, random_state=0)
X_res, y_res = sampler.fit_resample(X, y)
print("before   ", {int(k): int((y == k).sum()) for k in counts})
print("to draw  ", {int(k): n for k, n in sampler.sampling_strategy_.items()})
print("after    ", {int(k): int((y_res == k).sum()) for k in counts})
print("X        ", X.shape, "->", X_res.shape, X_res.dtype)
print("untouched", np.array_equal(X_res[: len(X)], X))

# %%
# ``synthetic_mask_`` marks the new rows.

figure, axes = plt.subplots(4, 12, figsize=(8, 3.1), layout="constrained")
for row, label in zip((0, 2), (3, 6), strict=True):
    for offset, is_new in enumerate((False, True)):
        rows = X_res[(y_res == label) & (sampler.synthetic_mask_ == is_new)][:12]
        for ax, image in zip(axes[row + offset], rows, strict=True):
            ax.imshow(image, cmap="gray_r", vmin=0, vmax=16)
            ax.set(xticks=[], yticks=[])
        axes[row + offset, 0].set_ylabel("new" if is_new else "real", rotation=0, ha="right", va="center")

# %%
# Rows one and three are real threes and sixes; rows two and four were drawn. ``sampling_strategy={3: 100}`` would
# ask for threes alone. ``sampler.sample(5, label=6)`` draws five more sixes without training again:

print(sampler.sample(5, label=6).shape)
