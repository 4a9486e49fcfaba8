"""
A table, real and generated
===========================

**A table comes back as a table:** names, dtypes and ranges stay. Whether the rows are good is another question. This
example shows how to look, and why to try SMOTE first.
"""

# %%
# Breast cancer, with the malignant cases made rare: 60 are kept.

import numpy as np
from imblearn.over_sampling import SMOTE
from sklearn.datasets import load_breast_cancer

from gan_oversampler import GANOverSampler
from gan_oversampler.datasets import make_rare
from gan_oversampler.inspection import TableDisplay

table, y = load_breast_cancer(return_X_y=True, as_frame=True)
X, y, _ = make_rare(table, y, minority=0, n_minority=60, random_state=0)
gan = GANOverSampler(max_iter=1500, random_state=0)
X_res, y_res = gan.fit_resample(X, y)
print(type(X_res).__name__, X.shape, "->", X_res.shape)

# %%
# New values lie between the lowest and the highest value of the class.

real, new = X[y == 0], X_res[gan.synthetic_mask_]
print(bool((new >= real.min()).all().all() and (new <= real.max()).all().all()))

# %%
# The display picks the worst: the columns whose distributions differ most, and the pair whose correlation differs
# most.

TableDisplay.from_arrays(real, new).plot()

# %%
# The same for SMOTE's rows:

X_smote, _ = SMOTE(random_state=0).fit_resample(X, y)
smote = X_smote.iloc[len(X) :]
TableDisplay.from_arrays(real, smote).plot()

# %%
# Single columns follow the real ones with both. SMOTE's rows lie on lines between real rows, which the
# projection shows; the GAN's rows lie around them. How well the relation between columns is kept:

for name, rows in {"GAN": new, "SMOTE": smote}.items():
    gap = np.abs(np.corrcoef(rows, rowvar=False) - np.corrcoef(real, rowvar=False))
    print(f"{name:<6} correlations differ by {gap.mean():.3f} on average, {gap.max():.2f} at most")

# %%
# Smaller is better: SMOTE is ahead here, at once. None of these figures says what a classifier gains. For tables begin
# with SMOTE, and :doc:`compare <plot_compare_samplers>`.
