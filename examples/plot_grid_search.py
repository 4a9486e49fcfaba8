"""
How many new rows? GridSearchCV over the ratio
==============================================

**Full balance is a habit, not a rule.** ``sampling_strategy`` is a parameter like any other. A grid search measures on
held-out folds how many rows are worth adding, none included.
"""

# %%
# Thirty eights among 600 other digits.

import matplotlib.pyplot as plt
import numpy as np
from imblearn.pipeline import Pipeline
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import MinMaxScaler

from gan_oversampler import GANOverSampler

X, digits = load_digits(return_X_y=True)
kept = np.sort(np.concatenate([np.flatnonzero(digits == 8)[:30], np.flatnonzero(digits != 8)[:600]]))
X, y = X[kept], digits[kept] == 8

# %%
# The grid holds ratios of rare to other rows, and "passthrough" for no sampler at all.

pipeline = Pipeline(
    [
        ("sampler", GANOverSampler(max_iter=200, random_state=0)),
        ("scaler", MinMaxScaler()),
        ("classifier", MLPClassifier((64, 32), max_iter=300, random_state=0)),
    ]
)
ratios = [0.15, 0.4, 1.0]
grid = [{"sampler": ["passthrough"]}, {"sampler__sampling_strategy": ratios}]
folds = StratifiedKFold(3, shuffle=True, random_state=0)
search = GridSearchCV(pipeline, grid, cv=folds, scoring="average_precision", error_score="raise").fit(X, y)
print("best:", search.best_params_)

# %%

means, stds = search.cv_results_["mean_test_score"], search.cv_results_["std_test_score"]
figure, ax = plt.subplots(figsize=(6, 3), layout="constrained")
ax.errorbar(range(len(means)), means, stds, fmt="o-", capsize=3)
ax.set(
    xticks=range(len(means)),
    xticklabels=["no sampler", *map(str, ratios)],
    xlabel="rare rows for each other row",
    ylabel="average precision",
    ylim=(None, 1),
)

# %%
# A bar is the standard deviation over folds. The bar of "no sampler" is wider than the sampler's gain: with ten
# eights in a fold the grid finds no best ratio, only that none of these ratios does harm. Repeated folds would show
# more. Each fold trains the GAN again, so try the ratio with ``DeformationOverSampler`` first.
