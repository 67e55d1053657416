"""The series "rotating vortex", held against the description."""

import numpy as np
import pytest

from cnnwidget.data.samples.series.rotating_vortex import rotating_vortex


def test_a_vortex_turns_counterclockwise_and_faster_inside():
    """Rings round the middle are turned by the angle at which they agree best."""
    values = rotating_vortex(size=(129, 129), steps=12).values[:, 0]
    # The middle is where the first frames have least motion; the seed says where, within 0.06.
    middle = np.random.default_rng(0).uniform(-0.06, 0.06, 2) * 129 + 64
    angles = 2 * np.pi * np.arange(720) / 720
    turned = []
    for radius in (0.16, 0.22, 0.3):
        y = np.rint(middle[0] - radius * 129 * np.sin(angles)).astype(int)
        x = np.rint(middle[1] + radius * 129 * np.cos(angles)).astype(int)
        first, last = values[0, y, x], values[11, y, x]
        agreement = [np.sum(np.roll(first, shift) * last) for shift in range(-360, 360)]
        turned.append((np.argmax(agreement) - 360) * np.pi / 360)
    assert turned[0] > turned[1] > turned[2] > 0.05
    # Outside of the core the angular velocity is nearly the circulation by the area: 1 / r².
    assert turned[1] / turned[2] == pytest.approx((0.3 / 0.22) ** 2, rel=0.15)


def test_dye_is_mixed_and_not_lost():
    values = rotating_vortex(size=(96, 96)).values[:, 0].astype("float64")
    middle = np.random.default_rng(0).uniform(-0.06, 0.06, 2) * 96 + 47.5
    y, x = (place - at for place, at in zip(np.indices((96, 96)), middle, strict=True))
    inside = np.hypot(y, x) < 0.42 * 96  # what goes round farther out leaves the frame
    dye = (values * inside).sum(axis=(1, 2))
    assert np.ptp(dye) < 0.01 * dye.mean()
    core = values[:, np.hypot(y, x) < 0.2 * 96]
    assert core[-1].std() < 0.65 * core[0].std()
