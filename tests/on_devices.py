"""What `test_several_devices` runs in processes of their own: devices are divided before TensorFlow starts."""

import hashlib
import json
import os
import time
from contextlib import suppress
from pathlib import Path

import numpy as np

from gan_oversampler import GANOverSampler, WorkerLostError
from gan_oversampler._trained import checkpoint
from gan_oversampler.callbacks import Callback, TensorBoard

SMALL = {"max_iter": 12, "batch_size": 8, "latent_dim": 8, "random_state": 0, "deformed_share": 0}
CASES = [("adam", True), ("rmsprop", False)]
STEPS, SIDE, LATENT, BATCH = 4, 8, 3, 6


def digits():
    from sklearn.datasets import load_digits

    X, y = load_digits(return_X_y=True)
    rows = np.concatenate([np.flatnonzero(y == 3)[:40], np.flatnonzero(y == 4)[:90]])
    return X[rows], y[rows]


def digest(*arrays):
    return hashlib.sha256(b"".join(np.ascontiguousarray(array).tobytes() for array in arrays)).hexdigest()


def fit(sampler, data=None):
    """Hash of the new rows."""
    X, y = data or digits()
    return digest(sampler.fit_resample(X, y)[0][len(X) :])


# -- one process, two devices ----------------------------------------------------------------------------------------


def two_devices():
    """A strategy of two logical processors; called before anything else of TensorFlow."""
    import tensorflow as tf

    halves = [tf.config.LogicalDeviceConfiguration()] * 2
    tf.config.set_logical_device_configuration(tf.config.list_physical_devices("CPU")[0], halves)
    return tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])


def plan(optimizer="adam", has_norm=True, dropout=0):
    """Two small networks; without dropout a step of two replicas is one of one device."""
    import keras

    from gan_oversampler._deformation.warp import DeformationBasis
    from gan_oversampler._gan import engine

    noise = x = keras.Input((LATENT,))
    for level in range(2):
        # No bias in front of a normalisation, where its gradient is rounding alone, which Adam makes large.
        x = keras.layers.Dense(16, use_bias=not has_norm, name=f"dense_{level}")(x)
        x = keras.layers.BatchNormalization(momentum=0.5, name=f"norm_{level}")(x) if has_norm else x
        x = keras.layers.LeakyReLU(name=f"leaky_{level}")(x)
    x = keras.layers.Dense(SIDE**2, activation="tanh", name="pixels")(x)
    generator = keras.Model(noise, keras.layers.Reshape((SIDE, SIDE, 1), name="image")(x))
    image = keras.Input((SIDE, SIDE, 1))
    x = keras.layers.Dense(16, activation="tanh", name="hidden")(keras.layers.Flatten(name="flat")(image))
    x = keras.layers.Dropout(dropout, name="dropout")(x) if dropout else x
    discriminator = keras.Model(image, keras.layers.Dense(1, name="logit")(x))
    architectures = engine.architecture(generator), engine.architecture(discriminator)
    basis = DeformationBasis.for_size(SIDE, SIDE)
    return engine.Plan(*architectures, LATENT, "normal", BATCH, optimizer, (0.01, 0.005), 0.7, basis)


def after_steps(engine):
    """Metrics of each step, and all variables after the last."""
    rng = np.random.default_rng(0)
    engine.reset(3)
    metrics = []
    for _ in range(STEPS):
        # The two halves of a batch differ, so that a replica without the other's statistics would go elsewhere.
        real = rng.uniform(-1, 1, (BATCH, SIDE, SIDE, 1)) * np.linspace(0.1, 1, BATCH)[:, None, None, None]
        noise = rng.standard_normal((BATCH, LATENT)) + np.linspace(-2, 2, BATCH)[:, None]
        by = rng.normal(0, 0.05, (BATCH, engine.plan.basis.n_coefficients))
        metrics.append(np.asarray(engine.step(*(part.astype(np.float32) for part in (real, noise, by)))))
    return [np.array(metrics), *(np.asarray(variable) for variable in engine.variables)]


