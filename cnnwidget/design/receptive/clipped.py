"""Which real inputs each position along an axis sees: receptive fields that end with the input.

For every position of a tensor the first and last pixel of the network's input that it sees. Lists
of them are cut and put together whole, which Python does fast; only where a window sticks out is
it looked at place by place.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from operator import le, sub
from typing import NamedTuple

from cnnwidget.design.layers.taps import Scaled, Tap, Whole, Window, period, phase

# The first and last pixel of what sees none: beyond every other.
NO_FIRST = 2**62
NO_LAST = -1
# Longer axes are not looked at position by position.
MOST_POSITIONS = 2**18


class ClippedFields(NamedTuple):
    """The first and last pixel that each position sees.

    `even` says that each sees at least one, and none an earlier one than those before it: then the
    ends of a window are all that matters.
    """

    first: list[int]
    last: list[int]
    even: bool

    @property
    def size(self) -> int:
        """The most pixels that a position sees."""
        largest: int = max(map(sub, self.last, self.first))
        return max(0, largest + 1)

    @property
    def seeing(self) -> bool:
        """Whether any position sees a pixel."""
        return self.even or max(self.last) > NO_LAST


# One position that sees no pixel, and one that sees the first.
NONE = ClippedFields([NO_FIRST], [NO_LAST], even=False)
ONE = ClippedFields([0], [0], even=True)


def itself(n: int) -> ClippedFields | None:
    """The network's input: each position sees itself."""
    if n > MOST_POSITIONS:
        return None
    pixels = list(range(n))
    return ClippedFields(pixels, pixels, even=True)


def everywhere(before: ClippedFields, count: int) -> ClippedFields | None:
    """Each of `count` positions sees all that any did before."""
    if count > MOST_POSITIONS:
        return None
    first, last = min(before.first), max(before.last)
    return ClippedFields([first] * count, [last] * count, even=last > NO_LAST)


def through(before: ClippedFields, tap: Tap, count: int) -> ClippedFields | None:
    """What `count` outputs see of the network's input, each through a tap.

    None where there are too many positions to look at.
    """
    if isinstance(tap, Whole):
        return everywhere(before, count)
    if count > MOST_POSITIONS:
        return None
    if isinstance(tap, Scaled):
        return scaled(before, tap, count)
    every = period(tap)
    if every == 1:
        window = phase(tap, 0)
        return None if window is None else seen_through(before, window, count)
    first, last = [NO_FIRST] * count, [NO_LAST] * count
    for number in range(min(every, count)):
        window = phase(tap, number)
        if window is None:
            continue
        seen = seen_through(before, window, len(range(number, count, every)))
        if seen is None:
            return None
        first[number::every], last[number::every] = seen.first, seen.last
    return ClippedFields(first, last, even=is_even(first, last))


def scaled(before: ClippedFields, tap: Scaled, count: int) -> ClippedFields:
    """Behind a resize: place by place, for sizes without a common divisor have as many phases."""
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
        if before.even:
            first[number], last[number] = before.first[low], before.last[high]
        else:
            first[number] = min(before.first[low : high + 1])
            last[number] = max(before.last[low : high + 1])
    return ClippedFields(first, last, even=is_even(first, last))


def joined(parts: list[ClippedFields]) -> ClippedFields:
    """What positions see that take up those of several tensors."""
    first, *others = [part for part in parts if part.seeing] or parts
    for other in others:
        first = ClippedFields(
            list(map(min, first.first, other.first)),
            list(map(max, first.last, other.last)),
            even=first.even and other.even,
        )
    return first


def is_even(first: list[int], last: list[int]) -> bool:
    """See `ClippedFields`."""
    if NO_FIRST in first:
        return False
    return all(map(le, first, islice(first, 1, None))) and all(map(le, last, islice(last, 1, None)))


def seen_through(before: ClippedFields, window: Window, count: int) -> ClippedFields | None:
    """What is seen through a window; None where it is too wide."""
    kernel, stride, padding, dilation, mode = window
    length = max(0, count - 1) * stride + dilation * (kernel - 1) + 1
    if mode != "zeros":
        extra = length - padding - len(before.first)
        if max(padding, extra) > MOST_POSITIONS:
            return None
        before, padding = padded(before, max(0, padding), max(0, extra), mode), min(0, padding)
        window = Window(kernel, stride, padding, dilation)
    if before.even and stride > 0:
        first = first_ends(before.first, window, count)
        last = last_ends(before.last, window, count)
        # Where the elements of a kernel lie apart, the first that is inside goes to and fro.
        calm = dilation == 1 and NO_FIRST not in (first[0], first[-1])
        return ClippedFields(first, last, even=calm or is_even(first, last))
    if length > 4 * MOST_POSITIONS:
        return None
    first = over(laid_out(before.first, -padding, length, NO_FIRST), window, min, count)
    last = over(laid_out(before.last, -padding, length, NO_LAST), window, max, count)
    return ClippedFields(first, last, even=is_even(first, last))


def padded(before: ClippedFields, left: int, right: int, mode: str) -> ClippedFields:
    """Positions that see what others do, put before the first and after the last."""
    n = len(before.first)
    places = range(-left, n + right)
    if mode == "replicate":
        found = [min(max(place, 0), n - 1) for place in places]
    elif mode == "circular":
        found = [place % n for place in places]
    else:
        found = [n - 1 - abs(n - 1 - abs(place)) for place in places]
    return ClippedFields(
        [before.first[place] for place in found],
        [before.last[place] for place in found],
        even=before.even and mode == "replicate",
    )


def first_ends(pixels: list[int], window: Window, count: int) -> list[int]:
    """The pixel that the first element of a window sees which is inside."""
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
    """The pixel that the last element of a window sees which is inside."""
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


def laid_out(pixels: list[int], start: int, length: int, nothing: int) -> list[int]:
    """The list from `start` on, with nothing before and after it."""
    head = min(length, max(0, -start))
    inner = pixels[max(0, start) : max(0, start + length)]
    return [nothing] * head + inner + [nothing] * (length - head - len(inner))


def over(laid: list[int], window: Window, pick: Callable[[int, int], int], count: int) -> list[int]:
    """The least or largest in each place of a window: of two, of four, of eight elements, ..."""
    kernel, stride, _, dilation, _ = window
    width = 1
    while 2 * width <= kernel:
        laid = list(map(pick, laid, laid[dilation * width :]))
        width *= 2
    if width < kernel:
        laid = list(map(pick, laid, laid[dilation * (kernel - width) :]))
    return laid[::stride][:count] if stride else laid[:1] * count
