"""`load`: whatever holds a series, as frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from cnnwidget.data.axis_order import GUESSED, arrange_axes
from cnnwidget.data.checks import check_dtype
from cnnwidget.data.errors import DataError
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
    """Take an array or a file as a series of frames, without copying it.

    Sources are arrays, tensors, lists of images, xarray `DataArray` and `Dataset`, and paths:
    `.npy .npz .pt`, GIF, animated PNG and video, a folder or pattern of images in natural order,
    NetCDF and Zarr, GeoTIFF, HDF5, CSV, WAV. A `.npy` file of more than a gigabyte is mapped and
    read as it is needed. What takes a library of its own names the extra that brings it.

    Args:
        source: any of these, or `Frames`. Of what holds several arrays, `"file.nc::name"` names
            one. Spaces and quotes around a path are not of it, and `~` is the home folder.
        axes: what the axes are, in their order: a letter for each of T (time), C (channels) and
            L, H W or D H W (space). None is what the file says, or `T L`, `T H W` or `T C H W` by
            the number of axes; `understood` says which.
        name: what to call it; None for the name of the file.
        variable: which array of several; more than one become channels.
        frame_len: of a series without space (a sound, a table of a single place), how many steps
            make a frame.
        missing: `refuse` (when a training begins), `fill` (with the last value known before, or
            the first one known) or `leave out` (of losses and errors); None is what a file of ours
            says, else `refuse`.
        valid: True where there is something to forecast, as (*size) or (C, *size) in the order of
            `values`; losses and errors are of these places alone. None is what a file of ours says,
            else everywhere.

    Returns:
        Frames whose values are a view of what was given, (T, C, *size); a copy with `fill`.

    Raises:
        DataError: if that is no series of frames; the message says why.

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
        known = source if name is None else replace(source, name=name)
    else:
        found = read_source(source, variable_names(variable))
        known = frames_from_result(found, axes, name, frame_len)
    return apply_missing(known, missing, valid)


def read_bytes(
    name: str,
    content: bytes | bytearray | memoryview,
    *,
    axes: str | None = None,
    variable: str | Sequence[str] | None = None,
    frame_len: int | None = None,
    missing: Missing | None = None,
) -> Frames:
    """Take the content of a file, as an upload brings it.

    Nothing in it is trusted: no pickle is read, and no shape or size is believed before it is
    checked against what is there.

    Args:
        name: the name of the file, whose ending says what it is.
        content: what is in the file.
        axes: what the axes are, as `load` takes it.
        variable: which array of several, as `load` takes it.
        frame_len: as `load` takes it.
        missing: as `load` takes it.

    Returns:
        Frames, of an array of a `.npy` file without copying.

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
    found = read_upload(name, content, variable_names(variable))
    return apply_missing(frames_from_result(found, axes, None, frame_len), missing, None)


def variable_names(variable: str | Sequence[str] | None) -> tuple[str, ...]:
    """The names of variables that are asked for."""
    if variable is None:
        return ()
    names = (variable,) if not isinstance(variable, list | tuple) else tuple(variable)
    if not all(isinstance(each, str) for each in names):
        raise DataError(f"variable is {shortened(variable)}, but must be a name or several.")
    return names


def frames_from_result(
    found: ReadResult, axes: str | None, name: str | None, frame_len: int | None
) -> Frames:
    """What a reader has found, its axes in order."""
    called = found.name if name is None else name
    check_dtype(found.values.dtype, called)
    if axes is None and found.unsure:
        raise DataError(found.unsure)
    order = found.axes if axes is None else axes
    view, has_channels = arrange_axes(found.values, order, called, frame_len)
    labels, valid = found.labels, found.valid
    told = found.axes or usual_order(found, frame_len)
    if letters_in(order or told) != letters_in(told):  # all this was told of another order
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
        missing=found.missing,
        understood=understood(order, found, frame_len, given=axes is not None),
    )
    if frames.steps < FEWEST:
        raise DataError(
            f"{called} has 1 frame ({spell(view.shape)} as {frames.axes}), but a forecast needs at "
            "least 2; if time is another axis, say so with axes."
        )
    return frames


def usual_order(found: ReadResult, frame_len: int | None) -> str:
    """The letters of axes where neither a source nor its user says them."""
    axes = found.values.ndim
    return GUESSED.get(axes, "T") if frame_len is None else "TC"[:axes]


def letters_in(axes: str) -> str:
    """The letters of axes as they were written, without spaces: `TCHW`."""
    return "".join(axes.upper().split())


def understood(order: str | None, found: ReadResult, frame_len: int | None, *, given: bool) -> str:
    """How the axes were told, to read.

    Example:
        >>> import numpy as np
        >>> understood(None, ReadResult(np.zeros((9, 5, 6)), "ice"), None, given=False)
        'T H W, by their number'
    """
    spaced = " ".join(letters_in(order or usual_order(found, frame_len)))
    if frame_len is not None:
        spaced += f" in frames of {frame_len}"
    if order is None:
        return f"{spaced}, by their number"
    return f"{spaced}, as {'axes says' if given else 'the file says'}"


def apply_missing(frames: Frames, missing: Missing | None, valid: Any) -> Frames:
    """Frames with their missing values treated, and a mask."""
    if valid is not None:
        frames = replace(frames, valid=valid)
    if missing == "fill":
        return replace(frames, values=forward_filled(frames.values, frames.name), missing="refuse")
    return frames if missing is None else replace(frames, missing=missing)
