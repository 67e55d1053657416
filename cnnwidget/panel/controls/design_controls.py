"""The widgets of a design's fields, and the way between them and a design."""

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
    enable_if,
    make_widgets,
    put,
    relabel,
    show_if,
)


class DesignControls:
    """The widgets of the table, and the way between them and a design.

    Args:
        on_change: told a field and its new value when a person has changed it.
        guarded: wraps what a widget calls, so that its errors are shown.
    """

    def __init__(
        self,
        on_change: Callable[[str, Any], None],
        guarded: Callable[[Callable[..., None]], Callable[..., None]],
    ) -> None:
        self.on_change = on_change
        self.design: EncoderDecoder | None = None
        self.writing = False
        # Boxes whose text is no value: it stays, to be corrected, as long as the design does.
        self.refused: set[Any] = set()
        self.box = widgets.VBox()
        self.box.add_class("cnnwidget-group")
        self.without = widgets.HTML()
        self.without.add_class("cnnwidget-caption")
        self.without.layout.display = "none"
        self.widgets: dict[str, list[Any]] = {}
        # With one slider for all axes unless they are to differ.
        self.apart = widgets.Checkbox(
            value=False,
            description="each axis apart",
            indent=False,
            tooltip="kernel, stride and dilation of their own for each axis",
        )
        for field in DESIGN_FIELDS:
            made = self.widgets[field.name] = make_widgets(field.control)
            for position, each in enumerate(made):
                each.observe(guarded(self.heard(field, position)), "value")
        self.by_hand = widgets.Text(
            description="stages",
            continuous_update=False,
            tooltip="channels of each encoder stage, as 16, 32, 64",
        )
        self.by_hand.observe(guarded(self.heard_by_hand), "value")
        self.apart.observe(guarded(self.heard_apart), "value")

    def rows(self, *, folded: bool) -> list[Any]:
        """The widgets in the order of the table."""
        rows: list[Any] = []
        for field in DESIGN_FIELDS:
            if field.control.folded == folded:
                rows += self.widgets[field.name]
                if field.name == "channels":
                    rows.append(self.by_hand)
                if field.name == "dilation":
                    rows.append(self.apart)
        return rows

    def heard(self, field: DesignField, position: int) -> Callable[[dict[str, Any]], None]:
        """What a change of one widget means."""

        def changed(change: dict[str, Any]) -> None:
            if self.writing or self.design is None:
                return
            new = change["new"]
            if field.control.kind == "axes":
                known = list(per_axis(getattr(self.design, field.name), self.axes))
                if field.name == "input_size" or self.apart.value:
                    known[position] = new
                else:
                    known = [new] * self.axes
                self.on_change(field.name, tuple(known))
            elif field.control.kind == "text":
                self.typed(field.name, change["owner"], new)
            elif field.name == "channels" and new == BY_HAND:
                # The law's own numbers, to be changed in the box that appears.
                self.on_change("channels", channels_of_encoder(self.design)[1:])
            else:
                self.on_change(field.name, new)

        return changed

    def heard_by_hand(self, change: dict[str, Any]) -> None:
        """Channels typed stage by stage."""
        if not self.writing:
            self.typed("channels", self.by_hand, change["new"])

    def typed(self, field: str, box: Any, text: str) -> None:
        """A value that was typed; what is none stays in its box, to be corrected."""
        self.refused.add(box)
        self.on_change(field, read_text(field, text))
        self.refused.discard(box)

    def heard_apart(self, change: dict[str, Any]) -> None:
        """One slider for all axes, or one each."""
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
        """Move every control to what a design says; those that say it already are left alone."""
        if design != self.design:
            self.refused.clear()
        self.design = design
        differ = any(
            len(set(per_axis(getattr(design, field), self.axes))) > 1
            for field in ("kernel_size", "stride", "dilation")
        )
        self.writing = True
        try:
            if differ:
                self.apart.value = True
            for field in DESIGN_FIELDS:
                self.write(field, getattr(design, field.name))
            by_hand = isinstance(design.channels, tuple)
            show_if(self.by_hand, visible=by_hand)
            if by_hand:
                self.put_text(self.by_hand, "channels", design.channels)
            show_if(self.apart, visible=self.axes > 1)
            self.enable(design)
        finally:
            self.writing = False

    def enable(self, design: Design) -> None:
        """Switch off what a design does not look at: of a network that is no family, everything."""
        ours = isinstance(design, EncoderDecoder)
        for field in DESIGN_FIELDS:
            used = isinstance(design, EncoderDecoder) and field.used(design)
            for widget in self.widgets[field.name]:
                enable_if(widget, usable=used)
        enable_if(self.by_hand, usable=ours)
        enable_if(self.apart, usable=ours)
        show_if(self.box, visible=ours)
        show_if(self.without, visible=not ours)
        if not ours:
            self.refused.clear()

    def tell_origin(self, made: str) -> None:
        """Say of a network that has no sliders how it is made in code."""
        text = f"This network has no sliders; it is made in code, as {made}."
        if self.without.value != escape(text, quote=False):
            self.without.value = escape(text, quote=False)

    def put_text(self, box: Any, field: str, value: Any) -> None:
        """Write what the design says into a box, unless what is typed there is to be corrected."""
        if box not in self.refused:
            put(box, write_text(field, value))

    def write(self, field: DesignField, value: Any) -> None:
        """Move the widgets of one field."""
        made = self.widgets[field.name]
        if field.control.kind == "axes":
            numbers = per_axis(value, self.axes)
            several = field.name == "input_size" or self.apart.value
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
            self.put_text(made[0], field.name, value)
        elif field.name == "channels":
            put(made[0], BY_HAND if isinstance(value, tuple) else value)
        else:
            put(made[0], value)
