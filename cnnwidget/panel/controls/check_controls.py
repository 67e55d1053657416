"""The controls of the checks: find a rate, learn one batch by heart, sweep one setting."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import ipywidgets as widgets

from cnnwidget.data.frames import Frames
from cnnwidget.design.design_types import Design
from cnnwidget.panel.controls.sweep_values import fields_of, proposed, read_values, write_values

# Of each value of a sweep; as `cnnwidget.training.checks.sweep` has it, which would bring torch.
SECONDS = 10.0


class Subject(NamedTuple):
    """What would be trained.

    Attributes:
        design: the design.
        frames: the data.
        settings: of the training, with a batch size.
    """

    design: Design
    frames: Frames
    settings: dict[str, Any]


class CheckControls:
    """Buttons, and what a sweep is told.

    Args:
        on_press: told which check is wanted: `rate`, `batch` or `sweep`.
        subject: what would be trained now.
        guarded: wraps what a widget calls, so that its errors are shown.
    """

    def __init__(
        self,
        on_press: Callable[[str], None],
        subject: Callable[[], Subject],
        guarded: Callable[[Callable[..., None]], Callable[..., None]],
    ) -> None:
        self.subject = subject
        # The values that were proposed last: others are a person's own and stay.
        self._proposed = ""
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
        self.amount = widgets.BoundedFloatText(
            value=SECONDS, min=1, max=1_000_000, description="each for", tooltip="how long"
        )
        self.unit = widgets.Dropdown(
            options=("seconds", "epochs"), tooltip="seconds, or passes over the training windows"
        )
        self.sweep = widgets.Button(
            description="sweep", tooltip="train each value; the runs come to the others below"
        )
        budget = widgets.HBox([self.amount, self.unit])
        budget.add_class("cnnwidget-each")
        self.fold = widgets.Accordion(
            [widgets.VBox([self.batch, self.field, self.values, budget, self.sweep])],
            titles=("checks and sweeps",),
            selected_index=None,
        )
        self.fold.add_class("cnnwidget-folded")
        for name, button in self.buttons.items():
            button.on_click(guarded(lambda _, name=name: on_press(name)))
        self.fold.observe(guarded(lambda _: self.refresh()), "selected_index")
        self.field.observe(guarded(lambda _: self.propose()), "value")

    @property
    def buttons(self) -> dict[str, Any]:
        """What can be pressed, by the check that it is for."""
        return {"rate": self.rate, "batch": self.batch, "sweep": self.sweep}

    def enable(self, *, usable: bool) -> None:
        """Switch all buttons on or off."""
        for button in self.buttons.values():
            if button.disabled == usable:
                button.disabled = not usable

    def refresh(self) -> None:
        """Offer what the design of now has to sweep, if anybody sees it."""
        if self.fold.selected_index is None:
            return
        fields = fields_of(self.subject().design)
        if self.field.options != fields:
            chosen = self.field.value
            self.field.options = fields
            self.field.value = chosen if chosen in fields else fields[0]
        if self.values.value in {self._proposed, ""}:
            self.propose()

    def propose(self) -> None:
        """Values of the field to begin with."""
        if self.field.value is None:
            return
        design, frames, settings = self.subject()
        self._proposed = write_values(proposed(design, frames, self.field.value, settings))
        self.values.value = self._proposed

    @property
    def asked(self) -> tuple[str, list[Any]]:
        """The field and its values.

        Raises:
            CnnwidgetError: if they cannot be read.
        """
        return self.field.value, read_values(self.field.value, self.values.value)

    @property
    def budget(self) -> dict[str, Any]:
        """How long each value is trained."""
        if self.unit.value == "epochs":
            return {"epochs": max(1, round(self.amount.value)), "seconds": None}
        return {"epochs": None, "seconds": float(self.amount.value)}
