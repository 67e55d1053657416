"""TIFF as tifffile writes it, with the tags of GeoTIFF."""

import io
import struct

import numpy as np
import pytest
import tifffile

from cnnwidget.data.data_error import DataError
from cnnwidget.data.load import load, read_bytes
from cnnwidget.data.reading.guards import size_limits
from cnnwidget.data.reading.images.tiff import read_stack
from cnnwidget.data.reading.readers import array_names_in_upload
from tests.damaged import DAMAGED, check_damaged, check_refused

GIVEN = np.arange(60).reshape(3, 4, 5)
# Pixels two wide and three high, the corner of the first at 100, 50; -9 is missing.
SCALE = (33550, "d", 3, (2.0, 3.0, 0.0))
TIE = (33922, "d", 6, (0.0, 0.0, 0.0, 100.0, 50.0, 0.0))
NODATA = (42113, "s", 0, "-9")


def keys(raster_type):
    """The directory of a GeoTIFF with one key, GTRasterTypeGeoKey."""
    return (34735, "H", 8, (1, 1, 0, 1, 1025, 0, 1, raster_type))


def written(values, **options):
    content = io.BytesIO()
    tifffile.imwrite(content, values, **{"photometric": "minisblack", **options})
    return content.getvalue()


def both(content, tmp_path, **options):
    path = tmp_path / "a.tif"
    path.write_bytes(content)
    return load(path, **options), read_bytes("a.tif", content, **options)


@pytest.mark.parametrize("dtype", ["u1", "i2", ">u2", "i4", "f2", ">f4", "f8"])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"metadata": None},
        {"compression": "lzw", "predictor": 2},
        {"compression": "zstd"},
        {"compression": "deflate", "tile": (16, 16)},
        {"bigtiff": True, "rowsperstrip": 1},
    ],
)
def test_pages_are_frames(dtype, options, tmp_path):
    given = GIVEN.astype(dtype)
    if "predictor" in options and given.dtype.kind == "f":
        options = options | {"predictor": 3 if given.dtype.itemsize > 2 else False}
    for frames in both(written(given, **options), tmp_path):
        assert np.array_equal(frames.values[:, 0], given)
        assert frames.values.dtype.newbyteorder("=") == given.dtype.newbyteorder("=")
        assert frames.understood == "T H W, as the file says"
        assert frames.name == "a.tif"
    assert array_names_in_upload("a.tif", b"") == ()


COLOURS = np.arange(6 * 8 * 9 * 3).astype("u1").reshape(6, 8, 9, 3)


@pytest.mark.parametrize(
    ("values", "options", "axes", "expected"),
    [
        (COLOURS, {"photometric": "rgb"}, "T H W C", COLOURS.transpose(0, 3, 1, 2)),
        (
            COLOURS.transpose(0, 3, 1, 2).copy(),
            {"photometric": "rgb", "planarconfig": "separate"},
            "T C H W",
            COLOURS.transpose(0, 3, 1, 2),
        ),
        (
            COLOURS.transpose(0, 3, 1, 2).copy(),
            {"imagej": True, "metadata": {"axes": "TCYX"}},
            "T C H W",
            COLOURS.transpose(0, 3, 1, 2),
        ),
        (
            COLOURS.transpose(0, 3, 1, 2).copy(),
            {"ome": True, "metadata": {"axes": "TZYX"}},
            "T D H W",
            COLOURS.transpose(0, 3, 1, 2)[:, None],
        ),
        (GIVEN.astype("u1"), {"imagej": True}, "T H W", GIVEN[:, None]),
    ],
)
def test_axes_are_those_of_the_file(values, options, axes, expected, tmp_path):
    for frames in both(written(values, **options), tmp_path):
        assert frames.understood == f"{axes}, as the file says"
        assert np.array_equal(frames.values, expected)


def test_bands_of_one_page_are_frames(tmp_path):
    tags = [SCALE, TIE, keys(1)]
    last = written(
        GIVEN.transpose(1, 2, 0).astype("i2"),
        planarconfig="contig",
        extratags=tags,
        metadata=None,
    )
    first = written(GIVEN.astype("i2"), planarconfig="separate", extratags=tags, metadata=None)
    for content in (first, last):
        for frames in both(content, tmp_path):
            assert np.array_equal(frames.values[:, 0], GIVEN)
            assert np.array_equal(frames.labels.places["H"], [48.5, 45.5, 42.5, 39.5])


