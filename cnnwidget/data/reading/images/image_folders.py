"""Folders of images, patterns and lists: each image is a frame."""

from __future__ import annotations

import glob
import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from cnnwidget.data.data_error import DataError
from cnnwidget.data.reading.guards.damage import damage_reported
from cnnwidget.data.reading.guards.size_limits import check_memory
from cnnwidget.data.reading.images.colour_channels import result_from_pixels
from cnnwidget.data.reading.images.pillow_images import (
    ANEW,
    FORMATS,
    SHORTER,
    ImageInfo,
    empty_frames,
    image_info,
    image_pixels,
    open_image,
)
from cnnwidget.data.reading.images.tiff import read_stack
from cnnwidget.data.reading.read_result import ReadResult
from cnnwidget.data.reading.source_file import SourceFile
from cnnwidget.design.axes import spell

TIFF = {".tif", ".tiff"}


def read_folder(path: Path) -> ReadResult:
    """Read the images of a folder, in natural order.

    Raises:
        DataError: if there are none, or not all are of one size and mode.
    """
    name = path.resolve().name or str(path)
    return read_series(
        sorted(path.iterdir(), key=natural_key), SourceFile(name, path, None), "holds"
    )


def read_pattern(text: str) -> ReadResult:
    """Read the images that match a pattern, in natural order.

    Raises:
        DataError: if there are none, or not all are of one size and mode.
    """
    fitting = [Path(each) for each in glob.glob(text, recursive=True)]  # noqa: PTH207
    path = Path(text)
    return read_series(sorted(fitting, key=natural_key), SourceFile(path.name, path, None), "fits")


def read_series(paths: list[Path], folder: SourceFile, verb: str) -> ReadResult:
    """Read images of one size and mode as a series.

    Args:
        paths: in the order of time; hidden files and other endings are left out.
        folder: of the images, for errors.
        verb: for errors: a folder `holds` images, a pattern `fits` them.
    """
    paths = [each for each in paths if is_image(each)]
    if not paths:
        raise DataError(
            f"{folder.name} {verb} no pictures, whose names end in {' '.join(FORMATS)}; give the "
            "path of a file, or of a folder of pictures."
        )
    if all(each.suffix.lower() in TIFF for each in paths) and find_spec("tifffile"):
        # Measured values, which Pillow would not always keep.
        return read_stack(paths, folder.name)
    first = file_info(paths[0])
    for path in paths[1:]:
        check_same_kind(paths[0].name, first, path.name, file_info(path))
    check_memory(folder, len(paths) * first.bytes_of_one, SHORTER)
    values = empty_frames(first, len(paths))
    for number, path in enumerate(paths):
        with open_image(SourceFile(path.name, path, None)) as picture:
            check_same_kind(paths[0].name, first, path.name, image_info(picture))
            values[number] = image_pixels(picture, first.kind)
    return result_from_pixels(values, folder.name, None)


def read_list(pictures: list[Any] | tuple[Any, ...]) -> ReadResult:
    """Read a list of Pillow images of one size and mode.

    Raises:
        DataError: if one has another size or mode than the first.

    Example:
        >>> from PIL import Image
        >>> result = read_list([Image.new("P", (6, 5)), Image.new("P", (6, 5))])
        >>> result.values.shape, result.axes
        ((2, 5, 6), 'T H W')
    """
    infos = [image_info(picture) for picture in pictures]
    for number, info in enumerate(infos):
        check_same_kind("number 0", infos[0], f"number {number} of the list", info)
    values = empty_frames(infos[0], len(pictures))
    for number, picture in enumerate(pictures):
        with damage_reported(f"number {number} of the list", ANEW):
            values[number] = image_pixels(picture, infos[0].kind)
    return result_from_pixels(values, "list", None)


def is_image(path: Path) -> bool:
    """Whether a path is an image by its ending, and not hidden."""
    return path.suffix.lower() in FORMATS and not path.name.startswith(".") and not path.is_dir()


def natural_key(path: Path) -> tuple[list[tuple[int, str]], str]:
    """Return a key that sorts numbers within names by their value.

    Example:
        >>> paths = map(Path, ["b10.png", "b2.png", "a3.png"])
        >>> [path.name for path in sorted(paths, key=natural_key)]
        ['a3.png', 'b2.png', 'b10.png']
    """
    parts = re.split(r"([0-9]+)", str(path))
    # Pairs of a number and a text, one of them empty, so that they can be compared.
    return [(int(part), "") if n % 2 else (0, part.lower()) for n, part in enumerate(parts)], str(
        path
    )


def file_info(path: Path) -> ImageInfo:
    """Return the header of an image in a folder.

    Raises:
        DataError: if the file has several images.
    """
    with open_image(SourceFile(path.name, path, None)) as picture:
        info = image_info(picture)
        if info.pictures > 1 and picture.format != "MPO":
            raise DataError(
                f"{path.name} holds {info.pictures:,} pictures, but each of a folder must be a "
                "single one; give its own path to read an animation."
            )
    return info


def check_same_kind(first: str, expected: ImageInfo, name: str, info: ImageInfo) -> None:
    """Refuse an image of another size or mode than the first.

    Raises:
        DataError: with both.
    """
    if info.size != expected.size:
        raise DataError(
            f"{name} is {spell(info.size)}, but {first} is {spell(expected.size)}; bring all "
            "pictures to one size."
        )
    if info.kind != expected.kind:
        raise DataError(
            f"{name} is of mode {info.kind}, but {first} of {expected.kind}; convert all pictures "
            "to one mode."
        )
