"""`Stage`: the one widget that shows every view; the page draws, Python only sends."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import RLock
from typing import Any

import anywidget
from traitlets import Bytes, Dict

STATIC = Path(__file__).parent / "static"


def joined(kind: str) -> str:
    """The files of a kind as one text: a page takes one module and one sheet, without imports."""
    names = (f"stage.{kind}", f"checks.{kind}", f"runs.{kind}")
    return "\n".join((STATIC / name).read_text(encoding="utf-8") for name in names)


Op = dict[str, Any]


class Stage(anywidget.AnyWidget):
    """Views as data for the scripts in `static`, and what the page wants as operations.

    Every view has one writer: the drawing thread writes `plan_view` and what belongs to it
    (facts, diagram, notes) and the data, the training thread `fit_view` and the frames, the tray
    `runs_view` and `run_curves`, the page `intent`. Assignments and messages from the page take one
    lock, since ipywidgets is not safe against both at once.

    Args:
        on_op: told each operation of the page once, in order; it must return at once, for the lock
            is held meanwhile.
    """

    _esm = joined("js")
    _css = joined("css")

    plan_view = Dict().tag(sync=True)
    facts_view = Dict().tag(sync=True)
    notes_view = Dict().tag(sync=True)
    diagram_view = Dict().tag(sync=True)
    fit_view = Dict().tag(sync=True)
    frames_view = Dict().tag(sync=True)
    truth = Bytes().tag(sync=True)
    prediction = Bytes().tag(sync=True)
    data_view = Dict().tag(sync=True)
    data_frames = Bytes().tag(sync=True)
    colours = Bytes().tag(sync=True)
    messages_view = Dict().tag(sync=True)
    checks_view = Dict().tag(sync=True)
    runs_view = Dict().tag(sync=True)
    run_curves = Dict().tag(sync=True)
    intent = Dict().tag(sync=True)

    def __init__(self, on_op: Callable[[Op], None]) -> None:
        self._lock = RLock()
        self._on_op = on_op
        # The last operation that was told, for each page that shows this stage.
        self._told: dict[str, int] = {}
        super().__init__()
        self.observe(self._heard, "intent")

    def show(self, **views: object) -> None:
        """Send some views to the page."""
        with self._lock:
            for name, view in views.items():
                setattr(self, name, view)

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """What the page says; it may say only what it wants."""
        with self._lock:
            super().set_state({name: sync_data[name] for name in sync_data if name == "intent"})

    def _heard(self, change: dict[str, Any]) -> None:
        """Tell each operation once: the page repeats the latest, for messages may be skipped."""
        page, ops = change["new"].get("page"), change["new"].get("ops")
        if not isinstance(page, str) or not isinstance(ops, list):
            return
        for op in ops:
            number = op.get("seq") if isinstance(op, dict) else None
            if isinstance(number, int) and number > self._told.get(page, 0):
                self._told[page] = number
                self._on_op(op)
