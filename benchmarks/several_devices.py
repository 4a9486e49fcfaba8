"""Seconds of a training step on one device, on two logical processors, and in two processes.

``python benchmarks/several_devices.py`` takes a minute and prints the table of docs/several-devices.md. Each way runs
in processes of its own. On two cores, two devices share what one device uses alone: the table tells what sharing costs.
"""

import json
import os
import socket
import subprocess
import sys
import time
from contextlib import nullcontext

import numpy as np

SHAPES, BATCHES = ((8, 8, 1), (28, 28, 1)), (64, 512)
N_STEPS, N_FIRST = 60, 10


def seconds_of_steps(shape, batch_size):
    """Median seconds of the default networks' step, under the strategy whose scope is open."""
    from gan_oversampler._deformation.deformations import AffineDeformation
    from gan_oversampler._deformation.warp import DeformationBasis
    from gan_oversampler._gan import builders, presets
    from gan_oversampler._gan.replicas import engine_here

    given = dict.fromkeys(["latent_dim", "generator", "discriminator", "learning_rate"]) | {"batch_size": batch_size}
    plan = builders.plan_of(presets.DCGAN, shape, AffineDeformation(DeformationBasis.for_size(*shape[:2])), given)
    engine, rng = engine_here(plan), np.random.default_rng(0)
    engine.reset(0)
    real = rng.uniform(-1, 1, (batch_size, *shape)).astype(np.float32)
    noise = rng.standard_normal((batch_size, plan.latent_dim), np.float32)
    by = np.zeros((batch_size, plan.basis.n_coefficients), np.float32)
    taken = []
    for _ in range(N_FIRST + N_STEPS):
        start = time.perf_counter()
        engine.step(real, noise, by)
        engine.last_metrics.numpy()
        taken.append(time.perf_counter() - start)
    return float(np.median(taken[N_FIRST:]))


def scope(way, place, addresses):
    """The scope of a strategy, or none."""
    if way == "processes":
        os.environ["TF_CONFIG"] = json.dumps(
            {"cluster": {"worker": addresses}, "task": {"type": "worker", "index": place}}
        )
    import tensorflow as tf

    if way == "one":
        return nullcontext()
    if way == "processes":
        return tf.distribute.MultiWorkerMirroredStrategy().scope()
    halves = [tf.config.LogicalDeviceConfiguration()] * 2
    tf.config.set_logical_device_configuration(tf.config.list_physical_devices("CPU")[0], halves)
    return tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"]).scope()


def measure(way, place, *addresses):
    """Print the seconds of all cases."""
    with scope(way, int(place), addresses):
        print(json.dumps([seconds_of_steps(shape, size) for shape in SHAPES for size in BATCHES]))


def free_addresses():
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    addresses = [f"127.0.0.1:{each.getsockname()[1]}" for each in sockets]
    for each in sockets:
        each.close()
    return addresses


def seconds_of(way):
    """Seconds of all cases, measured in one process, or in the first of two."""
    places = range(2 if way == "processes" else 1)
    addresses = free_addresses()
    commands = [[sys.executable, __file__, way, str(place), *addresses] for place in places]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for command in commands]
    answers = [process.communicate()[0] for process in running]
    return json.loads(answers[0].splitlines()[-1])


def main():
    cases = [f"{shape[0]}x{shape[1]}, batch of {size}" for shape in SHAPES for size in BATCHES]
    columns = [seconds_of(way) for way in ("one", "two", "processes")]
    print("| images | one device | two logical devices | two processes |", "|---|---|---|---|", sep="\n")
    for case, *seconds in zip(cases, *columns, strict=True):
        print(f"| {case} | " + " | ".join(f"{1000 * s:.1f} ms" for s in seconds) + " |")


if __name__ == "__main__":
    measure(*sys.argv[1:]) if sys.argv[1:] else main()
