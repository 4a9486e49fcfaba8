"""Published rivals for images: each by its formula, and as a method of the comparison."""

import pickle
import threading
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from imblearn.over_sampling import RandomOverSampler
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from gan_oversampler import DeformationOverSampler
from gan_oversampler._gan import presets
from gan_oversampler.batches import BalancedBatches
from gan_oversampler.comparison import KNOWN_METHODS, ConvolutionalClassifier, compare_samplers
from gan_oversampler.comparison._measure.classifiers import named_classifiers, seeded
from gan_oversampler.comparison._measure.methods import choose_methods
from gan_oversampler.comparison._rivals.augmentations import (
    Cutout,
    FlipAndCrop,
    MixupWithinClass,
    RandAugment,
    TrivialAugment,
    operated,
)
from gan_oversampler.comparison._rivals.classifier_training import Training, batches, real_rows
from gan_oversampler.comparison._rivals.deep_smote import DeepSMOTE
from gan_oversampler.comparison._rivals.fresh_rows import balanced, for_ever
from gan_oversampler.comparison._rivals.mixing import mixup, remix
from gan_oversampler.comparison._rivals.picture_operations import OPERATIONS
from gan_oversampler.comparison._rivals.reweighting import class_weights, is_reweighted

COUNTS = np.array([900.0, 100.0], np.float32)
LOGITS = np.array([[2.0, -1.0], [0.3, 0.5], [-4.0, 4.0]], np.float32)
SAMPLERS = ("TrivialAugment", "RandAugment", "cutout", "mixup within class")
TRAINED = {
    "TrivialAugment online": {"augmentation": "TrivialAugment"},
    "RandAugment online": {"augmentation": "RandAugment"},
    "cutout online": {"augmentation": "cutout"},
    "mixup": {"mixing": "mixup"},
    "mixup-DRW": {"mixing": "mixup", "deferred_weights": True},
    "Remix": {"mixing": "remix"},
    "Remix-DRW": {"mixing": "remix", "deferred_weights": True},
    "logit adjustment": {"loss": "logit-adjusted"},
    "focal loss": {"loss": "focal"},
    "LDAM-DRW": {"loss": "LDAM", "deferred_weights": True},
}


def rng(seed=0):
    return np.random.default_rng(seed)


def pictures(n=40, side=16, channels=3, seed=0):
    """Smooth random images in [-1, 1]."""
    coarse = rng(seed).uniform(-1, 1, (n, 4, 4, channels))
    return np.repeat(np.repeat(coarse, side // 4, 1), side // 4, 2).astype(np.float32)


def two_kinds(n=300, share=0.2, seed=0):
    """Images with a bright upper or left half, under noise; flat rows in [0, 1]."""
    y = (np.arange(n) < share * n).astype(int)
    X = rng(seed).normal(0.4, 0.2, (n, 8, 8))
    X[y == 1, :4] += 0.15
    X[y == 0, :, :4] += 0.15
    return np.clip(X, 0, 1).reshape(n, -1).astype(np.float32), y


def log_softmax(logits):
    return logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))


@pytest.fixture(scope="module")
def losses():
    from gan_oversampler.comparison._rivals import imbalance_losses

    return imbalance_losses


# --- losses ---------------------------------------------------------------------------------------------------------


def test_the_classifier_names_every_loss(losses):
    accepted = ConvolutionalClassifier._parameter_constraints["loss"][0].options
    assert accepted == losses.LOSSES.keys()


def test_focal_loss_by_formula(losses):
    p = np.exp(log_softmax(LOGITS.astype(float)))
    np.testing.assert_allclose(losses.focal(LOGITS, COUNTS), -((1 - p) ** 2) * np.log(p), rtol=1e-4, atol=1e-7)


