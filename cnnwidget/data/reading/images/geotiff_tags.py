"""The tags of GeoTIFF: the coordinates of pixels, and the value for missing data.

Source: https://docs.ogc.org/is/19-008r4/19-008r4.html (GeoTIFF) and
https://gdal.org/en/stable/drivers/raster/gtiff.html (missing values).
"""

from __future__ import annotations

from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnwidget.data.missing import nan_where

# Tags: the size of a pixel, a pixel with its coordinates, and the value for missing data.
SCALE, TIE, NODATA = 33550, 33922, 42113


def pixel_coordinates(page: Any) -> dict[str, NDArray[Any]]:
    """Return the coordinates of rows and columns at the centres of pixels, from GeoTIFF tags."""
    tags = page.geotiff_tags if page.is_geotiff else {}
    scale, tie = (page.tags.valueof(tag) for tag in (SCALE, TIE))
    # More than one tie point, or a rotation, does not describe a grid along the axes.
    if scale is None or tie is None or len(scale) < 2 or len(tie) != 6:
        return {}
    if not all(isfinite(each) for each in (*scale, *tie)):
        return {}
    # 2 is PixelIsPoint: the tie point is the centre of a pixel, not its corner.
    middle = 0.0 if int(tags.get("GTRasterTypeGeoKey", 1)) == 2 else 0.5
    rows, columns = np.arange(page.imagelength), np.arange(page.imagewidth)
    return {
        "H": tie[4] - (rows + middle - tie[1]) * scale[1],
        "W": tie[3] + (columns + middle - tie[0]) * scale[0],
    }


def nodata_to_nan(values: NDArray[Any], page: Any) -> NDArray[Any]:
    """Return values with NaN where GDAL's tag marks missing data."""
    tag = page.tags.get(NODATA)
    if tag is None:
        return values
    try:
        nodata = float(str(tag.value).strip("\0 "))
    except ValueError:
        return values
    return nan_where(values, values == nodata)
