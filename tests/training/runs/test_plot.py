"""Figures of every kind of run: drawn, without pyplot."""

import dataclasses
import subprocess
import sys

import numpy as np
import pytest

import cnnwidget as cw
from cnnwidget.training.loop.events import Epoch
from tests.training.samples import PLANE, noise

LINE = PLANE.replace(input_size=(16,))
VOLUME = PLANE.replace(input_size=(4, 4, 4), in_channels=2, out_channels=9)


def panels(run):
    figure = run.plot()
    assert figure._repr_png_().startswith(b"\x89PNG")
    return len(figure.axes)


@pytest.mark.parametrize("epochs", [1, 4])
@pytest.mark.parametrize(
    ("design", "values", "axes"),
    [
        (PLANE, noise(40, 8, 8), 1 + 6 + 3),  # curves, two leads of three kinds, colour bars
        (PLANE, noise(6, 8, 8), 1 + 6 + 3),
        (LINE, noise(40, 16), 1 + 6),
        (VOLUME, noise(40, 1, 4, 4, 4), 1),
        (PLANE.replace(out_channels=7), noise(60, 8, 8), 1 + 15 + 3),
    ],
    ids=["plane", "nothing held out", "line", "volume", "many leads"],
)
def test_curves_and_frames(design, values, axes, epochs):
    frames = cw.load(values, axes="TCDHW" if values.ndim == 5 else None)
    assert panels(cw.fit(design, frames, epochs=epochs, progress=False)) == axes


def test_the_lines_are_the_history():
    run = cw.fit(PLANE, noise(40, 8, 8), epochs=3, progress=False)
    lines = {line.get_label(): line for line in run.plot().axes[0].get_lines()}
    assert list(lines["training"].get_ydata())[1:] == [each.train for each in run.history]
    assert np.isnan(lines["training"].get_ydata()[0])
    assert list(lines["validation"].get_ydata()) == [each.validation for each in run.curve]
    assert list(lines["validation"].get_xdata()) == [0, 1, 2, 3]
    for name, loss in run.baselines:
        assert set(lines[name].get_ydata()) == {loss}
    assert list(lines["best weights"].get_xdata()) == [run.best.epoch]


def test_runs_with_little_to_show():
    training = cw.train(PLANE, noise(40, 8, 8), epochs=3)
    assert panels(training.run) == 10  # nothing was trained yet
    list(training)
    run = training.run
    assert panels(dataclasses.replace(run, data=None)) == 1
    assert panels(dataclasses.replace(run, history=(), best=None, baselines=())) == 10
    for bad in (float("inf"), float("nan")):
        odd = (*run.history, Epoch(4, bad, bad, 0.1, 1.0))
        assert panels(dataclasses.replace(run, history=odd, ending="diverged")) == 10
        wild = tuple((name, bad) for name, _ in run.baselines)
        assert panels(dataclasses.replace(run, baselines=wild)) == 10
    flat = cw.fit(PLANE, noise(40, 8, 8) * 0, epochs=1, lr=0.0, progress=False)
    assert panels(flat) == 10


def test_pyplot_stays_out():
    code = (
        "import sys, numpy, cnnwidget as cw\n"
        "design = cw.EncoderDecoder(input_size=(8, 8), in_channels=2, out_channels=1, depth=1)\n"
        "run = cw.fit(design, numpy.random.rand(20, 8, 8), epochs=1, progress=False)\n"
        "assert run.plot()._repr_png_()\n"
        "assert 'matplotlib.figure' in sys.modules\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