def parts_of(variable):
    """The values of a variable on each device."""
    import tensorflow as tf

    held = variable if isinstance(variable, tf.Variable) else variable.value
    return [np.asarray(part) for part in tf.distribute.get_strategy().experimental_local_results(held)]


def same_step(strategy, optimizer, has_norm):
    """The greatest difference between one device and two, and between the two, as shares of what all steps moved."""
    from gan_oversampler._gan.engine import Engine
    from gan_oversampler._gan.replicas import ReplicatedEngine

    the_plan = plan(optimizer, has_norm)
    alone = Engine(the_plan)
    expected = after_steps(alone)
    with strategy.scope():
        both = ReplicatedEngine(the_plan, strategy)
        got = after_steps(both)
        parts = [parts_of(variable) for variable in both.variables]
    apart = max(np.abs(first - second).max() for first, second in parts)
    alone.reset(3)
    start = [np.zeros_like(expected[0]), *(np.asarray(variable) for variable in alone.variables)]
    moved = [np.abs(now - before).max() for now, before in zip(expected, start, strict=True)]
    off = [np.abs(one - two).max() for one, two in zip(expected, got, strict=True)]
    return {"off": [float(o / m) if m else float(o) for o, m in zip(off, moved, strict=True)], "apart": float(apart)}


def mirrored(folder):
    """Fits in a strategy's scope, out of it, and in that of another one."""
    strategy = two_devices()
    import tensorflow as tf

    sampler = GANOverSampler(**SMALL)
    found = {"alone": [fit(sampler), sampler.n_replicas_]}
    with strategy.scope():
        found["both"] = [fit(sampler), sampler.n_replicas_]
        found["drawn inside"] = digest(sampler.sample(20, 3))
        found["again"] = fit(sampler)
        found["refused"] = refusals()
    found["drawn outside"] = digest(sampler.sample(20, 3))
    other = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
    with other.scope():
        found["other strategy"] = fit(sampler)
    found["alone again"] = fit(sampler)
    found["steps"] = {f"{o}, {n}": same_step(strategy, o, n) for o, n in CASES}
    for kind in (tf.distribute.OneDeviceStrategy("CPU:0"), tf.distribute.experimental.CentralStorageStrategy()):
        with kind.scope():
            found["refused"].append(refusal(lambda: fit(sampler)))
    found["seeds"] = seeds_of_replicas(strategy)
    found["resumed"] = resumed(strategy, Path(folder) / "stopped.ckpt")
    with strategy.scope():
        found["own network"] = own_network()
    with other.scope():
        try:
            fit(GANOverSampler(**{**SMALL, "latent_dim": 9}, generator=a_generator))
        except RuntimeError as error:
            found["two strategies"] = str(error)
    return found


def refusal(call):
    try:
        call()
    except ValueError as error:
        return str(error)
    return None


def refusals():
    from gan_oversampler._gan import distributed

    odd = GANOverSampler(**{**SMALL, "batch_size": 7})
    return [refusal(lambda: fit(odd)), refusal(lambda: distributed.check(8, in_workers=True))]


def seeds_of_replicas(strategy):
    """The states of a dropout's seed generator on both devices: at the start, after four steps, and after going on."""
    from gan_oversampler._gan.replicas import ReplicatedEngine

    with strategy.scope():
        engine = ReplicatedEngine(plan(dropout=0.5), strategy)
        (seed,) = (v for v in engine.discriminator.variables if v.name == "seed_generator_state")
        engine.reset(3)
        states = [parts_of(seed)]
        after_steps(engine)
        states.append(parts_of(seed))
        engine.restore([np.asarray(variable) for variable in engine.variables])
        states.append(parts_of(seed))
    return np.array(states).tolist()


class Interrupt(Callback):
    """Stands for Ctrl+C after seven steps, once in a process."""

    is_due = True

    def on_step_end(self, event):
        if Interrupt.is_due and event.step == 7:
            Interrupt.is_due = False
            raise KeyboardInterrupt


