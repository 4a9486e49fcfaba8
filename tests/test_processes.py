"""What happens around a fit: TensorFlow is imported late, nothing global is touched, nothing leaks."""

import contextlib
import copy
import logging
import multiprocessing
import os
import random
import resource
import signal
import subprocess
import sys
import textwrap
import time
import warnings

import numpy as np
import pytest

from gan_oversampler import BackendError, DeformationOverSampler, GANOverSampler
from gan_oversampler._gan import gate

from .processes import Call
from .test_sampler import exploding_discriminator, wrong_generator


def run(code, **environment):
    """Run Python code in a process of its own; return what it printed."""
    result = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert result.returncode == 0, result.stderr[-2000:]
    return result.stdout


def test_tensorflow_is_imported_only_to_train_or_generate_and_not_under_another_backend():
    out = run(
        """
        import os, sys, numpy as np
        from gan_oversampler import BackendError, DeformationOverSampler, GANOverSampler
        X, y = np.random.default_rng(0).normal(size=(40, 4)), np.arange(40) < 15
        GANOverSampler(sampling_strategy={True: 15}).fit(X, y).fit_resample(X, y)
        DeformationOverSampler().fit_resample(X, y)
        for bad in (X * np.inf, X.astype(complex)):
            try:
                GANOverSampler().fit_resample(bad, y)
            except ValueError:
                continue
            raise AssertionError("bad X was taken")
        os.environ["KERAS_BACKEND"] = "jax"
        try:
            GANOverSampler(deformed_share=0).fit_resample(X, y)
        except BackendError as error:
            print(error)
        assert not {"tensorflow", "keras", "matplotlib"} & set(sys.modules), "imported too early"
        """
    )
    assert "Keras runs on 'jax': set the environment variable KERAS_BACKEND=tensorflow" in out


def answer_of_a_fork(function):
    """What a function returns in a process that is forked from this one."""
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=lambda: there.send(function()), daemon=True)  # ended with this one if it hangs
    process.start()
    assert here.poll(60), "no answer"
    return here.recv()


def is_told_at_once(call):
    """Whether a call says within a second of processor time that it would hang in this process."""
    from gan_oversampler import ForkedProcessError

    start = time.process_time()
    try:
        call()
    except ForkedProcessError as error:
        return "would hang here" in str(error) and time.process_time() - start < 1
    return False


def rare_and_common(*shape):
    return np.random.default_rng(0).normal(size=(40, *shape)), np.arange(40) < 15


def forks_after_a_fit():
    """Whether a forked child of a process that has trained is told, when it trains and when it draws."""
    X, y = rare_and_common(8, 8)
    sampler = GANOverSampler(max_iter=1, deformed_share=0, label_filter=False)
    sampler.fit_resample(X, y)
    copied = copy.deepcopy(sampler)
    calls = (lambda: sampler.fit_resample(X, y), lambda: copied.sample(1, True))
    return answer_of_a_fork(lambda: [is_told_at_once(call) for call in calls])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
def test_a_forked_child_is_told_at_once():
    assert Call(forks_after_a_fit).result() == [True, True]


