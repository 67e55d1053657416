"""`Transform`: windows as inputs and targets of a network, and its output as frames again."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from cnnwidget.data.data_error import DataError
from cnnwidget.data.frames import Frames
from cnnwidget.data.windows.fill_history import each_of, fill_history
from cnnwidget.data.windows.window_channels import WindowChannels
from cnnwidget.data.windows.window_contents import Scales, WindowContents
from cnnwidget.data.windows.windows import Windows
from cnnwidget.training.recipe import Recipe, ScalingName
from cnnwidget.training.tasks.scaling import (
    Scaling,
    Statistics,
    known_places,
    scaling_by,
    statistics_of,
)

NO_SERIES = Scaling((), ())


@dataclass(frozen=True)
class Transform:
    """The way from scaled windows to inputs of a network, and from its output to frames.

    Missing values are filled, time steps become channels. Thresholded values are 0 or 1 and are not
    scaled.

    Attributes:
        channels: which channels are input, and which are forecast.
        scaling: of the variables of the frames.
        statistics: of the same, in their units.
        series_scaling: of other series, `past` before `future`.

    Example:
        >>> statistics = Statistics(low=(0.0,), high=(10.0,), mean=(5.0,), deviation=(2.0,))
        >>> channels = WindowChannels(inputs=(0,), targets=(0,))
        >>> transform = Transform(channels, Scaling((0.0,), (10.0,)), statistics)
        >>> transform.input(transform.filled(torch.tensor([[[[0.2, torch.nan]]]])))
        tensor([[[0.2000, 0.5000]]])
        >>> transform.in_units(torch.tensor([[[[0.25]]]])).item()
        2.5
    """

    channels: WindowChannels
    scaling: Scaling
    statistics: Statistics
    series_scaling: Scaling = NO_SERIES

    @property
    def scales(self) -> Scales:
        """The scales of frames and other series, which are applied as they are read."""
        return Scales(*self.scaling, *self.series_scaling)

    @cached_property
    def target_scaling(self) -> Scaling:
        """The scaling of the variables to forecast."""
        if self.channels.y_threshold is None:
            return self.scaling.of(self.channels.targets)
        count = len(self.channels.targets)
        return Scaling((0.0,) * count, (1.0,) * count)

    @property
    def ranges(self) -> list[tuple[float, float]]:
        """The lowest and the highest value of each target in the training part."""
        if self.channels.y_threshold is not None:
            return [(0.0, 1.0)] * len(self.channels.targets)
        low, span = self.statistics.low, self.statistics.span
        return [(low[number], low[number] + span[number]) for number in self.channels.targets]

    @property
    def spans(self) -> tuple[float, ...]:
        """The range of each target in the training part; never 0."""
        if self.channels.y_threshold is not None:
            return (1.0,) * len(self.channels.targets)
        return tuple(self.statistics.span[number] for number in self.channels.targets)

    @property
    def scaled_spans(self) -> tuple[float, ...]:
        """The range of each scaled target."""
        spans = zip(self.spans, self.target_scaling.span, strict=True)
        return tuple(abs(span / scale) for span, scale in spans)

    @property
    def scaled_lows(self) -> tuple[float, ...]:
        """The value of each scaled target that is the lowest in the training part."""
        low, span = self.target_scaling
        lowest = (lowest for lowest, _ in self.ranges)
        return tuple((each - a) / b for each, a, b in zip(lowest, low, span, strict=True))

    def filled(self, x: Tensor) -> Tensor:
        """Return scaled inputs of windows, (batch, steps, channels, *size), nothing missing."""
        means = self.scaled_means(self.channels.inputs, self.channels.x_threshold)
        # Other series have no missing values, so that any number does for them.
        return fill_history(x, each_of(means + self.series_scaling.low, x))

    @property
    def target_means(self) -> tuple[float, ...]:
        """The scaled mean of each target in the training part; thresholded, if the targets are."""
        return self.scaled_means(self.channels.targets, self.channels.y_threshold)

    def scaled_means(
        self, variables: tuple[int, ...], threshold: float | None
    ) -> tuple[float, ...]:
        """Return the values that stand for variables before any is known."""
        means = tuple(self.statistics.mean[number] for number in variables)
        if threshold is not None:
            return tuple(float(each > threshold) for each in means)
        low, span = self.scaling.of(variables)
        return tuple((mean - a) / b for mean, a, b in zip(means, low, span, strict=True))

    @staticmethod
    def input(x: Tensor, ahead: Tensor | None = None) -> Tensor:
        """Return the input of the network: time steps become channels.

        Args:
            x: of scaled windows, (batch, steps, channels, *size), nothing missing.
            ahead: the part of `future` that lies ahead, (batch, gap + forecast_len, K, *size).

        Returns:
            (batch, channels, *size).
        """
        parts = [x.flatten(1, 2)] if ahead is None else [x.flatten(1, 2), ahead.flatten(1, 2)]
        return parts[0] if ahead is None else torch.cat(parts, dim=1)

    def steps(self, values: Tensor) -> Tensor:
        """Return what a network gives as frames: (batch, forecast_len, targets, *size), scaled."""
        targets = len(self.channels.targets)
        return values.reshape(len(values), -1, targets, *values.shape[2:])

    def in_units(self, frames: Tensor) -> Tensor:
        """Return scaled frames, (batch, steps, targets, *size), in the data's units, in 64 bits."""
        return self.target_scaling.unscale(frames.double())


