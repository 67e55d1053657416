"""`Stage`: the one widget that shows every view. Python sends, the page draws."""

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
    """The views as data for the scripts in `static`, and the operations that the page asks for.

    Every view has one writer. The drawing thread writes `plan_view`, what belongs to it (facts,
    diagram, problems) and the data. The training thread writes `fit_view` and its frames, the pane
    of runs `runs_view` and `run_curves`, and the page `intent`. Assignments and messages of the
    page take one lock, since ipywidgets is not safe against both at once.

    Args:
        on_op: called with each operation of the page, once and in order. The lock is not held, so
            that it may wait for a thread that shows something. It must return soon: the next
            message of the page waits.
    """

    _esm = joined_script()
    _css = joined_sheet()

    plan_view = Dict().tag(sync=True)
    facts_view = Dict().tag(sync=True)
    problems_view = Dict().tag(sync=True)
    diagram_view = Dict().tag(sync=True)
    fit_view = Dict().tag(sync=True)
    frames_view = Dict().tag(sync=True)
    truth = Bytes().tag(sync=True)
    prediction = Bytes().tag(sync=True)
    further_pictures = Bytes().tag(sync=True)
    data_view = Dict().tag(sync=True)
    data_frames = Bytes().tag(sync=True)
    colours = Bytes().tag(sync=True)
    messages_view = Dict().tag(sync=True)
    checks_view = Dict().tag(sync=True)
    runs_view = Dict().tag(sync=True)
    run_curves = Dict().tag(sync=True)
    intent = Dict().tag(sync=True)

    def __init__(self, on_op: Callable[[Op], None]) -> None:
        self._lock, self._passing_on = RLock(), Lock()
        self._on_op = on_op
        # The number of the last operation that was received, for each page that shows this stage.
        self._last: dict[str, int] = {}
        self._received: deque[Op] = deque()  # and not passed on yet
        super().__init__()
        self.observe(self._receive, "intent")

    def show(self, **views: object) -> None:
        """Send views to the page, by their names."""
        with self._lock:
            for name, view in views.items():
                setattr(self, name, view)

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Receive a message of the page, which may set nothing but `intent`."""
        with self._lock:
            super().set_state({name: sync_data[name] for name in sync_data if name == "intent"})
        with self._passing_on:
            while self._received:
                self._on_op(self._received.popleft())

    def _receive(self, change: dict[str, Any]) -> None:
        """Queue each new operation. The page repeats the latest ones, for messages may be lost."""
        page, ops = change["new"].get("page"), change["new"].get("ops")
        if not isinstance(page, str) or not isinstance(ops, list):
            return
        for op in ops:
            number = op.get("seq") if isinstance(op, dict) else None
            if isinstance(number, int) and number > self._last.get(page, 0):
                self._last[page] = number
                self._received.append(op)