def forget_the_package():
    """As in a process that has not imported it."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "gan_oversampler"]:
        del sys.modules[name]


def forks_before_our_import():
    """Whether children that import the package first are told: a process of multiprocessing, and a bare fork."""
    import tensorflow as tf

    forget_the_package()
    X = np.random.default_rng(0).normal(size=(300, 300))
    tf.linalg.matmul(X, X)

    def child():
        X @ X  # BLAS starts threads of its own
        assert "gan_oversampler" not in sys.modules
        from gan_oversampler import GANOverSampler

        sampler = GANOverSampler(max_iter=1, deformed_share=0)
        return is_told_at_once(lambda: sampler.fit_resample(X, np.arange(300) < 15))

    answers = [answer_of_a_fork(child)]
    pid = os.fork()
    if not pid:
        os._exit(0 if child() else 1)
    return [*answers, os.waitpid(pid, 0)[1] == 0]


@pytest.mark.skipif(not os.path.exists("/proc/self/task"), reason="needs Linux to see TensorFlow's threads")
def test_a_child_that_first_imports_us_is_told_too():
    assert Call(forks_before_our_import).result() == [True, True]


def fit_after_another_use():
    """Train where TensorFlow ran before the package was imported."""
    import tensorflow as tf

    forget_the_package()
    tf.linalg.matmul(tf.ones((9, 9)), tf.ones((9, 9)))
    from gan_oversampler import GANOverSampler
    from gan_oversampler._gan import gate

    assert not gate._lacks_tensorflow_threads(), "TensorFlow names its threads otherwise now"
    GANOverSampler(max_iter=1, deformed_share=0).fit_resample(*rare_and_common(4))


def test_use_of_tensorflow_before_the_import_is_no_fork():
    Call(fit_after_another_use).result()


@pytest.mark.parametrize("error", [FileNotFoundError, ProcessLookupError])
def test_a_thread_or_parent_that_ends_while_it_is_looked_at_is_no_error(error, monkeypatch):
    import tensorflow  # noqa: F401  its own import reads files

    def ended(path):
        raise error

    monkeypatch.setattr(gate, "_forked_after_use", False)
    monkeypatch.setattr(gate, "_has_run", lambda: True)
    monkeypatch.setattr(gate.Path, "read_bytes", ended)
    gate.require_tensorflow()


def thread_settings():
    """How many threads TensorFlow and BLAS use."""
    import tensorflow as tf
    import threadpoolctl

    pools = {pool["filepath"]: pool["num_threads"] for pool in threadpoolctl.threadpool_info()}
    threading = tf.config.threading
    return threading.get_inter_op_parallelism_threads(), threading.get_intra_op_parallelism_threads(), pools


def log_levels():
    """Level of every logger that there is."""
    known = logging.root.manager.loggerDict.items()
    return {name: logger.level for name, logger in known if isinstance(logger, logging.Logger)}


def keras_settings():
    """What `keras.config` holds, and the options of TensorFlow that it may change."""
    import keras
    import tensorflow as tf

    return (
        keras.config.dtype_policy().name,
        keras.config.image_data_format(),
        keras.config.floatx(),
        keras.config.epsilon(),
        keras.config.backend(),
        keras.config.is_traceback_filtering_enabled(),
        keras.config.is_interactive_logging_enabled(),
        tf.config.functions_run_eagerly(),
        tf.config.optimizer.get_jit(),
        tf.config.optimizer.get_experimental_options(),
        tf.config.get_soft_device_placement(),
    )


def random_states():
    """The state of every global source of random numbers."""
    import tensorflow as tf
    from tensorflow.python.eager import context

    return (
        random.getstate(),
        [repr(part) for part in np.random.get_state()],  # noqa: NPY002  the legacy state is what is looked at
        tf.random.get_global_generator().state.numpy().tolist(),
        context.global_seed(),
        context.context()._rng.getstate(),
    )


def global_state():
    """Everything global that a fit might touch."""
    import matplotlib

    return {
        "random": random_states(),
        "keras": keras_settings(),
        "threads": thread_settings(),
        "warnings": list(warnings.filters),
        "matplotlib": (matplotlib.get_backend(), dict(matplotlib.rcParams)),
        "environment": dict(os.environ),
        "logging": log_levels(),
        "numpy": (np.geterr(), np.get_printoptions()),
        "folder": os.getcwd(),
        "recursion": sys.getrecursionlimit(),
        "hooks": (sys.excepthook, sys.stdout, sys.stderr, signal.getsignal(signal.SIGINT)),
    }


def check_state(before):
    """Compare part by part, so that a failure says which was touched."""
    after = global_state()
    for name, state in before.items():
        assert after[name] == state, f"{name} was touched"


@pytest.fixture
def odd_settings(two_blas_threads):
    """Settings of a user's own, all unlike the defaults; put back at the end."""
    import keras
    import tensorflow as tf

    tf.random.set_seed(7)
    np.random.seed(7)  # noqa: NPY002  the legacy state is what is looked at
    random.seed(7)
    keras.config.set_dtype_policy("mixed_bfloat16")
    keras.config.set_image_data_format("channels_first")
    yield
    keras.config.set_dtype_policy("float32")
    keras.config.set_image_data_format("channels_last")


