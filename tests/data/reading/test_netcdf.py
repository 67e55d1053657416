"""NetCDF as others write it, and datasets of xarray: their axes, labels and values."""

import numpy as np
import pytest
import xarray as xr

from cnnwidget.data.axis_names import axis_letter
from cnnwidget.data.data_error import DataError
from cnnwidget.data.load import load
from cnnwidget.data.reading.readers import array_names_in_upload
from tests.damaged import check_refused
from tests.data.reading.grid_files import DAYS, FORMATS, GIVEN, LAT, LON, both, ice, usual, written


@pytest.mark.parametrize("format_", FORMATS)
def test_what_netcdf_writes_is_read(format_, tmp_path):
    for frames in both(written(tmp_path, format_)):
        assert np.array_equal(frames.values[:, 0], GIVEN)
        assert frames.values.dtype.newbyteorder("=") == "float32"
        assert (frames.name, frames.understood) == ("a.nc", "T H W, as the file says")
        labels = frames.labels
        assert np.array_equal(labels.times, DAYS)
        assert np.array_equal(labels.places["H"], LAT)  # from north to south, as it is stored
        assert np.array_equal(labels.places["W"], LON)
        assert dict(labels.names) == {"T": "time", "H": "lat", "W": "lon"}
        assert labels.units == "%"


def test_datasets_and_arrays_in_memory():
    for source in (ice(), ice().sic, ice().chunk(time=2), ice().sic.chunk(lat=1)):
        frames = load(source)
        assert np.array_equal(frames.values[:, 0], GIVEN)
        assert (frames.name, frames.labels.units) == ("sic", "%")
        assert np.array_equal(frames.labels.times, DAYS)
    assert load(ice(), variable="sic").steps == 6
    values = ice().sic.values
    assert np.shares_memory(load(xr.DataArray(values, dims=("t", "y", "x"))).values, values)
    with pytest.raises(DataError, match=r"sic is one DataArray, .* leave variable out"):
        load(ice().sic, variable="ice")


@pytest.mark.parametrize("format_", FORMATS)
def test_packed_values_are_unpacked_and_missing_ones_are_nan(format_, tmp_path):
    def packed(file):
        for name, length in (("time", None), ("y", 2)):
            file.createDimension(name, length)
        variable = file.createVariable("t2m", "i2", ("time", "y"), fill_value=-32767)
        variable.set_auto_maskandscale(False)
        variable.scale_factor, variable.add_offset = 0.5, 100.0
        variable[:] = np.array([[0, 1], [-32767, 3]], "i2")

    for frames in both(written(tmp_path, format_, packed)):
        assert np.array_equal(
            frames.values[:, 0], [[100.0, 100.5], [np.nan, 101.5]], equal_nan=True
        )
        assert frames.axes == "T C L"


def test_several_variables_become_channels(tmp_path):
    path = tmp_path / "wind.nc"
    ice(u=GIVEN * 2, v=GIVEN.astype("f8")).to_netcdf(path, engine="netcdf4")
    for frames in both(path, variable=("u", "v")):
        assert frames.values.shape == (6, 2, 5, 4)
        assert np.array_equal(frames.values[:, 0], GIVEN * 2)
        assert np.array_equal(frames.values[:, 1], GIVEN)
        assert frames.labels.channels == ("u", "v")
    assert load(f"{path}::v,u").labels.channels == ("v", "u")
    assert array_names_in_upload("wind.nc", path.read_bytes()) == ("sic", "u", "v")
    for frames in both(path, variable="u"):
        assert frames.name == "wind.nc::u"
    with pytest.raises(DataError, match=r"3 variables: sic, u, v; say which one.*'wind.nc::sic'"):
        load(path)
    with pytest.raises(DataError, match=r"holds 3 variables: sic, u, v; .* variable='sic'\.$"):
        load(ice(u=GIVEN, v=GIVEN))


def test_what_belongs_to_coordinates_is_no_series(tmp_path):
    data = ice()
    data["time_bnds"] = (("time", "bnds"), np.zeros((6, 2)))
    data["cell"] = (("lat", "lon"), np.zeros((5, 4)))
    data["crs"] = 0
    data["lat"].attrs["bounds"] = "lat_bnds"
    path = tmp_path / "a.nc"
    data.to_netcdf(path, engine="netcdf4")
    assert array_names_in_upload("a.nc", path.read_bytes()) == ("sic",)
    assert all(frames.channels == 1 for frames in both(path))


def calendar(name, units="days since 2019-02-27"):
    def make(file):
        usual(file)
        file["time"].units, file["time"].calendar = units, name

    return make


def test_dates_of_other_calendars(tmp_path):
    expected = {
        # Each date of these is one of ours.
        "noleap": np.arange("2019-02-27", "2019-03-05", dtype="datetime64[D]"),
        "proleptic_gregorian": np.arange("2019-02-27", "2019-03-05", dtype="datetime64[D]"),
        "360_day": np.arange(6.0),  # with the 29th and 30th of February
    }
    for name, times in expected.items():
        for frames in both(written(tmp_path, make=calendar(name))):
            assert np.array_equal(frames.labels.times, times)
    for frames in both(written(tmp_path, make=calendar("standard", "months since 2000-01-01"))):
        assert np.array_equal(frames.labels.times, np.arange(6.0))
    # Beyond what 64 bits hold of nanoseconds.
    for frames in both(written(tmp_path, make=calendar("standard", "days since 2900-01-01"))):
        assert str(frames.labels.times[0])[:10] == "2900-01-01"


