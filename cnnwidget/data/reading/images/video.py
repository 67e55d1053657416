"""Reading video with PyAV."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnwidget.data.errors import DataError
from cnnwidget.data.reading.choose_array import refuse_variables
from cnnwidget.data.reading.guards.containers import check_not_truncated, container_kind
from cnnwidget.data.reading.guards.damage import damage_error, damage_reported
from cnnwidget.data.reading.guards.extras import import_extra
from cnnwidget.data.reading.guards.size_limits import check_memory
from cnnwidget.data.reading.images.colour_channels import result_from_pixels
from cnnwidget.data.reading.read_result import ReadResult
from cnnwidget.data.reading.source_file import SourceFile
from cnnwidget.design.axes import spell

ANEW = "write it anew with ffmpeg"
SHORTER = "cut it or make it smaller with ffmpeg"
# A frame may have so many pixels, which is twice those of 8K: decoders take memory by what a
# stream says, before it can be looked at.
MOST_PIXELS = 2**26
# Where a file does not say how many frames it has, there is room for so many at first.
FEW = 64
# Seconds are no finer than the clocks of containers: 0.30000000000000004 is 0.3.
DECIMALS = 9


def read(file: SourceFile) -> ReadResult:
    """The frames of the first video stream, as red, green and blue of 8 bits, or as grey.

    Grey of more than 8 bits has 16. Where red, green and blue are the same everywhere, the frames
    are grey, too, and have no axis of channels. Times are in seconds, as the file has them.

    Raises:
        DataError: if there is no video in the file, or it is damaged, cut off or too large.

    Example:
        >>> import av, io
        >>> content = io.BytesIO()
        >>> with av.open(content, "w", format="avi") as film:
        ...     stream = film.add_stream("ffv1", rate=10, width=8, height=6, pix_fmt="gray")
        ...     for shade in (0, 100, 200):
        ...         frame = av.VideoFrame.from_ndarray(np.full((6, 8), shade, "uint8"), "gray")
        ...         film.mux(stream.encode(frame))
        ...     film.mux(stream.encode())
        >>> found = read(SourceFile("grey.avi", None, content.getvalue()))
        >>> found.values.shape, found.axes, found.labels.times
        ((3, 6, 8), 'T H W', array([0. , 0.1, 0.2]))
    """
    refuse_variables(file, "a video")
    library = import_extra("av", "video", file.name)
    # A kind that is told is not looked for: some of those of ffmpeg open other files and addresses.
    kind = container_kind(file)
    if kind not in {"avi", "matroska", "mp4"}:
        raise DataError(
            f"{file.name} is damaged or no MP4, MOV, AVI, MKV or WebM by how it begins; {ANEW}."
        )
    check_not_truncated(file, kind)
    with damage_reported(file.name, ANEW), file.open() as opened:
        try:
            values, times = decode_file(library, opened, kind, file)
        except library.FFmpegError as error:  # it names the path, which is not for a page
            reason = error.strerror or type(error).__name__
            raise damage_error(file.name, reason, ANEW) from error
    return result_from_pixels(values, file.name, frame_times(times))


def decode_file(
    library: Any, opened: Any, kind: str, file: SourceFile
) -> tuple[NDArray[Any], list[float | None]]:
    """The frames of the first video stream of a file that is of this kind, and their times."""
    limits = {"max_pixels": str(MOST_PIXELS)}
    cover = library.stream.Disposition.attached_pic
    with library.open(opened, format=kind, options=limits) as film:
        for stream in film.streams.video:
            if not stream.disposition & cover:
                stream.codec_context.options = limits
                return decode_stream(film, stream, file)
    raise DataError(f"{file.name} has no video in it; give a file that has.")


def decode_stream(
    film: Any, stream: Any, file: SourceFile
) -> tuple[NDArray[Any], list[float | None]]:
    """All frames of a stream and their times; as many as it says that there are, if it does."""
    values: NDArray[Any] | None = None
    times: list[float | None] = []
    height, width = stream.codec_context.height, stream.codec_context.width
    check_memory(file, frame_count(film, stream) * height * width * 4, SHORTER)
    for frame in film.decode(stream):
        number, size = len(times), (frame.height, frame.width)
        if values is None:
            values = empty_frames(frame, max(frame_count(film, stream), FEW), file)
        elif size != values.shape[1:3]:
            raise DataError(
                f"{file.name}: frame {number + 1} is {spell(size)}, but the first is "
                f"{spell(values.shape[1:3])}; bring all to one size with ffmpeg."
            )
        if frame.is_corrupt:
            raise DataError(f"{file.name}: frame {number + 1} is damaged; {ANEW}.")
        if number == len(values):
            more = empty_frames(frame, 2 * number, file)
            more[:number] = values
            values = more
        values[number] = frame.to_ndarray(format=pixel_format(frame))
        times.append(frame.time)
    if values is None:
        raise DataError(f"{file.name} has no frames in it; check it.")
    if film.format.name == "avi" and len(times) < stream.frames:
        raise DataError(
            f"{file.name} is cut off: it has {len(times):,} of the {stream.frames:,} frames that "
            "it says it has; copy or write it anew."
        )
    # What was not filled has not been taken from the system either; a copy gives all of it back.
    return values[: len(times)] if 2 * len(times) > len(values) else values[: len(times)].copy(), (
        times
    )


def frame_count(film: Any, stream: Any) -> int:
    """How many frames there are, as far as the file says it, else 0."""
    if stream.frames > 0:
        return int(stream.frames)
    seconds = film.duration / 1e6 if film.duration else 0  # ffmpeg counts microseconds
    return max(0, round(seconds * float(stream.average_rate or 0)))


def empty_frames(frame: Any, count: int, file: SourceFile) -> NDArray[Any]:
    """An array for so many frames like this one, if there is memory for it."""
    form = pixel_format(frame)
    colours = () if form.startswith("gray") else (3,)
    depth = np.dtype("u2" if form == "gray16le" else "u1")
    shape = (count, frame.height, frame.width, *colours)
    # Grey in colours is copied once it is known to be grey: a third more.
    each = 4 if colours else depth.itemsize
    check_memory(file, count * frame.height * frame.width * each, SHORTER)
    return np.empty(shape, depth)


def pixel_format(frame: Any) -> str:
    """What to convert a frame to: `gray`, `gray16le` or `rgb24`."""
    name = frame.format.name
    if name == "gray":
        return "gray"
    whole = name.startswith("gray") and not name.startswith("grayf")
    return "gray16le" if whole else "rgb24"


def frame_times(times: list[float | None]) -> NDArray[np.float64] | None:
    """Times of frames in seconds; None where they are not known of all, or not one after another.

    Example:
        >>> frame_times([0.0, 0.1, 0.30000000000000004])
        array([0. , 0.1, 0.3])
        >>> frame_times([0.0, None])
    """
    known = np.array([each for each in times if each is not None], np.float64)
    if len(known) < len(times) or not (np.diff(known) > 0).all():
        return None
    return known.round(DECIMALS)
