"""The values of a sample as frames."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnwidget.data.frames import Frames
from cnnwidget.data.labels import Labels


def sample_frames(
    values: NDArray[Any],
    name: str,
    *,
    labels: Labels | None = None,
    valid: NDArray[np.bool_] | None = None,
) -> Frames:
    """Return values as frames of 32-bit floats, clipped to 0..1.

    Values are (T, *size) for one channel, or (T, C, *size) if `labels` names channels.

    Example:
        >>> sample_frames(np.zeros((4, 9)), "nothing")
        Frames('nothing', 4 × 1 × 9 as T C L, float32)
    """
    values = np.clip(values, 0, 1, dtype=np.float32, casting="same_kind")
    labels = labels or Labels()
    several = bool(labels.channels)
    return Frames(
        values if several else values[:, None],
        has_channels=several,
        name=name,
        labels=labels,
        valid=valid,
    )
