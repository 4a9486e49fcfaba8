"""Files that were damaged or made to do harm: our own error, soon, in little memory, and nothing is run or written."""

import contextlib
import copy
import dataclasses
import io
import json
import os
import struct
import time
import tracemalloc
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gan_oversampler import FileFormatError, GANOverSampler
from gan_oversampler._deformation.deformations import AffineDeformation, Tone
from gan_oversampler._deformation.warp import DeformationBasis
from gan_oversampler._saved.values import to_json

from .conftest import TINY
from .processes import Call
from .test_any_input import small_generator

pytestmark = pytest.mark.filterwarnings("ignore:The parameters .* were not saved:UserWarning")

SECONDS = 1.0
MEBIBYTES = 128
HOSTILE = [
    *(None, True, False, 0, -1, 1, 3, 10**9, 10**12, 2**70, -(2**70), 0.5, 1e308, float("nan"), float("inf")),
    *("", "x", "x" * 100_000, "../../etc/passwd", "O", "S1000000000", "(1000,1000)f8", "f8,f8", "datetime64[s]"),
    *([], {}, [[]], [10**9] * 3, {"dict": [[1, 2]]}, {"unsaved": "os.system"}, {"array": "a0"}, {"array": "a999"}),
    {"class_name": "Lambda", "module": "keras.layers", "config": {}},
]


def mixed(X, y):
    """A table of columns of all kinds."""
    rng = np.random.default_rng(0)
    whole, code = rng.integers(0, 9, (2, len(X)))
    X = np.where(rng.random(X.shape) < 0.1, np.nan, X)
    frame = pd.DataFrame(X, columns=list("abcde")).assign(whole=whole, flag=whole > 4, word=code.astype(str))
    frame["kind"], frame["again"] = pd.Categorical(code), 2.0 * whole
    frame["left"], frame["right"] = (whole % 2).astype(float), (1 - whole % 2).astype(float)
    return frame, y


