"""Baselines, each against a line of numpy."""

import numpy as np
import pytest
import torch

import cnnwidget as cw
from cnnwidget.data.windows.window_cut import WindowCut
from cnnwidget.training.metrics.baselines import BASELINES, baselines_of, linear_trend
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
    found = baselines_of(WindowCut(pre_history_len=4, forecast_len=7, gap=gap))
    assert list(found) == list(wanted) == list(BASELINES[:3])
    for name, baseline in found.items():
        predicted = baseline(torch.from_numpy(history), range(3))
        assert predicted.shape == (3, 7, 2, 5, 6)
        assert np.allclose(predicted.numpy(), wanted[name], rtol=1e-5, atol=1e-5)


def test_a_history_of_one_frame_has_no_trend():
    assert list(baselines_of(WindowCut(pre_history_len=1, forecast_len=2))) == list(BASELINES[:2])
    design = PLANE.replace(in_channels=1, out_channels=2)
    run = cw.fit(design, wave(40, 8, 8), epochs=1, progress=False)
    assert [name for name, _ in run.baselines] == list(BASELINES[:2])
    assert [name for name, _ in run.metrics.baselines] == list(BASELINES[:2])
    assert run.skill.sentence


def test_two_frames_make_a_line():
    predicted = linear_trend(torch.tensor([[1.0, 4.0]]), forecast_len=3, gap=2)
    assert predicted.tolist() == [[13.0, 16.0, 19.0]]


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
    error = np.abs(lines(run.predictor.transform.filled(before)[:, :, 0].numpy(), [3, 4]) - truth)
    found = dict(run.metrics.baselines)["linear trend"].mae_per_lead
    assert found == pytest.approx(np.nanmean(error, (0, 2, 3)), rel=1e-5)
