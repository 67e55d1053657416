"""Metrics against numpy, in the units of the data."""

import re
from dataclasses import replace

import numpy as np
import pytest

import cnnwidget as cw
from cnnwidget.training.metrics import score_sums
from cnnwidget.training.metrics.scores import Errors
from tests.training.samples import PLANE, noise, wave

# A line through three frames at 0, 1, 2 is at 3 and 4 so much of each.
LINE = np.array([[-4, 2, 8], [-7, 2, 11]]) / 6

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
        "linear trend": np.einsum("lt,bt...->bl...", LINE, history),
    }
    metrics = run.metrics
    named = {"network": metrics.network, **dict(metrics.baselines)}
    assert [name for name in named if name in forecasts] == list(forecasts)
    axes = (0, *range(2, truth.ndim))
    seen = values[: run.split.train.stop + 4]
    shares = np.ptp(seen, axis=(0, 2, 3))[:, None, None] if truth.ndim == 5 else 1.0
    for name, predicted in forecasts.items():
        error = (predicted.astype(float) - truth) / shares
        assert np.allclose(named[name].mae_per_lead, np.abs(error).mean(axes), rtol=1e-4)
        assert np.allclose(named[name].rmse_per_lead, np.sqrt((error**2).mean(axes)), rtol=1e-4)
        assert named[name].mae == pytest.approx(np.abs(error).mean(), rel=1e-4)
        assert named[name].rmse == pytest.approx(np.sqrt((error**2).mean()), rel=1e-4)
        for number, variable in enumerate(metrics.variables):
            found = {"network": variable.network, **dict(variable.baselines)}[name]
            error = predicted[:, :, number].astype(float) - truth[:, :, number]
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
    (low,), (span,) = training.examples.transform.scaling
    scaled = (values - low) / span
    part = training.split.validation
    truth = np.stack([scaled[i + 3 : i + 5] for i in part])
    history = np.stack([scaled[i : i + 3] for i in part])
    predicted = dict(training.run.baselines)
    assert predicted["persistence"] == pytest.approx(
        ((history[:, -1:] - truth) ** 2).mean(), rel=1e-4
    )
    mean = history.mean(1, keepdims=True)
    assert predicted["mean of the history"] == pytest.approx(((mean - truth) ** 2).mean(), rel=1e-4)
    line = np.einsum("lt,bt...->bl...", LINE, history)
    assert predicted["linear trend"] == pytest.approx(((line - truth) ** 2).mean(), rel=1e-4)


def test_it_prints_as_a_table_and_says_what_each_figure_is():
    run = cw.fit(PLANE, wave(60, 8, 8), epochs=1, progress=False)
    text, meanings = str(run.metrics).rsplit("\n\n", 1)
    lines = text.splitlines()
    assert lines[0] == f"Mean absolute error on {len(run.split.test)} test windows"
    names = [re.split(r" {2,}", line)[0] for line in lines[4:]]
    figures = ["MAE", "RMSE", "PSNR", "SSIM", "R2", "explained variance"]
    assert names == ["+1", "+2", *(f"all ({name})" for name in figures)]
    said = dict(line.split(": ", 1) for line in meanings.splitlines())
    assert list(said) == figures == list(run.metrics.definitions)
    span = f"{run.predictor.statistics.span[0]:.4g}"
    assert f"with a peak of {span}, the range" in said["PSNR"]
    assert f"with a data range of {span}, the range" in said["SSIM"]
    [psnr] = [line.split() for line in lines if line.startswith("all (PSNR)")]
    everyone = (run.metrics.network, *(errors for _, errors in run.metrics.baselines))
    assert psnr[2:] == [f"{errors.psnr:.4g}" for errors in everyone]
    assert repr(run.metrics) == str(run.metrics)


def test_several_variables_are_reported_by_what_is_common_to_them():
    run = cw.fit(CHANNELS, noise(60, 2, 8, 8) * [[[3.0]], [[700.0]]], epochs=1, progress=False)
    assert run.metrics.network.peak == 1.0
    assert "with a peak of 1, each variable being scaled" in run.metrics.definitions["PSNR"]
    assert "in shares" in run.metrics.definitions["MAE"]
    for variable, span in zip(run.metrics.variables, run.predictor.statistics.span, strict=True):
        assert variable.network.peak == span


def test_measuring_gives_up_before_any_batch():
    run = cw.fit(PLANE, noise(60, 8, 8), epochs=1, batch_size=2, progress=False)
    batches = -(-len(run.split.test) // 2)
    for number in range(batches):
        asked = iter([*[False] * number, True])
        assert run.torch_task.measure(run, lambda asked=asked: next(asked)) is None
    assert run.torch_task.measure(run, lambda: False) == run.metrics


@pytest.mark.parametrize("piece", [1, 200, 1 << 20])
def test_the_figures_are_the_same_however_few_are_compared_at_a_time(piece, monkeypatch):
    run = cw.fit(PLANE, noise(60, 8, 8), epochs=1, progress=False)
    wanted = run.metrics.network
    monkeypatch.setattr(score_sums, "PIECE", piece)
    for batch in (1, 3, 64):
        other = replace(run, recipe=run.recipe.replace(batch_size=batch))
        found = other.torch_task.measure(other, lambda: False).network
        assert found.mae_per_lead == pytest.approx(wanted.mae_per_lead, rel=1e-6)
        assert found.r2_per_lead == pytest.approx(wanted.r2_per_lead, rel=1e-6)
        assert found.explained_variance == pytest.approx(wanted.explained_variance, rel=1e-6)


def test_numbers_without_end_are_no_crash():
    assert Errors((1e308, 1e308), (1e200, 1e308), peak=1.0).mae == np.inf
    assert Errors((1e308, 1e308), (1e200, 1e308), peak=1.0).rmse == np.inf
