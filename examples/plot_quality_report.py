"""
Reading the quality report
==========================

**Are the new rows like the real ones, varied enough, of the right class, and no copies?** After each fit
``quality_report_`` says so, each figure beside what other real rows of the class score.
"""

# %%
# A hundred and twenty fours among the other digits; a network that was trained for 1,500 steps.

from sklearn.datasets import load_digits

from gan_oversampler import GANOverSampler
from gan_oversampler.datasets import make_rare
from gan_oversampler.inspection import QualityDisplay, SamplesDisplay

X, digits = load_digits(return_X_y=True)
X, y, _ = make_rare(X, digits, minority=4, n_minority=120, random_state=0)
sampler = GANOverSampler(max_iter=1500, sampling_strategy={4: 400}, random_state=0)
sampler.fit_resample(X, y)
report = sampler.quality_report_[4]
print(report)

# %%
QualityDisplay.from_estimator(sampler, 4).plot()

# %%
# A bar is what the generated rows score, a mark what other real rows score in its place. Here most are near each
# other: the fours cover what real ones cover, nearly all are taken for fours, and fewer than by chance lie nearer to a
# training image than real ones do, so they are no copies. Three of four are deformed real ones. But a classifier
# tells them from real ones two times in three, where chance is one in two: good is not perfect.
#
# A network that has hardly begun, and no deformed real images beside what it draws:

hasty = GANOverSampler(max_iter=200, deformed_share=0, sampling_strategy={4: 400}, random_state=0)
hasty.fit_resample(X, y)
print(hasty.quality_report_[4])

# %%
# Nothing of it lies among real rows, and the verdict says what to do. The pictures say the same: generated
# images, and under each the real one nearest to it.

SamplesDisplay.from_estimator(hasty, X, y, 4, n_samples=10).plot()

# %%
# No figure of such a report tells how much a classifier gains: for that,
# :func:`~gan_oversampler.comparison.compare_samplers`.
