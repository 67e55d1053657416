"""Series made up to be forecast, where one knows what a network has to learn.

All are 32-bit floats in [0, 1], the same for the same seed, and want no file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from inspect import signature
from math import pi
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnwidget.data.errors import DataError
from cnnwidget.data.frames import Frames
from cnnwidget.data.smooth_noise import smooth_noise
from cnnwidget.data.split import whole
from cnnwidget.design.axes import Size
from cnnwidget.design.value import closest, shortened

Field = NDArray[np.floating[Any]]


def circling_shape(
    steps: int = 120, size: Sequence[int] = (64, 64), period: int = 20, seed: int = 0
) -> Frames:
    """A textured star that circles over a faint background, turning as it goes.

    Good for showing what can be learnt at all: the frames t and t + `period` are equal, so a
    network that has seen one round can know all that comes.

    Args:
        steps: the number of frames.
        size: (height, width), or (length,), where a textured bump goes along a ring.
        period: frames in a round.
        seed: of the textures.

    Returns:
        Frames of one channel, 32-bit floats in [0, 1].

    Raises:
        DataError: if steps, size or period are no such numbers.

    Example:
        >>> frames = circling_shape(steps=40).values
        >>> bool((frames[:20] == frames[20:]).all())
        True
    """
    size = checked(steps, size)
    turn = 2 * pi * np.arange(whole("period", period)) / period
    random = np.random.default_rng(seed)
    background = 0.12 + 0.035 * smooth_noise(random, size, modes=9)
    if len(size) == 1:
        alpha, texture = bump(size[0], turn, random)
    else:
        alpha, texture = star(size, turn, random)
    rounds = background + alpha * (texture - background)
    return framed(rounds[np.arange(steps) % period], "circling shape")


def star(size: Size, turn: Field, random: np.random.Generator) -> tuple[Field, Field]:
    """How much of each pixel a star covers, and its texture: each (period, height, width)."""
    height, width = size
    unit = min(size)
    angle = turn[:, None, None]
    y = (np.arange(height)[:, None] - (height - 1) / 2) / unit + 0.27 * np.sin(angle)
    x = (np.arange(width) - (width - 1) / 2) / unit - 0.27 * np.cos(angle)
    # The coordinates of the star, which turns the other way once a round.
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
    """As `star` on a line whose ends meet: each (period, length)."""
    place = 2 * pi * np.arange(length) / length - turn[:, None]
    away = (place + pi) % (2 * pi) - pi
    phases = random.uniform(0, 2 * pi, 2)
    texture = 0.75 + 0.2 * np.cos(9 * away + phases[0]) + 0.05 * np.cos(21 * away + phases[1])
    return np.clip((0.8 - np.abs(away)) / 0.25, 0, 1), texture


def drifting_blobs(
    steps: int = 160, size: Sequence[int] = (64, 64), blobs: int = 6, seed: int = 0
) -> Frames:
    """Smooth blobs in a basin, carried by a steady swirling flow that one does not see.

    Good for showing a forecast from motion: each blob goes round at a pace of its own, so no frame
    comes twice, and where a blob goes can be told only from two frames or more.

    Args:
        steps: the number of frames.
        size: (height, width), or (length,), where blobs go along a ring and overtake each other.
        blobs: how many.
        seed: of the flow, and of the places and sizes of the blobs.

    Returns:
        Frames of one channel, 32-bit floats in [0, 1].

    Raises:
        DataError: if steps, size or blobs are no such numbers.

    Example:
        >>> drifting_blobs(steps=30, size=(48, 64))
        Frames('drifting blobs', 30 × 1 × 48 × 64 as T C H W, float32)
    """
    size = checked(steps, size)
    random = np.random.default_rng(seed)
    count = whole("blobs", blobs)
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
    # Blobs that meet add up, and never to more than 1.
    return framed(1 - np.exp(-1.6 * dye), "drifting blobs")


def carried(start: Field, steps: int, random: np.random.Generator) -> Field:
    """The paths (2, steps, blobs) of points in a flow round the unit square, from (2, blobs)."""
    modes = np.array([[1, 1], [2, 1], [1, 2], [2, 2]]) * pi
    strength = (
        np.array([1.0, 0.6, 0.6, 0.45]) * random.uniform(0.6, 1, 4) * random.choice([-1, 1], 4)
    )
    strength = 0.0085 * strength[:, None]

    def velocity(place: Field) -> Field:
        """Along the contours of a stream function, which is 0 at the walls."""
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
    for step in range(steps):  # Runge and Kutta's step of fourth order
        path[step] = place
        first = velocity(place)
        second = velocity(place + first / 2)
        third = velocity(place + second / 2)
        fourth = velocity(place + third)
        place = place + (first + 2 * second + 2 * third + fourth) / 6
    return path.swapaxes(0, 1)


def framed(values: NDArray[Any], name: str) -> Frames:
    """Values (T, *size) as frames of one channel."""
    values = np.clip(values, 0, 1, dtype=np.float32, casting="same_kind")
    return Frames(values[:, None], has_channels=False, name=name)


def seasonal_ice(
    steps: int = 208, size: Sequence[int] = (64, 64), period: int = 52, seed: int = 0
) -> Frames:
    """Ice on a sea north of a coast, which advances and retreats with the season.

    Good for showing what a real field is like: a season that comes again, years that differ, and
    cracks and a ragged edge that last for some weeks and cannot be known beyond that. Land and
    open water are 0, as in maps of ice concentration.

    Args:
        steps: the number of frames; with the defaults, four years of weeks.
        size: (height, width), north being the first row, or (length,), a line from north to south.
        period: frames in a year.
        seed: of the coast, the years and the weather.

    Returns:
        Frames of one channel, concentrations from 0 to 1 as 32-bit floats.

    Raises:
        DataError: if steps, size or period are no such numbers.

    Example:
        >>> ice = seasonal_ice()
        >>> winter, summer = ice.values[0].mean(), ice.values[30].mean()
        >>> bool(winter > 2 * summer)
        True
    """
    size = checked(steps, size)
    random = np.random.default_rng(seed)
    year = np.arange(steps) / whole("period", period)
    south = ((np.arange(size[0]) + 0.5) / size[0]).astype(np.float32)
    if len(size) == 2:
        south = south[:, None]
    land = 8 * (south - 0.8) + 1.1 * smooth_noise(random, size, modes=9)[0] > 0
    # Ice grows slowly and melts fast; no two winters and summers are alike.
    season = np.cos(2 * pi * year + 0.45 * np.sin(2 * pi * year))
    kinds = random.uniform(-0.09, 0.09, int(year[-1] * 2) + 2)
    edge = 0.5 + 0.36 * season + np.interp(2 * year, np.arange(len(kinds)), kinds)
    edge = edge.reshape(-1, *[1] * len(size)).astype(np.float32)
    # A current bends the edge in the same way every year, and the weather as it likes.
    current = 0.07 * smooth_noise(random, size[1:] or size, modes=5)[0]
    weather = smooth_noise(random, size, modes=14, steps=steps, memory=0.9, longest=2)
    cracks = smooth_noise(random, size, modes=16, steps=steps, memory=0.9, longest=5)
    cover = 1 / (1 + np.exp((south - edge - current - 0.045 * weather) / 0.03))
    # Ice breaks along lines, and only where the weather is rough.
    rough = np.clip(weather, 0.1, 1)
    cover *= 0.95 - 0.35 * rough * np.exp(-((cracks / 0.35) ** 2)) + 0.04 * weather
    return framed(np.where(land, 0, cover), "seasonal ice")


# The series to choose from, in the order in which they are shown.
SAMPLES: Mapping[str, Callable[..., Frames]] = MappingProxyType(
    {
        "circling shape": circling_shape,
        "drifting blobs": drifting_blobs,
        "seasonal ice": seasonal_ice,
    }
)


def sample(name: str, **settings: Any) -> Frames:
    """Make up a series to try things out on.

    Args:
        name: "circling shape", "drifting blobs" or "seasonal ice".
        settings: `steps`, `size`, `seed`, and what else that series takes.

    Returns:
        Frames of one channel, 32-bit floats in [0, 1].

    Raises:
        DataError: if there is no such series, or it does not take these settings.

    Example:
        >>> sample("seasonal ice", steps=104)
        Frames('seasonal ice', 104 × 1 × 64 × 64 as T C H W, float32)
    """
    if name not in list(SAMPLES):  # a list finds what cannot be hashed, too: nothing
        raise DataError(
            f"There is no sample {shortened(name)}, but {', '.join(map(repr, SAMPLES))}"
            f"{closest(str(name), SAMPLES) or '.'}"
        )
    known = signature(SAMPLES[name]).parameters
    for setting in settings:
        if setting not in known:
            raise DataError(
                f"{name} has no setting {setting!r}, but {', '.join(known)}"
                f"{closest(setting, known) or '.'}"
            )
    return SAMPLES[name](**settings)


def checked(steps: int, size: Sequence[int]) -> Size:
    """The size as a tuple, if it is one or two lengths."""
    if whole("steps", steps) < 2:
        raise DataError("steps is 1, but a series has at least 2 frames; 100 are a good start.")
    if not isinstance(size, Sequence) or len(size) not in {1, 2}:
        raise DataError(
            f"size is {shortened(size)}, but must be (height, width) or (length,); volumes are "
            "not made up here."
        )
    return tuple(whole("each length of size", n) for n in size)
