"""The controls of the presets: a choice of designs of the literature, and a caption."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

import ipywidgets as widgets

from cnnwidget.design.presets.presets import presets
from cnnwidget.panel.controls.widget_factory import QuietWriting, show_if
from cnnwidget.panel.state.state import OWN, USUAL, State

USUAL_NAME = "usual net"

Choices = tuple[tuple[str, str], ...]


class PresetControls(QuietWriting):
    """A dropdown that says which preset the design is, and chooses another one.

    Args:
        on_choice: called with the name that a person has chosen, `OWN` and `USUAL` included.
        guarded: wraps a callback of a widget, so that its errors are shown.
    """

    def __init__(
        self,
        on_choice: Callable[[str], None],
        guarded: Callable[[Callable[..., None]], Callable[..., None]],
    ) -> None:
        self.on_choice = on_choice
        self.shown = OWN
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
        self.choice.observe(guarded(self.on_change), "value")

    def rows(self) -> list[Any]:
        """Return the widgets from top to bottom."""
        return [self.choice, self.caption]

    def on_change(self, change: dict[str, Any]) -> None:
        """Ask for the preset that a person has chosen."""
        if not self.writing and change["new"] != self.shown:
            self.on_choice(change["new"])

    def show(self, state: State) -> None:
        """Say which preset the design is, and where that comes from."""
        self.shown = state.preset
        self.write(options(own=state.own is not None or self.shown == OWN))
        caption = "" if self.shown in {OWN, USUAL} else caption_of(self.shown)
        if self.caption.value != caption:
            self.caption.value = caption
            show_if(self.caption, visible=bool(caption))

    def write(self, choices: Choices) -> None:
        """Offer these choices and select the one that is shown."""
        with self.quietly():
            if self.choice.options != choices:
                self.choice.options = choices
            if self.choice.value != self.shown:
                self.choice.value = self.shown


def options(*, own: bool) -> Choices:
    """Return what can be chosen, as titles and names.

    Args:
        own: whether there is an own design to return to.
    """
    titles = ((presets.about(name).title, name) for name in presets)
    return ((("—", OWN),) if own else ()) + ((USUAL_NAME, USUAL), *titles)


def caption_of(name: str) -> str:
    """Return what a preset teaches, with a link to its paper, as HTML."""
    about = presets.about(name)
    link = escape(about.link, quote=True)
    paper = f"{escape(about.paper)}, {about.year}"
    source = f'<a href="{link}" target="_blank" rel="noopener noreferrer">{paper}</a>'
    differs = f" {escape(about.differs)}" if about.differs else ""
    return f"{escape(about.teaches)}{differs} {source}"
