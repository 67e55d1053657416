"""Frames written into a file, as other programs read them.

Source: https://cfconventions.org/Data/cf-conventions/cf-conventions-1.8/cf-conventions.html
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from cnnwidget.data.errors import DataError, reason_of
from cnnwidget.data.reading.axis_names import AXIS, letter_of, space_in_order
from cnnwidget.data.reading.grids.netcdf_attributes import AXES, BESIDE, MASK, MISSING, axes_said
from cnnwidget.data.reading.guards.guards import needed
from cnnwidget.design.value import closest

if TYPE_CHECKING:
    from cnnwidget.data.frames import Frames

# What axes are called that have no name of their own, or one that says something else.
NAMES = {"T": "time", "C": "channel", "D": "depth", "H": "y", "W": "x", "L": "x"}
AXIS_OF = {letter: axis for axis, letter in AXIS.items()}
DEGREES = {
    "lat": {"standard_name": "latitude", "units": "degrees_north"},
    "lon": {"standard_name": "longitude", "units": "degrees_east"},
}
CONVENTIONS = {"Conventions": "CF-1.8", "source": "cnnwidget"}


def save_frames(frames: Frames, path: str | Path) -> Path:
    """Write frames into a file, whose ending says how.

    `.npy` holds the values alone, without an axis of channels where they had none. `.nc` holds all
    as NetCDF-4: times that every program decodes, names of channels, places, units, and where
    frames are valid.

    Args:
        frames: what to write.
        path: ending in `.npy` or `.nc`. A file that is there is replaced when the new one is whole.

    Returns:
        Where they are.

    Raises:
        DataError: if the ending is another, or the file cannot be written.

    Example:
        >>> import tempfile
        >>> from cnnwidget.data.frames import load
        >>> frames = load(np.zeros((9, 8, 7)), name="ice")
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     load(save_frames(frames, Path(folder, "ice.npy")))
        Frames('ice.npy', 9 × 1 × 8 × 7 as T C H W, float64)
    """
    path = Path(os.path.expanduser(path))  # noqa: PTH111  # leaves a user alone whom it does not know
    write = writer_of(path)
    try:
        with replaced(path) as part:
            write(frames, part)
    except DataError:
        raise
    # A library may raise anything: a full disk is an OSError of numpy, a RuntimeError of HDF5.
    except Exception as error:
        raise DataError(
            f"{path} cannot be written: {' '.join(reason_of(error).split())}; choose another place."
        ) from error
    return path


def writer_of(path: Path) -> Callable[[Frames, Path], None]:
    """What writes files of such a name."""
    writers = {".npy": write_npy, ".nc": write_netcdf}
    ending = path.suffix.lower()
    if ending not in writers:
        has = f"ends in {ending}" if ending else "has no ending"
        hint = closest(ending, writers) if ending else ""
        raise DataError(f"{path} {has}, but must end in .npy or .nc{hint or '.'}")
    return writers[ending]


@contextmanager
def replaced(path: Path) -> Iterator[Path]:
    """A file beside another one, which takes its place when it has been written."""
    if not path.parent.is_dir():
        raise DataError(f"{path} cannot be written: {path.parent} is no folder; make it first.")
    if path.is_dir():
        raise DataError(f"{path} cannot be written: it is a folder; give the path of a file.")
    part = path.with_name(f".{uuid4().hex}{path.suffix}")
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def write_npy(frames: Frames, path: Path) -> None:
    """The values alone."""
    values = frames.values if frames.has_channels else frames.values[:, 0]
    with path.open("wb") as file:
        np.save(file, values, allow_pickle=False)


def write_netcdf(frames: Frames, path: Path) -> None:
    """Values, labels, and where there is something to forecast."""
    needed("h5netcdf", "geo", path.suffix)
    array = as_array(frames)
    dataset = array.to_dataset().assign_attrs(CONVENTIONS)
    if frames.valid is not None:
        dataset[array.attrs[BESIDE]] = mask_beside(array, frames)
    whole = {name: {"_FillValue": None} for name in dataset.variables if name != array.name}
    dataset.to_netcdf(path, engine="h5netcdf", encoding=whole)


def as_array(frames: Frames) -> Any:
    """Frames as a DataArray: one named axis for each of theirs."""
    xarray = needed("xarray", "geo", ".nc")
    letters = [letter for letter in frames.axes.split() if letter != "C" or frames.has_channels]
    names = dims_of(frames, letters)
    labels = frames.labels
    along: dict[str, Any] = {"T": labels.times, "C": list(labels.channels) or None, **labels.places}
    called = variable_of(frames.name, names)
    said = {
        "units": labels.units,
        AXES: axes_said(names, letters),
        MISSING: "" if frames.missing == "refuse" else frames.missing,
        BESIDE: "" if frames.valid is None else f"{called}_valid",
    }
    return xarray.DataArray(
        storable(frames.values if frames.has_channels else frames.values[:, 0]),
        dims=names,
        coords={
            name: (name, storable(np.asarray(along[letter])), said_of(name))
            for letter, name in zip(letters, names, strict=True)
            if along.get(letter) is not None
        },
        name=called,
        attrs={key: value for key, value in said.items() if value},
    )


def mask_beside(array: Any, frames: Frames) -> Any:
    """A mask as a DataArray on the grid of another, without channels where all have the same."""
    valid, dims = frames.valid, array.dims[1:]
    assert valid is not None
    if not frames.has_channels or (valid == valid[0]).all():
        valid, dims = valid[0], array.dims[-len(frames.size) :]
    flags = {**MASK, "flag_values": np.array([0, 1], np.int8)}
    return type(array)(valid.astype(np.int8), dims=dims, attrs=flags)


def storable(values: NDArray[Any]) -> NDArray[Any]:
    """Values in the order of bytes of this machine; NetCDF has no half precision."""
    wide = np.float32 if values.dtype == np.float16 else values.dtype.newbyteorder("=")
    return values.astype(wide, copy=False)


def dims_of(frames: Frames, letters: list[str]) -> list[str]:
    """The names of the axes: their own ones, if these say the same when they are read."""
    own = [frames.labels.names.get(letter, NAMES[letter]) for letter in letters]
    usable = all(re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII) for name in own)
    told = [letter_of(name) or "" for name in own]
    if usable and all(told) and len(set(own)) == len(own) and space_in_order(told) == letters:
        return own
    return [NAMES[letter] for letter in letters]


def said_of(name: str) -> dict[str, str]:
    """The attributes of a coordinate.

    Example:
        >>> said_of("lat")
        {'axis': 'Y', 'standard_name': 'latitude', 'units': 'degrees_north'}
    """
    axis = AXIS_OF.get(letter_of(name) or "")
    return ({"axis": axis} if axis else {}) | DEGREES.get(name.lower()[:3], {})


def variable_of(name: str, taken: list[str]) -> str:
    """What to call the values: the last of their names, in letters that every program takes.

    Example:
        >>> variable_of("ice.nc::sic", ["time"]), variable_of("sea ice.npy", ["time"])
        ('sic', 'sea_ice')
    """
    last = re.split(r"::|/", name)[-1]
    called = re.sub(r"\W+", "_", Path(last).stem, flags=re.ASCII).strip("_")
    return called if called and called[0].isalpha() and called not in taken else "frames"
