"""A shape that circles: all frames repeat after a period."""

from __future__ import annotations

from collections.abc import Sequence
from math import pi
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnwidget.data.argument_checks import whole_number
from cnnwidget.data.frames import Frames
from cnnwidget.data.samples.sample_arguments import check_series, random_generator
from cnnwidget.data.samples.sample_frames import sample_frames
from cnnwidget.data.samples.smooth_noise import smooth_noise
from cnnwidget.design.axes import Size

Field = NDArray[np.floating[Any]]


def circling_shape(
    steps: int = 120, size: Sequence[int] = (64, 64), period: int = 20, seed: int = 0
) -> Frames:
    """Make a textured star that circles over a faint background and rotates.

    Good for showing what can be learnt at all: the frames t and t + `period` are equal, so that a
    network that has seen one period can forecast everything.

    Args:
        steps: the number of frames.
        size: (height, width), or (length,), where a textured bump moves along a ring.
        period: the number of frames of a round.
        seed: of the textures.

    Returns:
        Frames of one channel, 32-bit floats in [0, 1].

    Raises:
        DataError: if an argument is out of bounds.

    Example:
        >>> frames = circling_shape(steps=40).values
        >>> bool((frames[:20] == frames[20:]).all())
        True
    """
    size = check_series(steps, size)
    turn = 2 * pi * np.arange(whole_number("period", period)) / period
    random = random_generator(seed)
    background = 0.12 + 0.035 * smooth_noise(random, size, modes=9)
    if len(size) == 1:
        alpha, texture = bump(size[0], turn, random)
    else:
        alpha, texture = star(size, turn, random)
    rounds = background + alpha * (texture - background)
    return sample_frames(rounds[np.arange(steps) % period], "circling shape")


def star(size: Size, turn: Field, random: np.random.Generator) -> tuple[Field, Field]:
    """Return how much of each pixel a star covers, and its texture: (period, height, width)."""
    height, width = size
    unit = min(size)
    angle = turn[:, None, None]
    y = (np.arange(height)[:, None] - (height - 1) / 2) / unit + 0.27 * np.sin(angle)
    x = (np.arange(width) - (width - 1) / 2) / unit - 0.27 * np.cos(angle)
    # The coordinates of the star, which rotates once a round in the other direction.
    along = x * np.cos(angle) - y * np.sin(angle)
    across = x * np.sin(angle) + y * np.cos(angle)
    radius = np.hypot(along, across)
    rim = 0.17 + 0.035 * np.cos(5 * np.arctan2(across, along))
    alpha = np.clip(
        (rim - radius) * 0.8 * unit + 0.5, 0, 1
    )  # the rim is a pixel wide, or a little more
    texture = 0.92 - 1.5 * radius
    for wave, phase in zip(random.normal(0, 28, (4, 2)), random.uniform(0, 2 * pi, 4), strict=True):
        texture = texture + 0.09 * np.cos(wave[0] * along + wave[1] * across + phase)
    return alpha, np.clip(texture, 0.3, 1)


def bump(length: int, turn: Field, random: np.random.Generator) -> tuple[Field, Field]:
    """Return the same for a bump on a ring: (period, length)."""
    place = 2 * pi * np.arange(length) / length - turn[:, None]
    away = (place + pi) % (2 * pi) - pi
    phases = random.uniform(0, 2 * pi, 2)
    texture = 0.75 + 0.2 * np.cos(9 * away + phases[0]) + 0.05 * np.cos(21 * away + phases[1])
    return np.clip((0.8 - np.abs(away)) / 0.25, 0, 1), texture
