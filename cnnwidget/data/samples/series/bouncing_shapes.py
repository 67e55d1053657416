"""Shapes that bounce off the walls and hide each other."""

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
from cnnwidget.data.samples.shapes import REACH, SHAPES, Shape
from cnnwidget.data.samples.smooth_noise import smooth_noise


def bouncing_shapes(
    steps: int = 120, size: Sequence[int] = (64, 64), shapes: int = 4, seed: int = 0
) -> Frames:
    """Make textured shapes that bounce off the walls, nearer ones in front of the others.

    Good for showing that a network needs memory: a shape that is hidden behind another one comes
    out again on the other side, which follows only from frames in which it was still visible.
    Each moves straight at a constant speed, turns slowly, and is reflected by walls as light by a
    mirror; the speeds are independent, so that no frame repeats.

    Args:
        steps: the number of frames.
        size: (height, width), 8 at least.
        shapes: the number of shapes.
        seed: of the shapes and the background, and of positions and speeds.

    Returns:
        Frames of one channel, 32-bit floats in [0, 1].

    Raises:
        DataError: if an argument is out of bounds.

    Example:
        >>> bouncing_shapes(steps=30, size=(48, 64))
        Frames('bouncing shapes', 30 × 1 × 48 × 64 as T C H W, float32)
    """
    size = check_series(steps, size, axes=(2,), least=8)
    count = whole_number("shapes", shapes)
    random = random_generator(seed)
    values = np.empty((steps, *size), np.float32)
    values[:] = 0.15 + 0.04 * smooth_noise(random, size, modes=9)[0]
    box = np.array(size) / min(size)
    shades = random.permutation(np.linspace(0.38, 0.84, count))
    for number, shade in enumerate(shades):
        # Nearer shapes are smaller, so that the others remain visible.
        radius = 0.18 - 0.05 * number / count
        kind = list(SHAPES)[number % len(SHAPES)]
        shape = Shape.drawn(random, kind, (0.95 * radius, 1.05 * radius), (shade, shade))
        reach = REACH * shape.radius
        pace = random.uniform(0.011, 0.026, 2) * random.choice([-1, 1], 2)
        start = random.uniform(reach, box - reach)
        path = reflected(start + np.arange(steps)[:, None] * pace, reach, box - reach)
        turns = random.uniform(0, 2 * pi) + np.arange(steps) * random.uniform(-0.06, 0.06)
        for frame, (y, x), turn in zip(values, path, turns, strict=True):
            shape.painted(frame, (float(y), float(x)), float(turn))
    return sample_frames(values, "bouncing shapes")


def reflected(path: NDArray[Any], low: float, high: NDArray[Any]) -> NDArray[Any]:
    """Return a straight path, reflected wherever it would leave the bounds.

    Example:
        >>> reflected(np.arange(0, 6), 0, np.array(2)).tolist()
        [0, 1, 2, 1, 0, 1]
    """
    span = high - low
    return low + span - np.abs((path - low) % (2 * span) - span)
