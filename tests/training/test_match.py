"""A design beside frames: whether it fits, why not, and which design does."""

import numpy as np
import pytest

import cnnwidget as cw
from cnnwidget.design.planning.plan import plan_of
from cnnwidget.design.presets.presets import presets
from cnnwidget.training.design_for_frames import fitted_design, usual_design
from cnnwidget.training.match import match
from cnnwidget.training.tasks.task_table import task_named
from tests.training.samples import noise

FORECAST = task_named("forecast")


def net(**settings):
    shape = {"input_size": (16, 16), "in_channels": 4, "out_channels": 2}
    return cw.EncoderDecoder(**(shape | settings))


def frames_of(*shape, **settings):
    return cw.load(noise(*shape), **settings)


def test_a_design_that_fits_has_a_task_and_a_split():
    frames = frames_of(60, 16, 16)
    found = match(FORECAST, net(), frames)
    assert found.fits
    assert (found.obstacle, found.reason, found.changes) == (None, "", {})
    assert found.lengths == (4, 2)
    assert found.split == cw.windows(frames, pre_history_len=4, forecast_len=2).split
    assert found.fitted == net()
    assert found.checked() is found


@pytest.mark.parametrize(
    ("design", "shape", "obstacle", "words"),
    [
        (net(padding="valid", kernel_size=9), (60, 16, 16), "problem", "encoder.stage"),
        (presets["resnet18"], (60, 16, 16), "purpose", "To look at, not to fit"),
        (net(), (60, 16, 20), "shape", "The design takes 4 × 16 × 16, but 4 frames of"),
        (net(), (5, 16, 16), "length", "A window of 4 frames and 2 to forecast takes 6"),
    ],
)
def test_each_obstacle_has_a_reason_and_no_split(design, shape, obstacle, words):
    found = match(FORECAST, design, frames_of(*shape))
    assert (found.fits, found.split, found.obstacle) == (False, None, obstacle)
    assert found.reason.startswith(words)
    refusal = cw.DataError if obstacle == "length" else cw.DesignError
    with pytest.raises(refusal) as error:
        found.checked()
    assert found.reason in str(error.value)


@pytest.mark.parametrize("shape", [(60, 16, 20), (60, 3, 16, 16), (5, 16, 16)])
def test_the_fitted_design_fits_and_differs_in_its_shapes_alone(shape):
    frames = frames_of(*shape)
    found = match(FORECAST, net(depth=1), frames)
    assert match(FORECAST, found.fitted, frames).fits
    assert found.changes
    assert net(depth=1).replace(**found.changes) == found.fitted


def test_preferred_lengths_are_those_of_the_fitted_design_where_the_series_has_them():
    wide = frames_of(60, 20, 20)
    assert match(FORECAST, match(FORECAST, net(), wide, preferred=(7, 3)).fitted, wide).lengths == (
        7,
        3,
    )
    short = frames_of(20, 20, 20)
    assert match(
        FORECAST, match(FORECAST, net(), short, preferred=(104, 52)).fitted, short
    ).lengths == (7, 5)


def test_lengths_that_are_asked_for_stay_in_the_fitted_design():
    found = match(FORECAST, net(), frames_of(12, 16, 16), {"pre_history_len": 6, "forecast_len": 4})
    assert found.lengths == (6, 4)
    assert found.changes == {"in_channels": 6, "out_channels": 4}


def test_stride_and_gap_are_those_of_the_split():
    frames = frames_of(90, 16, 16)
    found = match(FORECAST, net(), frames, {"stride": 3, "gap": 2})
    cut = cw.windows(frames, pre_history_len=4, forecast_len=2, stride=3, gap=2)
    assert found.split == cut.split
    assert match(FORECAST, net(), frames_of(7, 16, 16), {"gap": 2}).obstacle == "length"


def test_a_network_is_fitted_in_the_size_of_its_input():
    layers = {"conv": cw.layers.Conv(out_channels=2, kernel_size=3, padding=1)}
    network = cw.Network(input_shape=(4, 16, 16), children=layers)
    found = match(FORECAST, network, frames_of(60, 9, 8))
    assert found.fitted == network.replace(input_shape=(4, 9, 8))
    strided = {"conv": cw.layers.Conv(out_channels=2, kernel_size=3)}
    assert match(FORECAST, network.replace(children=strided), frames_of(60, 9, 8)).fitted is None


def test_no_design_is_offered_that_has_a_problem():
    unpadded = net(padding="valid", input_size=(64, 64), depth=3)
    assert not plan_of(unpadded).problems
    assert match(FORECAST, unpadded, frames_of(60, 9, 9)).fitted is None
    assert fitted_design(FORECAST, unpadded, frames_of(60, 9, 9), (4, 2)).input_size == (9, 9)


def test_settings_per_axis_do_not_go_with_another_number_of_axes():
    design = net(kernel_size=(3, 5))
    series = frames_of(60, 16)
    assert match(FORECAST, design, series).fitted is None
    assert fitted_design(FORECAST, design, series, (4, 2)) == usual_design(FORECAST, series)


@pytest.mark.parametrize("steps", [2, 3, 8, 16, 200])
def test_the_usual_design_fits(steps):
    frames = cw.load(np.zeros((steps, 1, 6, 6)), axes="T C H W")
    assert match(FORECAST, usual_design(FORECAST, frames), frames).fits