def test_logit_adjustment_by_formula(losses):
    shares = np.array([0.9, 0.1])
    adjusted = LOGITS + np.log(shares)
    expected = -log_softmax(adjusted)
    np.testing.assert_allclose(losses.logit_adjusted(LOGITS, COUNTS), expected, rtol=1e-4)
    # The balanced softmax weighs each exponential by the number of rows: the same.
    weighted = COUNTS * np.exp(LOGITS)
    np.testing.assert_allclose(expected, -np.log(weighted / weighted.sum(axis=1, keepdims=True)), rtol=1e-4)


def test_ldam_margins_fall_with_the_fourth_root_of_the_number_of_rows(losses):
    margins = np.asarray(losses.ldam_margins(np.array([16.0, 1.0, 81.0], np.float32)))
    np.testing.assert_allclose(margins, 0.5 / np.array([2, 1, 3]), rtol=1e-6)


def test_ldam_lowers_the_logit_of_the_own_class_alone(losses):
    margins = 0.5 * np.array([(100 / 900) ** 0.25, 1])
    for label, margin in enumerate(margins):
        lowered = LOGITS.copy()
        lowered[:, label] -= losses.LDAM_SCALE * margin
        np.testing.assert_allclose(
            np.asarray(losses.ldam(LOGITS, COUNTS))[:, label], -log_softmax(lowered)[:, label], rtol=1e-4, atol=1e-6
        )


def test_ldam_scores_are_cosines_and_other_losses_have_logits_without_a_limit():
    X, y = two_kinds()
    scores = {}
    for loss in ("LDAM", "cross-entropy"):
        fitted = ConvolutionalClassifier(image_shape=(8, 8), loss=loss, n_steps=2, random_state=0).fit(X, y)
        weights = [np.float32(50) * w for w in fitted.weights_]
        scores[loss] = fitted._network().logits(weights, fitted._images(X))
    assert np.abs(scores["LDAM"]).max() <= 30.001
    assert np.abs(scores["cross-entropy"]).max() > 1000


# --- deferred re-weighting ------------------------------------------------------------------------------------------


def test_class_weights_are_one_over_effective_numbers_and_1_on_average():
    counts = np.array([6000, 200])
    weights = class_weights(counts)
    assert weights[1] / weights[0] == pytest.approx((1 - 0.9999**6000) / (1 - 0.9999**200), rel=1e-4)
    assert weights @ counts / counts.sum() == pytest.approx(1, rel=1e-5)


def training(**options):
    defaults = {"n_steps": 10, "learning_rate": 1e-3, "augment": None, "mix": None}
    return Training(**(defaults | {"deferred": False, "seed": 0} | options))


def test_weights_begin_late():
    images, classes, ones = np.zeros((10, 4, 4, 1), np.float32), np.array([0] * 8 + [1] * 2), np.ones(10, np.float32)
    steps = {
        deferred: list(
            training(deferred=deferred).batches(real_rows(images, classes, ones, 4, rng()), np.array([8, 2]))
        )
        for deferred in (False, True)
    }
    weighted = [not np.array_equal(a[1], b[1]) for a, b in zip(steps[False], steps[True], strict=True)]
    assert weighted == [False] * 8 + [True] * 2
    assert [is_reweighted(step, 200) for step in (159, 160)] == [False, True]


# --- mixing ---------------------------------------------------------------------------------------------------------


def test_mixup_mixes_images_and_labels_in_the_same_proportion():
    X, classes = rng().random((50, 4, 4, 1)), np.arange(50) % 2
    Y = np.eye(2)[classes]
    mixture = mixup(classes, np.array([25, 25]), rng())
    np.testing.assert_array_equal(mixture.of_image, mixture.of_label)
    share, other = mixture.of_image, mixture.partner
    assert sorted(other) == list(range(50))
    np.testing.assert_allclose(mixture.labels(Y), np.eye(2)[classes] * share[:, None] + Y[other] * (1 - share)[:, None])
    for i in (0, 17, 49):
        np.testing.assert_allclose(mixture.images(X)[i], share[i] * X[i] + (1 - share[i]) * X[other[i]])


def test_mixup_proportions_are_uniform():
    shares = mixup(np.zeros(4000, int), np.array([4000]), rng()).of_image
    np.testing.assert_allclose(np.quantile(shares, [0.1, 0.5, 0.9]), [0.1, 0.5, 0.9], atol=0.03)


