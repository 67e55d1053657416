"""The colours in which the page draws frames."""

from __future__ import annotations

import numpy as np


def colour_map() -> bytes:
    """Return the 256 colours of viridis, three bytes each, from dark to light."""
    from matplotlib import colormaps

    colours = colormaps["viridis"](np.arange(256))[:, :3]
    return bytes(np.rint(colours * 255).astype(np.uint8).tobytes())
