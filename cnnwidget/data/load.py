"""`load`: read an array, a tensor or a file as a series of frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from cnnwidget.data.argument_checks import check_dtype
from cnnwidget.data.axis_order import GUESSED, arrange_axes, letters_in
from cnnwidget.data.data_error import DataError
from cnnwidget.data.frames import Frames, Missing
from cnnwidget.data.labels import Labels
from cnnwidget.data.missing import forward_filled
from cnnwidget.data.reading.read_result import ReadResult
from cnnwidget.data.reading.readers import read_source, read_upload
from cnnwidget.design.axes import spell
from cnnwidget.design.value import shortened

# A forecast needs one frame to start from, and one to compare with.
FEWEST = 2


def load(
    source: Any,
    *,
    axes: str | None = None,
    name: str | None = None,
    variable: str | Sequence[str] | None = None,
    frame_len: int | None = None,
    missing: Missing | None = None,
    valid: Any = None,
) -> Frames:
    """Read an array or a file as a series of frames, without copying it.

    Sources are arrays, tensors, lists of images, xarray `DataArray` and `Dataset`, and paths:
    `.npy .npz .pt`, GIF, animated PNG and video, a folder or pattern of images in natural order,
    NetCDF and Zarr, GeoTIFF, HDF5, CSV, WAV. A `.npy` file of more than a gigabyte is mapped and
    read as needed. If a format needs a library that is not installed, the error names the extra.

    Args:
        source: any of these, or `Frames`. If a file has several arrays, `"file.nc::name"` names
            one. Spaces and quotes around a path are ignored, and `~` is the home folder.
        axes: the axes in their order, a letter for each: T (time), C (channels) and L, H W or
            D H W (space). None for the axes that the file describes, or else `T L`, `T H W` or
            `T C H W` by their number; `Frames.understood` says which.
        name: of the series; None for the name of the file.
        variable: the array to read, of a file with several; several arrays become channels.
        frame_len: the number of steps in a frame, of a series without space (a sound, a table of
            a single place).
        missing: `refuse` missing values when a training begins, `fill` them with the last value
            known before (or the first one known), or `leave out` of losses and errors. None for
            what `Frames.save` wrote into the file, else `refuse`.
        valid: True where there is something to forecast, as (*size) or (C, *size) in the order of
            `Frames.values`; losses and errors are of these places only. None for what
            `Frames.save` wrote into the file, else everywhere.

    Returns:
        Frames whose values are a view of the source, (T, C, *size); a copy with `fill`.

    Raises:
        DataError: if the source is no series of frames; the message says why.

    Example:
        >>> import numpy as np
        >>> load(np.zeros((100, 64, 48), dtype="float32"), name="ice")
        Frames('ice', 100 × 1 × 64 × 48 as T C H W, float32)
        >>> load(np.zeros((64, 48, 3, 100)), axes="H W C T").shape_of_frame
        (3, 64, 48)
        >>> load(np.zeros(1000), frame_len=50).values.shape
        (20, 1, 50)
    """
    if isinstance(source, Frames):
        if axes is not None or variable is not None or frame_len is not None:
            raise DataError(f"{source!r} has its axes already; leave axes out.")
        frames = source if name is None else replace(source, name=name)
    else:
        result = read_source(source, variable_names(variable))
        frames = frames_from_result(result, axes, name, frame_len)
    return apply_missing(frames, missing, valid)


def read_bytes(
    name: str,
    content: bytes | bytearray | memoryview,
    *,
    axes: str | None = None,
    variable: str | Sequence[str] | None = None,
    frame_len: int | None = None,
) -> Frames:
    """Read the content of an uploaded file as a series of frames.

    The content is not trusted: no pickle is read, and shapes and sizes are checked against the
    length of the content before memory is allocated.

    Args:
        name: the name of the file; its ending says the format.
        content: of the file.
        axes: as in `load`.
        variable: as in `load`.
        frame_len: as in `load`.

    Returns:
        Frames; of a `.npy` file they are a view of the content.

    Raises:
        DataError: if the content is damaged, too large or no series of frames.

    Example:
        >>> import io
        >>> import numpy as np
        >>> file = io.BytesIO()
        >>> np.save(file, np.zeros((9, 32)))
        >>> read_bytes("wave.npy", file.getvalue())
        Frames('wave.npy', 9 × 1 × 32 as T C L, float64)
    """
    result = read_upload(name, content, variable_names(variable))
    return frames_from_result(result, axes, None, frame_len)


def variable_names(variable: str | Sequence[str] | None) -> tuple[str, ...]:
    """Return the argument `variable` as a tuple of names.

    Raises:
        DataError: if it is neither a name nor several.
    """
    if variable is None:
        return ()
    names = (variable,) if not isinstance(variable, list | tuple) else tuple(variable)
    if not all(isinstance(each, str) for each in names):
        raise DataError(f"variable is {shortened(variable)}, but must be a name or several.")
    return names


def frames_from_result(
    result: ReadResult, axes: str | None, name: str | None, frame_len: int | None
) -> Frames:
    """Return the result of a reader as frames, with the axes in order.

    Raises:
        DataError: if the axes are unknown or do not fit, or there is only one frame.
    """
    called = result.name if name is None else name
    check_dtype(result.values.dtype, called)
    if axes is None and result.unsure:
        raise DataError(result.unsure)
    order = result.axes if axes is None else axes
    view, has_channels = arrange_axes(result.values, order, called, frame_len)
    labels, valid = result.labels, result.valid
    of_source = result.axes or usual_order(result, frame_len)
    if letters_in(order or of_source) != letters_in(of_source):  # labels are of other axes
        labels, valid = Labels(units=labels.units), None
    if frame_len is not None:
        times = None if labels.times is None else labels.times[::frame_len][: len(view)].copy()
        labels = replace(labels, times=times, places={})
    frames = Frames(
        view,
        has_channels=has_channels,
        name=called,
        labels=labels,
        valid=valid,
        missing=result.missing,
        understood=understood(order, result, frame_len, given=axes is not None),
    )
    if frames.steps < FEWEST:
        raise DataError(
            f"{called} has 1 frame ({spell(view.shape)} as {frames.axes}), but a forecast needs at "
            "least 2; if time is another axis, say so with axes."
        )
    return frames


def usual_order(result: ReadResult, frame_len: int | None) -> str:
    """Return the letters of axes that neither the source nor the user names."""
    axes = result.values.ndim
    return GUESSED.get(axes, "T") if frame_len is None else "TC"[:axes]


def understood(order: str | None, result: ReadResult, frame_len: int | None, *, given: bool) -> str:
    """Return in words how the axes were recognised.

    Example:
        >>> import numpy as np
        >>> understood(None, ReadResult(np.zeros((9, 5, 6)), "ice"), None, given=False)
        'T H W, by their number'
    """
    spaced = " ".join(letters_in(order or usual_order(result, frame_len)))
    if frame_len is not None:
        spaced += f" in frames of {frame_len}"
    if order is None:
        return f"{spaced}, by their number"
    return f"{spaced}, as {'axes says' if given else 'the file says'}"


def apply_missing(frames: Frames, missing: Missing | None, valid: Any) -> Frames:
    """Return frames with a mask, and with missing values filled or marked as `missing` says."""
    if valid is not None:
        frames = replace(frames, valid=valid)
    if missing == "fill":
        return replace(frames, values=forward_filled(frames.values, frames.name), missing="refuse")
    return frames if missing is None else replace(frames, missing=missing)
