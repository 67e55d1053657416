"""The series "seasonal ice", held against the description."""

import numpy as np
import pytest

from cnnwidget.data.samples.series.seasonal_ice import seasonal_ice


def test_ice_follows_the_season_and_years_differ():
    values = seasonal_ice().values[:, 0]
    area = values.mean(axis=(1, 2)).reshape(4, 52)
    assert (area.max(axis=1) > 2 * area.min(axis=1)).all()
    assert set(area.argmin(axis=1)) <= set(range(18, 36))
    assert np.ptp(area.min(axis=1)) > 0.01
    assert not np.allclose(values[:52], values[52:104], atol=0.1)


@pytest.mark.parametrize("seed", range(5))
def test_ice_leaves_the_land_alone(seed):
    """There is a coast in the south, always 0, and there is none in the north."""
    always_0 = (seasonal_ice(seed=seed).values[:, 0] == 0).all(axis=0)
    assert always_0[-8:].mean() > 0.2
    assert not always_0[:24].any()
