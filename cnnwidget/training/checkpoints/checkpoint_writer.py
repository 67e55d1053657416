"""A training saved in a folder as it goes, so that it survives the end of its process."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from cnnwidget.training.checkpoints.checkpoint import checkpoint_of
from cnnwidget.training.checkpoints.checkpoint_file import write_checkpoint
from cnnwidget.training.loop.events import Epoch
from cnnwidget.training.loop.training import Training
from cnnwidget.training.runs.save_run import CHECKPOINT, save_run

# Writing takes time that training could have.
SECONDS_BETWEEN = 5.0


class CheckpointWriter:
    """Writes a checkpoint after an epoch, if the last one is old enough.

    Args:
        training: to be saved.
        folder: of it; an older run there is replaced.

    Raises:
        CnnwidgetError: if the folder cannot be made or written into.
    """

    def __init__(self, training: Training, folder: str | Path) -> None:
        self.training = training
        run = replace(
            training.run,
            data=None,  # not measured: that would take longer than an epoch
            trained_on=training.data.fingerprint,
            checkpoint=checkpoint_of(training),
        )
        self.folder = save_run(run, folder)
        self.written = 0.0

    def after(self, epoch: Epoch) -> None:
        """Write a checkpoint after an epoch, unless the last one is of a moment ago."""
        if epoch.seconds - self.written >= SECONDS_BETWEEN:
            self.written = epoch.seconds
            write_checkpoint(checkpoint_of(self.training), self.folder / CHECKPOINT)
