"""Drifting ice between coasts, with a mask of the land and a date for each week."""

from __future__ import annotations

from collections.abc import Sequence
from math import pi
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnwidget.data.argument_checks import whole_number
from cnnwidget.data.frames import Frames
from cnnwidget.data.labels import Labels
from cnnwidget.data.samples.sample_arguments import check_series, random_generator
from cnnwidget.data.samples.sample_frames import sample_frames
from cnnwidget.data.samples.smooth_noise import smooth_noise

# The date of the first frame.
FIRST = np.datetime64("2000-01-05", "D")
# The plane waves that the drifting patterns are made of.
WAVES = 40


def ice_and_coast(
    steps: int = 208, size: Sequence[int] = (64, 64), period: int = 52, seed: int = 0
) -> Frames:
    """Make ice in a sea with bays and islands, which freezes from the coasts and drifts with wind.

    Good for showing what a mask is for: land is not ice-free sea, so that `valid` is False there,
    and losses and errors are of the sea only; and what dates are for, since each frame has the date
    of its week. Floes and leads drift with a wind that lasts for some weeks: motion, which
    "seasonal ice" does not have.

    Args:
        steps: the number of frames; with the defaults, four years of weeks.
        size: (height, width), the first row is north, or (length,), a line from north to south.
        period: the number of frames of a year.
        seed: of the coasts, the years and the wind.

    Returns:
        Frames of one channel, concentrations from 0 to 1 as 32-bit floats, 0 on land; with a mask
        and, as labels, days a week apart.

    Raises:
        DataError: if an argument is out of bounds.

    Example:
        >>> ice = ice_and_coast(steps=60)
        >>> print(ice.labels.span, bool((ice.values[:, ~ice.valid] == 0).all()))
        2000-01-05 to 2001-02-21 True
    """
    size = check_series(steps, size)
    random = random_generator(seed)
    year = np.arange(steps) / whole_number("period", period)
    south = ((np.arange(size[0]) + 0.5) / size[0]).astype(np.float32)
    if len(size) == 2:
        south = south[:, None]
    # The height of the land; negative values are the depth of the sea.
    relief = smooth_noise(random, size, modes=6)[0] + 0.45 * smooth_noise(random, size, modes=18)[0]
    above = relief - np.quantile(relief, 0.72)
    land = above > 0
    if land.all():  # happens with a single pixel
        land = np.zeros_like(land)
    # Shallow water freezes first, and the south last.
    mildness = 0.15 + 0.7 * south + 0.13 * np.tanh(-above)
    mildness = mildness + 0.04 * smooth_noise(random, size, modes=7)[0]
    kinds = random.uniform(-0.08, 0.08, int(year[-1] * 2) + 2)
    season = np.cos(2 * pi * year + 0.4 * np.sin(2 * pi * year))
    cold = 0.65 + 0.3 * season + np.interp(2 * year, np.arange(len(kinds)), kinds)
    floes = drifting(random, size, steps)
    share = cold.reshape(-1, *[1] * len(size)) - mildness + 0.035 * floes
    cover = 1 / (1 + np.exp(-share / 0.035))
    # Leads open along lines between floes, where the ice is torn apart.
    torn = np.clip(0.3 + 0.7 * drifting(random, size, steps), 0, 1)
    cover *= 0.97 - 0.55 * torn * np.exp(-((floes / 0.2) ** 2))
    return sample_frames(
        np.where(land, 0, cover),
        "ice and coast",
        labels=Labels(times=FIRST + 7 * np.arange(steps)),
        valid=~land,
    )


def drifting(random: np.random.Generator, size: tuple[int, ...], steps: int) -> NDArray[Any]:
    """Return a pattern (steps, *size) of variance 1 that is moved by wind and changes slowly.

    It is a sum of plane waves, whose phases follow the path of the ice.
    """
    wind = random.normal(0, 0.004, (steps, len(size)))
    for step in range(1, steps):
        wind[step] += 0.9 * wind[step - 1]
    path = np.cumsum(wind, axis=0)
    length = 2 * pi * random.uniform(1.5, 6.5, WAVES)
    turn = random.uniform(0, 2 * pi, WAVES)
    numbers = np.stack([length * np.sin(turn), length * np.cos(turn)])[: len(size)]
    fading = np.cumsum(random.normal(0, 0.12, (steps, WAVES)), axis=0)
    phase = random.uniform(0, 2 * pi, WAVES) - path @ numbers + fading
    places = [
        np.exp(1j * number * (np.arange(n)[:, None] + 0.5) / min(size)).astype(np.complex64)
        for n, number in zip(size, numbers, strict=True)
    ]
    weights = (np.exp(1j * phase) * np.sqrt(2 / WAVES)).astype(np.complex64)
    pattern: NDArray[np.complex64]
    if len(size) == 1:
        pattern = weights @ places[0].T
    else:
        pattern = np.matmul(weights[:, None] * places[0], places[1].T)
    return pattern.real
