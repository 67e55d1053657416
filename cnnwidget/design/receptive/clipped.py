"""Receptive fields clipped to the input, along one axis: lists of first and last pixels.

Whole lists are sliced and combined, which Python does fast. Only the positions whose windows
overhang the input are computed one by one.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from operator import le, sub
from typing import NamedTuple

from cnnwidget.design.layers.taps import Scaled, Tap, Whole, Window, period, phase
from cnnwidget.design.receptive.work_limit import MOST_POSITIONS

# The first and last pixel of an empty field: beyond every other pixel.
NO_FIRST = 2**62
NO_LAST = -1


class ClippedFields(NamedTuple):
    """The first and last pixel in the field of each position.

    With `monotonic`, no field is empty and none begins or ends before the one of an earlier
    position. Then the ends of a window decide the field behind it.
    """

    first: list[int]
    last: list[int]
    monotonic: bool

    @property
    def size(self) -> int:
        """The most pixels in a field."""
        largest: int = max(map(sub, self.last, self.first))
        return max(0, largest + 1)

    @property
    def nonempty(self) -> bool:
        """Whether any field has a pixel."""
        return self.monotonic or max(self.last) > NO_LAST


# One position with an empty field, and one whose field is the first pixel.
EMPTY = ClippedFields([NO_FIRST], [NO_LAST], monotonic=False)
FIRST_PIXEL = ClippedFields([0], [0], monotonic=True)


def clipped_input(n: int) -> ClippedFields | None:
    """Return the fields of the network's input: each position is its own field."""
    if n > MOST_POSITIONS:
        return None
    pixels = list(range(n))
    return ClippedFields(pixels, pixels, monotonic=True)


def clipped_to_all(before: ClippedFields, count: int) -> ClippedFields | None:
    """Return `count` fields that cover all fields before; None where they are too many."""
    if count > MOST_POSITIONS:
        return None
    first, last = min(before.first), max(before.last)
    return ClippedFields([first] * count, [last] * count, monotonic=last > NO_LAST)


def clipped_through(before: ClippedFields, tap: Tap, count: int) -> ClippedFields | None:
    """Return the fields of `count` outputs behind a tap; None where they are too many."""
    if isinstance(tap, Whole):
        return clipped_to_all(before, count)
    if count > MOST_POSITIONS:
        return None
    if isinstance(tap, Scaled):
        return through_resize(before, tap, count)
    every = period(tap)
    if every == 1:
        window = phase(tap, 0)
        return None if window is None else through_window(before, window, count)
    first, last = [NO_FIRST] * count, [NO_LAST] * count
    for number in range(min(every, count)):
        window = phase(tap, number)
        if window is None:
            continue
        fields = through_window(before, window, len(range(number, count, every)))
        if fields is None:
            return None
        first[number::every], last[number::every] = fields.first, fields.last
    return ClippedFields(first, last, monotonic=is_monotonic(first, last))


def through_resize(before: ClippedFields, tap: Scaled, count: int) -> ClippedFields:
    """Return the fields behind a resize, position by position: its phases may be as many."""
    n, every = len(before.first), len(tap.spans)
    first, last = [NO_FIRST] * count, [NO_LAST] * count
    for number in range(count):
        times, place = divmod(number, every)
        low, high = (end + times * tap.shift for end in tap.spans[place])
        if tap.clamped:
            low, high = min(max(low, 0), n - 1), min(max(high, 0), n - 1)
        else:
            low, high = max(low, 0), min(high, n - 1)
        if low > high:
            continue
        if before.monotonic:
            first[number], last[number] = before.first[low], before.last[high]
        else:
            first[number] = min(before.first[low : high + 1])
            last[number] = max(before.last[low : high + 1])
    return ClippedFields(first, last, monotonic=is_monotonic(first, last))


def joined_clipped(parts: list[ClippedFields]) -> ClippedFields:
    """Return fields that cover, position by position, the fields of several tensors."""
    first, *others = [part for part in parts if part.nonempty] or parts
    for other in others:
        first = ClippedFields(
            list(map(min, first.first, other.first)),
            list(map(max, first.last, other.last)),
            monotonic=first.monotonic and other.monotonic,
        )
    return first


def is_monotonic(first: list[int], last: list[int]) -> bool:
    """Whether fields are monotonic; see `ClippedFields`."""
    if NO_FIRST in first:
        return False
    return all(map(le, first, islice(first, 1, None))) and all(map(le, last, islice(last, 1, None)))


