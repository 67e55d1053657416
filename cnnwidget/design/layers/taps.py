"""Which inputs an output position meets, along one axis: what receptive fields are made of.

A layer answers with one of these for each spatial axis of its output, in the order of the axes. All
are exact for a field that goes on for ever; where the field ends is for `reach` to look at.
"""

from __future__ import annotations

from math import gcd
from typing import Literal, NamedTuple


class Window(NamedTuple):
    """Output `i` meets inputs `i * stride - padding + dilation * t`, for t below `kernel_size`.

    Inputs beyond the first or last are nothing, or others by the padding mode.
    """

    kernel_size: int = 1
    stride: int = 1
    padding: int = 0
    dilation: int = 1
    padding_mode: Literal["zeros", "reflect", "replicate", "circular"] = "zeros"


class TransposedWindow(NamedTuple):
    """Input `j` reaches outputs `j * stride - padding + dilation * t`, for t below `kernel_size`.

    The same as a window, seen from the other side: a transposed convolution.
    """

    kernel_size: int
    stride: int = 1
    padding: int = 0
    dilation: int = 1


class Scaled(NamedTuple):
    """Output `i` meets the inputs from `spans[i][0]` to `spans[i][1]`, given for a whole period.

    After `len(spans)` outputs the same comes again, `shift` inputs further. What lies beyond the
    first or last input is that input (`clamped`), or nothing.
    """

    spans: tuple[tuple[int, int], ...]
    shift: int
    clamped: bool = False


class Whole(NamedTuple):
    """Every output meets all inputs along this axis."""


# Along one axis.
Tap = Window | TransposedWindow | Scaled | Whole

IDENTITY = Window()
WHOLE = Whole()

# Of all axes: one tap for each; or every output meets the whole input, whatever its axes are; or
# values are only put in another order of axes.
Taps = tuple[Tap, ...] | Literal["everything", "reshaped"]


def period(tap: Window | TransposedWindow | Scaled) -> int:
    """After how many outputs a tap comes again, further on."""
    if isinstance(tap, Window):
        return 1
    return tap.stride if isinstance(tap, TransposedWindow) else len(tap.spans)


def phase(tap: Window | TransposedWindow | Scaled, number: int) -> Window | None:
    """What every `period`-th output meets, from output `number` on; None where that is nothing.

    Whatever a tap is, these outputs by themselves see through a window.

    Example:
        >>> phase(TransposedWindow(kernel_size=4, stride=2, padding=1), 0)
        Window(kernel_size=2, stride=1, padding=1, dilation=1, padding_mode='zeros')
    """
    if isinstance(tap, Window):
        return tap
    if isinstance(tap, Scaled):
        first, last = tap.spans[number]
        mode: Literal["replicate", "zeros"] = "replicate" if tap.clamped else "zeros"
        return Window(last - first + 1, tap.shift, -first, 1, mode)
    # Of the kernel's elements, every so many meet the same output: those that are left over by
    # the same number when the stride divides them.
    place = number + tap.padding
    common = gcd(tap.stride, tap.dilation)
    if place % common:
        return None
    every, step = tap.stride // common, tap.dilation // common
    element = place // common * pow(step, -1, every) % every
    if element >= tap.kernel_size:
        return None
    more = (tap.kernel_size - 1 - element) // every
    last = (place - tap.dilation * element) // tap.stride
    return Window(more + 1, 1, step * more - last, step)
