"""TIFF: pages as frames, GeoTIFF with its places, and a folder of single ones.

Source: https://docs.ogc.org/is/19-008r4/19-008r4.html (GeoTIFF) and
https://gdal.org/en/stable/drivers/raster/gtiff.html (missing values).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnwidget.data.axis_names import space_in_order
from cnnwidget.data.axis_order import MOST_AXES
from cnnwidget.data.checks import check_dtype
from cnnwidget.data.errors import DataError
from cnnwidget.data.labels import Labels
from cnnwidget.data.missing import nan_where
from cnnwidget.data.reading.choose_array import refuse_variables
from cnnwidget.data.reading.guards.damage import damage_error, damage_reported, open_errors_reported
from cnnwidget.data.reading.guards.extras import import_extra
from cnnwidget.data.reading.guards.lzw import is_valid_lzw
from cnnwidget.data.reading.guards.size_limits import check_claimed_size
from cnnwidget.data.reading.read_result import ReadResult
from cnnwidget.data.reading.source_file import SourceFile
from cnnwidget.design.axes import spell

ANEW = "write it anew, with tifffile or gdal_translate"
SHORTER = "save a part of it, or fewer pages"
# Kinds of files that tifffile would treat in ways of their own are TIFF like any other here: some
# of these ways lead to other files.
ALLOWED_KINDS = {
    "uniform",
    "shaped",
    "imagej",
    "ome",
    "geotiff",
    "gdal",
    "multipage",
    "subifd",
    "frame",
}
# What packs without loss, by the number in the tag: none, LZW, deflate, PackBits, LZMA, Zstandard.
LZW = 5
PACKINGS = {1, LZW, 8, 32946, 32773, 34925, 50000}
# Tags: the size of a pixel, a pixel and its place, and the value of missing ones.
SCALE, TIE, NODATA = 33550, 33922, 42113
RGB = 2
# The letters of tifffile: of images in a sequence, of pages that it knows no more of, of slices.
LETTERS = {"Y": "H", "X": "W", "S": "C", "C": "C", "T": "T", "I": "T", "Q": "T", "Z": "D"}


def read(file: SourceFile) -> ReadResult:
    """The pages of a file as frames, or the bands of its only page."""
    refuse_variables(file, "pages")
    with open_tiff(file) as tiff, damage_reported(file.name, ANEW):
        series = only_series(tiff, file.name)
        check_series(series, file, 1)
        page = series.keyframe
        letters = axis_letters(series, page, file.name)
        is_grid = letters is not None and {"H", "W"} <= set(letters)
        labels = Labels(places=pixel_coordinates(page) if is_grid else {})
        values = nodata_to_nan(series.asarray(), page)
        return ReadResult(values, file.name, None if letters is None else " ".join(letters), labels)


def read_stack(paths: Sequence[Path], name: str) -> ReadResult:
    """Files of one band each, in this order, as frames.

    Args:
        paths: of the files, all of one size.
        name: what to call them together.

    Raises:
        DataError: if one of them is no such file, or all do not fit into memory.

    Example:
        >>> import tempfile
        >>> import tifffile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     paths = [Path(folder, f"{day}.tif") for day in range(3)]
        ...     for path in paths:
        ...         tifffile.imwrite(path, np.zeros((8, 9), "f4"))
        ...     read_stack(paths, "days").values.shape
        (3, 8, 9)
    """
    if not paths:
        raise DataError(f"{name} holds no TIFF files; give a folder of some.")
    values: NDArray[Any] | None = None
    places: dict[str, NDArray[Any]] = {}
    for number, path in enumerate(paths):
        file = SourceFile(path.name, path, None)
        with open_errors_reported(path), open_tiff(file) as tiff, damage_reported(file.name, ANEW):
            series = only_series(tiff, file.name)
            if values is not None and series.shape != values.shape[1:]:
                raise DataError(
                    f"{name}: {file.name} is {spell(series.shape)}, but {paths[0].name} is "
                    f"{spell(values.shape[1:])}; bring all to one size."
                )
            if series.ndim != 2:
                raise DataError(
                    f"{name}: {file.name} is {spell(series.shape)}, but must be one page with "
                    "one band; give a file of many by itself."
                )
            # There is room for all of them, and for one beside.
            check_series(series, file, 1 if number else len(paths) + 1)
            frame = nodata_to_nan(series.asarray(), series.keyframe)
            if values is None:
                values = np.empty((len(paths), *frame.shape), frame.dtype)
                places = pixel_coordinates(series.keyframe)
            # Where values are missing in later files alone, it takes another dtype.
            values = values.astype(np.result_type(values.dtype, frame.dtype), copy=False)
            values[number] = frame
    assert values is not None
    return ReadResult(values, name, "T H W", Labels(places=places))


@contextmanager
def open_tiff(file: SourceFile) -> Iterator[Any]:
    """A file of TIFF that leads to no other."""
    tifffile = import_extra("tifffile", "geo", file.name)
    ways = {f"is_{kind}": False for kind in tifffile.TIFF.FILE_FLAGS if kind not in ALLOWED_KINDS}
    heard = LostPages()
    logger = logging.getLogger("tifffile")
    logger.addHandler(heard)
    try:
        with file.open() as content:
            with damage_reported(file.name, ANEW):
                tiff = tifffile.TiffFile(content, _multifile=False, **ways)
            with tiff:
                with damage_reported(file.name, ANEW):
                    len(tiff.pages)  # which follows the chain of all of them
                heard.check(file.name)
                yield tiff
                heard.check(file.name)
    finally:
        logger.removeHandler(heard)


class LostPages(logging.Handler):
    """What tifffile logs instead of raising it: that pages are lost, and the rest read as all."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lost: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        told = " ".join(record.getMessage().split())
        if "TiffPages" in told:
            self.lost.append(told)

    def check(self, name: str) -> None:
        """Refuse a file of which pages are lost."""
        if self.lost:
            raise damage_error(name, self.lost[0], ANEW)