@pytest.mark.parametrize(("counts", "differ"), [([300, 100], True), ([299, 100], False)])
def test_remix_gives_the_label_to_a_class_kappa_times_as_rare(counts, differ):
    classes = np.arange(400) % 2
    mixture = remix(classes, np.array(counts), rng(1))
    own, other, share = classes, classes[mixture.partner], mixture.of_image
    expected = share.copy()
    if differ:
        expected[(own == 0) & (other == 1) & (share < 0.5)] = 0
        expected[(own == 1) & (other == 0) & (1 - share < 0.5)] = 1
        assert (expected != share).sum() > 50
    np.testing.assert_array_equal(mixture.of_label, expected)


def test_remix_takes_kappa_and_tau():
    classes, counts = np.arange(400) % 2, np.array([300, 100])
    plain = mixup(classes, counts, rng(2))
    for options in ({"kappa": 4.0}, {"tau": 0.0}):
        np.testing.assert_array_equal(remix(classes, counts, rng(2), **options).of_label, plain.of_label)
    assert (remix(classes, counts, rng(2), tau=0.9).of_label != remix(classes, counts, rng(2)).of_label).any()


# --- augmentation ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("side", "hole"), [(16, 8), (32, 16)])
def test_cutout_hides_a_square_of_half_a_side(side, hole):
    images = np.ones((300, side, side, 3), np.float32)
    hidden = (Cutout()(images, rng()) == 0).all(axis=3)
    rows, columns = hidden.any(axis=2).sum(axis=1), hidden.any(axis=1).sum(axis=1)
    assert rows.max() == columns.max() == hole
    assert rows.min() == columns.min() == hole // 2  # in a corner, where half of it lies outside
    np.testing.assert_array_equal(hidden.sum(axis=(1, 2)), rows * columns)
    assert hidden.any(axis=0).all()  # every place is hidden in some image


def test_flip_and_crop_moves_by_up_to_an_eighth_and_mirrors_half():
    image = np.full((16, 32, 1), -1, np.float32)
    image[8, 10] = 1  # mirrored: column 21
    changed = FlipAndCrop()(np.repeat(image[None], 4_000, axis=0), rng())[..., 0]
    where = np.argwhere(changed == 1)
    assert (changed.reshape(4_000, -1) > -1).sum(axis=1).tolist() == [1] * 4_000
    assert set(where[:, 1]) == set(range(6, 11))  # by up to 2 of 16 rows
    assert set(where[:, 2]) == {*range(6, 15), *range(17, 26)}  # by up to 4 of 32 columns
    assert np.mean(where[:, 2] > 15) == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("augment", [TrivialAugment(), RandAugment(), Cutout(), FlipAndCrop(), MixupWithinClass()])
def test_augmented_images_keep_shape_and_range_and_their_input(augment, channels):
    images = pictures(channels=channels)
    before = images.copy()
    augmented = augment(images, rng())
    assert augmented.shape == images.shape
    assert augmented.dtype == np.float32
    assert -1 <= augmented.min() <= augmented.max() <= 1
    assert (augmented != images).any()
    np.testing.assert_array_equal(images, before)
    np.testing.assert_array_equal(augment(images, rng()), augmented)


@pytest.mark.parametrize("name", OPERATIONS)
def test_each_operation_changes_pictures_and_does_nothing_at_strength_0(name):
    operation, image = OPERATIONS[name], rng().uniform(-0.8, 0.6, (16, 16, 3)).astype(np.float32) ** 3
    levels = np.round((image + 1) * 127.5) / 127.5 - 1
    strong = operated(image, operation, operation.wide)
    if name in ("auto contrast", "equalize"):
        assert np.abs(strong - image).max() > 0.05
    else:
        assert np.abs(operated(image, operation, 0.0) - levels).max() < 1e-6
        assert (np.abs(strong - image).max() > 0.05) == (name != "identity")


