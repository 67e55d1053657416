"""`resume`: a training goes on after whatever ended it, or its process.

What it goes on from is a `Checkpoint`; `checkpoint.py` says what that holds.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from cnnwidget.data.data_error import DataError
from cnnwidget.data.fingerprint import difference
from cnnwidget.design.planning.plan import plan_of
from cnnwidget.training.checkpoints.checkpoint import restore
from cnnwidget.training.fit import to_the_end
from cnnwidget.training.loop.training import Training
from cnnwidget.training.recipe import DeviceName
from cnnwidget.training.runs.load_run import data_of, load_run
from cnnwidget.training.runs.run import Run
from cnnwidget.training.runs.save_run import path_of
from cnnwidget.training.tasks.task_protocol import TaskData


def resume(
    folder: str | Path,
    frames: object,
    *,
    device: DeviceName | None = None,
    progress: bool = True,
) -> Run:
    """Go on with a training to the end of its budget, from where it was saved.

    On the CPU the curve is that of an unbroken run, to the last bit, but after an interrupt
    (Ctrl-C) in the midst of a batch. Of a training whose process was ended, the epochs after the
    last that `cw.fit(..., folder=...)` kept, at most five seconds of them and one, are trained once
    more. A run that is finished stays as it is.

    Args:
        folder: as it was given to `cw.fit` or to `run.save`; what follows is kept there, too.
        frames: the same as then, or `cw.windows` like those of then.
        device: where to go on, if that is another than the recipe says.
        progress: whether to draw a progress bar.

    Returns:
        The finished run.

    Raises:
        DataError: if a file is missing or damaged, the run was saved before its loop had ended,
            or the frames are others.
        DesignError: if the frames do not go with the design.
        CnnwidgetError: if the device is not there.

    Example:
        >>> import tempfile
        >>> import cnnwidget as cw
        >>> frames = cw.sample("circling shape", steps=40, size=(8, 8))
        >>> design = cw.EncoderDecoder(input_size=(8, 8), in_channels=2, out_channels=1, depth=1)
        >>> training = cw.train(design, frames, epochs=3)
        >>> for event in training:
        ...     break  # for today
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     _ = training.run.save(folder)
        ...     len(cw.resume(folder, frames, progress=False).history)
        3
    """
    path = path_of(folder)
    past = load_run(path)
    data = data_of(past, frames)
    check_same(past, data)
    if past.ending != "stopped":
        return replace(past, data=data)
    if past.checkpoint is None:
        raise DataError(
            f"{path} holds a run that was saved before its loop had ended, without what a "
            "training goes on from; repeat it with cw.fit(run.design, frames, **run.repeat)."
        )
    recipe = past.recipe if device is None else past.recipe.replace(device=device)
    training = Training(plan_of(past.design), data, recipe)
    restore(training, past.checkpoint)
    training.baselines |= past.baselines  # of the same data: they need no second pass
    return to_the_end(training, progress=progress, folder=path)


def check_same(run: Run, data: TaskData) -> None:
    """Refuse data that a run was not trained on, as far as that is known.

    Raises:
        DataError: with what is different.
    """
    found = difference(run.trained_on, data.fingerprint) if run.trained_on else ""
    if found:
        raise DataError(
            f"{data.frames.name} is not what the run was trained on: {found}; resume with the same "
            "data, or train anew on these."
        )
