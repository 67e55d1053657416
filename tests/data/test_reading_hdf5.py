"""HDF5 as h5py writes it, which leads nowhere else and claims nothing that is not there."""

import io
import os
import tracemalloc
import zlib

import h5py
import numpy as np
import pytest

from cnnwidget.data.errors import DataError
from cnnwidget.data.frames import load, read_bytes
from cnnwidget.data.reading import guarded
from cnnwidget.data.reading.sources import names_in_upload
from tests.data.damaged import apart

EXAMPLES = int(os.environ.get("CNNWIDGET_EXAMPLES", "300"))
GIVEN = np.random.default_rng(0).normal(size=(6, 5, 4)).astype("float32")


def written(make):
    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        make(file)
    return content.getvalue()


def both(content, tmp_path, inside="", **options):
    path = tmp_path / "a.h5"
    path.write_bytes(content)
    return load(f"{path}{inside}", **options), read_bytes(f"a.h5{inside}", content, **options)


def holding(**arrays):
    def make(file):
        for name, array in arrays.items():
            file[name] = array

    return make


@pytest.mark.parametrize("dtype", ["?", "i1", ">u2", "i8", "f2", ">f4", "f8"])
@pytest.mark.parametrize("options", [{}, {"chunks": (2, 5, 4), "compression": "gzip"}])
def test_what_h5py_writes_is_read(dtype, options, tmp_path):
    given = GIVEN.astype(dtype)

    def make(file):
        file.create_dataset("group/ice", data=given, **options).attrs["units"] = "m"
        file["group/lat"] = np.arange(5.0)
        file["about"] = "ice"

    content = written(make)
    assert names_in_upload("a.h5", content) == ("group/ice",)
    for frames in both(content, tmp_path):
        assert np.array_equal(frames.values[:, 0], given)
        assert frames.values.dtype == given.dtype
        assert (frames.name, frames.labels.units) == ("a.h5", "m")
        assert frames.understood.endswith("by their number")


def test_one_of_several_and_several_as_channels(tmp_path):
    content = written(holding(a=GIVEN, **{"deep/b": 2 * GIVEN.astype("f8")}))
    for inside in ("::deep/b", "::/deep/b"):
        for frames in both(content, tmp_path, inside):
            assert np.array_equal(frames.values[:, 0], 2 * GIVEN.astype("f8"))
    for frames in both(content, tmp_path, "::deep/b,a"):
        assert frames.values.shape == (6, 2, 5, 4)
        assert np.array_equal(frames.values[:, 1], GIVEN)
        assert np.array_equal(frames.values[:, 0], 2 * GIVEN.astype("f8"))
        assert frames.labels.channels == ("deep/b", "a")
        assert frames.understood == "T C H W, as the file says"


def test_labels_of_dimensions_say_the_axes(tmp_path):
    def make(file):
        file["ice"] = GIVEN
        for dimension, label in zip(file["ice"].dims, ("lat", "lon", "time"), strict=True):
            dimension.label = label

    for frames in both(written(make), tmp_path):
        assert np.array_equal(frames.values[:, 0], GIVEN.transpose(2, 0, 1))


def test_groups_within_each_other_come_to_an_end(tmp_path):
    def make(file):
        file["group/ice"] = GIVEN
        file["group/again"] = file["/"]
        file["group/soft"] = h5py.SoftLink("/group")
        file["nowhere"] = h5py.SoftLink("/what/is/not/there")

    for frames in both(written(make), tmp_path):
        assert np.array_equal(frames.values[:, 0], GIVEN)


def away(kind, folder):
    """Files whose values lie in another one."""
    target = folder / "secret.h5"

    def make(file):
        match kind:
            case "link":
                file["ice"] = h5py.ExternalLink(str(target), "ice")
            case "deep link":
                file["a/b/ice"] = h5py.ExternalLink(str(target), "ice")
            case "storage":
                file.create_dataset("ice", (6, 5, 4), "f4", external=[(str(target), 0, 480)])
            case "virtual":
                layout = h5py.VirtualLayout((6, 5, 4), "f4")
                layout[:] = h5py.VirtualSource(str(target), "ice", (6, 5, 4))
                file.create_virtual_dataset("ice", layout)

    with h5py.File(target, "w") as file:
        file["ice"] = GIVEN
    return make