def test_trivial_augment_takes_one_operation_and_rand_augment_two(monkeypatch):
    from gan_oversampler.comparison._rivals import augmentations

    amounts = []

    def note(image, operation, amount):
        amounts.append((operation, amount))
        return image

    monkeypatch.setattr(augmentations, "operated", note)
    images = pictures(500)
    TrivialAugment()(images, rng())
    assert len(amounts) == 500
    assert {operation for operation, _ in amounts} == set(OPERATIONS.values())
    strengths = {round(abs(amount) / operation.wide * 30) for operation, amount in amounts if operation.wide}
    assert strengths == set(range(31))
    amounts.clear()
    RandAugment()(images, rng())
    assert len(amounts) == 1000
    strengths = {round(abs(amount) / operation.narrow * 30) for operation, amount in amounts if operation.narrow}
    assert strengths == {9}
    signs = [np.sign(amount) for operation, amount in amounts if operation.signed]
    assert np.mean(signs) == pytest.approx(0, abs=0.15)


def test_mixup_within_class_draws_between_two_images():
    images = np.zeros((200, 4, 4, 1), np.float32)
    images[100:] = 1
    mixed = MixupWithinClass()(images, rng())
    assert ((mixed > 0.01) & (mixed < 0.99)).all(axis=(1, 2, 3)).mean() > 0.3


# --- DeepSMOTE, re-created ------------------------------------------------------------------------------------------


def test_deep_smote_loss_by_formula():
    from gan_oversampler.comparison._rivals.autoencoder import penalised_loss

    def encode(images):
        return 2 * images

    def decode(codes):
        return codes / 2 + 0.1

    images, of_one_class = np.ones((3, 2, 2, 1)), np.arange(3.0).reshape(3, 1, 1, 1) * np.ones((3, 2, 2, 1))
    others = np.array([2, 0, 1]).reshape(3, 1, 1, 1) + 0.1
    expected = 0.1**2 + ((others - of_one_class) ** 2).mean()
    assert float(penalised_loss(images, of_one_class, encode, decode)) == pytest.approx(expected)


def test_deep_smote_draws_between_codes_and_brings_its_reconstructions_near():
    X, y = two_kinds()
    before = X.copy()
    samplers = {n: DeepSMOTE(image_shape=(8, 8), n_codes=16, n_steps=n, random_state=0) for n in (1, 200)}
    new = {}
    for n, sampler in samplers.items():
        X_new, y_new = sampler.fit_resample(X, y)
        np.testing.assert_array_equal(X_new[: len(X)], before)
        assert np.bincount(y_new).tolist() == [240, 240]
        assert X_new.dtype == X.dtype
        new[n] = X_new[len(X) :]
        assert 0 <= new[n].min() <= new[n].max() <= 1
    errors = [np.abs(new[n].mean(axis=0) - X[y == 1].mean(axis=0)).mean() for n in (1, 200)]
    assert errors[1] < 0.06 < errors[0]
    np.testing.assert_array_equal(samplers[200].fit_resample(X, y)[0][len(X) :], new[200])
    with pytest.raises(ValueError, match="does not fit rows"):
        DeepSMOTE(image_shape=(8, 9), n_steps=1).fit_resample(X, y)


# --- the classifier -------------------------------------------------------------------------------------------------


def conv(**options):
    return ConvolutionalClassifier(**({"image_shape": (8, 8), "n_steps": 40, "random_state": 0} | options))


@pytest.fixture(scope="module")
def plain():
    """What 150 steps without any option teach."""
    X, y = two_kinds()
    return conv(n_steps=150).fit(X, y).predict_proba(X)


@pytest.mark.parametrize("options", TRAINED.values(), ids=TRAINED)
def test_it_learns_with_every_option_and_the_option_changes_what_it_learns(options, plain):
    X, y = two_kinds()
    X_new, y_new = two_kinds(seed=1)
    fitted = conv(**options, n_steps=150).fit(X, y)
    assert average_precision_score(y_new, fitted.predict_proba(X_new)[:, 1]) > 0.6
    assert not np.array_equal(fitted.predict_proba(X), plain)


