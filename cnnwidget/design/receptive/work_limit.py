"""The limit of work for one network's receptive fields, beyond which a figure stays unknown."""

from __future__ import annotations

from cnnwidget.design.layers.taps import Scaled, Tap, TransposedWindow, Whole, Window, period

# One step takes some 20 ns, so that any network takes a quarter of a second at most.
MOST_STEPS = 2**23
# More positions than this are not listed.
MOST_POSITIONS = 2**18
# The steps for each phase of a tap, and for each position that is computed by itself.
STEPS_PER_PHASE = 150
STEPS_PER_POSITION = 10


class WorkLimit:
    """The steps that are left: positions times taps, summed over layers.

    All axes of a network share one, so that a plan answers in time however many layers it has.
    """

    __slots__ = ("left",)

    def __init__(self, left: int = MOST_STEPS) -> None:
        self.left = left

    def allows(self, steps: int) -> bool:
        """Take these steps if so many are left; return whether they were.

        A refusal takes none, so that cheaper work can still be done.
        """
        if steps > self.left:
            return False
        self.left -= steps
        return True


def list_steps(n: int, tap: Tap, count: int, *, monotonic: bool) -> int:
    """Return the steps that the lists of `count` outputs take, from those of `n` inputs.

    With `monotonic` fields, only the ends of a window are read.
    """
    if isinstance(tap, Whole):
        return n + count
    if isinstance(tap, Scaled):
        return 2 * STEPS_PER_POSITION * (n + count)
    every = period(tap)
    # Lists cover all positions, and as many more as windows overhang on both sides.
    places = count + n if monotonic else count * window_stride(tap) + window_extent(tap)
    taps = 1 if monotonic else 1 + (-(-tap.kernel_size // every)).bit_length()
    padded = isinstance(tap, Window) and tap.padding_mode != "zeros"
    overhang = min(count, max(abs(tap.padding), window_extent(tap)) // window_stride(tap) + 1)
    singly = overhang + padded * (n + count)
    return 4 * places * taps + STEPS_PER_PHASE * every + STEPS_PER_POSITION * singly


def window_stride(tap: Window | TransposedWindow) -> int:
    """Return the positions from one window of a list to the next."""
    return tap.stride if isinstance(tap, Window) else 1


def window_extent(tap: Window | TransposedWindow) -> int:
    """Return the positions from the first to the last element of a window."""
    return tap.dilation * (tap.kernel_size - 1)
