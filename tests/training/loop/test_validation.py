"""Losses over the validation windows, against a pass for each of them."""

import numpy as np
import pytest

import cnnwidget as cw
from cnnwidget.training.loop import validation
from cnnwidget.training.loop.validation import baseline_losses
from cnnwidget.training.metrics.baselines import BASELINES, OF_HISTORY, histories, rules
from cnnwidget.training.tasks.forecasting import forecast_examples
from tests.training.samples import PLANE, noise

HOLES = noise(60, 8, 8)
HOLES[np.random.default_rng(1).random(HOLES.shape) < 0.3] = np.nan


def never():
    return False


def alone(training, name):
    """The loss of one baseline, in a pass of its own."""
    examples, size = training.examples, training.recipe.batch_size
    windows, season = examples.windows, examples.season
    means = examples.transform.target_means
    rule = rules([name], windows, season, means)[name]
    numbers = training.split.validation or training.split.train
    total = 0.0
    for start in range(0, len(numbers), size):
        chosen = numbers[start : start + size]
        predicted = rule.forecast(*histories(windows, chosen, season, means)).flatten(1, 2)
        batch = training.loader.batch(chosen)
        total += examples.loss(predicted, batch).item() * len(chosen)
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
    expected = BASELINES if training.split.validation else OF_HISTORY
    if "period" not in settings:
        expected = [name for name in expected if name != "climatology"]
    assert list(found) == list(expected)
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
    for home, name in ((forecast_examples, "rules"), (validation, "mean_losses")):
        monkeypatch.setattr(home, name, lambda *_: pytest.fail("worked out again"))
    list(training)
    assert (training.ending, training.baselines) == ("finished", known)


def test_those_that_are_missing_are_worked_out():
    training = cw.train(PLANE, noise(60, 8, 8), epochs=1, period=7)
    everyone = baseline_losses(training, never)
    missing = ("mean of the history", "damped anomaly")
    training.baselines |= {name: 0.5 for name in everyone if name not in missing}
    assert baseline_losses(training, never) == {name: everyone[name] for name in missing}
