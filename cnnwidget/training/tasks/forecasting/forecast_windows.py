"""The windows that a forecast is trained on, and those of a run once more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cnnwidget.data.argument_checks import whole_number
from cnnwidget.data.data_error import DataError
from cnnwidget.data.load import load
from cnnwidget.data.windows.window_contents import WindowContents
from cnnwidget.data.windows.window_cut import WindowCut
from cnnwidget.data.windows.windows import Windows, errors_named, windows
from cnnwidget.design.errors import CnnwidgetError
from cnnwidget.design.planning.plan import Plan
from cnnwidget.training.match import match
from cnnwidget.training.tasks.forecasting.forecast_frames import (
    NOT_STACKED,
    check_shape,
    frames_without_series,
    same_windows,
)
from cnnwidget.training.tasks.forecasting.predictor import ForecastPredictor
from cnnwidget.training.tasks.task_protocol import Task

if TYPE_CHECKING:
    from cnnwidget.training.runs.run import Run


def windows_for(task: Task, plan: Plan, data: object, settings: Mapping[str, Any]) -> Windows:
    """Return the windows to train on: those given, or frames cut as design and settings say.

    Raises:
        CnnwidgetError: if windows are given that settings contradict.
        DesignError: if the design does not fit.
        DataError: if the frames or windows cannot be trained on.
    """
    contents_of: dict[str, Any] = {
        name: settings.get(name) for name in task.data_settings.model_fields
    }
    if isinstance(data, Windows):
        check_windows(data, settings, contents_of)
        channels = {"channels": data.window_channels}
        match(task, plan, data.frames, channels | data.cut._asdict()).checked()
        return data
    known = load(data)
    with errors_named(known):
        contents = WindowContents(known, **contents_of)
        gap = settings.get("gap")
        gap = whole_number("gap", 0 if gap is None else gap, least=0)
    names = ("pre_history_len", "forecast_len")
    chosen = {name: settings.get(name) for name in names}
    of_windows = {**chosen, "gap": gap, "channels": contents.window_channels}
    matched = match(task, plan, known, of_windows).checked()
    stride = settings.get("stride")
    with errors_named(known):
        cut = WindowCut(*matched.lengths, 1 if stride is None else stride, gap)
        return Windows(contents, cut.checked(known.steps))


def check_windows(
    given: Windows, settings: Mapping[str, Any], contents: Mapping[str, object]
) -> None:
    """Refuse settings that windows decide already, and windows that cannot be trained on.

    Raises:
        CnnwidgetError: if a setting says something else.
        DataError: if the windows cannot be trained on.
    """
    for name, cut in given.cut._asdict().items():
        value = settings.get(name)
        if value not in (None, cut):
            raise CnnwidgetError(
                f"{name} is {value}, but the windows were cut with {cut}; leave {name} out."
            )
    for name, value in contents.items():
        if value is not None:
            raise CnnwidgetError(f"The windows have {name} of their own or none; leave {name} out.")
    if given.window_channels.has_series and not given.contents.stacked:
        raise DataError(NOT_STACKED)


def windows_again(task: Task, run: Run, predictor: ForecastPredictor, data: object) -> Windows:
    """Return windows of data, cut like those of a run.

    Raises:
        DesignError, DataError: if they do not go with the run.
    """
    recipe, made = run.recipe, predictor.channels
    if isinstance(data, Windows):
        given = same_windows(predictor, run, data)
        if given.cut.stride != recipe.stride:
            raise DataError(
                f"The windows were cut with a stride of {given.cut.stride}, but those of the run "
                f"with {recipe.stride}; cut them likewise."
            )
        return given
    known = frames_without_series(predictor, data)
    cut = {name: getattr(recipe, name) for name in ("pre_history_len", "forecast_len", "gap")}
    plain = made.is_plain(predictor.last.shape[1])  # then all channels of the frames are input
    of_windows = cut if plain else cut | {"channels": made}
    match(task, run.design, known, of_windows).checked()
    check_shape(predictor, known)
    return windows(
        known,
        **cut,
        stride=recipe.stride,
        inputs=made.inputs,
        targets=made.targets,
        x_threshold=made.x_threshold,
        y_threshold=made.y_threshold,
    )
