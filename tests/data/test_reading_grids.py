"""NetCDF and Zarr as others write them: netCDF4 and xarray; from the disk and as uploads."""

import itertools
import json
import os

import dask.array
import netCDF4
import numpy as np
import pytest
import xarray as xr
import zarr

from cnnwidget.data.errors import DataError
from cnnwidget.data.frames import load, read_bytes
from cnnwidget.data.reading import guarded
from cnnwidget.data.reading.axis_names import letter_of
from cnnwidget.data.reading.classic_netcdf import ReadOnce
from cnnwidget.data.reading.sources import names_in_upload
from tests.data.damaged import apart, mutations, outcomes

EXAMPLES = int(os.environ.get("CNNWIDGET_EXAMPLES", "300"))
GIVEN = np.random.default_rng(0).normal(size=(6, 5, 4)).astype("float32")
DAYS = np.arange("2020-01-01", "2020-01-07", dtype="datetime64[D]")
LAT, LON = np.linspace(80, 60, 5), np.arange(4.0)
FORMATS = ["NETCDF3_CLASSIC", "NETCDF3_64BIT_OFFSET", "NETCDF4_CLASSIC", "NETCDF4"]


def ice(values=GIVEN, **more):
    grid = ("time", "lat", "lon")
    return xr.Dataset(
        {"sic": (grid, values, {"units": "%"})} | {key: (grid, each) for key, each in more.items()},
        coords={"time": DAYS.astype("datetime64[ns]"), "lat": LAT, "lon": LON},
    )


def written(tmp_path, format="NETCDF4", make=None, name="a.nc"):  # noqa: A002
    """A file that netCDF4 wrote by itself, so nothing of xarray is in it."""
    path = tmp_path / name
    with netCDF4.Dataset(path, "w", format=format) as file:
        (make or usual)(file)
    return path


def usual(file, dims=(("time", None), ("lat", 5), ("lon", 4)), dtype="f4", **options):
    for name, length in dims:
        file.createDimension(name, length)
    variable = file.createVariable("sic", dtype, [name for name, _ in dims], **options)
    variable.units = "%"
    variable[:] = GIVEN
    time = file.createVariable("time", "f8", ("time",))
    time.units = "days since 2020-01-01"
    time[:] = np.arange(6)
    for name, values in (("lat", LAT), ("lon", LON)):
        if name in dict(dims):
            file.createVariable(name, "f8", (name,))[:] = values


def both(path, **options):
    """The frames of a file on the disk and of an upload."""
    return load(path, **options), read_bytes(path.name, path.read_bytes(), **options)


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


@pytest.mark.parametrize("zarr_format", [2, 3])
@pytest.mark.filterwarnings("ignore:Consolidated metadata")  # of the writer
def test_what_xarray_writes_as_zarr_is_read(zarr_format, tmp_path):
    ice().to_zarr(tmp_path / "a.zarr", zarr_format=zarr_format)
    frames = load(tmp_path / "a.zarr")
    assert np.array_equal(frames.values[:, 0], GIVEN)
    assert np.array_equal(frames.labels.times, DAYS)
    assert np.array_equal(frames.labels.places["H"], LAT)
    assert load(f"{tmp_path}/a.zarr::sic").name == "a.zarr::sic"


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
    assert names_in_upload("wind.nc", path.read_bytes()) == ("sic", "u", "v")
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
    assert names_in_upload("a.nc", path.read_bytes()) == ("sic",)
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


def test_attributes_come_before_names():
    assert letter_of("j", {"standard_name": "projection_y_coordinate"}) == "H"
    assert letter_of("x", {"axis": "T"}) == "T"
    assert letter_of("n", {"units": "hours since 1900-01-01"}) == "T"
    assert letter_of("i", {"units": "degrees_east"}) == "W"
    assert letter_of("i", {"units": "degrees"}) is None
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
    told = ", ".join(f"{name} {length}" for name, length in zip(dims, shape, strict=True))
    with pytest.raises(DataError, match=rf"^ice has the axes {told}, .* axes='T H W'\.$"):
        load(given)


def test_a_series_of_one_place_takes_a_length_of_frames():
    hours = xr.DataArray(np.arange(48.0), dims="time", name="tide")
    assert load(hours, frame_len=24).values.shape == (2, 1, 24)


def bad(kind):
    """Files that are no series of frames, as netCDF4 writes them."""

    def make(file):
        file.createDimension("time", 6)
        file.createDimension("x", 5)
        file.createDimension("y", 4)
        match kind:
            case "text":
                file.createVariable("sic", str, ("time", "x"))
            case "letters":
                file.createVariable("sic", "S1", ("time", "x"))[:] = "a"
            case "no variable":
                pass
            case "scalar":
                file.createVariable("sic", "f4", ())
            case "no time":
                file.createVariable("sic", "f4", ("y", "x"))
            case "two grids":
                file.createVariable("sic", "f4", ("time", "x"))
                file.createVariable("b", "f4", ("time", "y"))
            case "compound":
                dtype = np.dtype([("a", "f4"), ("b", "f4")])
                file.createVariable("sic", file.createCompoundType(dtype, "pair"), ("time", "x"))

    return make


