"""What each position along an axis sees of a field that goes on for ever: textbook figures.

Without an end, what a tap does comes again and again, and so does all that is built of taps: the
first and last pixel that output `i` sees are written down for one period. Where periods would grow
beyond measure (fifty times upwards from a single value), they are written down for the positions
that there are, and for some about them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from functools import reduce
from itertools import islice
from math import gcd, inf, lcm
from operator import le, sub
from typing import NamedTuple

from cnnwidget.design.layers.taps import Scaled, TransposedWindow, Window, period, phase
from cnnwidget.design.receptive.work_limit import A_PHASE, A_PLACE, WorkLimit

# A longer period is given up for a list of positions.
LONGEST_PERIOD = 64
# How far such a list goes on at either side of the positions that there are.
MARGIN = 128
# More positions than this are not listed.
MOST_POSITIONS = 2**18

# Pixels are whole numbers; what sees none begins at infinity and ends before.
Pixel = float


class TooManyPositions(Exception):  # noqa: N818  (it is an answer: nobody knows, and nobody is told)
    """More positions would have to be written down than is sensible."""


class PixelSeries(NamedTuple):
    """A pixel for each position from `start` on.

    After the last of `pixels` the same comes again, `shift` pixels further, and so it was before
    the first; with None for a shift, nothing is known of other positions.
    """

    pixels: list[Pixel]
    start: int
    shift: int | None

    def at(self, position: int) -> Pixel:
        """The pixel at a position."""
        if self.shift is None:
            if not 0 <= position - self.start < len(self.pixels):
                raise TooManyPositions
            return self.pixels[position - self.start]
        times, place = divmod(position - self.start, len(self.pixels))
        return self.pixels[place] + self.shift * times

    def stretch(self, start: int, stop: int) -> list[Pixel]:
        """The pixels from one position up to another."""
        if self.shift is None:
            if start < self.start or stop > self.start + len(self.pixels):
                raise TooManyPositions
            return self.pixels[start - self.start : stop - self.start]
        length = len(self.pixels)
        first, last = (start - self.start) // length, (stop - 1 - self.start) // length
        found: list[Pixel] = []
        for times in range(first, last + 1):
            further = self.shift * times
            found += [pixel + further for pixel in self.pixels]
        place = start - self.start - first * length
        return found[place : place + stop - start]


class End(NamedTuple):
    """What sets the first pixels apart from the last: which one counts, and what sees none."""

    pick: Callable[..., Pixel]
    nothing: Pixel
    is_last: bool


FIRST = End(min, inf, is_last=False)
LAST = End(max, -inf, is_last=True)


class UnclippedFields(NamedTuple):
    """The first and last pixel that each position sees, and the pixels from one to the next.

    The stride is None where paths of different strides were joined. `even` says that each position
    sees a pixel, and none an earlier one than those before it: then the ends of a window are all
    that matters.
    """

    first: PixelSeries
    last: PixelSeries
    stride: Fraction | None
    even: bool

    def sizes(self, count: int) -> tuple[int, int]:
        """The least and the most pixels that one of the first positions sees.

        Raises:
            TooManyPositions: where they are too many.
        """
        first, last = self.first, self.last
        if first.shift is not None and last.shift is not None:
            count = min(count, lcm(len(first.pixels), len(last.pixels)))
        found = list(map(sub, last.stretch(0, count), first.stretch(0, count)))
        return max(0, as_number(min(found)) + 1), max(0, as_number(max(found)) + 1)


def as_number(pixel: Pixel) -> int:
    """A difference of pixels; below any for what sees none."""
    return -1 if pixel == -inf else int(pixel)


IDENTITY = UnclippedFields(PixelSeries([0], 0, 1), PixelSeries([0], 0, 1), Fraction(1), even=True)


def through(
    before: UnclippedFields, tap: Window | TransposedWindow | Scaled, count: int, budget: WorkLimit
) -> UnclippedFields:
    """What `count` outputs see, each through a tap.

    Raises:
        TooManyPositions: where the positions to write down are too many.
    """
    every = period(tap)
    window = phase(tap, 0) if every == 1 else None
    if before.even and window is not None and window.stride == 1:
        kernel, _, padding, dilation, _ = window
        first, last = before.first, before.last
        return before._replace(
            first=first._replace(start=first.start + padding),
            last=last._replace(start=last.start + padding - dilation * (kernel - 1)),
        )
    step = tap.stride if isinstance(tap, Window) else tap.shift if isinstance(tap, Scaled) else 1
    if not budget.allows(2 * steps_of_side(before, tap, count)):
        raise TooManyPositions
    first = one_side(before.first, tap, count, FIRST, even=before.even)
    last = one_side(before.last, tap, count, LAST, even=before.even)
    return UnclippedFields(
        first,
        last,
        None if before.stride is None else before.stride * Fraction(step, every),
        even=(before.even and every == 1) or (is_even(first) and is_even(last)),
    )


def steps_of_side(
    before: UnclippedFields, tap: Window | TransposedWindow | Scaled, count: int
) -> int:
    """Steps to find the first or the last pixels behind a tap."""
    every, length = period(tap), len(before.first.pixels)
    places = min(count, MOST_POSITIONS) + 2 * MARGIN
    if isinstance(tap, Scaled):
        kernel = max(high - low for low, high in tap.spans[:LONGEST_PERIOD]) + 2
    else:
        kernel = -(-tap.kernel_size // every)
    if before.first.shift is None:
        return A_PHASE * min(every, places) + 2 * places * (1 if before.even else kernel)
    taps = 1 if before.even else min(kernel, length)
    step = tap.stride if isinstance(tap, Window) else tap.shift if isinstance(tap, Scaled) else 1
    written = every * length // gcd(length, step)
    return A_PLACE * (taps + 2) * (written if written <= LONGEST_PERIOD else places)


def joined(parts: list[UnclippedFields], count: int, budget: WorkLimit) -> UnclippedFields:
    """What positions see that take up those of several tensors.

    Raises:
        TooManyPositions: where the positions to write down are too many.
    """
    places = min(count, MOST_POSITIONS) + 2 * MARGIN
    longest = lcm(*(len(part.first.pixels) for part in parts if part.first.shift is not None))
    if any(part.first.shift is None for part in parts) or longest > LONGEST_PERIOD:
        longest = places
    if not budget.allows(2 * A_PLACE * longest * len(parts)):
        raise TooManyPositions
    strides = {part.stride for part in parts}
    stride = strides.pop() if len(strides) == 1 else None
    return UnclippedFields(
        joined_side([part.first for part in parts], count, FIRST),
        joined_side([part.last for part in parts], count, LAST),
        stride,
        even=all(part.even for part in parts),
    )


def joined_side(parts: list[PixelSeries], count: int, side: End) -> PixelSeries:
    """The first or last pixels of several tensors joined."""
    shifts = {Fraction(part.shift or 0, len(part.pixels)) for part in parts}
    length = lcm(*(len(part.pixels) for part in parts if part.shift is not None))
    start, stop, shift = 0, length, None
    if all(part.shift is not None for part in parts) and len(shifts) == 1:
        shift = int(shifts.pop() * length)
    if shift is None or length > LONGEST_PERIOD:
        shift = None
        start, stop = listed(count)
        for part in parts:
            if part.shift is None:
                start, stop = max(start, part.start), min(stop, part.start + len(part.pixels))
    lists = [part.stretch(start, stop) for part in parts]
    return PixelSeries(list(map(side.pick, *lists)) if len(lists) > 1 else lists[0], start, shift)


def listed(count: int) -> tuple[int, int]:
    """From where to where a list of positions goes."""
    if count > MOST_POSITIONS:
        raise TooManyPositions
    return -MARGIN, count + MARGIN


def is_even(series: PixelSeries) -> bool:
    """Whether every position sees a pixel, and none an earlier one than those before it."""
    pixels = series.pixels
    if inf in pixels or -inf in pixels:
        return False
    if series.shift is not None and pixels[-1] > pixels[0] + series.shift:
        return False
    return all(map(le, pixels, islice(pixels, 1, None)))


def one_side(
    before: PixelSeries,
    tap: Window | TransposedWindow | Scaled,
    count: int,
    side: End,
    *,
    even: bool,
) -> PixelSeries:
    """The first or last pixels seen through a tap."""
    if before.shift is None:
        return listed_side(before, tap, count, side, even=even)
    every, length = period(tap), len(before.pixels)
    step = tap.stride if isinstance(tap, Window) else tap.shift if isinstance(tap, Scaled) else 1
    times = length // gcd(length, step)
    start, stop, shift = 0, every * times, before.shift * step * times // length
    known = every * times <= LONGEST_PERIOD
    if not known:
        start, stop = listed(count)
    pixels = []
    windows: dict[int, tuple[Window, Iterable[int]] | None] = {}
    for position in range(start, stop):
        around, number = divmod(position, every)
        if number not in windows:
            window = phase(tap, number)
            windows[number] = window and (window, deciding(window, length, side, even=even))
        found = windows[number]
        if found is None:
            pixels.append(side.nothing)
            continue
        window, places = found
        origin = around * window.stride - window.padding
        pixels.append(reduce(side.pick, [before.at(origin + place) for place in places]))
    return PixelSeries(pixels, start, shift if known else None)


def deciding(window: Window, length: int, side: End, *, even: bool) -> Iterable[int]:
    """The places in a window that may decide: of each that comes again, the first or last."""
    kernel, _, _, dilation, _ = window
    many = 1 if even else min(kernel, length // gcd(length, dilation))
    elements = range(kernel - many, kernel) if side.is_last else range(many)
    return range(elements.start * dilation, elements.stop * dilation, dilation)


def listed_side(  # noqa: C901  (the same few steps for each phase)
    before: PixelSeries,
    tap: Window | TransposedWindow | Scaled,
    count: int,
    side: End,
    *,
    even: bool,
) -> PixelSeries:
    """The same where only a list of positions is known, cut out of it at once for each phase."""
    every, length = period(tap), len(before.pixels)
    start, stop = listed(count)
    if every > stop - start:
        raise TooManyPositions
    windows = [phase(tap, number) for number in range(every)]
    offsets: list[range] = []
    for number, window in enumerate(windows):
        if window is None:
            offsets.append(range(0))
            continue
        kernel, stride, padding, dilation, _ = window
        if even:
            elements = range(kernel - 1, kernel) if side.is_last else range(1)
        else:
            elements = range(kernel)
        low = elements.start * dilation - padding - before.start
        places = range(low, low + len(elements) * dilation, dilation)
        offsets.append(places)
        if not stride:
            if places[0] < 0 or places[-1] >= length:
                raise TooManyPositions
            continue
        # The outputs around which all of the places are in the list.
        earliest, latest = -(places[0] // stride), (length - 1 - places[-1]) // stride
        start = max(start, every * (earliest - 1) + number + 1)
        stop = min(stop, every * (latest + 1) + number)
    if start > 0 or stop < count:
        raise TooManyPositions
    pixels = [side.nothing] * (stop - start)
    for number, window in enumerate(windows):
        if window is None:
            continue
        head = (number - start) % every
        around, many = (start + head) // every, len(range(head, stop - start, every))
        if not many:
            continue
        step = window.stride
        cuts = []
        for place in offsets[number]:
            first = place + around * step
            cut = before.pixels[first : first + (many - 1) * step + 1 : step or 1]
            cuts.append(cut if step else cut * many)
        pixels[head::every] = cuts[0] if len(cuts) == 1 else map(side.pick, *cuts)
    return PixelSeries(pixels, start, None)
