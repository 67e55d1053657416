"""Reading animations with Pillow, and looking at single pictures before they are decoded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cnnwidget.data.errors import DataError
from cnnwidget.data.reading.choose_array import refuse_variables
from cnnwidget.data.reading.guards.containers import check_gif_not_truncated
from cnnwidget.data.reading.guards.damage import damage_reported, open_errors_reported
from cnnwidget.data.reading.guards.size_limits import check_memory
from cnnwidget.data.reading.images.colour_channels import COLOURS, result_from_pixels
from cnnwidget.data.reading.read_result import ReadResult
from cnnwidget.data.reading.source_file import SourceFile
from cnnwidget.design.axes import spell

# Only these of the formats of Pillow are tried: some others start programs.
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
# Modes of Pillow whose pixels are one number each; all others are colours.
GREY = {"1", "L", "I", "F", "I;16", "I;16L", "I;16B", "I;16N"}
# A frame of an animation may have so many pixels, those of 8K: a few bytes can claim any number.
MOST_PIXELS = 2**25
ANEW = "save it anew"
SHORTER = "give fewer or smaller pictures"


class ImageInfo(NamedTuple):
    """What a picture says of itself before it is decoded.

    Attributes:
        size: (H, W).
        kind: its mode if that is grey, else `colour`.
        pictures: how many are in the file.
    """

    size: tuple[int, int]
    kind: str
    pictures: int

    @property
    def bytes_of_one(self) -> int:
        """What the pixels of one take while they are read."""
        each = {"1": 1, "L": 1, "I": 4, "F": 4, "colour": COLOURS + 1}.get(self.kind, 2)
        return self.size[0] * self.size[1] * each


def read(file: SourceFile) -> ReadResult:
    """The frames of a GIF, an animated PNG or an animated WebP, composited.

    Colours are red, green and blue, and how opaque where that is not all; where all three are
    the same everywhere, the frames are grey and have no axis of channels. Times are in seconds.
    Pillow reads grey of 16 bits as such, and colours as 8 bits.

    Raises:
        DataError: if it is damaged, too large or a single picture.

    Example:
        >>> import io
        >>> from PIL import Image
        >>> frames = [Image.new("L", (6, 5), shade) for shade in (0, 100, 200)]
        >>> content = io.BytesIO()
        >>> frames[0].save(content, "GIF", save_all=True, append_images=frames[1:], duration=40)
        >>> found = read(SourceFile("grey.gif", None, content.getvalue()))
        >>> found.values.shape, found.axes, found.labels.times
        ((3, 5, 6), 'T H W', array([0.  , 0.04, 0.08]))
    """
    refuse_variables(file, "an animation")
    with open_image(file) as picture:
        look = image_info(picture)
        start = 1 if getattr(picture, "default_image", False) else 0  # it is not of the animation
        count = look.pictures - start
        if look.pictures < 2 or picture.format == "MPO":  # a stereo picture, or one and its preview
            raise DataError(f"{file.name} is one picture; give a folder of them or an animation.")
        # What follows the first frame of a GIF may have colours where that has none.
        look = ImageInfo(look.size, "colour" if look.kind in {"1", "L"} else look.kind, count)
        if picture.format == "GIF":
            check_gif_not_truncated(file)
        if look.size[0] * look.size[1] > MOST_PIXELS:
            raise DataError(
                f"{file.name} says that its frames are {spell(look.size)}, but {MOST_PIXELS:,} "
                "pixels is the most in an animation; make it smaller, or give a folder of pictures."
            )
        check_memory(file, count * look.bytes_of_one, SHORTER)
        values, durations = decode_frames(picture, look, start, file.name)
    return result_from_pixels(values, file.name, frame_times(durations))


@contextmanager
def open_image(file: SourceFile) -> Iterator[Any]:
    """A picture of Pillow, not decoded yet; what goes wrong with it meanwhile is told."""
    from PIL import Image, UnidentifiedImageError  # here, for Pillow takes its time

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
    """What an open picture says of itself; of a GIF this walks through the file."""
    kind = picture.mode if picture.mode in GREY else "colour"
    width, height = picture.size
    return ImageInfo((height, width), kind, getattr(picture, "n_frames", 1))


def empty_frames(look: ImageInfo, count: int) -> NDArray[Any]:
    """Room for so many pictures; the system hands it out only as it is filled."""
    depths = {"1": "?", "L": "u1", "I": "i4", "F": "f4", "colour": "u1"}
    depth = depths.get(look.kind, "u2")
    shape = (count, *look.size, COLOURS) if look.kind == "colour" else (count, *look.size)
    return np.empty(shape, depth)


def decode_frames(
    picture: Any, look: ImageInfo, start: int, name: str
) -> tuple[NDArray[Any], list[float | None]]:
    """All frames of an animation and how long each is shown, in milliseconds."""
    values = empty_frames(look, look.pictures)
    durations: list[float | None] = []
    for number in range(look.pictures):
        picture.seek(start + number)
        picture.load()
        if (found := picture.size[::-1]) != look.size:  # a frame of a GIF may reach beyond
            raise DataError(
                f"{name}: frame {number + 1} is {spell(found)}, but the first is "
                f"{spell(look.size)}; {ANEW}."
            )
        values[number] = image_pixels(picture, look.kind)
        durations.append(picture.info.get("duration"))
    return values, durations


def image_pixels(picture: Any, kind: str) -> NDArray[Any]:
    """One picture as an array, (H, W) or (H, W, 4)."""
    return np.asarray(picture.convert("RGBA") if kind == "colour" else picture)


def frame_times(durations: list[float | None]) -> NDArray[np.float64] | None:
    """When each frame begins, in seconds; None where that is not known of all.

    Example:
        >>> frame_times([100, 50, 50])
        array([0.  , 0.1 , 0.15])
        >>> frame_times([100, 0, 50])
    """
    known = [each for each in durations if each is not None and 0 < each < np.inf]
    if len(known) < len(durations):
        return None
    return np.cumsum([0.0, *known[:-1]]) / 1000
