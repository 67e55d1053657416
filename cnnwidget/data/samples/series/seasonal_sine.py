"""A sine with a trend and a season."""

from __future__ import annotations

from collections.abc import Sequence
from math import pi

import numpy as np

from cnnwidget.data.argument_checks import whole_number
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
    """Make a wave along a line with a season and a trend.

    Good for showing a forecast of values outside the training data: the season repeats exactly, but
    because of the trend the last frames are higher than all before. A network whose output is
    bounded, or that has memorised the values, cannot follow. Each frame equals the frame one
    `period` before plus a constant.

    Args:
        steps: the number of frames.
        size: (length,).
        period: the number of frames of a season.
        trend: how much the mean rises from the first to the last frame, from -1 to 1; 0 for none.
        seed: of the waves.

    Returns:
        Frames of one channel, 32-bit floats in [0, 1].

    Raises:
        DataError: if an argument is out of bounds.

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
    # The season and its half travel along the line in opposite directions; the third wave stands.
    for number, (season, strength) in enumerate(((1, 1.0), (-2, 0.45), (0, 0.3))):
        phase = random.uniform(0, 2 * pi)
        waves += strength * np.sin(season * turn - (number + 1) * place + phase)
    waves *= (1 - abs(rise)) / (2 * 1.75)  # the sum of all strengths: nothing is clipped
    slope = rise * (np.arange(steps)[:, None] / (steps - 1) - 0.5)
    return sample_frames(0.5 + waves + slope, "sine with trend and season")
