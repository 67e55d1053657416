"""Series and images made up: that they are what their descriptions promise."""

from dataclasses import replace

import numpy as np
import pytest

from cnnwidget.data.errors import DataError
from cnnwidget.data.frames import Frames
from cnnwidget.data.load import load
from cnnwidget.data.samples.labelled import shapes_to_classify, shapes_to_segment
from cnnwidget.data.samples.library import LABELLED, SAMPLES, labelled, sample
from cnnwidget.data.samples.noisy import LEVELS, noisy, noisy_shapes
from cnnwidget.data.samples.series.bouncing_shapes import bouncing_shapes
from cnnwidget.data.samples.series.circling_shape import circling_shape
from cnnwidget.data.samples.series.detector_waveforms import detector_waveforms
from cnnwidget.data.samples.series.drifting_blobs import drifting_blobs
from cnnwidget.data.samples.series.drifting_volumes import drifting_volumes
from cnnwidget.data.samples.series.ice_and_coast import ice_and_coast
from cnnwidget.data.samples.series.noisy_sound import noisy_sound
from cnnwidget.data.samples.series.reaction_diffusion import reaction_diffusion
from cnnwidget.data.samples.series.rotating_vortex import rotating_vortex
from cnnwidget.data.samples.series.seasonal_ice import seasonal_ice
from cnnwidget.data.samples.series.seasonal_sine import seasonal_sine
from cnnwidget.data.samples.series.shallow_water import shallow_water
from cnnwidget.data.samples.smooth_noise import smooth_noise

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


