"""How much may be worked out of one network's receptive fields before a figure is left unknown."""

from __future__ import annotations

from cnnwidget.design.layers.taps import Scaled, Tap, TransposedWindow, Whole, Window, period

# In steps of some 20 ns: a quarter of a second at most, whatever the network.
STEPS = 2**23
# What is done for each phase of a tap by itself, and for a place that is looked at by itself.
A_PHASE = 150
A_PLACE = 10


class WorkLimit:
    """The steps that are left: positions times taps, summed over layers.

    One for all axes of a network, so that a plan answers in time however many layers it has.
    """

    __slots__ = ("left",)

    def __init__(self, left: int = STEPS) -> None:
        self.left = left

    def allows(self, steps: int) -> bool:
        """Take the steps if so many are left; what is smaller may still be done afterwards."""
        if steps > self.left:
            return False
        self.left -= steps
        return True


def steps_of_list(n: int, tap: Tap, count: int, *, even: bool) -> int:
    """Steps to go through the pixels of `n` positions for those of `count` others.

    `even` says that the ends of a window decide.
    """
    if isinstance(tap, Whole):
        return n + count
    if isinstance(tap, Scaled):
        return 2 * A_PLACE * (n + count)
    every = period(tap)
    # Lists are laid out for all places, as far as windows stick out at either side.
    places = count + n if even else count * steps_apart(tap) + reach(tap)
    taps = 1 if even else 1 + (-(-tap.kernel_size // every)).bit_length()
    padded = isinstance(tap, Window) and tap.padding_mode != "zeros"
    stuck_out = min(count, max(abs(tap.padding), reach(tap)) // steps_apart(tap) + 1)
    return 4 * places * taps + A_PHASE * every + A_PLACE * (stuck_out + padded * (n + count))


def steps_apart(tap: Window | TransposedWindow) -> int:
    """Places from one window to the next of a list."""
    return tap.stride if isinstance(tap, Window) else 1


def reach(tap: Window | TransposedWindow) -> int:
    """Places from the first to the last of a window."""
    return tap.dilation * (tap.kernel_size - 1)
