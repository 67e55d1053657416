"""Which device a recipe means here."""

import pytest
import torch

import cnnwidget as cw
from cnnwidget.training.loop.device import device_of
from cnnwidget.training.recipe import Recipe


def recipe(device):
    return Recipe(pre_history_len=1, forecast_len=1, batch_size=1, epochs=1, device=device)


def test_auto_is_the_gpu_where_there_is_one(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert device_of(recipe("auto")).type == "cuda"
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert device_of(recipe("auto")).type == "cpu"


def test_a_device_that_is_not_there_is_refused(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.mps, "is_available", lambda: False)
    for name in ("cuda", "mps"):
        with pytest.raises(
            cw.CnnwidgetError, match=f"'{name}' is not to be had.*choose from 'cpu'"
        ):
            device_of(recipe(name))
