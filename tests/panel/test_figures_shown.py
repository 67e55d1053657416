"""The figures of a run as the panel is told them."""

import json

import cnnwidget as cw
from cnnwidget.panel.views.training_view import skill_view
from tests.training.samples import PLANE, wave


def test_each_figure_comes_with_what_it_is():
    run = cw.fit(PLANE, wave(60, 8, 8), epochs=1, period=9, progress=False)
    told = skill_view(run)["skill"]
    assert told["names"] == ["network", "persistence", "mean of the history", "linear trend",
                             "climatology"]  # fmt: skip
    figures = {each["name"]: each for each in told["figures"]}
    assert list(figures) == list(run.metrics.definitions)
    everyone = [run.metrics.network, *(errors for _, errors in run.metrics.baselines)]
    assert figures["PSNR"]["values"] == [errors.psnr for errors in everyone]
    assert figures["PSNR"]["meaning"] == run.metrics.definitions["PSNR"]
    assert figures["SSIM"]["values"] == [None] * 5  # frames of 8 pixels are smaller than its window
    assert json.loads(json.dumps(told, allow_nan=False)) == told


def test_a_figure_without_end_is_no_number():
    values = wave(60, 8, 8)
    values[40:] = 251.3  # which persistence forecasts without an error
    told = skill_view(cw.fit(PLANE, values, epochs=1, progress=False))["skill"]
    figures = {each["name"]: each["values"] for each in told["figures"]}
    assert figures["PSNR"][1] is None
    assert figures["R2"] == [None] * 4
    json.dumps(told, allow_nan=False)