def transform_of(windows: Windows, recipe: Recipe) -> tuple[Transform, NDArray[np.bool_] | None]:
    """Return the transform of a training, from its training part alone.

    Returns:
        That, and the places (C, *size) of which something is known; None is all.

    Raises:
        DataError: if values are missing, or nothing is known of the targets.
        CnnwidgetError: if the scaling has no span.
    """
    channels, contents = windows.window_channels, windows.contents
    seen = range(windows.cut.target_frames(windows.split.train.stop - 1).stop)
    statistics = statistics_of(windows.frames, seen, (*channels.inputs, *channels.targets))
    scaling = scaling_by(recipe.scaling, statistics)
    series_scaling = scaling_of_series(recipe.scaling, contents, seen)
    valid = known_places(windows.frames, seen.stop)
    if valid is not None and not valid[list(channels.targets)].any():
        raise DataError(
            f"{windows.frames.name}: the {len(seen):,} frames to train on hold not one known value "
            "of the targets; choose other targets, or other places."
        )
    return Transform(channels, scaling, statistics, series_scaling), valid


def check_series(contents: WindowContents) -> None:
    """Refuse other series with missing values.

    Raises:
        DataError: naming the series.
    """
    for name, values in contents.series.items():
        missing = Frames(without_repeats(values), has_channels=True, name=name).missing_values
        if missing:
            raise DataError(
                f"{name} has missing or infinite values, {missing:,} in all; fill them, for "
                "instance with cw.load(series, missing='fill')."
            )


def scaling_of_series(
    kind: ScalingName | tuple[float, float], contents: WindowContents, training: range
) -> Scaling:
    """Return the scaling of other series, each channel by its training part.

    Args:
        kind: as the recipe says for the frames; two numbers are those of the frames, so that other
            series are brought to 0 to 1.
        contents: with the series.
        training: the numbers of the frames that training sees.

    Raises:
        DataError: if values are missing.

    Example:
        >>> import numpy as np
        >>> from cnnwidget.data.load import load
        >>> from cnnwidget.data.windows.window_contents import Scales, WindowContents
        >>> contents = WindowContents(load(np.zeros((9, 4, 5))), past=np.arange(9.0))
        >>> scaling_of_series("minmax", contents, range(5))
        Scaling(low=(0.0,), span=(4.0,))
    """
    check_series(contents)
    kind = kind if isinstance(kind, str) else "minmax"
    found = NO_SERIES
    for name, values in contents.series.items():
        frames = Frames(without_repeats(values), has_channels=True, name=name)
        scaling = scaling_by(kind, statistics_of(frames, training))
        found = Scaling(found.low + scaling.low, found.span + scaling.span)
    return found


def without_repeats(values: NDArray[Any]) -> NDArray[Any]:
    """Return numbers that hold for a whole frame once, instead of at every place."""
    everywhere = tuple(slice(None if step else 1) for step in values.strides[2:])
    return values[(slice(None), slice(None), *everywhere)]
