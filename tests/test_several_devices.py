"""One fit on several devices, in processes of their own: see `on_devices` for what they run."""

import socket
import time
from contextlib import ExitStack, contextmanager

import pytest

from gan_oversampler._gan import distributed

from . import on_devices
from .processes import Call


@contextmanager
def running(*calls):
    """Functions with their arguments, each in a process of its own, which is gone afterwards."""
    with ExitStack() as stack:
        started = []
        for function, *arguments in calls:
            started.append(Call(function, *arguments))
            stack.callback(started[-1].kill)
        yield started


def free_addresses(n):
    sockets = [socket.socket() for _ in range(n)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    addresses = ",".join(f"127.0.0.1:{each.getsockname()[1]}" for each in sockets)
    for each in sockets:
        each.close()
    return addresses


def test_alone_a_process_agrees_with_itself():
    assert (distributed.current(), distributed.n_replicas()) == (None, 1)
    assert (distributed.n_processes(), distributed.is_chief()) == (1, True)
    assert distributed.on_any(True)
    assert not distributed.on_any(False)
    assert distributed.seed_of_all(7, lambda: pytest.fail("nobody to compare with")) == 7


# -- one process, two devices ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def mirrored(tmp_path_factory):
    with running((on_devices.mirrored, tmp_path_factory.mktemp("mirrored"))) as (call,):
        return call.result()


@pytest.mark.parametrize("networks", ["adam, True", "rmsprop, False"])
def test_two_replicas_take_the_step_of_one_device_on_the_whole_batch(mirrored, networks):
    """With batch normalisation, too: its statistics are of the whole batch."""
    found = mirrored["steps"][networks]
    assert max(found["off"]) < 1e-3
    assert found["apart"] == 0


def test_replicas_drop_features_of_their_own(mirrored):
    started, later, resumed = mirrored["seeds"]
    assert started[0] != started[1]
    assert later[0] != later[1]
    assert [count for _, count in later] == [8, 8]  # real and generated rows in each of four steps
    assert resumed == later


def test_a_fit_in_a_scope_is_shared_and_its_bits_are_repeated(mirrored):
    assert mirrored["alone"][1] == 1
    assert mirrored["both"][1] == 2
    assert mirrored["again"] == mirrored["both"][0] != mirrored["alone"][0]
    assert mirrored["drawn inside"] == mirrored["drawn outside"]


def test_no_strategy_is_handed_the_step_of_another(mirrored):
    assert mirrored["other strategy"] == mirrored["both"][0]
    assert mirrored["alone again"] == mirrored["alone"][0]


def test_two_strategies_with_different_networks_are_told_of(mirrored):
    assert mirrored["two strategies"].startswith("TensorFlow mixed up the sums of two strategies")


def test_what_replicas_cannot_share_is_refused(mirrored):
    batch, workers, *kinds = mirrored["refused"]
    assert workers.startswith("n_jobs trains classes in processes that the scope of a strategy does not reach")
    assert batch == (
        "batch_size must be a multiple of the 2 replicas of the strategy, which get equal shares, but it is 7: set "
        "batch_size=6."
    )
    for name, sentence in zip(["OneDeviceStrategy", "CentralStorageStrategy"], kinds, strict=True):
        assert f"but the scope of a {name} is open" in sentence


def test_a_stopped_fit_goes_on_with_two_devices_or_with_one(mirrored):
    resumed = mirrored["resumed"]
    assert resumed["with two"] == mirrored["both"][0]
    assert resumed["steps with one"] == 12
    assert not resumed["is left"]


def test_a_network_of_a_users_own_is_shared(mirrored):
    assert mirrored["own network"]


# -- two processes ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def both_workers(tmp_path_factory):
    folder, addresses = tmp_path_factory.mktemp("workers"), free_addresses(2)
    with running(*((on_devices.together, addresses, place, folder) for place in range(2))) as calls:
        return [call.result() for call in calls]


def test_workers_end_with_the_same_weights_and_rows(both_workers):
    chief, other = both_workers
    assert chief["weights"] == other["weights"]
    assert chief["rows"] == other["rows"]
    assert chief["n_replicas_"] == other["n_replicas_"] == 2


def test_processes_and_devices_train_alike(both_workers, mirrored):
    assert both_workers[0]["rows"] == mirrored["both"][0]


def test_workers_take_the_chiefs_seed(both_workers):
    chief, other = both_workers
    assert chief["without a seed"] == other["without a seed"] != chief["rows"]


def test_the_chief_alone_writes_files(both_workers):
    chief, other = both_workers
    assert chief["files"] == ["night.ckpt", "runs"]
    assert other["files"] == []


def test_where_one_worker_stops_all_do(both_workers):
    assert [found["steps"] for found in both_workers] == [5, 5]


def test_workers_with_other_data_are_refused(both_workers):
    for found in both_workers:
        assert found["other data"].startswith("Every worker must be given the same X, y, parameters")


def until_written(path, call):
    while not path.exists():
        if not call.process.is_alive():
            call.result()  # raises
        time.sleep(0.05)


@pytest.mark.parametrize("victim", [0, 1], ids=["chief", "other"])
def test_a_lost_worker_ends_the_others_and_the_file_remains(tmp_path, victim):
    path, addresses = tmp_path / "night.ckpt", free_addresses(2)
    with running(*((on_devices.until_lost, addresses, place, path) for place in range(2))) as calls:
        until_written(path, calls[0])
        time.sleep(0.5)
        at = time.time()
        calls[victim].kill()
        found = calls[1 - victim].result()
    assert found["error"].startswith("Another worker of this training has ended or cannot be reached")
    assert found["at"] - at < 15
    assert found["rows"] == 180
    assert found["steps"] > 1
    assert not path.exists()
