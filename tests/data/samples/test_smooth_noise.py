"""Random fields, held against the description."""

import numpy as np
import pytest

from cnnwidget.data.samples.smooth_noise import smooth_noise


def test_noise_has_the_variance_and_the_memory_that_it_should():
    fields = smooth_noise(
        np.random.default_rng(0), (32, 32), modes=8, steps=4000, memory=0.8, longest=2
    ).astype("float64")
    assert fields.var() == pytest.approx(1, rel=0.05)
    correlation = [(fields[lag:] * fields[: 4000 - lag]).mean() for lag in (1, 2, 3)]
    assert correlation == pytest.approx([0.8, 0.64, 0.512], rel=0.08)
