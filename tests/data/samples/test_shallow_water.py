"""The series "shallow water", held against the description."""

import numpy as np
import pytest

from cnnwidget.data.samples.series.shallow_water import shallow_water


def laplacian(field):
    return sum(np.roll(field, shift, axis) for shift in (-1, 1) for axis in (-2, -1)) - 4 * field


@pytest.mark.parametrize("size", [(64, 64), (40, 64), (64,)])
def test_water_is_kept_and_energy_only_lost(size):
    axes = len(size)
    values = shallow_water(
        size=size, drag=0.01, steps=200, variables=("height", "u", "v")[: 1 + axes]
    ).values.astype("float64")
    height = values[:, 0] - 0.5
    assert np.abs(height.reshape(200, -1).mean(axis=1)).max() < 1e-6
    # The two scales are not known, but of waves half of the energy is of motion, on an average.
    square = (values - 0.5) ** 2
    potential, kinetic = (e.reshape(200, -1).sum(axis=1) for e in (square[:, 0], square[:, 1:]))
    energy = potential / potential.mean() + kinetic / kinetic.mean()
    mean = np.convolve(energy, np.ones(20) / 20, "valid")
    assert (mean[5:] < 1.01 * mean[:-5]).all()
    assert energy[-1] < 0.5 * energy[0]


def test_water_without_drag_keeps_its_energy():
    values = shallow_water(drag=0, steps=300, variables=("height", "u", "v")).values - 0.5
    square = values.astype("float64") ** 2
    potential, kinetic = square[:, 0].sum(axis=(1, 2)), square[:, 1:].sum(axis=(1, 2, 3))
    energy = potential / potential.mean() + kinetic / kinetic.mean()
    assert energy[:100].mean() == pytest.approx(energy[-100:].mean(), rel=0.05)


def test_waves_obey_the_wave_equation():
    """Without drag, the second derivative in time is the one in space, times c²."""
    height = shallow_water(drag=0, size=(48, 48)).values[:, 0].astype("float64") - 0.5
    in_time = (height[2:] - 2 * height[1:-1] + height[:-2])[:, 1:-1, 1:-1]
    in_space = laplacian(height[1:-1])[:, 1:-1, 1:-1]
    slope = (in_time * in_space).sum() / (in_space**2).sum()
    assert slope == pytest.approx((0.018 * 48) ** 2, rel=0.1)
    assert np.corrcoef(in_time.ravel(), in_space.ravel())[0, 1] > 0.97


def test_what_flows_is_named():
    frames = shallow_water(steps=9, variables=["height", "v"])
    assert frames.labels.channels == ("height", "v")
    assert frames.has_channels
    assert frames.values.shape == (9, 2, 64, 64)
    # What has fallen in one place flows away from there to all sides.
    settings = {"steps": 2, "drops": 1, "seed": 3}
    height, u, v = (
        shallow_water(variables=name, **settings).values[0, 0] - 0.5
        for name in ("height", "u", "v")
    )
    y, x = np.unravel_index(height.argmin(), (64, 64))
    assert 12 < y < 52
    assert 12 < x < 52
    away = np.arange(-8, 9)
    near = np.s_[y - 8 : y + 9, x - 8 : x + 9]
    for flow, along, across in ((u, away, away[:, None]), (v, away[:, None], away)):
        around = flow[near] - flow[near].mean()
        assert abs((around * along).sum()) > 5 * abs((around * across).sum())
    assert (u[near] * away).sum() * (v[near] * away[:, None]).sum() > 0
