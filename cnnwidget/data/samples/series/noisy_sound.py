"""A sound with noise, divided into frames."""

from __future__ import annotations

from collections.abc import Sequence
from math import pi

import numpy as np

from cnnwidget.data.frames import Frames
from cnnwidget.data.samples.sample_arguments import check_series, number_between, random_generator
from cnnwidget.data.samples.sample_frames import sample_frames


def noisy_sound(
    steps: int = 160, size: Sequence[int] = (128,), noise: float = 0.05, seed: int = 0
) -> Frames:
    """Make a tone with overtones that glides and swells, with a hiss: a distant siren.

    Good for showing a wave that continues from frame to frame: together the frames are one sound
    without a break, so that the next samples follow from phase and pitch of the last; the hiss does
    not. A network that forecasts a mean is silent.

    Args:
        steps: the number of frames.
        size: (length,), the samples of a frame; at least 8. The pitch does not depend on it: 14 to
            48 samples per wave.
        noise: the standard deviation of the hiss, relative to the range of the loudest tone; from
            0 to 1.
        seed: of the glide, the overtones and the hiss.

    Returns:
        Frames of one channel, 32-bit floats in [0, 1]; 0.5 is silence. Hiss beyond the range is
        clipped.

    Raises:
        DataError: if an argument is out of bounds.

    Example:
        >>> noisy_sound(noise=0.25).values.ravel().shape
        (20480,)
    """
    (length,) = check_series(steps, size, axes=(1,), least=8)
    level = number_between("noise", noise, 0, 1)
    random = random_generator(seed)
    time = np.arange(steps * length)
    # The pitch follows two slow waves of different length.
    glide = sum(
        0.25 * np.sin(2 * pi * time / random.uniform(*lengths) + random.uniform(0, 2 * pi))
        for lengths in ((5000, 7000), (2200, 3000))
    )
    pitch = 1 / 48 * (48 / 14) ** (0.5 + glide)  # waves per sample
    phase = 2 * pi * np.cumsum(pitch) + random.uniform(0, 2 * pi)
    tone = sum(
        np.sin(number * phase + random.uniform(0, 2 * pi)) / number**1.5 for number in (1, 2, 3, 4)
    )
    swell = 0.65 + 0.35 * np.sin(2 * pi * time / random.uniform(3000, 4000))
    sound = swell * tone
    sound /= 2 * np.abs(sound).max()
    # The loudest tone and three standard deviations of the hiss fit into the range.
    sound = (sound + level * random.standard_normal(time.shape)) / (1 + 6 * level)
    return sample_frames(0.5 + sound.reshape(steps, length), "noisy sound")
