"""`resume`: a training goes on after whatever ended its process."""

from __future__ import annotations

from pathlib import Path

from cnnwidget.data.errors import DataError
from cnnwidget.design.planning.plan import plan_of
from cnnwidget.training.fit import to_the_end
from cnnwidget.training.keeping import STATE, restore
from cnnwidget.training.run import Run
from cnnwidget.training.saving import data_of, load_run, path_of
from cnnwidget.training.state import read_state
from cnnwidget.training.training import Training


def resume(folder: str | Path, frames: object, *, progress: bool = True) -> Run:
    """Go on with a training that `cw.fit(..., folder=...)` kept, to the end of its budget.

    On the CPU the curve is that of an unbroken run, to the last bit. Epochs after the last that was
    written, at most five seconds of them and one, are trained once more.

    Args:
        folder: as it was given to `cw.fit`.
        frames: the same as then; what the run was not told of them is not asked.
        progress: whether to draw a progress bar.

    Returns:
        The finished run.

    Raises:
        DataError: if a file is missing or damaged, or the frames are too few.
        DesignError: if the frames do not go with the design.

    Example:
        >>> import tempfile
        >>> import cnnwidget as cw
        >>> frames = cw.sample("circling shape", steps=40, size=(8, 8))
        >>> design = cw.EncoderDecoder(input_size=(8, 8), in_channels=2, out_channels=1, depth=1)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     run = cw.fit(design, frames, epochs=2, progress=False, folder=folder)
        ...     len(cw.resume(folder, frames, progress=False).history)
        2
    """
    path = path_of(folder)
    past = load_run(path)
    if not (path / STATE).exists():
        raise DataError(
            f"{path} holds a run, but no {STATE}, which cw.fit(..., folder=...) writes beside it; "
            "cw.load_run reads what there is."
        )
    data = data_of(past, frames)
    training = Training(plan_of(past.design), data, past.task, past.recipe)
    restore(training, read_state(path / STATE))
    return to_the_end(training, progress=progress, folder=path)
