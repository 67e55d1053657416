"""Noise over frames, held against the description."""

import numpy as np
import pytest

from cnnwidget.data.load import load
from cnnwidget.data.samples.noisy import noisy, noisy_shapes
from cnnwidget.data.samples.series.bouncing_shapes import bouncing_shapes
from cnnwidget.data.samples.series.ice_and_coast import ice_and_coast
from cnnwidget.data.samples.series.seasonal_sine import seasonal_sine


@pytest.mark.parametrize("level", [0.01, 0.03, 0.05, 0.1, 0.25, 0.5])
def test_noise_has_the_level_that_it_should(level):
    clean = seasonal_sine(trend=0.5)
    noise = noisy(clean, level=level, seed=5).values.astype("float64") - clean.values
    assert noise.std() == pytest.approx(level * np.ptp(clean.values), rel=0.03)
    assert abs(noise.mean()) < 0.03 * level
    flat = noise.ravel()
    assert abs(np.corrcoef(flat[:-1], flat[1:])[0, 1]) < 0.03


def test_noise_leaves_alone_what_is_no_value():
    ice = ice_and_coast(steps=20)
    land = ~ice.valid[0]
    changed = noisy(ice, 0.25)
    assert (changed.values[:, 0, land] == 0).all()
    assert (changed.values[:, 0, ~land] != ice.values[:, 0, ~land]).mean() > 0.99
    assert changed.labels is ice.labels
    values = np.arange(60.0).reshape(10, 6)
    values[3, 2] = np.nan
    missing = noisy(load(values, missing="leave out"), 0.1).values
    assert np.isnan(missing[3, 0, 2])
    assert np.isfinite(missing).sum() == 59
    assert missing.dtype == np.float64
    assert noisy(load(np.arange(60).reshape(10, 6)), 0.1).values.dtype == np.float32
    assert np.array_equal(noisy(ice, 0).values, ice.values)


def test_noisy_shapes_are_the_bouncing_ones_and_noise():
    settings = {"steps": 60, "seed": 4, "shapes": 3}
    clean = bouncing_shapes(**settings).values
    noise = noisy_shapes(level=0.25, **settings).values - clean
    assert noise.std() == pytest.approx(0.25 * np.ptp(clean), rel=0.02)
