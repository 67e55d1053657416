"""Frames as bytes, which the page colours."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def as_bytes(values: NDArray[Any], low: float, high: float) -> bytes:
    """Return values as bytes: 0 is `low` or below, 255 is `high` or above."""
    span = high - low or 1.0
    # NaN becomes 0.
    with np.errstate(all="ignore"):
        scaled = (np.asarray(values, dtype=np.float64) - low) * (255 / span)
    return bytes(np.nan_to_num(np.clip(np.rint(scaled), 0, 255)).astype(np.uint8).tobytes())


def colour_map() -> bytes:
    """Return the 256 colours of viridis, three bytes each, from dark to light."""
    from matplotlib import colormaps

    colours = colormaps["viridis"](np.arange(256))[:, :3]
    return bytes(np.rint(colours * 255).astype(np.uint8).tobytes())
