"""The series "bouncing shapes", held against the description."""

import numpy as np

from cnnwidget.data.samples.series.bouncing_shapes import bouncing_shapes


def moved_pixels(frames):
    """Return True where a shape covers the background: (T, H, W)."""
    values = frames.values[:, 0]
    return np.abs(values - np.median(values, axis=0)) > 0.06


def test_a_lone_shape_keeps_its_area_and_goes_straight_on_between_walls():
    shown = moved_pixels(bouncing_shapes(shapes=1, steps=200))
    area = shown.sum(axis=(1, 2))
    assert area.min() > 0.85 * area.max()
    for axis in (1, 2):
        place = (shown * np.arange(64).reshape((-1, 1) if axis == 1 else -1)).sum(axis=(1, 2))
        pace = np.diff(place / area)
        usual = np.median(np.abs(pace))
        assert usual > 0.5
        # Apart from the frames at a wall it goes at one pace, there and back.
        assert (np.abs(np.abs(pace) - usual) < 0.35).mean() > 0.85
        assert pace.max() > 0.5
        assert pace.min() < -0.5


def test_shapes_hide_each_other():
    """The ground that they cover together is less at times, and more again when they part."""
    area = moved_pixels(bouncing_shapes(shapes=2, steps=200, seed=1)).sum(axis=(1, 2))
    apart = np.quantile(area, 0.8)
    assert (area > 0.93 * apart).mean() > 0.4
    assert area.min() < 0.75 * apart
    hidden = area < 0.85 * apart
    assert hidden.any()
    assert not hidden[0]
    assert not hidden[-1]
