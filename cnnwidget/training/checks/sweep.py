"""`sweep`: several values of one setting, a short fit for each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from cnnwidget.data.frames import Frames
from cnnwidget.data.load import load
from cnnwidget.data.windows.windows import Windows
from cnnwidget.design.design_types import Design
from cnnwidget.design.errors import CnnwidgetError
from cnnwidget.design.planning.plan import Plan, plan_of
from cnnwidget.design.value import closest, shortened
from cnnwidget.training.fit import to_the_end, train
from cnnwidget.training.fit_arguments import SETTING_NAMES, with_budget
from cnnwidget.training.loop.memory_check import NotEnoughMemory
from cnnwidget.training.loop.training import Training
from cnnwidget.training.recipe import SWEEP_SECONDS
from cnnwidget.training.runs.collection import Runs

# How many values a sweep may have.
FEWEST, MOST = 2, 12


class Trial(NamedTuple):
    """One value of a sweep, ready for its training.

    Attributes:
        name: the field and its value: `kernel_size 5`.
        value: the value.
        plan: the plan of the design with this value.
        frames: the data.
        settings: the arguments of `cw.train` with this value.
    """

    name: str
    value: Any
    plan: Plan
    frames: Frames | Windows
    settings: dict[str, Any]

    def begin(self) -> Training:
        """Return the training of this value, to loop over."""
        return train(self.plan, self.frames, **self.settings)


def sweep(
    design: Design | Plan,
    frames: object,
    field: str,
    values: Sequence[Any],
    *,
    progress: bool = True,
    **settings: Any,
) -> Runs:
    """Fit a design with several values of one setting, all else equal.

    Each value gets the same budget, data, batches and seed.

    Args:
        design: the design, of which one field is changed, or none.
        frames: anything that `cw.load` takes, or `cw.windows`.
        field: a field of the design (`kernel_size`, `depth`), or a setting of `cw.fit` (`lr`,
            `loss`).
        values: two to twelve values; more than five are hard to compare.
        progress: whether to draw a progress bar for each.
        **settings: of `cw.fit`; each value gets 10 seconds if neither `seconds` nor `epochs` is
            given.

    Returns:
        The runs, named by their values.

    Raises:
        CnnwidgetError: if there is no such field or setting, or a value cannot be used, before
            anything is trained; a `DesignError` or `DataError` where design or frames are at
            fault.

    Example:
        >>> import cnnwidget as cw
        >>> frames = cw.sample("circling shape", steps=40, size=(8, 8))
        >>> design = cw.EncoderDecoder(input_size=(8, 8), in_channels=2, out_channels=1, depth=1)
        >>> runs = cw.sweep(design, frames, "kernel_size", [3, 5], epochs=1, progress=False)
        >>> runs.names
        ('kernel_size 3', 'kernel_size 5')
    """
    runs = Runs()
    for trial in trials(design, frames, field, values, **settings):
        runs.add(to_the_end(trial.begin(), progress=progress, folder=None), trial.name)
    return runs


def trials(
    design: Design | Plan, frames: object, field: str, values: Sequence[Any], **settings: Any
) -> list[Trial]:
    """Return the trials of a sweep, each of which has been checked to begin.

    If no batch size is given, all get the smallest that one of the values would have by itself: a
    different one for each would be a second change.

    Raises:
        CnnwidgetError: as `sweep`.

    Example:
        >>> import cnnwidget as cw
        >>> frames = cw.sample("circling shape", steps=40, size=(8, 8))
        >>> design = cw.EncoderDecoder(input_size=(8, 8), in_channels=2, out_channels=1, depth=1)
        >>> [trial.settings["lr"] for trial in trials(design, frames, "lr", [1e-3, 1e-2])]
        [0.001, 0.01]
    """
    data = frames if isinstance(frames, Windows) else load(frames)
    values = list(values)
    if not FEWEST <= len(values) <= MOST:
        raise CnnwidgetError(
            f"sweep: {len(values)} values of {field}; give {FEWEST} to {MOST}, say [3, 5, 7]."
        )
    planned = []
    for value in values:
        other, own = changed(plan_of(design).design, field, value, settings)
        name = f"{field} {value if isinstance(value, str) else shortened(value)}"
        planned.append(Trial(name, value, plan_of(other), data, with_budget(own, SWEEP_SECONDS)))
    sizes = [checked_batch_size(trial) for trial in planned]
    if field == "batch_size" or settings.get("batch_size") is not None:
        return planned
    return [
        trial._replace(settings=trial.settings | {"batch_size": min(sizes)}) for trial in planned
    ]


def checked_batch_size(trial: Trial) -> int:
    """Return the batch size of a trial, after a check that it can begin.

    Raises:
        CnnwidgetError: if it cannot, with its name; NotEnoughMemory has the batch that fits.
    """
    try:
        return trial.begin().recipe.batch_size
    except NotEnoughMemory as error:
        raise NotEnoughMemory(f"sweep, {trial.name}: {error}", error.batch_size) from error
    except CnnwidgetError as error:
        raise type(error)(f"sweep, {trial.name}: {error}") from error


def changed(
    design: Design, field: str, value: Any, settings: dict[str, Any]
) -> tuple[Design, dict[str, Any]]:
    """Return the design and the settings, of which one has a field or setting changed.

    Raises:
        CnnwidgetError: if neither has this field.
    """
    if field in type(design).model_fields:
        return design.replace(**{field: value}), settings
    if field in SETTING_NAMES:
        return design, settings | {field: value}
    names = [*type(design).model_fields, *SETTING_NAMES]
    hint = closest(field, names) or f"; kernel_size, depth and lr are some that {design!r} knows."
    raise CnnwidgetError(
        f"sweep: {shortened(field)} is neither a field of {type(design).__name__} nor a setting of "
        f"cw.fit{hint}"
    )
