"""The series "circling shape", held against the description."""

import numpy as np
import pytest

from cnnwidget.data.samples.series.circling_shape import circling_shape


@pytest.mark.parametrize("size", [(64, 64), (64,)])
def test_a_shape_comes_back_exactly_and_not_before(size):
    values = circling_shape(steps=50, period=13, size=size).values
    assert np.array_equal(values[13:], values[:-13])
    for lag in range(1, 13):
        assert np.abs(values[lag:] - values[:-lag]).max() > 0.2


def test_a_shape_goes_round_the_middle():
    values = circling_shape(steps=20, period=20).values[:, 0]
    bright = np.where(values > 0.4, values, 0)
    y, x = np.indices((64, 64)) - 31.5
    total = bright.sum(axis=(1, 2))
    place = (bright * x).sum(axis=(1, 2)) / total + 1j * (bright * -y).sum(axis=(1, 2)) / total
    assert np.allclose(np.abs(place), 0.27 * 64, atol=1)
    turn = np.angle(place[1:] / place[:-1])
    assert np.allclose(turn, 2 * np.pi / 20, atol=0.06)
