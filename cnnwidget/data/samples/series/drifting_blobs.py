"""Blobs that drift in an invisible flow."""

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

Field = NDArray[np.floating[Any]]


def drifting_blobs(
    steps: int = 160, size: Sequence[int] = (64, 64), blobs: int = 6, seed: int = 0
) -> Frames:
    """Make smooth blobs in a basin, carried by a steady swirling flow that is not shown.

    Good for showing a forecast from motion: each blob circles at a different speed, so that no
    frame repeats, and the direction of a blob follows only from two frames or more.

    Args:
        steps: the number of frames.
        size: (height, width), or (length,), where blobs move along a ring and overtake each other.
        blobs: the number of blobs.
        seed: of the flow, and of the positions and sizes of the blobs.

    Returns:
        Frames of one channel, 32-bit floats in [0, 1].

    Raises:
        DataError: if an argument is out of bounds.

    Example:
        >>> drifting_blobs(steps=30, size=(48, 64))
        Frames('drifting blobs', 30 × 1 × 48 × 64 as T C H W, float32)
    """
    size = check_series(steps, size)
    random = random_generator(seed)
    count = whole_number("blobs", blobs)
    width = random.uniform(0.05, 0.125, count)
    height = random.uniform(0.5, 1.3, count)
    if len(size) == 1:
        pace = random.uniform(0.004, 0.02, count) * random.choice([-1, 1], count)
        place = random.uniform(0, 1, count) + np.arange(steps)[:, None] * pace
        pixel = (np.arange(size[0]) + 0.5) / size[0]
        away = (pixel - place[..., None] + 0.5) % 1 - 0.5
        dye = (height[:, None] * np.exp(-((away / width[:, None]) ** 2))).sum(axis=1)
    else:
        place = carried(random.uniform(0.15, 0.85, (2, count)), steps, random)
        # A round blob is a column times a row.
        column, row = (
            np.exp(-((((np.arange(n) + 0.5) / n - p[..., None]) / width[:, None]) ** 2))
            for n, p in zip(size, place, strict=True)
        )
        dye = (column * height[:, None]).swapaxes(1, 2) @ row
    # Overlapping blobs add up to at most 1.
    return sample_frames(1 - np.exp(-1.6 * dye), "drifting blobs")


def carried(start: Field, steps: int, random: np.random.Generator) -> Field:
    """Return the paths of points in a flow in a unit square: (2, steps, blobs), from (2, blobs)."""
    modes = np.array([[1, 1], [2, 1], [1, 2], [2, 2]]) * pi
    strength = (
        np.array([1.0, 0.6, 0.6, 0.45]) * random.uniform(0.6, 1, 4) * random.choice([-1, 1], 4)
    )
    strength = 0.0085 * strength[:, None]

    def velocity(place: Field) -> Field:
        """Return the velocity, along the contours of a stream function that is 0 at the walls."""
        down, right = modes[:, :1] * place[0], modes[:, 1:] * place[1]
        sines, cosines = np.sin([down, right]), np.cos([down, right])
        return np.stack(
            [
                (strength * modes[:, 1:] * sines[0] * cosines[1]).sum(axis=0),
                -(strength * modes[:, :1] * cosines[0] * sines[1]).sum(axis=0),
            ]
        )

    path = np.empty((steps, *start.shape))
    place = start
    for step in range(steps):  # a Runge-Kutta step of fourth order
        path[step] = place
        first = velocity(place)
        second = velocity(place + first / 2)
        third = velocity(place + second / 2)
        fourth = velocity(place + third)
        place = place + (first + 2 * second + 2 * third + fourth) / 6
    return path.swapaxes(0, 1)