def test_same_seed_same_weights_whatever_ran_between():
    X, y = two_kinds()
    first = conv().fit(X, y)
    conv(random_state=1).fit(X, y)
    again = conv().fit(X, y)
    for a, b in zip(first.weights_, again.weights_, strict=True):
        np.testing.assert_array_equal(a, b)
    assert not np.array_equal(first.weights_[0], conv(random_state=1).fit(X, y).weights_[0])


def test_it_is_cloned_pickled_and_keeps_labels():
    X, y = two_kinds()
    fitted = clone(conv()).fit(X.reshape(-1, 8, 8), np.where(y == 1, "rare", "usual"))
    assert set(fitted.predict(X)) <= {"rare", "usual"}
    probabilities = fitted.predict_proba(X)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(fitted)).predict_proba(X), probabilities)


def test_every_row_comes_once_before_any_comes_again():
    drawn = batches(7, 3, rng())
    rows = np.concatenate([next(drawn) for _ in range(7)]).reshape(3, 7)
    for epoch in rows:
        assert sorted(epoch) == list(range(7))


def test_steps_and_not_epochs_are_what_it_is_trained_for():
    images, ones = np.zeros((50, 4, 4, 1), np.float32), np.ones(50, np.float32)
    for n in (5, 50):
        drawn = real_rows(images[:n], np.arange(n) % 2, ones[:n], 4, rng())
        seen = list(training(n_steps=7).batches(drawn, np.array([1, 1])))
        assert [len(X) for X, _ in seen] == [4] * 7


def test_images_for_which_no_unit_is_active_still_have_scores_of_their_own():
    X, y = two_kinds()
    fitted = conv(n_steps=1).fit(X, y)
    fitted.weights_[7] = np.full_like(fitted.weights_[7], -100)  # the bias of the dense layer
    assert fitted.weights_[7].shape == (64,)
    assert len(np.unique(fitted.predict_proba(X)[:, 1])) > 0.9 * len(X)


def test_rows_without_weight_do_not_count():
    X, y = two_kinds()
    flipped = np.concatenate([y, 1 - y])
    weights = np.repeat([1.0, 0.0], len(y))
    fitted = conv(n_steps=150).fit(np.concatenate([X, X]), flipped, sample_weight=weights)
    assert average_precision_score(y, fitted.predict_proba(X)[:, 1]) > 0.8


def test_logit_adjustment_finds_more_positives_than_cross_entropy():
    X, y = two_kinds(share=0.1)
    means = [conv(loss=loss).fit(X, y).predict_proba(X)[:, 1].mean() for loss in ("cross-entropy", "logit-adjusted")]
    assert means[1] > means[0] + 0.1


def test_the_range_of_the_images_does_not_matter():
    X, y = two_kinds()
    X[0, :2] = 0, 1
    scores = [conv().fit(a * X + b, y).predict_proba(a * X + b)[:, 1] for a, b in ((1, 0), (256, 0), (2, -1))]
    for other in scores[1:]:
        np.testing.assert_allclose(other, scores[0], atol=1e-3)
    assert np.isfinite(conv().fit(np.ones_like(X), y).predict_proba(X)).all()


@pytest.mark.parametrize(
    ("options", "X", "message"),
    [
        ({"image_shape": None}, np.zeros((4, 64)), "must be given for flat rows"),
        ({"image_shape": (8, 9)}, np.zeros((4, 64)), "does not fit images"),
        ({"loss": "hinge"}, np.zeros((4, 64)), "'loss' parameter"),
        ({"augmentation": "flip"}, np.zeros((4, 64)), "'augmentation' parameter"),
    ],
)
def test_what_it_cannot_use_is_refused(options, X, message):
    with pytest.raises(ValueError, match=message):
        conv(**options).fit(X, [0, 1, 0, 1])