REFUSED = {
    "text": ("a.nc", "sic holds"),
    "letters": ("a.nc", "sic holds bytes"),
    "no variable": ("a.nc", "holds no variable"),
    "scalar": ("a.nc", "holds no variable"),
    "no time": ("a.nc", "one must be time"),
    "two grids": ("a.nc::sic,b", "on one grid"),
    "compound": ("a.nc", "sic holds"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_refusals_are_one_sentence(kind, tmp_path):
    name, said = REFUSED[kind]
    path = written(tmp_path, make=bad(kind))
    inside = name.removeprefix("a.nc")
    for read in (lambda: load(f"{path}{inside}"), lambda: read_bytes(name, path.read_bytes())):
        check_told(read, said)


def check_told(read, *said):
    with pytest.raises(DataError) as refusal:
        read()
    told = str(refusal.value)
    assert all(each in told for each in said), told
    assert told.startswith("a."), told
    assert told.endswith((".", "?")), told
    assert "\n" not in told


@pytest.mark.parametrize("format_", FORMATS)
def test_damage_is_told(format_, tmp_path):
    content = written(tmp_path, format_).read_bytes()
    for damaged in (b"", b"what" * 99, content[:3], content[:40], content[: len(content) // 2]):
        (tmp_path / "a.nc").write_bytes(damaged)
        check_told(lambda c=damaged: read_bytes("a.nc", c), "damaged")
        check_told(lambda: load(tmp_path / "a.nc"), "damaged")
        check_told(lambda c=damaged: names_in_upload("a.nc", c), "damaged")


def test_a_name_that_is_not_there_comes_with_a_hint(tmp_path):
    path = written(tmp_path)
    check_told(lambda: load(f"{path}::sice"), "holds sic, but not 'sice'; did you mean 'sic'?")
    check_told(lambda: load(f"{path}::lat"), "but not 'lat'")
    with pytest.raises(DataError, match="Dataset: the file holds sic, but not 'snow'"):
        load(ice(), variable="snow")


def test_the_newest_classic_format_is_told(tmp_path):
    path = written(tmp_path, "NETCDF3_64BIT_DATA")
    check_told(lambda: load(path), "version 5", "nccopy -k nc4")


def test_more_than_memory_is_refused_before_it_is_read(tmp_path, monkeypatch):
    def huge(file):
        for name in ("time", "y", "x"):
            file.createDimension(name, 10**5)
        file.createVariable("sic", "f4", ("time", "y", "x"), chunksizes=(1, 100, 100))

    def long(file):
        usual(file)
        file.createDimension("n", 10**12)
        file.createVariable("n", "f4", ("n",), chunksizes=(100,))
        file.createDimension("m", 10**12)
        file.createVariable("b", "f4", ("time", "m"), chunksizes=(1, 100))

    for frames in (written(tmp_path, make=huge),):
        check_told(lambda f=frames: load(f), "of memory, but")
        check_told(lambda f=frames: read_bytes("a.nc", f.read_bytes()), "4,000,000.0 GB")
    path = written(tmp_path, make=long)  # a coordinate that nobody asks for is not read
    assert np.array_equal(load(f"{path}::sic").values[:, 0], GIVEN)
    lazy = xr.DataArray(dask.array.zeros((10**6, 10**5, 10)), dims=("time", "y", "x"), name="ice")
    with pytest.raises(DataError, match=r"^ice takes 16,000\.00 GB of memory"):
        load(lazy)
    monkeypatch.setattr(guarded, "LARGEST_UPLOAD", 400)
    check_told(lambda: read_bytes("a.nc", written(tmp_path).read_bytes()), "unpacks to")
    (tmp_path / "c").mkdir()
    classic = written(tmp_path / "c", "NETCDF3_CLASSIC").read_bytes()
    check_told(lambda: read_bytes("a.nc", classic), "unpacks to")


def test_variables_within_each_other_do_not_multiply(tmp_path):
    """A classic file says where each variable begins; all of them could begin at one place."""

    def many(file):
        file.createDimension("time", 100)
        file.createDimension("x", 100)
        for number in range(9):
            file.createVariable(f"v{number}", "f8", ("time", "x"))[:] = number

    content = written(tmp_path, "NETCDF3_CLASSIC", many).read_bytes()
    assert read_bytes("a.nc", content, variable="v8").values.max() == 8
    first = len(content) - 9 * 80_000
    for number in range(9):
        begins = (first + 80_000 * number).to_bytes(4, "big")
        assert content[:first].count(begins) == 1
        content = content.replace(begins, first.to_bytes(4, "big"))
    overlapping = content[: first + 80_000]
    check_told(lambda: read_bytes("a.nc", overlapping, variable="v8"), "within each other")


def test_a_netcdf_file_leads_to_no_other(tmp_path):
    import h5py

    path = written(tmp_path)
    with h5py.File(path, "a") as file:
        file["away"] = h5py.ExternalLink("/etc/passwd", "/x")
    check_told(lambda: load(path), "'away' from other files")
    check_told(lambda: read_bytes("a.nc", path.read_bytes()), "'away' from other files")


@pytest.mark.filterwarnings("ignore:Consolidated metadata")  # of the writer
def test_zarr_that_is_refused(tmp_path):
    path = tmp_path / "a.zarr"
    check_told(lambda: read_bytes("a.zarr", b"PK"), "is no folder")
    path.write_bytes(b"PK")
    check_told(lambda: load(path), "is no folder")
    path.unlink()
    path.mkdir()
    check_told(lambda: load(path), "damaged")
    zarr.save(path, GIVEN)
    check_told(lambda: load(path), "axes have no names")


def test_pickles_in_zarr_are_refused_before_they_are_read(tmp_path):
    path = tmp_path / "a.zarr"
    ice().to_zarr(path, zarr_format=2)
    for name in ("sic", "lat"):
        said = json.loads((path / name / ".zarray").read_text())
        for change in (
            {"dtype": "|O", "filters": [{"id": "pickle", "protocol": 5}]},
            {"filters": [{"id": "pickle", "protocol": 5}]},
            {"compressor": {"id": "pickle", "protocol": 5}},
        ):
            (path / name / ".zarray").write_text(json.dumps(said | change))
            for chunk in (path / name).glob("[0-9]*"):
                chunk.write_bytes(b"cos\nabort\n(tR.")  # which would end the process
            check_told(lambda: load(path))
        (path / name / ".zarray").write_text(json.dumps(said))


def test_huge_zarr_is_refused(tmp_path):
    path = tmp_path / "a.zarr"
    ice().drop_vars(["time", "lat", "lon"]).to_zarr(path, zarr_format=2)
    said = json.loads((path / "sic" / ".zarray").read_text())
    for change in ({"shape": [10**6, 10**5, 10**2]}, {"chunks": [10**6, 10**5, 10**2]}):
        (path / "sic" / ".zarray").write_text(json.dumps(said | change))
        check_told(lambda: load(path), "of memory, but")


def test_the_library_of_netcdf_is_not_asked(tmp_path, monkeypatch):
    """It is written in C, and ends the process at some damaged files."""
    contents = [written(tmp_path, each).read_bytes() for each in FORMATS]
    monkeypatch.setattr(netCDF4, "Dataset", None)
    for content in contents:
        assert read_bytes("a.nc", content).steps == 6


def test_nothing_but_a_data_error_comes_out_of_a_damaged_classic_file(tmp_path):
    content = written(tmp_path, "NETCDF3_CLASSIC").read_bytes()
    refused, read = outcomes("a.nc", content, 0, EXAMPLES)
    assert min(refused, read) > EXAMPLES // 10


def test_nothing_but_a_data_error_comes_out_of_damaged_zarr(tmp_path):
    path = tmp_path / "a.zarr"
    ice().to_zarr(path, zarr_format=2)
    files = [each for each in sorted(path.rglob("*")) if each.is_file() and each.parent != path]
    refused = 0
    for number, file in zip(range(EXAMPLES // 3), itertools.cycle(files), strict=False):
        content = file.read_bytes()
        file.write_bytes(next(mutations(content, number, 1)))
        try:
            frames = load(path)
        except DataError as error:
            refused += len(str(error).splitlines()) == 1
        else:
            assert frames.values.nbytes < 10**6
        file.write_bytes(content)
    assert refused > EXAMPLES // 30


def test_nothing_but_a_data_error_comes_out_of_damaged_netcdf_4(tmp_path):
    path = tmp_path / "a.nc"
    ice().to_netcdf(path, engine="netcdf4", encoding={"sic": {"zlib": True}})
    refused, read = apart("a.nc", path, EXAMPLES // 3)
    assert min(refused, read) > EXAMPLES // 30


def test_content_is_read_once():
    once = ReadOnce(b"abcd")
    assert once.read(3) + once.read() == b"abcd"
    once.seek(0)
    assert once.read() == b"abcd"
    once.seek(0)
    with pytest.raises(ValueError, match="within each other"):
        once.read()
