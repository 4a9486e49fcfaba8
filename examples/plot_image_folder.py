"""
From a folder of images to a balanced folder
============================================

**Images on disk go in and images on disk come out, in three lines.** The folder here is made of patches of the two
photographs that come with scikit-learn: many of houses and sky, few of petals, each a PNG file of 24x24 pixels in the
folder of its class.
"""

# %%

import tempfile
from collections import Counter
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_sample_images

from gan_oversampler import DeformationOverSampler
from gan_oversampler.datasets import load_image_folder, save_image_folder

china, flower = (photograph[::4, ::4] for photograph in load_sample_images().images)
rng = np.random.default_rng(0)


def patches(photograph, n, side=24):
    """Square patches at random places of a photograph."""
    corners = rng.integers([photograph.shape[0] - side, photograph.shape[1] - side], size=(n, 2))
    return np.stack([photograph[r : r + side, c : c + side] for r, c in corners])


petals = [patch for patch in patches(flower, 2000) if patch[..., 0].mean() > 70 + patch[..., 2].mean()][:20]
folder = Path(tempfile.mkdtemp())
save_image_folder(folder / "photos", patches(china, 100), ["china"] * 100)
save_image_folder(folder / "photos", petals, ["petal"] * len(petals))

# %%
# These are the three lines. Images are scaled to one size while they are read, and the class is the name of the folder.

X, y = load_image_folder(folder / "photos", size=(16, 16))
X_res, y_res = DeformationOverSampler(deformation="affine", random_state=0).fit_resample(X, y)
save_image_folder(folder / "balanced", X_res, y_res)

for name in ("photos", "balanced"):
    print(name, dict(Counter(file.parent.name for file in (folder / name).rglob("*.png"))))

# %%
# The first row shows petals that were read, the second row new ones that were written.

rows = {"read": X[y == "petal"], "new": X_res[len(X) :]}
figure, axes = plt.subplots(2, 10, figsize=(6, 1.6), layout="constrained")
for line, (name, images) in zip(axes, rows.items(), strict=True):
    for ax, image in zip(line, images[:10], strict=True):
        ax.imshow(image)
        ax.set(xticks=[], yticks=[])
    line[0].set_ylabel(name, rotation=0, ha="right", va="center", fontsize=12)

# %%
# ``save_image_folder`` overwrites nothing. To add new images to the folder that you have, give them a prefix:
# ``save_image_folder(folder / "photos", rows["new"], ["petal"] * len(rows["new"]), prefix="new-")``.