@pytest.mark.usefixtures("odd_settings")
@pytest.mark.filterwarnings("ignore::gan_oversampler.ConvergenceWarning")
@pytest.mark.parametrize("kind", ["table", "digits"])
def test_no_global_state_is_touched(request, kind, tiny, tmp_path):
    import tensorflow as tf

    data = request.getfixturevalue(kind)
    global_state()
    before = global_state()
    sampler = GANOverSampler(random_state=0, **{**tiny, "latent_dim": 11})  # a plan no other test has compiled
    sampler.fit_resample(*data)
    check_state(before)
    sampler.save(tmp_path / "sampler")
    GANOverSampler.load(tmp_path / "sampler").sample(3, data[1].min() if kind == "digits" else 1)
    DeformationOverSampler(random_state=0).fit_resample(*data)
    check_state(before)
    after_fit = tf.random.uniform((3,)).numpy()
    tf.random.set_seed(7)
    np.testing.assert_array_equal(after_fit, tf.random.uniform((3,)).numpy())


@pytest.mark.usefixtures("odd_settings")
@pytest.mark.filterwarnings("ignore::gan_oversampler.ConvergenceWarning")
@pytest.mark.parametrize(
    ("builders", "error"),
    [
        ({"generator": wrong_generator}, ValueError),
        ({"discriminator": exploding_discriminator}, None),
        ({"latent_dim": 12}, KeyboardInterrupt),
        ({"latent_dim": 13}, RuntimeError),
    ],
)
def test_no_global_state_is_touched_where_a_fit_fails(table, tiny, builders, error, monkeypatch):
    from gan_oversampler._gan import loop

    def fail(*_):
        raise error

    global_state()
    before = global_state()
    with monkeypatch.context() as patch:
        if "latent_dim" in builders:
            patch.setattr(loop._Batches, "__call__", fail)
        with contextlib.nullcontext() if error is None else pytest.raises(error):
            GANOverSampler(random_state=0, **{**tiny, **builders}).fit_resample(*table)
    check_state(before)


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


def test_tensorflow_does_not_complain_of_our_graph():
    """With oneDNN its remapper failed on the discriminator; on processors without bfloat16 at other layers."""
    told = run(
        """
        import os
        os.dup2(1, 2)  # what C++ prints to the standard error
        import numpy as np
        from gan_oversampler import GANOverSampler
        rows, y = np.random.default_rng(0).uniform(size=(60, 28, 28)), np.arange(60) < 25
        for bfloat16 in ("auto", "off"):
            os.environ["GAN_OVERSAMPLER_BFLOAT16"] = bfloat16
            GANOverSampler(max_iter=1, deformation="affine", random_state=0).fit_resample(rows, y)
            GANOverSampler(max_iter=1, deformed_share=0, random_state=0).fit_resample(rows[:, 0], y)
        """,
        TF_ENABLE_ONEDNN_OPTS="1",
        TF_CPP_MIN_LOG_LEVEL="0",
    )
    assert not [
        line for line in told.splitlines() if ("failed: " in line and "cuInit" not in line) or "retracing" in line
    ]


def fit_without_eager_execution():
    import tensorflow as tf

    tf.compat.v1.disable_eager_execution()
    with pytest.raises(BackendError, match="eager execution, but it is off"):
        GANOverSampler().fit_resample(np.random.default_rng(0).normal(size=(40, 8, 8)), np.arange(40) < 15)


def test_disabled_eager_execution_gives_a_clear_error():
    Call(fit_without_eager_execution).result()
