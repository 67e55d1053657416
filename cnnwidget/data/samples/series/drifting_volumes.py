"""Clouds that drift through a volume."""

from __future__ import annotations

from collections.abc import Sequence
from math import pi

import numpy as np

from cnnwidget.data.argument_checks import whole_number
from cnnwidget.data.frames import Frames
from cnnwidget.data.samples.sample_arguments import check_series, random_generator
from cnnwidget.data.samples.sample_frames import sample_frames


def drifting_volumes(
    steps: int = 40, size: Sequence[int] = (16, 16, 16), clouds: int = 6, seed: int = 0
) -> Frames:
    """Make clouds in a volume, which rise, sink and drift with a wind that turns with height.

    Good for showing why a volume is no stack of images: clouds move differently at each depth, and
    enter a slice from above or below, so that only kernels of three axes can follow them. The wind
    turns and weakens as in Ekman's spiral. The sides are periodic; top and bottom reflect the
    clouds.

    Args:
        steps: the number of frames.
        size: (depth, height, width), each at least 4.
        clouds: the number of clouds.
        seed: of the clouds and of the wind.

    Returns:
        Frames of one channel, 32-bit floats in [0, 1].

    Raises:
        DataError: if an argument is out of bounds.

    Source:
        V. W. Ekman, On the influence of the Earth's rotation on ocean-currents, Arkiv för
        matematik, astronomi och fysik 2, 1905 (the wind).

    Example:
        >>> drifting_volumes(steps=10)
        Frames('drifting volumes', 10 × 1 × 16 × 16 × 16 as T C D H W, float32)
    """
    size = check_series(steps, size, axes=(3,), least=4)
    count = whole_number("clouds", clouds)
    random = random_generator(seed)
    time = np.arange(steps)[:, None]
    # Depths from 0 to 1, reflected at both ends.
    climb = random.uniform(0.012, 0.03, count) * random.choice([-1, 1], count)
    depth = np.abs((random.uniform(0, 2, count) + climb * time) % 2 - 1)
    angle = random.uniform(0, 2 * pi) + 1.2 * pi * depth
    strength = 0.05 * np.exp(-0.8 * depth)
    places = [0.12 + 0.76 * depth]
    for wind in (strength * np.sin(angle), strength * np.cos(angle)):
        path = np.cumsum(wind, axis=0) - wind
        places.append(random.uniform(0, 1, count) + path)
    width = random.uniform(0.1, 0.17, count)
    rows = []
    for axis, (length, place) in enumerate(zip(size, places, strict=True)):
        away = (np.arange(length) + 0.5) / length - place[..., None]
        if axis > 0:
            away = (away + 0.5) % 1 - 0.5
        rows.append(np.exp(-((away / width[:, None]) ** 2)).astype(np.float32))
    rows[0] *= random.uniform(0.7, 1.2, count)[:, None].astype(np.float32)
    # A round cloud is the product of one profile along each axis.
    slices = rows[1][..., :, None] * rows[2][..., None, :]
    dye = np.einsum("tkd,tkp->tdp", rows[0], slices.reshape(steps, count, -1), optimize=True)
    # Overlapping clouds add up to at most 1.
    return sample_frames(1 - np.exp(-1.8 * dye.reshape(steps, *size)), "drifting volumes")
