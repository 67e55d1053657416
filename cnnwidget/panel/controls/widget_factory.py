"""The widgets of a control, for the fields of a design and for settings, and writing into them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import ipywidgets as widgets

from cnnwidget.panel.controls.design_fields import MOST_AXES
from cnnwidget.training.setting import Control

WIDGETS = {
    "slider": widgets.IntSlider,
    "axes": widgets.IntSlider,
    "int": widgets.BoundedIntText,
    "float": widgets.BoundedFloatText,
    "choice": widgets.Dropdown,
    "scale": widgets.SelectionSlider,
    "several": widgets.SelectMultiple,
    "checkbox": widgets.Checkbox,
    "text": widgets.Combobox,
}


def make_widgets(control: Control) -> list[Any]:
    """Return the widgets of a control: one, or one slider for each axis.

    Example:
        >>> len(make_widgets(Control("kernel", "axes", 1, 15)))
        3
    """
    return [make_widget(control) for _ in range(MOST_AXES if control.kind == "axes" else 1)]


def make_widget(control: Control) -> Any:
    """Return one widget of a control.

    Args:
        control: of any kind but `budget`, which is two widgets; see `BudgetControls`.

    Example:
        >>> seed = make_widget(Control("seed", "int", 0, 99))
        >>> type(seed).__name__, seed.description, seed.max
        ('BoundedIntText', 'seed', 99)
    """
    arguments: dict[str, Any] = {"description": control.label, "tooltip": control.tooltip or None}
    kind = control.kind
    if kind in {"slider", "axes", "int", "float"}:
        arguments |= {"value": control.low, "min": control.low, "max": control.high}
    if kind == "float":
        arguments["step"] = control.step
    if kind in {"choice", "scale"}:
        arguments["options"] = labelled(control.options)
    if kind == "several":
        arguments |= {"options": control.options, "rows": len(control.options)}
    if kind == "checkbox":
        arguments["indent"] = False
    if kind == "text":
        arguments |= {
            "options": control.options,
            "continuous_update": False,
            "ensure_option": False,
            "placeholder": control.placeholder,
        }
    return WIDGETS[kind](**arguments)


def labelled(options: tuple[Any, ...]) -> list[tuple[str, Any]]:
    """Return options as pairs of a label and a value.

    Example:
        >>> labelled(("auto", 0.01, ("the frames", False)))
        [('auto', 'auto'), ('0.01', 0.01), ('the frames', False)]
    """
    return [each if isinstance(each, tuple) else (label_of(each), each) for each in options]


def label_of(value: Any) -> str:
    """Return the label of a value: floats without trailing zeros."""
    return f"{value:g}" if isinstance(value, float) else str(value)


def put(widget: Any, value: Any) -> None:
    """Give a widget a value, and extend its range to it; an equal value changes nothing."""
    if widget.value == value:
        return
    if hasattr(widget, "max") and value > widget.max:
        widget.max = value
    widget.value = value


def choose(widget: Any, value: Any, label: str) -> None:
    """Choose a value, and add an option for it if there is none; numbers stay in their order."""
    if value not in [option for _, option in widget.options]:
        options = [*widget.options, (label, value)]
        if isinstance(value, float):
            options.sort(key=lambda option: (not isinstance(option[1], str), option[1]))
        widget.options = options
    widget.value = value


def show_if(widget: Any, *, visible: bool) -> None:
    """Show or hide a widget, which takes far less time than making it."""
    display = None if visible else "none"
    if widget.layout.display != display:
        widget.layout.display = display


def relabel(widget: Any, label: str) -> None:
    """Change the text before a widget."""
    if widget.description != label:
        widget.description = label


def enable_if(widget: Any, *, usable: bool) -> None:
    """Switch a widget on or off."""
    if widget.disabled == usable:
        widget.disabled = not usable


class QuietWriting:
    """Controls whose callbacks ignore what code writes into the widgets.

    Attributes:
        writing: whether code is writing into the widgets, so that no person has chosen that.
    """

    writing = False

    @contextmanager
    def quietly(self) -> Iterator[None]:
        """Write into the widgets without a person having chosen anything."""
        before, self.writing = self.writing, True
        try:
            yield
        finally:
            self.writing = before
