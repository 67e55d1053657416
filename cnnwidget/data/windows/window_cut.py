"""How a series is cut into windows, in numbers of frames."""

from __future__ import annotations

from typing import Any, NamedTuple

from cnnwidget.data.checks import whole_number
from cnnwidget.data.errors import DataError


class WindowCut(NamedTuple):
    """Window i begins with frame i * stride: frames that are given, a gap, frames to forecast.

    Attributes:
        pre_history_len: the frames that are given.
        forecast_len: the frames to forecast.
        stride: frames from the beginning of one window to that of the next.
        gap: frames between the last that is given and the first to forecast.

    Example:
        >>> cut = WindowCut(pre_history_len=3, forecast_len=2, stride=4, gap=1)
        >>> cut.given(1), cut.ahead(1), cut.count(steps=20)
        (range(4, 7), range(8, 10), 4)
    """

    pre_history_len: int
    forecast_len: int
    stride: int = 1
    gap: int = 0

    @property
    def span(self) -> int:
        """The frames from the first that is given to the last to forecast."""
        return self.pre_history_len + self.gap + self.forecast_len

    def given(self, window: int) -> range:
        """The frames that a window is given."""
        first = window * self.stride
        return range(first, first + self.pre_history_len)

    def ahead(self, window: int) -> range:
        """The frames that a window is to forecast."""
        first = window * self.stride + self.pre_history_len + self.gap
        return range(first, first + self.forecast_len)

    def count(self, steps: int) -> int:
        """The windows of a series of so many frames; 0 where it is too short for one."""
        return max(0, (steps - self.span) // self.stride + 1)


def window_cut(
    steps: int, pre_history_len: Any, forecast_len: Any, stride: Any = 1, gap: Any = 0
) -> WindowCut:
    """A cut, checked, of a series that is long enough for one window.

    Raises:
        DataError: if a length is no whole number, or the series too short.
    """
    cut = WindowCut(
        whole_number("pre_history_len", pre_history_len),
        whole_number("forecast_len", forecast_len),
        whole_number("stride", stride),
        whole_number("gap", gap, least=0),
    )
    if not cut.count(whole_number("steps", steps)):
        between = f", {cut.gap} between" if cut.gap else ""
        shorten = (
            "pre_history_len, gap or forecast_len"
            if cut.gap
            else ("pre_history_len or forecast_len")
        )
        raise DataError(
            f"A window of {cut.pre_history_len} frames{between} and {cut.forecast_len} to forecast "
            f"takes {cut.span} frames, but there are {steps}; shorten {shorten}, or give a longer "
            "series."
        )
    return cut
