"""What tells a training that went wrong: on made-up histories and rows, and provoked with hostile data and networks."""

import warnings
from functools import partial

import numpy as np
import pytest

from gan_oversampler import ConvergenceWarning, DivergenceError, GANOverSampler, SmallClassWarning
from gan_oversampler._classes.training import TrainingSession
from gan_oversampler._rows.columns import Columns
from gan_oversampler._rows.tables import TableCodec
from gan_oversampler._trained import diagnosis

from .test_sampler import constant_generator, exploding_discriminator

N_ROWS, N_COLUMNS = 12, 5
KNOWN_ROWS = np.random.default_rng(0).normal(size=(N_ROWS, N_COLUMNS))
EVERY_ROW = np.concatenate([KNOWN_ROWS, np.random.default_rng(1).normal(size=(40, N_COLUMNS))])


def fixed_dense(n_units, kernel):
    """Layer that is not trained."""
    import keras

    initializer = keras.initializers.Constant(kernel)
    return keras.layers.Dense(n_units, use_bias=False, kernel_initializer=initializer, trainable=False)


def unteachable_generator(latent_dim, output_shape):
    """Builder of a network that draws far from anything, whatever it is taught."""
    import keras

    noise = keras.Input((latent_dim,))
    learned = keras.layers.Rescaling(0.0)(keras.layers.Dense(output_shape[0])(noise))
    return keras.Model(noise, keras.layers.Add()([fixed_dense(output_shape[0], 9.0)(noise), learned]))


def copying_generator(latent_dim, output_shape):
    """Builder of a network that knows the rows by heart."""
    import keras

    columns = Columns.find(EVERY_ROW, np.zeros(N_COLUMNS, bool))
    rows = TableCodec.fit(KNOWN_ROWS, EVERY_ROW, columns).encode(KNOWN_ROWS)
    choose = [keras.layers.Rescaling(1000.0), keras.layers.Activation("softmax")]
    return keras.Sequential(
        [
            keras.Input((N_ROWS,)),
            *choose,
            fixed_dense(N_COLUMNS, rows),
            keras.layers.Dense(N_COLUMNS, use_bias=False, kernel_initializer="identity"),
        ]
    )


def history(n=400, generator_loss=0.7, discriminator_loss=1.4, accuracy=0.55):
    columns = {"generator_loss": generator_loss, "discriminator_loss": discriminator_loss}
    return {name: np.full(n, value) for name, value in {**columns, "discriminator_accuracy": accuracy}.items()}


def trouble_of(drawn, real, **losses):
    found = diagnosis.find_trouble(history(**losses), lambda n: drawn, real)
    return found and found.what


@pytest.fixture
def rows():
    return np.random.default_rng(1).normal(size=(200, 8)).astype(np.float32)


@pytest.fixture
def fresh():
    return np.random.default_rng(2).normal(size=(256, 8)).astype(np.float32)


@pytest.mark.parametrize("loss", [np.nan, np.inf, -np.inf, 2e4])
@pytest.mark.parametrize("name", ["generator_loss", "discriminator_loss"])
def test_exploding_losses(rows, fresh, loss, name):
    assert trouble_of(fresh, rows, **{name: loss}) == "diverged"


def test_a_discriminator_that_wins(rows, fresh):
    assert trouble_of(fresh, rows, generator_loss=9, accuracy=1).startswith("was won by the discriminator")
    for healthy in ({"generator_loss": 4.4, "accuracy": 0.988}, {"generator_loss": 9, "accuracy": 1, "n": 299}):
        assert trouble_of(fresh, rows, **healthy) is None


def test_samples_that_are_alike(rows, fresh):
    assert trouble_of(fresh * 0.01, rows).startswith("collapsed (samples vary 1.0%")
    assert trouble_of(fresh * 0.4, rows) is None
    assert trouble_of(fresh * np.nan, rows) == "diverged"


def test_copies_of_the_real_rows(rows, fresh):
    copies = rows[np.arange(256) % len(rows)]
    assert trouble_of(copies + 0.01 * fresh, rows).startswith("learned its rows by heart")
    assert trouble_of(copies + 0.5 * fresh, rows) is None
    assert trouble_of(fresh, rows) is None
    twice = np.repeat(rows, 2, axis=0)
    assert trouble_of(twice[:256], twice) is None  # duplicates in the data: nothing to tell copies by


def test_energy_distance_is_that_of_the_definition(rows, fresh):
    def mean_distance(a, b):
        return np.mean([np.linalg.norm(x - y) for x in a for y in b])

    def mean_among(a):
        return np.mean([np.linalg.norm(x - y) for i, x in enumerate(a) for j, y in enumerate(a) if i != j])

    a, b = rows[:30].astype(float), fresh[:40].astype(float) + 1
    expected = (2 * mean_distance(a, b) - mean_among(a) - mean_among(b)) / mean_among(a)
    assert diagnosis.energy_distance(b, a) == pytest.approx(expected, rel=1e-9)
    assert diagnosis.energy_distance(fresh, rows) < 0.02 < diagnosis.energy_distance(fresh + 1, rows)


