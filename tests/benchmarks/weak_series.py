"""Series that are hardly predictable, by seed: what natural fields are like, months ahead.

Anomalies are red noise: of each scale in space its own memory in time. Seasons, trends, land and
drift are added to them. Values are float32, (T, H, W) or (T, C, H, W); dates are months or years.
"""

from typing import Any, NamedTuple

import numpy as np

from cnnwidget.data.frames import Frames
from cnnwidget.data.labels import Labels

SIZE = (24, 32)


class Weak(NamedTuple):
    """A series, with the season that its dates suggest."""

    frames: Frames
    period: Any = None


def smooth_noise(random, width, size=SIZE):
    """Noise whose spectrum falls off beyond a width in pixels; of deviation 1."""
    waves = np.meshgrid(*(np.fft.fftfreq(n) for n in size), indexing="ij")
    keep = np.exp(-0.5 * (2 * np.pi * width) ** 2 * sum(wave**2 for wave in waves))
    field = np.fft.ifft2(np.fft.fft2(random.standard_normal(size)) * keep).real
    return field / field.std()


def red_noise(random, steps, memory, width, drift=(0, 0)):
    """Anomalies that keep a share of themselves from step to step, and perhaps move."""
    field = smooth_noise(random, width)
    found = []
    for _ in range(steps):
        moved = np.roll(field, drift, (0, 1))
        field = memory * moved + np.sqrt(1 - memory**2) * smooth_noise(random, width)
        found.append(field)
    return np.array(found)


def months(count, start="1990-01"):
    return np.arange(count).astype("timedelta64[M]") + np.datetime64(start, "M")


def years(count, start="1880"):
    return (np.datetime64(start, "Y") + np.arange(count)).astype("datetime64[D]")


def frames_of(name, values, times, valid=None):
    """Frames as `cw.load` would give them."""
    values = values.astype(np.float32)
    with_channels = values.ndim == 4
    values = values if with_channels else values[:, None]
    labels = Labels(times=times)
    missing = "refuse" if valid is None else "leave out"
    return Frames(
        values, has_channels=with_channels, name=name, labels=labels, missing=missing, valid=valid
    )


def season(count, strength):
    """A yearly cycle that is stronger in the north."""
    phase = 2 * np.pi * np.arange(count) / 12
    north = np.linspace(0.3, 1.0, SIZE[0])[:, None] * np.ones(SIZE)
    return strength * np.sin(phase)[:, None, None] * north


def weak_series():
    """All of them by their names."""

    def noise(seed):
        return np.random.default_rng(seed)

    found = {}

    def add(name, values, times, period=None, valid=None):
        found[name] = Weak(frames_of(name, values, times, valid), period)

    several = [(0.9, 5, 1.0), (0.5, 2, 0.7), (0.1, 0.7, 0.5)]
    random = noise(1)
    add("red noise of several memories, 240", sum(
        part * red_noise(random, 240, memory, width) for memory, width, part in several
    ), months(240))  # fmt: skip
    add("long memory, 120 years", 10 + red_noise(noise(2), 120, 0.85, 3), years(120))
    add("short memory, 50 winters", red_noise(noise(3), 50, 0.3, 4), years(50))
    random = noise(4)
    add(
        "season and moving anomalies, 240",
        280 + season(240, 8) + red_noise(random, 240, 0.9, 3, (0, 1)),
        months(240), "year",
    )  # fmt: skip
    random = noise(5)
    add(
        "trend and red noise, 100 years",
        0.02 * np.arange(100)[:, None, None] + red_noise(random, 100, 0.5, 4),
        years(100),
    )
    random = noise(6)
    land = smooth_noise(random, 4) > 0.7
    sea = 290 + season(200, 4) + 0.8 * red_noise(random, 200, 0.9, 4)
    add("season and land, 200", np.where(land, np.nan, sea), months(200), "year", ~land[None])
    random = noise(7)
    first = red_noise(random, 160, 0.8, 4)
    second = np.roll(first, 2, 0) * 0.5 + 0.5 * red_noise(random, 160, 0.4, 2)
    add("two variables, 160", np.stack([280 + 5 * first, 0.1 * second], 1), months(160))
    add("drifting anomalies, 140", red_noise(noise(8), 140, 0.9, 3, (1, 1)), months(140))
    return found
