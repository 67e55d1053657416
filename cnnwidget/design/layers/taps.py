"""Taps: the inputs that an output position is computed from, along one axis.

A layer has one tap for each spatial axis of its output, in the order of the axes. Taps describe an
infinite input; `cnnwidget.design.receptive.clipped` looks after the ends of a real one.
"""

from __future__ import annotations

from math import gcd
from typing import Literal, NamedTuple


class Window(NamedTuple):
    """Output `i` depends on inputs `i * stride - padding + dilation * t`, t below `kernel_size`.

    Outside of the input are zeros, or copies of other inputs by the padding mode.
    """

    kernel_size: int = 1
    stride: int = 1
    padding: int = 0
    dilation: int = 1
    padding_mode: Literal["zeros", "reflect", "replicate", "circular"] = "zeros"


class TransposedWindow(NamedTuple):
    """Outputs `j * stride - padding + dilation * t` depend on input `j`, t below `kernel_size`.

    The tap of a transposed convolution: a window with inputs and outputs exchanged.
    """

    kernel_size: int
    stride: int = 1
    padding: int = 0
    dilation: int = 1


class Scaled(NamedTuple):
    """Output `i` depends on inputs from `spans[i][0]` to `spans[i][1]`, given for one period.

    After `len(spans)` outputs the spans repeat, `shift` inputs further. Beyond the first and last
    input lies that input again (`clamped`), or nothing. Without spans, the period is unknown.
    """

    spans: tuple[tuple[int, int], ...]
    shift: int
    clamped: bool = False


class Whole(NamedTuple):
    """Every output depends on all inputs along this axis."""


# The tap along one axis.
Tap = Window | TransposedWindow | Scaled | Whole

IDENTITY = Window()
WHOLE = Whole()

# The taps of all axes: one for each; or "everything": every output depends on the whole input; or
# "reshaped": the same values in another shape.
Taps = tuple[Tap, ...] | Literal["everything", "reshaped"]


def period(tap: Window | TransposedWindow | Scaled) -> int:
    """Return the number of outputs after which a tap repeats."""
    if isinstance(tap, Window):
        return 1
    return tap.stride if isinstance(tap, TransposedWindow) else len(tap.spans)


def phase(tap: Window | TransposedWindow | Scaled, number: int) -> Window | None:
    """Return the window of every `period`-th output from `number` on; None if it has no inputs.

    For any kind of tap, these outputs by themselves have a window.

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
    # An output depends on every so many elements of the kernel: those whose places leave the same
    # remainder when the stride divides them.
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
