"""What a network is handed of windows, and what its output means: in scaled units, and back."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import takewhile
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from cnnwidget.data.errors import DataError
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
    """Windows as a network is handed them: missing values filled, scaled, steps as channels.

    What is thresholded is 0 or 1 and stays so.

    Attributes:
        make_up: what windows are given and tell.
        scaling: of the variables of the frames.
        statistics: of the same, in their units.
        beside: the scaling of other series, `past` before `future`.

    Example:
        >>> statistics = Statistics(low=(0.0,), high=(10.0,), mean=(5.0,), deviation=(2.0,))
        >>> make_up = WindowChannels(inputs=(0,), targets=(0,), future=1)
        >>> scalings = Scaling((0.0,), (10.0,)), Scaling((1.0,), (2.0,))
        >>> transform = Transform(make_up, scalings[0], statistics, scalings[1])
        >>> x, ahead = torch.tensor([[[[5.0], [1.0]]]]), torch.tensor([[[[3.0]], [[2.0]]]])
        >>> transform.history(x, ahead)  # the frame, future beside it, future two steps ahead
        tensor([[[0.5000],
                 [0.0000],
                 [1.0000],
                 [0.5000]]])
    """

    make_up: WindowChannels
    scaling: Scaling
    statistics: Statistics
    beside: Scaling = NO_SERIES

    @cached_property
    def given(self) -> Scaling:
        """Of the channels of a step that is given: frames, `past`, `future`."""
        frames = self.of_frames(self.make_up.inputs, self.make_up.x_threshold)
        return Scaling(frames.low + self.beside.low, frames.span + self.beside.span)

    @cached_property
    def told(self) -> Scaling:
        """Of the variables that are told."""
        return self.of_frames(self.make_up.targets, self.make_up.y_threshold)

    def of_frames(self, variables: tuple[int, ...], threshold: float | None) -> Scaling:
        """Of some variables of the frames."""
        if threshold is None:
            return self.scaling.of(variables)
        return Scaling((0.0,) * len(variables), (1.0,) * len(variables))

    @property
    def ranges(self) -> list[tuple[float, float]]:
        """The smallest and the largest value of each variable that is told, as training sees it."""
        if self.make_up.y_threshold is not None:
            return [(0.0, 1.0)] * len(self.make_up.targets)
        low, span = self.statistics.low, self.statistics.span
        return [(low[number], low[number] + span[number]) for number in self.make_up.targets]

    @property
    def spans(self) -> tuple[float, ...]:
        """The range of each variable that is told; never 0."""
        if self.make_up.y_threshold is not None:
            return (1.0,) * len(self.make_up.targets)
        return tuple(self.statistics.span[number] for number in self.make_up.targets)

    @property
    def range_told(self) -> float:
        """The range of what is told once it is scaled, of several variables the largest."""
        return max(
            abs(span / scale) for span, scale in zip(self.spans, self.told.span, strict=True)
        )

    def known(self, x: Tensor) -> Tensor:
        """What windows are given, (batch, steps, channels, *size), without missing values."""
        means = self.means(self.make_up.inputs, self.make_up.x_threshold)
        # Of other series nothing is missing, so that any number does for them.
        return fill_history(x, each_of(means + self.beside.low, x))

    def known_targets(self, before: Tensor) -> Tensor:
        """The targets in what windows are given, without missing values."""
        means = self.means(self.make_up.targets, self.make_up.y_threshold)
        return fill_history(before, each_of(means, before))

    def means(self, variables: tuple[int, ...], threshold: float | None) -> tuple[float, ...]:
        """What is shown of variables before anything is known of them."""
        found = tuple(self.statistics.mean[number] for number in variables)
        return found if threshold is None else tuple(float(each > threshold) for each in found)

    def history(self, x: Tensor, ahead: Tensor | None = None) -> Tensor:
        """What the network is handed.

        Args:
            x: what windows are given, (batch, steps, channels, *size), nothing missing.
            ahead: what `future` says ahead, (batch, gap + forecast_len, K, *size).

        Returns:
            (batch, channels, *size), scaled.
        """
        parts = [self.given.scale(x).flatten(1, 2)]
        if ahead is not None:
            of_future = range(self.make_up.past, self.make_up.past + self.make_up.future)
            parts.append(self.beside.of(of_future).scale(ahead).flatten(1, 2))
        return parts[0] if len(parts) == 1 else torch.cat(parts, dim=1)

    def target(self, y: Tensor) -> Tensor:
        """What the network is to tell, from (batch, steps, targets, *size), scaled."""
        return self.told.scale(y).flatten(1, 2)

    def forecast(self, output: Tensor) -> Tensor:
        """What the network tells, in the data's units: (batch, steps, targets, *size)."""
        steps = output.reshape(len(output), -1, len(self.make_up.targets), *output.shape[2:])
        return self.told.unscale(steps)

    def newest(self, history: Tensor, steps: int, forecast_len: int) -> Tensor:
        """The last frame that is given, as a forecast: what a residual network adds to.

        Args:
            history: what the network is handed, (batch, channels, *size), which has the targets.
            steps: frames that it is given.
            forecast_len: frames that it is to tell.

        Returns:
            (batch, forecast_len x targets, *size), scaled.
        """
        frames = self.targets_in(history, steps)
        assert frames is not None
        return frames[:, -1:].expand(-1, forecast_len, *frames.shape[2:]).flatten(1, 2)

    def targets_in(self, history: Tensor, steps: int) -> Tensor | None:
        """The targets in what the network is handed, (batch, steps, targets, *size), scaled.

        Returns:
            None where they are not there, or in another form than that in which they are told.
        """
        made = self.make_up
        if made.target_positions is None:
            return None
        of_steps = history if made.is_autoregressive else history[:, : steps * made.input_channels]
        frames = of_steps.reshape(len(history), steps, made.input_channels, *history.shape[2:])
        return frames if made.is_autoregressive else frames[:, :, list(made.target_positions)]


