"""The layout of the controls: groups, with what is seldom needed folded away."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any

import ipywidgets as widgets

from cnnwidget.panel.controls.check_controls import CheckControls
from cnnwidget.panel.controls.data_controls import DataControls
from cnnwidget.panel.controls.design_controls import DesignControls
from cnnwidget.panel.controls.preset_controls import PresetControls
from cnnwidget.panel.controls.training_controls import TrainingControls


def arranged(
    data: DataControls,
    presets: PresetControls,
    controls: DesignControls,
    settings: TrainingControls,
    checks: CheckControls,
) -> widgets.VBox:
    """Return all controls, in the order in which a person needs them."""
    more = folded("more of the design", controls.rows(folded=True))
    rest = folded("more of the training", settings.folded())
    controls.box.children = [*controls.rows(folded=False), more]
    box = widgets.VBox(
        [
            group("Data", data.rows()),
            group("Design", [*presets.rows(), controls.origin, controls.box]),
            group("Training", [*settings.rows(beside_rate=checks.rate), checks.fold, rest]),
        ]
    )
    box.add_class("cnnwidget-controls")
    return box


def group(name: str, rows: list[Any]) -> widgets.VBox:
    """Return controls under a heading."""
    heading = widgets.HTML(escape(name))
    heading.add_class("cnnwidget-heading")
    box = widgets.VBox([heading, *rows])
    box.add_class("cnnwidget-group")
    return box


def folded(name: str, rows: list[Any]) -> widgets.Accordion:
    """Return controls that are folded away until a click."""
    box = widgets.Accordion([widgets.VBox(rows)], titles=(name,), selected_index=None)
    box.add_class("cnnwidget-folded")
    return box


def parts_of(widget: Any) -> Iterator[Any]:
    """Yield all widgets below this one, with their layouts and styles."""
    for child in getattr(widget, "children", ()):
        yield from parts_of(child)
        yield child
    for name in ("layout", "style"):
        look = getattr(widget, name, None)
        if isinstance(look, widgets.Widget):
            yield look
