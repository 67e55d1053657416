"""`load_run`: a run from the folder where it was saved; nothing in the folder is trusted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from cnnwidget.data.data_error import DataError, reason_of
from cnnwidget.design.design_types import Design
from cnnwidget.design.errors import CnnwidgetError
from cnnwidget.design.planning.plan import plan_of
from cnnwidget.training.checkpoints.checkpoint import with_checkpoint
from cnnwidget.training.checkpoints.checkpoint_file import read_checkpoint
from cnnwidget.training.loop.events import curve_of, epoch_numbered
from cnnwidget.training.loop.weights import weights_fit
from cnnwidget.training.recipe import Recipe
from cnnwidget.training.runs.run import Run
from cnnwidget.training.runs.run_json import (
    RunRecord,
    read_epoch,
    read_fingerprint,
    read_record,
    read_split,
)
from cnnwidget.training.runs.save_run import CHECKPOINT, PREDICTOR, RECORD, WEIGHTS, path_of
from cnnwidget.training.tasks.task_protocol import Predictor, TaskData, TaskMetrics, TaskRecord
from cnnwidget.training.tasks.task_table import task_named


def load_run(folder: str | Path, frames: object = None) -> Run:
    """Return a run from the folder where `run.save` put it.

    Args:
        folder: with `run.json` and files of safetensors beside it.
        frames: its data, if metrics and pictures of frames are wanted anew; `cw.windows`, where
            it was trained on windows with other series.

    Returns:
        The run: same design, history and weights, same predictions. Of a training that was ended
        with its process, what `cw.fit(..., folder=...)` kept last.

    Raises:
        DataError: if a file is missing, damaged, or does not go with the others.
        DesignError: if the frames given do not go with the design.

    Example:
        >>> import tempfile
        >>> import cnnwidget as cw
        >>> frames = cw.sample("circling shape", steps=60, size=(16, 16))
        >>> design = cw.EncoderDecoder(input_size=(16, 16), in_channels=4, out_channels=2)
        >>> run = cw.fit(design, frames, epochs=1, progress=False)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     cw.load_run(run.save(folder)).design == design
        True
    """
    path = path_of(folder)
    check_there(path)
    record, design, recipe = read_record(path / RECORD)
    predictor, metrics = read_of_task(path, record, design, recipe)
    history = tuple(read_epoch(each) for each in record.history)
    start = None if record.start is None else read_epoch(record.start)
    run = Run(
        design=design,
        recipe=recipe,
        predictor=predictor,
        split=read_split(record),
        start=start,
        history=history,
        best=epoch_numbered(record.best, curve_of(start, history)),
        weights=read_weights(path / WEIGHTS, design),
        baselines=tuple((name, float(loss)) for name, loss in record.baselines),
        ending=record.ending,
        device=record.device,
        data_name=record.data_name,
        measured=metrics,
        versions=tuple(record.versions.items()),
        trained_on=read_fingerprint(record.fingerprint),
    )
    if (path / CHECKPOINT).exists():
        known = with_checkpoint(run, read_checkpoint(path / CHECKPOINT))
        if known is None:
            raise DataError(f"{path / CHECKPOINT} is of another run than {RECORD} beside it.")
        run = known
    return run if frames is None else replace(run, data=data_of(run, frames), measured=None)


def check_there(folder: Path) -> None:
    """Refuse a folder without a record, before anything in it is read."""
    try:
        if not folder.exists():
            reason = "there is no such folder"
        elif not folder.is_dir():
            reason = "that is a file"
        elif not (folder / RECORD).exists():
            reason = f"it holds no {RECORD}"
        else:
            return
    except (OSError, ValueError) as error:  # a folder that is not to be looked into
        reason = reason_of(error)
    raise DataError(f"There is no run in {folder}: {reason}; give a folder that run.save wrote.")


def read_of_task(
    path: Path, record: RunRecord, design: Design, recipe: Recipe
) -> tuple[Predictor, TaskMetrics | None]:
    """Return what the task of a run has written.

    Raises:
        DataError: if it is not in order, or does not go with design and recipe.
    """
    baselines = [name for name, _ in record.baselines]
    of_task = TaskRecord(record.predictor, record.metrics, read_tensors(path / PREDICTOR))
    try:
        task = task_named(recipe.task)
        return task.torch_half().read(of_task, plan_of(design), recipe, baselines)
    except CnnwidgetError as error:
        raise DataError(f"{path / RECORD} is no record of a run: {error}") from None
    except RecursionError:
        raise DataError(
            f"{path / RECORD} is no record of a run: it has lists in lists in lists."
        ) from None


def data_of(run: Run, frames: object) -> TaskData:
    """Return the data of a run, which must hold all examples that it was trained and tested on.

    Raises:
        DesignError, DataError: if they do not go with the run.
    """
    data, split = run.torch_task.same_data(run, frames), run.split
    needed = max(split.train.stop, split.test.stop)
    if needed > len(data):
        raise DataError(
            f"{data.frames.name} has {len(data)} windows, but the run has windows up to the "
            f"{needed}th; give the frames that it was trained on, or use run.predict(frames)."
        )
    return data.with_split(split)


def read_weights(path: Path, design: Design) -> dict[str, Tensor]:
    """Return the weights of a design; nothing is built that the file does not have."""
    weights = read_tensors(path)
    plan = plan_of(design)
    if plan.problems or not weights_fit(plan, weights):
        raise DataError(f"{path} does not fit the design in {RECORD} beside it.")
    return weights


def read_tensors(path: Path) -> dict[str, Tensor]:
    """Return the tensors of a file of safetensors, which holds nothing that runs."""
    try:
        return load_file(path)
    except (OSError, SafetensorError, ValueError) as error:
        raise DataError(f"{path} cannot be read as safetensors: {error}.") from None
