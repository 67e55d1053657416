"""A training as the page shows it: its frames and its figures."""

import json

import numpy as np

import cnnwidget as cw
from cnnwidget.panel.views.training_view import skill_view
from cnnwidget.training.metrics.baselines import BASELINES
from tests.panel.panels import press, short_training
from tests.training.samples import PLANE, wave


def test_frames_reach_the_page_on_one_scale(designer):
    short_training(designer)
    press(designer, "fit")
    view, run = designer.stage.frames_view, designer.run
    samples, leads = len(view["samples"]), len(view["frames"])
    shape = (samples, leads, 1, *view["size"])
    truth = np.frombuffer(designer.stage.truth, np.uint8).reshape(shape)
    shown = np.frombuffer(designer.stage.prediction, np.uint8).reshape(shape)
    number = run.split.test[0]
    values = designer.frames.values[number + 10 : number + 15]
    [[low, high]] = view["ranges"]
    span = high - low
    expected = np.clip(np.rint((values - low) / span * 255), 0, 255)
    assert np.array_equal(truth[0], expected)
    beyond = np.clip(np.rint((run.forecast() - low) / span * 255), 0, 255)
    assert np.abs(shown[-1, :, 0].astype(float) - beyond).max() <= 1
    assert view["has_truth"] == [True] * (samples - 1) + [False]


def test_each_figure_comes_with_what_it_is():
    run = cw.fit(PLANE, wave(60, 8, 8), epochs=1, period=9, progress=False)
    told = skill_view(run)["skill"]
    assert told["names"] == ["network", *BASELINES]
    figures = {each["name"]: each for each in told["figures"]}
    assert list(figures) == list(run.metrics.definitions)
    everyone = [run.metrics.network, *(errors for _, errors in run.metrics.baselines)]
    assert figures["PSNR"]["values"] == [errors.psnr for errors in everyone]
    assert figures["PSNR"]["meaning"] == run.metrics.definitions["PSNR"]
    assert figures["SSIM"]["values"] == [None] * len(
        told["names"]
    )  # frames of 8 pixels are smaller than its window
    assert json.loads(json.dumps(told, allow_nan=False)) == told


def test_a_figure_without_end_is_no_number():
    values = wave(60, 8, 8)
    values[40:] = 251.3  # which persistence forecasts without an error
    told = skill_view(cw.fit(PLANE, values, epochs=1, progress=False))["skill"]
    figures = {each["name"]: each["values"] for each in told["figures"]}
    assert figures["PSNR"][1] is None
    assert figures["R2"] == [None] * len(told["names"])
    json.dumps(told, allow_nan=False)
