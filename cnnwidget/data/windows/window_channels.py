"""What windows are made of: channels, other series, thresholds."""

from __future__ import annotations

from typing import NamedTuple


class WindowChannels(NamedTuple):
    """What a window is given and what it is to tell, however long it is.

    Attributes:
        inputs: numbers of the channels of the frames that are given.
        targets: numbers of those to forecast.
        past: how many channels the series has that is known so far; 0 is none.
        future: how many the series has that is known ahead, too.
        x_threshold: values that are given are 1 above it and 0 else; None leaves them.
        y_threshold: the same for those to forecast.

    Example:
        >>> WindowChannels(inputs=(0, 1), targets=(1,), past=2).width
        4
    """

    inputs: tuple[int, ...]
    targets: tuple[int, ...]
    past: int = 0
    future: int = 0
    x_threshold: float | None = None
    y_threshold: float | None = None

    @property
    def width(self) -> int:
        """The channels of each step that is given."""
        return len(self.inputs) + self.past + self.future

    @property
    def has_series(self) -> bool:
        """Whether other series are given beside the frames."""
        return bool(self.past or self.future)

    @property
    def goes_on(self) -> bool:
        """Whether what is told can be given in its turn."""
        thresholds = (self.x_threshold, self.y_threshold)
        return self.inputs == self.targets and not self.has_series and thresholds == (None, None)

    @property
    def targets_given(self) -> tuple[int, ...] | None:
        """Where the targets are among the inputs; None where they are not, or in another form."""
        if self.x_threshold != self.y_threshold or not set(self.targets) <= set(self.inputs):
            return None
        return tuple(self.inputs.index(each) for each in self.targets)

    def is_plain(self, channels: int) -> bool:
        """Whether all of so many channels are given and told, and nothing else."""
        return self.goes_on and self.inputs == tuple(range(channels))
