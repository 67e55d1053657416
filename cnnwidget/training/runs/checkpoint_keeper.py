"""A training kept in a folder as it goes, so that nothing that ends its process ends it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from cnnwidget.data.fingerprint import fingerprint_of
from cnnwidget.training.loop.history import Epoch
from cnnwidget.training.loop.training import Training
from cnnwidget.training.runs.checkpoint import checkpoint_of
from cnnwidget.training.runs.checkpoint_file import write_checkpoint
from cnnwidget.training.runs.run_file import CHECKPOINT, save

# Writing takes time that training could have.
SECONDS_BETWEEN = 5.0


class CheckpointWriter:
    """Writes a training into a folder after an epoch, if the last time is long enough ago.

    Args:
        training: to be kept.
        folder: of it; what it holds of an older run is replaced.

    Raises:
        CnnwidgetError: if the folder cannot be made or written into.
    """

    def __init__(self, training: Training, folder: str | Path) -> None:
        self.training = training
        run = replace(
            training.run,
            windows=None,  # not measured: that would take longer than an epoch
            trained_on=fingerprint_of(training.windows.contents),
            checkpoint=checkpoint_of(training),
        )
        self.folder = save(run, folder)
        self.kept = 0.0

    def after(self, epoch: Epoch) -> None:
        """An epoch is over."""
        if epoch.seconds - self.kept >= SECONDS_BETWEEN:
            self.kept = epoch.seconds
            write_checkpoint(checkpoint_of(self.training), self.folder / CHECKPOINT)
