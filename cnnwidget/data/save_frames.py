"""Frames written to a file that other programs read.

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
from cnnwidget.data.data_error import reason_of
from cnnwidget.data.paths import ending_in_words, expand_user
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

# Names of axes that have no name, or a name that readers would take for another axis.
NAMES = {"T": "time", "C": "channel", "D": "depth", "H": "y", "W": "x", "L": "x"}
AXIS_OF = {letter: axis for axis, letter in AXIS.items()}
DEGREES = {
    "lat": {"standard_name": "latitude", "units": "degrees_north"},
    "lon": {"standard_name": "longitude", "units": "degrees_east"},
}
CONVENTIONS = {"Conventions": "CF-1.8", "source": "cnnwidget"}


def save_frames(frames: Frames, path: str | Path) -> Path:
    """Write frames to a file, in the format of its ending.

    `.npy` has the values alone, with an axis of channels only if the source had one. `.nc` has all
    as NetCDF-4: times by the CF conventions, names of channels, coordinates, units, and the mask
    of valid places.

    Args:
        frames: to write.
        path: ending in `.npy` or `.nc`. An existing file is replaced once the new one is complete.

    Returns:
        The path of the file.

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
    """Return the function that writes files with the ending of a path.

    Raises:
        CnnwidgetError: if there is none.
    """
    writers = {".npy": write_npy, ".nc": write_netcdf}
    ending = path.suffix.lower()
    if ending not in writers:
        hint = closest(ending, writers)
        raise CnnwidgetError(
            f"{path} {ending_in_words(path)}, but must end in .npy or .nc{hint or '.'}"
        )
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
    """Write the values alone."""
    values = frames.values if frames.has_channels else frames.values[:, 0]
    with path.open("wb") as file:
        np.save(file, values, allow_pickle=False)


def write_netcdf(frames: Frames, path: Path) -> None:
    """Write the values, the labels and the mask of valid places."""
    import_extra("h5netcdf", "geo", path.suffix)
    array = data_array(frames)
    dataset = array.to_dataset().assign_attrs(CONVENTIONS)
    if frames.valid is not None:
        dataset[array.attrs[ANCILLARY]] = mask_array(array, frames)
    complete = {name: {"_FillValue": None} for name in dataset.variables if name != array.name}
    dataset.to_netcdf(path, engine="h5netcdf", encoding=complete)


def data_array(frames: Frames) -> Any:
    """Return frames as an xarray DataArray with named axes."""
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
    """Return the mask of valid places as a DataArray on the grid of `array`.

    It has no axis of channels if all channels have the same mask.
    """
    valid, dims = frames.valid, array.dims[1:]
    assert valid is not None
    if not frames.has_channels or (valid == valid[0]).all():
        valid, dims = valid[0], array.dims[-len(frames.size) :]
    flags = {**MASK, "flag_values": np.array([0, 1], np.int8)}
    return type(array)(valid.astype(np.int8), dims=dims, attrs=flags)


def storable_values(values: NDArray[Any]) -> NDArray[Any]:
    """Return values in the byte order of this machine; NetCDF has no half precision."""
    wide = np.float32 if values.dtype == np.float16 else values.dtype.newbyteorder("=")
    return values.astype(wide, copy=False)


def dimension_names(frames: Frames, letters: list[str]) -> list[str]:
    """Return the names of the axes; those of the source if a reader recognises the axes by them."""
    names = [frames.labels.names.get(letter, NAMES[letter]) for letter in letters]
    plain = all(re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII) for name in names)
    read = [axis_letter(name) or "" for name in names]
    if plain and all(read) and len(set(names)) == len(names) and space_in_order(read) == letters:
        return names
    return [NAMES[letter] for letter in letters]


def coordinate_attributes(name: str) -> dict[str, str]:
    """Return the CF attributes of a coordinate by its name.

    Example:
        >>> coordinate_attributes("lat")
        {'axis': 'Y', 'standard_name': 'latitude', 'units': 'degrees_north'}
    """
    axis = AXIS_OF.get(axis_letter(name) or "")
    return ({"axis": axis} if axis else {}) | DEGREES.get(name.lower()[:3], {})


def variable_name(name: str, taken: list[str]) -> str:
    """Return a name for the values: the last part of `name`, in letters that programs accept.

    Example:
        >>> variable_name("ice.nc::sic", ["time"]), variable_name("sea ice.npy", ["time"])
        ('sic', 'sea_ice')
    """
    last = re.split(r"::|/", name)[-1]
    called = re.sub(r"\W+", "_", Path(last).stem, flags=re.ASCII).strip("_")
    return called if called and called[0].isalpha() and called not in taken else "frames"