def only_series(tiff: Any, name: str) -> Any:
    """The only series of pages, smaller copies and masks left aside."""
    found = [
        series
        for series in tiff.series
        if not (series.keyframe.is_reduced or series.keyframe.is_mask)
    ]
    if not found:
        raise DataError(f"{name} holds no pages; {ANEW}.")
    if len(found) > 1:
        sizes = ", ".join(spell(series.shape) for series in found[:3])
        raise DataError(
            f"{name} holds pages of {len(found)} kinds ({sizes}), but frames are of one size and "
            "dtype; save those of one kind as a file of its own."
        )
    return found[0]


def check_series(series: Any, file: SourceFile, copies: int) -> None:
    """Refuse pages that are no numbers, packed with loss or unknown, or too large."""
    if series.dtype is None:
        raise DataError(f"{file.name} holds values of no dtype that numpy has; {ANEW}.")
    check_dtype(series.dtype, file.name)
    shape = tuple(map(int, series.shape))
    if 0 in shape or not 1 <= len(shape) <= MOST_AXES:
        raise DataError(
            f"{file.name} has the shape {spell(shape)}, but pages are up to five axes of values; "
            f"{ANEW}."
        )
    page = series.keyframe
    if int(page.compression) not in PACKINGS:
        packing = getattr(page.compression, "name", page.compression)
        raise DataError(
            f"{file.name} is packed as {packing}, but must be packed without loss; "
            "gdal_translate -co COMPRESS=DEFLATE writes it so."
        )
    # What is missing is marked in floats, which are up to eight bytes.
    each = series.dtype.itemsize + (8 if NODATA in page.tags else 0)
    check_claimed_size(file, (copies, *shape), page.chunks, each, SHORTER)
    if int(page.compression) == LZW:
        check_lzw(series, file.name)


def check_lzw(series: Any, name: str) -> None:
    """Refuse strips that the library would look for in memory that nobody has set.

    Raises:
        DataError: if a strip is damaged.
    """
    source = series.keyframe.parent.filehandle
    backwards = series.keyframe.fillorder != 1
    for page in series.pages:
        if page is None:
            continue
        for start, length in zip(page.dataoffsets, page.databytecounts, strict=True):
            if length:  # an empty strip stands for zeros
                source.seek(start)
                if not is_valid_lzw(source.read(length), backwards=backwards):
                    raise damage_error(name, "its LZW has codes that stand for nothing", ANEW)


def axis_letters(series: Any, page: Any, name: str) -> list[str] | None:
    """The letters of the axes, by those of tifffile; None where these do not say it.

    Bands of a single page are what was measured at different times. But three or four that are
    marked as colours are one picture.
    """
    letters = [LETTERS.get(letter) for letter in series.axes]
    if "T" not in letters:
        # A stack of slices, or of channels, and no more: one picture behind the other.
        only = [n for n, letter in enumerate(letters) if letter in {"D", "C"}]
        if len(only) != 1 or (letters[only[0]] == "C" and int(page.photometric) == RGB):
            raise DataError(
                f"{name} is one picture, {spell(series.shape)}, but frames are several; give a "
                "folder or pattern of such files, or one file with many pages."
            )
        letters[only[0]] = "T"
    if None in letters or len(set(letters)) < len(letters):
        return None
    return space_in_order([letter for letter in letters if letter])


def pixel_coordinates(page: Any) -> dict[str, NDArray[Any]]:
    """The coordinates of rows and columns, in the middle of pixels, as GeoTIFF says them."""
    tags = page.geotiff_tags if page.is_geotiff else {}
    scale, tie = (page.tags.valueof(tag) for tag in (SCALE, TIE))
    # More than one tie point, or a rotation, is no grid along the axes.
    if scale is None or tie is None or len(scale) < 2 or len(tie) != 6:
        return {}
    if not all(isfinite(each) for each in (*scale, *tie)):
        return {}
    # 2 is PixelIsPoint: the tie point is the middle of a pixel, not its corner.
    middle = 0.0 if int(tags.get("GTRasterTypeGeoKey", 1)) == 2 else 0.5
    rows, columns = np.arange(page.imagelength), np.arange(page.imagewidth)
    return {
        "H": tie[4] - (rows + middle - tie[1]) * scale[1],
        "W": tie[3] + (columns + middle - tie[0]) * scale[0],
    }


def nodata_to_nan(values: NDArray[Any], page: Any) -> NDArray[Any]:
    """Values with NaN in the place of what GDAL marks as missing."""
    tag = page.tags.get(NODATA)
    if tag is None:
        return values
    try:
        nodata = float(str(tag.value).strip("\0 "))
    except ValueError:
        return values
    return nan_where(values, values == nodata)
