"""What is missing or not forecast is drawn grey, never as a low value."""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

import cnnwidget as cw
from cnnwidget.panel.views.training_view import frames_picture
from tests.training.samples import PLANE, wave

GREY = (0x8C, 0x8C, 0x8C)
LAND = np.zeros((8, 8), bool)
LAND[1:3, 4:] = True
HOLE = (5, 2)


def sea(*, holed=True, land=True):
    """Waves with a place that is missing in every second frame, and some that are land."""
    values = wave(60, 8, 8)
    if holed:
        values[::2, HOLE[0], HOLE[1]] = np.nan
    return cw.load(values, missing="leave out" if holed else None, valid=~LAND if land else None)


def pixels(figure):
    """The colour at the middle of each value, image by image, row by row."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    drawn = np.asarray(canvas.buffer_rgba())
    images = [axes for axes in figure.axes if axes.images and not hasattr(axes, "_colorbar")]
    found = []
    for axes in images:
        places = [(column, row) for row in range(8) for column in range(8)]
        at = axes.transData.transform(places).astype(int)
        found.append(drawn[len(drawn) - 1 - at[:, 1], at[:, 0], :3].reshape(8, 8, 3))
    return found


@pytest.mark.parametrize("land", [True, False])
def test_the_picture_of_a_run_has_grey_where_there_is_no_value(land):
    run = cw.fit(PLANE, sea(land=land), epochs=1, progress=False)
    truths, forecasts, errors = np.split(np.array(pixels(run.plot())), 3)
    unknown = LAND if land else np.zeros((8, 8), bool)
    for lead, (truth, forecast, error) in enumerate(zip(truths, forecasts, errors, strict=True)):
        missing = unknown.copy()
        missing[HOLE] = (run.split.test[-1] + 3 + lead) % 2 == 0
        for image, wanted in ((truth, missing), (forecast, unknown), (error, missing)):
            assert np.array_equal((image == GREY).all(axis=-1), wanted)


def test_no_value_is_grey_where_all_are_known():
    run = cw.fit(PLANE, sea(holed=False, land=False), epochs=1, progress=False)
    for image in pixels(run.plot()):
        assert not (image == GREY).all(axis=-1).any()


def read(picture):
    view, *both, further = picture
    assert further == b""  # a forecast has none
    shape = (len(view["samples"]), len(view["frames"]), len(view["channels"]), *view["size"])
    return view, *(np.frombuffer(each, np.uint8).reshape(shape) for each in both)


def test_the_panel_is_sent_a_byte_of_its_own_where_there_is_no_value():
    frames = sea()
    run = cw.fit(PLANE, frames, epochs=1, progress=False)
    view, truth, predicted = read(frames_picture(run, "key"))
    assert view["empty"] == "missing or not forecast"
    assert np.array_equal(predicted == 0, np.broadcast_to(LAND, predicted.shape))
    [[low, high]] = view["ranges"]
    first = run.split.test[0]
    for lead in range(2):
        values = frames.values[first + 3 + lead, 0]
        nothing = LAND | np.isnan(values)
        assert np.array_equal(truth[0, lead, 0] == 0, nothing)
        share = np.clip((values - low) / (high - low), 0, 1)
        wanted = 1 + np.rint(254 * share[~nothing])
        assert np.abs(truth[0, lead, 0][~nothing] - wanted).max() <= 1
    # A prediction beyond the scale is at its end, and not without a value.
    share = (run.predict(frames)[first][:, ~LAND] - low) / (high - low)
    assert np.abs(predicted[0, :, 0][:, ~LAND] - (1 + 254 * np.clip(share, 0, 1))).max() <= 1


def test_the_panel_is_sent_what_it_was_where_all_is_known():
    run = cw.fit(PLANE, sea(holed=False, land=False), epochs=1, progress=False)
    view, truth, _ = read(frames_picture(run, "key"))
    assert view["empty"] == ""
    first = run.split.test[0]
    [[low, high]] = view["ranges"]
    share = (wave(60, 8, 8)[first + 3 : first + 5] - low) / (high - low)
    assert np.abs(truth[0, :, 0] - 255 * np.clip(share, 0, 1)).max() <= 0.5 + 1e-3


def test_the_panel_is_sent_each_variable_on_its_own_scale():
    values = np.stack([wave(60, 8, 8), 1e-5 * wave(60, 8, 8)], axis=1)
    design = PLANE.replace(in_channels=6, out_channels=4)
    run = cw.fit(design, values, epochs=1, progress=False)
    view, truth, _ = read(frames_picture(run, "key"))
    assert view["ranges"] == [list(each) for each in run.predictor.transform.ranges]
    known = truth[:-1].astype(float)
    assert np.abs(known[:, :, 0] - known[:, :, 1]).max() <= 1
    assert np.ptp(known[:, :, 1]) > 200
