"""What may be chosen as data: without widgets, on real files and objects."""

import sys

import numpy as np
import pytest
import torch
import xarray
from PIL import Image

import cnnwidget as cw
from cnnwidget.data.reading.readers import READERS
from cnnwidget.panel.controls.data_sources import (
    KINDS,
    UPLOADED,
    ReadingOptions,
    length_typed,
    may_be_frames,
    members_at,
    members_of_upload,
    members_of_variable,
    read_leniently,
)

GRID = xarray.Dataset(
    {name: (("time", "lat", "lon"), np.zeros((9, 4, 5))) for name in ("ice", "snow")}
)


def test_every_ending_that_is_read_can_be_uploaded_but_a_folder():
    assert set(UPLOADED.split(",")) == set(READERS) - {".zarr"}
    for word in ("NumPy", "PyTorch", "GIF", "PNG", "MP4", "NetCDF", "GeoTIFF", "CSV", "WAV"):
        assert word in KINDS


@pytest.mark.parametrize(
    ("value", "offered"),
    [
        (np.zeros((9, 8, 7)), True),
        (np.zeros(9), False),
        (np.zeros((1, 8, 7)), False),
        (np.zeros((9, 8), complex), False),
        (np.zeros((9, 8), "datetime64[D]"), False),
        (torch.zeros(9, 8, 7), True),
        (GRID, True),
        (GRID["ice"], True),
        (GRID["ice"][0, 0], False),
        (xarray.Dataset({"name": ("x", ["a", "b"])}), False),
        ([np.zeros((8, 7))] * 9, True),
        ([np.zeros((8, 7)), np.zeros((8, 6))], False),
        ([Image.new("RGB", (8, 7))] * 3, True),
        ([torch.zeros(8, 7)] * 3, True),
        (cw.sample("circling shape", steps=20, size=(16, 16)), True),
        ([1.0, 2.0], False),
        ([[1.0, 2.0]] * 3, False),
        ([], False),
        (["a.png", "b.png"], False),
        ("a.npy", False),
        (None, False),
        (np, False),
    ],
)
def test_variables_worth_offering(value, offered):
    assert may_be_frames(value) is offered
    if offered:
        cw.load(value, variable="ice" if value is GRID else None)


def test_a_notebook_without_xarray_does_not_load_it(monkeypatch):
    monkeypatch.delitem(sys.modules, "xarray")
    assert not may_be_frames(object())
    assert members_of_variable(object()) == []
    assert "xarray" not in sys.modules


def test_arrays_in_a_file_at_a_path(tmp_path, monkeypatch):
    np.savez(tmp_path / "two.npz", ice=np.zeros((9, 4)), snow=np.zeros((9, 4)))
    np.savez(tmp_path / "one.npz", ice=np.zeros((9, 4)))
    np.save(tmp_path / "one.npy", np.zeros((9, 4)))
    (tmp_path / "folder").mkdir()
    both = [("ice", "ice"), ("snow", "snow")]
    assert members_at(f"  '{tmp_path / 'two.npz'}' ") == both
    monkeypatch.setenv("HOME", str(tmp_path))
    assert members_at("~/two.npz") == both
    for name in ("one.npz", "one.npy", "folder", "nowhere.npz", "two.npz::ice", "\0.npz"):
        assert members_at(f"{tmp_path}/{name}") == []
    (tmp_path / "broken.npz").write_bytes(b"PK nothing")
    with pytest.raises(cw.DataError, match=r"broken\.npz"):
        members_at(f"{tmp_path}/broken.npz")


def test_of_grids_and_tables(tmp_path):
    GRID.to_netcdf(tmp_path / "two.nc", engine="h5netcdf")
    assert members_at(f"{tmp_path}/two.nc") == [("ice", "ice"), ("snow", "snow")]
    assert members_of_variable(GRID) == [("ice", "ice"), ("snow", "snow")]
    table = b"date,ice,snow\n2020-01-01,1,2\n2020-01-02,3,4\n"
    offered = members_of_upload("two.csv", table)
    assert offered == [("all columns", None), ("ice", "ice"), ("snow", "snow")]


def test_what_was_said_of_other_data_is_forgotten_where_it_does_not_fit():
    values = np.zeros((30, 4, 8))

    def read(asked):
        return cw.load(values, **asked._asdict())

    assert read_leniently(read, ReadingOptions("H T W"))[1] == ReadingOptions("H T W")
    assert read_leniently(read, ReadingOptions("T C L L", 5))[1] == ReadingOptions()
    assert read_leniently(read, ReadingOptions("W H T", 5))[1] == ReadingOptions("W H T")
    with pytest.raises(cw.DataError, match="variable"):  # the first error, as it was asked
        read_leniently(read, ReadingOptions("T", None, "ice"))


@pytest.mark.parametrize("text", ["a day", "2.5", "1e3", "__import__('os')"])
def test_a_length_that_is_none(text):
    with pytest.raises(cw.DataError, match="must be a whole number"):
        length_typed(text)
