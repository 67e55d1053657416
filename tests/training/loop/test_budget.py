"""Budgets and learning rates, by a clock that the test winds."""

from math import cos, inf, pi

import pytest

from cnnwidget.training.loop import budget as home
from cnnwidget.training.loop.budget import Budget
from cnnwidget.training.recipe import Recipe
from tests.training.samples import Clock


def recipe(**said):
    return Recipe(**({"pre_history_len": 2, "forecast_len": 1, "batch_size": 4} | said))


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(home, "time", clock)
    return clock


def test_the_clock_stands_still_between_two_rounds(clock):
    budget = Budget(recipe(seconds=10), before=5)
    assert (budget.seconds, budget.trained, budget.left(0)) == (0, 5, 10)
    budget.start()
    clock.now += 4
    assert (budget.seconds, budget.trained, budget.left(0)) == (4, 9, 6)
    budget.pause()
    clock.now += 1000
    budget.pause()
    assert budget.seconds == 4
    assert not budget.time_is_up
    budget.start()
    clock.now += 6
    assert budget.time_is_up
    assert (budget.progress(3), budget.left(3)) == (1, 0)
    assert not budget.allows_epoch_after(0)


def test_epochs_are_counted_from_the_first(clock):
    budget = Budget(recipe(epochs=4), first=10)
    budget.start()
    assert budget.left(10) == inf
    clock.now += 3
    assert budget.progress(11) == 0.25
    assert budget.left(11) == 9
    assert [budget.allows_epoch_after(epoch) for epoch in (10, 13, 14)] == [True, True, False]
    clock.now += 1_000_000
    assert not budget.time_is_up


def test_the_cosine_of_epochs_by_hand():
    budget = Budget(recipe(epochs=20, lr=0.5), first=7)
    rates = [budget.lr(7 + epoch) for epoch in range(1, 21)]
    assert rates[:3] == [0.5, 0.5, 0.5]  # a tenth of 20 epochs, and the one that begins there
    for over in range(3, 20):
        share = (over / 20 - 0.1) / 0.9
        assert rates[over] == pytest.approx(0.25 * (1 + cos(pi * share)))
    assert rates == sorted(rates, reverse=True)
    assert 0 < rates[-1] < 0.01


def test_the_cosine_of_seconds_follows_the_clock(clock):
    budget = Budget(recipe(seconds=100, lr=1.0))
    budget.start()
    assert budget.lr(1) == 1
    clock.now += 55
    assert budget.lr(2) == pytest.approx(0.5)


def test_a_constant_rate_and_rates_by_epoch():
    assert {Budget(recipe(epochs=9, schedule="constant")).lr(n) for n in range(1, 10)} == {3e-3}
    budget = Budget(recipe(epochs=3, lr=(0.3, 0.2, 0.1)), first=5)
    assert [budget.lr(number) for number in (6, 7, 8, 9)] == [0.3, 0.2, 0.1, 0.1]
