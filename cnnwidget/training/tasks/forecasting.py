"""What a run tells of frames: of those that are there, and of those to come."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from cnnwidget.data.axis_order import SPACE
from cnnwidget.data.checks import whole_number
from cnnwidget.data.errors import DataError
from cnnwidget.data.frames import Frames
from cnnwidget.data.load import load
from cnnwidget.data.windows.window_contents import WindowContents, binarized, tensor_of
from cnnwidget.data.windows.windows import Windows
from cnnwidget.design.axes import spell
from cnnwidget.training.tasks.scaling import pieces
from cnnwidget.training.tasks.transform import check_series

if TYPE_CHECKING:
    from cnnwidget.training.runs.run import Run


def predictions(run: Run, frames: object) -> np.ndarray:
    """Forecasts from all stretches of frames, or of all windows; see `Run.predict`.

    Returns:
        (forecasts, forecast_len, targets, *size).
    """
    if isinstance(frames, Windows):
        given = of_windows(run, checked_windows(run, frames))
    else:
        given = of_stretches(run, checked(run, loaded_alone(run, frames)))
    return np.concatenate([run.in_units(*each).numpy() for each in given])


def of_windows(run: Run, windows: Windows) -> Iterator[tuple[Tensor, ...]]:
    """What all windows are given, some at a time."""
    batch = run.recipe.batch_size
    for start in range(0, len(windows), batch):
        x, _, *ahead = windows.gather_all(range(start, min(start + batch, len(windows))))
        yield (x, *ahead)


def of_stretches(run: Run, frames: Frames) -> Iterator[tuple[Tensor]]:
    """What all stretches of frames give that are long enough, some at a time."""
    length, batch, made = run.recipe.pre_history_len, run.recipe.batch_size, run.make_up
    contents = WindowContents(
        frames, inputs=made.inputs, targets=made.targets, x_threshold=made.x_threshold
    )
    first = np.arange(frames.steps - length + 1)
    for start in range(0, len(first), batch):
        yield (contents.inputs_at(first[start : start + batch, None] + np.arange(length)),)


def coming(run: Run, steps: int | None, frames: object) -> np.ndarray:
    """The frames to come; see `Run.forecast`.

    Returns:
        (steps, targets, *size).
    """
    wanted = run.recipe.forecast_len if steps is None else whole_number("steps", steps)
    check_reach(run, wanted)
    last, known = start_of(run, frames)
    told: list[Tensor] = []
    while sum(len(each) for each in told) < wanted:
        further = run.in_units(*known)
        told.append(further[0])
        if sum(len(each) for each in told) < wanted:  # then what is told is what is given
            known = (torch.cat([known[0], further], 1)[:, -run.recipe.pre_history_len :],)
    values: np.ndarray = torch.cat(told)[:wanted].numpy()
    if run.valid is not None:  # there is nothing to tell of the other places: they stay
        targets = list(run.make_up.targets)
        stays, newest = ~run.valid[targets], tensor_of(last[-1][targets])
        values[:, stays] = binarized(newest, run.make_up.y_threshold).numpy()[stays]
    return values


def check_reach(run: Run, wanted: int) -> None:
    """Refuse more steps than one forecast has, where a network cannot go on from its own."""
    most = run.recipe.forecast_len
    if wanted <= most:
        return
    if run.recipe.gap:
        raise DataError(
            f"This network leaves a gap of {run.recipe.gap} frames before what it tells, so that "
            f"it cannot go on from its own {most}; ask for no more."
        )
    if not run.make_up.is_autoregressive:
        raise DataError(
            "This network is given other channels than it tells, so that it cannot go on from its "
            f"own {most} frames; ask for no more."
        )


def start_of(run: Run, frames: object) -> tuple[np.ndarray, tuple[Tensor, ...]]:
    """The last frames, and what the network is given to go on from there."""
    if frames is None and run.make_up.has_series:
        if run.windows is None:
            raise DataError(
                f"This network is given {series_of(run)} beside the frames, which its folder does "
                "not hold; use run.forecast(frames=windows), with windows cut as for the training."
            )
        frames = run.windows
    if isinstance(frames, Windows):
        windows = checked_windows(run, frames)
        return windows.last_frames().numpy()[0], windows.inputs_beyond_end()
    last = run.last
    if frames is not None:
        given = checked(run, loaded_alone(run, frames), last_only=True)
        last = given.values[-run.recipe.pre_history_len :]
    known = tensor_of(np.array(last, dtype=np.float32, order="C"))[None]
    made = run.make_up
    if made.inputs != tuple(range(known.shape[2])):
        known = known[:, :, list(made.inputs)]
    return last, (binarized(known, made.x_threshold),)


def coming_frames(run: Run, steps: int | None, frames: object) -> Frames:
    """The frames to come with their labels; see `Run.forecast_frames`."""
    values = coming(run, steps, frames)
    labels = run.labels
    if frames is not None:
        labels = (frames.frames if isinstance(frames, Windows) else load(frames)).labels
    targets, gap = run.make_up.targets, run.recipe.gap
    times = labels.times_after(gap + len(values))
    return Frames(
        values,
        has_channels=run.has_channels,
        name=f"forecast of {run.data_name}",
        labels=replace(
            labels,
            times=None if times is None else times[gap:],
            channels=tuple(labels.channels[number] for number in targets if labels.channels),
            units=labels.units if run.make_up.y_threshold is None else "",
        ),
        valid=None if run.valid is None else run.valid[list(targets)],
        missing="leave out",
    )


def series_of(run: Run) -> str:
    """The series that a network is given beside the frames: `past of 2 channels`."""
    both = [("past", run.make_up.past), ("future", run.make_up.future)]
    return " and ".join(
        f"{name} of {count} channel{'s' * (count != 1)}" for name, count in both if count
    )


def loaded_alone(run: Run, frames: object) -> Frames:
    """Frames without other series, where none is needed."""
    if run.make_up.has_series:
        raise DataError(
            f"This network is given {series_of(run)} beside the frames; give windows cut as for "
            "the training, cw.windows(frames, ...), in the place of frames."
        )
    return load(frames)


def checked_windows(run: Run, windows: Windows) -> Windows:
    """The windows, if they are made and cut like those that the network was trained on."""
    recipe, names = run.recipe, ("pre_history_len", "forecast_len", "gap")
    wanted = {name: getattr(recipe, name) for name in names} | run.make_up._asdict()
    cut = windows.cut._asdict()
    found = {name: cut[name] for name in names} | windows.make_up._asdict()
    for name, value in wanted.items():
        if found[name] != value:
            raise DataError(
                f"{windows.frames.name}: {name} of the windows is {found[name]}, but the network "
                f"was trained on windows with {value}; cut them likewise."
            )
    if windows.make_up.has_series and not windows.contents.stacked:
        raise DataError(NOT_STACKED)
    checked(run, windows.frames)
    check_series(windows.contents)
    return windows


NOT_STACKED = (
    "Windows with other series in tensors of their own (stacked=False) are for a loop of one's "
    "own; cut them with stacked=True."
)


def checked(run: Run, frames: Frames, *, last_only: bool = False) -> Frames:
    """The frames, if this network can go on from them."""
    check_shape(run, frames)
    length = run.recipe.pre_history_len
    if frames.steps < length:
        raise DataError(
            f"{frames.name}: {frames.steps} frames, but a forecast needs {length} to start from."
        )
    for _ in pieces(frames, frames.steps - length if last_only else 0, run.make_up.inputs):
        pass  # each is looked at for missing values
    return frames


def check_shape(run: Run, frames: Frames) -> None:
    """Refuse frames of another shape than those of the training."""
    wanted, found = run.last.shape[1:], frames.shape_of_frame
    if wanted != found:
        axes = " ".join("T" + "C" * run.has_channels + SPACE[len(run.task.size)])
        raise DataError(
            f"{frames.name}: frames of {spell(found)}, but this network knows frames of "
            f"{spell(wanted)}; give one series of them, time first ({axes}), not a batch."
        )
