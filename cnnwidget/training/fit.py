"""`train` and `fit`: a design and frames, trained step by step or in one call."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TypedDict, Unpack

from tqdm.auto import tqdm

from cnnwidget.data.checks import whole_number
from cnnwidget.data.errors import DataError
from cnnwidget.data.load import load
from cnnwidget.data.windows.window_contents import window_contents
from cnnwidget.data.windows.window_cut import window_cut
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
    AugmentationName,
    DeviceName,
    Loss,
    PrecisionName,
    Recipe,
    ScalingName,
    ScheduleName,
    usual_batch_size,
    usual_weight_decay,
)
from cnnwidget.training.runs.checkpoint_keeper import CheckpointWriter
from cnnwidget.training.runs.run import Run
from cnnwidget.training.tasks.forecasting import NOT_STACKED
from cnnwidget.training.tasks.transform import usual_residual


def train(
    design: Design | Plan,
    frames: object,
    *,
    pre_history_len: int | None = None,
    forecast_len: int | None = None,
    stride: int | None = None,
    gap: int | None = None,
    inputs: Sequence[int | str] | None = None,
    targets: Sequence[int | str] | None = None,
    past: Any = None,
    future: Any = None,
    x_threshold: float | None = None,
    y_threshold: float | None = None,
    period: int | None = None,
    epochs: int | None = None,
    seconds: float | None = None,
    batch_size: int | None = None,
    lr: float | tuple[float, ...] = 3e-3,
    loss: Loss | Mapping[str, float] = "l1",
    optimizer: OptimizerName = "adamw",
    weight_decay: float | None = None,
    schedule: ScheduleName = "cosine",
    patience: int | None = None,
    augment: AugmentationName | Sequence[AugmentationName] = (),
    residual: bool | None = None,
    clip_grad_norm: float | None = 1.0,
    scaling: ScalingName | tuple[float, float] = "minmax",
    seed: int = 0,
    device: DeviceName = "auto",
    precision: PrecisionName = "float32",
) -> Training:
    """A network in training, to loop over: each turn trains on, and tells a `Step` or an `Epoch`.

    Args:
        design: any design whose channels are time steps times variables.
        frames: anything that `cw.load` takes; or `cw.windows`, with a split of one's own perhaps.
            Other series are scaled by what training sees of each of their channels.
        pre_history_len: frames that the network is given; None follows from the design.
        forecast_len: frames that it is to tell; None follows from the design.
        stride: frames from the beginning of one window to that of the next; None is 1.
        gap: frames between the last that is given and the first to tell; None is 0.
        inputs: numbers or names of the channels that are given; None is all.
        targets: numbers or names of the channels to tell; None is all.
        past: other series that are known so far, as `cw.windows` takes them.
        future: other series that are known ahead as well; what they say of the gap and of the
            frames to tell are the last channels that the network is handed.
        x_threshold: values that are given become 1 above it, others 0; None leaves them.
        y_threshold: the same for those to tell.
        period: frames in a cycle, as 12 of months in a year: the mean of the training frames at the
            same phase, climatology, is then a baseline, too, of frames that are held out. None is
            without.
        epochs: passes over the training windows; or
        seconds: time to train; 20 where neither is given.
        batch_size: windows a step; None is 4 to 16, as there are few or many, and less for costly
            designs.
        lr: learning rate, or one for each epoch.
        loss: `l1`, `mse`, `huber` or `ssim`, of the scaled data; or several with their weights, as
            `{"l1": 0.8, "ssim": 0.2}`.
        optimizer: `sgd`, `sgd_momentum`, `adagrad`, `rmsprop`, `adam` or `adamw`.
        weight_decay: of the optimiser; None is 0.3 for `adamw` and else 0.
        schedule: `cosine`, `one_cycle` or `constant` learning rate.
        patience: epochs without a better one after which the training ends; None is never.
        augment: what is done to windows by chance, of `flip`, `shift`, `rotate` and `noise`.
        residual: whether the network tells the change from the last frame that it is given; None is
            yes, where it is given what it tells and its output is not bounded by an activation.
        clip_grad_norm: the longest gradient that a step may follow; None is no limit.
        scaling: of each variable, `minmax`, `standard` or `none`; or the two values of all of them
            that are to become 0 and 1.
        seed: of weights, order and dropout; the same seed gives the same curve on the CPU.
        device: `auto`, `cpu`, `cuda` or `mps`.
        precision: of the layers in training: `float32`, or `bfloat16` for mixed precision.

    Returns:
        What to loop over. `.stop()` ends the loop from any thread, `.run` is what there is so far,
        and looping again goes on.

    Raises:
        DesignError: if the design does not fit the frames.
        DataError: if the frames cannot be used.
        CnnwidgetError: if a setting is out of bounds, or does not go with the frames.

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
    plan = plan_of(design)
    data = windows_for(
        plan,
        frames,
        (pre_history_len, forecast_len, stride, gap),
        inputs=inputs,
        targets=targets,
        past=past,
        future=future,
        x_threshold=x_threshold,
        y_threshold=y_threshold,
    )
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
    if epochs is None and seconds is None:
        seconds = DEFAULT_SECONDS
    if batch_size is None:
        batch_size = usual_batch_size(plan, len(data.split.train))
    if residual is None:
        residual = usual_residual(plan, data.make_up)
    if weight_decay is None:
        weight_decay = usual_weight_decay(optimizer)
    recipe = Recipe(
        pre_history_len=task.pre_history_len,
        forecast_len=task.forecast_len,
        stride=data.cut.stride,
        gap=data.cut.gap,
        period=period,
        epochs=epochs,
        seconds=seconds,
        batch_size=batch_size,
        lr=lr,
        loss=loss,  # type: ignore[arg-type]
        optimizer=optimizer,
        weight_decay=weight_decay,
        schedule=schedule,
        patience=patience,
        augment=augment,  # type: ignore[arg-type]
        residual=residual,
        clip_grad_norm=clip_grad_norm,
        scaling=scaling,
        seed=seed,
        device=device,
        precision=precision,
    )
    return Training(plan, data, task, recipe)


