"""TIFF and GeoTIFF: pages as frames, and series of single files."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnwidget.data.argument_checks import check_dtype
from cnnwidget.data.axis_names import space_in_order
from cnnwidget.data.axis_order import MOST_AXES
from cnnwidget.data.data_error import DataError
from cnnwidget.data.labels import Labels
from cnnwidget.data.reading.choose_array import refuse_variables
from cnnwidget.data.reading.guards.damage import damage_error, damage_reported, open_errors_reported
from cnnwidget.data.reading.guards.extras import import_extra
from cnnwidget.data.reading.guards.lzw import is_valid_lzw
from cnnwidget.data.reading.guards.size_limits import check_claimed_size
from cnnwidget.data.reading.images.geotiff_tags import NODATA, nodata_to_nan, pixel_coordinates
from cnnwidget.data.reading.read_result import ReadResult
from cnnwidget.data.reading.source_file import SourceFile
from cnnwidget.design.axes import spell

ANEW = "write it anew, with tifffile or gdal_translate"
SHORTER = "save a part of it, or fewer pages"
# The special kinds of TIFF that tifffile may recognise; all others are read as plain TIFF, since
# some kinds open other files.
KINDS = {"uniform", "shaped", "imagej", "ome", "geotiff", "gdal", "multipage", "subifd", "frame"}
# Lossless compressions by the number in the tag: none, LZW, deflate, PackBits, LZMA, Zstandard.
LZW = 5
PACKINGS = {1, LZW, 8, 32946, 32773, 34925, 50000}
RGB = 2
# The axes of tifffile: rows, columns, samples, channels, time, sequence, unknown, slices.
LETTERS = {"Y": "H", "X": "W", "S": "C", "C": "C", "T": "T", "I": "T", "Q": "T", "Z": "D"}


def read(file: SourceFile) -> ReadResult:
    """Read the pages of a file as frames, or the bands of its only page."""
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
    """Read files of one band each as a series.

    Args:
        paths: of the files, in the order of time, all of one size.
        name: of the series.

    Raises:
        DataError: if a file is no such TIFF, or all do not fit into memory.

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
            # At the first file: is there memory for all, and for one more?
            check_series(series, file, 1 if number else len(paths) + 1)
            frame = nodata_to_nan(series.asarray(), series.keyframe)
            if values is None:
                values = np.empty((len(paths), *frame.shape), frame.dtype)
                places = pixel_coordinates(series.keyframe)
            # Missing values in a later file may need another dtype.
            values = values.astype(np.result_type(values.dtype, frame.dtype), copy=False)
            values[number] = frame
    assert values is not None
    return ReadResult(values, name, "T H W", Labels(places=places))


@contextmanager
def open_tiff(file: SourceFile) -> Iterator[Any]:
    """Open a TIFF file that opens no other file.

    Raises:
        DataError: if it is damaged.
    """
    tifffile = import_extra("tifffile", "geo", file.name)
    ways = {f"is_{kind}": False for kind in tifffile.TIFF.FILE_FLAGS if kind not in KINDS}
    lost_pages = LostPages()
    logger = logging.getLogger("tifffile")
    logger.addHandler(lost_pages)
    try:
        with file.open() as content:
            with damage_reported(file.name, ANEW):
                tiff = tifffile.TiffFile(content, _multifile=False, **ways)
            with tiff:
                with damage_reported(file.name, ANEW):
                    len(tiff.pages)  # follows the chain of all pages
                lost_pages.check(file.name)
                yield tiff
                lost_pages.check(file.name)
    finally:
        logger.removeHandler(lost_pages)


class LostPages(logging.Handler):
    """Collects messages about lost pages, which tifffile logs instead of raising an error."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lost: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        message = " ".join(record.getMessage().split())
        if "TiffPages" in message:
            self.lost.append(message)

    def check(self, name: str) -> None:
        """Refuse a file with lost pages.

        Raises:
            DataError: with the message.
        """
        if self.lost:
            raise damage_error(name, self.lost[0], ANEW)


def only_series(tiff: Any, name: str) -> Any:
    """Return the only series of pages; reduced copies and masks are ignored.

    Raises:
        DataError: if there is none, or several.
    """
    several = [
        series
        for series in tiff.series
        if not (series.keyframe.is_reduced or series.keyframe.is_mask)
    ]
    if not several:
        raise DataError(f"{name} holds no pages; {ANEW}.")
    if len(several) > 1:
        sizes = ", ".join(spell(series.shape) for series in several[:3])
        raise DataError(
            f"{name} holds pages of {len(several)} kinds ({sizes}), but frames are of one size and "
            "dtype; save those of one kind as a file of its own."
        )
    return several[0]


def check_series(series: Any, file: SourceFile, copies: int) -> None:
    """Refuse pages without numbers, with a lossy or unknown compression, or too large.

    Raises:
        DataError: with the reason.
    """
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
    # Missing values are marked in floats of up to eight bytes.
    each = series.dtype.itemsize + (8 if NODATA in page.tags else 0)
    check_claimed_size(file, (copies, *shape), page.chunks, each, SHORTER)
    if int(page.compression) == LZW:
        check_lzw(series, file.name)


def check_lzw(series: Any, name: str) -> None:
    """Refuse strips with invalid LZW codes; see `guards/lzw`.

    Raises:
        DataError: if a strip is damaged.
    """
    source = series.keyframe.parent.filehandle
    backwards = series.keyframe.fillorder != 1
    for page in series.pages:
        if page is None:
            continue
        for start, length in zip(page.dataoffsets, page.databytecounts, strict=True):
            if length:  # an empty strip means zeros
                source.seek(start)
                if not is_valid_lzw(source.read(length), backwards=backwards):
                    raise damage_error(name, "its LZW has codes that stand for nothing", ANEW)


def axis_letters(series: Any, page: Any, name: str) -> list[str] | None:
    """Return the letters of the axes, from those of tifffile; None if they are not clear.

    Bands of a single page are read as times, unless they are marked as colours, which make one
    image.
    """
    letters = [LETTERS.get(letter) for letter in series.axes]
    if "T" not in letters:
        # A stack of slices or of channels alone is read as a series.
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
