"""`Transform`: windows as inputs and targets of a network, and its output as frames again."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import takewhile
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from cnnwidget.data.data_error import DataError
from cnnwidget.data.frames import Frames
from cnnwidget.data.windows.fill_history import fill_history
from cnnwidget.data.windows.window_channels import WindowChannels
from cnnwidget.data.windows.window_contents import WindowContents
from cnnwidget.data.windows.windows import Windows
from cnnwidget.design.errors import CnnwidgetError
from cnnwidget.design.layers.activation import Activation
from cnnwidget.design.planning.plan import Plan
from cnnwidget.training.recipe import Recipe, ScalingName
from cnnwidget.training.tasks.scaling import (
    Scaling,
    Statistics,
    each_of,
    known_places,
    scaling_by,
    statistics_of,
)

NO_SERIES = Scaling((), ())


@dataclass(frozen=True)
class Transform:
    """The way from windows to inputs and targets of a network, and from its output to frames.

    Missing values are filled, values scaled, time steps become channels. Thresholded values are 0
    or 1 and are not scaled.

    Attributes:
        channels: which channels are input, and which are forecast.
        scaling: of the variables of the frames.
        statistics: of the same, in their units.
        series_scaling: of other series, `past` before `future`.

    Example:
        >>> statistics = Statistics(low=(0.0,), high=(10.0,), mean=(5.0,), deviation=(2.0,))
        >>> channels = WindowChannels(inputs=(0,), targets=(0,), future=1)
        >>> scalings = Scaling((0.0,), (10.0,)), Scaling((1.0,), (2.0,))
        >>> transform = Transform(channels, scalings[0], statistics, scalings[1])
        >>> x, ahead = torch.tensor([[[[5.0], [1.0]]]]), torch.tensor([[[[3.0]], [[2.0]]]])
        >>> transform.input(x, ahead)  # the frame, future beside it, future two steps ahead
        tensor([[[0.5000],
                 [0.0000],
                 [1.0000],
                 [0.5000]]])
    """

    channels: WindowChannels
    scaling: Scaling
    statistics: Statistics
    series_scaling: Scaling = NO_SERIES

    @cached_property
    def input_scaling(self) -> Scaling:
        """The scaling of the channels of an input step: frames, `past`, `future`."""
        frames = self._scaling_of(self.channels.inputs, self.channels.x_threshold)
        series = self.series_scaling
        return Scaling(frames.low + series.low, frames.span + series.span)

    @cached_property
    def target_scaling(self) -> Scaling:
        """The scaling of the variables to forecast."""
        return self._scaling_of(self.channels.targets, self.channels.y_threshold)

    def _scaling_of(self, variables: tuple[int, ...], threshold: float | None) -> Scaling:
        """Return the scaling of some variables of the frames."""
        if threshold is None:
            return self.scaling.of(variables)
        return Scaling((0.0,) * len(variables), (1.0,) * len(variables))

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
    def scaled_span(self) -> float:
        """The range of the scaled targets, of several variables the largest."""
        spans = zip(self.spans, self.target_scaling.span, strict=True)
        return max(abs(span / scale) for span, scale in spans)

    def filled(self, x: Tensor) -> Tensor:
        """Return the inputs of windows, (batch, steps, channels, *size), without missing values."""
        means = self.means(self.channels.inputs, self.channels.x_threshold)
        # Other series have no missing values, so that any number does for them.
        return fill_history(x, each_of(means + self.series_scaling.low, x))

    def filled_targets(self, before: Tensor) -> Tensor:
        """Return the targets in the history of windows without missing values."""
        return fill_history(before, each_of(self.target_means, before))

    @property
    def target_means(self) -> tuple[float, ...]:
        """The mean of each target in the training part; thresholded, if the targets are."""
        return self.means(self.channels.targets, self.channels.y_threshold)

    def means(self, variables: tuple[int, ...], threshold: float | None) -> tuple[float, ...]:
        """Return the values that stand for variables before any is known."""
        means = tuple(self.statistics.mean[number] for number in variables)
        return means if threshold is None else tuple(float(each > threshold) for each in means)

    def input(self, x: Tensor, ahead: Tensor | None = None) -> Tensor:
        """Return the input of the network.

        Args:
            x: of windows, (batch, steps, channels, *size), nothing missing.
            ahead: the part of `future` that lies ahead, (batch, gap + forecast_len, K, *size).

        Returns:
            (batch, channels, *size), scaled.
        """
        parts = [self.input_scaling.scale(x).flatten(1, 2)]
        if ahead is not None:
            past, future = self.channels.past, self.channels.future
            scaling = self.series_scaling.of(range(past, past + future))
            parts.append(scaling.scale(ahead).flatten(1, 2))
        return parts[0] if len(parts) == 1 else torch.cat(parts, dim=1)

    def target(self, y: Tensor) -> Tensor:
        """Return the target of the network, scaled, of (batch, steps, targets, *size)."""
        return self.target_scaling.scale(y).flatten(1, 2)

    def frames(self, prediction: Tensor) -> Tensor:
        """Return a prediction in the data's units: (batch, steps, targets, *size)."""
        targets = len(self.channels.targets)
        steps = prediction.reshape(len(prediction), -1, targets, *prediction.shape[2:])
        return self.target_scaling.unscale(steps)

    def forecast(self, output: Tensor, inputs: Tensor, recipe: Recipe) -> Tensor:
        """Return the forecast that the output of a network stands for.

        Args:
            output: of the network, (batch, forecast_len x targets, *size): with `residual` the
                changes from the last input frame.
            inputs: of the network, (batch, channels, *size), with the targets among them.
            recipe: of the training.

        Returns:
            (batch, forecast_len x targets, *size), scaled.
        """
        if not recipe.residual:
            return output
        frames = self.targets_in(inputs, recipe.pre_history_len)
        assert frames is not None
        last = frames[:, -1:].expand(-1, recipe.forecast_len, *frames.shape[2:])
        return output + last.flatten(1, 2)

    def targets_in(self, inputs: Tensor, steps: int) -> Tensor | None:
        """Return the targets among the inputs, (batch, steps, targets, *size), scaled.

        Returns:
            None if they are not there, or in another form than that in which they are forecast.
        """
        channels = self.channels
        if channels.target_positions is None:
            return None
        of_steps = (
            inputs if channels.is_autoregressive else inputs[:, : steps * channels.input_channels]
        )
        frames = of_steps.reshape(len(inputs), steps, channels.input_channels, *inputs.shape[2:])
        return (
            frames if channels.is_autoregressive else frames[:, :, list(channels.target_positions)]
        )


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


