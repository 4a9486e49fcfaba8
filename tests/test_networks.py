"""Networks of every size, gradients that reach every weight, and a bilinear warp."""

import logging
import sys

import numpy as np
import pytest

from gan_oversampler import GANOverSampler
from gan_oversampler._deformation import deformations
from gan_oversampler._deformation.deformations import Tone, change_tone
from gan_oversampler._deformation.warp import DeformationBasis

SHAPES = [(8, 8, 1), (28, 28, 1), (9, 13, 1), (17, 33, 3), (32, 32, 3), (64, 64, 3), (64, 40, 5), (4, 4, 1)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("family", ["dcgan", "notebook"])
def test_image_networks_of_any_size(shape, family):
    from gan_oversampler._gan import networks

    generator = getattr(networks, f"{family}_generator")(6, shape)
    discriminator = getattr(networks, f"{family}_discriminator")(shape)
    images = np.asarray(generator(np.zeros((2, 6), np.float32), training=False))
    assert images.shape == (2, *shape)
    assert np.abs(images).max() <= 1
    assert discriminator(images, training=False).shape == (2, 1)


def test_notebook_preset_is_the_notebooks_network():
    from gan_oversampler._gan import networks, presets

    preset = presets.NOTEBOOK
    generator = networks.notebook_generator(preset.latent_dim, (28, 28, 1))
    kernels = [v.shape for v in generator.trainable_variables if len(v.shape) == 4]
    assert kernels == [(5, 5, 128, 128), (5, 5, 64, 128), (5, 5, 32, 64), (5, 5, 1, 32)]
    discriminator = networks.notebook_discriminator((28, 28, 1))
    kernels = [v.shape for v in discriminator.trainable_variables if len(v.shape) == 4]
    assert kernels == [(5, 5, 1, 32), (5, 5, 32, 64), (5, 5, 64, 128), (5, 5, 128, 256)]
    assert (preset.optimizer, preset.learning_rates) == ("rmsprop", (1e-4, 2e-4))
    assert (preset.latent_dim, preset.latent, preset.batch_size, preset.max_iter) == (100, "uniform", 64, 3000)


def plan_for(shape, deformed=False, **changes):
    from gan_oversampler._gan import engine, networks

    is_image = len(shape) == 3
    family = "dcgan" if is_image else "dense"
    settings = {
        "generator": engine.architecture(getattr(networks, f"{family}_generator")(6, shape)),
        "discriminator": engine.architecture(getattr(networks, f"{family}_discriminator")(shape)),
        "latent_dim": 6,
        "latent": "normal",
        "batch_size": 8,
        "optimizer": "adam",
        "learning_rates": (1e-3, 1e-3),
        "averaging": 0.9,
        "basis": DeformationBasis.for_size(*shape[:2]) if deformed else None,
    }
    return engine.Plan(**{**settings, **changes})


@pytest.mark.parametrize(("shape", "deformed"), [((8, 8, 1), False), ((8, 8, 1), True), ((5,), False)])
def test_gradients_reach_every_weight(shape, deformed):
    from gan_oversampler._gan import engine, loop

    plan = plan_for(shape, deformed)
    built = engine.Engine(plan)
    built.reset(0)
    before = [engine.values_of(network.trainable_variables) for network in built.networks]
    data = np.random.default_rng(0).uniform(-1, 1, (20, *shape)).astype(np.float32)
    deformation = deformations.AffineDeformation(plan.basis) if deformed else None
    for step in range(2):
        built.step(*loop._Batches(data, plan, deformation, built.deform, 0)(step))
    for network, old in zip(built.networks, before, strict=True):
        for variable, value in zip(network.trainable_variables, old, strict=True):
            assert (np.asarray(variable) != value).any(), variable.path


def test_xla_can_compile_the_step():
    import tensorflow as tf

    from gan_oversampler._gan import engine

    built = engine.Engine(plan_for((8, 8, 1), True))
    compiled = tf.function(built._step, jit_compile=True)
    assert "HloModule" in compiled.experimental_get_compiler_ir(*built._signature())(stage="hlo")


def test_the_last_layer_can_be_any_transposed_convolution():
    """Place q gives the pixels 2 q + r; a kernel of 6 there holds what a kernel of 3 sees for each r."""
    import keras

    from gan_oversampler._gan import networks

    rng, size, n_filters, channels = np.random.default_rng(0), (5, 7), 4, 3
    x = rng.normal(size=(2, *size, n_filters)).astype(np.float32)
    kernel = rng.normal(size=(6, 6, channels, n_filters)).astype(np.float32)
    inputs = keras.Input((*size, n_filters))
    ours = keras.Model(inputs, networks._doubled(inputs, channels, "float32", "pixels"))
    by_place = np.zeros((3, 3, n_filters, 2, 2, channels), np.float32)
    for down, right, row, column in np.ndindex(3, 3, 2, 2):
        taps = kernel[row - 2 * (down - 1) + 2, column - 2 * (right - 1) + 2]
        by_place[down, right, :, row, column] = taps.T
    ours.get_layer("pixels").kernel.assign(by_place.reshape(3, 3, n_filters, -1))
    transposed = keras.layers.Conv2DTranspose(channels, 6, strides=2, padding="same")
    transposed.build(x.shape)
    transposed.kernel.assign(kernel)
    np.testing.assert_allclose(np.asarray(ours(x)), np.asarray(transposed(x)), atol=1e-4)


@pytest.mark.parametrize("size", [(6, 8), (5, 7), (1, 2)])
def test_the_first_layers_can_be_any_convolution_in_strides_of_two(size):
    """Place q sees the pixels 2 q - 2 to 2 q + 3, those of a kernel of 6."""
    import keras

    from gan_oversampler._gan import networks

    rng, channels, n_filters = np.random.default_rng(0), 3, 4
    x = rng.normal(size=(2, *size, channels)).astype(np.float32)
    kernel = rng.normal(size=(6, 6, channels, n_filters)).astype(np.float32)
    inputs = keras.Input((*size, channels))
    ours = keras.Model(inputs, networks._halved(inputs, n_filters, "float32", "conv"))
    by_place = kernel.reshape(3, 2, 3, 2, channels, n_filters).transpose(0, 2, 1, 3, 4, 5)
    ours.get_layer("conv").kernel.assign(by_place.reshape(3, 3, -1, n_filters))
    padded = np.pad(x, ((0, 0), (2, 3), (2, 3), (0, 0)))
    plain = keras.layers.Conv2D(n_filters, 6, strides=2)
    plain.build(padded.shape)
    plain.kernel.assign(kernel)
    expected = np.asarray(plain(padded))[:, : -(-size[0] // 2), : -(-size[1] // 2)]
    np.testing.assert_allclose(np.asarray(ours(x)), expected, atol=1e-4)


@pytest.mark.parametrize("shape", [(8, 8, 1), (9, 13, 3), (28, 28, 1), (1, 5, 1)])
def test_warp_is_bilinear_and_beyond_the_border_lies_its_nearest_pixel(shape):
    from scipy.ndimage import map_coordinates

    from gan_oversampler._gan import tensor_deformation

    rng = np.random.default_rng(0)
    images = rng.uniform(-1, 1, (5, *shape)).astype(np.float32)
    basis = DeformationBasis.for_size(*shape[:2])
    coefficients = (rng.normal(size=(5, basis.n_coefficients)) * 0.1).astype(np.float32)
    ours = np.asarray(tensor_deformation.warp(images, coefficients, basis))
    moved = basis.displacements(coefficients) + np.indices(shape[:2])
    for i, channel in np.ndindex(5, shape[2]):
        expected = map_coordinates(images[i, ..., channel], moved[i], order=1, mode="nearest")
        np.testing.assert_allclose(ours[i, ..., channel], expected, atol=1e-4)


def test_warp_is_differentiable_in_the_images():
    import tensorflow as tf

    from gan_oversampler._gan import tensor_deformation

    basis = DeformationBasis.for_size(8, 8)
    images = tf.Variable(np.random.default_rng(0).normal(size=(2, 8, 8, 1)).astype(np.float32))
    coefficients = np.zeros((2, basis.n_coefficients), np.float32)
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(tensor_deformation.warp(images, coefficients, basis))
    np.testing.assert_allclose(tape.gradient(total, images).numpy(), 1, atol=1e-5)


def test_tone_is_changed_as_numpy_does_it_and_gradients_pass():
    import tensorflow as tf

    from gan_oversampler._gan import tensor_deformation

    rng = np.random.default_rng(0)
    images = rng.uniform(-1, 1, (5, 8, 9, 3)).astype(np.float32)
    changes = Tone(0.5, 0.2).draw(5, rng)
    np.testing.assert_allclose(tensor_deformation.change_tone(images, changes), change_tone(images, changes), atol=1e-6)
    dull = tf.Variable(images / 10)
    with tf.GradientTape() as tape:
        first = tensor_deformation.change_tone(dull, changes)[:, 0, 0, 0]
    gradient = tape.gradient(first, dull).numpy()
    factor = changes[:, :1]
    np.testing.assert_allclose(gradient[:, 0, 0, 0], (factor + (1 - factor) / gradient[0].size)[:, 0], rtol=1e-4)


def test_losses_at_chance_and_at_certainty():
    from gan_oversampler._gan import losses

    zero, sure = np.zeros((4, 1), np.float32), np.full((4, 1), 50, np.float32)
    assert float(losses.discriminator_loss(zero, zero)) == pytest.approx(2 * np.log(2))
    assert float(losses.discriminator_loss(sure, -sure)) == pytest.approx(0)
    assert float(losses.generator_loss(zero)) == pytest.approx(np.log(2))
    assert float(losses.accuracy(sure, -sure)) == 1
    assert float(losses.accuracy(sure, sure)) == 0.5


def test_a_plan_is_compiled_once_and_forgets_earlier_fits(monkeypatch):
    from gan_oversampler._gan import engine, loop

    traced = []
    update = engine.Engine._update
    monkeypatch.setattr(engine.Engine, "_update", lambda *inputs: traced.append(1) or update(*inputs))
    engine.engine_for.cache_clear()
    plan, data = plan_for((5,)), np.random.default_rng(0).normal(size=(20, 5)).astype(np.float32)

    def fit(seed):
        return loop.train(plan, data, None, max_iter=4, seed=seed).weights

    first = fit(0)
    fit(1)
    for weight, again in zip(first, fit(0), strict=True):
        np.testing.assert_array_equal(weight, again)
    assert len(traced) == 1


N_UNITS = 8


def counted_generator(latent_dim, output_shape):
    """Layers that Keras names by counting, one that the user named, and a network within; its size is a global."""
    import keras

    noise = keras.Input((latent_dim,))
    inner = keras.Sequential([keras.Input((N_UNITS,)), keras.layers.Dense(4), keras.layers.LeakyReLU()])
    hidden = keras.layers.Dense(4)(inner(keras.layers.Dense(N_UNITS)(noise)))
    named_alike = keras.layers.Reshape(output_shape, name="dense_0")
    return keras.Model(noise, named_alike(keras.layers.Dense(output_shape[0])(hidden)))


def test_a_builder_is_asked_each_time_and_equal_networks_are_one(monkeypatch):
    from gan_oversampler._gan import builders, engine

    first, again = (builders.checked_architecture(counted_generator, "generator", 3, (5,)) for _ in range(2))
    assert first == again
    as_built = engine.build(engine.architecture(counted_generator(3, (5,))), seed=1)
    for value, renamed in zip(as_built.variables, engine.build(first, seed=1).variables, strict=True):
        np.testing.assert_array_equal(np.asarray(value), np.asarray(renamed))
    monkeypatch.setattr(sys.modules[__name__], "N_UNITS", 9)
    assert builders.checked_architecture(counted_generator, "generator", 3, (5,)) != first


@pytest.mark.parametrize("role", ["generator", "discriminator"])
@pytest.mark.parametrize("is_image", [True, False])
def test_a_model_where_a_function_that_builds_one_is_expected_is_refused(role, is_image):
    import keras

    model = keras.Sequential([keras.Input((64,)), keras.layers.Dense(64)])
    X, y = np.random.default_rng(0).random((60, 8, 8)), np.arange(60) < 20
    sampler = GANOverSampler(max_iter=2, random_state=0, **{role: model})
    with pytest.raises(ValueError, match=rf"{role} must be a function .* it is a Sequential: give a function build"):
        sampler.fit_resample(X if is_image else X[:, 0], y)


def test_the_switch_of_bfloat16_is_read_at_every_fit(monkeypatch):
    from gan_oversampler._gan import builders, networks

    monkeypatch.setenv("GAN_OVERSAMPLER_BFLOAT16", "off")
    builders.checked_architecture(networks.dcgan_discriminator, "discriminator", (8, 8, 1))
    monkeypatch.setenv("GAN_OVERSAMPLER_BFLOAT16", "nonsense")
    with pytest.raises(ValueError, match="'nonsense'"):
        builders.checked_architecture(networks.dcgan_discriminator, "discriminator", (8, 8, 1))


def test_networks_of_many_sizes_are_no_retracing():
    """TensorFlow counts the traces of a method over all objects, and warned of the fifth."""
    from gan_oversampler._gan import drawing, loop

    told = []
    logger, handler = logging.getLogger("tensorflow"), logging.Handler()
    handler.emit = lambda record: told.append(record.getMessage())
    logger.addHandler(handler)
    try:
        for p in range(2, 10):
            plan, data = plan_for((p,)), np.zeros((20, p), np.float32)
            state = loop.train(plan, data, None, max_iter=1, seed=0)
            assert drawing.draw_preview(plan, state.weights, 0, 3).shape == (3, p)
    finally:
        logger.removeHandler(handler)
    assert told == []
