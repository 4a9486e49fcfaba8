"""
Resampling moves the threshold and the probabilities
====================================================

**Part of the gain from resampling is a moved threshold,** which costs nothing by itself. The probabilities of a
classifier that was fitted on balanced rows are too high, and a formula corrects them.
"""

# %%
# A table in which one row in twenty is positive.

import matplotlib.pyplot as plt
from imblearn.over_sampling import SMOTE
from imblearn.pipeline import make_pipeline
from sklearn.calibration import CalibrationDisplay
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, brier_score_loss, f1_score
from sklearn.model_selection import TunedThresholdClassifierCV, train_test_split

from gan_oversampler import GANOverSampler, PriorCorrectedClassifier

X, y = make_classification(6000, 12, n_informative=6, weights=[0.95], class_sep=0.8, random_state=0)
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, test_size=0.5, random_state=0)

# %%
# The same classifier after nothing, SMOTE and a GAN. ``PriorCorrectedClassifier`` goes around the pipeline of sampler
# and classifier; ``estimator_`` is the pipeline itself, whose probabilities are those of balanced rows.

samplers = {"SMOTE": SMOTE(random_state=0), "GANOverSampler": GANOverSampler(max_iter=1000, random_state=0)}
classifier = LogisticRegression(max_iter=1000)
corrected = {
    name: PriorCorrectedClassifier(make_pipeline(sampler, classifier)).fit(X_train, y_train)
    for name, sampler in samplers.items()
}
models = {"nothing": classifier.fit(X_train, y_train)} | {name: model.estimator_ for name, model in corrected.items()}
probabilities = {name: model.predict_proba(X_test)[:, 1] for name, model in models.items()}
tuned = TunedThresholdClassifierCV(LogisticRegression(max_iter=1000), scoring="f1", random_state=0)
print(f"{'':<28}average precision   F1 at its threshold")
for name, p in probabilities.items():
    print(f"{name:<28}{average_precision_score(y_test, p):<20.3f}{f1_score(y_test, p > 0.5):.3f}")
print(f"{'nothing, tuned threshold':<28}{'':<20}{f1_score(y_test, tuned.fit(X_train, y_train).predict(X_test)):.3f}")

# %%
# The probabilities, before and after the correction for the prior: the classifier assumes that half of all rows are
# positive, and ``PriorCorrectedClassifier`` knows how many were before.

figure, ax = plt.subplots(figsize=(6.5, 4.5), layout="constrained")
for name, p in probabilities.items():
    CalibrationDisplay.from_predictions(y_test, p, n_bins=8, strategy="quantile", ax=ax, name=name)
    print(f"{name:<28}Brier score {brier_score_loss(y_test, p):.4f}")
for name, model in corrected.items():
    p = model.predict_proba(X_test)[:, 1]
    CalibrationDisplay.from_predictions(
        y_test, p, n_bins=8, strategy="quantile", ax=ax, name=f"{name}, corrected", linestyle="--"
    )
    print(f"{name + ', corrected':<28}Brier score {brier_score_loss(y_test, p):.4f}")

ax.set(xlim=(-0.02, 0.8), ylim=(-0.02, 0.5))
ax.legend(loc="upper left", fontsize="small")

# %%
# At the threshold 0.5, both samplers change F1 a great deal. They change the ranking (average precision) little, or
# make it worse. The tuned threshold alone gives a higher F1 than either. A classifier fitted on balanced rows predicts
# one half where fewer than one row in ten is positive (the lower curves). The correction brings its probabilities back
# near the diagonal. On this table, resample nothing and tune the threshold.
