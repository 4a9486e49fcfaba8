"""
Find the broken cells
=====================

**Sixty broken solar cells are known, and a thousand whole ones.** The pictures are real: electroluminescence of cells
in modules, from the package ``elpv-dataset`` (``pip install elpv-dataset``; CC BY-NC-SA 4.0).
"""

# %%
# Cells that an expert judged defective for certain, against those that are functional for certain, at 32x32 pixels.

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from gan_oversampler import DeformationOverSampler
from gan_oversampler.comparison import Comparison
from gan_oversampler.datasets import load_solar_cells

images, probability = load_solar_cells(size=32)
rng = np.random.default_rng(0)
whole = rng.choice(np.flatnonzero(probability == 0), 1056, replace=False)
broken = rng.choice(np.flatnonzero(probability == 1), 60, replace=False)
X = images[np.concatenate([whole, broken])]
y = np.repeat(["whole", "broken"], [len(whole), len(broken)])

# %%
# The sampler looks for changes that leave a cell in its class. Light falls on all cells from one side, so a classifier
# that knows whole cells notices mirrored ones. A mirrored crack is a crack all the same: the known broken cells say so,
# and mirror images help to find those that were left out. Bending does not, for cells lie straight.

sampler = DeformationOverSampler(random_state=0)
X_res, y_res = sampler.fit_resample(X, y)
deformation = sampler.models_["broken"].deformation
print(X.shape, "->", X_res.shape)
print("mirrored or turned:", deformation.symmetry)
print("bent by", deformation.strength, "of an affine deformation;", deformation.tone)

# %%
# Real broken cells above, new ones below, none picked.

figure, axes = plt.subplots(4, 10, figsize=(6.5, 2.9), layout="constrained")
new = X_res[sampler.synthetic_mask_]
for line, name, cells in zip(axes, ("real", "", "new", ""), (X[1056:], X[1066:], new, new[10:]), strict=True):
    for ax, cell in zip(line, cells, strict=False):
        ax.imshow(cell, cmap="gray", vmin=0, vmax=255)
        ax.set(xticks=[], yticks=[])
    line[0].set_ylabel(name, rotation=0, ha="right", va="center", fontsize=12)

# %%
# **Is it worth it?** Samplers were compared with two classifiers on five draws of 60 broken cells, on 667 real held-out
# cells in each (``python benchmarks/solar_cells.py --seed 77 --records benchmarks/solar-cells/records.csv``). Their
# records are read here; on your own pictures call :func:`~gan_oversampler.comparison.compare_samplers`.

comparison = Comparison.from_csv(Path("..") / "benchmarks" / "solar-cells" / "records.csv")
figure, axes = plt.subplots(2, 1, figsize=(7.2, 6), layout="constrained")
for ax, classifier in zip(axes, comparison.classifiers, strict=True):
    comparison.plot(classifier=classifier, ax=ax)
    ax.set_title(classifier)

# %%
# Mirror images lead with both classifiers. SMOTE, which blends cells, and random over-sampling lose much with the
# convolutional one, and bending loses much with the dense one. The advice is sober: five draws are too few to be sure.

for classifier in comparison.classifiers:
    print(comparison.advice(classifier))
