"""Names of what may be chosen of a source, of which no more is read, whatever it is."""

import netCDF4
import numpy as np
import pandas as pd
import pytest
import torch
import xarray as xr

from cnnwidget.data.data_error import DataError
from cnnwidget.data.load import load
from cnnwidget.data.reading.readers import array_names, array_names_in_upload
from cnnwidget.data.reading.tables import table_parser
from tests.damaged import at_most

BOTH = {"ice": np.zeros((9, 4, 5), "f4"), "snow": np.ones((9, 4, 5), "f4")}


def grid():
    return xr.Dataset({name: (("time", "y", "x"), values) for name, values in BOTH.items()})


def written(path):
    """A file, or a folder, with two arrays."""
    match path.suffix:
        case ".npz":
            np.savez(path, **BOTH)
        case ".pt" | ".pth":
            torch.save({name: torch.from_numpy(values) for name, values in BOTH.items()}, path)
        case ".nc":
            grid().to_netcdf(path, engine="netcdf4")
        case ".nc4":
            grid().to_netcdf(path, engine="scipy")
        case ".zarr":
            chunks = {name: {"chunks": (1, 4, 5)} for name in BOTH}
            grid().to_zarr(path, zarr_format=2, encoding=chunks)
        case ".h5" | ".hdf5":
            grid().to_netcdf(path, engine="h5netcdf")
        case ".csv" | ".tsv":
            path.write_text("ice,snow\n" + "0,1\n" * 3000)
    return path


ENDINGS = [".npz", ".pt", ".pth", ".nc", ".nc4", ".zarr", ".h5", ".hdf5", ".csv", ".tsv"]


@pytest.mark.parametrize("ending", ENDINGS)
def test_names_of_a_file_that_holds_several(ending, tmp_path, monkeypatch):
    path = written(tmp_path / f"two{ending}")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    if ending != ".zarr":
        assert array_names_in_upload(path.name, path.read_bytes()) == ("ice", "snow")
    at_most(monkeypatch, 500)  # values are not read, for which there is no room
    for source in (path, str(path), f" '{path}' ", f"~/two{ending}"):
        assert array_names(source) == ("ice", "snow")
    assert array_names(f"{path}::ice") == ()
    with pytest.raises(DataError, match="MB of memory, but"):
        load(f"{path}::ice")


@pytest.mark.parametrize(
    "name", ["a.npy", "a.gif", "folder", "folder.npz", "none.npz", "\0.npz", ""]
)
def test_what_holds_one_or_cannot_be_opened_has_no_names(name, tmp_path):
    np.save(tmp_path / "a.npy", BOTH["ice"])
    (tmp_path / "a.gif").write_bytes(b"no picture")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder.npz").mkdir()
    assert array_names(f"{tmp_path}/{name}") == ()
    assert array_names(name) == array_names("a" * 5000 + ".npz") == ()


@pytest.mark.parametrize("ending", [each for each in ENDINGS if each not in {".csv", ".tsv"}])
def test_names_of_a_damaged_file_are_refused(ending, tmp_path):
    path = tmp_path / f"a{ending}"
    path.write_bytes(b"PK nothing")
    with pytest.raises(DataError, match=rf"^a\{ending} .*\.$"):
        array_names(path)


def test_names_of_a_table_are_those_of_its_first_lines(tmp_path, monkeypatch):
    lines = ["time,ice,station,sea", *(f"{n},,Kiel,{n / 2}" for n in range(5000)), "what follows"]
    path = tmp_path / "a.csv"
    path.write_text("\n".join(lines))
    rows = []
    monkeypatch.setattr(
        table_parser.TableParser,
        "add",
        lambda self, row, line, add=table_parser.TableParser.add: (
            rows.append(line),
            add(self, row, line),
        ),
    )
    assert array_names(path) == ("ice", "sea")
    assert len(rows) < 100
    with pytest.raises(DataError, match=r"^a\.csv: line 5,002 has 1 cells"):
        load(path)


def test_a_name_of_several_lines_stays_in_one_sentence(tmp_path):
    np.savez(tmp_path / "a.npz", **{"ice\nor\nsnow": BOTH["ice"], "sea": BOTH["snow"]})
    for variable in (None, "land"):
        with pytest.raises(DataError) as refusal:
            load(tmp_path / "a.npz", variable=variable)
        assert "ice or snow, sea" in str(refusal.value)
        assert "\n" not in str(refusal.value)


def test_what_is_no_source_is_told_in_one_sentence():
    for source, options in ((pd.DataFrame(np.eye(9)), {}), (np.eye(9), {"variable": "ice"})):
        with pytest.raises(DataError, match=r"is a (DataFrame|ndarray)[,;]") as refusal:
            load(source, **options)
        assert "\n" not in str(refusal.value)


def test_several_arrays_of_an_archive_become_channels(tmp_path):
    np.savez(tmp_path / "a.npz", **BOTH, other=np.zeros((9, 4)))
    frames = load(f"{tmp_path}/a.npz::snow,ice")
    assert frames.labels.channels == ("snow", "ice")
    assert np.array_equal(frames.values, np.stack([BOTH["snow"], BOTH["ice"]], axis=1))
    with pytest.raises(
        DataError, match=r"^a\.npz: .* are ice 9 × 4 × 5, other 9 × 4; choose others"
    ):
        load(f"{tmp_path}/a.npz::ice,other")


def test_netcdf_with_all_in_groups_is_told_so(tmp_path):
    with netCDF4.Dataset(tmp_path / "a.nc", "w") as file:
        group = file.createGroup("PRODUCT")
        for name, length in (("time", 6), ("lat", 5), ("lon", 4)):
            group.createDimension(name, length)
        group.createVariable("no2", "f4", ("time", "lat", "lon"))[:] = 1
    said = r"^a\.nc holds its variables in groups: PRODUCT; open one .* group='PRODUCT', and give"
    with pytest.raises(DataError, match=said):
        load(tmp_path / "a.nc")
    with xr.open_dataset(tmp_path / "a.nc", group="PRODUCT") as dataset:
        assert load(dataset).steps == 6
