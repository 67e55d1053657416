"""A run in a folder: JSON for what can be read, safetensors for weights, no pickle.

Each file is whole or not there. The state comes first: it is never older than what is beside it.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from cnnwidget.data.atomic_write import atomic_write
from cnnwidget.data.errors import DataError, reason_of
from cnnwidget.data.paths import expand_user
from cnnwidget.data.windows.window_channels import WindowChannels
from cnnwidget.data.windows.windows import Windows, windows
from cnnwidget.design.design_types import Design
from cnnwidget.design.errors import CnnwidgetError
from cnnwidget.design.planning.plan import plan_of
from cnnwidget.design.value import shortened
from cnnwidget.training.loop.weights import weights_fit
from cnnwidget.training.match import match
from cnnwidget.training.recipe import Recipe
from cnnwidget.training.runs.checkpoint import with_checkpoint
from cnnwidget.training.runs.checkpoint_file import read_checkpoint, write_checkpoint
from cnnwidget.training.runs.record_labels import read_labels
from cnnwidget.training.runs.record_metrics import (
    read_beside,
    read_make_up,
    read_metrics,
    read_scaling,
    read_statistics,
)
from cnnwidget.training.runs.record_versions import read_fingerprint
from cnnwidget.training.runs.run import Run
from cnnwidget.training.runs.run_record import (
    SavedRun,
    read_epoch,
    read_record,
    read_split,
    record_of,
)
from cnnwidget.training.tasks.forecast import Forecast
from cnnwidget.training.tasks.forecasting import check_shape, checked_windows, loaded_alone
from cnnwidget.training.tasks.transform import check_residual

RECORD, WEIGHTS, LAST = "run.json", "weights.safetensors", "last_frames.safetensors"
# Where the training stands: what `resume` goes on from.
CHECKPOINT = "training.safetensors"


def save(run: Run, folder: str | Path) -> Path:
    """Write a run; see `Run.save`."""
    path = made(path_of(folder))
    text = record_of(run).model_dump_json(indent=1)
    weights = {name: value.contiguous() for name, value in run.weights.items()}
    kept = {"frames": torch.from_numpy(run.last)}
    if run.valid is not None:
        kept["valid"] = torch.from_numpy(np.array(run.valid))
    try:
        if run.checkpoint is None:
            (path / CHECKPOINT).unlink(missing_ok=True)  # of an older run
        else:
            write_checkpoint(run.checkpoint, path / CHECKPOINT)
        for tensors, name in ((weights, WEIGHTS), (kept, LAST)):
            with atomic_write(path / name) as partial:
                save_file(tensors, partial)
        with atomic_write(path / RECORD) as partial:
            partial.write_text(text + "\n", encoding="utf-8")
    except (OSError, SafetensorError) as error:
        raise CnnwidgetError(
            f"The run cannot be written into {path}: {reason_of(error)}; give another folder, or "
            "make room in this one."
        ) from error
    return path


def path_of(folder: object) -> Path:
    """The path of a folder, `~` being the home folder."""
    if not isinstance(folder, str | Path) or not str(folder):
        raise CnnwidgetError(
            f"{shortened(folder)} is no path of a folder; give one, say 'runs/first'."
        )
    return Path(expand_user(folder))


def made(path: Path) -> Path:
    """A folder that is there, made where it was not."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise CnnwidgetError(
            f"{path} is a file, but a run is saved into a folder; give the path of one."
        ) from None
    except (OSError, ValueError) as error:
        raise CnnwidgetError(
            f"The folder {path} cannot be made: {reason_of(error)}; give another path."
        ) from error
    return path


