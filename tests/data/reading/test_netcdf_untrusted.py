"""NetCDF that cannot be used, claims what is not there, or is damaged."""

import dask.array
import netCDF4
import numpy as np
import pytest
import xarray as xr

from cnnwidget.data.data_error import DataError
from cnnwidget.data.load import load, read_bytes
from cnnwidget.data.reading.grids.classic_netcdf import ReadOnce
from cnnwidget.data.reading.guards import size_limits
from cnnwidget.data.reading.readers import array_names_in_upload
from tests.damaged import DAMAGED, check_damaged, check_damaged_apart, check_refused
from tests.data.reading.grid_files import FORMATS, GIVEN, ice, usual, written


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
        check_refused(read, said)


@pytest.mark.parametrize("format_", FORMATS)
def test_damage_is_told(format_, tmp_path):
    content = written(tmp_path, format_).read_bytes()
    for damaged in (b"", b"what" * 99, content[:3], content[:40], content[: len(content) // 2]):
        (tmp_path / "a.nc").write_bytes(damaged)
        check_refused(lambda c=damaged: read_bytes("a.nc", c), "damaged")
        check_refused(lambda: load(tmp_path / "a.nc"), "damaged")
        check_refused(lambda c=damaged: array_names_in_upload("a.nc", c), "damaged")


def test_the_newest_classic_format_is_told(tmp_path):
    path = written(tmp_path, "NETCDF3_64BIT_DATA")
    check_refused(lambda: load(path), "version 5", "nccopy -k nc4")


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
        check_refused(lambda f=frames: load(f), "of memory, but")
        check_refused(lambda f=frames: read_bytes("a.nc", f.read_bytes()), "4,000,000.00 GB")
    path = written(tmp_path, make=long)  # a coordinate that nobody asks for is not read
    assert np.array_equal(load(f"{path}::sic").values[:, 0], GIVEN)
    lazy = xr.DataArray(dask.array.zeros((10**6, 10**5, 10)), dims=("time", "y", "x"), name="ice")
    with pytest.raises(DataError, match=r"^ice takes 16,000\.00 GB of memory"):
        load(lazy)
    monkeypatch.setattr(size_limits, "LARGEST_UPLOAD", 400)
    check_refused(lambda: read_bytes("a.nc", written(tmp_path).read_bytes()), "unpacks to")
    (tmp_path / "c").mkdir()
    classic = written(tmp_path / "c", "NETCDF3_CLASSIC").read_bytes()
    check_refused(lambda: read_bytes("a.nc", classic), "unpacks to")


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
    check_refused(lambda: read_bytes("a.nc", overlapping, variable="v8"), "within each other")


def test_a_netcdf_file_leads_to_no_other(tmp_path):
    import h5py

    path = written(tmp_path)
    with h5py.File(path, "a") as file:
        file["away"] = h5py.ExternalLink("/etc/passwd", "/x")
    check_refused(lambda: load(path), "'away' from other files")
    check_refused(lambda: read_bytes("a.nc", path.read_bytes()), "'away' from other files")


def test_the_library_of_netcdf_is_not_asked(tmp_path, monkeypatch):
    """It is written in C, and ends the process at some damaged files."""
    contents = [written(tmp_path, each).read_bytes() for each in FORMATS]
    monkeypatch.setattr(netCDF4, "Dataset", None)
    for content in contents:
        assert read_bytes("a.nc", content).steps == 6


def test_nothing_but_a_data_error_comes_out_of_a_damaged_classic_file(tmp_path):
    content = written(tmp_path, "NETCDF3_CLASSIC").read_bytes()
    refused, read = check_damaged("a.nc", content, tmp_path, DAMAGED)
    assert min(refused, read) > DAMAGED // 10


def test_nothing_but_a_data_error_comes_out_of_damaged_netcdf_4(tmp_path):
    path = tmp_path / "a.nc"
    ice().to_netcdf(path, engine="netcdf4", encoding={"sic": {"zlib": True}})
    refused, read = check_damaged_apart("a.nc", path.read_bytes(), tmp_path, DAMAGED // 3)
    assert min(refused, read) > DAMAGED // 30


def test_content_is_read_once():
    once = ReadOnce(b"abcd")
    assert once.read(3) + once.read() == b"abcd"
    once.seek(0)
    assert once.read() == b"abcd"
    once.seek(0)
    with pytest.raises(ValueError, match="within each other"):
        once.read()
