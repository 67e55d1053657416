from math import cos, pi

import pytest

from cnnwidget.training.loop.schedule import CONSTANT, PARTS, share, shares


def test_a_cosine_is_half_a_wave_after_a_tenth():
    for part, found in enumerate(shares("cosine")):
        along = max(0.0, (part / PARTS - CONSTANT) / (1 - CONSTANT))
        assert found == pytest.approx((1 + cos(pi * along)) / 2, abs=1e-9)


def test_one_cycle_rises_and_falls_once():
    rates = shares("one_cycle")
    top = rates.index(max(rates))
    assert top == pytest.approx(0.3 * PARTS, abs=1)
    assert list(rates[: top + 1]) == sorted(rates[: top + 1])
    assert list(rates[top:]) == sorted(rates[top:], reverse=True)
    assert rates[0] == pytest.approx(1 / 25)
    assert rates[-1] == pytest.approx(1 / 25 / 1e4, rel=0.1)


def test_a_constant_stays():
    assert set(shares("constant")) == {1.0}


@pytest.mark.parametrize("progress", [-1.0, 0.0, 1.0, 7.0])
def test_before_and_behind_a_budget_are_its_ends(progress):
    assert share("cosine", progress) == shares("cosine")[0 if progress <= 0 else -1]