@pytest.mark.parametrize(("n_drawn", "n_real"), [(10, 10), (256, 10), (10, 30), (2, 2)])
def test_energy_distance_of_equal_distributions_is_nothing_on_average(n_drawn, n_real):
    rng = np.random.default_rng(0)
    found = [diagnosis.energy_distance(rng.normal(size=(n_drawn, 5)), rng.normal(size=(n_real, 5))) for _ in range(500)]
    error = np.std(found) / np.sqrt(len(found))
    assert abs(np.mean(found)) < 3 * error
    assert error < 0.03


def test_energy_distance_of_rows_that_do_not_differ_is_how_far_away_they_are():
    one, away = np.zeros((1, 4)), np.ones((9, 4))
    assert diagnosis.energy_distance(away, one) == diagnosis.energy_distance(away, one.repeat(3, axis=0)) == 2
    assert diagnosis.energy_distance(one, one) == 0


@pytest.mark.parametrize("at", [100, 101])
@pytest.mark.parametrize("n_further", [0, 1])
def test_what_an_exploded_training_returns_to_is_finite(monkeypatch, rows, at, n_further):
    """A step breaks the weights; its own losses, from before, are finite."""
    from gan_oversampler._gan import loop, replicas
    from gan_oversampler._gan.builders import plan_of
    from gan_oversampler._gan.presets import DENSE

    plan = plan_of(DENSE, rows.shape[1:], None, GANOverSampler(batch_size=8).get_params())
    engine = replicas.engine_here(plan)
    real_steps = engine.steps

    def breaks(*batches):
        real_steps(*batches)
        if engine.n_steps >= at:
            for variable in [*engine.average, *engine.generator.trainable_variables]:
                variable.assign(variable * np.nan)

    monkeypatch.setattr(engine, "steps", breaks)
    state = loop.train(plan, rows, None, max_iter=at + n_further, seed=0)
    assert not state.is_good
    assert all(np.isfinite(weight).all() for weight in state.weights)
    assert TrainingSession._trouble(plan, state, rows).what == "diverged"


@pytest.mark.parametrize(
    ("parameters", "what"),
    [
        ({"discriminator": exploding_discriminator, "max_iter": 5}, "diverged"),
        ({"generator": unteachable_generator, "learning_rate": 0.01, "max_iter": 1500}, "was won by the discriminator"),
        ({"generator": constant_generator, "max_iter": 5}, "collapsed"),
        ({"generator": copying_generator, "max_iter": 5}, "learned its rows by heart"),
    ],
)
def test_each_trouble_is_tried_again_then_warned_of_or_raised(parameters, what):
    X, y = EVERY_ROW, np.arange(len(EVERY_ROW)) < N_ROWS
    sampler = GANOverSampler(batch_size=8, latent_dim=N_ROWS, deformed_share=0, random_state=0, **parameters)
    with pytest.warns(ConvergenceWarning, match=f"Training of class True {what}.* in 2 tries.*: try .*Deformation"):
        X_res, _ = sampler.fit_resample(X, y)
    assert np.isfinite(X_res).all()
    steps = sampler.history_[True]["step"]
    assert list(steps).count(1) == 2
    if parameters["max_iter"] > 1000:
        assert len(steps) < 2 * parameters["max_iter"]  # ended while training
    with pytest.raises(DivergenceError, match=what) as error:
        sampler.set_params(on_divergence="raise").fit_resample(X, y)
    assert "\n" not in str(error.value)
    assert not hasattr(sampler, "models_")


def heavy_tails(n, rng):
    return np.sinh(rng.standard_cauchy((n, 6)).clip(-600, 600))


def with_columns(n, rng, *columns):
    return np.concatenate([rng.normal(size=(n, 3)), *(np.broadcast_to(c, (n, 1)) for c in columns)], axis=1)


