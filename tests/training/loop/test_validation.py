"""Losses over the validation windows, against a pass for each of them."""

import numpy as np
import pytest
import torch

import cnnwidget as cw
from cnnwidget.training.loop import validation
from cnnwidget.training.loop.validation import baseline_losses
from cnnwidget.training.metrics.baselines import BASELINES, baselines_of
from cnnwidget.training.metrics.climatology import climatology_of
from cnnwidget.training.tasks.forecasting import forecast_examples
from tests.training.samples import PLANE, noise

HOLES = noise(60, 8, 8)
HOLES[np.random.default_rng(1).random(HOLES.shape) < 0.3] = np.nan


def never():
    return False


def alone(training, name):
    """The loss of one baseline, in a pass of its own."""
    windows, transform, size = (
        training.data,
        training.examples.transform,
        training.recipe.batch_size,
    )
    climatology, period = None, training.recipe.period
    if period is not None:
        climatology = climatology_of(
            windows, training.split.train, period, transform.target_means, never
        )
        climatology = climatology.scaled(transform.target_scaling.scale, torch.device("cpu"))
    baseline = baselines_of(windows.cut, climatology)[name]
    numbers = training.split.validation or training.split.train
    total = 0.0
    for start in range(0, len(numbers), size):
        chosen = numbers[start : start + size]
        before = windows.past_targets(chosen)
        if windows.has_gaps:
            before = transform.filled_targets(before)
        predicted = baseline(transform.target_scaling.scale(before), chosen).flatten(1, 2)
        batch = training.loader.batch(chosen)
        total += training.examples.loss(predicted, batch).item() * len(chosen)
    return total / len(numbers)


@pytest.mark.parametrize(
    ("values", "channels", "settings"),
    [
        (noise(60, 8, 8), (3, 2), {}),
        (noise(60, 8, 8), (3, 2), {"loss": {"l1": 0.7, "mse": 0.3}, "stride": 2, "gap": 1}),
        (noise(60, 8, 8), (3, 2), {"period": 7}),
        (noise(6, 8, 8), (3, 2), {}),
        (cw.load(HOLES, missing="leave out"), (3, 2), {"period": 5}),
        (noise(60, 2, 8, 8), (6, 4), {}),
        (noise(60, 2, 8, 8), (3, 2), {"inputs": [0], "targets": [1]}),
    ],
    ids=["plain", "cut", "period", "nothing held out", "holes", "variables", "others told"],
)
def test_all_in_one_pass_are_those_of_a_pass_each(values, channels, settings):
    given, targets = channels
    design = PLANE.replace(in_channels=given, out_channels=targets)
    training = cw.train(design, values, epochs=1, **({"batch_size": 3} | settings))
    found = baseline_losses(training, never)
    assert list(found) == list(BASELINES[: 4 if "period" in settings else 3])
    for name, loss in found.items():
        assert loss == alone(training, name)


def test_each_window_is_read_once_for_all(monkeypatch):
    training = cw.train(PLANE, noise(60, 8, 8), epochs=1, batch_size=3)
    plain, read = training.loader.batch, []

    def batch(chosen):
        read.extend(chosen)
        return plain(chosen)

    monkeypatch.setattr(training.loader, "batch", batch)
    baseline_losses(training, never)
    assert read == list(training.split.validation)


def test_a_stop_is_heard_between_two_batches(monkeypatch):
    training = cw.train(PLANE, noise(60, 8, 8), epochs=1, batch_size=3)
    wanted = baseline_losses(training, never)
    plain, read = training.loader.batch, []

    def batch(*chosen):
        read.append(chosen)
        if len(read) == 1:
            training.stop()
        return plain(*chosen)

    monkeypatch.setattr(training.loader, "batch", batch)
    assert list(training) == []
    assert (len(read), training.ending, training.baselines) == (1, "stopped", {})
    list(training)
    assert (training.ending, training.baselines) == ("finished", wanted)


def test_what_is_known_is_not_worked_out_again(monkeypatch):
    training = cw.train(PLANE, noise(60, 8, 8), epochs=2, period=7)
    for _ in training:
        training.stop()
    known = dict(training.baselines)
    assert list(known) == list(BASELINES)
    for home, name in ((forecast_examples, "climatology_of"), (validation, "mean_losses")):
        monkeypatch.setattr(home, name, lambda *_: pytest.fail("worked out again"))
    list(training)
    assert (training.ending, training.baselines) == ("finished", known)


def test_those_that_are_missing_are_worked_out():
    training = cw.train(PLANE, noise(60, 8, 8), epochs=1, period=7)
    everyone = baseline_losses(training, never)
    training.baselines |= {"persistence": 0.5, "climatology": 0.25}
    missing = ("mean of the history", "linear trend")
    assert baseline_losses(training, never) == {name: everyone[name] for name in missing}
