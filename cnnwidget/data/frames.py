"""A series of frames in one shape, whatever it came from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from cnnwidget.data.axis_order import GUESSED, SPACE, arrange
from cnnwidget.data.errors import DataError
from cnnwidget.data.labels import Labels
from cnnwidget.data.missing import count_missing, filled
from cnnwidget.data.reading.found import Found
from cnnwidget.data.reading.sources import found_in, found_in_upload
from cnnwidget.data.usable import check_dtype
from cnnwidget.design.axes import Shape, Size, spell
from cnnwidget.design.value import shortened

Missing = Literal["refuse", "fill", "leave out"]
# A forecast needs one frame to go on from, and one to tell.
FEWEST = 2


@dataclass(frozen=True, eq=False, repr=False)
class Frames:
    """A series of frames; `load` makes it.

    Attributes:
        values: (T, C, *size), of any real dtype; a view of what was given, which this one does
            not let itself be written to. Missing values are NaN.
        has_channels: whether the array that was given had an axis of channels; else C is 1.
        name: what to call it.
        labels: dates of the frames, names of variables, coordinates, as far as there are any.
        valid: (C, *size), where there is something to forecast (sea, not land); None is everywhere.
            Errors and losses are of these places alone.
        missing: what is done about missing values: `refuse` them when a training begins, or
            `leave out` of losses and errors, a network being shown the mean in their place.
        understood: how the axes were told: `T H W, by their number`.

    Raises:
        DataError: if there is no frame, or nothing in a frame, or no real numbers, or labels that
            do not fit.

    Example:
        >>> Frames(np.zeros((8, 1, 5, 6)), has_channels=False, name="ice")
        Frames('ice', 8 × 1 × 5 × 6 as T C H W, float64)
    """

    values: NDArray[Any]
    has_channels: bool
    name: str
    labels: Labels = field(default_factory=Labels)
    valid: NDArray[np.bool_] | None = None
    missing: Missing = "refuse"
    understood: str = ""

    def __post_init__(self) -> None:
        check_dtype(self.values.dtype, self.name)
        shape = spell(self.values.shape)
        if self.values.ndim - 2 not in SPACE:
            raise DataError(
                f"{self.name} has the shape {shape}, but must be T × C and one to three axes of "
                "space; `load` brings an array into that form."
            )
        if 0 in self.values.shape:
            raise DataError(f"{self.name} has the shape {shape}, which holds no values; check it.")
        view = self.values.view()
        view.flags.writeable = False
        object.__setattr__(self, "values", view)
        if self.missing not in get_args(Missing):
            raise DataError(
                f"missing is {shortened(self.missing)}, but must be one of "
                f"{', '.join(map(repr, get_args(Missing)))}."
            )
        self.check_labels()
        if self.valid is not None:
            object.__setattr__(self, "valid", self.mask_of(self.valid))

    def check_labels(self) -> None:
        """Every label has something to stand at."""
        labels = self.labels
        lengths = [
            ("times", labels.times, self.steps),
            ("names of channels", labels.channels or None, self.channels),
        ]
        places = zip(SPACE[len(self.size)], self.size, strict=True)
        lengths += [(f"coordinates of {k}", labels.places.get(k), n) for k, n in places]
        for what, given, wanted in lengths:
            if given is not None and len(given) != wanted:
                raise DataError(
                    f"{self.name} has {len(given):,} {what} for {wanted:,}; give as many, or none."
                )

    def mask_of(self, valid: Any) -> NDArray[np.bool_]:
        """A mask of places as (C, *size)."""
        mask = np.asarray(valid)
        if mask.dtype != bool or mask.shape not in (self.size, self.shape_of_frame):
            raise DataError(
                f"{self.name}: valid is {mask.dtype.name} of {spell(mask.shape) or 'no axes'}, but "
                f"must be True or False for each place of a frame, {spell(self.size)}."
            )
        if not mask.any():
            raise DataError(f"{self.name}: valid is False everywhere; turn it round with ~valid.")
        mask = np.broadcast_to(mask, self.shape_of_frame)
        mask.flags.writeable = False
        return mask

    @cached_property
    def missing_values(self) -> int:
        """How many values are NaN or infinite; all are looked at when this is first asked for."""
        return count_missing(self.values)

    def save(self, path: str | Path) -> Path:
        """Write the frames into a file, whose ending says how.

        Args:
            path: `.nc` for NetCDF with labels and `valid`, or `.npy` for the values alone.

        Returns:
            The path.

        Raises:
            DataError: if that cannot be written, or takes an extra that is not installed.

        Example:
            >>> import tempfile
            >>> frames = Frames(np.zeros((8, 1, 5, 6)), has_channels=False, name="ice")
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     load(frames.save(f"{folder}/ice.npy"))
            Frames('ice.npy', 8 × 1 × 5 × 6 as T C H W, float64)
        """
        from cnnwidget.data.save_frames import save_frames

        return save_frames(self, path)

    @property
    def steps(self) -> int:
        """The number of frames."""
        return len(self.values)

    @property
    def shape_of_frame(self) -> Shape:
        """(channels, *size)."""
        return self.values.shape[1:]

    @property
    def channels(self) -> int:
        """The number of channels; 1 where there was no axis of channels."""
        return self.shape_of_frame[0]

    @property
    def size(self) -> Size:
        """The lengths of the axes of space."""
        return self.shape_of_frame[1:]

    @property
    def axes(self) -> str:
        """What the axes of `values` are: `T C L`, `T C H W` or `T C D H W`."""
        return " ".join("TC" + SPACE[len(self.size)])

    def numbers_of(self, what: str, channels: Sequence[int | str] | None) -> tuple[int, ...]:
        """Channels by number or name, as numbers; None is all.

        Args:
            what: they are for, as an error calls them.
            channels: numbers, or names from `labels.channels`.

        Raises:
            DataError: if there is no such channel.
        """
        if channels is None:
            return tuple(range(self.channels))
        names = self.labels.channels
        if isinstance(channels, int | str):
            channels = (channels,)
        found = [names.index(each) if each in names else each for each in channels]
        known = all(type(each) is int and 0 <= each < self.channels for each in found) and len(
            set(found)
        ) == len(found)
        if not known or not found:
            told = ", ".join(names) if names else f"0 to {self.channels - 1}"
            raise DataError(
                f"{what} is {shortened(channels)}, but must be channels of the frames, each once: "
                f"{told}."
            )
        return tuple(each for each in found if isinstance(each, int))

    def __len__(self) -> int:
        return self.steps

    def __repr__(self) -> str:
        shape = spell(self.values.shape)
        return f"Frames({self.name!r}, {shape} as {self.axes}, {self.values.dtype.name})"


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
        >>> import cnnwidget.data.frames as frames
        >>> frames.load(np.zeros((100, 64, 48), dtype="float32"), name="ice")
        Frames('ice', 100 × 1 × 64 × 48 as T C H W, float32)
        >>> frames.load(np.zeros((64, 48, 3, 100)), axes="H W C T").shape_of_frame
        (3, 64, 48)
        >>> frames.load(np.zeros(1000), frame_len=50).values.shape
        (20, 1, 50)
    """
    if isinstance(source, Frames):
        if axes is not None or variable is not None or frame_len is not None:
            raise DataError(f"{source!r} has its axes already; leave axes out.")
        known = source if name is None else replace(source, name=name)
    else:
        found = found_in(source, names_of(variable))
        known = frames_of(found, axes, name, frame_len)
    return treated(known, missing, valid)


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
        >>> file = io.BytesIO()
        >>> np.save(file, np.zeros((9, 32)))
        >>> read_bytes("wave.npy", file.getvalue())
        Frames('wave.npy', 9 × 1 × 32 as T C L, float64)
    """
    found = found_in_upload(name, content, names_of(variable))
    return treated(frames_of(found, axes, None, frame_len), missing, None)


def names_of(variable: str | Sequence[str] | None) -> tuple[str, ...]:
    """The names of variables that are asked for."""
    if variable is None:
        return ()
    names = (variable,) if not isinstance(variable, list | tuple) else tuple(variable)
    if not all(isinstance(each, str) for each in names):
        raise DataError(f"variable is {shortened(variable)}, but must be a name or several.")
    return names


def frames_of(found: Found, axes: str | None, name: str | None, frame_len: int | None) -> Frames:
    """What a reader has found, its axes in order."""
    called = found.name if name is None else name
    check_dtype(found.values.dtype, called)
    if axes is None and found.unsure:
        raise DataError(found.unsure)
    order = found.axes if axes is None else axes
    view, has_channels = arrange(found.values, order, called, frame_len)
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


def usual_order(found: Found, frame_len: int | None) -> str:
    """The letters of axes where neither a source nor its user says them."""
    axes = found.values.ndim
    return GUESSED.get(axes, "T") if frame_len is None else "TC"[:axes]


def letters_in(axes: str) -> str:
    """The letters of axes as they were written, without spaces: `TCHW`."""
    return "".join(axes.upper().split())


def understood(order: str | None, found: Found, frame_len: int | None, *, given: bool) -> str:
    """How the axes were told, to read.

    Example:
        >>> understood(None, Found(np.zeros((9, 5, 6)), "ice"), None, given=False)
        'T H W, by their number'
    """
    spaced = " ".join(letters_in(order or usual_order(found, frame_len)))
    if frame_len is not None:
        spaced += f" in frames of {frame_len}"
    if order is None:
        return f"{spaced}, by their number"
    return f"{spaced}, as {'axes says' if given else 'the file says'}"


def treated(frames: Frames, missing: Missing | None, valid: Any) -> Frames:
    """Frames with their missing values treated, and a mask."""
    if valid is not None:
        frames = replace(frames, valid=valid)
    if missing == "fill":
        return replace(frames, values=filled(frames.values, frames.name), missing="refuse")
    return frames if missing is None else replace(frames, missing=missing)
