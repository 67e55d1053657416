from dataclasses import replace

import numpy as np
import pytest

import cnnwidget as cw
from cnnwidget.training.findings import findings
from cnnwidget.training.history import Epoch

FRAMES = cw.sample("circling shape", steps=60, size=(8, 8))
DESIGN = cw.EncoderDecoder(input_size=(8, 8), in_channels=2, out_channels=1, depth=1)


@pytest.fixture(scope="module")
def good():
    run = cw.fit(DESIGN, FRAMES, epochs=30, progress=False)
    assert run.skill.beats_all
    return run


def kinds(run):
    return [found.kind for found in findings(run)]


def with_losses(run, train, validation):
    history = tuple(
        Epoch(number, *losses, lr=1e-3, seconds=float(number))
        for number, losses in enumerate(zip(train, validation, strict=True), 1)
    )
    return replace(run, history=history)


def test_a_good_run_has_nothing_to_be_told(good):
    assert kinds(good) == []


def test_a_rate_that_is_far_too_large():
    plain = DESIGN.replace(norm="none")
    run = cw.fit(
        plain, FRAMES, epochs=30, lr=10.0, optimizer="sgd", clip_grad_norm=None, loss="mse",
        progress=False,
    )  # fmt: skip
    assert run.ending == "diverged"
    [found] = findings(run)
    assert found.kind == "diverged"
    assert "lr=1" in found.tries
    assert "clip_grad_norm=1" in str(found)


def test_a_loss_that_exploded(good):
    losses = [0.5, 0.1, 0.05, 0.6]
    assert kinds(with_losses(good, losses, losses)) == ["exploded"]
    came_back = [0.5, 0.05, 0.6, 0.06]
    assert kinds(with_losses(good, came_back, came_back)) == []


def test_a_forecast_that_is_always_the_same(good):
    weights = {name: value * 0 for name, value in good.weights.items()}
    same = replace(good, weights=weights)
    assert kinds(same) == ["constant", "worse"]


def test_a_constant_that_is_right_is_no_fault(good):
    still = np.zeros((60, 8, 8), np.float32)
    run = cw.fit(DESIGN, still, epochs=1, progress=False)
    assert "constant" not in kinds(run)


def test_a_network_that_learned_nothing_is_worse_than_none():
    run = cw.fit(DESIGN, FRAMES, epochs=1, lr=0.0, progress=False)
    assert run.skill.total < 0
    assert "worse" in kinds(run)


def test_learning_by_heart_what_does_not_come_again(good):
    train = np.linspace(0.5, 0.01, 20)
    validation = [*np.linspace(0.5, 0.2, 6), *np.linspace(0.21, 0.4, 14)]
    assert kinds(with_losses(good, train, validation)) == ["overfitting"]
    assert kinds(with_losses(good, train, train)) == []
    rising_both = with_losses(good, validation, validation)
    assert kinds(rising_both) == []


def test_a_loss_that_still_falls_at_a_constant_rate(good):
    losses = np.linspace(0.5, 0.1, 40)
    run = with_losses(good, losses, losses)
    assert kinds(run) == []
    assert kinds(replace(run, recipe=run.recipe.replace(schedule="constant"))) == ["unfinished"]
    stopped = replace(run, ending="stopped", recipe=run.recipe.replace(schedule="constant"))
    assert kinds(stopped) == []


def test_a_run_without_its_data_tells_what_its_losses_tell(good):
    losses = [0.5, 0.1, 0.05, 0.6]
    bare = replace(with_losses(good, losses, losses), windows=None)
    assert kinds(bare) == ["exploded"]


def test_the_verdict_is_not_said_twice(good):
    weights = {name: value * 0 for name, value in good.weights.items()}
    same = replace(good, weights=weights)
    assert [found.kind for found in same.findings] == ["constant", "worse"]
    [advice] = same.advice
    assert advice == str(same.findings[0])
    assert advice in repr(same)
    assert str(same.findings[1]) not in repr(same)
