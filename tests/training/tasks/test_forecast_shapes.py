"""Designs and frames that do not go together, and the mend that is offered."""

import re

import numpy as np
import pytest

import cnnwidget as cw
from cnnwidget.design.planning.plan import plan_of
from cnnwidget.training.match import match
from cnnwidget.training.tasks.forecasting.forecast_shapes import ForecastShapes
from cnnwidget.training.tasks.task_table import task_named
from tests.training.samples import PLANE, noise

FORECAST = task_named("forecast")
HAND = cw.Network(
    input_shape=(3, 8, 8),
    children=(cw.layers.Conv(out_channels=4, kernel_size=3, padding="same"),),
)


def test_lengths_follow_from_the_design():
    two = cw.load(noise(30, 2, 8, 8))
    design = PLANE.replace(in_channels=6, out_channels=4)
    assert match(FORECAST, design, two).shapes == ForecastShapes(3, 2, 2, (8, 8))
    assert match(FORECAST, HAND, cw.load(noise(30, 8, 8))).shapes == ForecastShapes(3, 4, 1, (8, 8))
    assert match(FORECAST, design, two).shapes.input_shape == (6, 8, 8)
    assert match(FORECAST, design, two).shapes.output_shape == (4, 8, 8)


@pytest.mark.parametrize(
    ("values", "said", "shapes"),
    [
        (noise(30, 16, 8), {}, ("3 × 8 × 8", "3 × 16 × 8")),
        (noise(30, 16), {}, ("3 × 8 × 8", "3 × 16")),
        (noise(30, 1, 4, 4, 4), {}, ("3 × 8 × 8", "3 × 4 × 4 × 4")),
        (noise(30, 2, 8, 8), {}, ("3 × 8 × 8", "4 × 8 × 8")),
        (noise(30, 7, 8, 8), {}, ("3 × 8 × 8", "7 × 8 × 8")),
        (noise(30, 8, 8), {"pre_history_len": 5}, ("3 × 8 × 8", "5 × 8 × 8")),
        (noise(30, 8, 8), {"forecast_len": 6}, ("2 × 8 × 8", "6 × 8 × 8")),
        (noise(30, 2, 9, 7), {"pre_history_len": 2, "forecast_len": 3}, ("3 × 8 × 8", "4 × 9 × 7")),
    ],
    ids=str,
)
def test_the_sentence_has_both_shapes_and_the_mend_mends(values, said, shapes):
    axes = {2: "TL", 3: "THW", 4: "TCHW", 5: "TCDHW"}[values.ndim]
    frames = cw.load(values, axes=axes)
    with pytest.raises(cw.DesignError) as refusal:
        cw.train(PLANE, frames, **said)
    text = str(refusal.value)
    assert all(shape in text for shape in shapes)
    mend = re.search(r"Try (design\.replace\(.*\))\.$", text)
    mended = eval(mend[1], {"design": PLANE})
    assert cw.fit(mended, frames, epochs=1, progress=False, **said).ending == "finished"


def test_a_network_by_hand_has_no_replace_to_offer():
    with pytest.raises(cw.DesignError) as refusal:
        cw.train(HAND, noise(30, 9, 8))
    assert "3 × 8 × 8" in str(refusal.value)
    assert "3 × 9 × 8" in str(refusal.value)
    assert "replace" not in str(refusal.value)
    assert cw.fit(HAND, noise(30, 8, 8), epochs=1, progress=False).forecast(9).shape == (9, 8, 8)


@pytest.mark.parametrize("length", [0, -2, 2.0, "3", True, None.__class__, np.array([1, 2])])
@pytest.mark.parametrize("name", ["pre_history_len", "forecast_len"])
def test_a_length_is_a_whole_number(name, length):
    with pytest.raises(cw.DataError, match=f"{name} is .* whole number of at least 1"):
        cw.train(PLANE, noise(30, 8, 8), **{name: length})


def test_a_length_of_numpy_is_one():
    run = cw.fit(PLANE, noise(30, 8, 8), epochs=1, progress=False, pre_history_len=np.int64(3))
    assert run.recipe.pre_history_len == 3


def test_the_name_of_a_layer_stays_as_it_is():
    conv = cw.layers.Conv(out_channels=4, kernel_size=30, padding="valid")
    encoder = cw.layers.Sequence(children=(("conv", conv),))
    design = cw.Network(input_shape=(3, 8, 8), children=(("encoder", encoder),))
    with pytest.raises(cw.DesignError) as refusal:
        cw.train(design, noise(30, 8, 8))
    assert str(refusal.value).startswith("encoder.conv gets 3 × 8 × 8")
    with pytest.raises(cw.DesignError, match=r"^The design takes"):
        cw.train(HAND, noise(30, 9, 8))


def test_one_frame_is_one():
    task = ForecastShapes(1, 1, 1, (8, 8))
    assert "1 frame of" in task.misfit(plan_of(PLANE))
    design = PLANE.replace(in_channels=1)
    assert "a forecast of 1 frame is" in task.misfit(plan_of(design))


def test_other_things_that_are_wrong():
    with pytest.raises(cw.DesignError, match="is no design"):
        cw.train("unet", noise(30, 8, 8))
    with pytest.raises(cw.DataError, match="list has 3 values"):
        cw.train(PLANE, [1, 2, 3])
    with pytest.raises(cw.DataError, match="takes 5 frames, but there are 4"):
        cw.train(PLANE, noise(4, 8, 8))
    with pytest.raises(cw.DesignError, match="kernel"):
        cw.train(PLANE.replace(padding="valid", kernel_size=9), noise(30, 8, 8))