def usual_residual(plan: Plan, channels: WindowChannels) -> bool:
    """Whether a network forecasts changes by default: if it can.

    Most fields change little from frame to frame. A network that need not reproduce its input is
    then ahead of one that must: `tests/benchmarks/test_bar.py` trains both. An activation at the
    end, such as a sigmoid, means frames, not changes.

    Example:
        >>> from cnnwidget.design.families.encoder_decoder import EncoderDecoder
        >>> from cnnwidget.design.planning.plan import plan_of
        >>> design = EncoderDecoder(input_size=(8, 8), in_channels=2, out_channels=1)
        >>> bounded = design.replace(final_activation="sigmoid")
        >>> alone = WindowChannels(inputs=(0,), targets=(0,))
        >>> usual_residual(plan_of(design), alone), usual_residual(plan_of(bounded), alone)
        (True, False)
    """
    if channels.target_positions is None:
        return False
    rows = [row for row in plan.rows if not row.aux]
    behind = takewhile(lambda row: not row.params, reversed(rows))  # the last layer with weights
    return not any(isinstance(row.layer, Activation) for row in behind)


def check_residual(channels: WindowChannels, recipe: Recipe) -> None:
    """Refuse a forecast of changes from frames that are no input.

    Raises:
        CnnwidgetError: if the targets are not among the inputs.
    """
    if recipe.residual and channels.target_positions is None:
        raise CnnwidgetError(
            "residual is True, but the targets are not among the inputs in the same form, so that "
            "there is no last frame to forecast a change from; add them to the inputs, with the "
            "same threshold."
        )


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
        >>> from cnnwidget.data.windows.window_contents import WindowContents
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
