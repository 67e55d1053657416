"""Folders of pictures, those that a pattern fits, and lists: each picture is a frame."""

from __future__ import annotations

import glob
import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from cnnwidget.data.errors import DataError
from cnnwidget.data.reading.guards.damage import damage_reported
from cnnwidget.data.reading.guards.size_limits import check_memory
from cnnwidget.data.reading.images.animations import (
    ANEW,
    FORMATS,
    SHORTER,
    ImageInfo,
    empty_frames,
    image_info,
    image_pixels,
    open_image,
)
from cnnwidget.data.reading.images.colour_channels import result_from_pixels
from cnnwidget.data.reading.images.tiff import read_stack
from cnnwidget.data.reading.read_result import ReadResult
from cnnwidget.data.reading.source_file import SourceFile
from cnnwidget.design.axes import spell

TIFF = {".tif", ".tiff"}


def read_folder(path: Path) -> ReadResult:
    """The pictures of a folder, in natural order.

    Raises:
        DataError: if there are none, or not all are of one size and mode.
    """
    name = path.resolve().name or str(path)
    return read_series(
        sorted(path.iterdir(), key=natural_key), SourceFile(name, path, None), "holds"
    )


def read_pattern(text: str) -> ReadResult:
    """The pictures that a pattern fits, in natural order.

    Raises:
        DataError: if there are none, or not all are of one size and mode.
    """
    fitting = [Path(each) for each in glob.glob(text, recursive=True)]  # noqa: PTH207
    path = Path(text)
    return read_series(sorted(fitting, key=natural_key), SourceFile(path.name, path, None), "fits")


def read_series(paths: list[Path], folder: SourceFile, verb: str) -> ReadResult:
    """Pictures of one size and mode, one behind the other.

    Args:
        paths: in the order of time; what is hidden or no picture by its ending is left out.
        folder: that they are from.
        verb: what it does to them: `holds`.
    """
    paths = [each for each in paths if is_image(each)]
    if not paths:
        raise DataError(
            f"{folder.name} {verb} no pictures, whose names end in {' '.join(FORMATS)}; give the "
            "path of a file, or of a folder of pictures."
        )
    if all(each.suffix.lower() in TIFF for each in paths) and find_spec("tifffile"):
        # Measured fields, whose numbers Pillow would not always keep.
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
    """Pictures of Pillow of one size and mode, as those of a folder are read.

    Raises:
        DataError: if one of them is not like the first.

    Example:
        >>> from PIL import Image
        >>> found = read_list([Image.new("P", (6, 5)), Image.new("P", (6, 5))])
        >>> found.values.shape, found.axes
        ((2, 5, 6), 'T H W')
    """
    looks = [image_info(picture) for picture in pictures]
    for number, look in enumerate(looks):
        check_same_kind("number 0", looks[0], f"number {number} of the list", look)
    values = empty_frames(looks[0], len(pictures))
    for number, picture in enumerate(pictures):
        with damage_reported(f"number {number} of the list", ANEW):
            values[number] = image_pixels(picture, looks[0].kind)
    return result_from_pixels(values, "list", None)


def is_image(path: Path) -> bool:
    """Whether a path is a picture by its name, and none that is hidden."""
    return path.suffix.lower() in FORMATS and not path.name.startswith(".") and not path.is_dir()


def natural_key(path: Path) -> tuple[list[tuple[int, str]], str]:
    """A key that sorts numbers within names by their size.

    Example:
        >>> paths = map(Path, ["b10.png", "b2.png", "a3.png"])
        >>> [path.name for path in sorted(paths, key=natural_key)]
        ['a3.png', 'b2.png', 'b10.png']
    """
    parts = re.split(r"([0-9]+)", str(path))
    # A number and no text, or a text and no number: so that they compare with each other.
    return [(int(part), "") if n % 2 else (0, part.lower()) for n, part in enumerate(parts)], str(
        path
    )


def file_info(path: Path) -> ImageInfo:
    """What one picture of a folder says of itself; it must be a single one."""
    with open_image(SourceFile(path.name, path, None)) as picture:
        look = image_info(picture)
        if look.pictures > 1 and picture.format != "MPO":
            raise DataError(
                f"{path.name} holds {look.pictures:,} pictures, but each of a folder must be a "
                "single one; give its own path to read an animation."
            )
    return look


def check_same_kind(first: str, wanted: ImageInfo, name: str, look: ImageInfo) -> None:
    """Refuse a picture that is not like the first."""
    if look.size != wanted.size:
        raise DataError(
            f"{name} is {spell(look.size)}, but {first} is {spell(wanted.size)}; bring all "
            "pictures to one size."
        )
    if look.kind != wanted.kind:
        raise DataError(
            f"{name} is of mode {look.kind}, but {first} of {wanted.kind}; convert all pictures to "
            "one mode."
        )
