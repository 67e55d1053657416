"""A run saved beside the notebook, with its forecast and its source."""

from dataclasses import replace

import numpy as np

import cnnwidget as cw
from cnnwidget.data.labels import Labels
from tests.panel.panels import press, short_training


def test_a_run_is_saved_with_its_forecast_and_its_source(designer, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    short_training(designer)
    press(designer, "fit")
    press(designer, "save")
    press(designer, "save")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "cnnwidget-run-1",
        "cnnwidget-run-2",
    ]
    run = cw.load_run("cnnwidget-run-1")
    predicted = np.load(tmp_path / "cnnwidget-run-1" / "forecast.npy")
    assert np.array_equal(predicted, designer.run.forecast())
    assert np.array_equal(predicted, run.forecast())
    text = (tmp_path / "cnnwidget-run-1" / "network.py").read_text(encoding="utf-8")
    assert text == designer.source


def test_a_forecast_of_dated_frames_is_saved_with_the_dates_that_follow(
    designer, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    days = np.arange("2020-01-01", "2020-05-01", dtype="datetime64[D]")
    frames = cw.sample("circling shape", size=(16, 16), steps=len(days))
    designer.frames = replace(frames, name="dated", labels=Labels(times=days))
    short_training(designer)
    press(designer, "fit")
    press(designer, "save")
    predicted = cw.load(tmp_path / "cnnwidget-run-1" / "forecast.nc")
    assert str(predicted.labels.times[0])[:10] == "2020-05-01"
    assert np.array_equal(predicted.values[:, 0], designer.run.forecast())
