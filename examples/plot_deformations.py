"""
Look at the deformations first
==============================

**The deformation decides what counts as "the same digit".** Looking at it says more than a score: do the deformed
images still show their digit?
"""

# %%
# Thirty sevens among the other digits. ``DeformationOverSampler`` learns the same deformations as
# ``GANOverSampler``, in a second.

import numpy as np
from sklearn.datasets import load_digits

from gan_oversampler import DeformationOverSampler
from gan_oversampler.inspection import DeformationDisplay, SamplesDisplay

X, digits = load_digits(return_X_y=True)
kept = np.sort(np.concatenate([np.flatnonzero(digits == 7)[:30], np.flatnonzero(digits != 7)]))
X, y = X[kept], digits[kept]
sampler = DeformationOverSampler(random_state=0)
X_res, y_res = sampler.fit_resample(X, y)

# %%
# Each line shows a real image, then its copies as the sampler deforms them, then its copies under random affine maps.

DeformationDisplay.from_estimator(sampler, X, y, 7).plot()

# %%
# Learned deformations bend and shift strokes as the other digits vary. Affine ones turn, scale and shear the whole
# image. Sevens remain sevens under both, but less sharp: eight pixels a side leave little room. A deformation is
# too strong if you no longer recognise the class.
#
# The appended images, each with the nearest real image below:

SamplesDisplay.from_estimator(sampler, X, y, 7, n_samples=14).plot(n_columns=7)

# %%
# You can also pass a callable, here shifts by whole pixels:


def shifts(images, rng):
    """Each image moved by up to one pixel along both axes: (n, H, W, C), float32 in [-1, 1]."""
    moves = rng.integers(-1, 2, size=(len(images), 2))
    return np.stack([np.roll(image, move, axis=(0, 1)) for image, move in zip(images, moves, strict=True)])


own = DeformationOverSampler(deformation=shifts, random_state=0)
own.fit_resample(X, y)
DeformationDisplay.from_estimator(own, X, y, 7, n_images=2).plot()

# %%
# Each image keeps its form and changes its place. Where a stroke touches the border, ``np.roll`` brings it back at the
# other side, so some images have ink where there was none. Looking at the images reveals such faults.