HOSTILE_TABLES = {
    "constant": (lambda n, rng: np.full((n, 4), 3.0), True),
    "two distinct": (lambda n, rng: np.eye(4)[np.arange(n) % 2], True),
    "nine distinct": (lambda n, rng: np.eye(9)[np.arange(n) % 9], True),
    "ten distinct": (lambda n, rng: np.eye(10)[np.arange(n) % 10], False),
    "duplicates": (lambda n, rng: np.repeat(rng.normal(size=(n // 2 + 1, 4)), 2, axis=0)[:n], False),
    "zero columns": (lambda n, rng: with_columns(n, rng, 0.0, -0.0), False),
    "tiny": (lambda n, rng: 1e-30 * rng.normal(size=(n, 4)), False),
    "subnormal": (lambda n, rng: 1e-310 * rng.normal(size=(n, 4)), False),
    "huge": (lambda n, rng: 1e30 * rng.normal(size=(n, 4)), False),
    "largest": (lambda n, rng: np.finfo(float).max * rng.uniform(-1, 1, size=(n, 4)), False),
    "both": (lambda n, rng: rng.normal(size=(n, 4)) * [1e-300, 1e300, 1, 0], False),
    "heavy tails": (heavy_tails, False),
    # Beside it all others are the same, to any network.
    "one outlier": (lambda n, rng: np.concatenate([rng.normal(size=(n - 1, 4)), np.full((1, 4), 1e300)]), True),
}


def one_bright_pixel(n, rng):
    images = np.zeros((n, 8, 8))
    images[np.arange(n), 3, rng.integers(0, 8, n)] = 255
    return images


def scaled_digits(n, rng, scale):
    from sklearn.datasets import load_digits

    return load_digits().images[rng.integers(0, 1000, n)] * scale


HOSTILE_IMAGES = {
    "constant": (lambda n, rng: np.full((n, 8, 8), 7.0), True),
    "black": (lambda n, rng: np.zeros((n, 8, 8)), True),
    "two distinct": (lambda n, rng: (np.arange(n) % 2)[:, None, None] * np.ones((n, 8, 8)), True),
    "one bright pixel": (one_bright_pixel, True),
    "noise": (lambda n, rng: rng.normal(size=(n, 8, 8)), False),
    "tiny": (partial(scaled_digits, scale=1e-30), False),
    "huge": (partial(scaled_digits, scale=1e30), False),
    "largest": (partial(scaled_digits, scale=1e307), False),
}


def check_hostile(make, is_small, n, tiny):
    """A finite result in the range that was seen, or a warning that says which rule came to apply."""
    rng = np.random.default_rng(0)
    rare = make(n, rng)
    X = np.concatenate([rare, make(60, rng)])
    y = np.arange(len(X)) < len(rare)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        X_res, _ = GANOverSampler(random_state=0, **tiny).fit_resample(X, y)
    assert {w.category for w in caught} <= {SmallClassWarning, ConvergenceWarning}, [str(w.message) for w in caught]
    assert any("are needed to train" in str(w.message) for w in caught) == is_small
    assert len(X_res) == 120
    np.testing.assert_array_equal(X_res[: len(X)], X)
    new = X_res[len(X) :]
    assert np.isfinite(new).all()
    seen, axis = (X, 0) if X.ndim == 2 else (rare, None)  # a table's new rows may lie where other classes do
    assert (new >= seen.min(axis=axis)).all()
    assert (new <= seen.max(axis=axis)).all()


@pytest.mark.parametrize("n", [1, 2, 9, 30])
@pytest.mark.parametrize("name", HOSTILE_TABLES)
def test_hostile_tables(name, n, tiny):
    make, is_small = HOSTILE_TABLES[name]
    check_hostile(make, is_small or n < 10, n, tiny)


@pytest.mark.parametrize("n", [2, 30])
@pytest.mark.parametrize("name", HOSTILE_IMAGES)
def test_hostile_images(name, n, tiny):
    make, is_small = HOSTILE_IMAGES[name]
    check_hostile(make, is_small or n < 10, n, tiny)


def test_duplicates_do_not_make_a_class_large_enough(tiny):
    X, y = np.random.default_rng(0).normal(size=(90, 3)), np.arange(90) < 40
    X[y] = X[np.arange(40) % 9]
    with pytest.warns(
        SmallClassWarning, match="has 40 rows, of which 9 differ as the networks see them: at least 10 different ones"
    ):
        GANOverSampler(random_state=0, **tiny).fit_resample(X, y)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
def test_healthy_trainings_raise_no_alarm(seed):
    from sklearn.datasets import load_breast_cancer, load_digits, load_wine

    for load, label, n, n_steps in (
        (load_breast_cancer, 0, 12, 3000),
        (load_wine, 2, 40, 3000),
        (load_digits, 3, 15, 2000),
        (load_digits, 8, 100, 2000),
    ):
        X, y = load(return_X_y=True)
        keep = np.concatenate([np.flatnonzero(y == label)[:n], np.flatnonzero(y != label)])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SmallClassWarning)
            warnings.simplefilter("error", ConvergenceWarning)
            share = 0 if load is not load_digits else None
            sampler = GANOverSampler(
                sampling_strategy={True: n + 5}, deformed_share=share, on_divergence="raise", random_state=seed
            )
            sampler.fit_resample(X[keep], y[keep] == label)
        assert len(sampler.history_[True]["step"]) == n_steps or (share == 0 and n_steps > 600)
