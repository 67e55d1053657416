"""`train` and `fit`: a design and frames, trained step by step or in one call."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel
from tqdm.auto import tqdm

from cnnwidget.data.checks import whole_number
from cnnwidget.data.errors import DataError
from cnnwidget.data.load import load
from cnnwidget.data.windows.window_channels import WindowChannels
from cnnwidget.data.windows.window_contents import WindowContents
from cnnwidget.data.windows.window_cut import WindowCut
from cnnwidget.data.windows.windows import Windows, errors_named
from cnnwidget.design.design_types import Design
from cnnwidget.design.errors import CnnwidgetError
from cnnwidget.design.planning.memory import OptimizerName
from cnnwidget.design.planning.plan import Plan, plan_of
from cnnwidget.design.value import closest
from cnnwidget.training.loop.history import Epoch
from cnnwidget.training.loop.training import Training
from cnnwidget.training.match import match
from cnnwidget.training.recipe import (
    DEFAULT_SECONDS,
    SETTINGS,
    Recipe,
    default_batch_size,
    default_weight_decay,
)
from cnnwidget.training.runs.checkpoint_keeper import CheckpointWriter
from cnnwidget.training.runs.run import Run
from cnnwidget.training.setting import Setting, takes_settings
from cnnwidget.training.tasks.forecasting import NOT_STACKED
from cnnwidget.training.tasks.transform import usual_residual


class ChannelSettings(BaseModel):
    """The settings that choose what windows have of the frames and of other series.

    They are no part of a recipe: a run keeps them with its data. `cw.windows` takes them, too.
    """

    inputs: Annotated[
        Sequence[int | str] | None,
        Setting("numbers or names of the input channels; None is all"),
    ] = None
    targets: Annotated[
        Sequence[int | str] | None,
        Setting("numbers or names of the channels to forecast; None is all"),
    ] = None
    past: Annotated[
        Any, Setting("other series that are known up to the present, as `cw.windows` takes them")
    ] = None
    future: Annotated[
        Any,
        Setting(
            "other series that are known ahead, too; their values in the gap and in the frames to "
            "forecast are the last input channels"
        ),
    ] = None
    x_threshold: Annotated[
        float | None,
        Setting("input values become 1 above it and 0 below; None leaves them as they are"),
    ] = None
    y_threshold: Annotated[
        float | None,
        Setting("values to forecast become 1 above it and 0 below; None leaves them as they are"),
    ] = None


# The settings that say what windows are, so that windows which are given already decide them.
WINDOW_SETTINGS = (*WindowCut._fields, *ChannelSettings.model_fields)
# All settings of `fit` and `train`.
SETTING_NAMES = (*SETTINGS, *ChannelSettings.model_fields)


@takes_settings(Recipe, ChannelSettings)
def train(design: Design | Plan, frames: object, **settings: Any) -> Training:
    """Return a training to loop over: each turn trains on and gives a `Step` or an `Epoch`.

    Args:
        design: any design whose channels are time steps times variables.
        frames: anything that `cw.load` takes; or `cw.windows`, perhaps with a custom split. Other
            series are scaled by the training part of each of their channels.
        **settings: of the training.

    Returns:
        The training. `.stop()` ends the loop from any thread, `.run` is the run so far, and looping
        again goes on.

    Raises:
        DesignError: if the design does not fit the frames.
        DataError: if the frames cannot be used.
        CnnwidgetError: if a setting is unknown, out of bounds, or does not go with the frames.

    Example:
        >>> import cnnwidget as cw
        >>> frames = cw.sample("circling shape", steps=60, size=(16, 16))
        >>> design = cw.EncoderDecoder(input_size=(16, 16), in_channels=4, out_channels=2)
        >>> training = cw.train(design, frames, epochs=2)
        >>> sum(isinstance(event, Epoch) for event in training)
        2
        >>> len(training.run.history)
        2
    """
    check_names(settings, "train")
    plan = plan_of(design)
    data = windows_for(plan, frames, settings)
    cut = data.cut
    task = (
        match(
            plan,
            data.frames,
            cut.pre_history_len,
            cut.forecast_len,
            make_up=data.make_up,
            gap=cut.gap,
            stride=cut.stride,
        )
        .checked()
        .task
    )
    return Training(plan, data, task, recipe_for(plan, data, settings))


def recipe_for(plan: Plan, data: Windows, settings: Mapping[str, Any]) -> Recipe:
    """Return the recipe of a training on windows, with a value for each setting that has none.

    Raises:
        CnnwidgetError: if a setting is out of bounds.
    """
    chosen = {
        name: value
        for name, value in settings.items()
        if name in SETTINGS and not (value is None and SETTINGS[name].auto)
    }
    if chosen.get("epochs") is None and chosen.get("seconds") is None:
        chosen["seconds"] = DEFAULT_SECONDS
    optimizer = chosen.get("optimizer", Recipe.model_fields["optimizer"].default)
    automatic = automatic_settings(plan, data.make_up, len(data.split.train), optimizer)
    return Recipe(**(automatic | chosen | data.cut._asdict()))


def automatic_settings(
    plan: Plan, make_up: WindowChannels, training_windows: int, optimizer: OptimizerName
) -> dict[str, Any]:
    """Return the values of the settings that follow from design and data where they are None."""
    return {
        "batch_size": default_batch_size(plan, training_windows),
        "weight_decay": default_weight_decay(optimizer),
        "residual": usual_residual(plan, make_up),
    }


def windows_for(plan: Plan, frames: object, settings: Mapping[str, Any]) -> Windows:
    """Return the windows to train on: those given, or frames cut as design and settings say.

    Raises:
        CnnwidgetError: if windows are given that settings contradict.
        DataError: if the frames or windows cannot be trained on.
    """
    channels: dict[str, Any] = {name: settings.get(name) for name in ChannelSettings.model_fields}
    if isinstance(frames, Windows):
        check_windows(frames, settings, channels)
        return frames
    known = load(frames)
    with errors_named(known):
        contents = WindowContents(known, **channels)
        gap = settings.get("gap")
        gap = whole_number("gap", 0 if gap is None else gap, least=0)
    lengths = (settings.get("pre_history_len"), settings.get("forecast_len"))
    matched = match(plan, known, *lengths, make_up=contents.make_up, gap=gap).checked()
    stride = settings.get("stride")
    with errors_named(known):
        cut = WindowCut(*matched.lengths, 1 if stride is None else stride, gap)
        return Windows(contents, cut.checked(known.steps))


def check_windows(
    windows: Windows, settings: Mapping[str, Any], channels: Mapping[str, object]
) -> None:
    """Refuse settings that windows decide already, and windows that cannot be trained on.

    Raises:
        CnnwidgetError: if a setting says something else.
        DataError: if the windows cannot be trained on.
    """
    for name, cut in windows.cut._asdict().items():
        value = settings.get(name)
        if value not in (None, cut):
            raise CnnwidgetError(
                f"{name} is {value}, but the windows were cut with {cut}; leave {name} out."
            )
    for name, value in channels.items():
        if value is not None:
            raise CnnwidgetError(f"The windows have {name} of their own or none; leave {name} out.")
    if windows.make_up.has_series and not windows.contents.stacked:
        raise DataError(NOT_STACKED)


@takes_settings(Recipe, ChannelSettings)
def fit(
    design: Design | Plan,
    frames: object,
    *,
    progress: bool = True,
    folder: str | Path | None = None,
    **settings: Any,
) -> Run:
    """Train a network with a progress bar, and return the run.

    An interrupt ends the training early; the best weights so far are kept.

    Args:
        design: any design whose channels are time steps times variables.
        frames: anything that `cw.load` takes, or `cw.windows`.
        progress: whether to draw a progress bar.
        folder: where the run is saved after each epoch, so that `cw.resume` goes on from there
            whatever ends the process. None saves nothing; `run.save` does so afterwards.
        **settings: of the training.

    Returns:
        History, best weights, metrics and skill.

    Raises:
        DesignError: if the design does not fit the frames.
        DataError: if the frames cannot be used.
        CnnwidgetError: if a setting is unknown, out of bounds, or does not go with the frames; if
            the folder cannot be written into.

    Example:
        >>> import cnnwidget as cw
        >>> frames = cw.sample("circling shape", steps=60, size=(16, 16))
        >>> design = cw.EncoderDecoder(input_size=(16, 16), in_channels=4, out_channels=2)
        >>> run = cw.fit(design, frames, epochs=2, progress=False)
        >>> run.ending, run.forecast(steps=3).shape
        ('finished', (3, 16, 16))
    """
    check_names(settings)
    return to_the_end(train(design, frames, **settings), progress=progress, folder=folder)


def to_the_end(training: Training, *, progress: bool, folder: str | Path | None) -> Run:
    """Loop over a training to the end of its budget, or to an interrupt, and return the run."""
    keeper = None if folder is None else CheckpointWriter(training, folder)
    layout = "{desc} {percentage:3.0f} %|{bar}| {elapsed}<{remaining}"
    with tqdm(total=1.0, bar_format=layout, disable=not progress) as bar:
        try:
            for event in training:
                if isinstance(event, Epoch):
                    bar.set_description_str(epoch_line(event), refresh=False)
                    if keeper is not None:
                        keeper.after(event)
                else:
                    bar.update(event.progress - bar.n)
        except KeyboardInterrupt:
            training.stop()
        bar.update(training.progress - bar.n)
    run = training.run
    if keeper is not None:
        run.save(keeper.folder)
    if progress:
        with suppress(KeyboardInterrupt):  # which does not lose the run
            _ = run.skill  # measured now rather than when it is first printed
    return run


def check_names(settings: Iterable[str], function: str = "fit") -> None:
    """Refuse a setting that does not exist.

    Raises:
        CnnwidgetError: with the closest name, or all names.
    """
    for name in settings:
        if name not in SETTING_NAMES:
            end = closest(name, SETTING_NAMES) or f"; choose from {', '.join(SETTING_NAMES)}."
            raise CnnwidgetError(f"{function}: {name} is none of its settings{end}")


def with_budget(settings: Mapping[str, Any], seconds: float) -> dict[str, Any]:
    """Return settings of `fit` with a budget of some seconds, unless they have a budget.

    Raises:
        CnnwidgetError: if there is no such setting.

    Example:
        >>> with_budget({"lr": 0.1}, 5.0), with_budget({"epochs": 3}, 5.0)
        ({'lr': 0.1, 'seconds': 5.0}, {'epochs': 3})
    """
    check_names(settings)
    has_one = settings.get("epochs") is not None or settings.get("seconds") is not None
    return dict(settings) if has_one else {**settings, "seconds": seconds}


def epoch_line(epoch: Epoch) -> str:
    """Return an epoch in a line, for the progress bar."""
    validation = "" if epoch.validation is None else f" · validation {epoch.validation:.4f}"
    return f"epoch {epoch.epoch} · training {epoch.train:.4f}{validation}"
