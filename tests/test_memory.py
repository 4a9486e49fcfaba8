"""What cannot fit in memory is refused before training, with the estimate."""

import math
import os
import re
import threading
from pathlib import Path

import numpy as np
import pytest

from gan_oversampler import DeformationOverSampler, GANOverSampler, NotEnoughMemoryError
from gan_oversampler._deformation.deformations import AffineDeformation
from gan_oversampler._deformation.warp import DeformationBasis
from gan_oversampler._rows import result_memory

from .processes import Call


@pytest.mark.parametrize("cls", [GANOverSampler, DeformationOverSampler])
@pytest.mark.parametrize("builtin", [ValueError, MemoryError])
def test_a_request_beyond_memory_is_refused_before_training(cls, builtin, table, monkeypatch):
    monkeypatch.setattr(cls._fit_type, "learn_model", lambda *_: pytest.fail("it went on to train"))
    with pytest.raises(
        builtin, match=r"^999,999,999,970 new rows need about 109.1 TiB of memory.* are available"
    ) as error:
        cls(sampling_strategy={1: 10**12}).fit_resample(*table)
    assert isinstance(error.value, NotEnoughMemoryError)
    assert "\n" not in str(error.value)


def test_drawing_later_is_refused_too(table, tiny):
    sampler = GANOverSampler(random_state=0, **tiny)
    sampler.fit_resample(*table)
    with pytest.raises(NotEnoughMemoryError, match="ask for fewer, draw them in parts"):
        sampler.sample(10**30, 1)


def test_the_estimate_is_near_what_is_used():
    import tracemalloc

    X, y = np.random.default_rng(0).normal(size=(3000, 50)), np.arange(3000) < 20
    for kind, rows in (("array", X), ("list", X.tolist())):
        expected = result_memory.estimate(3000, 40_000, 50, kind, X.dtype)
        tracemalloc.start()
        DeformationOverSampler(sampling_strategy={True: 40_020}, random_state=0).fit_resample(rows, y)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert 0.7 < expected / peak < 1.5


@pytest.mark.parametrize(("size", "text"), [(5, "5 bytes"), (3 * 2**30, "3 GiB"), (21.8 * 2**40, "21.8 TiB")])
def test_sizes_are_readable(size, text):
    assert result_memory._readable(size) == text


def test_what_is_available_is_the_least_of_the_limits(monkeypatch):
    assert 0 < result_memory.available() < math.inf
    monkeypatch.setattr(result_memory, "_left_of_cgroup", lambda: 1000.0)
    assert result_memory.available() == 1000
    with pytest.raises(NotEnoughMemoryError, match="1000 bytes are available"):
        result_memory.check(2000, 3)


def test_nothing_is_refused_where_the_system_does_not_tell(monkeypatch):
    monkeypatch.setattr(result_memory, "available", lambda: math.inf)
    result_memory.check(2**80, 3)


def test_rows_that_are_only_repeated_are_neither_encoded_nor_looked_into(table, digits, monkeypatch):
    """On 20,000 columns that took four times as long as SMOTE."""
    for name in ("tables.TableCodec.fit", "columns.Columns.find", "codecs.ImageCodec.fit"):
        monkeypatch.setattr(f"gan_oversampler._rows.{name}", lambda *_: pytest.fail("it looked"))
    for X, y in (table, digits):
        X_res, _ = DeformationOverSampler(deformation=None, random_state=0).fit_resample(X, y)
        new = X_res[len(X) :]
        assert len(new)
        assert {row.tobytes() for row in new} <= {row.tobytes() for row in X}


def test_the_user_can_try_nevertheless(monkeypatch):
    monkeypatch.setattr(result_memory, "available", lambda: 1000.0)
    with pytest.raises(NotEnoughMemoryError, match="set the environment variable GAN_OVERSAMPLER_MEMORY_CHECK=off"):
        result_memory.check(2000, 3)
    monkeypatch.setenv("GAN_OVERSAMPLER_MEMORY_CHECK", "off")
    result_memory.check(2000, 3)


@pytest.fixture
def large_images():
    return np.random.default_rng(0).integers(0, 256, (60, 128, 128, 3), np.uint8), np.arange(60) < 20


def test_a_training_beyond_memory_is_refused_with_a_batch_that_fits(large_images, monkeypatch):
    monkeypatch.setattr(result_memory, "available", lambda: 650 * 2**20)
    monkeypatch.setattr(GANOverSampler._fit_type, "learn_model", lambda *_: pytest.fail("it went on to train"))
    with pytest.raises(
        NotEnoughMemoryError,
        match=r"^Training on images of 128x128x3 in batches of 64 needs about 7\d\d.* MiB of memory, but 650 MiB "
        r"are available: set batch_size=32, or set the environment variable GAN_OVERSAMPLER_MEMORY_CHECK=off",
    ):
        GANOverSampler().fit_resample(*large_images)
    with pytest.raises(pytest.fail.Exception, match="went on to train"):
        GANOverSampler(batch_size=32).fit_resample(*large_images)
    with pytest.raises(pytest.fail.Exception, match="went on to train"):
        GANOverSampler(deformation=None).fit_resample(*large_images)
    monkeypatch.setattr(result_memory, "available", lambda: 50 * 2**20)
    with pytest.raises(NotEnoughMemoryError, match="available: give smaller images, or set"):
        GANOverSampler().fit(*large_images)


