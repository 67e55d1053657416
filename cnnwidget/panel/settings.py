"""The controls of the training: a budget, a learning rate, and the rest folded away."""

from __future__ import annotations

from typing import Any, get_args

import ipywidgets as widgets

from cnnwidget.training.recipe import (
    DEFAULT_SECONDS,
    DeviceName,
    LossName,
    OptimizerName,
    ScheduleName,
)

AUTO = "auto"
RATES = (1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3, 1.0)
USUAL_RATE = 3e-3


class TrainingSettings:
    """Widgets, and what they say as the arguments of `cnnwidget.train`."""

    def __init__(self) -> None:
        self.amount = widgets.BoundedFloatText(
            value=DEFAULT_SECONDS,
            min=1,
            max=1_000_000,
            description="train for",
            tooltip="how long: seconds, or passes over the training windows",
        )
        self.unit = widgets.Dropdown(
            options=("seconds", "epochs"), tooltip="seconds, or passes over the training windows"
        )
        self.lr = widgets.SelectionSlider(
            options=[(f"{rate:g}", rate) for rate in RATES],
            value=USUAL_RATE,
            description="lr",
            tooltip="learning rate",
        )
        self.batch_size = widgets.Dropdown(
            options=(AUTO, *(1 << n for n in range(9))),
            description="batch",
            tooltip="windows a step; auto follows the number of windows and the design's costs",
        )
        self.device = widgets.Dropdown(
            options=get_args(DeviceName),
            description="device",
            tooltip="auto is a CUDA GPU where there is one",
        )
        self.loss = widgets.Dropdown(options=get_args(LossName), description="loss")
        self.optimizer = widgets.Dropdown(options=get_args(OptimizerName), description="optimizer")
        self.schedule = widgets.Dropdown(
            options=get_args(ScheduleName)[::-1], description="lr schedule"
        )
        self.clip = widgets.BoundedFloatText(
            value=1.0,
            min=0,
            max=1e6,
            step=0.5,
            description="clip norm",
            tooltip="the longest gradient that a step may follow; 0 is no limit",
        )
        self.seed = widgets.BoundedIntText(value=0, min=0, max=2**31 - 1, description="seed")

    def rows(self) -> list[Any]:
        """What is always seen."""
        budget = widgets.HBox([self.amount, self.unit])
        budget.add_class("cnnwidget-budget")
        return [budget, self.lr, self.batch_size, self.device]

    def folded(self) -> list[Any]:
        """The rest."""
        return [self.loss, self.optimizer, self.schedule, self.clip, self.seed]

    def all(self) -> list[Any]:
        """Every widget that has a say."""
        return [
            self.amount,
            self.unit,
            self.lr,
            self.batch_size,
            self.device,
            *self.folded(),
        ]

    def arguments(self) -> dict[str, Any]:
        """What `cnnwidget.train` is called with."""
        by_epochs = self.unit.value == "epochs"
        return {
            "epochs": max(1, round(self.amount.value)) if by_epochs else None,
            "seconds": None if by_epochs else float(self.amount.value),
            "lr": self.lr.value,
            "batch_size": None if self.batch_size.value == AUTO else self.batch_size.value,
            "device": self.device.value,
            "loss": self.loss.value,
            "optimizer": self.optimizer.value,
            "schedule": self.schedule.value,
            "clip_grad_norm": self.clip.value or None,
            "seed": self.seed.value,
        }
