"""`Stage`: the one widget that shows every view; the page draws, Python only sends."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from threading import Lock, RLock
from typing import Any

import anywidget
from traitlets import Bytes, Dict

from cnnwidget.panel.static_files import joined_script, joined_sheet

Op = dict[str, Any]


class Stage(anywidget.AnyWidget):
    """Views as data for the scripts in `static`, and what the page wants as operations.

    Every view has one writer: the drawing thread writes `plan_view` and what belongs to it
    (facts, diagram, notes) and the data, the training thread `fit_view` and the frames, the tray
    `runs_view` and `run_curves`, the page `intent`. Assignments and messages from the page take one
    lock, since ipywidgets is not safe against both at once.

    Args:
        on_op: told each operation of the page once, in order, and without the lock: it may wait for
            a thread that shows something. It must return soon, for the page's next message waits.
    """

    _esm = joined_script()
    _css = joined_sheet()

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
        self._lock, self._telling = RLock(), Lock()
        self._on_op = on_op
        # The last operation that was heard, for each page that shows this stage.
        self._last: dict[str, int] = {}
        self._heard: deque[Op] = deque()  # and is not told yet
        super().__init__()
        self.observe(self._hear, "intent")

    def show(self, **views: object) -> None:
        """Send some views to the page."""
        with self._lock:
            for name, view in views.items():
                setattr(self, name, view)

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """What the page says; it may say only what it wants."""
        with self._lock:
            super().set_state({name: sync_data[name] for name in sync_data if name == "intent"})
        with self._telling:
            while self._heard:
                self._on_op(self._heard.popleft())

    def _hear(self, change: dict[str, Any]) -> None:
        """Note each operation once: the page repeats the latest, for messages may be skipped."""
        page, ops = change["new"].get("page"), change["new"].get("ops")
        if not isinstance(page, str) or not isinstance(ops, list):
            return
        for op in ops:
            number = op.get("seq") if isinstance(op, dict) else None
            if isinstance(number, int) and number > self._last.get(page, 0):
                self._last[page] = number
                self._heard.append(op)
