"""Reading animations with Pillow, and the headers of single images."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cnnwidget.data.data_error import DataError
from cnnwidget.data.reading.choose_array import refuse_variables
from cnnwidget.data.reading.guards.containers import check_gif_not_truncated
from cnnwidget.data.reading.guards.damage import damage_reported, open_errors_reported
from cnnwidget.data.reading.guards.size_limits import check_memory
from cnnwidget.data.reading.images.colour_channels import MOST_COLOURS, result_from_pixels
from cnnwidget.data.reading.read_result import ReadResult
from cnnwidget.data.reading.source_file import SourceFile
from cnnwidget.design.axes import spell

# Only these formats of Pillow are tried: some others start programs.
FORMATS = {
    ".gif": "GIF",
    ".png": "PNG",
    ".apng": "PNG",
    ".webp": "WEBP",
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".bmp": "BMP",
    ".tif": "TIFF",
    ".tiff": "TIFF",
}
TRIED = sorted(set(FORMATS.values()))
# Modes of Pillow with one number for each pixel; all others are colours.
GREY = {"1", "L", "I", "F", "I;16", "I;16L", "I;16B", "I;16N"}
# The most pixels of a frame of an animation, those of 8K: a few bytes can claim any number.
MOST_PIXELS = 2**25
ANEW = "save it anew"
SHORTER = "give fewer or smaller pictures"


class ImageInfo(NamedTuple):
    """The header of an image.

    Attributes:
        size: (H, W).
        kind: its mode if it is grey, else `colour`.
        pictures: the number of images in the file.
    """

    size: tuple[int, int]
    kind: str
    pictures: int

    @property
    def bytes_of_one(self) -> int:
        """The number of bytes that the pixels of one image take while they are read."""
        each = {"1": 1, "L": 1, "I": 4, "F": 4, "colour": MOST_COLOURS + 1}.get(self.kind, 2)
        return self.size[0] * self.size[1] * each


def read(file: SourceFile) -> ReadResult:
    """Read the frames of a GIF, an animated PNG or an animated WebP, composited.

    Colours are red, green and blue, and alpha unless all is opaque; if the three are equal
    everywhere, the frames become grey, without an axis of channels. Times are in seconds.
    Grey of 16 bits is kept; colours are read as 8 bits.

    Raises:
        DataError: if the file is damaged, too large or a single image.

    Example:
        >>> import io
        >>> from PIL import Image
        >>> frames = [Image.new("L", (6, 5), shade) for shade in (0, 100, 200)]
        >>> content = io.BytesIO()
        >>> frames[0].save(content, "GIF", save_all=True, append_images=frames[1:], duration=40)
        >>> result = read(SourceFile("grey.gif", None, content.getvalue()))
        >>> result.values.shape, result.axes, result.labels.times
        ((3, 5, 6), 'T H W', array([0.  , 0.04, 0.08]))
    """
    refuse_variables(file, "an animation")
    with open_image(file) as picture:
        info = image_info(picture)
        start = (
            1 if getattr(picture, "default_image", False) else 0
        )  # it is not part of the animation
        count = info.pictures - start
        if info.pictures < 2 or picture.format == "MPO":  # a stereo image, or one with its preview
            raise DataError(f"{file.name} is one picture; give a folder of them or an animation.")
        # The first frame of a GIF may be grey, and later ones have colours.
        info = ImageInfo(info.size, "colour" if info.kind in {"1", "L"} else info.kind, count)
        if picture.format == "GIF":
            check_gif_not_truncated(file)
        if info.size[0] * info.size[1] > MOST_PIXELS:
            raise DataError(
                f"{file.name} says that its frames are {spell(info.size)}, but {MOST_PIXELS:,} "
                "pixels is the most in an animation; make it smaller, or give a folder of pictures."
            )
        check_memory(file, count * info.bytes_of_one, SHORTER)
        values, durations = decode_frames(picture, info, start, file.name)
    return result_from_pixels(values, file.name, frame_times(durations))


@contextmanager
def open_image(file: SourceFile) -> Iterator[Any]:
    """Open an image with Pillow, not decoded yet.

    Raises:
        DataError: instead of any error while it is open.
    """
    from PIL import Image, UnidentifiedImageError  # imported here, since Pillow is slow to import

    with open_errors_reported(file.name):
        stream = file.open()
    with stream, damage_reported(file.name, ANEW):
        try:
            with Image.open(stream, formats=TRIED) as picture:
                yield picture
        except UnidentifiedImageError as error:
            raise DataError(
                f"{file.name} is damaged or no picture of the kinds {' '.join(TRIED)}; {ANEW}."
            ) from error
        except Image.DecompressionBombError as error:
            raise DataError(
                f"{file.name} says that it has more than {2 * (Image.MAX_IMAGE_PIXELS or 0):,} "
                "pixels, which Pillow takes for an attack; cut it into smaller ones."
            ) from error


def image_info(picture: Any) -> ImageInfo:
    """Return the header of an open image; for a GIF, all frames are counted."""
    kind = picture.mode if picture.mode in GREY else "colour"
    width, height = picture.size
    return ImageInfo((height, width), kind, getattr(picture, "n_frames", 1))


def empty_frames(info: ImageInfo, count: int) -> NDArray[Any]:
    """Return an uninitialised array for `count` images."""
    depths = {"1": "?", "L": "u1", "I": "i4", "F": "f4", "colour": "u1"}
    depth = depths.get(info.kind, "u2")
    shape = (count, *info.size, MOST_COLOURS) if info.kind == "colour" else (count, *info.size)
    return np.empty(shape, depth)


def decode_frames(
    picture: Any, info: ImageInfo, start: int, name: str
) -> tuple[NDArray[Any], list[float | None]]:
    """Return all frames of an animation and their durations in milliseconds.

    Raises:
        DataError: if a frame has another size than the first.
    """
    values = empty_frames(info, info.pictures)
    durations: list[float | None] = []
    for number in range(info.pictures):
        picture.seek(start + number)
        picture.load()
        if (size := picture.size[::-1]) != info.size:  # a frame of a GIF may be larger
            raise DataError(
                f"{name}: frame {number + 1} is {spell(size)}, but the first is "
                f"{spell(info.size)}; {ANEW}."
            )
        values[number] = image_pixels(picture, info.kind)
        durations.append(picture.info.get("duration"))
    return values, durations


def image_pixels(picture: Any, kind: str) -> NDArray[Any]:
    """Return an image as an array, (H, W) or (H, W, 4)."""
    return np.asarray(picture.convert("RGBA") if kind == "colour" else picture)


def frame_times(durations: list[float | None]) -> NDArray[np.float64] | None:
    """Return the times at which frames begin, in seconds; None if a duration is unknown.

    Example:
        >>> frame_times([100, 50, 50])
        array([0.  , 0.1 , 0.15])
        >>> frame_times([100, 0, 50])
    """
    known = [each for each in durations if each is not None and 0 < each < np.inf]
    if len(known) < len(durations):
        return None
    return np.cumsum([0.0, *known[:-1]]) / 1000
