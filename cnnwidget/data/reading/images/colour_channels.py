"""Pixels of images and videos as frames, without channels that hold no information."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cnnwidget.data.labels import Labels
from cnnwidget.data.reading.read_result import ReadResult

# Red, green, blue and alpha.
MOST_COLOURS = 4


def result_from_pixels(
    values: NDArray[np.generic], name: str, times: NDArray[np.float64] | None
) -> ReadResult:
    """Return a series of images.

    Args:
        values: (T, H, W), (T, H, W, 3) or (T, H, W, 4).
        name: of the file.
        times: of the images, in seconds; None if unknown.
    """
    values = drop_channels(values)
    return ReadResult(values, name, "T H W" if values.ndim == 3 else "T H W C", Labels(times=times))


def drop_channels(values: NDArray[np.generic]) -> NDArray[np.generic]:
    """Drop alpha if all is opaque, and two of three colours if all is grey.

    Args:
        values: (T, H, W), (T, H, W, 3) or (T, H, W, 4).

    Example:
        >>> grey = np.array([[[[7, 7, 7, 255], [8, 8, 8, 255]]]], "uint8")
        >>> drop_channels(grey)
        array([[[7, 8]]], dtype=uint8)
        >>> drop_channels(grey[..., :3] + np.array([0, 0, 1], "uint8")).shape
        (1, 1, 2, 3)
    """
    if values.ndim == 3:
        return values
    if values.shape[-1] == MOST_COLOURS:
        if not all((frame[..., 3] == 255).all() for frame in values):
            return values
        values = values[..., :3]
    if all((frame == frame[..., :1]).all() for frame in values):
        return np.ascontiguousarray(values[..., 0])
    return values
