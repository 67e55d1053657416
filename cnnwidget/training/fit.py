"""`train` and `fit`: a design and frames, trained step by step or in one call."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import TypedDict, Unpack

from tqdm.auto import tqdm

from cnnwidget.data.frames import load
from cnnwidget.data.windows import Windows, windows
from cnnwidget.design.designs import Design
from cnnwidget.design.errors import DesignError
from cnnwidget.design.planning.plan import Plan, plan_of
from cnnwidget.design.value import closest
from cnnwidget.training.history import Epoch
from cnnwidget.training.recipe import (
    DEFAULT_SECONDS,
    DeviceName,
    LossName,
    OptimizerName,
    Recipe,
    ScalingName,
    ScheduleName,
    usual_batch_size,
)
from cnnwidget.training.run import Run
from cnnwidget.training.tasks import forecast_of
from cnnwidget.training.training import Training


def train(
    design: Design | Plan,
    frames: object,
    *,
    pre_history_len: int | None = None,
    forecast_len: int | None = None,
    stride: int | None = None,
    gap: int | None = None,
    epochs: int | None = None,
    seconds: float | None = None,
    batch_size: int | None = None,
    lr: float | tuple[float, ...] = 3e-3,
    loss: LossName = "l1",
    optimizer: OptimizerName = "adam",
    schedule: ScheduleName = "cosine",
    clip_grad_norm: float | None = 1.0,
    scaling: ScalingName | tuple[float, float] = "minmax",
    seed: int = 0,
    device: DeviceName = "auto",
) -> Training:
    """A network in training, to loop over: each turn trains on, and tells a `Step` or an `Epoch`.

    Args:
        design: any design whose channels are time steps times variables.
        frames: anything that `cw.load` takes; or `cw.windows`, with a split of one's own perhaps.
        pre_history_len: frames that the network is given; None follows from the design.
        forecast_len: frames that it is to tell; None follows from the design.
        stride: frames from the beginning of one window to that of the next; None is 1.
        gap: frames between the last that is given and the first to tell; None is 0.
        epochs: passes over the training windows; or
        seconds: time to train; 20 where neither is given.
        batch_size: windows a step; None is 4 to 16, as there are few or many, and less for costly
            designs.
        lr: learning rate, or one for each epoch.
        loss: `l1` or `mse`, of the scaled data.
        optimizer: `adam` or `adamw`.
        schedule: `cosine` or `constant` learning rate.
        clip_grad_norm: the longest gradient that a step may follow; None is no limit.
        scaling: `minmax`, `standard`, `none`, or the two values that are to become 0 and 1.
        seed: of weights, order and dropout; the same seed gives the same curve on the CPU.
        device: `auto`, `cpu`, `cuda` or `mps`.

    Returns:
        What to loop over. `.stop()` ends the loop from any thread, `.run` is what there is so far,
        and looping again goes on.

    Raises:
        DesignError: if design, frames and recipe do not go together.
        DataError: if the frames cannot be used.

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
    data = cut_for(plan, frames, (pre_history_len, forecast_len, stride, gap))
    task = forecast_of(plan, data.frames, data.pre_history_len, data.forecast_len)
    if epochs is None and seconds is None:
        seconds = DEFAULT_SECONDS
    if batch_size is None:
        batch_size = usual_batch_size(plan, len(data.split.train))
    recipe = Recipe(
        pre_history_len=task.pre_history_len,
        forecast_len=task.forecast_len,
        stride=data.cut.stride,
        gap=data.cut.gap,
        epochs=epochs,
        seconds=seconds,
        batch_size=batch_size,
        lr=lr,
        loss=loss,
        optimizer=optimizer,
        schedule=schedule,
        clip_grad_norm=clip_grad_norm,
        scaling=scaling,
        seed=seed,
        device=device,
    )
    return Training(plan, data, task, recipe)


def cut_for(
    plan: Plan, frames: object, asked: tuple[int | None, int | None, int | None, int | None]
) -> Windows:
    """The windows to train on: those given, or frames cut as the design and the lengths say.

    Raises:
        DesignError: if lengths are given twice and differ, or windows are not to be trained on.
    """
    pre_history_len, forecast_len, stride, gap = asked
    if not isinstance(frames, Windows):
        known = load(frames)
        task = forecast_of(plan, known, pre_history_len, forecast_len)
        return windows(
            known,
            pre_history_len=task.pre_history_len,
            forecast_len=task.forecast_len,
            stride=1 if stride is None else stride,
            gap=0 if gap is None else gap,
        )
    if not frames.is_plain:
        raise DesignError(
            "Windows with inputs, targets, thresholds or other series of their own are a data set "
            "for a loop of one's own; give fit all channels, without these."
        )
    for name, value, cut in zip(frames.cut._fields, asked, frames.cut, strict=True):
        if value not in (None, cut):
            raise DesignError(
                f"{name} is {value}, but the windows were cut with {cut}; leave {name} out."
            )
    return frames


class Settings(TypedDict, total=False):
    """What `fit` hands on to `train`."""

    pre_history_len: int | None
    forecast_len: int | None
    stride: int | None
    gap: int | None
    epochs: int | None
    seconds: float | None
    batch_size: int | None
    lr: float | tuple[float, ...]
    loss: LossName
    optimizer: OptimizerName
    schedule: ScheduleName
    clip_grad_norm: float | None
    scaling: ScalingName | tuple[float, float]
    seed: int
    device: DeviceName


def fit(
    design: Design | Plan, frames: object, *, progress: bool = True, **settings: Unpack[Settings]
) -> Run:
    """Train a network with a progress bar, and return the run.

    An interrupt ends the training early; the best weights so far are kept.

    Args:
        design: any design whose channels are time steps times variables.
        frames: anything that `cw.load` takes.
        progress: whether to draw a progress bar.
        **settings: as in `cw.train`.

    Returns:
        History, best weights, metrics and skill.

    Raises:
        DesignError: if design, frames and recipe do not go together, or there is no such setting.
        DataError: if the frames cannot be used.

    Example:
        >>> import cnnwidget as cw
        >>> frames = cw.sample("circling shape", steps=60, size=(16, 16))
        >>> design = cw.EncoderDecoder(input_size=(16, 16), in_channels=4, out_channels=2)
        >>> run = cw.fit(design, frames, epochs=2, progress=False)
        >>> run.ending, run.forecast(steps=3).shape
        ('finished', (3, 16, 16))
    """
    check_names(settings)
    training = train(design, frames, **settings)
    layout = "{desc} {percentage:3.0f} %|{bar}| {elapsed}<{remaining}"
    with tqdm(total=1.0, bar_format=layout, disable=not progress) as bar:
        try:
            for event in training:
                if isinstance(event, Epoch):
                    bar.set_description_str(in_words(event), refresh=False)
                else:
                    bar.update(event.progress - bar.n)
        except KeyboardInterrupt:
            training.stop()
        bar.update(training.progress - bar.n)
    run = training.run
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
            raise DesignError(f"fit: {name} is none of its settings{end}")


def in_words(epoch: Epoch) -> str:
    """An epoch in a line."""
    held_out = "" if epoch.validation is None else f" · validation {epoch.validation:.4f}"
    return f"epoch {epoch.epoch} · training {epoch.train:.4f}{held_out}"