def test_workers_are_counted(large_images, monkeypatch):
    monkeypatch.setattr(result_memory, "available", lambda: 2.8 * 2**30)
    X, _ = large_images
    with pytest.raises(NotEnoughMemoryError, match=r"in 2 workers needs about 3\.\d+ GiB .*: set batch_size="):
        GANOverSampler(n_jobs=2).fit_resample(X, np.repeat([0, 1, 2], [30, 15, 15]))


def user_generator(latent_dim, output_shape):
    import keras

    noise = keras.Input((latent_dim,))
    pixels = keras.layers.Dense(int(np.prod(output_shape)))(noise)
    return keras.Model(noise, keras.layers.Reshape(output_shape)(pixels))


def test_networks_of_a_user_are_counted(large_images, monkeypatch):
    monkeypatch.setattr(result_memory, "available", lambda: 300 * 2**20)
    with pytest.raises(NotEnoughMemoryError, match=r"^Training on images of 128x128x3"):
        GANOverSampler(generator=user_generator, deformation=None).fit_resample(*large_images)


def resident():
    """Bytes of this process but for pages of libraries, which a forked one finds as it needs them."""
    return 1024 * int(re.search(r"RssAnon:\s+(\d+) kB", Path("/proc/self/status").read_text())[1])


def estimated_over_used(shape):
    """The estimate of a training over what it uses; called in a process in which TensorFlow has not run."""
    from gan_oversampler._classes import training_memory as of_training
    from gan_oversampler._gan import builders, loop, presets

    def watch():
        while not stop.wait(0.002):
            peaks.append(resident())

    deformation = AffineDeformation(DeformationBasis.for_size(*shape[:2]))
    data = np.random.default_rng(0).uniform(-1, 1, (70, *shape)).astype(np.float32)
    given = dict.fromkeys(["latent_dim", "generator", "discriminator", "learning_rate", "batch_size"])
    plan = builders.plan_of(presets.DCGAN, shape, deformation, given)
    before, peaks, stop = resident(), [], threading.Event()
    threading.Thread(target=watch, daemon=True).start()
    loop.train(plan, data, deformation, max_iter=1, seed=0)
    stop.set()
    return of_training.bytes_of_training(plan, plan.batch_size, deforms=True) / (max(peaks) - before)


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="needs Linux to see the memory of a process")
@pytest.mark.parametrize("shape", [(28, 28, 1), (64, 64, 3), (128, 128, 3)])
def test_the_estimate_of_training_is_near_what_is_used(shape):
    assert 0.7 < Call(estimated_over_used, shape).result() < 1.5


GROUPS = {
    "none": {},
    "own, version 2": {"proc/self/cgroup": "0::/a/b", "a/b/memory.max": 1000, "a/b/memory.current": 400},
    "own is unlimited, its parent is not": {
        "proc/self/cgroup": "0::/a/b",
        **{"a/b/memory.max": "max", "a/b/memory.current": 1, "a/memory.max": 1000, "a/memory.current": 400},
    },
    "the root's, of a container": {"proc/self/cgroup": "0::/", "memory.max": 1000, "memory.current": 400},
    "a path that only the host knows": {
        "proc/self/cgroup": "0::/docker/1234",
        **{"memory.max": 1000, "memory.current": 400},
    },
    "cached files": {
        "proc/self/cgroup": "0::/",
        **{"memory.max": 1000, "memory.current": 990},
        "memory.stat": "anon 400\nfile 590\ninactive_file 500\nactive_file 90\nslab 0",
    },
    "own, version 1": {
        "proc/self/cgroup": "8:pids:/a\n4:cpu,memory:/a\n1:cpu:/",
        **{"memory/a/memory.limit_in_bytes": 1000, "memory/a/memory.usage_in_bytes": 900},
        "memory/a/memory.stat": "inactive_file 1\ntotal_inactive_file 200\ntotal_active_file 100",
    },
    "another group's": {"proc/self/cgroup": "0::/a", "b/memory.max": 1, "b/memory.current": 1},
}


@pytest.mark.parametrize("name", GROUPS)
def test_limits_of_containers(name, monkeypatch, tmp_path):
    for place, content in {"proc/self/cgroup": "0::/", **GROUPS[name]}.items():
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).write_text(f"{content}\n")
    monkeypatch.setattr(result_memory, "_PROC", tmp_path / "proc")
    monkeypatch.setattr(result_memory, "_CGROUPS", tmp_path)
    assert result_memory._left_of_cgroup() == (
        math.inf if name in ("none", "another group's") else 400 if "version 1" in name else 600
    )
