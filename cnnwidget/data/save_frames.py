"""Frames written into a file, as other programs read them.

Source: https://cfconventions.org/Data/cf-conventions/cf-conventions-1.8/cf-conventions.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cnnwidget.data.atomic_write import atomic_write
from cnnwidget.data.axis_names import AXIS, axis_letter, space_in_order
from cnnwidget.data.errors import reason_of
from cnnwidget.data.paths import expand_user
from cnnwidget.data.reading.grids.netcdf_attributes import (
    ANCILLARY,
    AXES,
    MASK,
    MISSING,
    axes_attribute,
)
from cnnwidget.data.reading.guards.extras import import_extra
from cnnwidget.design.errors import CnnwidgetError
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
        CnnwidgetError: if the ending is another, or the file cannot be written.

    Example:
        >>> import tempfile
        >>> from cnnwidget.data.load import load
        >>> frames = load(np.zeros((9, 8, 7)), name="ice")
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     load(save_frames(frames, Path(folder, "ice.npy")))
        Frames('ice.npy', 9 × 1 × 8 × 7 as T C H W, float64)
    """
    path = Path(expand_user(path))
    write = writer_of(path)
    try:
        check_place(path)
        with atomic_write(path) as partial:
            write(frames, partial)
    except CnnwidgetError:
        raise
    # A library may raise anything: a full disk is an OSError of numpy, a RuntimeError of HDF5.
    except Exception as error:
        raise CnnwidgetError(
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
        raise CnnwidgetError(f"{path} {has}, but must end in .npy or .nc{hint or '.'}")
    return writers[ending]


def check_place(path: Path) -> None:
    """Refuse a path whose folder does not exist, or that is a folder.

    Raises:
        CnnwidgetError: for either.
    """
    if not path.parent.is_dir():
        raise CnnwidgetError(
            f"{path} cannot be written: {path.parent} is no folder; make it first."
        )
    if path.is_dir():
        raise CnnwidgetError(f"{path} cannot be written: it is a folder; give the path of a file.")


def write_npy(frames: Frames, path: Path) -> None:
    """The values alone."""
    values = frames.values if frames.has_channels else frames.values[:, 0]
    with path.open("wb") as file:
        np.save(file, values, allow_pickle=False)


def write_netcdf(frames: Frames, path: Path) -> None:
    """Values, labels, and where there is something to forecast."""
    import_extra("h5netcdf", "geo", path.suffix)
    array = data_array(frames)
    dataset = array.to_dataset().assign_attrs(CONVENTIONS)
    if frames.valid is not None:
        dataset[array.attrs[ANCILLARY]] = mask_array(array, frames)
    whole = {name: {"_FillValue": None} for name in dataset.variables if name != array.name}
    dataset.to_netcdf(path, engine="h5netcdf", encoding=whole)


def data_array(frames: Frames) -> Any:
    """Frames as a DataArray: one named axis for each of theirs."""
    xarray = import_extra("xarray", "geo", ".nc")
    letters = [letter for letter in frames.axes.split() if letter != "C" or frames.has_channels]
    names = dimension_names(frames, letters)
    labels = frames.labels
    along: dict[str, Any] = {"T": labels.times, "C": list(labels.channels) or None, **labels.places}
    called = variable_name(frames.name, names)
    said = {
        "units": labels.units,
        AXES: axes_attribute(names, letters),
        MISSING: "" if frames.missing == "refuse" else frames.missing,
        ANCILLARY: "" if frames.valid is None else f"{called}_valid",
    }
    return xarray.DataArray(
        storable_values(frames.values if frames.has_channels else frames.values[:, 0]),
        dims=names,
        coords={
            name: (name, storable_values(np.asarray(along[letter])), coordinate_attributes(name))
            for letter, name in zip(letters, names, strict=True)
            if along.get(letter) is not None
        },
        name=called,
        attrs={key: value for key, value in said.items() if value},
    )


def mask_array(array: Any, frames: Frames) -> Any:
    """A mask as a DataArray on the grid of another, without channels where all have the same."""
    valid, dims = frames.valid, array.dims[1:]
    assert valid is not None
    if not frames.has_channels or (valid == valid[0]).all():
        valid, dims = valid[0], array.dims[-len(frames.size) :]
    flags = {**MASK, "flag_values": np.array([0, 1], np.int8)}
    return type(array)(valid.astype(np.int8), dims=dims, attrs=flags)


def storable_values(values: NDArray[Any]) -> NDArray[Any]:
    """Values in the order of bytes of this machine; NetCDF has no half precision."""
    wide = np.float32 if values.dtype == np.float16 else values.dtype.newbyteorder("=")
    return values.astype(wide, copy=False)


def dimension_names(frames: Frames, letters: list[str]) -> list[str]:
    """The names of the axes: their own ones, if these say the same when they are read."""
    own = [frames.labels.names.get(letter, NAMES[letter]) for letter in letters]
    usable = all(re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII) for name in own)
    told = [axis_letter(name) or "" for name in own]
    if usable and all(told) and len(set(own)) == len(own) and space_in_order(told) == letters:
        return own
    return [NAMES[letter] for letter in letters]


def coordinate_attributes(name: str) -> dict[str, str]:
    """The attributes of a coordinate.

    Example:
        >>> coordinate_attributes("lat")
        {'axis': 'Y', 'standard_name': 'latitude', 'units': 'degrees_north'}
    """
    axis = AXIS_OF.get(axis_letter(name) or "")
    return ({"axis": axis} if axis else {}) | DEGREES.get(name.lower()[:3], {})


def variable_name(name: str, taken: list[str]) -> str:
    """What to call the values: the last of their names, in letters that every program takes.

    Example:
        >>> variable_name("ice.nc::sic", ["time"]), variable_name("sea ice.npy", ["time"])
        ('sic', 'sea_ice')
    """
    last = re.split(r"::|/", name)[-1]
    called = re.sub(r"\W+", "_", Path(last).stem, flags=re.ASCII).strip("_")
    return called if called and called[0].isalpha() and called not in taken else "frames"
