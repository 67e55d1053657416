"""The series "noisy sound", held against the description."""

import numpy as np
import pytest

from cnnwidget.data.samples.series.noisy_sound import noisy_sound


def test_a_sound_goes_on_from_frame_to_frame_and_glides():
    sound = noisy_sound(noise=0).values.ravel() - 0.5
    jumps = np.abs(np.diff(sound))
    between_frames = jumps[127::128]
    assert between_frames.max() <= jumps.max() < 0.4
    assert between_frames.mean() == pytest.approx(jumps.mean(), rel=0.25)
    # The same sound is cut into frames of any length.
    other = noisy_sound(noise=0, size=(64,), steps=320).values.ravel() - 0.5
    assert np.array_equal(sound, other)
    spectra = np.abs(np.fft.rfft(sound.reshape(-1, 512) * np.hanning(512), axis=1))
    pitch = spectra.argmax(axis=1) / 512
    assert pitch.min() < 1 / 30
    assert pitch.max() > 1 / 22
    assert (pitch > 1 / 56).all()


def test_a_hiss_is_as_loud_as_was_asked_for():
    clean, noise = (noisy_sound(noise=level).values.astype("float64") for level in (0, 0.1))
    hiss = noise * 1.6 - 0.3 - clean  # the range is shared by the tone and the hiss
    assert hiss.std() == pytest.approx(0.1, rel=0.05)
