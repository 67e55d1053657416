"""All samples: bounds, sizes, seeds, names and refusals."""

from dataclasses import replace

import numpy as np
import pytest

from cnnwidget.data.data_error import DataError
from cnnwidget.data.frames import Frames
from cnnwidget.data.samples.labelled import shapes_to_classify, shapes_to_segment
from cnnwidget.data.samples.library import LABELLED, SAMPLES, labelled, sample
from cnnwidget.data.samples.noisy import noisy
from cnnwidget.data.samples.series.bouncing_shapes import bouncing_shapes
from cnnwidget.data.samples.series.circling_shape import circling_shape
from cnnwidget.data.samples.series.detector_waveforms import detector_waveforms
from cnnwidget.data.samples.series.drifting_blobs import drifting_blobs
from cnnwidget.data.samples.series.drifting_volumes import drifting_volumes
from cnnwidget.data.samples.series.ice_and_coast import ice_and_coast
from cnnwidget.data.samples.series.reaction_diffusion import reaction_diffusion
from cnnwidget.data.samples.series.rotating_vortex import rotating_vortex
from cnnwidget.data.samples.series.seasonal_ice import seasonal_ice
from cnnwidget.data.samples.series.seasonal_sine import seasonal_sine
from cnnwidget.data.samples.series.shallow_water import shallow_water

# The sizes that each sample takes, the smallest ones among them.
BOTH = [(64, 64), (31, 50), (64,), (7, 5), (1,), (1, 1)]
IMAGES = [(64, 64), (31, 50), (8, 8)]
TAKEN = {
    "circling shape": BOTH,
    "drifting blobs": BOTH,
    "seasonal ice": BOTH,
    "ice and coast": BOTH,
    "bouncing shapes": IMAGES,
    "noisy shapes": IMAGES,
    "rotating vortex": IMAGES,
    "reaction-diffusion": [(64, 64), (32, 50)],
    "shallow water": [*IMAGES, (64,), (8,)],
    "detector waveforms": [(128,), (16,)],
    "sine with trend and season": [(64,), (1,)],
    "noisy sound": [(128,), (8,)],
    "drifting volumes": [(16, 16, 16), (4, 5, 6)],
}
REFUSED = {
    "circling shape": [(4, 4, 4), ()],
    "drifting blobs": [(4, 4, 4)],
    "seasonal ice": [(4, 4, 4)],
    "ice and coast": [(4, 4, 4)],
    "bouncing shapes": [(64,), (64, 7), (8, 8, 8)],
    "noisy shapes": [(64,), (7, 64)],
    "rotating vortex": [(64,), (7, 7)],
    "reaction-diffusion": [(64,), (31, 64)],
    "shallow water": [(7,), (8, 8, 8)],
    "detector waveforms": [(64, 64), (15,)],
    "sine with trend and season": [(64, 64)],
    "noisy sound": [(64, 64), (7,)],
    "drifting volumes": [(64, 64), (16,), (4, 4, 3)],
}


@pytest.mark.parametrize(
    ("name", "size"), [(name, size) for name, sizes in TAKEN.items() for size in sizes]
)
@pytest.mark.parametrize("seed", [0, 7])
def test_every_sample_is_a_series_in_bounds(name, size, seed):
    frames = sample(name, size=size, seed=seed, steps=70)
    assert isinstance(frames, Frames)
    assert frames.values.shape == (70, 1, *size)
    assert frames.values.dtype == np.float32
    assert not frames.has_channels
    assert frames.name == name
    assert np.isfinite(frames.values).all()
    if name != "noisy shapes":  # of whose noise nothing is cut off
        assert 0 <= frames.values.min() <= frames.values.max() <= 1


@pytest.mark.parametrize("name", SAMPLES)
def test_two_frames_will_do(name):
    assert sample(name, steps=2).steps == 2


@pytest.mark.parametrize(
    ("name", "size"), [(name, size) for name, sizes in REFUSED.items() for size in sizes]
)
def test_sizes_that_show_nothing_are_refused_in_a_sentence(name, size):
    with pytest.raises(DataError, match=r"^size is \([^.]*\.$"):
        sample(name, size=size)


def test_every_sample_is_tested():
    assert set(TAKEN) == set(REFUSED) == set(SAMPLES)


@pytest.mark.parametrize(("name", "size"), [(name, sizes[-1]) for name, sizes in TAKEN.items()])
def test_seeds_decide_in_the_smallest_frames(name, size):
    first, again = (sample(name, size=size, seed=3).values for _ in range(2))
    assert np.array_equal(first, again)


@pytest.mark.parametrize(
    ("name", "size"),
    [(name, size) for name, sizes in TAKEN.items() for size in sizes if min(size) >= 16],
)
def test_seeds_decide(name, size):
    first, again, other = (sample(name, size=size, seed=s).values for s in (3, 3, 4))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("name", sorted(set(SAMPLES) - {"noisy sound", "noisy shapes"}))
