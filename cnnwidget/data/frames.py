"""A series of frames: (T, C, *size), with labels and a mask; `load` makes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from cnnwidget.data.argument_checks import check_dtype
from cnnwidget.data.axis_order import SPACE
from cnnwidget.data.data_error import DataError
from cnnwidget.data.labels import Labels
from cnnwidget.data.missing import count_missing
from cnnwidget.data.save_frames import save_frames
from cnnwidget.design.axes import Shape, Size, spell
from cnnwidget.design.value import shortened

Missing = Literal["refuse", "fill", "leave out"]


@dataclass(frozen=True, eq=False, repr=False)
class Frames:
    """A series of frames; `load` makes it.

    Attributes:
        values: (T, C, *size), of any real dtype; a read-only view of the given array. Missing
            values are NaN.
        has_channels: whether the given array had an axis of channels; if not, C is 1.
        name: of the series.
        labels: times, names of channels, coordinates; each may be absent.
        valid: (C, *size), True where there is something to forecast (sea, not land); None for
            everywhere. Losses and errors are of these places only.
        missing: what to do about missing values: `refuse` them when a training begins, or
            `leave out` of losses and errors; the network then gets the mean in their place.
        understood: how the axes were recognised: `T H W, by their number`.

    Raises:
        DataError: if there are no values, no real numbers, or labels that do not fit.

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
        """Check that the labels have the lengths of the axes.

        Raises:
            DataError: if one has not.
        """
        labels = self.labels
        lengths = [
            ("times", labels.times, self.steps),
            ("names of channels", labels.channels or None, self.channels),
        ]
        places = zip(SPACE[len(self.size)], self.size, strict=True)
        lengths += [(f"coordinates of {k}", labels.places.get(k), n) for k, n in places]
        for what, given, length in lengths:
            if given is not None and len(given) != length:
                raise DataError(
                    f"{self.name} has {len(given):,} {what} for {length:,}; give as many, or none."
                )

    def mask_of(self, valid: Any) -> NDArray[np.bool_]:
        """Return a mask of places as (C, *size).

        Raises:
            DataError: if it has another shape or dtype, or is False everywhere.
        """
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
        """The number of values that are NaN or infinite; the first access reads all values."""
        return count_missing(self.values)

    def save(self, path: str | Path) -> Path:
        """Write the frames to a file, in the format of its ending.

        Args:
            path: `.nc` for NetCDF with labels and `valid`, or `.npy` for the values alone.

        Returns:
            The path.

        Raises:
            CnnwidgetError: if the file cannot be written, or needs an extra that is not installed.

        Example:
            >>> import tempfile
            >>> from cnnwidget.data.load import load
            >>> frames = Frames(np.zeros((8, 1, 5, 6)), has_channels=False, name="ice")
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     load(frames.save(f"{folder}/ice.npy"))
            Frames('ice.npy', 8 × 1 × 5 × 6 as T C H W, float64)
        """
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
        """The number of channels; 1 if there was no axis of channels."""
        return self.shape_of_frame[0]

    @property
    def size(self) -> Size:
        """The lengths of the axes of space."""
        return self.shape_of_frame[1:]

    @property
    def axes(self) -> str:
        """The axes of `values`: `T C L`, `T C H W` or `T C D H W`."""
        return " ".join("TC" + SPACE[len(self.size)])

    def numbers_of(self, what: str, channels: Sequence[int | str] | None) -> tuple[int, ...]:
        """Return channels as numbers.

        Args:
            what: the channels are for, as an error calls it: `inputs`.
            channels: numbers, or names from `labels.channels`; None for all.

        Raises:
            DataError: if there is no such channel.
        """
        if channels is None:
            return tuple(range(self.channels))
        names = self.labels.channels
        if isinstance(channels, int | str):
            channels = (channels,)
        numbers = [names.index(each) if each in names else each for each in channels]
        known = all(type(each) is int and 0 <= each < self.channels for each in numbers)
        if not known or not numbers or len(set(numbers)) < len(numbers):
            choices = ", ".join(names) if names else f"0 to {self.channels - 1}"
            raise DataError(
                f"{what} is {shortened(channels)}, but must be channels of the frames, each once: "
                f"{choices}."
            )
        return tuple(each for each in numbers if isinstance(each, int))

    def __len__(self) -> int:
        return self.steps

    def __repr__(self) -> str:
        shape = spell(self.values.shape)
        return f"Frames({self.name!r}, {shape} as {self.axes}, {self.values.dtype.name})"
