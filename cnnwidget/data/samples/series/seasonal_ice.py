"""Sea ice with a season."""

from __future__ import annotations

from collections.abc import Sequence
from math import pi

import numpy as np

from cnnwidget.data.argument_checks import whole_number
from cnnwidget.data.frames import Frames
from cnnwidget.data.samples.sample_arguments import check_series, random_generator
from cnnwidget.data.samples.sample_frames import sample_frames
from cnnwidget.data.samples.smooth_noise import smooth_noise


def seasonal_ice(
    steps: int = 208, size: Sequence[int] = (64, 64), period: int = 52, seed: int = 0
) -> Frames:
    """Make ice on a sea north of a coast, which advances and retreats with the season.

    Good for showing what a real field is like: a season that repeats, years that differ, and cracks
    and a ragged edge that last for some weeks and cannot be forecast for longer. Land and open
    water are 0, as in maps of ice concentration.

    Args:
        steps: the number of frames; with the defaults, four years of weeks.
        size: (height, width), the first row is north, or (length,), a line from north to south.
        period: the number of frames of a year.
        seed: of the coast, the years and the weather.

    Returns:
        Frames of one channel, concentrations from 0 to 1 as 32-bit floats.

    Raises:
        DataError: if an argument is out of bounds.

    Example:
        >>> ice = seasonal_ice()
        >>> winter, summer = ice.values[0].mean(), ice.values[30].mean()
        >>> bool(winter > 2 * summer)
        True
    """
    size = check_series(steps, size)
    random = random_generator(seed)
    year = np.arange(steps) / whole_number("period", period)
    south = ((np.arange(size[0]) + 0.5) / size[0]).astype(np.float32)
    if len(size) == 2:
        south = south[:, None]
    land = 8 * (south - 0.8) + 1.1 * smooth_noise(random, size, modes=9)[0] > 0
    # Ice grows slowly and melts fast; winters and summers differ.
    season = np.cos(2 * pi * year + 0.45 * np.sin(2 * pi * year))
    kinds = random.uniform(-0.09, 0.09, int(year[-1] * 2) + 2)
    edge = 0.5 + 0.36 * season + np.interp(2 * year, np.arange(len(kinds)), kinds)
    edge = edge.reshape(-1, *[1] * len(size)).astype(np.float32)
    # A current bends the edge in the same way every year, the weather at random.
    current = 0.07 * smooth_noise(random, size[1:] or size, modes=5)[0]
    weather = smooth_noise(random, size, modes=14, steps=steps, memory=0.9, longest=2)
    cracks = smooth_noise(random, size, modes=16, steps=steps, memory=0.9, longest=5)
    cover = 1 / (1 + np.exp((south - edge - current - 0.045 * weather) / 0.03))
    # Ice breaks along lines where the weather is rough.
    rough = np.clip(weather, 0.1, 1)
    cover *= 0.95 - 0.35 * rough * np.exp(-((cracks / 0.35) ** 2)) + 0.04 * weather
    return sample_frames(np.where(land, 0, cover), "seasonal ice")
