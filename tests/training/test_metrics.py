"""Metrics against numpy, in the units of the data."""

import numpy as np
import pytest

import cnnwidget as cw
from cnnwidget.training.metrics import Errors
from tests.training.samples import PLANE, noise, wave

CHANNELS = PLANE.replace(in_channels=6, out_channels=4)


@pytest.mark.parametrize(
    ("design", "values"),
    [
        (PLANE, wave(60, 8, 8)),
        (PLANE, noise(6, 8, 8)),
        (CHANNELS, noise(60, 2, 8, 8) * [[[3.0]], [[700.0]]]),
    ],
    ids=["held out", "nothing held out", "two variables"],
)
def test_errors_of_network_and_baselines_in_three_lines_of_numpy(design, values):
    run = cw.fit(design, values, epochs=2, batch_size=4, progress=False)
    part = run.split.test or run.split.train
    history = np.stack([values[i : i + 3] for i in part])
    truth = np.stack([values[i + 3 : i + 5] for i in part])
    forecasts = {
        "network": run.predict(values)[list(part)],
        "persistence": history[:, -1:],
        "mean of the history": history.mean(1, keepdims=True),
    }
    metrics = run.metrics
    named = {"network": metrics.network, **dict(metrics.baselines)}
    assert list(named) == list(forecasts)
    axes = (0, *range(2, truth.ndim))
    seen = values[: run.split.train.stop + 4]
    shares = np.ptp(seen, axis=(0, 2, 3))[:, None, None] if truth.ndim == 5 else 1.0
    for name, told in forecasts.items():
        error = (told.astype(float) - truth) / shares
        assert np.allclose(named[name].mae_per_lead, np.abs(error).mean(axes), rtol=1e-4)
        assert np.allclose(named[name].rmse_per_lead, np.sqrt((error**2).mean(axes)), rtol=1e-4)
        assert named[name].mae == pytest.approx(np.abs(error).mean(), rel=1e-4)
        assert named[name].rmse == pytest.approx(np.sqrt((error**2).mean()), rel=1e-4)
        for number, variable in enumerate(metrics.variables):
            found = {"network": variable.network, **dict(variable.baselines)}[name]
            error = told[:, :, number].astype(float) - truth[:, :, number]
            axes_of_one = (0, *range(2, error.ndim))
            assert np.allclose(found.mae_per_lead, np.abs(error).mean(axes_of_one), rtol=1e-4)
            squares = np.sqrt((error**2).mean(axes_of_one))
            assert np.allclose(found.rmse_per_lead, squares, rtol=1e-4)
    assert [each.name for each in metrics.variables] == (["0", "1"] if truth.ndim == 5 else [])
    assert metrics.windows == len(part)
    assert metrics.part == ("test" if run.split.test else "training")
    best = min(errors.mae for name, errors in metrics.baselines)
    assert run.skill.total == pytest.approx(1 - metrics.network.mae / best)


def test_the_baselines_beside_the_curve_are_in_its_units():
    values = wave(60, 8, 8)
    training = cw.train(PLANE, values, epochs=1, loss="mse")
    list(training)
    (low,), (span,) = training.scaling
    scaled = (values - low) / span
    part = training.split.validation
    truth = np.stack([scaled[i + 3 : i + 5] for i in part])
    history = np.stack([scaled[i : i + 3] for i in part])
    told = dict(training.run.baselines)
    assert told["persistence"] == pytest.approx(((history[:, -1:] - truth) ** 2).mean(), rel=1e-4)
    mean = history.mean(1, keepdims=True)
    assert told["mean of the history"] == pytest.approx(((mean - truth) ** 2).mean(), rel=1e-4)


def test_it_prints_as_a_table_with_a_line_a_lead():
    run = cw.fit(PLANE, wave(60, 8, 8), epochs=1, progress=False)
    lines = str(run.metrics).splitlines()
    assert lines[0] == f"Mean absolute error on {len(run.split.test)} test windows"
    assert [line.split()[0] for line in lines[4:]] == ["+1", "+2", "all", "all"]
    assert repr(run.metrics) == str(run.metrics)


def test_numbers_without_end_are_no_crash():
    assert Errors((1e308, 1e308), (1e200, 1e308)).mae == np.inf
    assert Errors((1e308, 1e308), (1e200, 1e308)).rmse == np.inf
