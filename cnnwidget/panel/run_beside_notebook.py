"""A run saved beside the notebook, with its forecast and its source."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cnnwidget.data.atomic_write import atomic_write
from cnnwidget.show.source import source

if TYPE_CHECKING:  # torch comes with it
    from cnnwidget.training.runs.run import Run

FOLDER = "cnnwidget-run"


def save_beside(run: Run) -> str:
    """Save a run, its results and its source in a new folder beside the notebook.

    Returns:
        Which folder and which files, in words.
    """
    number = 1
    while (folder := Path(f"{FOLDER}-{number}")).exists():
        number += 1
    run.save(folder)
    results = run.torch_task.save_results(run, folder)
    with atomic_write(folder / "network.py") as partial:
        partial.write_text(source(run.design), encoding="utf-8")
    return (
        f"Saved to {folder}/: run.json and weights{results and f', {results}'}, network.py (the "
        f"layers alone). cw.load_run({str(folder)!r}) brings it back."
    )
