"""Records of a detector: pulses over noise."""

from __future__ import annotations

from collections.abc import Sequence
from math import pi

import numpy as np

from cnnwidget.data.argument_checks import whole_number
from cnnwidget.data.frames import Frames
from cnnwidget.data.samples.sample_arguments import check_series, number_between, random_generator
from cnnwidget.data.samples.sample_frames import sample_frames

# The share of a record before the first pulse.
QUIET = 0.12


def detector_waveforms(
    steps: int = 200,
    size: Sequence[int] = (128,),
    pulses: int = 4,
    noise: float = 0.02,
    seed: int = 0,
) -> Frames:
    """Make records of a detector: pulses that rise fast, decay slowly and pile up.

    Good for showing sharp and slow features in one signal, for which short kernels are not enough:
    a pulse rises within a few samples and lasts for many, and a pulse on the tail of another looks
    larger than it is. From record to record each pulse comes a little earlier or later, and
    stronger or weaker, each with a different rhythm, so that the next record can be forecast.

    A pulse is `exp(-t / decay) - exp(-t / rise)`.

    Args:
        steps: the number of records.
        size: (length,), the samples of a record; at least 16.
        pulses: the number of pulses in a record.
        noise: its standard deviation relative to the highest pulses; from 0 to 1.
        seed: of the pulses and the noise.

    Returns:
        Frames of one channel, 32-bit floats in [0, 1]; 0.1 is the level at rest.

    Raises:
        DataError: if an argument is out of bounds.

    Source:
        G. F. Knoll, Radiation Detection and Measurement, Wiley, 4th edition 2010, chapter 17
        (the shape and the pile-up of pulses).

    Example:
        >>> detector_waveforms(steps=50)
        Frames('detector waveforms', 50 × 1 × 128 as T C L, float32)
    """
    (length,) = check_series(steps, size, axes=(1,), least=16)
    count = whole_number("pulses", pulses)
    level = number_between("noise", noise, 0, 1)
    random = random_generator(seed)
    place = (np.arange(length) + 0.5) / length
    record = np.arange(steps)
    values = np.zeros((steps, length))
    for number in range(count):
        first = QUIET + (0.82 - QUIET) * (number + random.uniform(0.1, 0.9)) / count
        rhythms, phases = random.uniform(0.03, 0.12, 2), random.uniform(0, 2 * pi, 2)
        start = first + random.uniform(0.02, 0.06) * np.sin(rhythms[0] * record + phases[0])
        height = random.uniform(0.3, 0.8) * (1 + 0.45 * np.sin(rhythms[1] * record + phases[1]))
        after = np.maximum(0, place - start[:, None])
        decay = random.uniform(0.05, 0.14)
        values += height[:, None] * (np.exp(-after / decay) - np.exp(-after / 0.008))
    values /= values.max()
    values += level * random.standard_normal(values.shape)
    return sample_frames(0.1 + 0.8 * values, "detector waveforms")
