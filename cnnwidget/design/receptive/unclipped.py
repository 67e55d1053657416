"""Receptive fields on an infinite input, along one axis: the textbook figures.

Without an end of the input, every tap is periodic, and so is all that is composed of taps. So the
first and last pixel in the field of output `i` are stored for one period. Where a period would
grow too long (fifty upsamplings of a single value), they are stored for the positions of the
tensor, with a margin on both sides.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from functools import reduce
from math import gcd, inf, lcm
from operator import sub
from typing import NamedTuple

from cnnwidget.design.layers.taps import Scaled, TransposedWindow, Window, period, phase
from cnnwidget.design.receptive.pixel_series import (
    FIRST,
    LAST,
    End,
    Pixel,
    PixelSeries,
    TooManyPositions,
)
from cnnwidget.design.receptive.work_limit import (
    MOST_POSITIONS,
    STEPS_PER_PHASE,
    STEPS_PER_POSITION,
    WorkLimit,
)

PeriodicTap = Window | TransposedWindow | Scaled

# For a longer period, a list of positions is stored instead.
LONGEST_PERIOD = 64
# The positions that such a list has before and after those of the tensor.
MARGIN = 128


class UnclippedFields(NamedTuple):
    """The first and last pixel in the field of each position, and the stride between fields.

    The stride is None where paths of different strides were joined. With `monotonic`, no field is
    empty and none begins or ends before the one of an earlier position. Then the ends of a window
    decide the field behind it.
    """

    first: PixelSeries
    last: PixelSeries
    stride: Fraction | None
    monotonic: bool

    def sizes(self, count: int) -> tuple[int, int]:
        """Return the least and the most pixels in the fields of the first `count` positions.

        Raises:
            TooManyPositions: if one of the positions is not listed.
        """
        first, last = self.first, self.last
        if first.shift is not None and last.shift is not None:
            count = min(count, lcm(len(first.pixels), len(last.pixels)))
        extents = list(map(sub, last.between(0, count), first.between(0, count)))
        return max(0, as_int(min(extents)) + 1), max(0, as_int(max(extents)) + 1)


def as_int(extent: Pixel) -> int:
    """Return a difference of pixels as an int; -1 for an empty field."""
    return -1 if extent == -inf else int(extent)


UNCLIPPED_INPUT = UnclippedFields(
    PixelSeries([0], 0, 1), PixelSeries([0], 0, 1), Fraction(1), monotonic=True
)


def tap_stride(tap: PeriodicTap) -> int:
    """Return how many inputs a tap moves on in one period of its outputs."""
    return tap.stride if isinstance(tap, Window) else tap.shift if isinstance(tap, Scaled) else 1


def unclipped_through(
    before: UnclippedFields, tap: PeriodicTap, count: int, limit: WorkLimit
) -> UnclippedFields:
    """Return the fields of `count` outputs behind a tap.

    Raises:
        TooManyPositions: if there are too many positions to list.
    """
    every = period(tap)
    window = phase(tap, 0) if every == 1 else None
    if before.monotonic and window is not None and window.stride == 1:
        kernel, _, padding, dilation, _ = window
        first, last = before.first, before.last
        return before._replace(
            first=first._replace(start=first.start + padding),
            last=last._replace(start=last.start + padding - dilation * (kernel - 1)),
        )
    if not limit.allows(2 * end_steps(before, tap, count)):
        raise TooManyPositions
    first = end_through(before.first, tap, count, FIRST, monotonic=before.monotonic)
    last = end_through(before.last, tap, count, LAST, monotonic=before.monotonic)
    return UnclippedFields(
        first,
        last,
        None if before.stride is None else before.stride * Fraction(tap_stride(tap), every),
        monotonic=(before.monotonic and every == 1) or (first.is_monotonic and last.is_monotonic),
    )


def end_steps(before: UnclippedFields, tap: PeriodicTap, count: int) -> int:
    """Return the steps that the first or the last pixels behind a tap take."""
    every, length = period(tap), len(before.first.pixels)
    places = min(count, MOST_POSITIONS) + 2 * MARGIN
    if isinstance(tap, Scaled):
        kernel = max(high - low for low, high in tap.spans[:LONGEST_PERIOD]) + 2
    else:
        kernel = -(-tap.kernel_size // every)
    if before.first.shift is None:
        per_place = 1 if before.monotonic else kernel
        return STEPS_PER_PHASE * min(every, places) + 2 * places * per_place
    taps = 1 if before.monotonic else min(kernel, length)
    listed = every * length // gcd(length, tap_stride(tap))
    return STEPS_PER_POSITION * (taps + 2) * (listed if listed <= LONGEST_PERIOD else places)


def joined_unclipped(parts: list[UnclippedFields], count: int, limit: WorkLimit) -> UnclippedFields:
    """Return fields that cover, position by position, the fields of several tensors.

    Raises:
        TooManyPositions: if there are too many positions to list.
    """
    places = min(count, MOST_POSITIONS) + 2 * MARGIN
    longest = lcm(*(len(part.first.pixels) for part in parts if part.first.shift is not None))
    if any(part.first.shift is None for part in parts) or longest > LONGEST_PERIOD:
        longest = places
    if not limit.allows(2 * STEPS_PER_POSITION * longest * len(parts)):
        raise TooManyPositions
    strides = {part.stride for part in parts}
    stride = strides.pop() if len(strides) == 1 else None
    return UnclippedFields(
        joined_end([part.first for part in parts], count, FIRST),
        joined_end([part.last for part in parts], count, LAST),
        stride,
        monotonic=all(part.monotonic for part in parts),
    )


def joined_end(parts: list[PixelSeries], count: int, end: End) -> PixelSeries:
    """Return the first or last pixels of several tensors joined."""
    shifts = {Fraction(part.shift or 0, len(part.pixels)) for part in parts}
    length = lcm(*(len(part.pixels) for part in parts if part.shift is not None))
    start, stop, shift = 0, length, None
    if all(part.shift is not None for part in parts) and len(shifts) == 1:
        shift = int(shifts.pop() * length)
    if shift is None or length > LONGEST_PERIOD:
        shift = None
        start, stop = listed_range(count)
        for part in parts:
            if part.shift is None:
                start, stop = max(start, part.start), min(stop, part.start + len(part.pixels))
    lists = [part.between(start, stop) for part in parts]
    return PixelSeries(list(map(end.pick, *lists)) if len(lists) > 1 else lists[0], start, shift)


def listed_range(count: int) -> tuple[int, int]:
    """Return the first position of a list and the one behind its last.

    Raises:
        TooManyPositions: if there are too many positions to list.
    """
    if count > MOST_POSITIONS:
        raise TooManyPositions
    return -MARGIN, count + MARGIN


def end_through(
    before: PixelSeries, tap: PeriodicTap, count: int, end: End, *, monotonic: bool
) -> PixelSeries:
    """Return the first or last pixels behind a tap."""
    if before.shift is None:
        return listed_end_through(before, tap, count, end, monotonic=monotonic)
    every, length = period(tap), len(before.pixels)
    step = tap_stride(tap)
    times = length // gcd(length, step)
    start, stop, shift = 0, every * times, before.shift * step * times // length
    periodic = every * times <= LONGEST_PERIOD
    if not periodic:
        start, stop = listed_range(count)
    pixels = []
    windows: dict[int, tuple[Window, Iterable[int]] | None] = {}
    for position in range(start, stop):
        turn, number = divmod(position, every)
        if number not in windows:
            window = phase(tap, number)
            windows[number] = window and (
                window,
                end_places(window, length, end, monotonic=monotonic),
            )
        entry = windows[number]
        if entry is None:
            pixels.append(end.empty)
            continue
        window, places = entry
        origin = turn * window.stride - window.padding
        pixels.append(reduce(end.pick, [before.at(origin + place) for place in places]))
    return PixelSeries(pixels, start, shift if periodic else None)


def end_places(window: Window, length: int, end: End, *, monotonic: bool) -> Iterable[int]:
    """Return the places in a window that can be the end of its field.

    Of several places a whole number of periods apart, only the outermost can.
    """
    kernel, _, _, dilation, _ = window
    many = 1 if monotonic else min(kernel, length // gcd(length, dilation))
    elements = range(kernel - many, kernel) if end.is_last else range(many)
    return range(elements.start * dilation, elements.stop * dilation, dilation)


def listed_end_through(  # noqa: C901  (the same few steps for each phase)
    before: PixelSeries, tap: PeriodicTap, count: int, end: End, *, monotonic: bool
) -> PixelSeries:
    """Return the first or last pixels behind a tap from a list, sliced once for each phase."""
    every, length = period(tap), len(before.pixels)
    start, stop = listed_range(count)
    if every > stop - start:
        raise TooManyPositions
    windows = [phase(tap, number) for number in range(every)]
    offsets: list[range] = []
    for number, window in enumerate(windows):
        if window is None:
            offsets.append(range(0))
            continue
        kernel, stride, padding, dilation, _ = window
        if monotonic:
            elements = range(kernel - 1, kernel) if end.is_last else range(1)
        else:
            elements = range(kernel)
        low = elements.start * dilation - padding - before.start
        places = range(low, low + len(elements) * dilation, dilation)
        offsets.append(places)
        if not stride:
            if places[0] < 0 or places[-1] >= length:
                raise TooManyPositions
            continue
        # The outputs all of whose places are in the list.
        earliest, latest = -(places[0] // stride), (length - 1 - places[-1]) // stride
        start = max(start, every * (earliest - 1) + number + 1)
        stop = min(stop, every * (latest + 1) + number)
    if start > 0 or stop < count:
        raise TooManyPositions
    pixels = [end.empty] * (stop - start)
    for number, window in enumerate(windows):
        if window is None:
            continue
        head = (number - start) % every
        turn, many = (start + head) // every, len(range(head, stop - start, every))
        if not many:
            continue
        step = window.stride
        cuts = []
        for place in offsets[number]:
            first = place + turn * step
            cut = before.pixels[first : first + (many - 1) * step + 1 : step or 1]
            cuts.append(cut if step else cut * many)
        pixels[head::every] = cuts[0] if len(cuts) == 1 else map(end.pick, *cuts)
    return PixelSeries(pixels, start, None)
