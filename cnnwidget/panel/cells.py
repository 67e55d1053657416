"""Which cell of the notebook made a panel: run again, it replaces what it made before."""

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
    """Close what the same cell made when it was run before: its training would go on unseen."""
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
    """The cell that is running and the message that runs it; empty outside of a notebook."""
    shell = get_ipython()
    ask = getattr(shell, "get_parent", None)
    message = ask() if ask is not None else None
    if not isinstance(message, dict):
        return "", ""
    cell = message.get("metadata", {}).get("cellId", "")
    return str(cell), str(message.get("header", {}).get("msg_id", ""))
