"""
A table, from DataFrame to decision
===================================

**A table comes back as a table:** categories, missing values, names and dtypes stay, and every new row is one that
could have been there. Whether it helps a classifier is another question, and held-out rows answer it.
"""

# %%
# Customers who left, 60 of 1,260: numbers with heavy tails, whole numbers, a category, and values that are missing more
# often where customers left.

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier

from gan_oversampler import AutoOverSampler, DeformationOverSampler
from gan_oversampler.inspection import TableDisplay

rng = np.random.default_rng(0)
y = np.repeat([0, 1], [1200, 60])
months = rng.poisson(30 - 12 * y)
X = pd.DataFrame(
    {
        "months": months,
        "is_new": months < 12,  # a function of the months
        "spent": np.round(rng.lognormal(3.5 - 0.4 * y, 0.8), 2),
        "calls": rng.poisson(1 + y),
        "plan": pd.Categorical(np.where(rng.random(1260) < 0.5 + 0.2 * y, "basic", "plus")),
        "discount": np.where(rng.random(1260) < 0.1 + 0.3 * y, np.nan, rng.choice([0.0, 0.1, 0.25], 1260)),
    }
)

# %%
# Nothing is encoded or imputed first. New rows are real ones repeated, interpolated and perturbed. ``GANOverSampler``
# would add rows that a dense GAN draws, which was not found to pay on tables.

sampler = DeformationOverSampler(random_state=0)
X_res, y_res = sampler.fit_resample(X, y)
new = X_res[sampler.synthetic_mask_]
print(new.sample(5, random_state=0).to_string())
print("dtypes kept:", bool((new.dtypes == X.dtypes).all()))
print("is_new follows the months:", bool((new["is_new"] == (new["months"] < 12)).all()))
missing = [rows["discount"].isna().mean() for rows in (X[y == 1], new)]
print(f"discount missing: {missing[0]:.0%} of the real rows, {missing[1]:.0%} of the new ones")

# %%
# The display shows the columns whose distributions differ most, and the pair whose correlation does.

numbers = ["months", "spent", "calls"]
TableDisplay.from_arrays(X.loc[y == 1, numbers], new[numbers]).plot()

# %%
# The quality report compares what is drawn with other real rows.

print(sampler.quality_report_[1])

# %%
# The decision: `AutoOverSampler` tries doing nothing, the rows above, random over-sampling and SMOTE for mixed columns
# where it can. Each is tried with a quarter, half and all of the rows that balance the classes, in front of *your*
# classifier, on real rows that were held out. The first that is not worse than the best by more than a standard error
# is chosen.

classifier = HistGradientBoostingClassifier(max_iter=50, random_state=0)
auto = AutoOverSampler(classifier=classifier, random_state=0)
auto.fit_resample(X, y)
print("choice:", auto.choice_)

# %%
# Its evidence: each marker is a fold, a bar the mean. All methods meet the same folds, so compare marker by marker.

results = pd.DataFrame(auto.cv_results_)
folds = results.filter(regex="split[0-9]+_test_score").to_numpy()
figure, axes = plt.subplots(figsize=(7, 3.5), layout="constrained")
places = np.arange(len(results))[::-1]
axes.barh(places, results["mean_test_score"], color=np.where(results["method"] == auto.choice_, "C1", "C7"), alpha=0.6)
for column, marker in zip(folds.T, "osD^v", strict=True):
    axes.plot(column, places, marker, color="k", markersize=4)
axes.set_yticks(places, results["method"])
axes.set_xlabel("average precision on held-out real rows")
axes.set_title(f"The choice: {auto.choice_}")

# %%
# :doc:`plot_compare_samplers` compares in full, with tests and thresholds.
