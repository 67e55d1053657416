"""Designs of the literature to begin from: a choice, and what there is to see in the chosen one."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

import ipywidgets as widgets

from cnnwidget.data.frames import Frames
from cnnwidget.design.design_types import Design
from cnnwidget.design.presets.presets import presets
from cnnwidget.training.match import usual_design

OWN, USUAL = "", "usual"
USUAL_NAME = "usual net"

Choices = tuple[tuple[str, str], ...]


class PresetControls:
    """A dropdown that says which preset a design is, and makes a design one.

    Args:
        on_choice: told the name of what a person has chosen; that of one's own is empty.
        guarded: wraps what a widget calls, so that its errors are shown.
    """

    def __init__(
        self,
        on_choice: Callable[[str], None],
        guarded: Callable[[Callable[..., None]], Callable[..., None]],
    ) -> None:
        self.on_choice = on_choice
        self.shown = OWN
        self.writing = False
        self.choice = widgets.Dropdown(
            options=options(own=True),
            description="preset",
            tooltip="designs to begin from: the usual net for these data, or one of the "
            "literature; — is your own one, as you left it",
        )
        self.choice.add_class("cnnwidget-above")
        self.caption = widgets.HTML()
        self.caption.add_class("cnnwidget-caption")
        self.caption.layout.display = "none"
        self.choice.observe(guarded(self.heard), "value")

    def rows(self) -> list[Any]:
        """The widgets from top to bottom."""
        return [self.choice, self.caption]

    def heard(self, change: dict[str, Any]) -> None:
        """A person has chosen a preset, or the design of their own as they left it."""
        chosen = change["new"]
        if self.writing or chosen == self.shown:
            return
        try:
            self.on_choice(chosen)
        finally:
            self.put(self.choice.options)

    def show(self, name: str, *, own: bool) -> None:
        """Say which preset a design is, and where that comes from.

        Args:
            name: of the preset; empty for a design of one's own.
            own: whether there is a design of one's own to come back to.
        """
        self.shown = name
        self.put(options(own=own or name == OWN))
        caption = "" if self.shown in {OWN, USUAL} else told(self.shown)
        if self.caption.value != caption:
            self.caption.value = caption
            self.caption.layout.display = None if caption else "none"

    def put(self, choices: Choices) -> None:
        """Offer these choices, with that of the design that is shown."""
        before, self.writing = self.writing, True
        try:
            if self.choice.options != choices:
                self.choice.options = choices
            if self.choice.value != self.shown:
                self.choice.value = self.shown
        finally:
            self.writing = before


def options(*, own: bool) -> Choices:
    """What can be chosen, as title and name."""
    titles = ((presets.about(name).title, name) for name in presets)
    return ((("—", OWN),) if own else ()) + ((USUAL_NAME, USUAL), *titles)


def named(design: Design, frames: Frames) -> str:
    """Which choice a design is."""
    if design == usual_design(frames):
        return USUAL
    alike = (name for name in presets if presets[name] == design)
    return next(alike, OWN)


def told(name: str) -> str:
    """What a preset teaches, and its paper, as HTML."""
    about = presets.about(name)
    link = escape(about.link, quote=True)
    paper = f"{escape(about.paper)}, {about.year}"
    source = f'<a href="{link}" target="_blank" rel="noopener noreferrer">{paper}</a>'
    differs = f" {escape(about.differs)}" if about.differs else ""
    return f"{escape(about.teaches)}{differs} {source}"
