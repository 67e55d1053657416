"""Covariates: other series beside the frames, known at each time."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnwidget.data.argument_checks import check_dtype
from cnnwidget.data.data_error import DataError
from cnnwidget.data.frames import Frames
from cnnwidget.data.load import load
from cnnwidget.design.axes import spell

# Numbers that hold for a whole frame: (T,) or (T, K).
MOST_AXES_OF_NUMBERS = 2


def other_series(series: Any, frames: Frames, name: str) -> NDArray[Any]:
    """Return a series beside some frames, as frames of the same size.

    Args:
        series: anything that `load` takes, of frames of this size; or an array (T,) or (T, K) of
            numbers that hold for a whole frame.
        frames: the series that it is beside.
        name: of the other series, for errors.

    Returns:
        (T, K, *size), a view.

    Raises:
        DataError: if it has another size, or fewer steps.

    Example:
        >>> other_series(np.arange(9.0), load(np.zeros((9, 5, 6))), "future").shape
        (9, 1, 5, 6)
    """
    numbers = np.asarray(series) if isinstance(series, np.ndarray | list | tuple) else np.empty(())
    if 1 <= numbers.ndim <= MOST_AXES_OF_NUMBERS and numbers.shape[1:] != frames.size:
        check_dtype(numbers.dtype, name)
        numbers = numbers.reshape(len(numbers), -1, *[1] * len(frames.size))
        values = np.broadcast_to(numbers, (*numbers.shape[:2], *frames.size))
    else:
        values = load(series).values
    if len(values) < frames.steps or values.shape[2:] != frames.size:
        raise DataError(
            f"{name} has {len(values):,} frames of {spell(values.shape[2:])}, but must have "
            f"{frames.steps:,} of {spell(frames.size)}, or as many numbers."
        )
    return values
