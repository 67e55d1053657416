"""The cut of a series into windows: the lengths of each window, in frames."""

from __future__ import annotations

from typing import Any, NamedTuple, Self

from cnnwidget.data.argument_checks import whole_number
from cnnwidget.data.data_error import DataError


class WindowCut(NamedTuple):
    """The lengths of windows.

    Window i begins at frame i * stride: input frames, a gap, target frames.

    Attributes:
        pre_history_len: the number of input frames.
        forecast_len: the number of target frames, which are to be forecast.
        stride: frames from the start of one window to the start of the next.
        gap: frames between the last input frame and the first target frame.

    Example:
        >>> cut = WindowCut(pre_history_len=3, forecast_len=2, stride=4, gap=1)
        >>> cut.input_frames(1), cut.target_frames(1), cut.count(steps=20)
        (range(4, 7), range(8, 10), 4)
    """

    pre_history_len: int
    forecast_len: int
    stride: int = 1
    gap: int = 0

    @property
    def span(self) -> int:
        """The number of frames from the first input frame to the last target frame."""
        return self.pre_history_len + self.gap + self.forecast_len

    def input_frames(self, window: int) -> range:
        """Return the indices of the input frames of a window."""
        first = window * self.stride
        return range(first, first + self.pre_history_len)

    def target_frames(self, window: int) -> range:
        """Return the indices of the target frames of a window."""
        first = window * self.stride + self.pre_history_len + self.gap
        return range(first, first + self.forecast_len)

    def count(self, steps: int) -> int:
        """Return the number of windows in a series of `steps` frames; 0 if it is too short."""
        return max(0, (steps - self.span) // self.stride + 1)

    def checked(self, steps: Any) -> Self:
        """Return the same lengths as ints, for a series of `steps` frames.

        Raises:
            DataError: if a length is not a whole number, or the series has not one window.

        Example:
            >>> WindowCut(5, 3).checked(120)
            WindowCut(pre_history_len=5, forecast_len=3, stride=1, gap=0)
        """
        least = {"gap": 0}
        lengths = self._asdict().items()
        cut = type(self)(
            **{name: whole_number(name, value, least=least.get(name, 1)) for name, value in lengths}
        )
        if not cut.count(whole_number("steps", steps)):
            between = f", {cut.gap} between" if cut.gap else ""
            shorten = (
                "pre_history_len, gap or forecast_len"
                if cut.gap
                else "pre_history_len or forecast_len"
            )
            raise DataError(
                f"A window of {cut.pre_history_len} frames{between} and {cut.forecast_len} to "
                f"forecast takes {cut.span} frames, but there are {steps}; shorten {shorten}, or "
                "give a longer series."
            )
        return cut
