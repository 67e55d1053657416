"""The widgets of the data, and which of them are visible; `data_controls` says what they do."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets

from cnnwidget.data.samples.library import SAMPLES
from cnnwidget.panel.controls.data_sources import FOLDERS, KINDS, UPLOADED
from cnnwidget.panel.controls.widget_factory import QuietWriting, enable_if, put, show_if

VARIABLE, PATH, UPLOAD = "a variable", "a file by its path", "an upload"
# What the dropdown says where there is no variable to choose.
NO_VARIABLE = "none in this notebook"
# The server refuses a longer message and closes the connection, so the page refuses it first.
LARGEST_UPLOAD = 7_000_000
# A slider with more steps is too fine for a mouse.
MOST_STEPS = 60


class DataWidgets(QuietWriting):
    """The controls of the data, from top to bottom.

    Attributes:
        needs_length: whether the source has no spatial axis, so that frames need a length.
    """

    def __init__(self) -> None:
        self.needs_length = False
        self.source = widgets.Dropdown(
            options=(*SAMPLES, VARIABLE, PATH, UPLOAD),
            value=None,
            description="data",
            tooltip="what the network is trained on",
        )
        self.variable = widgets.Dropdown(
            options=(),
            description="variable",
            tooltip="arrays, tensors, xarray data and lists of images of this notebook",
        )
        self.path = widgets.Text(
            description="path",
            placeholder="ice.nc, film.mp4, images/",
            continuous_update=False,
            tooltip=f"{KINDS}; {FOLDERS}; of several arrays in one as channels: file.nc::u, v",
        )
        self.upload = widgets.FileUpload(
            accept=UPLOADED,
            multiple=False,
            description="choose a file",
            tooltip=f"{KINDS}; up to {LARGEST_UPLOAD // 1_000_000} MB, larger files by their path",
        )
        self.member = widgets.Dropdown(
            options=(), description="array", tooltip="which of several arrays in one source"
        )
        self.axes = widgets.Text(
            description="axes",
            placeholder="T H W",
            continuous_update=False,
            tooltip="what the axes are, in their order: T time, C channels, L or H W space; empty "
            "is T L, T H W or T C H W by their number",
        )
        self.frame_len = widgets.Text(
            description="frame length",
            placeholder="24",
            continuous_update=False,
            tooltip="of a series without space, a sound or a single place: how many steps make a "
            "frame",
        )
        self.missing = widgets.Dropdown(
            options=(
                ("refuse them", "refuse"),
                ("leave them out", "leave out"),
                ("fill them", "fill"),
            ),
            value="refuse",
            description="missing values",
            tooltip="leave them out of losses and errors, or fill each with the last value known "
            "before at its place",
        )
        self.again = widgets.Button(
            description="read again", tooltip="take the variable or the file as it is now"
        )
        self.history = widgets.IntSlider(
            min=1, max=20, description="history", tooltip="frames that the network is given"
        )
        self.horizon = widgets.IntSlider(
            min=1, max=20, description="horizon", tooltip="frames that it is to forecast"
        )
        self.missing.layout.display = "none"
        self.show_widgets_of(None)

    def rows(self) -> list[Any]:
        """Return the widgets from top to bottom."""
        return [
            self.source,
            self.variable,
            self.path,
            self.upload,
            self.member,
            self.axes,
            self.frame_len,
            self.missing,
            self.again,
            self.history,
            self.horizon,
        ]

    def show_lengths(self, history: int, horizon: int, steps: int) -> None:
        """Move the two sliders to a history and a horizon.

        Args:
            history: in frames.
            horizon: in frames.
            steps: the frames of the data, which limit the sliders.
        """
        with self.quietly():
            for slider, value in ((self.history, history), (self.horizon, horizon)):
                most = max(value, min(MOST_STEPS, steps // 2))
                if slider.max != most:
                    slider.max = most
                put(slider, value)

    def enable_lengths(self, *, usable: bool, visible: bool) -> None:
        """Switch the two sliders on or off, or hide them.

        Args:
            usable: off for a design without sliders, which has fixed lengths.
            visible: hidden for a task without lengths.
        """
        for slider in (self.history, self.horizon):
            show_if(slider, visible=visible)
            enable_if(slider, usable=usable)

    def offer_variables(self, names: list[str]) -> None:
        """Offer these variables, or say that there is none; the chosen one stays chosen."""
        offered: list[Any] = names or [(NO_VARIABLE, None)]
        chosen = self.variable.value
        if offered != list(self.variable.options):
            with self.quietly():
                self.variable.options = offered
                self.variable.value = chosen if chosen in names else None

    def offer_treatment(self, *, missing: bool) -> None:
        """Show the choice for missing values where there are any, or were before a treatment."""
        show_if(self.missing, visible=missing or self.missing.value != "refuse")

    def show_widgets_of(self, source: str | None) -> None:
        """Show the widgets that a source needs, and hide those of the others."""
        own = source in {VARIABLE, PATH, UPLOAD}
        several = own and len(self.member.options) > 1
        for widget, visible in (
            (self.variable, source == VARIABLE),
            (self.path, source == PATH),
            (self.upload, source == UPLOAD),
            (self.member, several),
            (self.axes, own),
            (self.frame_len, own and (self.needs_length or bool(self.frame_len.value))),
            (self.again, source in {VARIABLE, PATH}),
        ):
            show_if(widget, visible=visible)
