"""Frames as bytes that the page colours: small, quick to send, and on one scale."""

from __future__ import annotations

from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

# A page shows no more pixels of a frame than this along an axis.
MOST_PIXELS = 96
# So many bytes are sent at once. The server drops what exceeds a megabyte a second.
MOST_BYTES = 400_000
# Volumes are shown by the slice in their middle.
MOST_AXES = 2


def thinned(values: NDArray[Any], axes: int) -> NDArray[Any]:
    """A view of the last `axes` axes that a page can show: every n-th pixel, of volumes one slice.

    Example:
        >>> thinned(np.zeros((7, 1, 500, 100)), axes=2).shape
        (7, 1, 84, 17)
    """
    while axes > MOST_AXES:
        values = values[..., values.shape[-axes] // 2, :, :]
        axes -= 1
    longest = max(values.shape[-axes:])
    step = ceil(longest / (MOST_PIXELS if axes == MOST_AXES else MOST_PIXELS * 4))
    places = [slice(None)] * (values.ndim - axes) + [slice(None, None, step)] * axes
    return values[tuple(places)]


def as_bytes(values: NDArray[Any], low: float, high: float) -> bytes:
    """Values as bytes: 0 is `low` or below, 255 is `high` or above."""
    span = high - low or 1.0
    # Beyond the range of the scale is its end; what is no number is shown as the lowest.
    with np.errstate(all="ignore"):
        scaled = (np.asarray(values, dtype=np.float64) - low) * (255 / span)
    return bytes(np.nan_to_num(np.clip(np.rint(scaled), 0, 255)).astype(np.uint8).tobytes())


def colour_map() -> bytes:
    """256 colours, three bytes each, dark to light and evenly so for every eye."""
    from matplotlib import colormaps

    colours = colormaps["viridis"](np.arange(256))[:, :3]
    return bytes(np.rint(colours * 255).astype(np.uint8).tobytes())
