"""`PixelSeries`: the first or last pixels of fields along an infinite axis, for one period."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from math import inf
from operator import le
from typing import NamedTuple

# Pixels are whole numbers; an empty field begins at infinity and ends at minus infinity.
Pixel = float


class TooManyPositions(Exception):  # noqa: N818  (caught here; the figure is then unknown)
    """More positions would have to be listed than is sensible."""


class PixelSeries(NamedTuple):
    """A pixel for each position from `start` on.

    The series repeats behind the last of `pixels`, `shift` pixels further, and so it does before
    the first. With a shift of None, only the listed positions are known.
    """

    pixels: list[Pixel]
    start: int
    shift: int | None

    @property
    def is_monotonic(self) -> bool:
        """Whether no field is empty and no pixel comes before the one of an earlier position."""
        pixels = self.pixels
        if inf in pixels or -inf in pixels:
            return False
        if self.shift is not None and pixels[-1] > pixels[0] + self.shift:
            return False
        return all(map(le, pixels, islice(pixels, 1, None)))

    def at(self, position: int) -> Pixel:
        """Return the pixel at a position.

        Raises:
            TooManyPositions: if the position is not listed.
        """
        if self.shift is None:
            if not 0 <= position - self.start < len(self.pixels):
                raise TooManyPositions
            return self.pixels[position - self.start]
        times, place = divmod(position - self.start, len(self.pixels))
        return self.pixels[place] + self.shift * times

    def between(self, start: int, stop: int) -> list[Pixel]:
        """Return the pixels of the positions from `start` up to `stop`, exclusive.

        Raises:
            TooManyPositions: if one of the positions is not listed.
        """
        if self.shift is None:
            if start < self.start or stop > self.start + len(self.pixels):
                raise TooManyPositions
            return self.pixels[start - self.start : stop - self.start]
        length = len(self.pixels)
        first, last = (start - self.start) // length, (stop - 1 - self.start) // length
        repeated: list[Pixel] = []
        for times in range(first, last + 1):
            offset = self.shift * times
            repeated += [pixel + offset for pixel in self.pixels]
        place = start - self.start - first * length
        return repeated[place : place + stop - start]


class End(NamedTuple):
    """The first or the last pixels of fields.

    Attributes:
        pick: min or max: which of several pixels is the end of a field.
        empty: the pixel of an empty field.
        is_last: whether these are the last pixels.
    """

    pick: Callable[..., Pixel]
    empty: Pixel
    is_last: bool


FIRST = End(min, inf, is_last=False)
LAST = End(max, -inf, is_last=True)
