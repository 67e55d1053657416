"""Frames: any source, any dtype, no copies, and refusals in one sentence."""

from pathlib import Path

import numpy as np
import pytest
import torch
import xarray as xr

from cnnwidget.data.data_error import DataError
from cnnwidget.data.frames import Frames
from cnnwidget.data.load import load, read_bytes
from cnnwidget.data.reading.arrays import numpy_files

DTYPES = [*"?bBhHiIlLefd", ">f2", ">f4", ">f8", ">i4", "<u2"]


def numbers(*shape, dtype="float32"):
    return np.random.default_rng(0).integers(0, 2, shape).astype(dtype)


@pytest.mark.parametrize("dtype", DTYPES)
def test_every_real_dtype_is_a_view(dtype):
    given = numbers(7, 2, 4, 5, dtype=dtype)
    frames = load(given)
    assert np.shares_memory(frames.values, given)
    assert frames.values.dtype == given.dtype
    assert np.array_equal(frames.values, given)
    assert frames.has_channels


LAYOUTS = {
    "reversed": lambda a: a[::-1],
    "mirrored": lambda a: a[..., ::-1],
    "every other": lambda a: a[::2],
    "fortran": np.asfortranarray,
    "broadcast": lambda a: np.broadcast_to(a[:1], a.shape),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_is_a_view(layout):
    given = LAYOUTS[layout](numbers(8, 4, 5))
    given.flags.writeable = False
    frames = load(given)
    assert np.shares_memory(frames.values, given)
    assert np.array_equal(frames.values[:, 0], given)


def test_the_view_does_not_let_itself_be_written_to():
    given = numbers(4, 4)
    frames = load(given)
    with pytest.raises(ValueError, match="read-only"):
        frames.values[0] = 1
    assert given.flags.writeable


@pytest.mark.parametrize(
    ("shape", "axes", "understood", "has_channels"),
    [
        ((9, 5), None, (9, 1, 5), False),
        ((9, 5, 6), None, (9, 1, 5, 6), False),
        ((9, 2, 5, 6), None, (9, 2, 5, 6), True),
        ((9, 2, 5), "T C L", (9, 2, 5), True),
        ((9, 4, 5, 6), "tdhw", (9, 1, 4, 5, 6), False),
        ((9, 2, 4, 5, 6), "T C D H W", (9, 2, 4, 5, 6), True),
        ((6, 5, 9), "W H T", (9, 1, 5, 6), False),
        ((5, 6, 2, 9), " h W c T", (9, 2, 5, 6), True),
    ],
)
def test_axes_are_brought_into_order(shape, axes, understood, has_channels):
    given = numbers(*shape)
    frames = load(given, axes=axes)
    assert frames.values.shape == understood
    assert frames.has_channels is has_channels
    assert np.shares_memory(frames.values, given)
    assert (frames.steps, len(frames)) == understood[:1] * 2
    assert frames.shape_of_frame == (frames.channels, *frames.size) == understood[1:]
    assert len(frames.axes.split()) == len(understood)


def test_labels_stay_where_axes_say_what_is_known():
    places = {"time": np.arange(6), "lat": np.arange(5.0)}
    grid = xr.DataArray(numbers(6, 5, 4), places, dims=("time", "lat", "lon"))
    for axes, kept in (("T H W", 5), (" thw", 5), ("H T W", 0)):
        labels = load(grid, axes=axes).labels
        assert len(labels.places.get("H", ())) == kept
    table = b"date,x,y\n2020-01-01,1,2\n2020-01-02,3,4\n"
    for axes, dated in ((None, True), ("t l", True), ("L T", False)):
        assert (read_bytes("a.csv", table, axes=axes).labels.times is not None) is dated
    assert read_bytes("a.csv", table, axes="T C", frame_len=1).labels.span.startswith("2020")


def test_a_transposed_view_has_the_values_where_they_belong():
    given = np.arange(5 * 6 * 2 * 9).reshape(5, 6, 2, 9)
    assert np.array_equal(load(given, axes="H W C T").values, np.einsum("hwct->tchw", given))


def test_what_it_was_understood_as_can_be_read():
    given = np.zeros((1000, 125, 125), ">f4")
    expected = "Frames('ice.npy', 1000 × 1 × 125 × 125 as T C H W, float32)"
    assert repr(load(given, name="ice.npy")) == expected


def test_frames_stay_what_they_are():
    frames = load(numbers(4, 4))
    assert load(frames) is frames
    assert load(frames, name="b").name == "b"
    with pytest.raises(DataError, match="axes already"):
        load(frames, axes="T L")


def test_tensors_share_their_memory():
    tensor = torch.rand(5, 3, 4, requires_grad=True)
    frames = load(tensor)
    assert frames.values.ctypes.data == tensor.data_ptr()
    assert np.array_equal(frames.values[:, 0], tensor.detach().numpy())
    half = torch.rand(5, 4).bfloat16()
    assert np.array_equal(load(half).values[:, 0], half.float().numpy())


@pytest.mark.parametrize(
    "tensor",
    [
        torch.zeros(3, 3, device="meta"),
        torch.eye(3).to_sparse(),
        torch.zeros(3, 3, dtype=torch.complex64),
    ],
    ids=["meta", "sparse", "complex"],
)
def test_tensors_without_values_to_read_are_refused(tensor):
    with pytest.raises(DataError):
        load(tensor)


@pytest.mark.parametrize(
    ("source", "axes", "said"),
    [
        (np.float32(3), None, "must be an array, a tensor"),
        (np.array(3.0), None, "has no axes"),
        (np.zeros(9), None, "has 9 values, one after the other"),
        (np.zeros((2,) * 6), None, "choose one variable"),
        (np.zeros((2,) * 5), None, "write axes='T C D H W'"),
        (np.zeros((3, 3), complex), None, "take .real"),
        (np.array([["a", "b"], ["c", "d"]]), None, "holds text"),
        (np.array([[b"a"], [b"c"]]), None, "holds bytes"),
        (np.array([["a"], [None]], object), None, "numpy.stack"),
        (np.zeros((3, 3), "datetime64[s]"), None, "holds dates"),
        (np.zeros((3, 3), "timedelta64[s]"), None, "spans of time"),
        (np.zeros((3, 3), [("a", "f4")]), None, "choose one field"),
        (np.zeros((0, 3)), None, "holds no values"),
        (np.zeros((3, 0)), None, "holds no values"),
        (np.zeros((1, 3, 3)), None, "has 1 frame"),
        (np.zeros((5, 20, 20, 3)), None, "may be T H W C or T C H W"),
        ([np.zeros((3, 3)), np.zeros((3, 4))], None, "the first 3 × 3, number 1 3 × 4"),
        ([[1, 2], [3]], None, "the first 2, number 1 1"),
        ([[[1, 2], [3]], [[4, 5], [6, 7]]], None, "number 0 of the list holds Python objects"),
        ([], None, "list is empty"),
        (None, None, "must be an array, a tensor"),
        (np.zeros((3, 3, 3)), "C H W", "one axis must be time"),
        (np.zeros((3, 3, 3)), "T H", "H W or D H W"),
        (np.zeros((3, 3, 3)), "T T L", "each once"),
        (np.zeros((3, 3, 3)), "T X Y", "each once"),
        (np.zeros((3, 3, 3)), "T L", "has 3 axes"),
        (np.zeros((3, 3, 3)), ("T", "H", "W"), "must be a text"),
    ],
)
def test_what_is_no_series_is_refused_in_one_sentence(source, axes, said):
    with pytest.raises(DataError) as refusal:
        load(source, axes=axes)
    assert said in str(refusal.value)
    assert str(refusal.value).endswith(".")
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("axes", [("T",), 3])
def test_axes_of_frames_of_some_length_are_a_text(axes):
    with pytest.raises(DataError, match=r"must be a text like 'T C H W'\.$"):
        load(np.zeros(9), axes=axes, frame_len=3)


def test_what_is_not_finite_is_allowed():
    assert np.isnan(load(np.full((3, 3), np.nan)).values).all()


def test_what_a_masked_array_hides_is_missing():
    assert load(np.ma.masked_array(np.ones((3, 3)))).missing_values == 0
    hidden = np.ma.masked_equal(np.arange(9).reshape(3, 3), 4)
    frames = load(hidden)
    assert frames.missing_values == 1
    assert np.isnan(frames.values[1, 0, 1])
    assert frames.values[2, 0, 2] == 8


def test_frames_are_checked_however_they_are_made():
    with pytest.raises(DataError, match="T × C"):
        Frames(np.zeros((3, 3)), has_channels=False, name="flat")


@pytest.mark.parametrize("kind", [str, Path])
def test_a_large_npy_file_is_mapped(tmp_path, kind, monkeypatch):
    monkeypatch.setattr(numpy_files, "READ_AT_ONCE", 0)
    given = np.asfortranarray(numbers(6, 3, 4, dtype=">f8"))
    np.save(tmp_path / "ice.npy", given)
    frames = load(kind(tmp_path / "ice.npy"))
    assert np.array_equal(frames.values[:, 0], given)
    assert frames.name == "ice.npy"
    base = frames.values
    while not isinstance(base, np.memmap):
        base = base.base
    assert base.mode == "r"


def test_a_file_that_is_written_again_does_not_change_frames(tmp_path):
    given = numbers(600, 30, 40)
    np.save(tmp_path / "ice.npy", given)
    frames = load(tmp_path / "ice.npy")
    np.save(tmp_path / "ice.npy", np.zeros((2, 3)))
    assert np.array_equal(frames.values[:, 0], given)


def test_an_array_of_an_archive_is_named(tmp_path):
    arrays = {"ice": numbers(6, 3, 4), "snow": np.asfortranarray(numbers(5, 4, dtype="i8"))}
    np.savez(tmp_path / "all.npz", **arrays)
    np.savez_compressed(tmp_path / "one.npz", ice=arrays["ice"])
    assert np.array_equal(load(tmp_path / "one.npz").values[:, 0], arrays["ice"])
    for name, given in arrays.items():
        frames = load(f"{tmp_path}/all.npz::{name}")
        assert np.array_equal(frames.values[:, 0], given)
        assert frames.name == f"all.npz::{name}"
    with pytest.raises(DataError, match=r"2 arrays: ice, snow; .*'all.npz::ice'"):
        load(tmp_path / "all.npz")
    with pytest.raises(DataError, match="did you mean 'snow'"):
        load(f"{tmp_path}/all.npz::snou")


def test_uploads_are_read_without_a_copy(tmp_path):
    given = numbers(6, 3, 4)
    np.save(tmp_path / "ice.npy", given)
    content = (tmp_path / "ice.npy").read_bytes()
    for form in (bytes, bytearray, memoryview):
        formed = form(content)
        frames = read_bytes("ice.npy", formed)
        assert np.shares_memory(frames.values, np.frombuffer(formed, np.uint8))
        assert np.array_equal(frames.values[:, 0], given)
