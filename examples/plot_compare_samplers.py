"""
Which sampler is worth using on your data?
==========================================

**The answer may be "none".** ``compare_samplers`` splits first, resamples training rows only, scores on real
rows that no method has seen, and tests the differences.
"""

# %%
# Use your own X and y here. These are the digits, with nines as the rare class, of which 40 are kept.

import textwrap

from sklearn.datasets import load_digits
from sklearn.neural_network import MLPClassifier

from gan_oversampler import GANOverSampler
from gan_oversampler.comparison import compare_samplers

images, digits = load_digits().images, load_digits().target

# %%
# Methods are chosen by name. You can add a sampler under a name of your own, or replace a known one: here a GAN with
# 600 steps. ``n_minority`` makes the class rarer than it is, so there is an *oracle*, which has all the real rows.
# Three draws and one classifier seed keep the example short. Leave both at their defaults for a verdict.

comparison = compare_samplers(
    images,
    digits == 9,
    samplers={"GANOverSampler": GANOverSampler(max_iter=600)},
    methods=["class weights", "SMOTE", "DeformationOverSampler", "GANOverSampler", "oracle"],
    classifier=MLPClassifier((64, 32), max_iter=300),
    n_minority=40,
    n_draws=3,
    n_classifier_seeds=1,
    learning_curve=False,
    threshold_size=None,
    random_state=0,
)
print(textwrap.fill(comparison.advice(), 88))

# %%
# Means over draws, with 95 % intervals that account for the overlap of the draws.

comparison.plot()

# %%
# Every method against the GAN, paired by draw and corrected for the number of rivals:

for difference in comparison.differences("GANOverSampler"):
    test = difference.test
    print(f"GAN minus {difference.rival:<24}{test.mean:+.4f}   p after Holm's correction {difference.p_holm:.2f}")

# %%
# All intervals overlap and no difference is significant: three draws reveal only large differences, and the advice
# says so. If you must decide on this evidence, take the cheapest method that is ahead of nothing.
#
# ``comparison.report()`` prints all metrics. ``records="mine.csv"`` keeps every score on disk, and the same call
# continues where it stopped.
