"""The budget of a training: an amount, and whether it is in seconds or in epochs."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets

from cnnwidget.training.recipe import Recipe
from cnnwidget.training.setting import Control


class BudgetControls:
    """Two widgets that stand for the settings `seconds` and `epochs`, of which one is None.

    Args:
        control: label, limits and tooltip of the amount.
        seconds: the amount at first.
        css_class: of the box of both.
    """

    def __init__(self, control: Control, seconds: float, css_class: str) -> None:
        self.amount = widgets.BoundedFloatText(
            value=seconds,
            min=control.low,
            max=control.high,
            description=control.label,
            tooltip=control.tooltip,
        )
        self.unit = widgets.Dropdown(
            options=("seconds", "epochs"), tooltip="seconds, or passes over the training windows"
        )
        self.box = widgets.HBox([self.amount, self.unit])
        self.box.add_class(css_class)

    @property
    def arguments(self) -> dict[str, Any]:
        """The arguments `epochs` and `seconds` of `cw.train`."""
        if self.unit.value == "epochs":
            return {"epochs": max(1, round(self.amount.value)), "seconds": None}
        return {"epochs": None, "seconds": float(self.amount.value)}

    def show(self, recipe: Recipe) -> None:
        """Show the budget of a recipe."""
        self.unit.value = "seconds" if recipe.epochs is None else "epochs"
        self.amount.value = recipe.seconds if recipe.epochs is None else recipe.epochs
