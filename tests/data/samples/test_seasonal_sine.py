"""The series "sine with trend and season", held against the description."""

import numpy as np
import pytest

from cnnwidget.data.samples.series.seasonal_sine import seasonal_sine


def test_the_season_comes_again_and_the_trend_goes_on():
    values = seasonal_sine(period=20, steps=200, trend=0.4).values[:, 0].astype("float64")
    rise = values[20:] - values[:-20]
    assert np.allclose(rise, 0.4 * 20 / 199, atol=1e-6)
    assert np.ptp(values[:, 0]) > 0.4
    falling = seasonal_sine(trend=-1, steps=50).values[:, 0]
    assert falling[:, 0] == pytest.approx(np.linspace(1, 0, 50))
    again = seasonal_sine(trend=0, steps=100, period=25).values
    assert np.allclose(again[25:], again[:-25], atol=1e-6)
