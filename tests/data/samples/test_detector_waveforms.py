"""The series "detector waveforms", held against the description."""

import numpy as np
import pytest

from cnnwidget.data.samples.series.detector_waveforms import detector_waveforms


def test_pulses_rise_at_once_and_decay_slowly():
    values = detector_waveforms(noise=0, pulses=1).values[:, 0]
    for record in values:
        top = int(record.argmax())
        rise = top - int(np.argmax(record > 0.1 + 1e-6))
        fallen = np.argmax(record[top:] < 0.1 + (record[top] - 0.1) / 2)
        assert rise <= 5
        assert fallen == 0 or fallen > 1.2 * rise
        assert np.allclose(record[:8], 0.1)
    assert len({int(record.argmax()) for record in values}) > 3


def test_pulses_pile_up_over_noise_of_the_level_asked_for():
    noise = detector_waveforms(noise=0.05).values - detector_waveforms(noise=0).values
    assert noise.std() == pytest.approx(0.05 * 0.8, rel=0.05)
    values = detector_waveforms(noise=0).values[:, 0]
    rising = (np.diff(values, axis=1) > 0.01).astype(int)
    starts = (np.diff(rising, axis=1) == 1).sum(axis=1)
    assert np.median(starts) >= 3  # four pulses, but where two come together
