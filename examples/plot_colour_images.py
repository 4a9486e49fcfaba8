"""
Colour images
=============

**Images keep their shape, channels and dtype.** Here: patches of 12x12 pixels in three colours, as unsigned
bytes, cut from the two photographs that come with scikit-learn. Petals are the rare class.
"""

# %%

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_sample_images

from gan_oversampler import DeformationOverSampler, GANOverSampler

china, flower = (photograph[::4, ::4] for photograph in load_sample_images().images)
rng = np.random.default_rng(0)


def patches(photograph, n, side=12):
    """Square patches at random places of a photograph."""
    corners = rng.integers([photograph.shape[0] - side, photograph.shape[1] - side], size=(n, 2))
    return np.stack([photograph[r : r + side, c : c + side] for r, c in corners])


candidates = patches(flower, 2000).astype(int)
is_petal = (candidates[..., 0] - candidates[..., 2]).mean(axis=(1, 2)) > 70  # much red, little blue
petals = candidates[is_petal][:150].astype(np.uint8)
X = np.concatenate([patches(china, 400), petals])
y = np.repeat(["china", "petal"], [400, len(petals)])
print(X.shape, X.dtype)

# %%
# Nothing needs to be said about the shape: X of four dimensions are images. What may be said is under which
# deformations an image stays in its class. They can be learned from the other images; but patches of houses and sky
# are no variants of each other and teach little about petals. Hence "affine" for the GAN; here "auto" would choose
# it too.

samplers = {
    "GAN": GANOverSampler(deformation="affine", deformed_share=0.0, random_state=0),
    "learned": DeformationOverSampler(deformation="learned", random_state=0),
    "affine": DeformationOverSampler(deformation="affine", random_state=0),
}
rows = {"real": petals}
for name, sampler in samplers.items():
    X_res, y_res = sampler.fit_resample(X, y)
    rows[name] = X_res[sampler.synthetic_mask_]
    print(f"{name:<8}", X_res.shape, X_res.dtype, "image_shape_", sampler.image_shape_)

# %%

figure, axes = plt.subplots(4, 9, figsize=(6, 3), layout="constrained")
for line, (name, images) in zip(axes, rows.items(), strict=True):
    for ax, image in zip(line, images[:9], strict=True):
        ax.imshow(image)
        ax.set(xticks=[], yticks=[])
    line[0].set_ylabel(name, rotation=0, ha="right", va="center", fontsize=12)

# %%
# ``deformed_share=0.0`` shows what the network alone draws; by default three of four appended images are deformed real
# patches. It has learned the petals' colours and shades, and blurs their edges. To the eye the deformed real patches
# are better: for textures and scenes begin with ``deformation="affine"`` and without a GAN. And don't shorten the
# training to save time: after 600 steps in place of 2,000, the default, these were coloured noise, which
# ``quality_report_`` called "collapsed".
