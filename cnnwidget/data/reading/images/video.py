"""Reading video with PyAV."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnwidget.data.data_error import DataError
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
# The most pixels of a frame, twice those of 8K: decoders allocate memory for the size that a stream
# claims, before it can be checked.
MOST_PIXELS = 2**26
# The number of frames allocated at first if the file does not say how many it has.
FEW = 64
# Times are rounded, so that 0.30000000000000004 becomes 0.3.
DECIMALS = 9


def read(file: SourceFile) -> ReadResult:
    """Read the frames of the first video stream, as red, green and blue of 8 bits, or as grey.

    Grey of more than 8 bits is read as 16 bits. If red, green and blue are equal everywhere, the
    frames become grey, without an axis of channels. Times are in seconds, from the file.

    Raises:
        DataError: if the file has no video, or is damaged, cut off or too large.

    Example:
        >>> import av, io
        >>> content = io.BytesIO()
        >>> with av.open(content, "w", format="avi") as film:
        ...     stream = film.add_stream("ffv1", rate=10, width=8, height=6, pix_fmt="gray")
        ...     for shade in (0, 100, 200):
        ...         frame = av.VideoFrame.from_ndarray(np.full((6, 8), shade, "uint8"), "gray")
        ...         film.mux(stream.encode(frame))
        ...     film.mux(stream.encode())
        >>> result = read(SourceFile("grey.avi", None, content.getvalue()))
        >>> result.values.shape, result.axes, result.labels.times
        ((3, 6, 8), 'T H W', array([0. , 0.1, 0.2]))
    """
    refuse_variables(file, "a video")
    library = import_extra("av", "video", file.name)
    # The format is named, not detected: some formats of ffmpeg open other files and addresses.
    kind = container_kind(file)
    if kind not in {"avi", "matroska", "mp4"}:
        raise DataError(
            f"{file.name} is damaged or no MP4, MOV, AVI, MKV or WebM by how it begins; {ANEW}."
        )
    check_not_truncated(file, kind)
    with damage_reported(file.name, ANEW), file.open() as opened:
        try:
            values, times = decode_file(library, opened, kind, file)
        except (
            library.FFmpegError
        ) as error:  # its message has the path, which the panel must not show
            reason = error.strerror or type(error).__name__
            raise damage_error(file.name, reason, ANEW) from error
    return result_from_pixels(values, file.name, frame_times(times))


def decode_file(
    library: Any, opened: Any, kind: str, file: SourceFile
) -> tuple[NDArray[Any], list[float | None]]:
    """Return the frames of the first video stream of a file, and their times in seconds.

    Raises:
        DataError: if there is none.
    """
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
    """Return all frames of a stream, and their times in seconds.

    Raises:
        DataError: if a frame is damaged or of another size, or frames are missing.
    """
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
    # Memory that was not filled is not used yet; a copy releases it.
    return values[: len(times)] if 2 * len(times) > len(values) else values[: len(times)].copy(), (
        times
    )


def frame_count(film: Any, stream: Any) -> int:
    """Return the number of frames that the file claims; 0 if it does not."""
    if stream.frames > 0:
        return int(stream.frames)
    seconds = film.duration / 1e6 if film.duration else 0  # ffmpeg counts microseconds
    return max(0, round(seconds * float(stream.average_rate or 0)))


def empty_frames(frame: Any, count: int, file: SourceFile) -> NDArray[Any]:
    """Return an uninitialised array for `count` frames like this one.

    Raises:
        DataError: if there is not enough memory.
    """
    form = pixel_format(frame)
    colours = () if form.startswith("gray") else (3,)
    depth = np.dtype("u2" if form == "gray16le" else "u1")
    shape = (count, frame.height, frame.width, *colours)
    # Colours that turn out to be grey are copied: a third more memory.
    each = 4 if colours else depth.itemsize
    check_memory(file, count * frame.height * frame.width * each, SHORTER)
    return np.empty(shape, depth)


def pixel_format(frame: Any) -> str:
    """Return the pixel format to convert a frame to: `gray`, `gray16le` or `rgb24`."""
    name = frame.format.name
    if name == "gray":
        return "gray"
    is_integer = name.startswith("gray") and not name.startswith("grayf")
    return "gray16le" if is_integer else "rgb24"


def frame_times(times: list[float | None]) -> NDArray[np.float64] | None:
    """Return the times of frames in seconds; None if one is unknown, or they do not increase.

    Example:
        >>> frame_times([0.0, 0.1, 0.30000000000000004])
        array([0. , 0.1, 0.3])
        >>> frame_times([0.0, None])
    """
    known = np.array([each for each in times if each is not None], np.float64)
    if len(known) < len(times) or not (np.diff(known) > 0).all():
        return None
    return known.round(DECIMALS)