def load_run(folder: str | Path, frames: object = None) -> Run:
    """A run from the folder where `run.save` put it.

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
    history = tuple(read_epoch(each) for each in record.history)
    last, valid, made = read_last(path / LAST, record, design, recipe)
    channels = last.shape[1]
    check_residual(made, recipe)
    run = Run(
        design=design,
        recipe=recipe,
        scaling=read_scaling(record, channels),
        statistics=read_statistics(record, channels),
        make_up=made,
        beside=read_beside(record, made),
        split=read_split(record),
        history=history,
        best=None if record.best is None else history[record.best - 1],
        weights=read_weights(path / WEIGHTS, design),
        baselines=tuple((name, float(loss)) for name, loss in record.baselines),
        ending=record.ending,
        device=record.device,
        last=last,
        has_channels=record.has_channels,
        data_name=record.data_name,
        labels=read_labels(record.labels, channels, last.shape[2:]),
        valid=valid,
        measured=read_metrics(record, recipe.forecast_len),
        versions=tuple(record.versions.items()),
        trained_on=read_fingerprint(record.fingerprint),
    )
    if (path / CHECKPOINT).exists():
        known = with_checkpoint(run, read_checkpoint(path / CHECKPOINT))
        if known is None:
            raise DataError(f"{path / CHECKPOINT} is of another run than {RECORD} beside it.")
        run = known
    return run if frames is None else replace(run, windows=data_of(run, frames), measured=None)


def check_there(folder: Path) -> None:
    """Refuse a folder without a record before anything in it is read."""
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


def data_of(run: Run, frames: object) -> Windows:
    """The windows of a run, which must hold all that it was trained and tested on."""
    recipe, made, split = run.recipe, run.make_up, run.split
    if isinstance(frames, Windows):
        data = checked_windows(run, frames)
        if data.cut.stride != recipe.stride:
            raise DataError(
                f"The windows were cut with a stride of {data.cut.stride}, but those of the run "
                f"with {recipe.stride}; cut them likewise."
            )
    else:
        known = loaded_alone(run, frames)
        lengths = (recipe.pre_history_len, recipe.forecast_len)
        plain = made.is_plain(run.last.shape[1])  # then all that frames have is given
        make_up = None if plain else made
        match(run.design, known, *lengths, make_up=make_up, gap=recipe.gap).checked()
        check_shape(run, known)
        data = windows(
            known,
            pre_history_len=recipe.pre_history_len,
            forecast_len=recipe.forecast_len,
            stride=recipe.stride,
            gap=recipe.gap,
            inputs=made.inputs,
            targets=made.targets,
            x_threshold=made.x_threshold,
            y_threshold=made.y_threshold,
        )
    needed = max(split.train.stop, split.test.stop)
    if needed > len(data):
        raise DataError(
            f"{data.frames.name} has {len(data)} windows, but the run has windows up to the "
            f"{needed}th; give the frames that it was trained on, or use run.predict(frames)."
        )
    return data.with_split(split)


def read_weights(path: Path, design: Design) -> dict[str, Tensor]:
    """The weights of a design; nothing is built that a file does not have."""
    weights = read_tensors(path)
    plan = plan_of(design)
    if plan.problems or not weights_fit(plan, weights):
        raise DataError(f"{path} does not fit the design in {RECORD} beside it.")
    return weights


def read_last(
    path: Path, record: SavedRun, design: Design, recipe: Recipe
) -> tuple[np.ndarray, np.ndarray | None, WindowChannels]:
    """The last frames, from which a forecast goes on, their valid places, and what is told."""
    kept = read_tensors(path)
    last, valid = kept.get("frames"), kept.get("valid")
    if last is not None and last.dtype == torch.float32 and last.dim() > 2:
        length, channels, *size = last.shape
        made = read_make_up(record, channels)
        lengths = (length, recipe.forecast_len, recipe.gap)
        named = record.has_channels or channels == 1
        masks = valid is None or (valid.dtype == torch.bool and valid.shape == last.shape[1:])
        fits = named and masks and length == recipe.pre_history_len
        if fits and not Forecast.of(made, tuple(size), *lengths).misfit(plan_of(design)):
            return last.numpy(), None if valid is None else valid.numpy(), made
    raise DataError(f"{path} does not hold the last frames of the run in {RECORD} beside it.")


def read_tensors(path: Path) -> dict[str, Tensor]:
    """The tensors of a file of safetensors, which holds nothing that runs."""
    try:
        return load_file(path)
    except (OSError, SafetensorError, ValueError) as error:
        raise DataError(f"{path} cannot be read as safetensors: {error}.") from None
