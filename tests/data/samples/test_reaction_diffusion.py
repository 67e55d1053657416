"""The series "reaction-diffusion", held against the description."""

import numpy as np
import pytest

from cnnwidget.data.samples.series.reaction_diffusion import reaction_diffusion


def laplacian(field):
    return sum(np.roll(field, shift, axis) for shift in (-1, 1) for axis in (-2, -1)) - 4 * field


def test_the_reaction_is_that_of_gray_and_scott():
    """Each frame is a step of the equations from the one before, written down once more."""
    settings = {"feed": 0.03, "kill": 0.075}
    values = reaction_diffusion(
        steps=60, size=(32, 40), substeps=1, variables=("v", "u"), **settings
    ).values.astype("float64")
    v, u = 0.6 * values[:, 0], values[:, 1]
    assert v.max() < 0.6  # nothing is cut off here
    reacted = u * v**2
    next_u = u + 0.16 * laplacian(u) - reacted + 0.03 * (1 - u)
    next_v = v + 0.08 * laplacian(v) + reacted - (0.03 + 0.075) * v
    assert np.abs(next_u[:-1] - u[1:]).max() < 1e-6
    assert np.abs(next_v[:-1] - v[1:]).max() < 1e-6
    assert np.abs(v[1:] - v[:-1]).max() > 1e-3


@pytest.mark.parametrize("seed", range(3))
def test_the_reaction_goes_on(seed):
    values = reaction_diffusion(seed=seed, steps=200).values
    assert np.abs(np.diff(values[-40:], axis=0)).mean(axis=(1, 2, 3)).min() > 0.004
    assert (values == 1).mean() < 5e-4  # what is cut off


def test_spots_divide_where_pearson_found_that():
    def spots(frame):
        """So many places are higher than all eight round them."""
        round_it = [
            np.roll(frame, (y, x), (0, 1))
            for y in (-1, 0, 1)
            for x in (-1, 0, 1)
            if (y, x) != (0, 0)
        ]
        return int(((frame > np.max(round_it, axis=0)) & (frame > 0.3)).sum())

    values = reaction_diffusion(feed=0.0367, kill=0.0649, substeps=40).values[:, 0]
    assert spots(values[10]) < 14
    assert spots(values[-1]) > 20