@pytest.mark.parametrize(
    ("dims", "shape", "axes", "size"),
    [
        (("time", "level", "lat", "lon"), (6, 1, 5, 4), "T C H W", (5, 4)),
        (("time", "level", "lat", "lon"), (6, 2, 5, 4), "T C D H W", (2, 5, 4)),
        (("lat", "lon", "time"), (5, 4, 6), "T C H W", (5, 4)),
        (("band", "y", "x", "t"), (3, 5, 4, 6), "T C H W", (5, 4)),
        (("Time", "south_north", "west_east"), (6, 5, 4), "T C H W", (5, 4)),
        (("valid_time", "latitude", "longitude"), (6, 5, 4), "T C H W", (5, 4)),
        (("time", "member", "nlat", "nlon"), (6, 1, 5, 4), "T C H W", (5, 4)),
        (("time", "depth", "lon"), (6, 5, 4), "T C H W", (5, 4)),
        (("time", "step", "lat", "lon"), (6, 1, 5, 4), "T C H W", (5, 4)),
        (("step", "time", "number", "ny", "nx"), (1, 6, 1, 5, 4), "T C H W", (5, 4)),
        (("time", "x"), (6, 5), "T C L", (5,)),
        (("time", "depth"), (6, 5), "T C L", (5,)),
        (("dim_0", "dim_1", "dim_2"), (6, 5, 4), "T C H W", (5, 4)),
    ],
)
def test_names_of_dimensions_say_the_axes(dims, shape, axes, size, tmp_path):
    values = np.arange(np.prod(shape), dtype="f8").reshape(shape)
    data = xr.Dataset({"ice": (dims, values)})
    data.to_netcdf(tmp_path / "a.nc", engine="netcdf4")
    for frames in (load(data), *both(tmp_path / "a.nc")):
        assert (frames.axes, frames.size) == (axes, size)
        assert frames.steps == 6
    assert load(tmp_path / "a.nc").values.sum() == values.sum()


def test_dates_may_be_written_as_text(tmp_path):
    for times, known in (
        (DAYS.astype(str), DAYS),
        (np.char.add(DAYS.astype(str), " 06:00"), DAYS + np.timedelta64(6, "h")),
        (np.array(list("abcdef")), None),
    ):
        data = xr.Dataset({"ice": (("time", "y", "x"), GIVEN)}, coords={"time": times})
        data.to_netcdf(tmp_path / "a.nc", engine="netcdf4")
        for frames in (load(data), *both(tmp_path / "a.nc")):
            assert np.array_equal(frames.labels.times, known)


def test_the_number_of_records_may_not_be_known_as_yet(tmp_path):
    """While a classic file is being written, the number follows from its length."""
    path = written(tmp_path, "NETCDF3_CLASSIC")
    content = path.read_bytes()
    assert content[4:8] == (6).to_bytes(4, "big")
    path.write_bytes(content[:4] + b"\xff" * 4 + content[8:])
    for frames in both(path):
        assert np.array_equal(frames.values[:, 0], GIVEN)


def test_what_is_read_stays_when_its_file_is_gone(tmp_path):
    for format_ in FORMATS:
        frames = load(written(tmp_path, format_))
        (tmp_path / "a.nc").write_bytes(b"")
        assert np.array_equal(frames.values[:, 0], GIVEN)


def test_attributes_come_before_names():
    assert axis_letter("j", {"standard_name": "projection_y_coordinate"}) == "H"
    assert axis_letter("x", {"axis": "T"}) == "T"
    assert axis_letter("n", {"units": "hours since 1900-01-01"}) == "T"
    assert axis_letter("i", {"units": "degrees_east"}) == "W"
    assert axis_letter("i", {"units": "degrees"}) is None
    given = xr.DataArray(GIVEN, dims=("a", "b", "c"), coords={"a": DAYS.astype("M8[ns]")})
    given = given.assign_coords(b=("b", LAT, {"axis": "Y"}), c=("c", LON, {"axis": "X"}))
    assert load(given).understood == "T H W, as the file says"


def test_a_dimension_of_channels_names_them():
    names = ["u", "v", "w"]
    given = xr.DataArray(
        np.zeros((6, 3, 5, 4)), dims=("time", "variable", "y", "x"), coords={"variable": names}
    )
    assert load(given).labels.channels == ("u", "v", "w")


@pytest.mark.parametrize(
    ("dims", "shape"),
    [
        (("time", "lat", "lon", "beam"), (6, 5, 4, 2)),
        (("lat", "lon"), (5, 4)),
        (("time", "step", "lat"), (6, 5, 4)),
        (("time", "cell"), (6, 5)),
    ],
)
def test_what_is_not_understood_is_told_with_its_names(dims, shape):
    given = xr.DataArray(np.zeros(shape), dims=dims, name="ice")
    sizes = ", ".join(f"{name} {length}" for name, length in zip(dims, shape, strict=True))
    with pytest.raises(DataError, match=rf"^ice has the axes {sizes}, .* axes='T H W'\.$"):
        load(given)


def test_a_series_of_one_place_takes_a_length_of_frames():
    hours = xr.DataArray(np.arange(48.0), dims="time", name="tide")
    assert load(hours, frame_len=24).values.shape == (2, 1, 24)


def test_a_name_that_is_not_there_comes_with_a_hint(tmp_path):
    path = written(tmp_path)
    check_refused(lambda: load(f"{path}::sice"), "holds sic, but not 'sice'; did you mean 'sic'?")
    check_refused(lambda: load(f"{path}::lat"), "but not 'lat'")
    with pytest.raises(DataError, match="Dataset holds sic, but not 'snow'"):
        load(ice(), variable="snow")
