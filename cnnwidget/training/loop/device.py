"""The device that a network is trained on."""

from __future__ import annotations

import torch

from cnnwidget.design.errors import CnnwidgetError
from cnnwidget.training.recipe import Recipe


def device_of(recipe: Recipe) -> torch.device:
    """Return the device of a recipe on this machine.

    Raises:
        CnnwidgetError: if it is not there.
    """
    name = recipe.device
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    there = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.mps.is_available()}
    if not there[name]:
        names = ", ".join(repr(each) for each, found in there.items() if found)
        raise CnnwidgetError(
            f"device {name!r} is not to be had on this machine; choose from {names}."
        )
    return torch.device(name)
