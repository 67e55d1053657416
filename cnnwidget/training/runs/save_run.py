"""A run in a folder: JSON for what can be read, safetensors for tensors, no pickle.

Each file is complete or not there. The checkpoint comes first: it is never older than the record.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from safetensors import SafetensorError
from safetensors.torch import save_file

from cnnwidget.data.atomic_write import atomic_write
from cnnwidget.data.data_error import reason_of
from cnnwidget.data.paths import expand_user
from cnnwidget.design.errors import CnnwidgetError
from cnnwidget.design.value import shortened
from cnnwidget.training.checkpoints.checkpoint_file import write_checkpoint
from cnnwidget.training.runs.run_json import record_of

if TYPE_CHECKING:
    from cnnwidget.training.runs.run import Run

# The record, the best weights, what the task keeps of its data, and what `resume` goes on from.
RECORD, WEIGHTS, PREDICTOR = "run.json", "weights.safetensors", "predictor.safetensors"
CHECKPOINT = "training.safetensors"


def save_run(run: Run, folder: str | Path) -> Path:
    """Write a run; see `Run.save`."""
    path = made_folder(path_of(folder))
    of_task = run.torch_task.write(run)
    text = record_of(run, of_task).model_dump_json(indent=1)
    weights = {name: value.contiguous() for name, value in run.weights.items()}
    try:
        if run.checkpoint is None:
            (path / CHECKPOINT).unlink(missing_ok=True)  # of an older run
        else:
            write_checkpoint(run.checkpoint, path / CHECKPOINT)
        for tensors, name in ((weights, WEIGHTS), (of_task.tensors, PREDICTOR)):
            with atomic_write(path / name) as partial:
                save_file(tensors, partial)
        for name, script in of_task.scripts.items():
            with atomic_write(path / name) as partial:
                partial.write_text(script, encoding="utf-8")
        with atomic_write(path / RECORD) as partial:
            partial.write_text(text + "\n", encoding="utf-8")
    except (OSError, SafetensorError) as error:
        raise CnnwidgetError(
            f"The run cannot be written into {path}: {reason_of(error)}; give another folder, or "
            "make room in this one."
        ) from error
    return path


def path_of(folder: object) -> Path:
    """Return the path of a folder, `~` being the home folder."""
    if not isinstance(folder, str | Path) or not str(folder):
        raise CnnwidgetError(
            f"{shortened(folder)} is no path of a folder; give one, say 'runs/first'."
        )
    return Path(expand_user(folder))


def made_folder(path: Path) -> Path:
    """Make a folder, if it is not there, and return it."""
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
