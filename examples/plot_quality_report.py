"""
Reading the quality report
==========================

**Are the new rows like the real ones, varied enough, of the right class, and not copies?** After each fit
``quality_report_`` answers, with each figure next to the score of other real rows of the class.
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
# A bar is the score of the generated rows, and a mark the score of other real rows. Here most bars end near their
# marks. The fours cover what real ones cover, and nearly all are taken for fours. Fewer than by chance lie nearer to
# a training image than real ones do, so they are not copies. That does not make them private: attacks on membership
# need images that were kept out of training, see ``sampler.measure_quality``. Three of four are deformed real ones.
# Still, a classifier recognises them two times in three, where chance is one in two: good is not perfect. So it does by
# features that a small network learned of fours and other digits. But in these they lie near to real fours, compared
# with how far away other digits lie, and the verdict asks for both.
#
# A network that has hardly begun, without deformed real images:

hasty = GANOverSampler(max_iter=40, deformed_share=0, sampling_strategy={4: 400}, random_state=0)
hasty.fit_resample(X, y)
print(hasty.quality_report_[4])

# %%
# None of its rows lies among real rows, and the verdict says what to do. The pictures show the same: generated images,
# and under each the nearest real image.

SamplesDisplay.from_estimator(hasty, X, y, 4, n_samples=10).plot()

# %%
# Good rows may still not help a classifier. Use :func:`~gan_oversampler.comparison.compare_samplers` to check.