def through_window(before: ClippedFields, window: Window, count: int) -> ClippedFields | None:
    """Return the fields behind a window; None where it is too wide."""
    kernel, stride, padding, dilation, mode = window
    length = max(0, count - 1) * stride + dilation * (kernel - 1) + 1
    if mode != "zeros":
        extra = length - padding - len(before.first)
        if max(padding, extra) > MOST_POSITIONS:
            return None
        before, padding = padded(before, max(0, padding), max(0, extra), mode), min(0, padding)
        window = Window(kernel, stride, padding, dilation)
    if before.monotonic and stride > 0:
        first = first_ends(before.first, window, count)
        last = last_ends(before.last, window, count)
        # With dilation, the first element inside the input moves back and forth along the axis.
        ordered = dilation == 1 and NO_FIRST not in (first[0], first[-1])
        return ClippedFields(first, last, monotonic=ordered or is_monotonic(first, last))
    if length > 4 * MOST_POSITIONS:
        return None
    firsts = padded_list(before.first, -padding, length, NO_FIRST)
    lasts = padded_list(before.last, -padding, length, NO_LAST)
    first = over_window(firsts, window, min, count)
    last = over_window(lasts, window, max, count)
    return ClippedFields(first, last, monotonic=is_monotonic(first, last))


def padded(before: ClippedFields, left: int, right: int, mode: str) -> ClippedFields:
    """Return the fields with copies of others before and after them, by a padding mode."""
    n = len(before.first)
    places = range(-left, n + right)
    if mode == "replicate":
        sources = [min(max(place, 0), n - 1) for place in places]
    elif mode == "circular":
        sources = [place % n for place in places]
    else:
        sources = [n - 1 - abs(n - 1 - abs(place)) for place in places]
    return ClippedFields(
        [before.first[source] for source in sources],
        [before.last[source] for source in sources],
        monotonic=before.monotonic and mode == "replicate",
    )


def first_ends(pixels: list[int], window: Window, count: int) -> list[int]:
    """Return the first pixel of each output, from the first element inside the input."""
    kernel, stride, padding, dilation, _ = window
    n = len(pixels)
    # From output `a` on the first element is inside, and from `b` on it is beyond the end.
    a = min(count, max(0, -(-padding // stride)))
    b = min(count, max(a, (n - 1 + padding) // stride + 1))
    start = a * stride - padding
    middle = pixels[start : start + (b - a - 1) * stride + 1 : stride] if b > a else []
    if a == 0 and b == count:
        return middle
    head = []
    for i in range(a):
        element = -((i * stride - padding) // dilation)
        place = i * stride - padding + dilation * element
        head.append(pixels[place] if element < kernel and place < n else NO_FIRST)
    return head + middle + [NO_FIRST] * (count - b)


def last_ends(pixels: list[int], window: Window, count: int) -> list[int]:
    """Return the last pixel of each output, from the last element inside the input."""
    kernel, stride, padding, dilation, _ = window
    n = len(pixels)
    shift = dilation * (kernel - 1) - padding
    a = min(count, max(0, -(shift // stride)))
    b = min(count, max(a, (n - 1 - shift) // stride + 1))
    start = a * stride + shift
    middle = pixels[start : start + (b - a - 1) * stride + 1 : stride] if b > a else []
    if a == 0 and b == count:
        return middle
    tail = []
    for i in range(b, count):
        element = -((n - 1 - i * stride - shift) // dilation)
        place = i * stride + shift - dilation * element
        tail.append(pixels[place] if element < kernel and place >= 0 else NO_LAST)
    return [NO_LAST] * a + middle + tail


def padded_list(pixels: list[int], start: int, length: int, empty: int) -> list[int]:
    """Return `length` pixels from position `start` on, with `empty` outside of the list."""
    head = min(length, max(0, -start))
    inner = pixels[max(0, start) : max(0, start + length)]
    return [empty] * head + inner + [empty] * (length - head - len(inner))


def over_window(
    pixels: list[int], window: Window, pick: Callable[[int, int], int], count: int
) -> list[int]:
    """Return the least or largest pixel in each place of a window.

    The elements are combined by doubling: of two, of four, of eight elements, and so on.
    """
    kernel, stride, _, dilation, _ = window
    width = 1
    while 2 * width <= kernel:
        pixels = list(map(pick, pixels, pixels[dilation * width :]))
        width *= 2
    if width < kernel:
        pixels = list(map(pick, pixels, pixels[dilation * (kernel - width) :]))
    return pixels[::stride][:count] if stride else pixels[:1] * count
