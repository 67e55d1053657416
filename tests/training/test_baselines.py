"""Baselines, each against a line of numpy."""

import numpy as np
import torch

from cnnwidget.training.baselines import BASELINES
from tests.training.samples import noise


def test_each_against_numpy():
    history = noise(3, 4, 2, 5, 6)
    last = np.repeat(history[:, 3:4], 7, axis=1)
    mean = np.repeat(history.mean(axis=1, keepdims=True), 7, axis=1)
    for name, wanted in (("persistence", last), ("mean of the history", mean)):
        told = BASELINES[name](torch.from_numpy(history), 7)
        assert told.shape == (3, 7, 2, 5, 6)
        assert np.allclose(told.numpy(), wanted, rtol=1e-6, atol=1e-6)
    assert set(BASELINES) == {"persistence", "mean of the history"}
