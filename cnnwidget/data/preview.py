"""A series thinned to what can be looked at, and sent to a page, while a person waits."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from cnnwidget.data.frames import Frames

# A page shows no more pixels of a frame than this along an axis.
MOST_PIXELS = 96
# A page is sent no more bytes at once. The server drops what exceeds a megabyte a second.
MOST_BYTES = 400_000
# Volumes are shown by the slice in their middle.
MOST_AXES = 2
# Nobody can set a slider of more steps.
MOST_SHOWN = 1_000
# Of a series with more values only a preview is checked.
MOST_CHECKED = 50_000_000


def is_large(frames: Frames) -> bool:
    """Whether a series has more values than can be checked while a person waits."""
    return frames.values.size > MOST_CHECKED


def thinned(values: NDArray[Any], axes: int) -> NDArray[Any]:
    """Return a view with every n-th pixel of the last `axes` axes, and of volumes one slice.

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


def preview_numbers(frames: Frames) -> NDArray[Any]:
    """Return which frames a page shows: as many as it is sent at once, evenly over time."""
    each = thinned(frames.values[:1], len(frames.size)).size
    count = max(1, min(frames.steps, MOST_SHOWN, MOST_BYTES // max(1, each)))
    return np.unique(np.linspace(0, frames.steps - 1, count).astype(int))


def preview_values(frames: Frames, numbers: NDArray[Any]) -> NDArray[Any]:
    """Return these frames, thinned: (numbers, C, *size), float64, with NaN for missing values."""
    axes = len(frames.size)
    values = np.stack([thinned(frames.values[at], axes) for at in numbers]).astype(np.float64)
    values[~np.isfinite(values)] = np.nan
    return values


def preview_places(frames: Frames) -> NDArray[np.bool_]:
    """Return where a thinned frame is valid: (C, *size)."""
    shape = thinned(frames.values[:1], len(frames.size)).shape[1:]
    if frames.valid is None:
        return np.ones(shape, bool)
    there: NDArray[np.bool_] = thinned(frames.valid[None], len(frames.size))[0]
    return there
