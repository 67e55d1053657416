"""HDF5 as h5py writes it, and what is known of its axes and numbers."""

import h5py
import numpy as np
import pytest

from cnnwidget.data.load import read_bytes
from cnnwidget.data.reading.readers import array_names_in_upload
from tests.damaged import check_refused
from tests.data.reading.hdf5_files import GIVEN, both, holding, written


@pytest.mark.parametrize("dtype", ["?", "i1", ">u2", "i8", "f2", ">f4", "f8"])
@pytest.mark.parametrize("options", [{}, {"chunks": (2, 5, 4), "compression": "gzip"}])
def test_what_h5py_writes_is_read(dtype, options, tmp_path):
    given = GIVEN.astype(dtype)

    def make(file):
        file.create_dataset("group/ice", data=given, **options).attrs["units"] = "m"
        file["group/lat"] = np.arange(5.0)
        file["about"] = "ice"

    content = written(make)
    assert array_names_in_upload("a.h5", content) == ("group/ice",)
    for frames in both(content, tmp_path):
        assert np.array_equal(frames.values[:, 0], given)
        assert frames.values.dtype == given.dtype
        assert (frames.name, frames.labels.units) == ("a.h5", "m")
        assert frames.understood.endswith("by their number")


def test_one_of_several_and_several_as_channels(tmp_path):
    content = written(holding(a=GIVEN, **{"deep/b": 2 * GIVEN.astype("f8")}))
    for inside in ("::deep/b", "::/deep/b"):
        for frames in both(content, tmp_path, inside):
            assert np.array_equal(frames.values[:, 0], 2 * GIVEN.astype("f8"))
    for frames in both(content, tmp_path, "::deep/b,a"):
        assert frames.values.shape == (6, 2, 5, 4)
        assert np.array_equal(frames.values[:, 1], GIVEN)
        assert np.array_equal(frames.values[:, 0], 2 * GIVEN.astype("f8"))
        assert frames.labels.channels == ("deep/b", "a")
        assert frames.understood == "T C H W, as the file says"


def test_labels_of_dimensions_say_the_axes(tmp_path):
    def make(file):
        file["ice"] = GIVEN
        for dimension, label in zip(file["ice"].dims, ("lat", "lon", "time"), strict=True):
            dimension.label = label

    for frames in both(written(make), tmp_path):
        assert np.array_equal(frames.values[:, 0], GIVEN.transpose(2, 0, 1))


def test_scales_of_dimensions_say_the_axes(tmp_path):
    def make(file):
        file["ice"] = GIVEN
        for number, (name, units) in enumerate(
            (("lat", ""), ("i", b"degrees_east"), ("n", np.array(["hours since 2000-01-01"], "O")))
        ):
            file[name] = np.arange(GIVEN.shape[number])
            file[name].make_scale(name)
            file[name].attrs["units"] = units
            file["ice"].dims[number].attach_scale(file[name])

    content = written(make)
    assert array_names_in_upload("a.h5", content) == ("ice",)
    for frames in both(content, tmp_path):
        assert frames.understood == "H W T, as the file says"
        assert np.array_equal(frames.values[:, 0], GIVEN.transpose(2, 0, 1))


def test_channels_keep_the_order_of_their_axes(tmp_path):
    def make(file):
        for name, values in (("u", GIVEN), ("v", -GIVEN)):
            file[name] = values
            file[name].attrs["units"] = np.array([b"m s-1"])
            for dimension, label in zip(file[name].dims, ("lat", "lon", "time"), strict=True):
                dimension.label = label

    for frames in both(written(make), tmp_path, "::u,v"):
        assert np.array_equal(frames.values[:, 0], GIVEN.transpose(2, 0, 1))
        assert np.array_equal(frames.values[:, 1], -GIVEN.transpose(2, 0, 1))
        assert frames.labels.units == "m s-1"


def test_what_other_libraries_call_a_class_is_an_array(tmp_path):
    """As PyTables and pandas do; coordinates are scales, which is a class, too."""

    def make(file):
        file["ice"] = GIVEN
        file["ice"].attrs["CLASS"] = np.bytes_("CARRAY")

    for frames in both(written(make), tmp_path):
        assert np.array_equal(frames.values[:, 0], GIVEN)


@pytest.mark.parametrize("dtype", ["i2", "u1", "f4"])
def test_numbers_mean_what_netcdf_would_have_them_mean(dtype, tmp_path):
    """The library of xarray reads the same file."""
    stored = np.arange(120).reshape(6, 5, 4).astype(dtype)

    def make(file):
        for name in ("ice", "snow"):
            file[name] = stored
            file[name].attrs.update(
                {"_FillValue": stored[1, 2, 3], "scale_factor": 0.5, "add_offset": [np.float32(9)]}
            )
            file[name].attrs["missing_value"] = "none"

    content = written(make)
    expected = stored * 0.5 + 9
    expected[1, 2, 3] = np.nan
    for frames in both(content, tmp_path, "::snow"):
        assert np.array_equal(frames.values[:, 0], expected, equal_nan=True)
        assert frames.missing_values == 1
    for frames in both(content, tmp_path, "::snow,ice"):
        assert np.array_equal(frames.values[:, 1], expected, equal_nan=True)


def test_groups_within_each_other_come_to_an_end(tmp_path):
    def make(file):
        file["group/ice"] = GIVEN
        file["group/again"] = file["/"]
        file["group/soft"] = h5py.SoftLink("/group")
        file["nowhere"] = h5py.SoftLink("/what/is/not/there")

    for frames in both(written(make), tmp_path):
        assert np.array_equal(frames.values[:, 0], GIVEN)


@pytest.mark.parametrize(
    "options",
    [
        {"compression": "gzip", "shuffle": True, "fletcher32": True},
        {"compression": "lzf"},
        {"compression": "gzip", "chunks": (4, 4, 4)},
        {"scaleoffset": 0, "compression": "gzip"},
    ],
)
def test_usual_ways_to_pack_are_read(options, tmp_path):
    given = np.arange(120, dtype="i4").reshape(6, 5, 4)
    content = written(lambda file: file.create_dataset("ice", data=given, **options))
    for frames in both(content, tmp_path):
        assert np.array_equal(frames.values[:, 0], given)


def test_a_name_that_is_not_there_comes_with_a_hint():
    content = written(holding(ice=GIVEN))
    check_refused(
        lambda: read_bytes("a.h5::icy", content),
        "holds ice, but not 'icy'.",
    )
    check_refused(lambda: read_bytes("a.h5::ices", content), "did you mean 'ice'?")
