"""The series "drifting volumes", held against the description."""

import numpy as np

from cnnwidget.data.samples.series.drifting_volumes import drifting_volumes


def test_clouds_drift_differently_at_each_depth_and_change_it():
    values = drifting_volumes(clouds=1, size=(24, 24, 24)).values[:, 0].astype("float64")
    total = values.sum(axis=(1, 2, 3))
    assert total.min() > 0.75 * total.max()  # but for what is below the bottom
    depth = (values.sum(axis=(2, 3)) * np.arange(24)).sum(axis=1) / total
    assert np.ptp(depth) > 5
    assert np.abs(np.diff(depth)).max() < 2
    # Across the sides, which meet, the cloud is followed by the phase of the longest wave.
    ways = []
    for axes in ((1, 3), (1, 2)):
        row = values.sum(axis=axes)
        wave = (row * np.exp(2j * np.pi * np.arange(24) / 24)).sum(axis=1)
        ways.append(np.angle(wave[1:] / wave[:-1]) / (2 * np.pi))
    direction = np.unwrap(np.arctan2(*ways))
    assert np.ptp(direction) > 0.5
    assert np.hypot(*ways).max() < 0.06