@pytest.fixture(scope="module")
def files(digits, table, tmp_path_factory):
    """Good files of every kind, by name: their members."""
    folder = tmp_path_factory.mktemp("good")
    few = (table[0], np.arange(120) < 5)
    fits = {
        "images": (GANOverSampler(generator=small_generator, random_state=0, **TINY), digits),
        "table": (GANOverSampler(random_state=0, **TINY), table),
        "rows": (GANOverSampler(random_state=0, **TINY), few),
        "mixed": (GANOverSampler(random_state=0, **TINY), mixed(*table)),
        "mixed rows": (GANOverSampler(random_state=0, **TINY), mixed(*few)),
    }
    for name, (sampler, data) in fits.items():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            sampler.fit_resample(*data)
        sampler.save(folder / name)
        if name == "images":
            model = sampler.models_[3]
            parts = model.deformation.with_parts(("left-right", "quarter turn"), Tone(0.4, 0.1))
            sampler.models_[3] = dataclasses.replace(model, deformation=parts)
            sampler.save(folder / "images with parts")
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def members_of(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(members, compression=zipfile.ZIP_STORED):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in members.items() if isinstance(members, dict) else members:
            archive.writestr(name, content)
    return buffer.getvalue()


# -- what may be done to a file ---------------------------------------------------------------------------


def cut(content, rng):
    return content[: rng.integers(len(content))]


def flip(content, rng):
    damaged = bytearray(content)
    for place in rng.integers(len(damaged), size=rng.integers(1, 9)):
        damaged[place] ^= 1 << rng.integers(8)
    return bytes(damaged)


def flip_the_directory(content, rng):
    """Flips in the last bytes, where a zip says what it holds."""
    return content[:-200] + flip(content[-200:], rng)


def insert(content, rng):
    place = rng.integers(len(content))
    return content[:place] + rng.bytes(rng.integers(1, 100)) + content[place:]


def repeat(content, rng):
    start, end = np.sort(rng.integers(len(content), size=2))
    return content[:end] + content[start:]


def flip_arrays(content, rng):
    """Flips inside the npz, whose checksum outside is right again."""
    members = members_of(content)
    members["arrays.npz"] = rng.choice([flip, cut, insert, flip_the_directory])(members["arrays.npz"], rng)
    return zipped(members)


def flip_headers(content, rng):
    """Flips in the header of an array, every checksum right again."""
    members = members_of(content)
    arrays = members_of(members["arrays.npz"])
    name = rng.choice(list(arrays))
    arrays[name] = flip(arrays[name][:128], rng) + arrays[name][128:]
    members["arrays.npz"] = zipped(arrays)
    return zipped(members)


def places(node, path=()):
    """Every place in a JSON tree."""
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in items:
        yield (*path, key)
        yield from places(child, (*path, key))


def change_json(content, rng):
    """One value of the description replaced or taken away."""
    members = members_of(content)
    described = json.loads(members["sampler.json"])
    every = list(places(described))
    for _ in range(rng.integers(1, 3)):
        *path, key = every[rng.integers(len(every))]
        parent = described
        try:
            for step in path:
                parent = parent[step]
            if rng.random() < 0.2:
                del parent[key]
            else:
                parent[key] = copy.deepcopy(HOSTILE[rng.integers(len(HOSTILE))])
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change took the place away
    members["sampler.json"] = json.dumps(described).encode()
    return zipped(members)


def exchange_arrays(content, rng):
    """An array of another shape or dtype in place of one."""
    members = members_of(content)
    arrays = members_of(members["arrays.npz"])
    buffer = io.BytesIO()
    shape = tuple(rng.integers(0, 5, rng.integers(0, 4)))
    with np.errstate(invalid="ignore"):
        array = np.full(shape, rng.choice([0, np.nan, 1e30])).astype(rng.choice(["f4", "f8", "i8", "u1", "c8"]))
    np.save(buffer, array)
    arrays[rng.choice(list(arrays))] = buffer.getvalue()
    members["arrays.npz"] = zipped(arrays)
    return zipped(members)


CHANGES = [cut, flip, flip_the_directory, insert, repeat, flip_arrays, flip_headers, change_json, change_json]
CHANGES += [change_json, exchange_arrays]


# -- the law ----------------------------------------------------------------------------------------------


def load(path):
    """Load within a second of processor time; None where our own error came."""
    start = time.process_time()
    try:
        return GANOverSampler.load(path)
    except FileFormatError as error:
        check_sentence(error)
        return None
    finally:
        assert time.process_time() - start < SECONDS


def check_memory(path):
    """Load again, for the memory it takes at its peak: to trace that makes it several times slower."""
    tracemalloc.start()
    with contextlib.suppress(FileFormatError):
        GANOverSampler.load(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < MEBIBYTES * 2**20 + 3 * path.stat().st_size


def check_sentence(error):
    assert "\n" not in str(error)
    assert len(str(error)) < 700


def draw(sampler):
    """Draw from what could be loaded: rows, or our own error."""
    for label in sampler.models_:
        try:
            rows = sampler.sample(3, label)
        except FileFormatError as error:
            check_sentence(error)
        else:
            assert len(rows) == 3


def check_changed_files(files, n, path, seed):
    rng = np.random.default_rng(seed)
    names = list(files)
    n_loaded = 0
    for _ in range(n):
        change = CHANGES[rng.integers(len(CHANGES))]
        path.write_bytes(change(files[names[rng.integers(len(names))]], rng))
        check_memory(path)
        sampler = load(path)
        if sampler is not None:
            draw(sampler)
            n_loaded += 1
    return n_loaded


def test_good_files_load(files, tmp_path):
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
        draw(load(tmp_path / name))


def test_a_hundred_changed_files(files, tmp_path):
    check_changed_files(files, 100, tmp_path / "changed", seed=0)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_thousand_changed_files(files, tmp_path):
    n_loaded = check_changed_files(files, 1000, tmp_path / "changed", seed=1)
    assert n_loaded < 500


# -- bombs ------------------------------------------------------------------------------------------------


def with_json(files, change, name="images"):
    members = members_of(files[name])
    described = json.loads(members["sampler.json"])
    change(described)
    return zipped({**members, "sampler.json": json.dumps(described).encode()})


def layers_of(described):
    return described["models"][0][1]["source"]["architecture"]["config"]["layers"]


def set_units(described, units=10**9):
    for layer in layers_of(described):
        if layer["class_name"] == "Dense":
            layer["config"]["units"] = units


def add_layers(described):
    layers_of(described)[1:1] = [layers_of(described)[1]] * 2000


def add_upsampling(described):
    source = described["models"][0][1]["source"]
    size = {"size": [10**5, 10**5], "data_format": "channels_last", "interpolation": "nearest", "name": "u"}
    layer = {"module": "keras.layers", "class_name": "UpSampling2D", "config": size, "registered_name": None}
    source["architecture"]["config"]["layers"].insert(-1, layer)


def npy_of(shape, dtype="<f8", version=b"\x01\x00"):
    """An npy that declares a shape, and no values."""
    header = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}".encode()
    header += b" " * (-(len(header) + 11) % 64) + b"\n"
    return b"\x93NUMPY" + version + struct.pack("<H", len(header)) + header


def with_array(files, content, compression=zipfile.ZIP_STORED):
    members = members_of(files["table"])
    arrays = members_of(members["arrays.npz"])
    arrays["a0.npy"] = content
    return zipped({**members, "arrays.npz": zipped(arrays, compression)})


def overlapping(files):
    """Ten thousand members that share the bytes of one."""
    buffer = io.BytesIO()
    array = io.BytesIO()
    np.save(array, np.zeros(10**5))
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a0.npy", array.getvalue())
        first = archive.getinfo("a0.npy")
        for i in range(1, 10_000):
            twin = copy.copy(first)
            twin.filename = f"a{i}.npy"
            archive.filelist.append(twin)
        archive._didModify = True
    return zipped({**members_of(files["table"]), "arrays.npz": buffer.getvalue()})


def declared(files, size):
    """The size of a member, as the directory declares it, changed."""
    content = bytearray(files["table"])
    place = content.rindex(b"PK\x01\x02")
    content[place + 20 : place + 28] = struct.pack("<II", size, size)
    return bytes(content)


BOMBS = {
    "zeros, compressed": lambda f: zipped({**members_of(f["table"]), "arrays.npz": bytes(2**28)}, zipfile.ZIP_DEFLATED),
    "JSON of zeros, compressed": lambda f: zipped(
        {**members_of(f["table"]), "sampler.json": b" " * 2**28}, zipfile.ZIP_DEFLATED
    ),
    "arrays, compressed": lambda f: with_array(f, npy_of((2**25,)) + bytes(2**28), zipfile.ZIP_DEFLATED),
    "declared 4 GiB": lambda f: declared(f, 0xFFFFFFF0),
    "declared nothing": lambda f: declared(f, 0),
    "array of 10**15": lambda f: with_array(f, npy_of((10**15,))),
    "array of 10**9 x 10**9 x 0": lambda f: with_array(f, npy_of((10**9, 10**9, 0))),
    "array of a negative size": lambda f: with_array(f, npy_of((-1, 5))),
    "array of many dimensions": lambda f: with_array(f, npy_of((1,) * 100)),
    "array of long strings": lambda f: with_array(f, npy_of((), "<U1000000000")),
    "array of objects": lambda f: with_array(f, npy_of((1,), "|O")),
    "array of another version": lambda f: with_array(f, npy_of((1,), version=b"\x02\x00")),
    "array header of nested brackets": lambda f: with_array(f, npy_of("(" * 9000)),
    "overlapping members": overlapping,
    "nested JSON": lambda f: zipped({**members_of(f["table"]), "sampler.json": b"[" * 10**6}),
    "nested architecture": lambda f: zipped(
        {
            **members_of(f["table"]),
            "sampler.json": members_of(f["table"])["sampler.json"].replace(
                b'"architecture": {', b'"architecture": {"deep": ' + b'{"a": ' * 5000 + b"1" + b"}" * 5000 + b", ", 1
            ),
        }
    ),
    "long number": lambda f: zipped({**members_of(f["table"]), "sampler.json": b"9" * 10**6}),
    "long JSON": lambda f: zipped({**members_of(f["table"]), "sampler.json": b"[" + b"{}," * 3 * 10**6 + b"{}]"}),
    "10**9 units": lambda f: with_json(f, set_units),
    "10**9 units in the table": lambda f: with_json(f, set_units, "table"),
    "negative units": lambda f: with_json(f, lambda d: set_units(d, -5)),
    "layer of a wrong name": lambda f: with_json(f, lambda d: layers_of(d)[1]["config"].update(name="[...]")),
    "2000 layers": lambda f: with_json(f, add_layers),
    "10**5-fold image": lambda f: with_json(f, add_upsampling),
    "10**12 rows": lambda f: with_json(f, lambda d: d.update(n_rows=10**12)),
    "10**12 features": lambda f: with_json(f, lambda d: d["row_format"].update(row_shape=[10**12])),
    "labels of 4 GB": lambda f: with_json(f, lambda d: d["classes"].update(dtype="<U1000000000")),
    "10**12 noise": lambda f: with_json(f, lambda d: d["models"][0][1]["source"].update(latent_dim=10**12)),
    "10**6 noise": lambda f: with_json(f, lambda d: d["models"][0][1]["source"].update(latent_dim=10**6)),
    "grid of 10**6": lambda f: with_json(
        f, lambda d: d["models"][0][1]["deformation"].update(grid={"list": [10**6, 10**6]})
    ),
    "a third member": lambda f: zipped({**members_of(f["table"]), "more": b""}),
    "the same member twice": lambda f: zipped([*members_of(f["table"]).items(), ("sampler.json", b"{}")]),
    "path traversal": lambda f: zipped({**members_of(f["table"]), "../../escaped": b"escaped"}),
    "absolute path": lambda f: zipped({"/tmp/escaped": b"escaped", "arrays.npz": b""}),
    "traversing array": lambda f: zipped(
        {
            **members_of(f["table"]),
            "arrays.npz": zipped(
                {**members_of(members_of(f["table"])["arrays.npz"]), "../../escaped.npy": npy_of((0,))}
            ),
        }
    ),
}


@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")
@pytest.mark.parametrize("bomb", BOMBS)
def test_bombs_do_not_go_off(files, tmp_path, bomb):
    folder = tmp_path / "deep" / "deeper"
    folder.mkdir(parents=True)
    path = folder / "bomb"
    path.write_bytes(BOMBS[bomb](files))
    check_memory(path)
    sampler = load(path)
    if sampler is not None and bomb != "traversing array":
        for label in sampler.models_:
            with pytest.raises(FileFormatError):
                sampler.sample(3, label)
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == [path]
    assert not Path("/tmp/escaped").exists()


# -- names that would choose code ---------------------------------------------------------------------------


def as_polars(described, name):
    """The form of X as that of a DataFrame of polars, whose first column has a type of this name."""
    names = list("abcde")
    described["row_format"].update(
        kind="other dataframe", dtypes=[name, *["Float64"] * 4], template={"names": names, "backend": "polars"}
    )


def set_dtype(described, name):
    described["row_format"]["dtypes"][0] = name


NAMES = {
    "a function of polars": ("table", lambda d: as_polars(d, "show_versions")),
    "a class of polars": ("table", lambda d: as_polars(d, "DataFrame")),
    "a type with a unit": ("table", lambda d: as_polars(d, "Duration")),
    "a type that packages register with pandas": ("mixed", lambda d: set_dtype(d, "period[D]")),
    "a time zone of pandas, which is a path": ("mixed", lambda d: set_dtype(d, "datetime64[ns, dateutil//etc/passwd]")),
    "a sparse type of objects": ("mixed", lambda d: set_dtype(d, "Sparse[object, nan]")),
    "no name at all": ("mixed", lambda d: set_dtype(d, ["f8"])),
    "an array of records": ("table", lambda d: set_dtype(d, "f8,f8")),
    "what new rows wait in": ("table", lambda d: d["row_format"].update(storage_dtype="datetime64[s]")),
    "known values": ("mixed", lambda d: next(iter(d["row_format"]["codings"].values())).update(dtype="S8")),
    "labels": ("table", lambda d: d["classes"].update(dtype={"names": ["a"], "formats": ["f8"]})),
}


@pytest.mark.parametrize("place", NAMES)
def test_types_are_looked_up_in_a_list_of_ours(files, tmp_path, capsys, place):
    name, change = NAMES[place]
    (tmp_path / "named").write_bytes(with_json(files, change, name))
    with pytest.raises(FileFormatError, match="It names a data type") as error:
        GANOverSampler.load(tmp_path / "named")
    check_sentence(error.value)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("module", ["keras.src.backend.torch", "keras.src.layers", "keras.saving", ["keras"]])
def test_no_module_of_keras_is_imported_by_its_name(files, tmp_path, module):
    change = lambda described: layers_of(described)[1].update(module=module)  # noqa: E731
    (tmp_path / "named").write_bytes(with_json(files, change))
    with pytest.raises(FileFormatError, match="not among the plain Keras layers"):
        GANOverSampler.load(tmp_path / "named")


# -- just below the limits --------------------------------------------------------------------------------

GIBIBYTE = 2**30


def with_network(files, layers, latent_dim=8):
    """A file of images whose generator is made of these layers."""
    import keras

    network = keras.Sequential([keras.Input((latent_dim,)), *layers])
    members = members_of(files["images"])
    arrays, described = members_of(members["arrays.npz"]), json.loads(members["sampler.json"])
    model, shape = described["models"][0][1], network.output_shape[1:]
    for name, array in {"shape": np.array(shape), **{f"w{i}": w for i, w in enumerate(network.get_weights())}}.items():
        buffer = io.BytesIO()
        np.save(buffer, array)
        arrays[f"{name}.npy"] = buffer.getvalue()
    weights = [f"w{i}" for i in range(len(network.weights))]
    architecture = json.loads(network.to_json())
    model.update(deformation=None, label_filter=None, real=None, real_share=0.0)
    model["source"].update(architecture=architecture, weights=weights, latent_dim=latent_dim)
    model["codec"]["shape"] = {"array": "shape"}
    described.update(image_shape=list(shape), training=[], quality=[], history=[])
    described["row_format"]["row_shape"] = list(shape)
    return zipped({"sampler.json": json.dumps(described).encode(), "arrays.npz": zipped(arrays)})


def a_pixel_enlarged(side):
    from keras import layers

    return [layers.Dense(1), layers.Reshape((1, 1, 1)), layers.UpSampling2D(side, data_format="channels_last")]


def reduced(*before, by):
    from keras import layers

    return [*before, layers.AveragePooling2D(by, data_format="channels_last")]


def transposed(kernel):
    from keras import layers

    wide = layers.Conv2DTranspose(1, kernel, padding="same", data_format="channels_last")
    return [layers.Dense(256), layers.Reshape((16, 16, 1)), wide]


def json_of(files, n_bytes):
    """A description as long as may be, of the smallest objects."""
    members = members_of(files["table"])
    start = members["sampler.json"].removesuffix(b"}") + b', "more": [{}'
    smallest = b",{}" * ((n_bytes - len(start) - 2) // 3)
    return zipped({**members, "sampler.json": start + smallest + b"]}"})


def wide_field(files, side, nodes):
    """A small network of large images, deformed by as fine a grid as may be."""
    members = members_of(with_network(files, a_pixel_enlarged(side)))
    described = json.loads(members["sampler.json"])
    state = AffineDeformation(DeformationBasis(side, side, (nodes, nodes))).get_state()
    described["models"][0][1]["deformation"] = {name: to_json(value) for name, value in state.items()}
    return zipped({**members, "sampler.json": json.dumps(described).encode()})


BELOW = {
    "a layer of 5000 x 5000 pixels": lambda f: with_network(f, reduced(*a_pixel_enlarged(5000), by=625)),
    "images of 2000 x 2000 pixels": lambda f: with_network(f, a_pixel_enlarged(2000)),
    "a kernel of 127 x 127": lambda f: with_network(f, transposed(127)),
    "JSON of 4 MiB": lambda f: json_of(f, 4 * 2**20),
    "a grid on 700 x 700 pixels": lambda f: wide_field(f, 700, 8),
}
LIGHT = ["a kernel of 127 x 127", "JSON of 4 MiB"]
"""Those that are made and read in a second; all take half a minute."""


def resident(kind):
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith(kind))


def bytes_to_draw(paths):
    """Of each file, the peak of memory while a row is drawn; called in a process of its own."""
    import tensorflow as tf

    tf.linalg.matmul(tf.ones((99, 99)), tf.ones((99, 99)))
    peaks = []
    for path in paths:
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")
        before = resident("VmRSS")
        sampler = GANOverSampler.load(path)
        assert len(sampler.sample(1, next(iter(sampler.models_)))) == 1
        peaks.append(resident("VmHWM") - before)
    return peaks


@pytest.mark.skipif(not os.access("/proc/self/clear_refs", os.W_OK), reason="needs Linux to reset the peak of memory")
@pytest.mark.parametrize("names", [LIGHT, pytest.param(list(BELOW), marks=pytest.mark.slow)], ids=["two", "all"])
def test_just_below_the_limits_drawing_takes_a_gibibyte_at_the_most(files, tmp_path, names):
    for i, name in enumerate(names):
        (tmp_path / str(i)).write_bytes(BELOW[name](files))
    peaks = Call(bytes_to_draw, [tmp_path / str(i) for i in range(len(names))]).result()
    assert {name: peak < GIBIBYTE for name, peak in zip(names, peaks, strict=True)} == dict.fromkeys(names, True)


ABOVE = {
    "a layer of 16000 x 16000 pixels": lambda f: with_network(f, reduced(*a_pixel_enlarged(16_000), by=2000)),
    "a kernel of 1023 x 1023": lambda f: with_network(f, transposed(1023)),
    "images of 2**22 pixels and more": lambda f: with_network(f, a_pixel_enlarged(2049)),
    "a grid on 2000 x 2000 pixels": lambda f: wide_field(f, 2000, 15),
}


@pytest.mark.parametrize("name", ABOVE)
def test_above_the_limits_nothing_is_drawn(files, tmp_path, name):
    (tmp_path / "bomb").write_bytes(ABOVE[name](files))
    with pytest.raises(FileFormatError) as error:
        GANOverSampler.load(tmp_path / "bomb").sample(1, 3)
    check_sentence(error.value)
