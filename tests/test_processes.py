"""What happens around a fit: TensorFlow is imported late, nothing global is touched, nothing leaks."""

import os
import resource
import subprocess
import sys
import textwrap

import numpy as np
import pytest

from gan_oversampler import GANOverSampler

from .test_sampler import exploding_discriminator, wrong_generator


def run(code, **environment):
    """Run Python code in a process of its own; return what it printed."""
    result = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stderr[-2000:]
    return result.stdout


def test_tensorflow_is_imported_only_to_train_or_generate():
    run(
        """
        import sys, numpy as np
        from gan_oversampler import DeformationOverSampler, GANOverSampler
        X, y = np.random.default_rng(0).normal(size=(40, 4)), np.arange(40) < 15
        GANOverSampler(sampling_strategy={True: 15}).fit(X, y).fit_resample(X, y)
        DeformationOverSampler().fit_resample(X, y)
        for bad in (X * np.nan, X.astype(str)):
            try:
                GANOverSampler().fit_resample(bad, y)
            except ValueError:
                pass
        assert not {"tensorflow", "keras", "matplotlib"} & set(sys.modules), "imported too early"
        """
    )


def test_another_keras_backend_gives_a_clear_error():
    out = run(
        """
        import numpy as np
        from gan_oversampler import BackendError, GANOverSampler
        try:
            GANOverSampler().fit_resample(np.random.default_rng(0).normal(size=(40, 4)), np.arange(40) < 15)
        except BackendError as error:
            print(error)
        """,
        KERAS_BACKEND="jax",
    )
    assert "Keras runs on 'jax': set the environment variable KERAS_BACKEND=tensorflow" in out


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
def test_a_forked_child_is_told_at_once():
    out = run(
        """
        import multiprocessing, time, warnings, numpy as np
        from gan_oversampler import ForkedProcessError, GANOverSampler
        warnings.simplefilter("ignore")
        X, y = np.random.default_rng(0).normal(size=(40, 4)), np.arange(40) < 15
        sampler = GANOverSampler(max_iter=1)
        sampler.fit_resample(X, y)

        def child():
            start = time.perf_counter()
            for call in (lambda: sampler.fit_resample(X, y), lambda: sampler_before.sample(1, True)):
                try:
                    call()
                except ForkedProcessError as error:
                    print(time.perf_counter() - start < 1, "would hang here" in str(error), flush=True)

        import copy
        sampler_before = copy.deepcopy(sampler)
        process = multiprocessing.get_context("fork").Process(target=child)
        process.start()
        process.join(60)
        """
    )
    assert out.split() == ["True"] * 4


def global_state():
    """Everything global that a fit might touch."""
    import random

    import keras
    import tensorflow as tf

    return (
        random.getstate(),
        np.random.get_state()[1].tolist(),  # noqa: NPY002  the legacy state is what is looked at
        tf.random.get_global_generator().state.numpy().tolist(),
        tf.random.uniform((2,), seed=None).shape,
        keras.mixed_precision.dtype_policy().name,
        keras.config.image_data_format(),
        keras.config.floatx(),
        dict(os.environ),
    )


@pytest.mark.parametrize("builders", [{}, {"generator": wrong_generator}, {"discriminator": exploding_discriminator}])
@pytest.mark.filterwarnings("ignore::gan_oversampler.ConvergenceWarning")
def test_no_global_state_is_touched(table, tiny, builders):
    import keras
    import tensorflow as tf

    tf.random.set_seed(7)
    np.random.seed(7)  # noqa: NPY002  the legacy state is what is looked at
    keras.config.set_dtype_policy("mixed_bfloat16")
    keras.config.set_image_data_format("channels_first")
    try:
        before = global_state()
        sampler = GANOverSampler(**builders, **{**tiny, "latent_dim": 11})  # a plan no other test has compiled
        if builders.get("generator") is wrong_generator:
            with pytest.raises(ValueError, match="gives outputs of shape"):
                sampler.fit_resample(*table)
        else:
            sampler.fit_resample(*table)
        assert global_state() == before
        after_fit = tf.random.uniform((3,)).numpy()
    finally:
        keras.config.set_dtype_policy("float32")
        keras.config.set_image_data_format("channels_last")
    tf.random.set_seed(7)
    tf.random.uniform((2,))
    tf.random.uniform((2,))
    np.testing.assert_array_equal(after_fit, tf.random.uniform((3,)).numpy())


def test_user_settings_do_not_change_the_rows(digits, tiny):
    import keras

    expected, _ = GANOverSampler(random_state=0, **tiny).fit_resample(*digits)
    keras.utils.set_random_seed(99)
    keras.config.set_image_data_format("channels_first")
    try:
        again, _ = GANOverSampler(random_state=0, **tiny).fit_resample(*digits)
    finally:
        keras.config.set_image_data_format("channels_last")
    np.testing.assert_array_equal(expected, again)


def test_thirty_fits_do_not_leak(table, tiny):
    X, y = table

    def fit(seed):
        GANOverSampler(random_state=seed, **tiny).fit_resample(X, y)

    def resident():
        with open("/proc/self/statm") as statm:
            return int(statm.read().split()[1]) * resource.getpagesize() / 2**20

    if not os.path.exists("/proc/self/statm"):
        pytest.skip("needs /proc/self/statm to read the memory in use")
    for seed in range(5):
        fit(seed)
    before = resident()
    for seed in range(30):
        fit(seed)
    assert resident() - before < 60  # a step compiled anew for each fit keeps 11 MB: 330
