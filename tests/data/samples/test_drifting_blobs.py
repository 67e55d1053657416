"""The series "drifting blobs", held against the description."""

import numpy as np
import pytest

from cnnwidget.data.samples.series.drifting_blobs import drifting_blobs


@pytest.mark.parametrize("seed", range(5))
def test_blobs_stay_and_no_frame_comes_twice(seed):
    flat = drifting_blobs(seed=seed).values.reshape(160, -1).astype("float64")
    apart = np.sqrt(np.maximum(0, ((flat[:, None, ::7] - flat[None, :, ::7]) ** 2).mean(axis=2)))
    assert apart[~np.eye(160, dtype=bool)].min() > 0.004
    # What flows along the walls never leaves: the amount of dye hardly changes.
    dye = flat.sum(axis=1)
    assert dye.min() > 0.4 * dye.max()


def test_blobs_may_be_one():
    values = drifting_blobs(blobs=1).values[:, 0]
    assert (values.reshape(160, -1).max(axis=1) > 0.3).all()