def test_one_class_and_images_of_another_size_are_refused():
    X, y = two_kinds()
    with pytest.raises(ValueError, match="at least two classes"):
        conv().fit(X, np.zeros(len(X), int))
    fitted = conv(n_steps=1).fit(X, y)
    with pytest.raises(ValueError, match="was fitted on"):
        fitted.predict(X[:, :32])


# --- balanced batches in the place of an augmentation ---------------------------------------------------------------

AFFINE = DeformationOverSampler(deformation="affine")
ONLINE = partial(BalancedBatches, AFFINE)


def test_batches_top_up_the_rare_class_and_change_what_is_learned(plain):
    X, y = two_kinds()
    X_new, y_new = two_kinds(seed=1)
    fitted = conv(augmentation=ONLINE, n_steps=150).fit(X, y)
    assert average_precision_score(y_new, fitted.predict_proba(X_new)[:, 1]) > 0.6
    others = [partial(ONLINE, deform_others=True), partial(ONLINE, balance=0.5)]
    learned = [conv(augmentation=other, n_steps=150).fit(X, y).predict_proba(X) for other in others]
    for other in (plain, *learned):
        assert not np.array_equal(fitted.predict_proba(X), other)


def test_batches_of_equal_seeds_give_equal_bits():
    X, y = two_kinds()
    first, again, other = (conv(augmentation=ONLINE, random_state=seed).fit(X, y).weights_ for seed in (0, 0, 1))
    for a, b in zip(first, again, strict=True):
        np.testing.assert_array_equal(a, b)
    assert not np.array_equal(first[0], other[0])


def shown(monkeypatch, X, y, sample_weight=None, **options):
    """Images and labels that the network gets, step by step."""
    steps = []
    kept = Training.batches

    def noted(self, drawn, counts):
        for step in kept(self, drawn, counts):
            steps.append(step)
            yield step

    with monkeypatch.context() as patch:
        patch.setattr(Training, "batches", noted)
        conv(**options).fit(X, y, sample_weight)
    return steps


def test_steps_are_as_many_and_as_large_as_without_batches(monkeypatch):
    X, y = two_kinds()  # an epoch of 480 balanced rows: 9 batches of 50, and 30 rows that are left out
    plain = shown(monkeypatch, X, y, n_steps=24, batch_size=50)
    fresh = shown(monkeypatch, X, y, n_steps=24, batch_size=50, augmentation=ONLINE)
    assert [x.shape for x, _ in plain] == [x.shape for x, _ in fresh] == [(50, 8, 8, 1)] * 24
    assert all(labels.sum(axis=0).tolist() == [25, 25] for _, labels in fresh)


def test_each_epoch_shows_each_real_row_again_and_others_beside_them(monkeypatch):
    X, y = two_kinds()  # an epoch of 480 balanced rows: 15 batches of 32
    steps = shown(monkeypatch, X, y, n_steps=45, batch_size=32, augmentation=ONLINE)
    share = (X.astype(np.float32) - np.float32(X.min())) / (np.float32(X.max()) - np.float32(X.min()))
    real = {row.tobytes() for row in share * np.float32(2) - np.float32(1)}
    epochs = [np.concatenate([x for x, _ in steps[i : i + 15]]) for i in (0, 15, 30)]
    rows = [{row.tobytes() for row in epoch} for epoch in epochs]
    assert all(real <= seen for seen in rows)
    new = [seen - real for seen in rows]
    assert all(len(own) > 170 for own in new)  # 240 - 60 are drawn in each, a few of which are real rows as they are
    assert not new[0] & new[1]
    assert not new[0] & new[2]


def test_fewer_rows_than_a_batch_has_are_shown_in_smaller_ones(monkeypatch):
    X, y = two_kinds(40)
    steps = shown(monkeypatch, X, y, n_steps=5, batch_size=128, augmentation=ONLINE)
    assert [len(x) for x, _ in steps] == [40] * 5


def test_weights_of_rows_go_with_the_batches(monkeypatch):
    X, y = two_kinds()
    steps = shown(monkeypatch, X, y, np.where(y == 1, 3.0, 1.0), augmentation=ONLINE, n_steps=3)
    assert len(steps) == 3
    for _, labels in steps:
        assert set(labels[:, 0]) == {0, 1}
        assert set(labels[:, 1]) == {0, 3}


