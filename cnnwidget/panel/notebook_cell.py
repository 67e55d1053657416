"""Which cell of the notebook made a panel: run again, it replaces what it made before.

A cell is known by the id that JupyterLab and Notebook send along with its text. Where none is sent,
as by a console or by what runs a notebook without showing it, nothing tells a cell that is run
again from another one with the same text, whose panel is still looked at: there each panel stays,
and trains on, until it is closed.
"""

from __future__ import annotations

from typing import Protocol
from weakref import WeakSet

from IPython import get_ipython


class Closable(Protocol):
    """What can be replaced."""

    def close(self) -> None: ...


# For each cell the run of it that was last, and what that made.
made: dict[str, tuple[str, WeakSet[Closable]]] = {}


def replace_former(panel: Closable) -> None:
    """Close what the same cell made when it was run before: its training would go on unseen.

    Where it cannot be told which cell is running, nothing is closed.
    """
    cell, run = running_cell()
    if not cell:
        return
    former, panels = made.get(cell, ("", WeakSet()))
    if former != run:
        for each in list(panels):
            each.close()
        panels = WeakSet()
    panels.add(panel)
    made[cell] = (run, panels)


def running_cell() -> tuple[str, str]:
    """The cell that is running and the message that runs it; empty where no cell is told of."""
    shell = get_ipython()
    ask = getattr(shell, "get_parent", None)
    message = ask() if ask is not None else None
    if not isinstance(message, dict):
        return "", ""
    cell = message.get("metadata", {}).get("cellId", "")
    return str(cell), str(message.get("header", {}).get("msg_id", ""))