@pytest.mark.parametrize("kind", ["link", "deep link", "storage", "virtual"])
def test_nothing_is_read_from_another_file(kind, tmp_path):
    content = written(away(kind, tmp_path))
    (tmp_path / "a.h5").write_bytes(content)
    for read in (
        lambda: load(tmp_path / "a.h5"),
        lambda: load(f"{tmp_path}/a.h5::ice"),
        lambda: read_bytes("a.h5", content),
        lambda: names_in_upload("a.h5", content),
    ):
        check_told(read, "from other files or datasets, which are not followed")


HUGE = {"shape": (10**6, 10**6, 10), "dtype": "f4", "chunks": (1, 1000, 10)}
HUGE_CHUNKS = {
    "shape": (6, 5, 4),
    "dtype": "f4",
    "chunks": (900, 1000, 1000),
    "maxshape": (None, None, None),
}
UNUSUAL = {
    "nothing": holding(),
    "text": holding(ice=["a", "b"]),
    "bytes": holding(ice=np.array([[b"a", b"b"]])),
    "complex": holding(ice=GIVEN.astype(complex)),
    "references": lambda file: file.create_dataset("ice", (2, 2), h5py.ref_dtype),
    "lists": lambda file: file.create_dataset("ice", (3, 2), h5py.vlen_dtype("f8")),
    "records": holding(ice=np.zeros((3, 2), [("a", "f4"), ("b", "f4")])),
    "no shape": holding(ice=h5py.Empty("f4")),
    "scalar": holding(ice=1.0),
    "no values": holding(ice=np.zeros((0, 5))),
    "one frame": holding(ice=GIVEN[:1]),
    "one axis": holding(ice=GIVEN.ravel()),
    "huge": lambda file: file.create_dataset("ice", **HUGE),
    "huge chunks": lambda file: file.create_dataset("ice", **HUGE_CHUNKS),
    "two": holding(ice=GIVEN, snow=GIVEN),
    "two shapes": holding(ice=GIVEN, snow=GIVEN[1:]),
}
REFUSED = {
    "nothing": ("", "no arrays of numbers"),
    "text": ("", "text, lists or references"),
    "bytes": ("", "bytes"),
    "complex": ("", "complex numbers"),
    "references": ("", "text, lists or references"),
    "lists": ("", "text, lists or references"),
    "records": ("", "records of named fields"),
    "no shape": ("", "it has no shape"),
    "scalar": ("", "no arrays of numbers"),
    "no values": ("", "holds no values"),
    "one frame": ("", "1 frame"),
    "one axis": ("", "one after the other"),
    "huge": ("", "40,000.0 GB"),
    "two": ("", "2 arrays: ice, snow; say which one, as in 'a.h5::ice'"),
    "two shapes": ("::ice,snow", "one shape"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_refusals_are_one_sentence(kind, tmp_path):
    inside, said = REFUSED[kind]
    content = written(UNUSUAL[kind])
    (tmp_path / "a.h5").write_bytes(content)
    tracemalloc.start()
    check_told(lambda: read_bytes(f"a.h5{inside}", content), said)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5_000_000
    check_told(lambda: load(f"{tmp_path}/a.h5{inside}"), said if kind != "huge" else "of memory")


def check_told(read, said):
    with pytest.raises(DataError) as refusal:
        read()
    told = str(refusal.value)
    assert said in told, told
    assert told.startswith("a."), told
    assert told.endswith((".", "?")), told
    assert "\n" not in told


def test_chunks_are_held_against_memory_as_well(monkeypatch):
    """A chunk is unpacked as a whole, however little of it belongs to the array."""
    content = written(UNUSUAL["huge chunks"])
    monkeypatch.setattr(guarded, "LARGEST_UPLOAD", 10**9)
    check_told(lambda: read_bytes("a.h5", content), "unpacks to 3.6 GB")


def bomb(name="ice", length=10**7):
    """A dataset of a few bytes, whose only chunk is packed from many."""

    def make(file):
        dataset = file.create_dataset(name, (6, 5, 4), "f4", chunks=(6, 5, 4), compression="gzip")
        dataset.id.write_direct_chunk((0, 0, 0), zlib.compress(bytes(length)))

    return make


def test_a_chunk_is_unpacked_as_far_as_it_should_go():
    assert read_bytes("a.h5", written(bomb(length=480))).steps == 6
    check_told(lambda: read_bytes("a.h5", written(bomb())), "more than the 484 bytes of a chunk")
    # NetCDF-4 is HDF5.
    check_told(lambda: read_bytes("a.nc", written(bomb())), "more than the 484 bytes of a chunk")

    def twice(file):
        packing = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        packing.set_chunk((6, 5, 4))
        packing.set_deflate(1)
        packing.set_filter(h5py.h5z.FILTER_LZF, h5py.h5z.FLAG_OPTIONAL)
        space = h5py.h5s.create_simple((6, 5, 4))
        h5py.h5d.create(file.id, b"ice", h5py.h5t.IEEE_F32LE, space, packing)

    check_told(lambda: read_bytes("a.h5", written(twice)), "packed more than once")


@pytest.mark.parametrize(
    "options",
    [
        {"compression": "gzip", "shuffle": True, "fletcher32": True},
        {"compression": "lzf"},
        {"compression": "gzip", "chunks": (4, 4, 4)},
        {"scaleoffset": 0, "compression": "gzip"},
    ],
)
def test_usual_ways_to_pack_are_read(options, tmp_path):
    given = np.arange(120, dtype="i4").reshape(6, 5, 4)
    content = written(lambda file: file.create_dataset("ice", data=given, **options))
    for frames in both(content, tmp_path):
        assert np.array_equal(frames.values[:, 0], given)


def test_damage_is_told(tmp_path):
    content = written(holding(ice=GIVEN))
    path = tmp_path / "a.h5"
    for damaged in (b"", b"what" * 99, content[:8], content[:100], content[: len(content) // 2]):
        path.write_bytes(damaged)
        check_told(lambda c=damaged: read_bytes("a.h5", c), "damaged")
        check_told(lambda: load(path), "damaged")
        check_told(lambda c=damaged: names_in_upload("a.h5", c), "damaged")


def test_a_name_that_is_not_there_comes_with_a_hint():
    content = written(holding(ice=GIVEN))
    check_told(
        lambda: read_bytes("a.h5::icy", content),
        "holds ice, but not 'icy'.",
    )
    check_told(lambda: read_bytes("a.h5::ices", content), "did you mean 'ice'?")


def test_a_broken_heap_is_refused_as_the_library_would_not_come_back():
    content = written(lambda file: holding(ice=GIVEN)(file) or file.__setitem__("n", ["a", "b"]))
    assert read_bytes("a.h5", content).steps == 6
    heap = content.index(b"GCOL")
    broken = bytearray(content)
    broken[heap + 24 : heap + 32] = (10**9).to_bytes(8, "little")
    check_told(lambda: read_bytes("a.h5", bytes(broken)), "a global heap is broken")
    check_told(lambda: read_bytes("a.h5", memoryview(bytes(broken))), "a global heap is broken")


def test_nothing_but_a_data_error_comes_out_of_a_damaged_file(tmp_path):
    def make(file):
        ice = file.create_dataset("g/ice", data=GIVEN, chunks=(2, 5, 4), compression="gzip")
        ice.attrs["units"] = "m"

    path = tmp_path / "a.h5"
    path.write_bytes(written(make))
    refused, read = apart("a.h5", path, EXAMPLES)
    assert min(refused, read) > EXAMPLES // 10
