"""Training steps of two tiny networks, held against the same steps written out in NumPy.

The generator is x = z W + b, the discriminator l = x w + c. The deformation moves real images by one row and generated
ones by one column, so that each step is a few lines of algebra. A change to a loss, a gradient, the optimizer, the
deformation or the averaging gives other numbers.
"""

import itertools

import numpy as np
import pytest
from scipy.special import expit

from gan_oversampler._deformation.warp import DeformationBasis

SIDE, LATENT, BATCH, STEPS = 4, 3, 5, 4
RATES = (0.05, 0.02)  # generator, discriminator
DECAY = 0.2  # reached by the third step
BASIS = DeformationBasis.for_size(SIDE, SIDE)


def linear_generator(latent_dim, output_shape):
    import keras

    noise = keras.Input((latent_dim,), name="noise")
    pixels = keras.layers.Dense(int(np.prod(output_shape)), name="pixels", bias_initializer="random_normal")(noise)
    return keras.Model(noise, keras.layers.Reshape(output_shape, name="image")(pixels))


def linear_discriminator(input_shape):
    import keras

    image = keras.Input(input_shape, name="image")
    return keras.Model(image, keras.layers.Dense(1, name="logit")(keras.layers.Flatten(name="flat")(image)))


def engine_of(optimizer="adam", basis=BASIS, changes_tone=False, discriminator=linear_discriminator):
    from gan_oversampler._gan import engine

    shape = (SIDE, SIDE, 1)
    networks = linear_generator(LATENT, shape), discriminator(shape)
    architectures = map(engine.architecture, networks)
    plan = engine.Plan(*architectures, LATENT, "normal", BATCH, optimizer, RATES, DECAY, basis, changes_tone)
    built = engine.Engine(plan)
    built.reset(3)
    return built


