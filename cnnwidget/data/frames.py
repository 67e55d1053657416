"""A series of frames in one shape, whatever it came from."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnwidget.data.errors import DataError
from cnnwidget.data.numpy_files import read_content, read_path, split_name
from cnnwidget.data.orders import SPACE, arrange
from cnnwidget.data.usable import check_dtype
from cnnwidget.design.axes import Shape, Size, spell
from cnnwidget.design.value import shortened


@dataclass(frozen=True, eq=False, repr=False)
class Frames:
    """A series of frames; `load` makes it.

    Attributes:
        values: (T, C, *size), of any real dtype; a view of what was given, which this one does
            not let itself be written to.
        has_channels: whether the array that was given had an axis of channels; else C is 1.
        name: what to call it.

    Raises:
        DataError: if there are fewer than two frames, or nothing in a frame, or no real numbers.

    Example:
        >>> Frames(np.zeros((8, 1, 5, 6)), has_channels=False, name="ice")
        Frames('ice', 8 × 1 × 5 × 6 as T C H W, float64)
    """

    values: NDArray[Any]
    has_channels: bool
    name: str

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
        if self.steps < 2:
            raise DataError(
                f"{self.name} has 1 frame ({shape} as {self.axes}), but a forecast needs at least "
                "2; if time is another axis, say so with axes."
            )
        view = self.values.view()
        view.flags.writeable = False
        object.__setattr__(self, "values", view)

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

    def __len__(self) -> int:
        return self.steps

    def __repr__(self) -> str:
        shape = spell(self.values.shape)
        return f"Frames({self.name!r}, {shape} as {self.axes}, {self.values.dtype.name})"


def load(source: Any, *, axes: str | None = None, name: str | None = None) -> Frames:
    """Take an array or a file as a series of frames, without copying it.

    Args:
        source: a numpy array, a torch tensor, the path of a `.npy` or `.npz` file (of several
            arrays in one: `"file.npz::name"`), or `Frames`, which are returned as they are.
            A `.npy` file of more than a gigabyte is mapped and read as it is needed. Spaces and
            quotes around a path are not of it, and `~` is the home folder; a `pathlib.Path` is
            taken literally.
        axes: what the axes are, in their order: a letter for each of T (time), C (channels) and
            L, H W or D H W (space). None for `T L`, `T H W` or `T C H W` by their number.
        name: what to call it; None for the name of the file.

    Returns:
        Frames whose values are a view of what was given: (T, C, *size).

    Raises:
        DataError: if that is no series of frames; the message says why.

    Example:
        >>> import cnnwidget.data.frames as frames
        >>> frames.load(np.zeros((100, 64, 48), dtype="float32"), name="ice")
        Frames('ice', 100 × 1 × 64 × 48 as T C H W, float32)
        >>> frames.load(np.zeros((64, 48, 3, 100)), axes="H W C T").shape_of_frame
        (3, 64, 48)
    """
    if isinstance(source, Frames):
        if axes is not None:
            raise DataError(f"{source!r} has its axes already; leave axes out.")
        return source if name is None else replace(source, name=name)
    values, called = values_of(source)
    called = called if name is None else name
    check_dtype(values.dtype, called)
    view, has_channels = arrange(values, axes, called)
    return Frames(view, has_channels=has_channels, name=called)


def read_bytes(
    name: str,
    content: bytes | bytearray | memoryview,
    *,
    axes: str | None = None,
    member: str | None = None,
) -> Frames:
    """Take the content of a `.npy` or `.npz` file, as an upload brings it.

    Nothing in it is trusted: no pickle is read, and no shape or size is believed before it is
    checked against what is there.

    Args:
        name: the name of the file; `"file.npz::name"` for one array of several.
        content: what is in the file.
        axes: what the axes are, as `load` takes it.
        member: which array of a `.npz` file with several; goes before one in the name.

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
    file, named = split_name(name)
    member = named if member is None else member
    called = file if member is None else f"{file}::{member}"
    return load(read_content(file, member, content, called), axes=axes, name=called)


def values_of(source: Any) -> tuple[NDArray[Any], str]:
    """The array that a source is or names, and what to call it."""
    if isinstance(source, np.ma.MaskedArray) and np.ma.is_masked(source):
        raise DataError(
            "A masked array hides values that a network would see; fill it, say with "
            "array.filled(0)."
        )
    if isinstance(source, np.ndarray):
        return np.asarray(source), "array"
    if isinstance(source, str | Path):
        return read_path(source)
    # A tensor can only be handed in where torch is there already.
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(source, torch.Tensor):
        return values_of_tensor(source), "tensor"
    if isinstance(source, list | tuple):
        raise DataError(
            f"A {type(source).__name__} of {len(source)} is no array; if all its frames are of "
            "one shape, numpy.stack makes it one."
        )
    raise DataError(
        f"{shortened(source)} is a {type(source).__name__}, but must be a numpy array, a torch "
        "tensor or the path of a .npy or .npz file; numpy.asarray makes an array of many things."
    )


def values_of_tensor(tensor: Any) -> NDArray[Any]:
    """A torch tensor as an array; on the CPU the same memory."""
    for convert in (lambda: tensor, tensor.float):  # numpy has no bfloat16, but float32 holds it
        try:
            values: NDArray[Any] = convert().numpy(force=True)
        except (TypeError, RuntimeError):
            continue
        return values
    raise DataError(
        f"A tensor of {tensor.dtype}, {tensor.layout}, on {tensor.device} cannot be read as an "
        "array; give a dense tensor of numbers."
    )
