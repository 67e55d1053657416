"""Attributes of NetCDF in which frames store their axes, their mask and missing values.

The conventions have no attributes for the letters of axes and for the treatment of missing values:
these are attributes of this package, which other programs ignore. A mask is a status flag by the
conventions.

Source: https://cfconventions.org/Data/cf-conventions/cf-conventions-1.8/cf-conventions.html, 3.5.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

# The letter of each dimension, by its name: `time: T, depth: D, y: H, x: W`. Without it, an axis of
# one step would be dropped.
AXES = "cnnwidget_axes"
# The treatment of missing values, if it is not the default.
MISSING = "cnnwidget_missing"
# Names of other variables, one of which may be the mask: True is the flag 1.
ANCILLARY = "ancillary_variables"
MASK = {"standard_name": "status_flag", "flag_meanings": "left_out valid"}


def axes_attribute(names: Sequence[str], letters: Sequence[str]) -> str:
    """Return the attribute for axes with these names and letters.

    Example:
        >>> axes_attribute(["time", "lat"], ["T", "L"])
        'time: T, lat: L'
    """
    return ", ".join(f"{name}: {letter}" for name, letter in zip(names, letters, strict=True))


def letters_from_attribute(array: Any) -> list[str] | None:
    """Return the letters of all dimensions of an xarray array; None if the attribute is absent."""
    known = dict(re.findall(r"(\w+): ([TCDHWL])", str(array.attrs.get(AXES, ""))))
    letters = [known.get(str(dimension), "") for dimension in array.dims]
    return letters if all(letters) and len(set(letters)) == len(letters) else None


def missing_from_attribute(array: Any) -> Literal["refuse", "leave out"]:
    """Return the treatment of missing values of an xarray array."""
    return "leave out" if array.attrs.get(MISSING) == "leave out" else "refuse"


def mask_name(variables: Mapping[Any, Any], name: str) -> str | None:
    """Return the name of the mask of a variable in a Dataset; None if it has none."""
    for beside in str(variables[name].attrs.get(ANCILLARY, "")).split():
        mask = variables.get(beside)
        if mask is not None and mask.attrs.get("flag_meanings") == MASK["flag_meanings"]:
            return beside
    return None


def valid_from_mask(mask: Any, letters: Mapping[Any, str]) -> NDArray[np.bool_] | None:
    """Return a mask as (*size) or (C, *size); None if it has other axes than the frames.

    Args:
        mask: an xarray array.
        letters: of the axes of the frames, by the names of dimensions.
    """
    size = {name for name, letter in letters.items() if letter not in "TC"}
    channels = {name for name, letter in letters.items() if letter == "C"}
    if set(mask.dims) not in ({*size}, {*size, *channels}):
        return None
    ordered = sorted(mask.dims, key=lambda name: "CDHWL".index(letters[name]))
    return np.asarray(mask.transpose(*ordered).values == 1)