def test_frames_are_worth_looking_at(name):
    """There is contrast, and a frame is near to the next but not the same."""
    values = sample(name).values[:, 0]
    assert values.max() - values.min() > 0.8
    change = np.abs(np.diff(values.reshape(len(values), -1), axis=0)).mean(axis=1)
    assert (change > 0.001).all()
    far = min(26, len(values) // 3)
    assert change.mean() < 0.5 * np.abs(values[:-far] - values[far:]).mean()


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: sample("seasonal rice"), "did you mean 'seasonal ice'?"),
        (lambda: sample("x"), "'circling shape', 'drifting blobs', 'seasonal ice'"),
        (lambda: sample("seasonal ice", perod=3), "did you mean 'period'?"),
        (lambda: sample(["ice"]), "There is no sample"),
        (lambda: sample("shapes to segment"), "choose one of 'circling shape', 'drifting blobs'"),
        (lambda: labelled("shapes to segmant"), "did you mean 'shapes to segment'?"),
        (lambda: labelled("seasonal ice"), "There is no sample"),
        (lambda: labelled("shapes to classify", steps=3), "no setting 'steps'"),
        (lambda: circling_shape(steps=1), "steps is 1"),
        (lambda: circling_shape(steps=0), "steps is 0"),
        (lambda: circling_shape(period=1.5), "period is 1.5"),
        (lambda: circling_shape(seed=-1), "seed is -1"),
        (lambda: rotating_vortex(seed=None), "seed is None"),
        (lambda: seasonal_ice(period=0), "period is 0"),
        (lambda: ice_and_coast(period=0), "period is 0"),
        (lambda: drifting_blobs(blobs=-1), "blobs is -1"),
        (lambda: drifting_blobs(size=(4, 4, 4)), "must be (height, width) or (length,)"),
        (lambda: drifting_blobs(size=64), "size is 64"),
        (lambda: drifting_blobs(size="ab"), "each length of size is 'a'"),
        (lambda: drifting_blobs(size=(64, 0)), "each length of size is 0"),
        (lambda: rotating_vortex(size=(64,)), "must be (height, width) here"),
        (lambda: rotating_vortex(drops=0), "drops is 0"),
        (lambda: detector_waveforms(size=(64, 64)), "must be (length,) here"),
        (lambda: drifting_volumes(size=(64, 64)), "must be (depth, height, width) here"),
        (lambda: bouncing_shapes(shapes=0), "shapes is 0"),
        (lambda: reaction_diffusion(feed=1), "feed is 1, but must be a number from 0 to 0.2"),
        (lambda: reaction_diffusion(size=(16, 16)), "at least 32"),
        (lambda: reaction_diffusion(kill="x"), "kill is 'x'"),
        (lambda: reaction_diffusion(variables=("w",)), "must be one or more of 'u', 'v'"),
        (lambda: reaction_diffusion(substeps=0), "substeps is 0"),
        (lambda: shallow_water(drag=-0.1), "drag is -0.1"),
        (lambda: shallow_water(variables=()), "variables is ()"),
        (lambda: shallow_water(variables=("u", "u")), "variables is ('u', 'u')"),
        (lambda: shallow_water(size=(64,), variables="v"), "one or more of 'height', 'u'."),
        (lambda: noisy(seasonal_sine(), level=1.5), "level is 1.5"),
        (lambda: noisy(seasonal_sine(), level=float("nan")), "level is nan"),
        (lambda: noisy(seasonal_sine(), level=10**400), "level is 1000"),
        (lambda: noisy("seasonal ice"), "frames is 'seasonal ice'"),
        (lambda: noisy(replace(seasonal_sine(), values=np.full((3, 1, 2), np.nan))), "no number"),
        (lambda: detector_waveforms(noise=2), "noise is 2"),
        (lambda: seasonal_sine(trend=2), "trend is 2"),
        (lambda: shapes_to_segment(count=1), "count is 1"),
        (lambda: shapes_to_segment(size=(16, 16)), "at least 24"),
        (lambda: shapes_to_classify(size=(32,)), "must be (height, width) here"),
        (lambda: shapes_to_classify(noise=-1), "noise is -1"),
    ],
)
def test_what_cannot_be_made_up_is_refused(call, said):
    with pytest.raises(DataError) as refusal:
        call()
    assert said in str(refusal.value)
    assert str(refusal.value)[-1] in ".?"
    assert not str(refusal.value).endswith("?.")


def test_the_samples_are_in_the_order_in_which_they_are_shown():
    assert list(SAMPLES)[:3] == ["circling shape", "drifting blobs", "seasonal ice"]
    assert list(SAMPLES) == list(TAKEN)


@pytest.mark.parametrize("name", [*SAMPLES, *LABELLED])
def test_every_sample_says_what_it_shows_and_is_named_where_one_looks(name):
    makers = {**SAMPLES, **LABELLED}
    assert "Good for showing" in makers[name].__doc__
    words = " ".join((labelled if name in LABELLED else sample).__doc__.split())
    assert f'"{name}"' in words
