"""The axes of files that name their dimensions: the time axis is found by `time` or its units.

Source: https://cfconventions.org/Data/cf-conventions/cf-conventions-1.8/cf-conventions.html, 4.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from cnnwidget.data.axis_order import SPACE

# Names of dimensions that models, satellites and xarray use, in lower case.
NAMES = {
    "T": "t time times date dates datetime valid_time time_counter ocean_time day days month "
    "months year years hour hours week step steps frame frames",
    "D": "d z depth deptht level lev levels plev height altitude pressure pressure_level "
    "isobaricinhpa bottom_top sigma s_rho olevel",
    "H": "h y ny lat latitude nlat rlat grid_latitude row rows south_north yc nj eta_rho northing "
    "yt_ocean",
    "W": "w x nx lon longitude nlon rlon grid_longitude col cols column columns west_east xc ni "
    "xi_rho easting xt_ocean",
    "L": "l length",
    "C": "c channel channels band bands variable variables feature features",
}
LETTERS = {name: letter for letter, names in NAMES.items() for name in names.split()}
# The attributes of the CF conventions that identify an axis, and their values.
ATTRIBUTES = ("axis", "standard_name", "units")
AXIS = {"T": "T", "Z": "D", "Y": "H", "X": "W"}
STANDARD_NAMES = {
    "time": "T",
    "latitude": "H",
    "grid_latitude": "H",
    "projection_y_coordinate": "H",
    "longitude": "W",
    "grid_longitude": "W",
    "projection_x_coordinate": "W",
    "depth": "D",
    "height": "D",
    "altitude": "D",
    "air_pressure": "D",
}
UNITS = (
    (re.compile(r"degrees?_?n(orth)?", re.IGNORECASE), "H"),
    (re.compile(r"degrees?_?e(ast)?", re.IGNORECASE), "W"),
    (re.compile(r"\w+ since .*", re.IGNORECASE), "T"),
)


def axis_letter(name: str, attributes: Mapping[Any, Any] | None = None) -> str | None:
    """Return the letter of a dimension; None if neither its attributes nor its name identify it.

    Args:
        name: of the dimension.
        attributes: of its coordinate, by the CF conventions; they take precedence over the name.

    Example:
        >>> axis_letter("time"), axis_letter("lat_0"), axis_letter("nobody_knows")
        ('T', 'H', None)
        >>> axis_letter("rows", {"units": "degrees_east"})
        'W'
    """
    attribute = {key: str((attributes or {}).get(key, "")) for key in ATTRIBUTES}
    if attribute["axis"].upper() in AXIS:
        return AXIS[attribute["axis"].upper()]
    if attribute["standard_name"] in STANDARD_NAMES:
        return STANDARD_NAMES[attribute["standard_name"]]
    for pattern, letter in UNITS:
        if pattern.fullmatch(attribute["units"]):
            return letter
    # The dimensions of a second grid in a file are numbered: lat_1, time2.
    lower = name.lower()
    return LETTERS.get(lower) or LETTERS.get(re.sub(r"_?\d+$", "", lower))


def space_in_order(letters: Sequence[str]) -> list[str]:
    """Return letters whose axes of space are renamed by their number: L, H W or D H W.

    A section through the sea, depth by longitude, becomes an image, and a profile a line.

    Example:
        >>> space_in_order(["T", "D", "W"]), space_in_order(["T", "W"])
        (['T', 'H', 'W'], ['T', 'L'])
    """
    space = sorted((letter for letter in letters if letter not in "TC"), key="DHWL".index)
    renamed = dict(zip(space, SPACE.get(len(space), space), strict=True))
    return [renamed.get(letter, letter) for letter in letters]