@pytest.mark.parametrize(("raster_type", "middle"), [(1, 0.5), (2, 0.0)])
def test_places_of_a_geotiff_are_the_middles_of_pixels(raster_type, middle, tmp_path):
    tags = [SCALE, TIE, keys(raster_type)]
    for frames in both(written(GIVEN.astype("f4"), extratags=tags, metadata=None), tmp_path):
        assert np.array_equal(frames.labels.places["H"], 50 - 3 * (np.arange(4) + middle))
        assert np.array_equal(frames.labels.places["W"], 100 + 2 * (np.arange(5) + middle))
    for left_out in range(2):
        content = written(GIVEN.astype("f4"), extratags=tags[1 - left_out : 2], metadata=None)
        tagged = both(content, tmp_path)
        assert bool(tagged[0].labels.places) == (left_out == 1)


def test_what_gdal_marks_as_missing_is_nan(tmp_path):
    for dtype, wide in (("i2", "f4"), ("i4", "f8"), ("f4", "f4")):
        given = GIVEN.astype(dtype)
        given[1, 2, 3] = -9
        for frames in both(written(given, extratags=[NODATA], metadata=None), tmp_path):
            assert frames.values.dtype == wide
            assert np.isnan(frames.values[1, 0, 2, 3])
            assert frames.missing_values == 1
            assert np.nansum(frames.values) == GIVEN.sum() - GIVEN[1, 2, 3]
    kept = written(GIVEN.astype("i2"), extratags=[NODATA], metadata=None)
    assert read_bytes("a.tif", kept).values.dtype == "i2"
    odd = written(GIVEN.astype("i2"), extratags=[(42113, "s", 0, "none")], metadata=None)
    assert read_bytes("a.tif", odd).values.dtype == "i2"


def test_smaller_copies_are_left_aside(tmp_path):
    content = io.BytesIO()
    with tifffile.TiffWriter(content) as writer:
        writer.write(GIVEN, photometric="minisblack", subifds=1, metadata=None)
        writer.write(GIVEN[:, ::2, ::2], photometric="minisblack", subfiletype=1, metadata=None)
    for frames in both(content.getvalue(), tmp_path):
        assert np.array_equal(frames.values[:, 0], GIVEN)


def test_files_of_one_band_are_stacked(tmp_path):
    paths = [tmp_path / f"{day}.tif" for day in range(3)]
    for path, page in zip(paths, GIVEN, strict=True):
        tags = [SCALE, TIE, keys(1), NODATA]
        page = np.where(page == 7, -9, page).astype("f4")  # noqa: PLW2901
        tifffile.imwrite(path, page, extratags=tags, metadata=None)
    found = read_stack(paths, "days")
    expected = GIVEN.astype("f4")
    expected[0, 1, 2] = np.nan
    assert np.array_equal(found.values, expected, equal_nan=True)
    assert (found.axes, found.name) == ("T H W", "days")
    assert np.array_equal(found.labels.places["W"], [101, 103, 105, 107, 109])
    first = np.full((4, 5), 7, "i2")  # nothing is missing in it, in the next one there is
    tifffile.imwrite(paths[0], first, extratags=[NODATA], metadata=None)
    found = read_stack(paths, "days")
    assert found.values.dtype == "f4"
    assert np.array_equal(found.values[0], first)
    assert np.array_equal(found.values[1:], expected[1:])
    tifffile.imwrite(paths[0], GIVEN[0].astype("f4"))
    tifffile.imwrite(paths[2], GIVEN[0, 1:])
    with pytest.raises(DataError, match=r"^days: 2\.tif is 3 × 5, but 0\.tif is 4 × 5; bring all"):
        read_stack(paths, "days")
    tifffile.imwrite(paths[0], GIVEN, photometric="minisblack")
    with pytest.raises(DataError, match=r"^days: 0\.tif is 3 × 4 × 5, but must be one page"):
        read_stack(paths, "days")
    with pytest.raises(DataError, match=r"^days holds no TIFF files"):
        read_stack([], "days")
    with pytest.raises(DataError, match="cannot be opened: no such file"):
        read_stack([tmp_path / "none.tif"], "days")


def two_kinds():
    content = io.BytesIO()
    with tifffile.TiffWriter(content) as writer:
        writer.write(GIVEN[0], photometric="minisblack", metadata=None)
        writer.write(GIVEN[0, 1:], photometric="minisblack", metadata=None)
    return content.getvalue()


