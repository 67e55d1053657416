"""The cell of the notebook that made a panel: when it runs again, it replaces that panel.

JupyterLab and Notebook send the id of a cell with its text. A console sends none, nor does a tool
that runs a notebook without showing it. There a cell that runs again looks the same as another
cell with the same text, so each panel stays, and trains on, until it is closed.
"""

from __future__ import annotations

from typing import Protocol
from weakref import WeakSet

from IPython import get_ipython


class Closable(Protocol):
    """An object that can be closed, such as a panel."""

    def close(self) -> None: ...


# The last run of each cell, and the panels that it made.
made: dict[str, tuple[str, WeakSet[Closable]]] = {}


def replace_former(panel: Closable) -> None:
    """Close the panels that the same cell made in an earlier run: they would train on unseen.

    Nothing is closed if the cell that is running is unknown.
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
    """Return the ids of the running cell and of the message that runs it; empty if unknown."""
    shell = get_ipython()
    ask = getattr(shell, "get_parent", None)
    message = ask() if ask is not None else None
    if not isinstance(message, dict):
        return "", ""
    cell = message.get("metadata", {}).get("cellId", "")
    return str(cell), str(message.get("header", {}).get("msg_id", ""))
