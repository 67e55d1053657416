"""Series made up: that they are what their descriptions promise."""

import numpy as np
import pytest

from cnnwidget.data.errors import DataError
from cnnwidget.data.frames import Frames
from cnnwidget.data.smooth_noise import smooth_noise
from cnnwidget.data.synthetic import (
    SAMPLES,
    circling_shape,
    drifting_blobs,
    sample,
    seasonal_ice,
)


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("size", [(64, 64), (31, 50), (64,), (7, 5), (1,), (1, 1)])
@pytest.mark.parametrize("seed", [0, 7])
def test_every_sample_is_a_series_in_bounds(name, size, seed):
    frames = sample(name, size=size, seed=seed, steps=70)
    assert isinstance(frames, Frames)
    assert frames.values.shape == (70, 1, *size)
    assert frames.values.dtype == np.float32
    assert not frames.has_channels
    assert frames.name == name
    assert 0 <= frames.values.min() <= frames.values.max() <= 1


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("size", [(64, 64), (64,)])
def test_seeds_decide(name, size):
    first, again, other = (sample(name, size=size, seed=s).values for s in (3, 3, 4))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("name", SAMPLES)
def test_frames_are_worth_looking_at(name):
    """There is contrast, and a frame is near to the next but not the same."""
    values = sample(name).values[:, 0]
    assert values.max() - values.min() > 0.8
    change = np.abs(np.diff(values, axis=0)).mean(axis=(1, 2))
    assert (change > 0.001).all()
    assert change.mean() < 0.5 * np.abs(values[:-26] - values[26:]).mean()


@pytest.mark.parametrize("size", [(64, 64), (64,)])
def test_a_shape_comes_back_exactly_and_not_before(size):
    values = circling_shape(steps=50, period=13, size=size).values
    assert np.array_equal(values[13:], values[:-13])
    for lag in range(1, 13):
        assert np.abs(values[lag:] - values[:-lag]).max() > 0.2


def test_a_shape_goes_round_the_middle():
    values = circling_shape(steps=20, period=20).values[:, 0]
    bright = np.where(values > 0.4, values, 0)
    y, x = np.indices((64, 64)) - 31.5
    total = bright.sum(axis=(1, 2))
    place = (bright * x).sum(axis=(1, 2)) / total + 1j * (bright * -y).sum(axis=(1, 2)) / total
    assert np.allclose(np.abs(place), 0.27 * 64, atol=1)
    turn = np.angle(place[1:] / place[:-1])
    assert np.allclose(turn, 2 * np.pi / 20, atol=0.06)


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


def test_ice_follows_the_season_and_years_differ():
    values = seasonal_ice().values[:, 0]
    area = values.mean(axis=(1, 2)).reshape(4, 52)
    assert (area.max(axis=1) > 2 * area.min(axis=1)).all()
    assert set(area.argmin(axis=1)) <= set(range(18, 36))
    assert np.ptp(area.min(axis=1)) > 0.01
    assert not np.allclose(values[:52], values[52:104], atol=0.1)


@pytest.mark.parametrize("seed", range(5))
def test_ice_leaves_the_land_alone(seed):
    """There is a coast in the south, always 0, and there is none in the north."""
    always_0 = (seasonal_ice(seed=seed).values[:, 0] == 0).all(axis=0)
    assert always_0[-8:].mean() > 0.2
    assert not always_0[:24].any()


def test_noise_has_the_variance_and_the_memory_that_it_should():
    fields = smooth_noise(
        np.random.default_rng(0), (32, 32), modes=8, steps=4000, memory=0.8, longest=2
    ).astype("float64")
    assert fields.var() == pytest.approx(1, rel=0.05)
    correlation = [(fields[lag:] * fields[: 4000 - lag]).mean() for lag in (1, 2, 3)]
    assert correlation == pytest.approx([0.8, 0.64, 0.512], rel=0.08)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: sample("seasonal rice"), "did you mean 'seasonal ice'?"),
        (lambda: sample("x"), "'circling shape', 'drifting blobs', 'seasonal ice'"),
        (lambda: sample("seasonal ice", perod=3), "did you mean 'period'?"),
        (lambda: sample(["ice"]), "There is no sample"),
        (lambda: circling_shape(steps=1), "steps is 1"),
        (lambda: circling_shape(steps=0), "steps is 0"),
        (lambda: circling_shape(period=1.5), "period is 1.5"),
        (lambda: seasonal_ice(period=0), "period is 0"),
        (lambda: drifting_blobs(blobs=-1), "blobs is -1"),
        (lambda: drifting_blobs(size=(4, 4, 4)), "volumes are not made up"),
        (lambda: drifting_blobs(size=64), "size is 64"),
        (lambda: drifting_blobs(size=(64, 0)), "each length of size is 0"),
    ],
)
def test_what_cannot_be_made_up_is_refused(call, said):
    with pytest.raises(DataError) as refusal:
        call()
    assert said in str(refusal.value)
    assert str(refusal.value)[-1] in ".?"
    assert not str(refusal.value).endswith("?.")


def test_the_samples_are_in_the_order_in_which_they_are_shown():
    assert list(SAMPLES) == ["circling shape", "drifting blobs", "seasonal ice"]
