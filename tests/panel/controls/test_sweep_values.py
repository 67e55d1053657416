"""The values that are suggested for a sweep."""

import pytest

import cnnwidget as cw
from cnnwidget.panel.controls.sweep_values import (
    format_values,
    parse_values,
    suggested_values,
    sweep_fields,
)
from cnnwidget.panel.controls.training_controls import TrainingControls
from cnnwidget.training.checks.sweep import trials
from cnnwidget.training.tasks.task_table import task_named

FORECAST = task_named("forecast")
DESIGN = cw.EncoderDecoder(input_size=(16, 16), in_channels=4, out_channels=2, depth=1)
FRAMES = cw.sample("circling shape", size=(16, 16), steps=60)


@pytest.mark.parametrize("field", sweep_fields(DESIGN, FORECAST))
def test_suggested_values_can_be_swept_and_have_the_present_one(field):
    """Of every field, what is written is what is read, and nothing is refused."""
    settings = TrainingControls().arguments() | {"batch_size": 4}
    values = suggested_values(DESIGN, FRAMES, field, settings)
    assert 2 <= len(values) <= 5
    assert parse_values(field, format_values(values)) == list(values)
    now = settings[field] if field in settings else getattr(DESIGN, field)
    assert now in values or now is None or field in {"kernel_size", "stride", "dilation", "augment"}
    assert len(trials(DESIGN, FRAMES, field, values)) == len(values)


def test_a_rate_without_an_option_has_neighbours_among_the_options():
    settings = {"lr": 0.004}
    assert suggested_values(DESIGN, FRAMES, "lr", settings) == (0.001, 0.004, 0.01)
    assert suggested_values(DESIGN, FRAMES, "lr", {"lr": 1e-6}) == (1e-6 / 3, 1e-6, 1e-5)


def test_a_network_without_sliders_has_settings_only():
    network = cw.plan(DESIGN).network
    assert "kernel_size" in sweep_fields(DESIGN, FORECAST)
    assert sweep_fields(network, FORECAST)[:2] == ("lr", "batch_size")
