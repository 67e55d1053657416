"""HDF5 that leads elsewhere, claims what is not there, or is damaged."""

import io
import tracemalloc
import zlib

import h5py
import numpy as np
import pytest

from cnnwidget.data.load import load, read_bytes
from cnnwidget.data.reading.guards import size_limits
from cnnwidget.data.reading.guards.global_heaps import HeapCheckedFile
from cnnwidget.data.reading.readers import array_names_in_upload
from tests.damaged import DAMAGED, check_damaged_apart, check_refused
from tests.data.reading.hdf5_files import GIVEN, holding, written


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
        lambda: array_names_in_upload("a.h5", content),
    ):
        check_refused(read, "from other files or datasets, which are not followed")


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
    "huge": ("", "40,000.00 GB"),
    "two": ("", "2 arrays: ice, snow; say which one, as in 'a.h5::ice'"),
    "two shapes": ("::ice,snow", "one shape"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_refusals_are_one_sentence(kind, tmp_path):
    inside, said = REFUSED[kind]
    content = written(UNUSUAL[kind])
    (tmp_path / "a.h5").write_bytes(content)
    tracemalloc.start()
    check_refused(lambda: read_bytes(f"a.h5{inside}", content), said)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5_000_000
    check_refused(lambda: load(f"{tmp_path}/a.h5{inside}"), said if kind != "huge" else "of memory")


def test_chunks_are_held_against_memory_as_well(monkeypatch):
    """A chunk is unpacked as a whole, however little of it belongs to the array."""
    content = written(UNUSUAL["huge chunks"])
    monkeypatch.setattr(size_limits, "LARGEST_UPLOAD", 10**9)
    check_refused(lambda: read_bytes("a.h5", content), "unpacks to 3.60 GB")


def bomb(name="ice", length=10**7):
    """A dataset of a few bytes, whose only chunk is packed from many."""

    def make(file):
        dataset = file.create_dataset(name, (6, 5, 4), "f4", chunks=(6, 5, 4), compression="gzip")
        dataset.id.write_direct_chunk((0, 0, 0), zlib.compress(bytes(length)))

    return make


def test_a_chunk_is_unpacked_as_far_as_it_should_go():
    assert read_bytes("a.h5", written(bomb(length=480))).steps == 6
    check_refused(lambda: read_bytes("a.h5", written(bomb())), "more than the 484 bytes of a chunk")
    # NetCDF-4 is HDF5.
    check_refused(lambda: read_bytes("a.nc", written(bomb())), "more than the 484 bytes of a chunk")

    def twice(file):
        packing = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        packing.set_chunk((6, 5, 4))
        packing.set_deflate(1)
        packing.set_filter(h5py.h5z.FILTER_LZF, h5py.h5z.FLAG_OPTIONAL)
        space = h5py.h5s.create_simple((6, 5, 4))
        h5py.h5d.create(file.id, b"ice", h5py.h5t.IEEE_F32LE, space, packing)

    check_refused(lambda: read_bytes("a.h5", written(twice)), "packed more than once")


def test_damage_is_told(tmp_path):
    content = written(holding(ice=GIVEN))
    path = tmp_path / "a.h5"
    for damaged in (b"", b"what" * 99, content[:8], content[:100], content[: len(content) // 2]):
        path.write_bytes(damaged)
        check_refused(lambda c=damaged: read_bytes("a.h5", c), "damaged")
        check_refused(lambda: load(path), "damaged")
        check_refused(lambda c=damaged: array_names_in_upload("a.h5", c), "damaged")


def with_heap():
    """Return a file with labels of axes, which HDF5 stores in a global heap."""

    def make(file):
        holding(ice=GIVEN)(file)
        file["ice"].attrs["units"] = "m"
        file["ice"].dims[0].label = "time"

    return written(make)


def test_a_broken_heap_is_refused_as_the_library_would_not_come_back(tmp_path):
    content = with_heap()
    assert read_bytes("a.h5", content).labels.units == "m"
    heap = content.index(b"GCOL")
    for reserved in (0, 1):  # which the library does not look at
        broken = bytearray(content)
        broken[heap + 5] = reserved
        for size in (10**9, 2**64 - 16):
            broken[heap + 24 : heap + 32] = size.to_bytes(8, "little")
            (tmp_path / "a.h5").write_bytes(broken)
            for read in (
                lambda: load(tmp_path / "a.h5"),
                lambda: read_bytes("a.h5", bytes(broken)),  # noqa: B023
                lambda: read_bytes("a.h5", memoryview(bytes(broken))),  # noqa: B023
            ):
                check_refused(read, "a global heap is broken")


def test_a_heap_is_found_however_it_is_read():
    content = bytearray(with_heap())
    heap = content.index(b"GCOL")
    for pieces in (1, 2, 3, 5, 7, 4096):
        watched = HeapCheckedFile(io.BytesIO(content))
        assert b"".join(iter(lambda: watched.read(pieces), b"")) == content  # noqa: B023
    content[heap + 24 : heap + 32] = (2**64 - 16).to_bytes(8, "little")
    for pieces in (1, 2, 3, 5, 7, 4096):
        watched = HeapCheckedFile(io.BytesIO(content))
        for _ in range(2):  # the second read fails, too
            watched.seek(heap - heap % pieces)
            with pytest.raises(ValueError, match="a global heap is broken"):
                b"".join(iter(lambda: watched.read(pieces), b""))  # noqa: B023


def test_lengths_of_four_bytes_are_read(tmp_path):
    creation = h5py.h5p.create(h5py.h5p.FILE_CREATE)
    creation.set_sizes(8, 4)
    path = tmp_path / "a.h5"
    opened = h5py.h5f.create(bytes(path), h5py.h5f.ACC_TRUNC, fcpl=creation)
    with h5py.File(opened) as file:
        file["ice"] = GIVEN
        for number in range(99):
            file["ice"].attrs[f"note{number}"] = "m" * number
        file["ice"].attrs["units"] = "m"
    assert b"GCOL" in path.read_bytes()
    assert load(path).labels.units == "m"


def test_nothing_but_a_data_error_comes_out_of_a_damaged_file(tmp_path):
    def make(file):
        ice = file.create_dataset("g/ice", data=GIVEN, chunks=(2, 5, 4), compression="gzip")
        ice.attrs["units"] = "m"

    refused, read = check_damaged_apart("a.h5", written(make), tmp_path, DAMAGED)
    assert min(refused, read) > DAMAGED // 10
