"""Motion in a series, against fields that drift at a known speed."""

import numpy as np
import pytest

from cnnwidget.data.load import load
from cnnwidget.training.checks.motion import motion_of
from tests.training.samples import drifting, noise


@pytest.mark.parametrize("speed", [(0,), (3,), (2, -1), (0, 5), (1, 0, -2)])
@pytest.mark.parametrize("steps", [1, 5])
def test_how_far_a_field_drifts_is_found(speed, steps):
    size = 12 if len(speed) == 3 else 32
    axes = {1: "T L", 2: "T H W", 3: "T D H W"}[len(speed)]
    frames = load(drifting(*speed, size=size), axes=axes)
    assert motion_of(frames, steps) == tuple(abs(each) * steps for each in speed)


def test_what_does_not_move_but_flickers_tells_nothing():
    assert motion_of(load(noise(40, 32, 32)), 5) is None
    assert motion_of(load(np.zeros((40, 32, 32))), 5) is None
    assert motion_of(load(drifting(1, 1, steps=4)), 5) is None


def test_frames_with_gaps_and_large_frames_are_looked_at_all_the_same():
    values = np.kron(drifting(0, 0, size=30, steps=12), np.ones((20, 20)))
    values = np.stack([np.roll(frame, (4 * n, 2 * n), (0, 1)) for n, frame in enumerate(values)])
    values[:, :3] = np.nan
    assert motion_of(load(values), 3) == (12, 6)
