"""
Save a sampler, draw later
==========================

**A fitted sampler is saved in a small file that runs no code when it is loaded.** The loaded sampler draws the same
rows as the saved one.
"""

# %%

import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

from gan_oversampler import GANOverSampler

X, digits = load_digits(return_X_y=True)
kept = np.sort(np.concatenate([np.flatnonzero(digits == 3)[:60], np.flatnonzero(digits != 3)[:400]]))
X, y = X[kept], np.where(digits[kept] == 3, "three", "other")

sampler = GANOverSampler(max_iter=800, random_state=0)
sampler.fit_resample(X, y)

# %%
# The file is a zip of JSON and NumPy arrays. It is moved into place when it is complete.

path = Path(tempfile.mkdtemp()) / "threes.zip"
sampler.save(path)
print(f"{path.stat().st_size / 1024:.0f} KiB")

# %%
# Later, in another process or on another machine, without the data and without training:

loaded = GANOverSampler.load(path)
threes = loaded.sample(1000, "three")
print(threes.shape, "the same rows:", np.array_equal(threes, sampler.sample(1000, "three")))

# %%
# Another ``random_state`` draws other rows.

figure, axes = plt.subplots(2, 12, figsize=(8, 1.6), layout="constrained")
for line, rows in zip(axes, (threes, loaded.sample(12, "three", random_state=1)), strict=True):
    for ax, row in zip(line, rows[:12], strict=True):
        ax.imshow(row.reshape(8, 8), cmap="gray_r", vmin=0, vmax=16)
        ax.set(xticks=[], yticks=[])

# %%
# Upper line: every call of ``sample`` without a seed begins with these images. Lower line: images from seed 1.