@pytest.mark.parametrize("name", set(SAMPLES) - {"noisy sound", "noisy shapes"})
def test_frames_are_worth_looking_at(name):
    """There is contrast, and a frame is near to the next but not the same."""
    values = sample(name).values[:, 0]
    assert values.max() - values.min() > 0.8
    change = np.abs(np.diff(values.reshape(len(values), -1), axis=0)).mean(axis=1)
    assert (change > 0.001).all()
    far = min(26, len(values) // 3)
    assert change.mean() < 0.5 * np.abs(values[:-far] - values[far:]).mean()


# What the first three were before there were others: values at eight places, and their mean. They
# are not compared bit for bit, since sines and products of matrices differ in the last bits from
# one processor to another.
BEFORE = [
    (
        "circling shape",
        {},
        [0.106998, 0.167288, 0.116535, 0.165578, 0.088602, 0.085035, 0.130521, 0.123519],
        0.17608,
    ),
    (
        "circling shape",
        {"size": (48,)},
        [0.842009, 0.809316, 0.78423, 0.763928, 0.743356, 0.717326, 0.858449, 0.885276],
        0.254325,
    ),
    (
        "circling shape",
        {"size": (31, 50), "seed": 7, "steps": 70},
        [0.045706, 0.076862, 0.075969, 0.113953, 0.134044, 0.124058, 0.084458, 0.099238],
        0.156008,
    ),
    (
        "drifting blobs",
        {},
        [0.676845, 0.595604, 3.6e-05, 0.000915, 7e-06, 0.005588, 0.089143, 0.024816],
        0.142616,
    ),
    (
        "drifting blobs",
        {"size": (48,)},
        [0.12024, 0.979902, 0.291193, 0.576969, 0.142942, 0.806906, 0.824448, 0.171633],
        0.635991,
    ),
    (
        "drifting blobs",
        {"size": (31, 50), "seed": 7, "steps": 70},
        [0.011362, 0.003174, 0.002676, 0.000166, 0.0, 0.0, 0.221243, 0.144308],
        0.157246,
    ),
    (
        "seasonal ice",
        {},
        [5e-06, 0.001261, 0.024149, 0.983802, 0.427492, 0.000311, 0.000102, 0.891049],
        0.376791,
    ),
    (
        "seasonal ice",
        {"size": (48,)},
        [0.894911, 0.21172, 0.036502, 0.990568, 0.0, 0.0, 0.137477, 0.719017],
        0.346719,
    ),
    (
        "seasonal ice",
        {"size": (31, 50), "seed": 7, "steps": 70},
        [0.889941, 0.002466, 0.000534, 0.681334, 0.907644, 0.932898, 0.0, 0.012219],
        0.432477,
    ),
]


@pytest.mark.parametrize(("name", "settings", "values", "mean"), BEFORE)
def test_the_first_samples_are_what_they_always_were(name, settings, values, mean):
    found = sample(name, **settings).values.ravel()
    places = np.arange(1, 9) * 7919 * 104729 % len(found)
    assert found[places] == pytest.approx(values, abs=2e-5)
    assert found.mean(dtype="float64") == pytest.approx(mean, abs=5e-6)


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


def moved_pixels(frames):
    """Where something is painted over the ground that is seen most of the time: (T, H, W)."""
    values = frames.values[:, 0]
    return np.abs(values - np.median(values, axis=0)) > 0.06


def test_a_lone_shape_keeps_its_area_and_goes_straight_on_between_walls():
    shown = moved_pixels(bouncing_shapes(shapes=1, steps=200))
    area = shown.sum(axis=(1, 2))
    assert area.min() > 0.85 * area.max()
    for axis in (1, 2):
        place = (shown * np.arange(64).reshape((-1, 1) if axis == 1 else -1)).sum(axis=(1, 2))
        pace = np.diff(place / area)
        usual = np.median(np.abs(pace))
        assert usual > 0.5
        # Apart from the frames at a wall it goes at one pace, there and back.
        assert (np.abs(np.abs(pace) - usual) < 0.35).mean() > 0.85
        assert pace.max() > 0.5
        assert pace.min() < -0.5


def test_shapes_hide_each_other():
    """The ground that they cover together is less at times, and more again when they part."""
    area = moved_pixels(bouncing_shapes(shapes=2, steps=200, seed=1)).sum(axis=(1, 2))
    apart = np.quantile(area, 0.8)
    assert (area > 0.93 * apart).mean() > 0.4
    assert area.min() < 0.75 * apart
    hidden = area < 0.85 * apart
    assert hidden.any()
    assert not hidden[0]
    assert not hidden[-1]


def test_a_vortex_turns_counterclockwise_and_faster_inside():
    """Rings round the middle are turned by the angle at which they agree best."""
    values = rotating_vortex(size=(129, 129), steps=12).values[:, 0]
    # The middle is where the first frames have least motion; the seed says where, within 0.06.
    middle = np.random.default_rng(0).uniform(-0.06, 0.06, 2) * 129 + 64
    angles = 2 * np.pi * np.arange(720) / 720
    turned = []
    for radius in (0.16, 0.22, 0.3):
        y = np.rint(middle[0] - radius * 129 * np.sin(angles)).astype(int)
        x = np.rint(middle[1] + radius * 129 * np.cos(angles)).astype(int)
        first, last = values[0, y, x], values[11, y, x]
        agreement = [np.sum(np.roll(first, shift) * last) for shift in range(-360, 360)]
        turned.append((np.argmax(agreement) - 360) * np.pi / 360)
    assert turned[0] > turned[1] > turned[2] > 0.05
    # Outside of the core the angular velocity is nearly the circulation by the area: 1 / r².
    assert turned[1] / turned[2] == pytest.approx((0.3 / 0.22) ** 2, rel=0.15)


def test_dye_is_mixed_and_not_lost():
    values = rotating_vortex(size=(96, 96)).values[:, 0].astype("float64")
    middle = np.random.default_rng(0).uniform(-0.06, 0.06, 2) * 96 + 47.5
    y, x = (place - at for place, at in zip(np.indices((96, 96)), middle, strict=True))
    inside = np.hypot(y, x) < 0.42 * 96  # what goes round farther out leaves the frame
    dye = (values * inside).sum(axis=(1, 2))
    assert np.ptp(dye) < 0.01 * dye.mean()
    core = values[:, np.hypot(y, x) < 0.2 * 96]
    assert core[-1].std() < 0.65 * core[0].std()


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


@pytest.mark.parametrize("size", [(64, 64), (40, 64), (64,)])
def test_water_is_kept_and_energy_only_lost(size):
    axes = len(size)
    values = shallow_water(
        size=size, drag=0.01, steps=200, variables=("height", "u", "v")[: 1 + axes]
    ).values.astype("float64")
    height = values[:, 0] - 0.5
    assert np.abs(height.reshape(200, -1).mean(axis=1)).max() < 1e-6
    # The two scales are not known, but of waves half of the energy is of motion, on an average.
    square = (values - 0.5) ** 2
    potential, kinetic = (e.reshape(200, -1).sum(axis=1) for e in (square[:, 0], square[:, 1:]))
    energy = potential / potential.mean() + kinetic / kinetic.mean()
    mean = np.convolve(energy, np.ones(20) / 20, "valid")
    assert (mean[5:] < 1.01 * mean[:-5]).all()
    assert energy[-1] < 0.5 * energy[0]


def test_water_without_drag_keeps_its_energy():
    values = shallow_water(drag=0, steps=300, variables=("height", "u", "v")).values - 0.5
    square = values.astype("float64") ** 2
    potential, kinetic = square[:, 0].sum(axis=(1, 2)), square[:, 1:].sum(axis=(1, 2, 3))
    energy = potential / potential.mean() + kinetic / kinetic.mean()
    assert energy[:100].mean() == pytest.approx(energy[-100:].mean(), rel=0.05)


def test_waves_obey_the_wave_equation():
    """Where nothing is lost, the second derivative in time is that in space, times c²."""
    height = shallow_water(drag=0, size=(48, 48)).values[:, 0].astype("float64") - 0.5
    in_time = (height[2:] - 2 * height[1:-1] + height[:-2])[:, 1:-1, 1:-1]
    in_space = laplacian(height[1:-1])[:, 1:-1, 1:-1]
    slope = (in_time * in_space).sum() / (in_space**2).sum()
    assert slope == pytest.approx((0.018 * 48) ** 2, rel=0.1)
    assert np.corrcoef(in_time.ravel(), in_space.ravel())[0, 1] > 0.97


def test_what_flows_is_named():
    frames = shallow_water(steps=9, variables=["height", "v"])
    assert frames.labels.channels == ("height", "v")
    assert frames.has_channels
    assert frames.values.shape == (9, 2, 64, 64)
    # What has fallen in one place flows away from there to all sides.
    settings = {"steps": 2, "drops": 1, "seed": 3}
    height, u, v = (
        shallow_water(variables=name, **settings).values[0, 0] - 0.5
        for name in ("height", "u", "v")
    )
    y, x = np.unravel_index(height.argmin(), (64, 64))
    assert 12 < y < 52
    assert 12 < x < 52
    away = np.arange(-8, 9)
    near = np.s_[y - 8 : y + 9, x - 8 : x + 9]
    for flow, along, across in ((u, away, away[:, None]), (v, away[:, None], away)):
        around = flow[near] - flow[near].mean()
        assert abs((around * along).sum()) > 5 * abs((around * across).sum())
    assert (u[near] * away).sum() * (v[near] * away[:, None]).sum() > 0


@pytest.mark.parametrize("seed", range(5))
def test_ice_and_coast_have_a_mask_and_dates(seed):
    ice = ice_and_coast(seed=seed)
    land = ~ice.valid[0]
    assert np.array_equal((ice.values[:, 0] == 0).all(axis=0), land)
    assert 0.1 < land.mean() < 0.5
    assert ice.labels.times.dtype.kind == "M"
    assert set(np.diff(ice.labels.times).astype(int)) == {7}
    area = ice.values[:, 0, ~land].mean(axis=1).reshape(4, 52)
    assert (area.max(axis=1) > 2 * area.min(axis=1)).all()
    assert set(area.argmin(axis=1)) <= set(range(18, 38))


def test_ice_drifts():
    """In a winter that does not end, a shift explains most weeks better than none."""
    ice = ice_and_coast(steps=60, period=3000)
    values, sea = ice.values[:, 0], ice.valid[0]
    inner = np.zeros_like(sea)
    inner[5:-5, 5:-5] = True
    shifts = [(y, x) for y in range(-4, 5) for x in range(-4, 5)]
    gained = []
    for before, after in zip(values[:-3:3], values[3::3], strict=False):
        errors = {}
        for shift in shifts:
            common = inner & sea & np.roll(sea, shift, (0, 1))
            errors[shift] = np.abs(np.roll(before, shift, (0, 1)) - after)[common].mean()
        gained.append(min(errors.values()) < 0.8 * errors[0, 0])
    assert np.mean(gained) > 0.5


@pytest.mark.parametrize("level", LEVELS)
def test_noise_has_the_level_that_it_should(level):
    clean = seasonal_sine(trend=0.5)
    noise = noisy(clean, level=level, seed=5).values.astype("float64") - clean.values
    assert noise.std() == pytest.approx(level * np.ptp(clean.values), rel=0.03)
    assert abs(noise.mean()) < 0.03 * level
    flat = noise.ravel()
    assert abs(np.corrcoef(flat[:-1], flat[1:])[0, 1]) < 0.03


def test_the_levels_are_those_of_the_seed():
    assert LEVELS == (0.01, 0.03, 0.05, 0.1, 0.25, 0.5)


def test_noise_leaves_alone_what_is_no_value():
    ice = ice_and_coast(steps=20)
    land = ~ice.valid[0]
    changed = noisy(ice, 0.25)
    assert (changed.values[:, 0, land] == 0).all()
    assert (changed.values[:, 0, ~land] != ice.values[:, 0, ~land]).mean() > 0.99
    assert changed.labels is ice.labels
    values = np.arange(60.0).reshape(10, 6)
    values[3, 2] = np.nan
    missing = noisy(load(values, missing="leave out"), 0.1).values
    assert np.isnan(missing[3, 0, 2])
    assert np.isfinite(missing).sum() == 59
    assert missing.dtype == np.float64
    assert noisy(load(np.arange(60).reshape(10, 6)), 0.1).values.dtype == np.float32
    assert np.array_equal(noisy(ice, 0).values, ice.values)


def test_noisy_shapes_are_the_bouncing_ones_and_noise():
    settings = {"steps": 60, "seed": 4, "shapes": 3}
    clean = bouncing_shapes(**settings).values
    noise = noisy_shapes(level=0.25, **settings).values - clean
    assert noise.std() == pytest.approx(0.25 * np.ptp(clean), rel=0.02)


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


def test_the_season_comes_again_and_the_trend_goes_on():
    values = seasonal_sine(period=20, steps=200, trend=0.4).values[:, 0].astype("float64")
    rise = values[20:] - values[:-20]
    assert np.allclose(rise, 0.4 * 20 / 199, atol=1e-6)
    assert np.ptp(values[:, 0]) > 0.4
    falling = seasonal_sine(trend=-1, steps=50).values[:, 0]
    assert falling[:, 0] == pytest.approx(np.linspace(1, 0, 50))
    again = seasonal_sine(trend=0, steps=100, period=25).values
    assert np.allclose(again[25:], again[:-25], atol=1e-6)


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


def test_clouds_drift_differently_at_each_depth_and_change_it():
    values = drifting_volumes(clouds=1, size=(24, 24, 24)).values[:, 0].astype("float64")
    total = values.sum(axis=(1, 2, 3))
    assert total.min() > 0.75 * total.max()  # but for what is below the bottom
    depth = (values.sum(axis=(2, 3)) * np.arange(24)).sum(axis=1) / total
    assert np.ptp(depth) > 5
    assert np.abs(np.diff(depth)).max() < 2
    # Across the sides, which meet, the cloud is followed by the phase of the longest wave.
    ways = []
    for axes in ((1, 3), (1, 2)):
        row = values.sum(axis=axes)
        wave = (row * np.exp(2j * np.pi * np.arange(24) / 24)).sum(axis=1)
        ways.append(np.angle(wave[1:] / wave[:-1]) / (2 * np.pi))
    direction = np.unwrap(np.arctan2(*ways))
    assert np.ptp(direction) > 0.5
    assert np.hypot(*ways).max() < 0.06


@pytest.mark.parametrize("name", LABELLED)
def test_labelled_images_are_in_bounds_and_seeds_decide(name):
    first, again, other = (labelled(name, count=30, seed=seed) for seed in (1, 1, 2))
    assert first.frames.values.dtype == np.float32
    assert 0 <= first.frames.values.min() <= first.frames.values.max() <= 1
    assert first.frames.name == name
    assert first.labels.dtype == np.int64
    assert set(np.unique(first.labels)) == set(range(len(first.names)))
    assert np.array_equal(first.frames.values, again.frames.values)
    assert np.array_equal(first.labels, again.labels)
    assert not np.array_equal(first.frames.values, other.frames.values)
    assert len(first.frames) == len(first.labels) == 30


def test_a_mask_is_where_shapes_are():
    shown = shapes_to_segment(count=60, noise=0, size=(48, 80))
    assert shown.labels.shape == (60, 48, 80)
    shapes = shown.labels > 0
    values = shown.frames.values[:, 0]
    # Shapes are brighter than the ground, but for their rims, which are a pixel wide.
    assert (values[shapes] > 0.38).mean() > 0.9
    assert (values[~shapes] < 0.45).mean() > 0.97
    assert 0.03 < shapes.mean() < 0.5
    for image, mask in zip(values, shapes, strict=True):
        assert image[mask].mean() > image[~mask].mean() + 0.15


def test_where_shapes_overlap_the_label_is_that_of_the_one_seen():
    """The image jumps more where one label gives way to another than within one."""
    shown = shapes_to_segment(count=100, noise=0, shapes=6)
    left, right = shown.labels[:, :, :-2], shown.labels[:, :, 2:]
    jump = np.abs(shown.frames.values[:, 0, :, 2:] - shown.frames.values[:, 0, :, :-2])
    shapes = (left > 0) & (right > 0)
    assert jump[shapes & (left != right)].mean() > 1.5 * jump[shapes & (left == right)].mean()


def test_shapes_are_told_by_their_outline_alone():
    """Classes are balanced; shade says nothing, and how much of its box a shape fills, much."""
    shown = shapes_to_classify(count=500, noise=0)
    assert [int((shown.labels == k).sum()) for k in range(5)] == [100] * 5
    filled, shade = [], []
    for image in shown.frames.values[:, 0]:
        mask = image > (np.quantile(image, 0.3) + image.max()) / 2
        rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        filled.append(mask.sum() / (np.ptp(rows) + 1) / (np.ptp(columns) + 1))
        shade.append(np.quantile(image, 0.95))
    filled, shade = np.array(filled), np.array(shade)
    means = {name: filled[shown.labels == k].mean() for k, name in enumerate(shown.names)}
    assert means["disc"] > means["triangle"] > means["star"]
    assert means["disc"] > 0.6
    assert means["star"] < 0.5
    discs, squares = (shade[shown.labels == shown.names.index(k)] for k in ("disc", "square"))
    assert abs(discs.mean() - squares.mean()) < 0.05


def test_labels_say_which_shape_it_is():
    """The corners of a shape, as its farthest points from its middle by the direction."""
    shown = shapes_to_segment(count=100, size=(96, 96), shapes=1)
    corners = {"disc": 0, "triangle": 3, "square": 4, "cross": 4, "star": 5}
    right = []
    for label in shown.labels:
        mask = label > 0
        y, x = (axis - axis[mask].mean() for axis in np.indices(mask.shape))
        angle = np.arctan2(y, x)[mask]
        far = np.hypot(y, x)[mask]
        turns = 2 * np.pi * np.arange(60) / 60
        away = np.abs((angle - turns[:, None] + np.pi) % (2 * np.pi) - np.pi)
        rim = np.where(away < 0.09, far, 0).max(axis=1)
        waves = np.abs(np.fft.rfft(rim))[1:7] / rim.sum()
        found = int(waves.argmax()) + 1 if waves.max() > 0.025 else 0
        right.append(found == corners[shown.names[label.max()]])
    assert np.mean(right) > 0.9


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: sample("seasonal rice"), "did you mean 'seasonal ice'?"),
        (lambda: sample("x"), "'circling shape', 'drifting blobs', 'seasonal ice'"),
        (lambda: sample("seasonal ice", perod=3), "did you mean 'period'?"),
        (lambda: sample(["ice"]), "There is no sample"),
        (lambda: sample("shapes to segment"), "take labelled"),
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
