"""The controls of the design: widgets that show its fields and ask for changes."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

import ipywidgets as widgets

from cnnwidget.design.axes import per_axis
from cnnwidget.design.design_types import Design
from cnnwidget.design.families.channels import channels_of_encoder
from cnnwidget.design.families.encoder_decoder import EncoderDecoder
from cnnwidget.panel.controls.design_fields import AXES, BY_HAND, DESIGN_FIELDS, DesignField
from cnnwidget.panel.controls.typed_values import read_text, write_text
from cnnwidget.panel.controls.widget_factory import (
    QuietWriting,
    enable_if,
    make_widgets,
    put,
    relabel,
    show_if,
)


class DesignControls(QuietWriting):
    """The widgets of all fields of a design.

    Args:
        on_change: called with a field and its new value when a person has changed it.
        guarded: wraps a callback of a widget, so that its errors are shown.

    Attributes:
        design: the design that is shown; None before the first one.
        widgets: of each field, by its name.
        separate_axes: whether kernel, stride and dilation have a slider for each axis.
        manual_channels: the channels of each stage, as typed by a person.
        origin: a sentence on how a network that has no sliders is made in code.
        box: all widgets of the design, hidden for a network that has no sliders.
    """

    def __init__(
        self,
        on_change: Callable[[str, Any], None],
        guarded: Callable[[Callable[..., None]], Callable[..., None]],
    ) -> None:
        self.on_change = on_change
        self.design: EncoderDecoder | None = None
        # Boxes whose text is not valid: it stays, to be corrected, until the design changes.
        self.invalid_boxes: set[Any] = set()
        self.box = widgets.VBox()
        self.box.add_class("cnnwidget-group")
        self.origin = widgets.HTML()
        self.origin.add_class("cnnwidget-caption")
        self.origin.layout.display = "none"
        self.widgets: dict[str, list[Any]] = {}
        self.separate_axes = widgets.Checkbox(
            value=False,
            description="each axis apart",
            indent=False,
            tooltip="kernel, stride and dilation of their own for each axis",
        )
        for field in DESIGN_FIELDS:
            made = self.widgets[field.name] = make_widgets(field.control)
            for position, each in enumerate(made):
                each.observe(guarded(self.callback_of(field, position)), "value")
        self.manual_channels = widgets.Text(
            description="stages",
            continuous_update=False,
            tooltip="channels of each encoder stage, as 16, 32, 64",
        )
        self.manual_channels.observe(guarded(self.manual_channels_changed), "value")
        self.separate_axes.observe(guarded(self.separate_axes_changed), "value")

    def rows(self, *, folded: bool) -> list[Any]:
        """Return the widgets that are folded away, or the others, in the order of the table."""
        rows: list[Any] = []
        for field in DESIGN_FIELDS:
            if field.control.folded == folded:
                rows += self.widgets[field.name]
                if field.name == "channels":
                    rows.append(self.manual_channels)
                if field.name == "dilation":
                    rows.append(self.separate_axes)
        return rows

    def callback_of(self, field: DesignField, position: int) -> Callable[[dict[str, Any]], None]:
        """Return the callback for a change of one widget of a field."""

        def changed(change: dict[str, Any]) -> None:
            if self.writing or self.design is None:
                return
            new = change["new"]
            if field.control.kind == "axes":
                known = list(per_axis(getattr(self.design, field.name), self.axes))
                if field.name == "input_size" or self.separate_axes.value:
                    known[position] = new
                else:
                    known = [new] * self.axes
                self.on_change(field.name, tuple(known))
            elif field.control.kind == "text":
                self.read_box(field.name, change["owner"], new)
            elif field.name == "channels" and new == BY_HAND:
                # The numbers of the law, to be changed in the box that appears.
                self.on_change("channels", channels_of_encoder(self.design)[1:])
            else:
                self.on_change(field.name, new)

        return changed

    def manual_channels_changed(self, change: dict[str, Any]) -> None:
        """Read the channels that a person has typed."""
        if not self.writing:
            self.read_box("channels", self.manual_channels, change["new"])

    def read_box(self, field: str, box: Any, text: str) -> None:
        """Read a typed value; an invalid text stays in its box, to be corrected."""
        self.invalid_boxes.add(box)
        self.on_change(field, read_text(field, text))
        self.invalid_boxes.discard(box)

    def separate_axes_changed(self, change: dict[str, Any]) -> None:
        """Show one slider for all axes, or one for each."""
        if self.writing or self.design is None:
            return
        self.show(self.design)
        if not change["new"]:
            for field in ("kernel_size", "stride", "dilation"):
                value = getattr(self.design, field)
                if len(set(per_axis(value, self.axes))) > 1:
                    self.on_change(field, per_axis(value, self.axes)[:1] * self.axes)

    @property
    def axes(self) -> int:
        """The number of spatial axes of the design that is shown."""
        assert self.design is not None
        return len(self.design.input_size)

    def show(self, design: EncoderDecoder) -> None:
        """Show a design; widgets that have its values already do not change."""
        if design != self.design:
            self.invalid_boxes.clear()
        self.design = design
        differ = any(
            len(set(per_axis(getattr(design, field), self.axes))) > 1
            for field in ("kernel_size", "stride", "dilation")
        )
        with self.quietly():
            if differ:
                self.separate_axes.value = True
            for field in DESIGN_FIELDS:
                self.show_field(field, getattr(design, field.name))
            manual = isinstance(design.channels, tuple)
            show_if(self.manual_channels, visible=manual)
            if manual:
                self.write_box(self.manual_channels, "channels", design.channels)
            show_if(self.separate_axes, visible=self.axes > 1)
            self.enable(design)

    def enable(self, design: Design) -> None:
        """Switch off the widgets of fields that a design does not look at.

        A network that is no `EncoderDecoder` looks at none.
        """
        has_sliders = isinstance(design, EncoderDecoder)
        for field in DESIGN_FIELDS:
            used = isinstance(design, EncoderDecoder) and field.used(design)
            for widget in self.widgets[field.name]:
                enable_if(widget, usable=used)
        enable_if(self.manual_channels, usable=has_sliders)
        enable_if(self.separate_axes, usable=has_sliders)
        show_if(self.box, visible=has_sliders)
        show_if(self.origin, visible=not has_sliders)
        if not has_sliders:
            self.invalid_boxes.clear()

    def show_origin(self, made: str) -> None:
        """Say how a network that has no sliders is made in code."""
        text = f"This network has no sliders; it is made in code, as {made}."
        if self.origin.value != escape(text, quote=False):
            self.origin.value = escape(text, quote=False)

    def write_box(self, box: Any, field: str, value: Any) -> None:
        """Write a value into a box, unless a text there is to be corrected."""
        if box not in self.invalid_boxes:
            put(box, write_text(field, value))

    def show_field(self, field: DesignField, value: Any) -> None:
        """Show the value of one field."""
        made = self.widgets[field.name]
        if field.control.kind == "axes":
            numbers = per_axis(value, self.axes)
            several = field.name == "input_size" or self.separate_axes.value
            for position, each in enumerate(made):
                visible = position < (self.axes if several else 1)
                show_if(each, visible=visible)
                if not visible:
                    continue
                name = AXES[self.axes][position]
                label = name if field.name == "input_size" else f"{field.control.label} {name}"
                relabel(each, label if several and self.axes > 1 else field.control.label)
                put(each, numbers[position])
        elif field.control.kind == "text":
            self.write_box(made[0], field.name, value)
        elif field.name == "channels":
            put(made[0], BY_HAND if isinstance(value, tuple) else value)
        else:
            put(made[0], value)