def huge():
    """A page that says of itself to be of 2^32 pixels or more."""
    content = written(np.zeros((2, 16, 16), "f4"), metadata=None)
    for code, value in ((256, 10**6), (257, 10**5)):
        tag = struct.pack("<HHI", code, 4, 1)
        short = struct.pack("<HHI", code, 3, 1)
        assert tag in content or short in content
        for each in (tag, short):
            place = content.find(each)
            while place >= 0:
                content = content[:place] + tag + struct.pack("<I", value) + content[place + 12 :]
                place = content.find(each, place + 12)
    return content


REFUSED = {
    "empty": (b"", "damaged"),
    "garbage": (b"what" * 99, "damaged"),
    "only its magic": (b"II*\0", "damaged"),
    "cut off": (written(GIVEN, metadata=None)[:300], "damaged"),
    "one picture": (written(GIVEN[0]), "is one picture, 4 × 5"),
    "one picture in colours": (written(COLOURS[0], photometric="rgb"), "is one picture, 8 × 9 × 3"),
    "complex": (written(GIVEN.astype("c8")), "complex numbers"),
    "two kinds": (two_kinds(), "pages of 2 kinds (4 × 5, 3 × 5)"),
    "packed with loss": (
        written(np.zeros((2, 16, 16), "u1"), compression="jpeg"),
        "packed as JPEG",
    ),
    "huge": (huge(), "GB"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refusals_are_one_sentence(case, tmp_path):
    content, said = REFUSED[case]
    path = tmp_path / "a.tif"
    path.write_bytes(content)
    check_refused(lambda: read_bytes("a.tif", content), said)
    check_refused(lambda: load(path), said)


def test_pages_have_no_names():
    check_refused(
        lambda: read_bytes("a.tif", written(GIVEN), variable="b"), "holds pages, without variables"
    )


def test_sizes_are_held_against_memory_before_anything_is_unpacked(monkeypatch):
    bomb = written(np.zeros((100, 256, 256), "u1"), compression="deflate", tile=(256, 256))
    assert len(bomb) < 100_000
    assert read_bytes("a.tif", bomb).steps == 100
    monkeypatch.setattr(size_limits, "LARGEST_UPLOAD", 6_000_000)
    check_refused(lambda: read_bytes("a.tif", bomb), "unpacks to 6.6 MB, but 6.0 MB")


def test_a_file_of_several_leads_to_no_other(tmp_path):
    """OME-TIFF names other files, which hold some of the pages."""
    away, path = tmp_path / "away.ome.tif", tmp_path / "a.tif"
    tifffile.imwrite(away, np.full((4, 5), 77, "u1"), metadata={"axes": "YX"})
    with tifffile.TiffFile(away) as other:
        described = other.ome_metadata
    uuid = described.split('UUID="')[1].split('"')[0]
    planes = described[described.index("<TiffData") : described.index("</Pixels")]
    named = f'<UUID FileName="away.ome.tif">{uuid}</UUID>'
    described = described.replace('SizeT="1"', 'SizeT="2"').replace(f'UUID="{uuid}"', "", 1)
    described = described.replace(
        planes,
        f'<TiffData IFD="0" FirstT="0" PlaneCount="1"/>'
        f'<TiffData IFD="0" FirstT="1" PlaneCount="1">{named}</TiffData>',
    )
    tifffile.imwrite(path, GIVEN[0].astype("u1"), description=described.encode(), metadata=None)
    assert (tifffile.imread(path) == 77).any()  # what is not followed is there to be found
    try:
        frames = load(path)
    except DataError:
        return
    assert not (frames.values == 77).any()


def test_a_file_that_is_cut_off_is_refused_or_whole():
    for options in ({}, {"metadata": None}, {"compression": "deflate"}, {"compression": "lzw"}):
        content = written(GIVEN.astype("i2"), **options)
        for end in range(8, len(content), 7):
            try:
                frames = read_bytes("a.tif", content[:end])
            except DataError:
                continue
            assert np.array_equal(frames.values[:, 0], GIVEN), (options, end, len(content))


def test_nothing_but_a_data_error_comes_out_of_a_damaged_file(tmp_path):
    tags = [SCALE, TIE, keys(1), NODATA]
    for options in ({"compression": "deflate"}, {"compression": "lzw", "imagej": False}):
        content = written(GIVEN.astype("i2"), extratags=tags, metadata=None, **options)
        refused, read = check_damaged("a.tif", content, tmp_path, DAMAGED // 2)
        assert min(refused, read) > DAMAGED // 20
