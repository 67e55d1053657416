"""Files that cannot be trusted: nothing but DataError comes out, and nothing large goes in."""

import io
import struct
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest

from cnnwidget.data.data_error import DataError
from cnnwidget.data.load import load, read_bytes
from cnnwidget.data.reading.arrays import numpy_files
from cnnwidget.data.reading.guards import size_limits
from cnnwidget.data.reading.readers import array_names_in_upload as members
from tests.damaged import DAMAGED, check_damaged

GIVEN = np.arange(60, dtype="float32").reshape(5, 3, 4)


def saved(*, array=GIVEN, save=np.save, **options):
    file = io.BytesIO()
    save(file, array, **options)
    return file.getvalue()


def claiming(shape, descr="<f4", values=b"\0" * 64):
    """A .npy file that says of itself what it likes."""
    header = f"{{'descr': {descr!r}, 'fortran_order': False, 'shape': {shape}, }}".encode()
    header += b" " * (63 - (10 + len(header)) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + values


def packed(content, *, name="a.npy", method=zipfile.ZIP_DEFLATED):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        archive.writestr(name, content)
    return file.getvalue()


REFUSED = {
    "empty": ("a.npy", b"", "damaged"),
    "garbage": ("a.npy", b"what" * 99, "damaged"),
    "an archive by the wrong name": ("a.npy", saved(save=np.savez), "damaged"),
    "an array by the wrong name": ("a.npz", saved(), "damaged"),
    "cut off": ("a.npy", saved()[:-1], "is cut off"),
    "cut in the header": ("a.npy", saved()[:40], "damaged"),
    "pickled": ("a.npy", saved(array=np.array([[1, None]], object)), "pickled"),
    "pickled in an archive": (
        "a.npz",
        saved(array=np.array([[1, None]], object), save=np.savez),
        "pickled",
    ),
    "huge": ("a.npy", claiming((10**6, 10**6, 10**6)), "is cut off"),
    "beyond counting": ("a.npy", claiming((10**30, 10**30)), "is cut off"),
    "huge in an archive": ("a.npz", packed(claiming((10**6, 10**6))), "is cut off"),
    "negative": ("a.npy", claiming((-4, -4)), "holds no values"),
    "no values": ("a.npy", claiming((0, 4)), "holds no values"),
    "one axis": ("a.npy", claiming((16,)), "one after the other"),
    "no axis": ("a.npy", claiming(()), "no axes"),
    "records": ("a.npy", claiming((2, 2), [("a", "<f4"), ("b", "<f4")]), "named fields"),
    "no bytes each": ("a.npy", claiming((4, 4), "|V0"), "records"),
    "text": ("a.npy", claiming((2, 2), "<U1"), "text"),
    "no arrays": ("a.npz", packed(b"hello", name="a.txt"), "no arrays"),
    "no such array": ("a.npz::b", packed(saved()), "holds a, but not 'b'"),
    "packed otherwise": ("a.npz", packed(saved(), method=zipfile.ZIP_BZIP2), "numpy does not"),
    "unknown ending": ("a.doc", b"1,2", "ends in .doc"),
    "no ending": ("ice", b"", "has no ending"),
    "no name": ("", b"", "A file without a name has no ending"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refusals_are_one_sentence(case):
    name, content, said = REFUSED[case]
    tracemalloc.start()
    with pytest.raises(DataError) as refusal:
        read_bytes(name, content)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert said in str(refusal.value)
    assert str(refusal.value).startswith(name.partition("::")[0])
    assert str(refusal.value).endswith(".")
    assert "\n" not in str(refusal.value)
    assert peak < 5_000_000


FILES = [case for case, (name, *_) in REFUSED.items() if name and "::" not in name]


@pytest.mark.parametrize("case", FILES)
def test_files_are_refused_as_uploads_are(case, tmp_path):
    name, content, said = REFUSED[case]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError) as refusal:
        load(tmp_path / name)
    assert said in str(refusal.value)


def test_what_is_not_there_is_refused(tmp_path):
    (tmp_path / "folder.npy").mkdir()
    for name in ("none.npy", "none.npz", "zero\0.npy"):
        with pytest.raises(DataError, match=r"cannot be opened: no such file or directory; check"):
            load(f"{tmp_path}/{name}")
    for folder in (tmp_path, f"{tmp_path}/folder.npy", ".", "/", "~"):
        with pytest.raises(DataError, match=r"holds no pictures|cannot be opened: is a directory"):
            load(folder)
    for nothing in ("", "  ", "''", '""'):
        with pytest.raises(DataError, match=r"^The path is empty; give"):
            load(nothing)


@pytest.mark.parametrize("typed", ["{} ", " {}\n", "'{}'", '"{}"', " '{}' "])
def test_what_surrounds_a_path_is_not_of_it(typed, tmp_path, monkeypatch):
    np.save(tmp_path / "ice.npy", GIVEN)
    np.savez(tmp_path / "two.npz", a=GIVEN, b=GIVEN)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    for folder in (tmp_path, "~"):
        frames = load(typed.format(f"{folder}/ice.npy"))
        assert (frames.name, frames.steps) == ("ice.npy", 5)
        assert load(typed.format(f"{folder}/two.npz::b")).name == "two.npz::b"


def test_a_path_object_is_taken_literally(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in (" ice.npy", "'ice.npy"):
        np.save(name, GIVEN)
        assert load(Path(name)).name == name
    with pytest.raises(DataError, match=r"^ice\.npy cannot be opened"):
        load(" ice.npy")
    with pytest.raises(DataError, match=r"^ice\.npy' ends in \.npy'"):
        load("ice.npy'")


def test_an_array_of_an_upload_with_several():
    two = saved(array=GIVEN, save=lambda file, array: np.savez(file, a=array, b=array[1:]))
    one = saved(save=np.savez)
    assert members("two.npz", two) == members("two.npz::b", two) == ("a", "b")
    assert members("one.npz", one) == ("arr_0",)
    assert members("ice.npy", saved()) == ()
    for frames in (
        read_bytes("two.npz", two, variable="b"),
        read_bytes("two.npz::b", two),
        read_bytes("two.npz::a", two, variable="b"),
    ):
        assert np.array_equal(frames.values[:, 0], GIVEN[1:])
        assert frames.name == "two.npz::b"
    with pytest.raises(DataError, match=r"holds 2 arrays: a, b; say which one, .*'two.npz::a'"):
        read_bytes("two.npz", two)
    with pytest.raises(DataError, match=r"holds a, b, but not 'c'\.$"):
        read_bytes("two.npz", two, variable="c")
    with pytest.raises(DataError, match="variable is 3, but must be a name"):
        read_bytes("two.npz", two, variable=3)
    with pytest.raises(DataError, match=r"holds arr_0, but not 'arr'; did you mean 'arr_0'\?$"):
        read_bytes("one.npz::arr", one)
    with pytest.raises(
        DataError, match=r"^ice\.npy holds one array, without .*; leave variable out\.$"
    ):
        read_bytes("ice.npy", saved(), variable="a")


def test_the_axes_of_an_upload():
    frames = read_bytes("ice.npy", saved(), axes="H W T")
    assert frames.values.shape == (4, 1, 5, 3)
    assert read_bytes("a.npz", saved(save=np.savez), axes="T C L", variable="arr_0").channels == 3
    with pytest.raises(DataError, match=r"ice\.npy: axes is 'H W'"):
        read_bytes("ice.npy", saved(), axes="H W")


@pytest.mark.parametrize("case", ["an array by the wrong name", "no arrays", "unknown ending"])
def test_names_are_asked_of_what_can_be_trusted_only(case):
    name, content, said = REFUSED[case]
    with pytest.raises(DataError, match=said):
        members(name, content)


def test_what_there_is_no_room_for_is_mapped(tmp_path, monkeypatch):
    np.save(tmp_path / "ice.npy", GIVEN)
    assert load(tmp_path / "ice.npy").values.base is not None
    monkeypatch.setattr(numpy_files, "memory_left", lambda: 100)
    frames = load(tmp_path / "ice.npy")
    base = frames.values
    while not isinstance(base, np.memmap):
        base = base.base
    assert np.array_equal(frames.values[:, 0], GIVEN)


def test_what_masked_arrays_of_a_list_hide_is_missing():
    hidden = [np.ma.masked_equal(each, 7) for each in GIVEN.astype("i2")]
    frames = load(hidden)
    assert frames.missing_values == 1
    assert np.array_equal(frames.values[:, 0], np.where(GIVEN == 7, np.nan, GIVEN), equal_nan=True)


def test_a_bomb_is_refused_before_it_goes_off(monkeypatch):
    """An archive whose contents are larger than allowed, and one that lies about its contents."""
    bomb = packed(claiming((1000, 1000), values=b"\0" * 4_000_000))
    assert len(bomb) < 10_000
    assert read_bytes("a.npz", bomb).steps == 1000
    monkeypatch.setattr(size_limits, "LARGEST_UPLOAD", 3_000_000)
    with pytest.raises(DataError, match=r"unpacks to 4\.0 MB, but 3\.0 MB"):
        read_bytes("a.npz", bomb)


def test_an_archive_that_claims_too_much_is_refused():
    honest = packed(claiming((1000, 1000)))
    entry = honest.index(b"PK\x01\x02")
    lying = honest[: entry + 24] + struct.pack("<I", 3 * 10**9) + honest[entry + 28 :]
    with pytest.raises(DataError, match="claims to unpack to 3,000,000,000 bytes"):
        read_bytes("a.npz", lying)


def test_whatever_numpy_writes_is_read():
    for dtype in ["?", "i1", ">u2", "i8", "f2", ">f4", "f8", ">f8"]:
        for order in "CF":
            given = np.asarray(GIVEN, dtype, order=order)
            for save, name in (
                (np.save, "a.npy"),
                (np.savez, "a.npz"),
                (np.savez_compressed, "a.npz"),
            ):
                frames = read_bytes(name, saved(array=given, save=save))
                assert frames.values.dtype == given.dtype
                assert np.array_equal(frames.values[:, 0], given)


@pytest.mark.parametrize(
    ("name", "save"), [("a.npy", np.save), ("a.npz", np.savez), ("a.npz", np.savez_compressed)]
)
def test_nothing_but_a_data_error_comes_out_of_a_damaged_file(name, save, tmp_path):
    content = saved(save=save)
    refused, _ = check_damaged(name, content, tmp_path, DAMAGED)
    assert refused > DAMAGED // 4
