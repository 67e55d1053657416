"""A run in a folder: JSON for what can be read, safetensors for weights, no pickle."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from cnnwidget.data.errors import DataError
from cnnwidget.data.frames import load
from cnnwidget.data.split import Split
from cnnwidget.data.windows import windows
from cnnwidget.design.errors import DesignError
from cnnwidget.design.families import Design
from cnnwidget.design.notation import from_json, to_json
from cnnwidget.design.value import Value
from cnnwidget.training.history import Epoch
from cnnwidget.training.metrics import Errors, Metrics
from cnnwidget.training.recipe import Recipe
from cnnwidget.training.run import Run
from cnnwidget.training.scaling import Scaling
from cnnwidget.training.tasks import forecast_of

RECORD, WEIGHTS, LAST = "run.json", "weights.safetensors", "last_frames.safetensors"
# A record of a thousand epochs has a tenth of this.
LARGEST_RECORD = 100_000_000


# JSON has no word for what is not finite, so that is a text.
Loss = float | Literal["nan", "inf", "-inf"]
Part = tuple[int, int]


class SavedRun(Value):
    """The record of a run: names, numbers and tuples of them.

    Attributes:
        split: start and stop of training, validation and test.
        history: the fields of each `Epoch`.
        best: the number of the best epoch.
        errors: name, errors per lead and root mean squares per lead; the network's come first.
    """

    version: Literal[1]
    versions: dict[str, str]
    design: dict[str, Any]
    recipe: dict[str, Any]
    scaling: tuple[float, float]
    split: tuple[Part, Part, Part]
    split_kind: Literal["apart", "targets apart", "none"]
    history: tuple[tuple[int, Loss, Loss | None, float, float], ...]
    best: int | None
    baselines: tuple[tuple[str, float], ...]
    ending: Literal["finished", "stopped", "diverged"]
    device: str
    has_channels: bool
    data_name: str
    measured_on: str
    measured_windows: int
    errors: tuple[tuple[str, tuple[float, ...], tuple[float, ...]], ...]


def save(run: Run, folder: Path) -> Path:
    """Write a run; see `Run.save`."""
    folder.mkdir(parents=True, exist_ok=True)
    metrics = None if run.measured is None and run.windows is None else run.metrics
    parts = (run.split.train, run.split.validation, run.split.test)
    record = SavedRun(
        version=1,
        versions={"torch": torch.__version__, "numpy": np.__version__},
        design=to_json(run.design),
        recipe=run.recipe.model_dump(),
        scaling=(run.scaling.low, run.scaling.span),
        split=tuple((part.start, part.stop) for part in parts),  # type: ignore[arg-type]
        split_kind=run.split.kind,
        history=tuple(written(each) for each in run.history),
        best=None if run.best is None else run.best.epoch,
        baselines=run.baselines,
        ending=run.ending,
        device=run.device,
        has_channels=run.has_channels,
        data_name=run.data_name,
        measured_on="" if metrics is None else metrics.part,
        measured_windows=0 if metrics is None else metrics.windows,
        errors=() if metrics is None else errors_of(metrics),
    )
    (folder / RECORD).write_text(record.model_dump_json(indent=1) + "\n", encoding="utf-8")
    save_file({name: value.contiguous() for name, value in run.weights.items()}, folder / WEIGHTS)
    save_file({"frames": torch.from_numpy(run.last)}, folder / LAST)
    return folder


def written(epoch: Epoch) -> tuple[int, Loss, Loss | None, float, float]:
    """An epoch as JSON can hold it."""
    validation = None if epoch.validation is None else spelled(epoch.validation)
    return (epoch.epoch, spelled(epoch.train), validation, epoch.lr, epoch.seconds)


def spelled(loss: float) -> Loss:
    """A loss, as a text where it is not finite."""
    return loss if np.isfinite(loss) else str(loss)  # type: ignore[return-value]


def errors_of(metrics: Metrics) -> tuple[tuple[str, tuple[float, ...], tuple[float, ...]], ...]:
    """The errors of all forecasts, the network's first."""
    named = (("network", metrics.network), *metrics.baselines)
    return tuple((name, each.mae_per_lead, each.rmse_per_lead) for name, each in named)


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
    path = folder / RECORD
    record = read_record(path)
    design, recipe = read_values(record, path)
    data = None
    if frames is not None:
        lengths = (recipe.pre_history_len, recipe.forecast_len)
        known = load(frames)
        forecast_of(design, known, *lengths)
        data = windows(known, pre_history_len=lengths[0], forecast_len=lengths[1])
    last = read_tensors(folder / LAST).get("frames")
    if last is None or last.dim() < 3 or len(last) != recipe.pre_history_len:
        raise DataError(f"{folder / LAST} does not hold the last frames of {RECORD} beside it.")
    train, validation, test = (range(*part) for part in record.split)
    history = tuple(read_epoch(each) for each in record.history)
    run = Run(
        design=design,
        recipe=recipe,
        scaling=Scaling(*record.scaling),
        split=Split(train=train, validation=validation, test=test, kind=record.split_kind),
        history=history,
        best=next((each for each in history if each.epoch == record.best), None),
        weights=read_tensors(folder / WEIGHTS),
        baselines=record.baselines,
        ending=record.ending,
        device=record.device,
        last=last.numpy(),
        has_channels=record.has_channels,
        data_name=record.data_name,
        windows=data,
        measured=read_metrics(record, path),
    )
    try:
        _ = run.module
    except RuntimeError:
        raise DataError(
            f"{folder / WEIGHTS} does not fit the design in {RECORD} beside it."
        ) from None
    return run


