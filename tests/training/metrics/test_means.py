"""Climatology, mean and median frame against numpy: of training frames alone, place by place."""

import warnings
from dataclasses import replace

import numpy as np
import pytest
import torch

import cnnwidget as cw
from cnnwidget.data.labels import Labels
from cnnwidget.training.metrics import means as home
from cnnwidget.training.metrics.baselines import BASELINES
from cnnwidget.training.metrics.means import frames_seen, mean_frames, median_frame, sample_of
from tests.training.samples import PLANE, noise, wave

LAND = np.zeros((8, 8), bool)
LAND[:2, 3:] = True
WITHOUT_PERIOD = [name for name in BASELINES if name != "climatology"]


def climatology(values, training, period):
    """The forecast of each frame, by numpy: (T, *size); what never was seen is NaN."""
    cut, train = training.data.cut, training.split.train
    seen = sorted({n for w in train for n in (*cut.input_frames(w), *cut.target_frames(w))})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # means of nothing
        overall = np.nanmean(values[seen].astype(float), axis=0)
        predicted = []
        for number in range(len(values)):
            phase = [n for n in seen if n % period == number % period]
            mean = np.nanmean(values[phase].astype(float), axis=0) if phase else overall
            predicted.append(np.where(np.isnan(mean), overall, mean))
    return np.stack(predicted)


def found_by(training):
    """The climatology of the training part, in the data's units: (phases, targets, *size)."""
    examples = training.examples
    return examples.transform.in_units(
        mean_frames(
            examples.windows,
            training.split.train,
            examples.season,
            examples.transform.target_means,
        )[None]
    )[0]


def forecast_by(training, frames):
    """What it says of so many frames: (frames, targets, *size)."""
    means = found_by(training)
    phases = training.examples.season.phases(np.arange(frames), training.data.frames.labels)
    return means[torch.from_numpy(phases).clamp(max=len(means) - 1)].numpy()


@pytest.mark.parametrize("piece", [1, 1 << 22])
@pytest.mark.parametrize("settings", [{}, {"stride": 4, "gap": 3}], ids=["plain", "cut"])
@pytest.mark.parametrize("period", [2, 7, 45, 500])
@pytest.mark.parametrize("gaps", [False, True], ids=["whole", "gaps"])
def test_the_mean_of_training_frames_at_the_same_phase(period, settings, gaps, piece, monkeypatch):
    monkeypatch.setattr(home, "PIECE_VALUES", piece)
    values = noise(90, 8, 8)
    if gaps:
        values[np.random.default_rng(1).random(values.shape) < 0.4] = np.nan
        values[:, LAND] = np.nan
    frames = cw.load(values, missing="leave out" if gaps else "refuse")
    training = cw.train(PLANE, frames, epochs=1, period=period, **settings)
    predicted = forecast_by(training, 90)[:, 0]
    wanted = climatology(values, training, period)
    wanted[np.isnan(wanted)] = training.examples.transform.statistics.mean[0]
    assert np.allclose(predicted, wanted, rtol=1e-5, atol=1e-5)


def test_nothing_is_taken_from_later_frames():
    values = noise(90, 8, 8)
    training = cw.train(PLANE, values, epochs=1, period=6)
    last = int(frames_seen(training.data.cut, training.split.train)[-1])
    first_of_test = training.data.cut.target_frames(training.split.validation.start).start
    assert last < first_of_test
    later = values.copy()
    later[last + 1 :] = 77.0
    other = cw.train(PLANE, later, epochs=1, period=6)
    assert torch.equal(found_by(training), found_by(other))


def test_it_is_a_baseline_where_a_period_is_given():
    values = noise(90, 8, 8)
    training = cw.train(PLANE, values, epochs=1, period=6, loss="mse", scaling="standard")
    list(training)
    run = training.run
    assert [name for name, _ in run.baselines] == list(BASELINES)
    assert [name for name, _ in run.metrics.baselines] == list(BASELINES)
    wanted = climatology(values, training, 6)
    for numbers, found in (
        (run.split.test, dict(run.metrics.baselines)["climatology"].rmse ** 2),
        (
            run.split.validation,
            dict(run.baselines)["climatology"] * run.predictor.scaling.span[0] ** 2,
        ),
    ):
        error = np.stack([(wanted - values)[i + 3 : i + 5] for i in numbers])
        assert found == pytest.approx((error**2).mean(), rel=1e-4)
    without = cw.fit(PLANE, values, epochs=1, loss="mse", progress=False)
    assert [name for name, _ in without.baselines] == WITHOUT_PERIOD


def test_what_comes_again_exactly_needs_no_network():
    cycle = noise(6, 8, 8)
    run = cw.fit(PLANE, np.tile(cycle, (15, 1, 1)), epochs=1, period=6, progress=False)
    assert run.skill.total is None
    assert "need no network:" in run.skill.sentence
    run = cw.fit(PLANE, np.tile(cycle, (15, 1, 1)), epochs=1, period=5, progress=False)
    assert run.skill.total is not None


def test_it_is_none_of_the_frames_that_it_is_made_from():
    """There it would know the truth, and seem to be exact."""
    run = cw.fit(PLANE, noise(6, 8, 8), epochs=1, period=5, progress=False)
    assert run.split.kind == "none"
    assert [name for name, _ in run.baselines] == list(BASELINES[:3])
    assert [name for name, _ in run.metrics.baselines] == list(BASELINES[:3])
    assert run.skill.total is not None


