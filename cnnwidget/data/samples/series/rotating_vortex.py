"""Dye in a vortex that rotates, spreads and decays."""

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

# Units: the shorter side of a frame, and frames.
CORE = 0.09  # the initial radius within which the fluid rotates nearly as a solid
CIRCULATION = 0.021
VISCOSITY = 1.2e-5
DIFFUSION = 5e-7
# The number of waves around the vortex that represent the dye.
MODES = 20


def rotating_vortex(
    steps: int = 120, size: Sequence[int] = (64, 64), drops: int = 5, seed: int = 0
) -> Frames:
    """Make drops of dye that a vortex winds up to spiral arms.

    Good for showing motion that depends on the place: the fluid rotates counterclockwise, faster
    near the centre, so that no single shift maps a frame to the next. The arms become finer until
    they are mixed: what diffusion removes is lost.

    It is a Lamb-Oseen vortex, whose angular velocity at the radius r is
    `Γ / (2 π r²) (1 - exp(-r² / (r₀² + 4 ν t)))`. The dye is carried exactly; its waves with m
    crests around the vortex fade with `exp(-κ m² ∫ (S² + 1 / r²) dt)`, where S is the radial
    derivative of the rotation angle.

    Args:
        steps: the number of frames.
        size: (height, width), 8 at least.
        drops: the number of drops at the beginning.
        seed: of the drops, and of the centre of the vortex.

    Returns:
        Frames of one channel, 32-bit floats in [0, 1].

    Raises:
        DataError: if an argument is out of bounds.

    Source:
        P. G. Saffman, Vortex Dynamics, Cambridge University Press 1992, section 13.1 (the vortex);
        P. B. Rhines and W. R. Young, How rapidly is a passive scalar mixed within closed
        streamlines?, Journal of Fluid Mechanics 133, 1983 (the dye).

    Example:
        >>> rotating_vortex(steps=30, size=(48, 64))
        Frames('rotating vortex', 30 × 1 × 48 × 64 as T C H W, float32)
    """
    size = check_series(steps, size, axes=(2,), least=8)
    count = whole_number("drops", drops)
    random = random_generator(seed)
    down, right = (
        (np.arange(length) - (length - 1) / 2) / min(size) - middle
        for length, middle in zip(size, random.uniform(-0.06, 0.06, 2), strict=True)
    )
    radius = np.maximum(np.hypot(down[:, None], right), 0.25 / min(size))
    angle = np.arctan2(-down[:, None], right)  # counterclockwise on the screen
    waves = waves_of(drops_of_dye(random, count), radius) * np.exp(
        1j * np.arange(MODES)[:, None, None] * angle
    )
    waves = waves.astype(np.complex64)
    values = np.empty((steps, *size), np.float32)
    turned, spread = np.zeros_like(radius), np.zeros_like(radius)
    shear = np.zeros_like(radius)
    for step in range(steps):
        # The rotation and fading of the wave with one crest; the others are powers of it.
        back = np.exp(-1j * turned).astype(np.complex64)
        fade = np.exp(-DIFFUSION * spread).astype(np.float32)
        values[step] = shown(waves, back, fade)
        velocity, slope = angular(radius, step + 0.5)
        turned += velocity
        shear += slope
        spread += shear**2 + radius**-2
    return sample_frames(values, "rotating vortex")


def angular(radius: Field, time: float) -> tuple[Field, Field]:
    """Return the angular velocity of the vortex and its radial derivative."""
    core = CORE**2 + 4 * VISCOSITY * time
    ratio = np.maximum(radius**2 / core, 1e-4)
    strength = CIRCULATION / (2 * pi * core)
    velocity = -strength * np.expm1(-ratio) / ratio
    slope = strength * (np.exp(-ratio) * (1 + ratio) - 1) / ratio**2 * 2 * radius / core
    return velocity, slope


def drops_of_dye(random: np.random.Generator, count: int) -> Field:
    """Return the radius, direction, width and strength of each drop, (4, count)."""
    return np.stack(
        [
            random.uniform(0.1, 0.42, count),
            2 * pi * (np.arange(count) + random.uniform(-0.3, 0.3, count)) / count,
            random.uniform(0.07, 0.11, count),
            random.uniform(0.8, 1.2, count),
        ]
    )


def waves_of(drops: Field, radius: Field) -> NDArray[np.complexfloating[Any]]:
    """Return the dye as waves around the vortex at each pixel: (MODES, height, width)."""
    table = np.linspace(0, float(radius.max()), 4 * max(radius.shape))
    ring = 2 * pi * np.arange(4 * MODES) / (4 * MODES)
    place = table[:, None] * np.exp(1j * ring)
    dye = np.zeros(place.shape)
    for away, direction, width, strength in drops.T:
        dye += strength * np.exp(-((np.abs(place - away * np.exp(1j * direction)) / width) ** 2))
    # Overlapping drops add up to at most 1.
    waves = np.fft.rfft(1 - np.exp(-1.6 * dye), axis=1)[:, :MODES] / len(ring)
    waves[:, 1:] *= 2
    return np.stack([np.interp(radius, table, wave) for wave in waves.T])


def shown(
    waves: NDArray[np.complex64], back: NDArray[np.complex64], fade: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return the sum of all waves: wave m is rotated back m times and faded m² times."""
    result: NDArray[np.float32] = waves[0].real.copy()
    turn, faded = np.ones_like(back), np.ones_like(fade)
    for number in range(1, len(waves)):
        turn *= back
        faded *= fade ** (2 * number - 1)  # of which the sum is number²
        result += faded * (waves[number] * turn).real
    return result
