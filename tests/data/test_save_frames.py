"""Frames written, read by the library of netCDF, by numpy, and by ourselves."""

import errno
from pathlib import Path

import netCDF4
import numpy as np
import pytest
import xarray as xr

from cnnwidget.data.frames import Frames
from cnnwidget.data.labels import Labels
from cnnwidget.data.load import load, read_bytes
from cnnwidget.data.reading.readers import array_names, read_path, read_source
from cnnwidget.data.save_frames import save_frames
from cnnwidget.design.errors import CnnwidgetError

DAYS = np.arange("2020-01-01", "2020-01-07", dtype="datetime64[D]")
SPACE = {1: "L", 2: "HW", 3: "DHW"}


def made(*, size=(5, 4), channels=0, dtype="f4", times=DAYS, names=None, units="m s-1", **options):
    """Frames with every label there is."""
    random = np.random.default_rng(0)
    values = random.integers(0, 2, (6, channels or 1, *size)).astype(dtype)
    if values.dtype.kind == "f":
        values += random.normal(size=values.shape).astype(dtype)
        values[2, 0] = np.nan
    places = {
        letter: np.linspace(80, 60, length)
        for letter, length in zip(SPACE[len(size)], size, strict=True)
    }
    labels = Labels(times, ("u", "v", "w")[:channels], places, names or {}, units)
    return Frames(
        values, has_channels=bool(channels), name="wind.nc::speed", labels=labels, **options
    )


def check_same(read, given):
    assert read.values.shape == given.values.shape
    assert np.array_equal(read.values, given.values, equal_nan=given.values.dtype.kind == "f")
    assert read.has_channels == given.has_channels
    assert read.axes == given.axes
    assert read.labels.channels == given.labels.channels
    assert read.labels.units == given.labels.units
    assert (read.labels.times is None) == (given.labels.times is None)
    if given.labels.times is not None:
        assert np.array_equal(read.labels.times, given.labels.times)
    assert set(read.labels.places) == set(given.labels.places)
    for letter, places in given.labels.places.items():
        assert np.array_equal(read.labels.places[letter], places)


@pytest.mark.parametrize(
    "size", [(5,), (5, 4), (3, 5, 4), (1,), (1, 4), (5, 1), (1, 5, 4), (1, 1, 1)]
)
@pytest.mark.parametrize("channels", [0, 1, 3])
def test_what_is_written_as_netcdf_is_read_the_same(size, channels, tmp_path):
    given = made(size=size, channels=channels)
    path = save_frames(given, tmp_path / "a.nc")
    assert path == tmp_path / "a.nc"
    check_same(load(path), given)
    check_same(read_bytes("a.nc", path.read_bytes()), given)
    assert load(path).values.dtype == given.values.dtype


@pytest.mark.parametrize("dtype", ["?", "i1", "u2", "i4", "u8", "i8", "f8", ">f4", ">i2", "f2"])
def test_dtypes_are_kept(dtype, tmp_path):
    given = made(dtype=dtype)
    read = load(save_frames(given, tmp_path / "a.nc"))
    check_same(read, given)
    expected = np.dtype("f4") if dtype == "f2" else given.values.dtype  # NetCDF has no halves
    assert read.values.dtype.newbyteorder("=") == expected.newbyteorder("=")


@pytest.mark.parametrize(
    "times",
    [
        DAYS.astype("datetime64[ns]"),
        DAYS.astype("datetime64[M]") + np.arange(6),
        np.arange("2020-01-01T00", "2020-01-01T06", dtype="datetime64[h]"),
        np.datetime64("2020-01-01T00:00:00.000001") + np.arange(6),
        np.array(["1066-10-14", *DAYS[1:].astype(str)], "datetime64[D]"),
        np.arange(6),
        np.linspace(0, 1, 6),
        None,
    ],
)
def test_times_are_kept(times, tmp_path):
    given = made(times=times)
    check_same(load(save_frames(given, tmp_path / "a.nc")), given)


@pytest.mark.parametrize(
    ("size", "names", "written"),
    [
        ((5, 4), {}, ("time", "y", "x")),
        (
            (5, 4),
            {"T": "valid_time", "H": "lat", "W": "longitude"},
            ("valid_time", "lat", "longitude"),
        ),
        ((5, 4), {"H": "depth", "W": "lon"}, ("time", "depth", "lon")),
        ((1, 4), {"H": "depth", "W": "lon"}, ("time", "depth", "lon")),
        ((5,), {"L": "lat"}, ("time", "lat")),
        # Names that say something else, or nothing, when they are read.
        ((5, 4), {"T": "beam", "H": "lat", "W": "lon"}, ("time", "y", "x")),
        ((5, 4), {"H": "lon", "W": "lat"}, ("time", "y", "x")),
        ((5, 4), {"H": "time", "W": "lat"}, ("time", "y", "x")),
        ((5, 4), {"H": "a/b", "W": "lat\n"}, ("time", "y", "x")),
    ],
)
def test_axes_keep_their_names_where_these_are_understood(size, names, written, tmp_path):
    given = made(size=size, names=names)
    path = save_frames(given, tmp_path / "a.nc")
    with netCDF4.Dataset(path) as file:
        assert file["speed"].dimensions == written
    check_same(load(path), given)


