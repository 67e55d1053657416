"""The contents of each step of a window: channels, other series, thresholds."""

from __future__ import annotations

from typing import NamedTuple


class WindowChannels(NamedTuple):
    """The inputs and targets of a window, however long it is.

    Attributes:
        inputs: indices of the input channels among those of the frames.
        targets: indices of the target channels.
        past: the number of channels of series known up to the last input frame.
        future: the number of channels of series that are also known ahead.
        x_threshold: inputs above it become 1, others 0; None leaves them.
        y_threshold: the same for the targets.

    Example:
        >>> WindowChannels(inputs=(0, 1), targets=(1,), past=2).input_channels
        4
    """

    inputs: tuple[int, ...]
    targets: tuple[int, ...]
    past: int = 0
    future: int = 0
    x_threshold: float | None = None
    y_threshold: float | None = None

    @property
    def input_channels(self) -> int:
        """The number of channels of each input frame, other series included."""
        return len(self.inputs) + self.past + self.future

    @property
    def has_series(self) -> bool:
        """Whether there are other series beside the frames."""
        return bool(self.past or self.future)

    @property
    def is_autoregressive(self) -> bool:
        """Whether a forecast can be the input of the next one."""
        thresholds = (self.x_threshold, self.y_threshold)
        return self.inputs == self.targets and not self.has_series and thresholds == (None, None)

    @property
    def target_positions(self) -> tuple[int, ...] | None:
        """The positions of the targets among the inputs.

        None where a target is no input, or has another threshold than the inputs.
        """
        if self.x_threshold != self.y_threshold or not set(self.targets) <= set(self.inputs):
            return None
        return tuple(self.inputs.index(each) for each in self.targets)

    def is_plain(self, channels: int) -> bool:
        """Whether all of so many channels are inputs and targets, and there is nothing else."""
        return self.is_autoregressive and self.inputs == tuple(range(channels))