def windows_for(
    plan: Plan,
    frames: object,
    asked: tuple[int | None, int | None, int | None, int | None],
    **parts: Any,
) -> Windows:
    """The windows to train on: those given, or frames cut as the design and the lengths say.

    Raises:
        CnnwidgetError: if lengths or parts are given twice.
        DataError: if the windows cannot be trained on.
    """
    if isinstance(frames, Windows):
        check_once(frames, asked, parts)
        return frames
    pre_history_len, forecast_len, stride, gap = asked
    known = load(frames)
    with errors_named(known):
        contents = window_contents(known, **parts)
        between = whole_number("gap", 0 if gap is None else gap, least=0)
    matched = match(
        plan, known, pre_history_len, forecast_len, make_up=contents.make_up, gap=between
    ).checked()
    lengths = (*matched.lengths, 1 if stride is None else stride, between)
    with errors_named(known):
        return Windows(contents, window_cut(known.steps, *lengths))


def check_once(
    given: Windows,
    asked: tuple[int | None, int | None, int | None, int | None],
    parts: Mapping[str, object],
) -> None:
    """Refuse what windows say already, and windows that no network is handed as they are."""
    for name, value, cut in zip(given.cut._fields, asked, given.cut, strict=True):
        if value not in (None, cut):
            raise CnnwidgetError(
                f"{name} is {value}, but the windows were cut with {cut}; leave {name} out."
            )
    for name, part in parts.items():
        if part is not None:
            raise CnnwidgetError(f"The windows have {name} of their own or none; leave {name} out.")
    if given.make_up.has_series and not given.contents.stacked:
        raise DataError(NOT_STACKED)


class Settings(TypedDict, total=False):
    """What `fit` hands on to `train`."""

    pre_history_len: int | None
    forecast_len: int | None
    stride: int | None
    gap: int | None
    inputs: Sequence[int | str] | None
    targets: Sequence[int | str] | None
    past: Any
    future: Any
    x_threshold: float | None
    y_threshold: float | None
    period: int | None
    epochs: int | None
    seconds: float | None
    batch_size: int | None
    lr: float | tuple[float, ...]
    loss: Loss | Mapping[str, float]
    optimizer: OptimizerName
    weight_decay: float | None
    schedule: ScheduleName
    patience: int | None
    augment: AugmentationName | Sequence[AugmentationName]
    residual: bool | None
    clip_grad_norm: float | None
    scaling: ScalingName | tuple[float, float]
    seed: int
    device: DeviceName
    precision: PrecisionName


def fit(
    design: Design | Plan,
    frames: object,
    *,
    progress: bool = True,
    folder: str | Path | None = None,
    **settings: Unpack[Settings],
) -> Run:
    """Train a network with a progress bar, and return the run.

    An interrupt ends the training early; the best weights so far are kept.

    Args:
        design: any design whose channels are time steps times variables.
        frames: anything that `cw.load` takes, or `cw.windows`.
        progress: whether to draw a progress bar.
        folder: where the run is kept as it goes: after whatever ends the process, `cw.resume` goes
            on from there. None keeps nothing; `run.save` does so afterwards.
        **settings: as in `cw.train`.

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
    """Loop over a training, to the end of its budget or to an interrupt; see `fit`."""
    keeper = None if folder is None else CheckpointWriter(training, folder)
    layout = "{desc} {percentage:3.0f} %|{bar}| {elapsed}<{remaining}"
    with tqdm(total=1.0, bar_format=layout, disable=not progress) as bar:
        try:
            for event in training:
                if isinstance(event, Epoch):
                    bar.set_description_str(in_words(event), refresh=False)
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
        with suppress(KeyboardInterrupt):  # the run is there already
            _ = run.skill  # measured here, not when it is first printed
    return run


def check_names(settings: Iterable[str]) -> None:
    """Refuse a setting that is none: Python would blame `train`, which nobody has called."""
    known = list(Settings.__annotations__)
    for name in settings:
        if name not in known:
            end = closest(name, known) or f"; choose from {', '.join(known)}."
            raise CnnwidgetError(f"fit: {name} is none of its settings{end}")


def in_words(epoch: Epoch) -> str:
    """An epoch in a line."""
    held_out = "" if epoch.validation is None else f" · validation {epoch.validation:.4f}"
    return f"epoch {epoch.epoch} · training {epoch.train:.4f}{held_out}"
