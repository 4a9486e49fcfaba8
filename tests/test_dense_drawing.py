"""Rows of a dense generator, drawn by NumPy alone, are TensorFlow's."""

import pickle
import subprocess
import sys

import numpy as np
import pytest

from gan_oversampler import GANOverSampler
from gan_oversampler._trained import dense_drawing

from .conftest import TINY


@pytest.fixture(scope="module")
def generator():
    """A dense generator whose every variable has a value of its own."""
    from gan_oversampler._gan import engine, networks

    model = engine.build(engine.architecture(networks.dense_generator(16, (5,))), 3)
    rng = np.random.default_rng(0)
    weights = [
        rng.uniform(0.2, 1.0, v.shape).astype(np.float32) * np.float32(rng.choice([-1, 1])) for v in model.variables
    ]
    weights = [np.abs(w) if "variance" in v.path else w for v, w in zip(model.variables, weights, strict=True)]
    for variable, value in zip(model.variables, weights, strict=True):
        variable.assign(value)
    return model, weights


@pytest.mark.parametrize("n", [1, 256, 600])
def test_numpy_draws_what_tensorflow_draws(generator, n):
    model, weights = generator
    noise = np.random.default_rng(1).standard_normal((n, 16), np.float32)
    expected = np.asarray(model(noise, training=False))
    got = dense_drawing.draw(dense_drawing.layers_of(model.to_json()), weights, noise)
    assert got.dtype == np.float32
    np.testing.assert_allclose(got, expected, atol=1e-5 * np.abs(expected).max())


def test_a_row_has_the_same_bits_however_many_are_drawn(generator):
    model, weights = generator
    noise = np.random.default_rng(1).standard_normal((600, 16), np.float32)
    layers = dense_drawing.layers_of(model.to_json())
    np.testing.assert_array_equal(
        dense_drawing.draw(layers, weights, noise[:7]), dense_drawing.draw(layers, weights, noise)[:7]
    )
    assert dense_drawing.draw(layers, weights, noise[:0]).shape == (0, 5)


def branching(keras, x):
    return keras.layers.Add()([keras.layers.Dense(5)(x), keras.layers.Dense(5)(x)])


def skipping(keras, x):
    first = keras.layers.Dense(5)(x)
    keras.layers.Dense(5)(first)
    return keras.layers.Dense(5)(first)


@pytest.mark.parametrize(
    "outputs",
    [
        branching,
        skipping,
        lambda keras, x: keras.layers.Dense(5, activation="gelu")(x),
        lambda keras, x: keras.layers.Dense(5, dtype="mixed_bfloat16")(x),
        lambda keras, x: keras.layers.BatchNormalization(scale=False)(x),
        lambda keras, x: keras.layers.Dropout(0.5)(x),
    ],
)
def test_other_networks_are_left_to_tensorflow(outputs):
    import keras

    noise = keras.Input((16,))
    network = keras.Model(noise, outputs(keras, noise))
    if outputs is skipping:
        assert len(dense_drawing.layers_of(network.to_json())) == 2  # Keras leaves out what leads nowhere
    else:
        assert dense_drawing.layers_of(network.to_json()) is None


def test_images_are_left_to_tensorflow():
    from gan_oversampler._gan import networks

    assert dense_drawing.layers_of(networks.dcgan_generator(16, (8, 8, 1)).to_json()) is None


def test_a_process_that_only_draws_rows_of_a_table_imports_no_tensorflow(table, tmp_path):
    sampler = GANOverSampler(random_state=0, **TINY | {"deformed_share": 0.5})
    sampler.fit_resample(*table)
    (tmp_path / "sampler.pkl").write_bytes(pickle.dumps(sampler))
    code = (
        "import pickle, sys; sampler = pickle.load(open(sys.argv[1], 'rb')); rows = sampler.sample(50, 1);"
        "assert 'tensorflow' not in sys.modules; print(rows.tobytes().hex())"
    )
    drawn = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "sampler.pkl"], capture_output=True, text=True, check=True
    )
    assert drawn.stdout.strip() == sampler.sample(50, 1).tobytes().hex()