def test_losses_count_the_rows_of_an_epoch():
    """Balanced batches leave logit adjustment nothing to adjust: both classes get the same."""
    X, y = two_kinds()
    plain, adjusted = (conv(augmentation=ONLINE, loss=loss).fit(X, y) for loss in ("cross-entropy", "logit-adjusted"))
    np.testing.assert_allclose(plain.predict_proba(X), adjusted.predict_proba(X), atol=1e-3)


def test_batches_are_drawn_by_one_thread_which_ends(monkeypatch):
    X, y = two_kinds()
    names = []
    kept = BalancedBatches.__getitem__

    def noted(self, i):
        names.append(threading.current_thread().name)
        return kept(self, i)

    monkeypatch.setattr(BalancedBatches, "__getitem__", noted)
    before = set(threading.enumerate())
    conv(augmentation=ONLINE).fit(X, y)
    assert set(names) == {"batches_0"}
    assert set(threading.enumerate()) == before


def test_the_next_batches_are_drawn_while_a_step_runs():
    X, y = two_kinds()
    batches = balanced(ONLINE, X.reshape(-1, 8, 8, 1), y, np.ones(len(y)), batch_size=32, seed=0)
    asked, third = [], threading.Event()
    kept = batches.__class__.__getitem__

    class Noted(BalancedBatches):
        def __getitem__(self, i):
            asked.append(i)
            if i == 2:
                third.set()
            return kept(self, i)

    batches.__class__ = Noted
    drawn = for_ever(batches)
    next(drawn)
    assert third.wait(20)  # nobody has asked for more than the first
    drawn.close()
    assert max(asked) <= 2


def test_labels_and_strategies_of_the_user_go_with_batches():
    X, y = two_kinds()
    names = np.where(y == 1, "rare", "usual")
    sampler = DeformationOverSampler(deformation="affine", sampling_strategy={"rare": 200})
    options = {"augmentation": partial(BalancedBatches, sampler), "n_steps": 5}
    assert set(clone(conv(**options)).fit(X, names).predict(X)) <= {"rare", "usual"}


@pytest.mark.parametrize(
    ("augmentation", "message"),
    [
        (partial(BalancedBatches, RandomOverSampler()), "GANOverSampler or a DeformationOverSampler"),
        (partial(ONLINE, one_hot=True, scale=2.0), "it sets one_hot, scale: leave that out"),
        (partial(BalancedBatches, AFFINE, np.zeros((4, 8, 8))), "it sets X"),
    ],
    ids=["sampler", "settings", "X"],
)
def test_batches_that_it_cannot_use_are_refused(augmentation, message):
    X, y = two_kinds(40)
    with pytest.raises(ValueError, match=message):
        conv(augmentation=augmentation).fit(X, y)


# --- in the comparison ----------------------------------------------------------------------------------------------


def method(name):
    chosen = choose_methods(None, [name], n_kept=10, available=50, image_shape=(8, 8))
    return next(m for m in chosen if m.name == name)


def test_rivals_are_lines_of_the_registry():
    assert set(KNOWN_METHODS) >= {*SAMPLERS, *TRAINED, "DeepSMOTE, re-created", "TrivialAugment online, balanced"}
    for name, options in TRAINED.items():
        assert method(name).options == options
        assert method(name).sampler is None
        assert method(name).role == "rival"
    for augmentation in ("TrivialAugment", "flip and crop"):
        both = method(f"{augmentation} online, balanced")
        assert both.options == {"augmentation": augmentation}
        assert hasattr(both.sampler, "fit_resample")


@pytest.mark.parametrize("name", SAMPLERS)
def test_a_sampler_adds_augmented_minority_images_up_to_balance(name):
    X, y = two_kinds()
    sampler = seeded(method(name).sampler, 0)
    X_new, y_new = sampler.fit_resample(X, y)
    np.testing.assert_array_equal(X_new[: len(X)], X)
    assert np.bincount(y_new).tolist() == [240, 240]
    real = {row.tobytes() for row in X}
    assert np.mean([row.tobytes() in real for row in X_new[len(X) :]]) < 0.3