def resumed(strategy, path):
    """Rows of a fit that was stopped, and goes on with two devices or with one."""
    sampler = GANOverSampler(**SMALL, checkpoint=path, callbacks=[Interrupt()])
    with strategy.scope():
        with suppress(KeyboardInterrupt):
            fit(sampler)
        content = path.read_bytes()
        with_two = fit(sampler)
    path.write_bytes(content)
    fit(sampler)
    return {"with two": with_two, "steps with one": len(sampler.history_[3]["step"]), "is left": path.exists()}


def a_generator(latent_dim, output_shape):
    import keras

    layers = [
        keras.layers.Dense(16, activation="relu"),
        keras.Sequential([keras.layers.BatchNormalization(), keras.layers.GaussianNoise(0.1)]),
        keras.layers.Dense(int(np.prod(output_shape)), activation="tanh"),
        keras.layers.Reshape(output_shape),
    ]
    return keras.Sequential([keras.Input((latent_dim,)), *layers])


def a_discriminator(input_shape):
    import keras

    return keras.Sequential([keras.Input(input_shape), keras.layers.Flatten(), keras.layers.Dense(1)])


def own_network():
    sampler = GANOverSampler(**SMALL, generator=a_generator)
    fit(sampler)
    return bool(np.isfinite(sampler.sample(10, 3)).all())


# -- two processes ---------------------------------------------------------------------------------------------------


def worker(addresses, place):
    """The strategy of one of several processes."""
    cluster = {"cluster": {"worker": addresses.split(",")}, "task": {"type": "worker", "index": place}}
    os.environ["TF_CONFIG"] = json.dumps(cluster)
    import tensorflow as tf

    return tf.distribute.MultiWorkerMirroredStrategy()


class StopAt(Callback):
    """Asks to stop after a step of its own choice."""

    def __init__(self, step):
        self.step = step

    def on_step_end(self, event):
        return event.step == self.step


class SeeFiles(Callback):
    """Notes what lies in a folder during training."""

    def __init__(self, folder):
        self.folder, self.seen = folder, set()

    def on_class_end(self, event):
        self.seen = {path.name for path in Path(self.folder).iterdir()}


def together(addresses, place, folder):
    """Fits of a worker that ends well. Each has a file of its own, to see who writes."""
    strategy, mine = worker(addresses, place), Path(folder) / str(place)
    mine.mkdir()
    checkpoint._SECONDS_BETWEEN = 0
    with strategy.scope():
        watcher = SeeFiles(mine)
        callbacks = [TensorBoard(mine / "runs", every=1, images_every=1), watcher]
        sampler = GANOverSampler(**SMALL, callbacks=callbacks, checkpoint=mine / "night.ckpt")
        rows = fit(sampler)
        found = {"rows": rows, "weights": digest(*sampler.models_[3].source.weights), "files": sorted(watcher.seen)}
        found["n_replicas_"] = sampler.n_replicas_
        without_seed = {**SMALL, "random_state": None}
        found["without a seed"] = fit(GANOverSampler(**without_seed))
        stops = GANOverSampler(**SMALL, callbacks=[StopAt(5 + place)])
        fit(stops)
        found["steps"] = len(stops.history_[3]["step"])
        X, y = digits()
        try:
            fit(GANOverSampler(**SMALL), (X + place, y))
        except ValueError as error:
            found["other data"] = str(error)
    return found


def until_lost(addresses, place, path):
    """A fit that goes on until another worker is gone, and is then ended by this one alone."""
    strategy = worker(addresses, place)
    checkpoint._SECONDS_BETWEEN = 0.2
    quick_to_build = {"generator": a_generator, "discriminator": a_discriminator, "deformation": "affine"}
    endless = {**SMALL, **quick_to_build, "max_iter": 100_000, "checkpoint": path}
    found = {}
    with strategy.scope():
        try:
            fit(GANOverSampler(**endless))
        except WorkerLostError as error:
            found = {"error": str(error), "at": time.time()}
    sampler = GANOverSampler(**endless, time_limit=0.01)
    found["rows"] = len(sampler.fit_resample(*digits())[0])
    found["steps"] = len(sampler.history_[3]["step"])
    return found
