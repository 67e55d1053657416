"""Baselines, each against a line of numpy."""

import numpy as np
import pytest
import torch

import cnnwidget as cw
from cnnwidget.data.windows.fill_history import fill_history
from cnnwidget.data.windows.window_cut import WindowCut
from cnnwidget.training.metrics.baselines import OF_HISTORY, rules_of_history, trend_weights
from tests.training.samples import PLANE, noise, wave


def lines(history, ahead):
    """A line of least squares at each place, by numpy, at times that count from the first frame."""
    times = np.arange(history.shape[1])
    places = history.swapaxes(0, 1).reshape(len(times), -1)
    slope, start = np.polyfit(times, places.astype(np.float64), 1)
    predicted = start + slope * np.asarray(ahead)[:, None]
    return predicted.reshape(len(ahead), len(history), *history.shape[2:]).swapaxes(0, 1)


@pytest.mark.parametrize("gap", [0, 3])
def test_each_against_numpy(gap):
    history = noise(3, 4, 2, 5, 6)
    wanted = {
        "persistence": np.repeat(history[:, 3:4], 7, axis=1),
        "mean of the history": np.repeat(history.mean(axis=1, keepdims=True), 7, axis=1),
        "linear trend": lines(history, np.arange(4 + gap, 11 + gap)),
    }
    found = rules_of_history(WindowCut(pre_history_len=4, forecast_len=7, gap=gap))
    assert list(found) == list(wanted) == list(OF_HISTORY)
    for name, rule in found.items():
        predicted = rule.forecast(torch.from_numpy(history))
        assert predicted.shape == (3, 7, 2, 5, 6)
        assert np.allclose(predicted.numpy(), wanted[name], rtol=1e-5, atol=1e-5)


def test_a_history_of_one_frame_has_no_trend():
    cut = WindowCut(pre_history_len=1, forecast_len=2)
    assert list(rules_of_history(cut)) == list(OF_HISTORY[:2])
    design = PLANE.replace(in_channels=1, out_channels=2)
    run = cw.fit(design, wave(40, 8, 8), epochs=1, progress=False)
    for found in (run.baselines, run.metrics.baselines):
        assert "linear trend" not in dict(found)
    assert run.skill.sentence


def test_two_frames_make_a_line():
    weights = trend_weights(2, forecast_len=3, gap=2)[..., 0]
    assert (weights @ torch.tensor([1.0, 4.0])).tolist() == [13.0, 16.0, 19.0]


@pytest.mark.parametrize("start", [0.0, 250.0, 1e5])
def test_a_line_is_exact_to_the_last_digit(start):
    """However large the values, what is left over is below what counts as exact."""
    times = np.arange(60.0)[:, None, None]
    values = (start + times * np.linspace(-4, 4, 64).reshape(8, 8)).astype(np.float32)
    run = cw.fit(PLANE, values, epochs=1, progress=False)
    trend = dict(run.metrics.baselines)["linear trend"]
    rounding = 4 * np.spacing(np.float32(start + 250))
    assert trend.mae <= rounding
    if start < 1e4:
        assert run.skill.total is None
        assert "need no network: the linear trend is already exact" in run.skill.sentence


def test_a_forecast_behind_a_gap_is_judged_there():
    values = noise(80, 8, 8)
    run = cw.fit(PLANE, values, epochs=1, gap=2, stride=3, progress=False)
    first = 3 * np.array(run.split.test)
    history = values[first[:, None] + np.arange(3)]
    truth = values[first[:, None] + np.arange(5, 7)]
    error = np.abs(lines(history, [5, 6]) - truth).mean((0, 2, 3))
    assert dict(run.metrics.baselines)["linear trend"].mae_per_lead == pytest.approx(error)


def test_missing_values_are_shown_to_a_trend_as_to_the_network():
    values = wave(60, 8, 8)
    values[np.random.default_rng(0).random(values.shape) < 0.2] = np.nan
    run = cw.fit(PLANE, cw.load(values, missing="leave out"), epochs=1, progress=False)
    part = run.split.test
    before = torch.from_numpy(np.stack([values[i : i + 3] for i in part]))[:, :, None]
    truth = np.stack([values[i + 3 : i + 5] for i in part])
    mean = run.predictor.statistics.mean[0]
    error = np.abs(lines(fill_history(before, mean)[:, :, 0].numpy(), [3, 4]) - truth)
    found = dict(run.metrics.baselines)["linear trend"].mae_per_lead
    assert found == pytest.approx(np.nanmean(error, (0, 2, 3)), rel=1e-5)


def anomalies(steps, memory, seed=0):
    """Red noise around a frame of its own: (steps, 8, 8)."""
    random = np.random.default_rng(seed)
    found = [random.normal(size=(8, 8))]
    for _ in range(steps - 1):
        found.append(memory * found[-1] + np.sqrt(1 - memory**2) * random.normal(size=(8, 8)))
    return 280 + 5 * random.normal(size=(8, 8)) + np.array(found)


@pytest.mark.parametrize("period", [None, 4])
def test_damped_anomalies_by_least_squares_in_numpy(period):
    values = anomalies(120, 0.7)
    if period:
        values += np.tile([0.0, 3.0, 5.0, 1.0], 30)[:, None, None]
    training = cw.train(PLANE, values, epochs=1, period=period, reference="damped anomaly")
    train, rule = training.split.train, training.examples.reference.rule
    seen = np.arange(train.stop + 4)
    phases = np.arange(len(values)) % (period or 1)
    mean = np.stack([values[seen][phases[seen] == n].mean(0) for n in range(period or 1)])
    away = values - mean[phases]
    for lead in (1, 2):
        last, ahead = away[2 : train.stop + 2], away[2 + lead : train.stop + 2 + lead]
        share = (last * ahead).sum() / (last * last).sum()
        assert rule.weights[lead - 1, 0, 0].item() == pytest.approx(share, rel=1e-3)
        assert 0 < share < 0.75**lead
    settings = {"epochs": 1, "lr": 0.0, "period": period, "reference": "damped anomaly"}
    run = cw.fit(PLANE, values, progress=False, **settings)  # it stays at its reference
    forecast = run.forecast(steps=1)
    wanted = mean[phases[-1] + 1 - len(mean)] if period else mean[0]
    wanted = wanted + rule.weights[0, 0, 0].item() * away[-1]
    assert np.allclose(forecast[0], wanted, rtol=1e-5)
