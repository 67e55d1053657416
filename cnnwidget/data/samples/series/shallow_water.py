"""Waves in a shallow basin."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

import numpy as np
from numpy.typing import NDArray

from cnnwidget.data.argument_checks import whole_number
from cnnwidget.data.frames import Frames
from cnnwidget.data.labels import Labels
from cnnwidget.data.samples.sample_arguments import (
    check_series,
    names_among,
    number_between,
    random_generator,
)
from cnnwidget.data.samples.sample_frames import sample_frames
from cnnwidget.design.axes import Size

Field = NDArray[np.float64]

# The distance that a wave travels between two frames, relative to the shorter side of the basin.
PACE = 0.018
# The number of frames between the fall of the drops, which are far higher, and the first frame.
BEFORE = 9


def shallow_water(
    steps: int = 120,
    size: Sequence[int] = (64, 64),
    *,
    drops: int = 3,
    drag: float = 0.003,
    variables: Sequence[str] = ("height",),
    seed: int = 0,
) -> Frames:
    """Make rings of waves from a few drops, which cross and are reflected by the walls.

    Good for showing a linear law of motion: waves pass through each other unchanged, so that a
    network without activations can learn it, and two frames determine all that follows. The amount
    of water is constant, and energy only decreases.

    `∂h/∂t = -c² (∂u/∂x + ∂v/∂y)`, `∂u/∂t = -∂h/∂x - k u`, `∂v/∂t = -∂h/∂y - k v`, where h is the
    height above the level at rest, and nothing flows through a wall. Heights and velocities are on
    Arakawa's staggered C grid, and are stepped alternately.

    Args:
        steps: the number of frames.
        size: (height, width), or (length,), a canal; each at least 8.
        drops: the number of drops that fell shortly before the first frame.
        drag: k, the share of the velocity that is lost between two frames; from 0 to 1.
        variables: one or more of "height", "u" (to the right, or along a canal) and "v" (down),
            each a channel.
        seed: of the drops.

    Returns:
        Frames of 32-bit floats in [0, 1]; 0.5 is water at rest. All velocities have one scale.

    Raises:
        DataError: if an argument is out of bounds, or a variable is unknown.

    Source:
        A. E. Gill, Atmosphere-Ocean Dynamics, Academic Press 1982, section 5.6 (the equations);
        F. Mesinger and A. Arakawa, Numerical Methods Used in Atmospheric Models, GARP 1976
        (the grid and the step).

    Example:
        >>> shallow_water(size=(48, 64), variables=("height", "u", "v"))
        Frames('shallow water', 120 × 3 × 48 × 64 as T C H W, float32)
    """
    size = check_series(steps, size, least=8)
    known = ("height", "u", "v")[: 1 + len(size)]
    names = names_among("variables", variables, known)
    rest = number_between("drag", drag, 0, 1)
    height = humps(random_generator(seed), size, whole_number("drops", drops))
    # The flow through each border of a pixel; the flow through walls stays 0.
    flows = [
        np.zeros([n + (axis == other) for other, n in enumerate(size)]) for axis in range(len(size))
    ]
    for _ in range(BEFORE):
        move(height, flows, PACE * min(size), rest)
    values = np.empty((steps, 1 + len(size), *size))
    for step in range(steps):
        values[step, 0] = height
        for axis, flow in enumerate(flows):  # down comes before right, and v after u
            sides = np.moveaxis(flow, axis, 0)
            values[step, len(size) - axis] = np.moveaxis((sides[1:] + sides[:-1]) / 2, 0, axis)
        move(height, flows, PACE * min(size), rest)
    values[:, 0] /= 2 * np.abs(values[:, 0]).max()
    values[:, 1:] /= 2 * max(float(np.abs(values[:, 1:]).max()), 1e-9)
    shown = 0.5 + values[:, [known.index(name) for name in names]]
    if len(names) == 1:
        return sample_frames(shown[:, 0], "shallow water")
    return sample_frames(shown, "shallow water", labels=Labels(channels=names))


def humps(random: np.random.Generator, size: Size, count: int) -> Field:
    """Return heights of mean 0 with drops at random places."""
    height = np.zeros(size)
    for _ in range(count):
        width, strength = random.uniform(0.08, 0.11), random.uniform(0.6, 1)
        away = np.zeros(size)
        for axis, length in enumerate(size):
            middle = random.uniform(0.15, 0.85) * length
            along = (np.arange(length) + 0.5 - middle) / (width * min(size))
            away += (along**2).reshape([-1 if axis == other else 1 for other in range(len(size))])
        height += strength * np.exp(-away)
    height -= height.mean()
    return height


def move(height: Field, flows: list[Field], pace: float, drag: float) -> None:
    """Step from one frame to the next in place; `pace` is the wave speed in pixels per frame."""
    times = ceil(pace / 0.5)  # so that each step is stable
    part = pace / times
    for _ in range(times):
        for axis, flow in enumerate(flows):
            inner = np.moveaxis(flow, axis, 0)[1:-1]
            inner *= (1 - drag) ** (1 / times)
            inner -= part * np.diff(np.moveaxis(height, axis, 0), axis=0)
        for axis, flow in enumerate(flows):
            height -= part * np.diff(flow, axis=axis)
