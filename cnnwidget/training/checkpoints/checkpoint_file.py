"""A checkpoint in one file, so that its parts belong together to the last bit.

Weights, the optimiser's memory and the history are one file of safetensors, which replaces the one
before in a single step.
"""

from __future__ import annotations

import json
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from cnnwidget.data.atomic_write import atomic_write
from cnnwidget.data.data_error import DataError, reason_of
from cnnwidget.design.errors import CnnwidgetError
from cnnwidget.training.checkpoints.checkpoint import Checkpoint, Progress
from cnnwidget.training.runs.run_json import tupled

PARTS = ("weights", "best", "optimizer")


def write_checkpoint(checkpoint: Checkpoint, path: Path) -> None:
    """Write a checkpoint in the place of an older one, at once or not at all.

    Raises:
        CnnwidgetError: if it cannot be written; the older one is then still there.
    """
    tensors = {
        f"{part}/{name}": value.contiguous()
        for part in PARTS
        for name, value in getattr(checkpoint, part).items()
    }
    try:
        with atomic_write(path) as partial:
            save_file(tensors, partial, {"progress": checkpoint.progress.model_dump_json()})
    except (OSError, SafetensorError) as error:
        raise CnnwidgetError(
            f"The state of the training cannot be written to {path}: {reason_of(error)}; give "
            "another folder, or make room in this one."
        ) from error


def read_checkpoint(path: Path) -> Checkpoint:
    """Return a checkpoint as it was written.

    Raises:
        DataError: if the file is missing, damaged, or none of these.
    """
    parts: dict[str, dict[str, Tensor]] = {part: {} for part in PARTS}
    try:
        with safe_open(path, "pt") as file:
            progress = Progress(**tupled(json.loads((file.metadata() or {})["progress"])))
            for name in file.keys():  # noqa: SIM118  (it is no mapping)
                part, _, own = name.partition("/")
                parts[part][own] = file.get_tensor(name)
    except (OSError, SafetensorError) as error:
        raise DataError(f"{path} cannot be read as safetensors: {error}.") from None
    except (KeyError, TypeError, ValueError, RecursionError):
        raise DataError(
            f"{path} is no state of a training; take a folder that cw.fit or run.save wrote."
        ) from None
    return Checkpoint(progress, **parts)
