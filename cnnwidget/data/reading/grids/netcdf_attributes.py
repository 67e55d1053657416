"""What frames keep in NetCDF beside their values and labels.

The conventions have no words for the letters of axes and for what is done about missing values:
these are attributes of our own, which other programs pass over. A mask is a status flag by the
conventions, which they know.

Source: https://cfconventions.org/Data/cf-conventions/cf-conventions-1.8/cf-conventions.html, 3.5.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

# The letter of each dimension, by its name: `time: T, depth: D, y: H, x: W`. An axis of one step
# is dropped where nothing says that it is of space.
AXES = "cnnwidget_axes"
# What is done about missing values, where that is not the usual.
MISSING = "cnnwidget_missing"
# Names of other variables, one of which may be a mask: True is the flag 1.
ANCILLARY = "ancillary_variables"
MASK = {"standard_name": "status_flag", "flag_meanings": "left_out valid"}


def axes_attribute(names: Sequence[str], letters: Sequence[str]) -> str:
    """The attribute for axes of these names.

    Example:
        >>> axes_attribute(["time", "lat"], ["T", "L"])
        'time: T, lat: L'
    """
    return ", ".join(f"{name}: {letter}" for name, letter in zip(names, letters, strict=True))


def letters_from_attribute(array: Any) -> list[str] | None:
    """The letters of all dimensions of an array of xarray; None where they are not said."""
    said = dict(re.findall(r"(\w+): ([TCDHWL])", str(array.attrs.get(AXES, ""))))
    letters = [said.get(str(dimension), "") for dimension in array.dims]
    return letters if all(letters) and len(set(letters)) == len(letters) else None


def missing_from_attribute(array: Any) -> Literal["refuse", "leave out"]:
    """What is to be done about missing values of an array of xarray."""
    return "leave out" if array.attrs.get(MISSING) == "leave out" else "refuse"


def mask_name(variables: Mapping[Any, Any], name: str) -> str | None:
    """The name of the mask of a variable, among the variables of a Dataset; None if it has none."""
    for beside in str(variables[name].attrs.get(ANCILLARY, "")).split():
        mask = variables.get(beside)
        if mask is not None and mask.attrs.get("flag_meanings") == MASK["flag_meanings"]:
            return beside
    return None


def valid_from_mask(mask: Any, letters: Mapping[Any, str]) -> NDArray[np.bool_] | None:
    """Where a mask is True, as (*size) or (C, *size); None where it is not of these axes.

    Args:
        mask: an array of xarray.
        letters: those of the axes of frames, by the names of dimensions.
    """
    size = {name for name, letter in letters.items() if letter not in "TC"}
    channels = {name for name, letter in letters.items() if letter == "C"}
    if set(mask.dims) not in ({*size}, {*size, *channels}):
        return None
    ordered = sorted(mask.dims, key=lambda name: "CDHWL".index(letters[name]))
    return np.asarray(mask.transpose(*ordered).values == 1)
