"""Zarr as xarray and its own library write it, and what in it is not believed."""

import itertools
import json

import numpy as np
import pytest
import zarr

from cnnwidget.data.data_error import DataError
from cnnwidget.data.load import load, read_bytes
from tests import tally
from tests.damaged import DAMAGED, check_refused, mutations
from tests.data.reading.grid_files import DAYS, GIVEN, LAT, ice


@pytest.mark.parametrize("zarr_format", [2, 3])
@pytest.mark.filterwarnings("ignore::zarr.errors.ZarrUserWarning")  # of the writer
def test_what_xarray_writes_as_zarr_is_read(zarr_format, tmp_path):
    ice().to_zarr(tmp_path / "a.zarr", zarr_format=zarr_format)
    frames = load(tmp_path / "a.zarr")
    assert np.array_equal(frames.values[:, 0], GIVEN)
    assert np.array_equal(frames.labels.times, DAYS)
    assert np.array_equal(frames.labels.places["H"], LAT)
    assert load(f"{tmp_path}/a.zarr::sic").name == "a.zarr::sic"


@pytest.mark.filterwarnings("ignore::zarr.errors.ZarrUserWarning")  # of the writer
def test_zarr_that_is_refused(tmp_path):
    path = tmp_path / "a.zarr"
    check_refused(lambda: read_bytes("a.zarr", b"PK"), "is no folder")
    path.write_bytes(b"PK")
    check_refused(lambda: load(path), "is no folder")
    path.unlink()
    path.mkdir()
    check_refused(lambda: load(path), "damaged")
    zarr.save(path, GIVEN)
    check_refused(lambda: load(path), "axes have no names")
    for version in (2, 3):
        path = tmp_path / f"a.{version}.zarr"
        zarr.open_group(path, mode="w", zarr_format=version)["ice"] = GIVEN
        check_refused(lambda p=path: load(p), "the axes of 'ice' have no names; give its values")
        path = tmp_path / f"a.in{version}.zarr"
        ice().to_zarr(path, group="inside", zarr_format=version)
        check_refused(lambda p=path: load(p), "in groups: inside; open one of them with xarray's")


def test_zarr_as_its_own_library_writes_it(tmp_path):
    root = zarr.open_group(tmp_path / "a.zarr", mode="w", zarr_format=3)
    options = {"dimension_names": ["time", "lat", "lon"], "chunks": (1, 5, 4), "shards": (6, 5, 4)}
    root.create_array("sic", shape=GIVEN.shape, dtype="f4", **options)[:] = GIVEN
    frames = load(tmp_path / "a.zarr")
    assert np.array_equal(frames.values[:, 0], GIVEN)
    assert frames.understood == "T H W, as the file says"


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
            check_refused(lambda: load(path))
        (path / name / ".zarray").write_text(json.dumps(said))


def test_huge_zarr_is_refused(tmp_path):
    path = tmp_path / "a.zarr"
    ice().drop_vars(["time", "lat", "lon"]).to_zarr(path, zarr_format=2)
    said = json.loads((path / "sic" / ".zarray").read_text())
    for change in ({"shape": [10**6, 10**5, 10**2]}, {"chunks": [10**6, 10**5, 10**2]}):
        (path / "sic" / ".zarray").write_text(json.dumps(said | change))
        check_refused(lambda: load(path), "of memory, but")


def test_nothing_but_a_data_error_comes_out_of_damaged_zarr(tmp_path):
    path = tmp_path / "a.zarr"
    ice().to_zarr(path, zarr_format=2)
    files = [each for each in sorted(path.rglob("*")) if each.is_file() and each.parent != path]
    refused = 0
    for number, file in zip(range(DAMAGED // 3), itertools.cycle(files), strict=False):
        content = file.read_bytes()
        file.write_bytes(next(mutations(content, 1, number)))
        try:
            frames = load(path)
        except DataError as error:
            refused += len(str(error).splitlines()) == 1
        else:
            assert frames.values.nbytes < 10**6
        file.write_bytes(content)
        tally.also("damaged files read")
    assert refused > DAMAGED // 30
