"""The controls of the checks: find a learning rate, overfit one batch, sweep one setting."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import ipywidgets as widgets

from cnnwidget.data.frames import Frames
from cnnwidget.design.design_types import Design
from cnnwidget.panel.controls.budget_controls import BudgetControls
from cnnwidget.panel.controls.sweep_values import (
    format_values,
    parse_values,
    suggested_values,
    sweep_fields,
)
from cnnwidget.panel.controls.widget_factory import enable_if
from cnnwidget.training.recipe import BUDGET, SWEEP_SECONDS
from cnnwidget.training.tasks.task_table import task_named


class Subject(NamedTuple):
    """A design, its data and the settings of the training, with a batch size."""

    design: Design
    frames: Frames
    settings: dict[str, Any]


class CheckControls:
    """The buttons of the checks, and the field, the values and the budget of a sweep.

    Args:
        on_press: called with the check of a button: `rate`, `batch` or `sweep`.
        subject: returns the present subject of a check.
        guarded: wraps a callback of a widget, so that its errors are shown.
    """

    def __init__(
        self,
        on_press: Callable[[str], None],
        subject: Callable[[], Subject],
        guarded: Callable[[Callable[..., None]], Callable[..., None]],
    ) -> None:
        self.subject = subject
        # The last suggestion; other values were typed by a person and stay.
        self._suggestion = ""
        self.rate = widgets.Button(
            description="find",
            tooltip="find a learning rate: some batches, each with a larger one; sets nothing",
        )
        self.batch = widgets.Button(
            description="overfit one batch",
            tooltip="the first check: can the network learn a single batch by heart? 5 seconds",
        )
        self.field = widgets.Dropdown(
            description="sweep", tooltip="one setting of the design or of the training"
        )
        self.values = widgets.Text(
            description="values",
            continuous_update=False,
            tooltip="two to twelve values with commas, as 3, 5, 7; each is trained once",
        )
        self.budget = BudgetControls(
            BUDGET._replace(label="each for", tooltip="how long"), SWEEP_SECONDS, "cnnwidget-each"
        )
        self.sweep = widgets.Button(
            description="sweep", tooltip="train each value; the runs come to the others below"
        )
        self.fold = widgets.Accordion(
            [widgets.VBox([self.batch, self.field, self.values, self.budget.box, self.sweep])],
            titles=("checks and sweeps",),
            selected_index=None,
        )
        self.fold.add_class("cnnwidget-folded")
        for name, button in self.buttons.items():
            button.on_click(guarded(lambda _, name=name: on_press(name)))
        self.fold.observe(guarded(lambda _: self.refresh()), "selected_index")
        self.field.observe(guarded(lambda _: self.suggest()), "value")

    @property
    def buttons(self) -> dict[str, Any]:
        """The buttons by the names of their checks."""
        return {"rate": self.rate, "batch": self.batch, "sweep": self.sweep}

    def enable(self, *, usable: bool) -> None:
        """Switch all buttons on or off."""
        for button in self.buttons.values():
            enable_if(button, usable=usable)

    def refresh(self) -> None:
        """Offer the fields of the present design, if the controls are unfolded."""
        if self.fold.selected_index is None:
            return
        subject = self.subject()
        fields = sweep_fields(subject.design, task_named(subject.settings["task"]))
        if self.field.options != fields:
            chosen = self.field.value
            self.field.options = fields
            self.field.value = chosen if chosen in fields else fields[0]
        if self.values.value in {self._suggestion, ""}:
            self.suggest()

    def suggest(self) -> None:
        """Write suggested values of the field into the box of the values."""
        if self.field.value is None:
            return
        design, frames, settings = self.subject()
        self._suggestion = format_values(
            suggested_values(design, frames, self.field.value, settings)
        )
        self.values.value = self._suggestion

    @property
    def sweep_request(self) -> tuple[str, list[Any]]:
        """The field of a sweep and its values.

        Raises:
            CnnwidgetError: if they cannot be read.
        """
        return self.field.value, parse_values(self.field.value, self.values.value)
