"""The series "ice and coast", held against the description."""

import numpy as np
import pytest

from cnnwidget.data.samples.series.ice_and_coast import ice_and_coast


@pytest.mark.parametrize("seed", range(5))
def test_ice_and_coast_have_a_mask_and_dates(seed):
    ice = ice_and_coast(seed=seed)
    land = ~ice.valid[0]
    assert np.array_equal((ice.values[:, 0] == 0).all(axis=0), land)
    assert 0.1 < land.mean() < 0.5
    assert ice.labels.times.dtype.kind == "M"
    assert set(np.diff(ice.labels.times).astype(int)) == {7}
    area = ice.values[:, 0, ~land].mean(axis=1).reshape(4, 52)
    assert (area.max(axis=1) > 2 * area.min(axis=1)).all()
    assert set(area.argmin(axis=1)) <= set(range(18, 38))


def test_ice_drifts():
    """In a winter that does not end, a shift explains most weeks better than none."""
    ice = ice_and_coast(steps=60, period=3000)
    values, sea = ice.values[:, 0], ice.valid[0]
    inner = np.zeros_like(sea)
    inner[5:-5, 5:-5] = True
    shifts = [(y, x) for y in range(-4, 5) for x in range(-4, 5)]
    gained = []
    for before, after in zip(values[:-3:3], values[3::3], strict=False):
        errors = {}
        for shift in shifts:
            common = inner & sea & np.roll(sea, shift, (0, 1))
            errors[shift] = np.abs(np.roll(before, shift, (0, 1)) - after)[common].mean()
        gained.append(min(errors.values()) < 0.8 * errors[0, 0])
    assert np.mean(gained) > 0.5