def test_other_programs_read_what_is_written(tmp_path):
    """The library of netCDF stands for them."""
    given = made(names={"H": "lat", "W": "lon"}, channels=2)
    with netCDF4.Dataset(save_frames(given, tmp_path / "a.nc")) as file:
        assert (file.Conventions, file.source) == ("CF-1.8", "cnnwidget")
        speed = file["speed"]
        assert (speed.dimensions, speed.units) == (("time", "channel", "lat", "lon"), "m s-1")
        assert np.array_equal(speed[:].filled(np.nan), given.values, equal_nan=True)
        assert list(file["channel"][:]) == ["u", "v"]
        time = file["time"]
        dates = netCDF4.num2date(time[:], time.units, time.calendar)
        assert [date.strftime("%Y-%m-%d") for date in dates] == DAYS.astype(str).tolist()
        assert (file["lat"].units, file["lon"].axis) == ("degrees_north", "X")
        assert "_FillValue" not in file["lat"].ncattrs()


@pytest.mark.parametrize("by_channel", [False, True])
def test_a_mask_is_a_status_flag_by_the_conventions(by_channel, tmp_path):
    """The netCDF library and our reader understand it, whatever the order of the axes."""
    valid = np.random.default_rng(1).random((2, 3, 5, 4)) < 0.5
    given = made(size=(3, 5, 4), channels=2, valid=valid if by_channel else valid[0])
    path = save_frames(given, tmp_path / "a.nc")
    with netCDF4.Dataset(path) as file:
        mask = file[file["speed"].ancillary_variables]
        assert mask.dimensions == (*["channel"] * by_channel, "depth", "y", "x")
        assert (mask.standard_name, mask.flag_meanings) == ("status_flag", "left_out valid")
        assert np.array_equal(mask.flag_values, [0, 1])
        assert np.array_equal(mask[:], valid if by_channel else valid[0])
    assert array_names(path) == ("speed",)
    with xr.open_dataset(path) as dataset:
        turned = dataset.transpose("x", "channel", "depth", "y", "time").load()
    for found in (read_path(path, ()), read_source(turned, ())):
        assert np.array_equal(found.valid, valid if by_channel else valid[0])
    level = read_source(turned.isel(depth=1), ())
    assert level.axes == "W C H T"
    assert np.array_equal(level.valid, (valid if by_channel else valid[0])[..., 1, :, :])


def test_what_is_done_about_missing_values_is_kept(tmp_path):
    for missing in ("refuse", "leave out"):
        path = save_frames(made(missing=missing), tmp_path / "a.nc")
        assert read_path(path, ()).missing == missing


@pytest.mark.parametrize("name", ["time", "", "::", "3d", "ü.npy", "a/b c::d e"])
def test_any_name_becomes_one_of_a_variable(name, tmp_path):
    given = Frames(np.zeros((2, 1, 3)), has_channels=False, name=name)
    with netCDF4.Dataset(save_frames(given, tmp_path / "a.nc")) as file:
        assert list(file.variables) == ["d_e" if name.endswith("d e") else "frames"]


@pytest.mark.parametrize("channels", [0, 1, 3])
def test_npy_holds_the_values_alone(channels, tmp_path):
    given = made(channels=channels)
    values = np.load(save_frames(given, str(tmp_path / "a.npy")))
    assert values.shape == ((6, channels, 5, 4) if channels else (6, 5, 4))
    assert np.array_equal(values.reshape(given.values.shape), given.values, equal_nan=True)


def test_home_is_understood(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert save_frames(made(), "~/a.npy") == tmp_path / "a.npy"


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("a.doc", "ends in .doc, but must end in .npy or .nc."),
        ("a.npz", "ends in .npz, but must end in .npy or .nc; did you mean '.npy'?"),
        ("a", "has no ending, but must end in .npy or .nc."),
        ("none/a.nc", "none is no folder; make it first."),
        ("folder.nc", "it is a folder; give the path of a file."),
        ("a\0.nc", "cannot be written"),
        ("a" * 300 + ".npy", "cannot be written: file name too long"),
    ],
)
def test_refusals_are_one_sentence(place, said, tmp_path):
    (tmp_path / "folder.nc").mkdir()
    with pytest.raises(CnnwidgetError) as refusal:
        save_frames(made(), tmp_path / place)
    message = str(refusal.value)
    assert said in message
    assert message.endswith((".", "?"))
    assert "\n" not in message
    assert [each.name for each in tmp_path.iterdir()] == ["folder.nc"]


@pytest.mark.parametrize("ending", [".nc", ".npy"])
def test_a_failure_loses_nothing(ending, tmp_path, monkeypatch):
    path = save_frames(made(), tmp_path / f"a{ending}")
    before = path.read_bytes()

    def full(first, second, **_):
        """Write half of a file, then fail like a full disk."""
        if isinstance(first, xr.Dataset):
            second.write_bytes(b"half")
        else:
            first.write(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(np, "save", full)
    monkeypatch.setattr(xr.Dataset, "to_netcdf", full)
    with pytest.raises(CnnwidgetError, match="cannot be written: no space left on device; choose"):
        save_frames(made(channels=2), path)
    monkeypatch.undo()
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
    check = save_frames(made(channels=2), path)
    assert load(check).channels == 2


def test_what_a_file_was_read_from_can_be_written_anew(tmp_path):
    path = save_frames(made(), tmp_path / "a.npy")
    assert np.array_equal(load(save_frames(load(path), path)).values, made().values, equal_nan=True)
    path = save_frames(made(), tmp_path / "a.nc")
    check_same(load(save_frames(load(path), path)), made())


def test_the_file_may_be_read_by_whom_others_may(tmp_path):
    plain = tmp_path / "plain"
    plain.write_bytes(b"")
    for name in ("a.nc", "a.npy"):
        written = save_frames(made(), Path(tmp_path, name))
        assert written.stat().st_mode == plain.stat().st_mode