def read_record(path: Path) -> SavedRun:
    """The record, checked."""
    try:
        if path.stat().st_size > LARGEST_RECORD:
            raise DataError(f"{path} is too large for the record of a run.")
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path} cannot be read as the record of a run: {error}.") from None
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path} is no JSON: {error}.") from None
    if not isinstance(fields, dict) or fields.get("version") != 1:
        raise DataError(f"{path} is no record of a run of version 1, which is the one known here.")
    # What a record holds is tuples, but for the design, which has a reader of its own.
    frozen = {name: value if name == "design" else tupled(value) for name, value in fields.items()}
    try:
        return SavedRun(**frozen)
    except DesignError as error:
        raise DataError(f"{path} is no record of a run: {error}") from None


def tupled(value: Any) -> Any:
    """Lists, which is all that JSON has, as tuples."""
    if isinstance(value, dict):
        return {name: tupled(each) for name, each in value.items()}
    return tuple(map(tupled, value)) if isinstance(value, list) else value


def read_values(record: SavedRun, path: Path) -> tuple[Design, Recipe]:
    """The design and the recipe of a record, each checked by its own constructor."""
    try:
        return from_json(record.design), Recipe(**record.recipe)
    except DesignError as error:
        raise DataError(f"{path} is no record of a run: {error}") from None


def read_tensors(path: Path) -> dict[str, torch.Tensor]:
    """The tensors of a file of safetensors, which holds nothing that runs."""
    try:
        return load_file(path)
    except (OSError, SafetensorError, ValueError) as error:
        raise DataError(f"{path} cannot be read as safetensors: {error}.") from None


def read_epoch(saved: tuple[int, Loss, Loss | None, float, float]) -> Epoch:
    """An epoch as it was."""
    number, train, validation, lr, seconds = saved
    told = None if validation is None else float(validation)
    return Epoch(number, float(train), told, lr, seconds)


def read_metrics(record: SavedRun, path: Path) -> Metrics | None:
    """Metrics as they were, if there were any."""
    if not record.errors:
        return None
    found = []
    for name, mae, rmse in record.errors:
        if not len(mae) == len(rmse) == record.recipe["forecast_len"]:
            raise DataError(f"{path} has errors that do not go with its forecast_len.")
        found.append((name, Errors(mae, rmse)))
    if len(found) < 2:
        raise DataError(f"{path} has errors of no baseline.")
    return Metrics(record.measured_on, record.measured_windows, found[0][1], tuple(found[1:]))