def prepared(windows: Windows, recipe: Recipe) -> tuple[Transform, NDArray[np.bool_] | None]:
    """What a training hands to its network, as its training part alone tells.

    Returns:
        That, and the places (C, *size) of which something is known; None is all.

    Raises:
        DataError: if values are missing, or nothing is known of what is to be told.
        CnnwidgetError: if the scaling has no span.
    """
    made, contents = windows.make_up, windows.contents
    seen = range(windows.cut.target_frames(windows.split.train.stop - 1).stop)
    statistics = statistics_of(windows.frames, seen, (*made.inputs, *made.targets))
    scaling = scaling_by(recipe.scaling, statistics)
    beside = scaling_beside(recipe.scaling, contents, seen)
    valid = known_places(windows.frames, seen.stop)
    if valid is not None and not valid[list(made.targets)].any():
        raise DataError(
            f"{windows.frames.name}: the {len(seen):,} frames to train on hold not one known value "
            "of what is to be told; choose other targets, or other places."
        )
    return Transform(made, scaling, statistics, beside), valid


def usual_residual(plan: Plan, make_up: WindowChannels) -> bool:
    """Whether a network is to tell changes where nobody says: where it can.

    Most fields change little from frame to frame, and then a network that need not make up again
    what it is given is ahead of one that must: `tests/benchmarks/test_bar.py` trains both. An
    activation at the end, such as a sigmoid, means frames, not changes.

    Example:
        >>> from cnnwidget.design.families.encoder_decoder import EncoderDecoder
        >>> from cnnwidget.design.planning.plan import plan_of
        >>> design = EncoderDecoder(input_size=(8, 8), in_channels=2, out_channels=1)
        >>> bounded = design.replace(final_activation="sigmoid")
        >>> alone = WindowChannels(inputs=(0,), targets=(0,))
        >>> usual_residual(plan_of(design), alone), usual_residual(plan_of(bounded), alone)
        (True, False)
    """
    if make_up.target_positions is None:
        return False
    rows = [row for row in plan.rows if not row.aux]
    behind = takewhile(lambda row: not row.params, reversed(rows))  # the last layer with weights
    return not any(isinstance(row.layer, Activation) for row in behind)


def check_residual(make_up: WindowChannels, recipe: Recipe) -> None:
    """A change can be told only from what is given.

    Raises:
        CnnwidgetError: where it is not.
    """
    if recipe.residual and make_up.target_positions is None:
        raise CnnwidgetError(
            "residual is True, but the network is not given what it is to tell, in the same form: "
            "there is nothing to tell a change from; let the targets be among the inputs, with the "
            "same threshold."
        )


def check_series(contents: WindowContents) -> None:
    """Refuse other series with missing values: nothing says what a network should make of them.

    Raises:
        DataError: naming the series.
    """
    for name, values in contents.series.items():
        missing = Frames(seen_once(values), has_channels=True, name=name).missing_values
        if missing:
            raise DataError(
                f"{name} has missing or infinite values, {missing:,} in all; fill them, for "
                "instance with cw.load(series, missing='fill')."
            )


def scaling_beside(
    kind: ScalingName | tuple[float, float], contents: WindowContents, training: range
) -> Scaling:
    """The scaling of other series, each channel by what training sees of it.

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
        >>> scaling_beside("minmax", contents, range(5))
        Scaling(low=(0.0,), span=(4.0,))
    """
    check_series(contents)
    kind = kind if isinstance(kind, str) else "minmax"
    found = NO_SERIES
    for name, values in contents.series.items():
        frames = Frames(seen_once(values), has_channels=True, name=name)
        told = scaling_by(kind, statistics_of(frames, training))
        found = Scaling(found.low + told.low, found.span + told.span)
    return found


def seen_once(values: NDArray[Any]) -> NDArray[Any]:
    """Numbers that hold for a whole frame, once instead of at every place."""
    everywhere = tuple(slice(None if step else 1) for step in values.strides[2:])
    return values[(slice(None), slice(None), *everywhere)]
