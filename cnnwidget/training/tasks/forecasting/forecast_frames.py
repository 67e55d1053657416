"""The forecasts of a run: for frames that are there, and beyond the last one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from cnnwidget.data.argument_checks import whole_number
from cnnwidget.data.axis_order import SPACE
from cnnwidget.data.data_error import DataError
from cnnwidget.data.frames import Frames
from cnnwidget.data.load import load
from cnnwidget.data.windows.window_contents import WindowContents, binarized, tensor_of
from cnnwidget.data.windows.windows import Windows
from cnnwidget.design.axes import spell
from cnnwidget.training.tasks.forecasting.transform import check_series
from cnnwidget.training.tasks.scaling import pieces

if TYPE_CHECKING:
    from cnnwidget.training.runs.run import Run
    from cnnwidget.training.tasks.forecasting.predictor import ForecastPredictor


def predictions(predictor: ForecastPredictor, run: Run, frames: object) -> np.ndarray:
    """Return the forecasts from all stretches of frames, or of all windows; see `Run.predict`.

    Returns:
        (forecasts, forecast_len, targets, *size).
    """
    if isinstance(frames, Windows):
        given = inputs_of_windows(run, same_windows(predictor, run, frames))
    else:
        given = inputs_of_frames(
            predictor, run, same_frames(predictor, run, frames_without_series(predictor, frames))
        )
    return np.concatenate([predictor.frames_from(run, *each).numpy() for each in given])


def inputs_of_windows(run: Run, windows: Windows) -> Iterator[tuple[Tensor, ...]]:
    """Yield the inputs of all windows, a batch at a time."""
    batch = run.recipe.batch_size
    for start in range(0, len(windows), batch):
        x, _, *ahead = windows.gather_all(range(start, min(start + batch, len(windows))))
        yield (x, *ahead)


def inputs_of_frames(
    predictor: ForecastPredictor, run: Run, frames: Frames
) -> Iterator[tuple[Tensor]]:
    """Yield the inputs of all stretches of frames that are long enough, a batch at a time."""
    length, batch, made = run.recipe.pre_history_len, run.recipe.batch_size, predictor.channels
    contents = WindowContents(
        frames, inputs=made.inputs, targets=made.targets, x_threshold=made.x_threshold
    )
    first = np.arange(frames.steps - length + 1)
    for start in range(0, len(first), batch):
        yield (contents.inputs_at(first[start : start + batch, None] + np.arange(length)),)


def future_values(
    predictor: ForecastPredictor, run: Run, steps: int | None, frames: object
) -> np.ndarray:
    """Return the frames after the last; see `Run.forecast`.

    Returns:
        (steps, targets, *size).
    """
    wanted = run.recipe.forecast_len if steps is None else whole_number("steps", steps)
    check_steps(predictor, run, wanted)
    last, inputs = last_inputs(predictor, run, frames)
    forecasts: list[Tensor] = []
    while sum(len(each) for each in forecasts) < wanted:
        further = predictor.frames_from(run, *inputs)
        forecasts.append(further[0])
        if sum(len(each) for each in forecasts) < wanted:  # the forecast is the next history
            inputs = (torch.cat([inputs[0], further], 1)[:, -run.recipe.pre_history_len :],)
    values: np.ndarray = torch.cat(forecasts)[:wanted].numpy()
    if predictor.valid is not None:  # nothing is known of the other places: they stay
        targets = list(predictor.channels.targets)
        stays, newest = ~predictor.valid[targets], tensor_of(last[-1][targets])
        values[:, stays] = binarized(newest, predictor.channels.y_threshold).numpy()[stays]
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


def last_inputs(
    predictor: ForecastPredictor, run: Run, frames: object
) -> tuple[np.ndarray, tuple[Tensor, ...]]:
    """Return the last frames, and the inputs of the network to go on from there."""
    if frames is None and predictor.channels.has_series:
        if run.data is None:
            raise DataError(
                f"This network is given {series_in_words(predictor)} beside the frames, which its "
                "folder does not hold; use run.forecast(frames=windows), with windows cut as for "
                "the training."
            )
        frames = run.data
    if isinstance(frames, Windows):
        windows = same_windows(predictor, run, frames)
        return windows.last_frames().numpy()[0], windows.inputs_beyond_end()
    last = predictor.last
    if frames is not None:
        given = same_frames(
            predictor, run, frames_without_series(predictor, frames), last_only=True
        )
        last = given.values[-run.recipe.pre_history_len :]
    known = tensor_of(np.array(last, dtype=np.float32, order="C"))[None]
    made = predictor.channels
    if made.inputs != tuple(range(known.shape[2])):
        known = known[:, :, list(made.inputs)]
    return last, (binarized(known, made.x_threshold),)


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