def test_what_changes_training_is_run_where_the_classifier_can_and_with_that_change():
    X, y = two_kinds()
    names = ["focal loss", "logit adjustment", "SMOTE"]
    classifiers = {
        "dense": MLPClassifier((4,), max_iter=2),
        "convolutional": conv(n_steps=20),
        "in a pipeline": make_pipeline(FunctionTransformer(), conv(n_steps=20)),
    }
    outcome = compare_samplers(
        X,
        y,
        image_shape=(8, 8),
        methods=names,
        classifier=classifiers,
        n_draws=1,
        n_classifier_seeds=1,
        threshold_size=None,
        random_state=0,
    )
    run = {(row["classifier"], row["method"]) for row in outcome.records}
    assert {("dense", name) for name in names} & run == {("dense", "SMOTE")}
    for classifier in ("convolutional", "in a pipeline"):
        assert {m for c, m in run if c == classifier} == {"nothing", *names}
        scores = [outcome.mean(name, classifier=classifier) for name in ("nothing", "focal loss", "logit adjustment")]
        assert len(set(scores)) == 3
    recipes = {row["method"]: row["recipe"] for row in outcome.records if row["classifier"] == "convolutional"}
    assert len({recipes[name] for name in ("nothing", "focal loss", "logit adjustment")}) == 3


@pytest.mark.parametrize("name", ["DeformationOverSampler online", "GANOverSampler online"])
def test_a_sampler_draws_online_where_the_classifier_takes_batches_and_others_are_told(name, capsys, monkeypatch):
    monkeypatch.setattr(presets, "DCGAN", replace(presets.DCGAN, max_iter=20))
    assert method(name).sampler is None
    assert method(name).evened
    assert method(name).options["augmentation"].keywords == {}
    assert method(f"{name} both classes").options["augmentation"].keywords == {"deform_others": True}
    assert not [m for m in choose_methods(None, [name], n_kept=10, available=50, image_shape=None) if m.name == name]
    X, y = two_kinds()
    settings = {"n_draws": 1, "n_classifier_seeds": 1, "threshold_size": None, "random_state": 0, "image_shape": (8, 8)}
    online = compare_samplers(X, y, methods=[name], classifier=conv(n_steps=20), **settings)
    row = online.rows(name)[0]
    assert row["n_after"] == 240
    assert row["average_precision"] != online.rows("nothing")[0]["average_precision"]
    outcome = compare_samplers(X, y, methods=[name], classifier=LogisticRegression(), verbose=1, **settings)
    assert outcome.methods == ["nothing"]
    assert "needs a classifier that takes 'augmentation', such as ConvolutionalClassifier" in capsys.readouterr().out


def test_probabilities_of_evened_classes_are_corrected_from_one_half():
    X, y = two_kinds(share=0.1)
    outcome = compare_samplers(
        X,
        y,
        image_shape=(8, 8),
        methods=["logit adjustment"],
        classifier=conv(n_steps=60),
        n_draws=1,
        n_classifier_seeds=1,
        threshold_size=None,
        random_state=0,
    )
    row = outcome.rows("logit adjustment")[0]
    assert row["brier_corrected"] < row["brier"]


def test_a_convolutional_classifier_judges_images_of_16_pixels_beside_the_dense_one():
    assert list(named_classifiers(None, 1000, (16, 20))) == ["dense 256-64", "convolutional 16-32-64"]
    assert named_classifiers(None, 1000, (16, 20))["convolutional 16-32-64"].image_shape == (16, 20)
    for shape in ((8, 8), (28, 15, 3), None):
        assert list(named_classifiers(None, 1000, shape)) == ["dense 256-64"]
    assert list(named_classifiers(LogisticRegression(), 1000, (28, 28))) == ["LogisticRegression"]
