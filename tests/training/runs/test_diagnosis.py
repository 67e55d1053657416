"""What is found in trainings that went wrong, and that nothing is found in one that did not."""

from dataclasses import replace

import numpy as np
import pytest

import cnnwidget as cw
from cnnwidget.training.loop.events import Epoch
from cnnwidget.training.runs.diagnosis import findings

FRAMES = cw.sample("circling shape", steps=60, size=(8, 8))
DESIGN = cw.EncoderDecoder(input_size=(8, 8), in_channels=2, out_channels=1, depth=1)
# All that it tells has passed its activations.
BOTTLENECK = DESIGN.replace(skips="none")


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


def test_a_rate_that_rises_too_far_at_the_end():
    run = cw.fit(
        BOTTLENECK, FRAMES, epochs=8, lr=(0.05,) * 7 + (10.0,), optimizer="sgd",
        clip_grad_norm=None, reference="none", progress=False,
    )  # fmt: skip
    assert run.ending == "finished"
    assert kinds(run) == ["exploded", "worse"]
    assert "clip_grad_norm=1" in str(run.findings[0])


def test_a_loss_that_exploded(good):
    losses = [0.5, 0.1, 0.05, 0.6]
    assert kinds(with_losses(good, losses, losses)) == ["exploded"]
    came_back = [0.5, 0.05, 0.6, 0.06]
    assert kinds(with_losses(good, came_back, came_back)) == []


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("none", "The forecast is the same for all"),
        ("persistence", "No epoch was better than the reference"),
    ],
)
def test_a_network_whose_activations_died(reference, said):
    plain = BOTTLENECK.replace(norm="none")
    run = cw.fit(plain, FRAMES, epochs=20, lr=3.0, reference=reference, progress=False)
    assert kinds(run) == ["constant" if reference == "none" else "reference", "worse"]
    assert str(run.findings[0]).startswith(said)


def test_a_forecast_that_is_always_the_same(good):
    for reference in ("none", "persistence"):
        run = cw.fit(DESIGN, FRAMES, epochs=1, reference=reference, progress=False)
        assert "constant" not in kinds(run)
        weights = {name: value * 0 for name, value in run.weights.items()}
        silent = replace(run, weights=weights, best=run.history[0])
        assert kinds(silent)[0] == "constant"


def test_a_change_that_is_always_the_same_where_values_are_missing():
    values = FRAMES.values[:, 0].copy()
    values[np.random.default_rng(0).random(values.shape) < 0.2] = np.nan
    frames = cw.load(values, missing="leave out")
    run = cw.fit(DESIGN, frames, epochs=1, reference="persistence", progress=False)
    assert "constant" not in kinds(run)
    weights = {name: value * 0 for name, value in run.weights.items()}
    assert kinds(replace(run, weights=weights, best=run.history[0]))[0] == "constant"


def test_a_constant_that_is_right_is_no_fault(good):
    still = np.zeros((60, 8, 8), np.float32)
    run = cw.fit(DESIGN, still, epochs=1, progress=False)
    assert "constant" not in kinds(run)


def test_a_network_that_learned_nothing_is_worse_than_none():
    run = cw.fit(DESIGN, FRAMES, epochs=1, lr=0.0, reference="none", progress=False)
    assert run.skill.total < 0
    assert "worse" in kinds(run)


def test_better_than_persistence_but_not_than_a_trend_is_worse_than_none():
    slow = np.sin(0.1 * np.arange(90)[:, None, None] + 0.3 * np.arange(64).reshape(8, 8))
    run = cw.fit(DESIGN, slow, epochs=2, reference="persistence", progress=False)
    baselines = dict(run.metrics.baselines)
    assert run.metrics.network.mae < baselines["persistence"].mae
    assert run.metrics.network.mae > baselines["linear trend"].mae
    assert kinds(run) == ["worse"]
    assert "The linear trend is better at every lead time" in run.skill.sentence


def test_a_cycle_that_climatology_knows_better():
    values = np.tile(np.random.default_rng(0).normal(size=(6, 8, 8)), (15, 1, 1))
    values += 0.01 * np.random.default_rng(1).normal(size=values.shape)
    wide = DESIGN.replace(start_channels=32, depth=2)
    run, known = (
        cw.fit(wide, values, epochs=20, period=period, reference="persistence", progress=False)
        for period in (None, 6)
    )
    assert known.history[-1].train == run.history[-1].train
    assert (kinds(run), kinds(known)) == ([], ["worse"])
    assert "is better at every lead time" in known.skill.sentence


def test_a_forecast_as_good_as_one_without_a_network(good):
    metrics = replace(good.metrics, network=dict(good.metrics.baselines)["persistence"])
    equal = replace(good, measured=metrics)
    assert equal.skill.total == 0
    [found] = [found for found in findings(equal) if found.kind == "worse"]
    assert found.sentence == "A forecast without a network is as good (skill 0%)."


def test_noise_learned_by_heart():
    noise = np.random.default_rng(0).normal(size=(24, 8, 8))
    cut = cw.windows(noise, pre_history_len=2, forecast_len=1)
    cut = cut.split_by_count(validation=4, test=4)
    wide = DESIGN.replace(start_channels=64, kernel_size=5)
    run = cw.fit(
        wide, cut, epochs=150, batch_size=4, lr=1e-3, loss="mse", schedule="constant",
        weight_decay=0.0, reference="persistence", progress=False,
    )  # fmt: skip
    assert kinds(run) == ["worse", "overfitting"]
    assert run.best.epoch < 75


def test_a_training_that_ended_too_early():
    settings = {"lr": 1e-3, "schedule": "constant", "reference": "none", "progress": False}
    run = cw.fit(BOTTLENECK, FRAMES, epochs=12, **settings)
    assert kinds(run)[-1] == "unfinished"


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
    bare = replace(with_losses(good, losses, losses), data=None)
    assert kinds(bare) == ["exploded"]


def test_the_verdict_is_not_said_twice(good):
    weights = {name: value * 0 for name, value in good.weights.items()}
    same = replace(good, weights=weights)
    assert [found.kind for found in same.findings] == ["constant", "worse"]
    [advice] = same.advice
    assert advice == str(same.findings[0])
    assert advice in repr(same)
    assert str(same.findings[1]) not in repr(same)