def shift(rows, columns):
    """Coefficients that let each pixel look so many pixels further, for a whole batch."""
    one = np.zeros((2, BASIS.n_coefficients // 2), np.float32)
    one[:, 0] = np.array([rows, columns]) / BASIS.half
    return np.tile(one.ravel(), (BATCH, 1))


def looks_at(rows, columns):
    """The same as a matrix that picks pixels: moved = flat @ matrix."""
    places = np.arange(SIDE**2).reshape(SIDE, SIDE)
    seen = [np.clip(np.arange(SIDE) + by, 0, SIDE - 1) for by in (rows, columns)]
    return np.eye(SIDE**2)[places[np.ix_(*seen)].ravel()].T


def batches():
    rng = np.random.default_rng(0)
    for _ in range(STEPS):
        real = rng.uniform(-1, 1, (BATCH, SIDE, SIDE, 1)).astype(np.float32)
        yield real, rng.standard_normal((BATCH, LATENT), np.float32)


class Adam:
    """Kingma and Ba (2015), the faster order of computation at the end of section 2, with betas .5 and .99."""

    def __init__(self, rate):
        self.rate, self.mean, self.square, self.t = rate, 0.0, 0.0, 0

    def __call__(self, value, gradient):
        self.t += 1
        self.mean = 0.5 * self.mean + 0.5 * gradient
        self.square = 0.99 * self.square + 0.01 * gradient**2
        rate = self.rate * np.sqrt(1 - 0.99**self.t) / (1 - 0.5**self.t)
        return value - rate * self.mean / (np.sqrt(self.square) + 1e-7)


class RMSprop:
    """Tieleman and Hinton (2012), with rho .9."""

    def __init__(self, rate):
        self.rate, self.square = rate, 0.0

    def __call__(self, value, gradient):
        self.square = 0.9 * self.square + 0.1 * gradient**2
        return value - self.rate * gradient / np.sqrt(self.square + 1e-7)


def softplus(x):
    return np.logaddexp(0, x)


def by_hand(start, optimizer, real_view, fake_view):
    """Weights (W, b, w, c) and metrics after each step."""
    weights = [np.asarray(value, float) for value in start]
    updates = [optimizer(rate) for rate in np.repeat(RATES, 2)]
    for real, noise in batches():
        W, b, w, c = weights
        real = real.reshape(BATCH, -1) @ real_view
        fake = (noise @ W + b) @ fake_view
        real_logits, fake_logits = real @ w + c, fake @ w + c
        of_real, of_fake = -expit(-real_logits) / BATCH, expit(fake_logits) / BATCH
        pull = -expit(-fake_logits) / BATCH @ w.T @ fake_view.T
        gradients = [noise.T @ pull, pull.sum(0), real.T @ of_real + fake.T @ of_fake, (of_real + of_fake).sum(0)]
        weights = [update(value, g) for update, value, g in zip(updates, weights, gradients, strict=True)]
        generator_loss = softplus(-fake_logits).mean()
        discriminator_loss = softplus(-real_logits).mean() + softplus(fake_logits).mean()
        accuracy = ((real_logits > 0).mean() + (fake_logits < 0).mean()) / 2
        yield weights, (generator_loss, discriminator_loss, accuracy)


@pytest.mark.parametrize(("name", "optimizer"), [("adam", Adam), ("rmsprop", RMSprop)])
@pytest.mark.parametrize("deforms", [True, False])
@pytest.mark.parametrize("in_a_loop", [True, False])
def test_every_step_is_the_one_by_hand(name, optimizer, deforms, in_a_loop):
    engine = engine_of(name, BASIS if deforms else None)
    views = (looks_at(1, 0), looks_at(0, -1)) if deforms else (np.eye(SIDE**2),) * 2
    start = [np.asarray(v) for network in engine.networks for v in network.trainable_variables]
    expected = by_hand(start, optimizer, *views)
    for (real, noise), (weights, metrics) in zip(batches(), expected, strict=True):
        batch = engine.deform(real, shift(1, 0)), noise, shift(0, -1)
        if in_a_loop:
            engine.steps(*(np.asarray(part)[None] for part in batch))
        else:
            engine.step(*batch)
        np.testing.assert_allclose(engine.last_metrics.numpy(), [metrics], rtol=1e-4)
        now = [np.asarray(v) for network in engine.networks for v in network.trainable_variables]
        for value, by_formula in zip(now, weights, strict=True):
            np.testing.assert_allclose(value, by_formula, rtol=1e-4, atol=1e-5)
    assert engine.n_steps == STEPS


@pytest.mark.parametrize("sizes", [[STEPS], [1, STEPS - 1], [1] * STEPS])
def test_many_steps_in_a_call_are_as_many_calls(sizes):
    """Bit for bit: what is drawn in a step, as dropout is, hangs on the step and not on the call."""
    engine = engine_of(basis=None, discriminator=dropping_discriminator)
    stacked = [np.stack(parts) for parts in zip(*((*batch, shift(0, 0)) for batch in batches()), strict=True)]
    metrics, variables = [], []
    for parts in (sizes, [2, STEPS - 2]):
        engine.reset(3)
        ends = np.cumsum([0, *parts])
        of_calls = []
        for first, last in itertools.pairwise(ends):
            engine.steps(*(part[first:last] for part in stacked))
            of_calls.append(engine.last_metrics.numpy())
        metrics.append(np.concatenate(of_calls))
        variables.append([np.asarray(v) for v in engine.variables])
    assert len(np.unique(metrics[0][:, 1])) == STEPS
    np.testing.assert_array_equal(*metrics)
    for one, other in zip(*variables, strict=True):
        np.testing.assert_array_equal(one, other)


def dropping_discriminator(input_shape):
    """The linear one, which forgets half of the pixels in each step."""
    import keras

    image = keras.Input(input_shape, name="image")
    kept = keras.layers.Dropout(0.5)(keras.layers.Flatten(name="flat")(image))
    return keras.Model(image, keras.layers.Dense(1, name="logit")(kept))


def regularized_discriminator(input_shape):
    """The linear one, whose weights cost their squares and whose logits cost theirs."""
    import keras

    square = keras.regularizers.L2(0.5)
    image = keras.Input(input_shape, name="image")
    logit = keras.layers.Dense(1, name="logit", kernel_regularizer=square, activity_regularizer=square)
    return keras.Model(image, logit(keras.layers.Flatten(name="flat")(image)))


def test_regularizers_of_a_user_pull_at_the_weights():
    """By gradient descent: Adam's first step would tell the sign of a gradient alone."""
    import keras

    engine = engine_of(discriminator=regularized_discriminator)
    engine.optimizers = [keras.optimizers.SGD(rate) for rate in RATES]
    real, noise = next(batches())
    W, b, w, c = (np.asarray(v, float) for network in engine.networks for v in network.trainable_variables)
    real_flat, fake = real.reshape(BATCH, -1), noise @ W + b
    real_logits, fake_logits = real_flat @ w + c, fake @ w + c
    of_real, of_fake = -expit(-real_logits) / BATCH, expit(fake_logits) / BATCH
    # Keras divides what activations cost by the batch; of the two passes the mean counts.
    of_activity = (real_flat.T @ real_logits + fake.T @ fake_logits) / BATCH / 2
    expected = w - RATES[1] * (real_flat.T @ of_real + fake.T @ of_fake + w + of_activity)
    metrics = engine._update(real, noise, shift(0, 0))
    np.testing.assert_allclose(np.asarray(engine.discriminator.trainable_variables[0]), expected, rtol=1e-4, atol=1e-6)
    assert float(metrics[1]) == pytest.approx((softplus(-real_logits) + softplus(fake_logits)).mean(), rel=1e-4)


def test_an_undecided_discriminator_is_right_about_nothing():
    import tensorflow as tf

    from gan_oversampler._gan import losses

    undecided = tf.zeros((4, 1))
    assert float(losses.accuracy(undecided, undecided)) == 0
    assert float(losses.accuracy(undecided + 1, undecided - 1)) == 1
    assert float(losses.accuracy(undecided + 1, undecided)) == 0.5


def test_the_running_average_has_its_closed_form():
    engine = engine_of()
    passed = [[np.asarray(v) for v in engine.generator.variables]]
    for real, noise in batches():
        engine.step(engine.deform(real, shift(1, 0)), noise, shift(0, -1))
        passed.append([np.asarray(v) for v in engine.generator.variables])
    decays = np.array([0, 1 / 10, 2 / 11, DECAY, DECAY])  # the start is all of the first average
    shares = [(1 - decays[i]) * np.prod(decays[i + 1 :]) for i in range(STEPS + 1)]
    assert sum(shares) == pytest.approx(1)
    for i, mean in enumerate(engine.average):
        by_formula = sum(share * weights[i] for share, weights in zip(shares, passed, strict=True))
        np.testing.assert_allclose(np.asarray(mean), by_formula, rtol=1e-4, atol=1e-6)


def test_a_reset_or_a_restored_training_leaves_no_variable_out():
    from gan_oversampler._gan import engine

    variables = engine_of().generator.variables
    with pytest.raises(ValueError, match="shorter"):
        engine.assign(variables, engine.values_of(variables)[:-1])


def test_a_reset_starts_everything_anew_and_by_the_seed():
    engine = engine_of()
    start = [np.asarray(v) for v in engine.variables]
    np.testing.assert_array_equal(start[-2], np.asarray(engine.generator.variables[0]))
    real, noise = next(batches())
    engine.step(engine.deform(real, shift(1, 0)), noise, shift(0, -1))
    moved = [np.asarray(v) for v in engine.variables]
    assert not np.array_equal(moved[0], start[0])
    engine.reset(3)
    for value, old in zip(engine.variables, start, strict=True):
        np.testing.assert_array_equal(np.asarray(value), old)
    engine.reset(4)
    assert not np.array_equal(np.asarray(engine.variables[0]), start[0])


def test_going_on_takes_the_rates_of_the_plan():
    engine = engine_of()
    for optimizer in engine.optimizers:
        optimizer.learning_rate = 9.0
    state = [np.asarray(v) for v in engine.variables]
    engine.restore(state)
    assert [float(optimizer.learning_rate) for optimizer in engine.optimizers] == pytest.approx(RATES)
    with pytest.raises(ValueError, match="have other shapes"):
        engine.restore(state[:-1])


def test_one_training_at_a_time_and_free_after_each():
    engine = engine_of()
    for _ in range(2):
        with engine.used(), pytest.raises(RuntimeError, match=r"^A callback fits a sampler"), engine.used():
            pass
    with pytest.raises(KeyError), engine.used():
        raise KeyError
    with engine.used():
        pass


# -- the inputs of a step --------------------------------------------------------------------------------------------


def a_batch(step=0, seed=0, n=20, deformation=None):
    from gan_oversampler._gan import engine, loop

    plan = engine.Plan("", "", LATENT, "normal", BATCH, "adam", RATES, DECAY, None)
    return loop._Batches(np.arange(n, dtype=np.float32)[:, None], plan, deformation, None, seed)(step)


def test_a_batch_hangs_on_the_seed_and_the_step_alone():
    same, other_step, other_seed = a_batch(2, 1), a_batch(3, 1), a_batch(2, 2)
    for part, again in zip(a_batch(2, 1), same, strict=True):
        np.testing.assert_array_equal(part, again)
    for other in (other_step, other_seed):
        assert not np.array_equal(other[0], same[0])
        assert not np.array_equal(other[1], same[1])


def test_rows_repeat_in_a_batch_only_where_there_are_too_few():
    assert all(len(np.unique(a_batch(step, n=BATCH)[0])) == BATCH for step in range(20))
    few = [a_batch(step, n=BATCH - 1)[0] for step in range(20)]
    assert all(len(rows) == BATCH for rows in few)


def test_a_function_deforms_the_real_rows():
    plain, deformed = a_batch()[0], a_batch(deformation=lambda rows, rng: rows + 100)[0]
    np.testing.assert_array_equal(deformed, plain + 100)


class Shifts:
    """Stands for a deformation: its coefficients are numbers that no two copies share."""

    def draw_all(self, n, rng):
        return rng.random((n, 1)).astype(np.float32)


def copies_of(n, seed=0, size=4):
    """Copies of images 0, 1, 2, ...: each is its image's number and a share below 1 that its deformation added."""
    import tensorflow as tf

    from gan_oversampler._gan.deformed_copies import DeformedCopies

    images = np.arange(n, dtype=np.float32).reshape(n, 1, 1, 1)
    return DeformedCopies(images, Shifts(), lambda rows, by: tf.constant(rows + by[:, :, None, None]), size, seed)


def batch_of(copies, step):
    return copies.batch(step, np.random.default_rng(step)).ravel()


def test_copies_are_deformed_and_every_image_has_as_many():
    copies = copies_of(10)
    seen = np.concatenate([batch_of(copies, step) for step in range(copies.n_steps)])
    assert copies.n_steps == 5 * 10 * 20 // 4
    assert len(np.unique(seen)) > 190  # nearly all of 200 are seen
    numbers, counts = np.unique(np.floor(np.unique(copies._copies)), return_counts=True)
    np.testing.assert_array_equal(numbers, range(10))
    assert set(counts) == {20}
    assert np.abs(seen - np.floor(seen)).std() > 0.2


def test_copies_are_made_anew_when_each_was_seen_five_times():
    copies = copies_of(10)
    first = {float(x) for step in range(copies.n_steps) for x in batch_of(copies, step)}
    later = {float(x) for step in range(copies.n_steps, 2 * copies.n_steps) for x in batch_of(copies, step)}
    assert not first & later


def test_copies_hang_on_the_seed_and_the_step_alone():
    once, again, other = copies_of(10), copies_of(10), copies_of(10, seed=1)
    late = 3 * once.n_steps + 2
    for step in (0, 1, late):
        batch_of(once, step)
    np.testing.assert_array_equal(batch_of(once, late), batch_of(again, late))  # as after a stop
    np.testing.assert_array_equal(batch_of(once, 1), batch_of(again, 1))
    assert not np.array_equal(batch_of(once, 1), batch_of(other, 1))


def test_large_images_of_which_one_batch_is_kept_are_deformed_anew_in_each_step():
    copies = copies_of(1, size=20)
    assert (copies.n_batches, copies.n_steps) == (1, 1)
    assert not set(batch_of(copies, 0)) & set(batch_of(copies, 1))


def test_few_images_still_fill_a_batch():
    assert len(batch_of(copies_of(1, size=32), 0)) == 32


def test_real_and_generated_images_are_mirrored_and_change_their_tone_alike():
    """A batch of copies holds what the numbers of the generated images would make of the real ones."""
    from gan_oversampler._deformation.deformations import AffineDeformation, Tone
    from gan_oversampler._gan import loop

    engine = engine_of(changes_tone=True)
    deformation = AffineDeformation(BASIS).scaled(0.0).with_parts(("left-right",), Tone(brightness=0.2))
    data = np.random.default_rng(0).uniform(-0.5, 0.5, (9, SIDE, SIDE, 1)).astype(np.float32)
    batches = loop._Batches(data, engine.plan, deformation, engine.deform, 0)
    real, _, of_fake = batches(0)
    assert of_fake.shape == (BATCH, BASIS.n_coefficients + 2)
    for copy in real:
        ways = [image - copy for original in data for image in (original, original[:, ::-1])]
        apart, offset = min((np.ptp(way), abs(way.mean())) for way in ways)
        assert apart < 1e-5
        assert 0 < offset < 0.4
    fake = engine.deform(data[:BATCH], of_fake).numpy()
    is_mirrored = of_fake[:, BASIS.n_coefficients // 2 + 1] < -1
    assert 0 < is_mirrored.sum() < BATCH
    expected = np.where(is_mirrored[:, None, None, None], data[:BATCH, :, ::-1], data[:BATCH])
    np.testing.assert_allclose(fake, expected + of_fake[:, -1, None, None, None], atol=1e-5)


def test_real_and_generated_images_are_deformed_each_in_its_own_way():
    from gan_oversampler._deformation.deformations import AffineDeformation
    from gan_oversampler._gan import loop

    engine, deformation = engine_of(), AffineDeformation(BASIS)
    data = np.random.default_rng(0).uniform(-1, 1, (9, SIDE, SIDE, 1)).astype(np.float32)
    batches = loop._Batches(data, engine.plan, deformation, engine.deform, 0)
    real, _, of_fake = batches(0)
    assert real.shape == (BATCH, SIDE, SIDE, 1)
    assert not any((image == data).all(axis=(1, 2, 3)).any() for image in real)
    assert of_fake.shape == (BATCH, BASIS.n_coefficients)
    assert np.abs(of_fake).max() > 0
    assert not np.array_equal(of_fake, batches(1)[2])
