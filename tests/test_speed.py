"""What keeps a fit quick, held against a matrix product or another import of the same moment."""

import subprocess
import sys
import time

import numpy as np
import pytest

from gan_oversampler._deformation.deformations import AffineDeformation
from gan_oversampler._deformation.warp import DeformationBasis

SHAPE, BATCH = (28, 28, 1), 64
# Times a product of two matrices of side 768 that a step takes, as measured on two cores and on one.
PRODUCTS_A_STEP = {"mixed_bfloat16": 4.4, "float32": 5.7}
IMPORT = """
import time
import imblearn.over_sampling, imblearn.pipeline
start = time.process_time()
import gan_oversampler
print(time.process_time() - start)
"""


def default_engine(shape=SHAPE):
    from gan_oversampler._gan import builders, engine, presets

    given = dict.fromkeys(["latent_dim", "generator", "discriminator", "learning_rate", "batch_size"])
    deformation = AffineDeformation(DeformationBasis.for_size(*shape[:2]))
    return engine.Engine(builders.plan_of(presets.DCGAN, shape, deformation, given))


def inputs(plan, shape=SHAPE):
    rng = np.random.default_rng(0)
    real = rng.uniform(-1, 1, (plan.batch_size, *shape)).astype(np.float32)
    noise = rng.standard_normal((plan.batch_size, plan.latent_dim), np.float32)
    return real, noise, np.zeros((plan.batch_size, plan.basis.n_coefficients), np.float32)


def seconds_of(call, n=15):
    """The best of some: other programs only add."""
    taken = []
    for _ in range(n):
        start = time.perf_counter()
        call()
        taken.append(time.perf_counter() - start)
    return min(taken)


@pytest.fixture(scope="module")
def engine():
    built = default_engine()
    built.reset(0)
    return built


def test_a_step_costs_as_many_matrix_products_as_it_did(engine):
    """Fails where a step takes half as long again. Both are timed in turn, so that other programs slow both."""
    import tensorflow as tf

    from gan_oversampler._gan.networks import convolution_dtype

    matrix = tf.ones((768, 768)) / 768
    batch, limit = inputs(engine.plan), 1.5 * PRODUCTS_A_STEP[convolution_dtype()]
    ratios = []
    for _ in range(8):
        product = seconds_of(lambda: tf.matmul(matrix, matrix).numpy(), 7)
        ratios.append(seconds_of(lambda: engine.step(*batch).numpy()) / product)
        if ratios[-1] < limit:
            return
    pytest.fail(f"a step took {min(ratios):.1f} matrix products, not {limit / 1.5}")


# -- number formats --------------------------------------------------------------------------------------------------


@pytest.fixture
def processor(monkeypatch):
    """Sets what the processor and its GPUs say of themselves, and what the user wants."""
    import tensorflow as tf

    from gan_oversampler._gan import networks

    def says(flags, gpus=(), wanted="auto"):
        monkeypatch.setattr(networks, "_flags_of_the_processor", lambda: frozenset(flags))
        monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind=None: list(gpus))
        monkeypatch.setattr(tf.config.experimental, "get_device_details", lambda gpu: gpu)
        monkeypatch.setenv("GAN_OVERSAMPLER_BFLOAT16", wanted)
        return networks.convolution_dtype()

    return says


AMPERE, TURING, UNKNOWN = {"compute_capability": (8, 0)}, {"compute_capability": (7, 5)}, {}


@pytest.mark.parametrize(
    ("flags", "gpus", "wanted", "expected"),
    [
        (["avx2", "avx512f"], [], "auto", "float32"),
        ([], [], "auto", "float32"),
        (["avx512_bf16"], [], "auto", "mixed_bfloat16"),
        (["amx_bf16"], [], "auto", "mixed_bfloat16"),
        (["amx_bf16"], [], "on", "mixed_bfloat16"),
        (["amx_bf16"], [], "off", "float32"),
        (["amx_bf16"], [AMPERE], "auto", "float32"),
        ([], [AMPERE, AMPERE], "on", "mixed_bfloat16"),
        ([], [AMPERE], "off", "float32"),
    ],
)
def test_bfloat16_only_where_the_device_has_it(processor, flags, gpus, wanted, expected):
    assert processor(flags, gpus, wanted) == expected


@pytest.mark.parametrize(
    ("limit", "expected"),
    [("AVX2", "float32"), ("avx512_core", "float32"), ("AVX512_CORE_BF16", "mixed_bfloat16"), ("", "mixed_bfloat16")],
)
def test_no_bfloat16_where_onednn_is_held_below_it(processor, limit, expected, monkeypatch):
    monkeypatch.setenv("ONEDNN_MAX_CPU_ISA", limit)
    assert processor(["avx512_bf16"]) == expected


@pytest.mark.parametrize(
    ("flags", "gpus", "wanted", "sentence"),
    [
        (["avx2"], [], "on", "the processor here does not compute in it"),
        (["amx_bf16"], [AMPERE, TURING], "on", "a GPU here does not compute in it"),
        (["amx_bf16"], [UNKNOWN], "on", "a GPU here does not compute in it"),
        (["amx_bf16"], [], "yes", 'must be "on", "off" or "auto", but it is \'yes\''),
    ],
)
def test_a_format_that_no_device_has_is_refused(processor, flags, gpus, wanted, sentence):
    with pytest.raises(ValueError, match=sentence):
        processor(flags, gpus, wanted)


def test_both_formats_give_nearly_the_same(processor):
    from gan_oversampler._gan import engine, networks

    outputs, logits = [], []
    for flags in (["avx512_bf16"], []):
        processor(flags)
        generator = engine.build(engine.architecture(networks.dcgan_generator(16, SHAPE)), 3)
        discriminator = engine.build(engine.architecture(networks.dcgan_discriminator(SHAPE)), 3)
        images = np.asarray(generator(np.random.default_rng(0).standard_normal((64, 16)), training=True), np.float32)
        outputs.append(images)
        logits.append(np.asarray(discriminator(outputs[0], training=False), np.float32))
        assert {v.dtype for v in (*generator.trainable_variables, *discriminator.trainable_variables)} == {"float32"}
    for one, other in (outputs, logits):
        np.testing.assert_allclose(one, other, atol=0.1)
        assert np.abs(one - other).mean() < 0.02
        assert not np.array_equal(one, other)


def test_variables_of_another_format_are_updated_too():
    """A user's own layer may hold float64 variables, which TensorFlow's one operation would need told."""
    import tensorflow as tf

    from gan_oversampler._gan.engine import FusedAdam

    variable = tf.Variable(np.ones(3), dtype=tf.float64)
    optimizer = FusedAdam(0.1)
    optimizer.build([variable])
    optimizer.apply([tf.constant([1.0, -1.0, 1.0], tf.float64)], [variable])
    np.testing.assert_allclose(variable.numpy(), [0.9, 1.1, 0.9], atol=1e-3)


# -- imports ---------------------------------------------------------------------------------------------------------


def test_importing_costs_little_beside_imbalanced_learn():
    run = subprocess.run([sys.executable, "-c", IMPORT], capture_output=True, text=True, check=True)
    assert float(run.stdout) < 0.3
