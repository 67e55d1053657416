"""A run in a folder: JSON for what can be read, safetensors for weights, no pickle."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from cnnwidget.data.errors import DataError
from cnnwidget.data.frames import load
from cnnwidget.data.split import Split
from cnnwidget.data.windows import Windows, windows
from cnnwidget.design.families import Design
from cnnwidget.design.plan import plan_of
from cnnwidget.training.recipe import Recipe
from cnnwidget.training.record import (
    SavedRun,
    read_epoch,
    read_metrics,
    read_record,
    read_split,
    record_of,
)
from cnnwidget.training.run import Run
from cnnwidget.training.scaling import Scaling
from cnnwidget.training.tasks import Forecast, forecast_of
from cnnwidget.training.weights import fit_into

RECORD, WEIGHTS, LAST = "run.json", "weights.safetensors", "last_frames.safetensors"


def save(run: Run, folder: Path) -> Path:
    """Write a run; see `Run.save`."""
    folder.mkdir(parents=True, exist_ok=True)
    text = record_of(run).model_dump_json(indent=1)
    save_file({name: value.contiguous() for name, value in run.weights.items()}, folder / WEIGHTS)
    save_file({"frames": torch.from_numpy(run.last)}, folder / LAST)
    (folder / RECORD).write_text(text + "\n", encoding="utf-8")
    return folder


def load_run(folder: str | Path, frames: object = None) -> Run:
    """A run from the folder where `run.save` put it.

    Args:
        folder: with `run.json` and two files of safetensors.
        frames: its data, if metrics and pictures of frames are wanted anew.

    Returns:
        The run: same design, history and weights, same predictions.

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
    folder = Path(folder)
    record, design, recipe = read_record(folder / RECORD)
    split = read_split(record)
    data = None if frames is None else data_of(frames, design, recipe, split)
    history = tuple(read_epoch(each) for each in record.history)
    return Run(
        design=design,
        recipe=recipe,
        scaling=Scaling(*record.scaling),
        split=split,
        history=history,
        best=None if record.best is None else history[record.best - 1],
        weights=read_weights(folder / WEIGHTS, design),
        baselines=tuple((name, float(loss)) for name, loss in record.baselines),
        ending=record.ending,
        device=record.device,
        last=read_last(folder / LAST, record, design, recipe).numpy(),
        has_channels=record.has_channels,
        data_name=record.data_name,
        windows=data,
        measured=None if data is not None else read_metrics(record, recipe.forecast_len),
    )


def data_of(frames: object, design: Design, recipe: Recipe, split: Split) -> Windows:
    """The windows of frames, which must hold all that the run was trained and tested on."""
    known = load(frames)
    forecast_of(design, known, recipe.pre_history_len, recipe.forecast_len)
    data = windows(known, pre_history_len=recipe.pre_history_len, forecast_len=recipe.forecast_len)
    needed = max(split.train.stop, split.test.stop)
    if needed > len(data):
        raise DataError(
            f"{known.name} has {len(data)} windows, but the run has windows up to the {needed}th; "
            "give the frames that it was trained on, or use run.predict(frames)."
        )
    return data


def read_weights(path: Path, design: Design) -> dict[str, Tensor]:
    """The weights of a design; nothing is built that a file does not have."""
    weights = read_tensors(path)
    plan = plan_of(design)
    if plan.problems or not fit_into(plan, weights):
        raise DataError(f"{path} does not fit the design in {RECORD} beside it.")
    return weights


def read_last(path: Path, record: SavedRun, design: Design, recipe: Recipe) -> Tensor:
    """The last frames of the data, from which a forecast goes on."""
    last = read_tensors(path).get("frames")
    if last is not None and last.dtype == torch.float32 and last.dim() > 2:
        length, channels, *size = last.shape
        task = Forecast(length, recipe.forecast_len, channels, tuple(size))
        named = record.has_channels or channels == 1
        if named and length == recipe.pre_history_len and not task.misfit(plan_of(design)):
            return last
    raise DataError(f"{path} does not hold the last frames of the run in {RECORD} beside it.")


def read_tensors(path: Path) -> dict[str, Tensor]:
    """The tensors of a file of safetensors, which holds nothing that runs."""
    try:
        return load_file(path)
    except (OSError, SafetensorError, ValueError) as error:
        raise DataError(f"{path} cannot be read as safetensors: {error}.") from None
