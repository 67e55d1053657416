"""Textured shapes to draw: a disc, a square, a star, a triangle, a cross."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import cos, pi, sin
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnwidget.design.axes import Size

Field = NDArray[np.floating[Any]]


def disc(along: Field, across: Field) -> Field:
    """Return the signed distance of points from a disc of radius about 1; negative inside."""
    return np.hypot(along, across) - 0.94


def square(along: Field, across: Field) -> Field:
    """Return the same for a square, whose corners are at radius 1.2."""
    return np.maximum(np.abs(along), np.abs(across)) - 0.84


def star(along: Field, across: Field) -> Field:
    """Return the same for a star of five points."""
    tip, notch = 1.2, 0.55 * np.exp(0.2j * pi)
    # By symmetry, one edge is enough: from the nearest tip to the notch beside it.
    away = 0.2 * pi - np.abs(np.arctan2(across, along) % (0.4 * pi) - 0.2 * pi)
    radius = np.hypot(along, across)
    edge = (notch - tip) / abs(notch - tip)
    outside: Field = (radius * np.cos(away) - tip) * edge.imag - radius * np.sin(away) * edge.real
    return outside


def triangle(along: Field, across: Field) -> Field:
    """Return the same for an equilateral triangle."""
    sides = [cos(turn) * along + sin(turn) * across for turn in (0, 2 * pi / 3, 4 * pi / 3)]
    return np.maximum(np.maximum(sides[0], sides[1]), sides[2]) - 0.62


def cross(along: Field, across: Field) -> Field:
    """Return the same for a cross of two bars."""
    x, y = np.abs(along), np.abs(across)
    return np.minimum(np.maximum(x - 1.05, y - 0.36), np.maximum(x - 0.36, y - 1.05))


# No shape reaches beyond 1.25 times its radius.
SHAPES: Mapping[str, Callable[[Field, Field], Field]] = MappingProxyType(
    {"disc": disc, "square": square, "star": star, "triangle": triangle, "cross": cross}
)
REACH = 1.25


@dataclass(frozen=True, eq=False)
class Shape:
    """A shape with a texture, to be painted over a frame.

    Attributes:
        kind: one of `SHAPES`.
        radius: relative to the shorter side of a frame.
        shade: the mean of its texture.
        waves: (2, 2), two plane waves of its texture, in half periods from centre to rim.
        phases: of these waves.
    """

    kind: str
    radius: float
    shade: float
    waves: Field
    phases: Field

    @classmethod
    def drawn(
        cls,
        random: np.random.Generator,
        kind: str,
        radii: tuple[float, float],
        shades: tuple[float, float],
    ) -> Shape:
        """Return a shape with random texture, and random radius and shade between two bounds."""
        turn = random.uniform(0, pi, 2)
        waves = random.uniform(1.2, 3, 2) * np.array([np.cos(turn), np.sin(turn)])
        return cls(
            kind,
            random.uniform(*radii),
            random.uniform(*shades),
            waves.T,
            random.uniform(0, 2 * pi, 2),
        )

    def painted(
        self, over: NDArray[np.float32], place: tuple[float, float], turn: float
    ) -> NDArray[np.bool_]:
        """Paint the shape over a frame.

        Args:
            over: (height, width), changed in place.
            place: of its centre from the upper left corner, relative to the shorter side.
            turn: the rotation in radians.

        Returns:
            (height, width), True where the shape covers more than half of a pixel.
        """
        window, down, right = self.near(over.shape, place)
        along = (right * cos(turn) - down * sin(turn)) / self.radius
        across = (right * sin(turn) + down * cos(turn)) / self.radius
        # The rim is a pixel wide.
        outside = SHAPES[self.kind](along, across) * self.radius * min(over.shape)
        alpha = np.clip(0.5 - outside, 0, 1)
        texture = self.shade + sum(
            0.09 * np.cos(pi * (wave[0] * along + wave[1] * across) + phase)
            for wave, phase in zip(self.waves, self.phases, strict=True)
        )
        over[window] += (alpha * (texture - over[window])).astype(np.float32)
        covered = np.zeros(over.shape, dtype=bool)
        covered[window] = alpha > 0.5
        return covered

    def near(
        self, size: Size, place: tuple[float, float]
    ) -> tuple[tuple[slice, slice], Field, Field]:
        """Return the slices of a frame that the shape can reach, and the offsets of the pixels.

        The offsets, down and right from the centre, are relative to the shorter side.
        """
        unit = min(size)
        reach = REACH * self.radius * unit + 1
        slices, away = [], []
        for length, middle in zip(size, place, strict=True):
            start = min(max(0, int(middle * unit - reach)), length)
            stop = max(min(length, int(middle * unit + reach) + 1), start)
            slices.append(slice(start, stop))
            away.append((np.arange(start, stop) + 0.5) / unit - middle)
        return (slices[0], slices[1]), away[0][:, None], away[1]
