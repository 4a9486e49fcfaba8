"""
Digits in a Pipeline
====================

**A GAN goes where SMOTE goes:** into an imbalanced-learn Pipeline, which resamples the training rows of each
fold and never the rows that are scored. Nothing else is needed to avoid leakage.
"""

# %%
# Forty eights among all other digits of scikit-learn's 8x8 images, as flat rows of 64 columns.

import matplotlib.pyplot as plt
import numpy as np
from imblearn.over_sampling import SMOTE
from imblearn.pipeline import make_pipeline
from sklearn.datasets import load_digits
from sklearn.model_selection import StratifiedKFold, cross_validate
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import MinMaxScaler

from gan_oversampler import DeformationOverSampler, GANOverSampler
from gan_oversampler.datasets import make_rare, one_vs_rest

X, digits = load_digits(return_X_y=True)
rare = make_rare(X, one_vs_rest(digits, 8), minority=1, n_minority=40, random_state=0)
print(f"{(rare.y == 1).sum()} eights, {(rare.y == 0).sum()} other digits")

# %%
# One Pipeline each. ``max_iter=600`` keeps the example short; the default is 1,400 steps.

samplers = {
    "nothing": "passthrough",
    "SMOTE": SMOTE(random_state=0),
    "DeformationOverSampler": DeformationOverSampler(random_state=0),
    "GANOverSampler": GANOverSampler(max_iter=600, random_state=0),
}
folds = StratifiedKFold(3, shuffle=True, random_state=0)
scores = {}
for name, sampler in samplers.items():
    classifier = MLPClassifier((64, 32), max_iter=500, random_state=0)
    model = make_pipeline(sampler, MinMaxScaler(), classifier)
    scores[name] = cross_validate(model, rare.X, rare.y, cv=folds, scoring="average_precision")["test_score"]
    print(f"{name:<24}{np.round(scores[name], 3)}  mean {scores[name].mean():.3f}")

# %%
# Each point is a fold, and the bar is their mean.

figure, ax = plt.subplots(figsize=(6.5, 2.6), layout="constrained")
for place, values in enumerate(scores.values()):
    ax.plot(values, [place] * len(values), "o", color="C0", alpha=0.6)
    ax.plot([values.mean()] * 2, [place - 0.3, place + 0.3], color="C3", linewidth=2)
ax.set(yticks=range(len(scores)), yticklabels=list(scores), xlabel="average precision on the held-out fold")
ax.invert_yaxis()

# %%
# Deformed copies of the real eights score highest in each fold. SMOTE and the GAN, at three tenths of its steps, differ
# from nothing by less than the folds of one method differ: thirteen eights in a fold are too few. For a verdict use
# :func:`~gan_oversampler.comparison.compare_samplers`, which makes several draws and tests the differences.
