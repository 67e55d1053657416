"""A sine with a trend and a season."""

from __future__ import annotations

from collections.abc import Sequence
from math import pi

import numpy as np

from cnnwidget.data.checks import whole_number
from cnnwidget.data.frames import Frames
from cnnwidget.data.samples.sample_arguments import check_series, number_between, random_generator
from cnnwidget.data.samples.sample_frames import sample_frames


def seasonal_sine(
    steps: int = 240,
    size: Sequence[int] = (64,),
    period: int = 24,
    trend: float = 0.3,
    seed: int = 0,
) -> Frames:
    """A wave along a line, which has a season and rises with time.

    Good for showing what a forecast makes of values that it was never trained on: the season comes
    again exactly, but because of the trend the last frames are higher than all before, which a
    network whose output is bounded, or that has learnt the values by heart, does not follow. Each
    frame is that of a `period` ago and a constant more.

    Args:
        steps: the number of frames.
        size: (length,).
        period: frames in a season.
        trend: how much the mean rises from the first to the last frame, from -1 to 1; 0 for none.
        seed: of the waves.

    Returns:
        Frames of one channel, 32-bit floats in [0, 1].

    Raises:
        DataError: if steps, size, period, trend or seed are no such numbers.

    Example:
        >>> values = seasonal_sine(period=12).values
        >>> rise = values[12:] - values[:-12]
        >>> bool(np.ptp(rise) < 1e-6)
        True
    """
    (length,) = check_series(steps, size, axes=(1,))
    rise = number_between("trend", trend, -1, 1)
    turn = 2 * pi * np.arange(steps)[:, None] / whole_number("period", period)
    random = random_generator(seed)
    place = 2 * pi * (np.arange(length) + 0.5) / length
    waves = np.zeros((steps, length))
    # The season and its half travel along the line, one to either side; the third stands.
    for number, (season, strength) in enumerate(((1, 1.0), (-2, 0.45), (0, 0.3))):
        phase = random.uniform(0, 2 * pi)
        waves += strength * np.sin(season * turn - (number + 1) * place + phase)
    waves *= (1 - abs(rise)) / (2 * 1.75)  # the sum of all strengths: nothing is cut off
    slope = rise * (np.arange(steps)[:, None] / (steps - 1) - 0.5)
    return sample_frames(0.5 + waves + slope, "sine with trend and season")