def test_of_several_variables_and_of_ones_and_zeros():
    values = noise(90, 2, 8, 8) * np.float32([[[40.0]], [[1e-3]]])
    two = PLANE.replace(in_channels=6, out_channels=2)
    training = cw.train(two, values, epochs=1, period=6, targets=[1])
    predicted = forecast_by(training, 90)[:, 0]
    assert np.allclose(predicted, climatology(values[:, 1], training, 6), rtol=1e-4, atol=1e-9)
    settings = {"epochs": 1, "period": 6, "x_threshold": 0.0, "y_threshold": 0.0}
    training = cw.train(PLANE, values[:, 0], **settings)
    predicted = forecast_by(training, 90)[:, 0]
    ones = (values[:, 0] > 0).astype(np.float32)
    assert np.allclose(predicted, climatology(ones, training, 6), atol=1e-6)


def test_memory_is_for_a_cycle_and_never_for_more_than_training_sees():
    training = cw.train(PLANE, noise(90, 8, 8), epochs=1, period=2)
    assert found_by(training).shape == (2, 1, 8, 8)
    training = cw.train(PLANE, noise(90, 8, 8), epochs=1, period=10**9)
    assert len(found_by(training)) <= 91


def test_frames_are_read_once_and_some_at_a_time(monkeypatch):
    monkeypatch.setattr(home, "PIECE_VALUES", 10 * 64)
    training = cw.train(PLANE, noise(90, 8, 8), epochs=1, period=4)
    contents, read = training.data.contents, []
    plain = type(contents).targets_at

    def predicted(self, numbers):
        read.append(numbers.ravel().tolist())
        return plain(self, numbers)

    monkeypatch.setattr(type(contents), "targets_at", predicted)
    found_by(training)
    shape, *pieces = read
    assert len(shape) == 1
    assert max(map(len, pieces)) == 10
    seen = frames_seen(training.data.cut, training.split.train)
    assert [number for piece in pieces for number in piece] == seen.tolist()


def test_it_gives_up_when_it_is_asked_to(monkeypatch):
    monkeypatch.setattr(home, "PIECE_VALUES", 64)
    training = cw.train(PLANE, noise(90, 8, 8), epochs=1, period=4)
    asked = []

    def stopped():
        asked.append(True)
        return len(asked) == 3

    run = training.run
    assert run.torch_task.measure(run, stopped) is None
    assert len(asked) == 3
    training.stop()
    assert list(training) == []
    assert (training.ending, training.baselines) == ("stopped", {})
    list(training)  # goes on from there
    assert training.ending == "finished"
    assert list(training.baselines) == list(BASELINES)


def test_a_period_is_kept_and_repeated(tmp_path):
    values = wave(60, 8, 8)
    run = cw.fit(PLANE, values, epochs=1, period=9, progress=False)
    again = cw.load_run(run.save(tmp_path), values)
    assert again.recipe.period == run.repeat["period"] == 9
    assert again.metrics == run.metrics
    repeated = cw.fit(PLANE, values, progress=False, **run.repeat)
    assert repeated.metrics == run.metrics
    assert repeated.history[0].train == run.history[0].train


@pytest.mark.parametrize("period", [1, 0, -3, 2.5, "12", "month", True])
def test_a_period_that_is_none_is_refused(period):
    with pytest.raises(cw.CnnwidgetError, match="period"):
        cw.train(PLANE, wave(60, 8, 8), epochs=1, period=period)


@pytest.mark.parametrize("gaps", [False, True], ids=["whole", "gaps"])
def test_mean_and_median_frame_of_the_training_part(gaps):
    values = noise(60, 8, 8)
    if gaps:
        values[np.random.default_rng(1).random(values.shape) < 0.4] = np.nan
        values[:, LAND] = np.nan
    frames = cw.load(values, missing="leave out" if gaps else "refuse")
    training = cw.train(PLANE, frames, epochs=1)
    examples, train = training.examples, training.split.train
    seen = values[frames_seen(training.data.cut, train)]
    means = examples.transform.target_means
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        wanted = np.nanmean(seen, axis=0), np.nanmedian(seen, axis=0)
    found = (
        mean_frames(examples.windows, train, None, means)[0],
        median_frame(examples.windows, train, means),
    )
    for scaled, truth in zip(found, wanted, strict=True):
        own = examples.transform.in_units(scaled[None, None])[0, 0, 0].numpy()
        known = np.where(np.isnan(truth), examples.transform.statistics.mean[0], truth)
        assert np.allclose(own, known, rtol=1e-5, atol=1e-5)


def test_a_sample_is_of_all_phases_and_repeats():
    numbers = np.arange(0, 50_000, 12)
    chosen = sample_of(numbers, 600)
    assert len(chosen) == len(set(chosen.tolist())) == 600
    assert (np.diff(chosen) > 0).all()
    assert np.array_equal(chosen, sample_of(numbers, 600))
    assert {*(chosen // 12 % 7).tolist()} == set(range(7))
    assert np.array_equal(sample_of(range(5, 9), 4), range(5, 9))


def test_days_of_the_year_are_smoothed():
    days = np.arange("2000-01-01", "2004-01-01", dtype="datetime64[D]")
    cycle = np.cos(2 * np.pi * np.arange(len(days)) / 365.25)[:, None, None]
    noisy = cycle + noise(len(days), 8, 8)
    frames = cw.load(noisy.astype(np.float32))
    frames = replace(frames, labels=Labels(times=days))
    training = cw.train(PLANE, frames, epochs=1, period="year")
    found = forecast_by(training, len(days))[:, 0]
    assert len(found_by(training)) == 366
    assert np.abs(found - cycle).mean() < 0.15  # of single days it would be 0.4 or more
