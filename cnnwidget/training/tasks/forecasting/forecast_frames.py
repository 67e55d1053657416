"""The forecasts of a run: for frames that are there, and beyond the last one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from torch import Tensor

from cnnwidget.data.argument_checks import whole_number
from cnnwidget.data.axis_order import SPACE
from cnnwidget.data.data_error import DataError
from cnnwidget.data.frames import Frames
from cnnwidget.data.labels import Labels
from cnnwidget.data.load import load
from cnnwidget.data.windows.window_contents import WindowContents
from cnnwidget.data.windows.windows import Windows
from cnnwidget.design.axes import spell
from cnnwidget.training.tasks.forecasting.transform import check_series
from cnnwidget.training.tasks.scaling import exact_floats, pieces

if TYPE_CHECKING:
    from cnnwidget.training.runs.run import Run
    from cnnwidget.training.tasks.forecasting.predictor import ForecastPredictor


class Start(NamedTuple):
    """The frames that a forecast of what follows begins with.

    Attributes:
        x: scaled input frames, (1, history, channels, *size).
        before: the targets in them, likewise.
        ahead: the part of `future` that lies ahead, if there is one.
        number: of the first of these frames in its series.
        labels: of the series.
        newest: the last frame, (channels, *size), in its units.
    """

    x: Tensor
    before: Tensor
    ahead: tuple[Tensor, ...]
    number: int
    labels: Labels
    newest: np.ndarray


def predictions(predictor: ForecastPredictor, run: Run, frames: object) -> np.ndarray:
    """Return the forecasts from all stretches of frames, or of all windows; see `Run.predict`.

    Returns:
        (forecasts, forecast_len, targets, *size).
    """
    if isinstance(frames, Windows):
        windows = same_windows(predictor, run, frames)
        contents = windows.contents
        inputs, ahead = windows.frame_numbers(range(len(windows)))
    else:
        known = same_frames(predictor, run, frames_without_series(predictor, frames))
        contents, length = contents_of(predictor, known), run.recipe.pre_history_len
        first = np.arange(known.steps - length + 1)[:, None]
        inputs = first + np.arange(length)
        ahead = first + length + np.arange(run.recipe.gap + run.recipe.forecast_len)
    contents, batch = contents.scaled(predictor.transform.scales), run.recipe.batch_size
    parts = (slice(start, start + batch) for start in range(0, len(inputs), batch))
    return np.concatenate(
        [
            predictor.in_units(predictor.forecast_at(run, contents, inputs[part], ahead[part]))
            for part in parts
        ]
    )


def contents_of(predictor: ForecastPredictor, frames: Frames) -> WindowContents:
    """Return frames with the channels of a run."""
    made = predictor.channels
    return WindowContents(
        frames,
        inputs=made.inputs,
        targets=made.targets,
        x_threshold=made.x_threshold,
        y_threshold=made.y_threshold,
    )


def future_values(
    predictor: ForecastPredictor, run: Run, steps: int | None, frames: object
) -> np.ndarray:
    """Return the frames after the last; see `Run.forecast`.

    Returns:
        (steps, targets, *size).
    """
    recipe = run.recipe
    wanted = recipe.forecast_len if steps is None else whole_number("steps", steps)
    check_steps(predictor, run, wanted)
    start = start_of(predictor, run, frames)
    x, before, number = start.x, start.before, start.number
    first = recipe.pre_history_len + recipe.gap
    frames = np.array([*range(recipe.pre_history_len), *range(first, first + recipe.forecast_len)])
    forecasts: list[Tensor] = []
    while sum(len(each) for each in forecasts) < wanted:
        phases = predictor.phases(number + frames[None], start.labels)
        further = predictor.forecast_from(run, x, before, phases, *start.ahead)
        forecasts.append(further[0])
        if sum(len(each) for each in forecasts) < wanted:  # the forecast is the next history
            x = torch.cat([x, further], 1)[:, -recipe.pre_history_len :]
            before, number = x, number + recipe.forecast_len
    values: np.ndarray = predictor.in_units(torch.cat(forecasts)[None, :wanted])[0]
    if predictor.valid is not None:  # nothing is known of the other places: they stay
        targets, threshold = list(predictor.channels.targets), predictor.channels.y_threshold
        stays, newest = ~predictor.valid[targets], start.newest[targets]
        if threshold is not None:
            newest = np.where(np.isnan(newest), newest, newest > threshold)
        values[:, stays] = newest[stays]
    return values


def check_steps(predictor: ForecastPredictor, run: Run, wanted: int) -> None:
    """Refuse more steps than one forecast has, if a network cannot go on from its own forecast."""
    most = run.recipe.forecast_len
    if wanted <= most:
        return
    if run.recipe.gap:
        raise DataError(
            f"This network leaves a gap of {run.recipe.gap} frames before its forecast, so that "
            f"it cannot go on from its own {most}; ask for no more."
        )
    if not predictor.channels.is_autoregressive:
        raise DataError(
            "This network takes other channels than it forecasts, so that it cannot go on from its "
            f"own {most} frames; ask for no more."
        )


def start_of(predictor: ForecastPredictor, run: Run, frames: object) -> Start:
    """Return the last frames of a series, or of the data of a run, to go on from there."""
    if frames is None and predictor.channels.has_series:
        if run.data is None:
            raise DataError(
                f"This network is given {series_in_words(predictor)} beside the frames, which its "
                "folder does not hold; use run.forecast(frames=windows), with windows cut as for "
                "the training."
            )
        frames = run.data
    length, scales = run.recipe.pre_history_len, predictor.transform.scales
    if isinstance(frames, Windows):
        windows = same_windows(predictor, run, frames).scaled(scales)
        known, contents = windows.frames, windows.contents
        x, *ahead = windows.inputs_beyond_end()
        inputs, _ = windows.numbers_beyond_end
        labels, number = known.labels, known.steps - length
    else:
        known = Frames(predictor.last, has_channels=True, name=run.data_name, missing="leave out")
        labels, number = predictor.labels, predictor.steps - length
        if predictor.goes_by_dates:  # of which a saved run has the last
            assert labels.times is not None
            number = len(labels.times) - length
        if frames is not None:
            known = same_frames(
                predictor, run, frames_without_series(predictor, frames), last_only=True
            )
            labels, number = known.labels, known.steps - length
        contents, ahead = contents_of(predictor, known).scaled(scales), []
        inputs = np.arange(known.steps - length, known.steps)[None]
        x = contents.inputs_at(inputs)
    before = contents.past_targets_at(inputs, x)
    return Start(x, before, tuple(ahead), number, labels, exact_floats(known.values[-1:])[0])


def future_forecast(
    predictor: ForecastPredictor, run: Run, steps: int | None, frames: object
) -> Frames:
    """Return the frames after the last with their labels; see `Run.forecast_frames`."""
    values = future_values(predictor, run, steps, frames)
    labels = predictor.labels
    if frames is not None:
        labels = (frames.frames if isinstance(frames, Windows) else load(frames)).labels
    targets, gap = predictor.channels.targets, run.recipe.gap
    times = labels.times_after(gap + len(values))
    return Frames(
        values,
        has_channels=predictor.has_channels,
        name=f"forecast of {run.data_name}",
        labels=replace(
            labels,
            times=None if times is None else times[gap:],
            channels=tuple(labels.channels[number] for number in targets if labels.channels),
            units=labels.units if predictor.channels.y_threshold is None else "",
        ),
        valid=None if predictor.valid is None else predictor.valid[list(targets)],
        missing="leave out",
    )


def series_in_words(predictor: ForecastPredictor) -> str:
    """Return the names of the other series that are input: `past of 2 channels`."""
    both = [("past", predictor.channels.past), ("future", predictor.channels.future)]
    return " and ".join(
        f"{name} of {count} channel{'s' * (count != 1)}" for name, count in both if count
    )


def frames_without_series(predictor: ForecastPredictor, frames: object) -> Frames:
    """Return loaded frames, if the network takes no other series."""
    if predictor.channels.has_series:
        raise DataError(
            f"This network is given {series_in_words(predictor)} beside the frames; give windows "
            "cut as for the training, cw.windows(frames, ...), in the place of frames."
        )
    return load(frames)


def same_windows(predictor: ForecastPredictor, run: Run, windows: Windows) -> Windows:
    """Return windows, if they are cut like those that the network was trained on."""
    recipe, names = run.recipe, ("pre_history_len", "forecast_len", "gap")
    wanted = {name: getattr(recipe, name) for name in names} | predictor.channels._asdict()
    cut = windows.cut._asdict()
    found = {name: cut[name] for name in names} | windows.window_channels._asdict()
    for name, value in wanted.items():
        if found[name] != value:
            raise DataError(
                f"{windows.frames.name}: {name} of the windows is {found[name]}, but the network "
                f"was trained on windows with {value}; cut them likewise."
            )
    if windows.window_channels.has_series and not windows.contents.stacked:
        raise DataError(NOT_STACKED)
    same_frames(predictor, run, windows.frames)
    check_series(windows.contents)
    return windows


NOT_STACKED = (
    "Windows with other series in tensors of their own (stacked=False) are for a loop of one's "
    "own; cut them with stacked=True."
)


def same_frames(
    predictor: ForecastPredictor, run: Run, frames: Frames, *, last_only: bool = False
) -> Frames:
    """Return frames, if the network can go on from them."""
    check_shape(predictor, frames)
    length = run.recipe.pre_history_len
    if frames.steps < length:
        raise DataError(
            f"{frames.name}: {frames.steps} frames, but a forecast needs {length} to start from."
        )
    for _ in pieces(frames, frames.steps - length if last_only else 0, predictor.channels.inputs):
        pass  # each is looked at for missing values
    return frames


def check_shape(predictor: ForecastPredictor, frames: Frames) -> None:
    """Refuse frames of another shape than those of the training."""
    wanted, found = predictor.last.shape[1:], frames.shape_of_frame
    if wanted != found:
        axes = " ".join("T" + "C" * predictor.has_channels + SPACE[len(predictor.size)])
        raise DataError(
            f"{frames.name}: frames of {spell(found)}, but this network knows frames of "
            f"{spell(wanted)}; give one series of them, time first ({axes}), not a batch."
        )
