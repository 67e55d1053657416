"""Climatology against numpy: of training frames alone, at each place by itself."""

import warnings

import numpy as np
import pytest
import torch

import cnnwidget as cw
from cnnwidget.training.metrics import climatology as home
from cnnwidget.training.metrics.baselines import BASELINES
from cnnwidget.training.metrics.climatology import climatology_of, frames_seen
from tests.training.samples import PLANE, noise, wave

LAND = np.zeros((8, 8), bool)
LAND[:2, 3:] = True


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
    return climatology_of(
        training.data,
        training.split.train,
        training.recipe.period,
        training.examples.transform.target_means,
        lambda: False,
    )


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
    predicted = found_by(training).of(np.arange(90)[None])[0, :, 0].numpy()
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
    assert torch.equal(found_by(training).means, found_by(other).means)


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
    assert [name for name, _ in without.baselines] == list(BASELINES[:3])


def test_what_comes_again_exactly_needs_no_network():
    cycle = noise(6, 8, 8)
    run = cw.fit(PLANE, np.tile(cycle, (15, 1, 1)), epochs=1, period=6, progress=False)
    assert run.skill.total is None
    assert "need no network: climatology is already exact" in run.skill.sentence
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
    predicted = found_by(training).of(np.arange(90)[None])[0, :, 0].numpy()
    assert np.allclose(predicted, climatology(values[:, 1], training, 6), rtol=1e-4, atol=1e-9)
    settings = {"epochs": 1, "period": 6, "x_threshold": 0.0, "y_threshold": 0.0}
    training = cw.train(PLANE, values[:, 0], **settings)
    predicted = found_by(training).of(np.arange(90)[None])[0, :, 0].numpy()
    ones = (values[:, 0] > 0).astype(np.float32)
    assert np.allclose(predicted, climatology(ones, training, 6), atol=1e-6)


def test_memory_is_for_a_cycle_and_never_for_more_than_training_sees():
    training = cw.train(PLANE, noise(90, 8, 8), epochs=1, period=2)
    assert found_by(training).means.shape == (3, 1, 8, 8)
    training = cw.train(PLANE, noise(90, 8, 8), epochs=1, period=10**9)
    assert len(found_by(training).means) <= 91


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


@pytest.mark.parametrize("period", [1, 0, -3, 2.5, "12", True])
def test_a_period_that_is_none_is_refused(period):
    with pytest.raises(cw.CnnwidgetError, match="period"):
        cw.train(PLANE, wave(60, 8, 8), epochs=1, period=period)
