"""The controls of the training: a budget, a learning rate, and the rest folded away."""

from __future__ import annotations

from typing import Any, get_args

import ipywidgets as widgets

from cnnwidget.design.planning.memory import OptimizerName
from cnnwidget.training.recipe import (
    DEFAULT_SECONDS,
    AugmentationName,
    DeviceName,
    LossName,
    PrecisionName,
    ScheduleName,
)

AUTO = "auto"
RATES = (1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3, 1.0)
USUAL_RATE = 3e-3

WEIGHT_DECAYS = (0.0, 1e-4, 1e-3, 0.01, 0.1, 0.3, 1.0)


class TrainingControls:
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
        self.precision = widgets.Dropdown(
            options=get_args(PrecisionName),
            description="precision",
            tooltip="of the layers in training; bfloat16 is mixed precision, for GPUs that have it",
        )
        self.loss = widgets.Dropdown(options=get_args(LossName), description="loss")
        self.optimizer = widgets.Dropdown(
            options=get_args(OptimizerName), value="adamw", description="optimizer"
        )
        self.weight_decay = widgets.Dropdown(
            options=((AUTO, AUTO), *((f"{decay:g}", decay) for decay in WEIGHT_DECAYS)),
            description="weight decay",
            tooltip="how far weights are drawn towards zero; auto is 0.3 for adamw and else 0",
        )
        self.schedule = widgets.Dropdown(
            options=get_args(ScheduleName),
            value="cosine",
            description="lr schedule",
            tooltip="of the learning rate: as it is, down to zero, or up and then down",
        )
        self.clip = widgets.BoundedFloatText(
            value=1.0,
            min=0,
            max=1e6,
            step=0.5,
            description="clip norm",
            tooltip="the longest gradient that a step may follow; 0 is no limit",
        )
        self.patience = widgets.BoundedIntText(
            value=0,
            min=0,
            max=1_000_000,
            description="patience",
            tooltip="epochs without a better one after which training ends; 0 is never",
        )
        self.augment = widgets.SelectMultiple(
            options=get_args(AugmentationName),
            rows=len(get_args(AugmentationName)),
            description="augment",
            tooltip="what is done to windows by chance; with Ctrl, several of these or none",
        )
        self.residual = widgets.Dropdown(
            options=((AUTO, None), ("the change", True), ("the frames", False)),
            description="tell",
            tooltip="what the network tells: the change from the last frame that it is given, or "
            "the frames themselves; auto is the change where it can",
        )
        self.period = widgets.BoundedIntText(
            value=0,
            min=0,
            max=1_000_000,
            description="period",
            tooltip="frames in a cycle, as 12 of months in a year: climatology is then a baseline, "
            "too; 0 is none",
        )
        self.seed = widgets.BoundedIntText(value=0, min=0, max=2**31 - 1, description="seed")

    def rows(self, beside_rate: Any) -> list[Any]:
        """What is always seen, with a widget beside the learning rate."""
        budget = widgets.HBox([self.amount, self.unit])
        budget.add_class("cnnwidget-budget")
        rate = widgets.HBox([self.lr, beside_rate])
        rate.add_class("cnnwidget-rate")
        return [budget, rate, self.batch_size, self.device]

    def folded(self) -> list[Any]:
        """The rest."""
        return [
            self.loss,
            self.optimizer,
            self.weight_decay,
            self.schedule,
            self.clip,
            self.patience,
            self.augment,
            self.residual,
            self.period,
            self.precision,
            self.seed,
        ]

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
            "precision": self.precision.value,
            "loss": self.loss.value,
            "optimizer": self.optimizer.value,
            "weight_decay": None if self.weight_decay.value == AUTO else self.weight_decay.value,
            "schedule": self.schedule.value,
            "patience": self.patience.value or None,
            "augment": self.augment.value,
            "residual": self.residual.value,
            "clip_grad_norm": self.clip.value or None,
            "period": self.period.value or None,
            "seed": self.seed.value,
        }
