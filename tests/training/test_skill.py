"""Skill, by hand."""

from dataclasses import replace
from math import inf, nan

import pytest

from cnnwidget.training.metrics import Errors, Metrics
from cnnwidget.training.skill import ranges, skill_of


def metrics(network, one, other, part="test"):
    errors = [Errors(tuple(each), tuple(each)) for each in (network, one, other)]
    named = (("persistence", errors[1]), ("mean of the history", errors[2]))
    return Metrics(part, 9, errors[0], named)


def test_one_less_the_ratio_to_the_best_baseline():
    skill = skill_of(metrics((1, 3), (2, 4), (8, 3.2)), span=10)
    assert skill.total == pytest.approx(1 - 4 / 6)
    assert skill.per_lead == pytest.approx((1 - 1 / 2, 1 - 3 / 3.2))
    assert skill.beats_all
    assert str(skill) == skill.sentence
    assert skill.sentence == (
        "Beats both baselines at every lead time on 9 test windows: mean absolute error 2 "
        "against 3 of persistence, skill 33%."
    )


def test_better_here_and_worse_there():
    skill = skill_of(metrics((1, 9, 9, 1), (2, 2, 2, 2), (3, 3, 3, 3)), span=10)
    assert "at lead 1 and 4, not at lead 2 to 3, on 9 test windows" in skill.sentence
    assert skill.total == -1.5
    assert "skill -150% over all" in skill.sentence
    assert not skill.beats_all


def test_better_at_no_lead_time_may_still_be_better_than_either_over_all():
    skill = skill_of(metrics((1.5, 1.5), (1, 3), (3, 1)), span=10)
    assert skill.total == 0.25
    assert skill.per_lead == (-0.5, -0.5)
    assert "Does not beat the best baseline at any lead time" in skill.sentence
    assert "skill 25%" in skill.sentence
    assert "neither" not in skill.sentence
    assert not skill.beats_all


def test_there_is_none_where_the_best_baseline_is_perfect():
    skill = skill_of(metrics((1, 1), (0, 0), (3, 1)), span=10)
    assert skill.total is None
    assert skill.per_lead == (None, None)
    assert "persistence is already exact on 9 test windows" in skill.sentence
    assert not skill.beats_all
    skill = skill_of(metrics((1, 1), (0, 4), (0, 4)), span=10)
    assert skill.per_lead == (None, 0.75)
    assert skill.total == 0.5
    # What counts as perfect is a share of the range of the data.
    assert skill_of(metrics((1,), (1e-3,), (1e-3,)), span=1e4).total is None
    assert skill_of(metrics((1,), (1e-3,), (1e-3,)), span=10).total == -999


def test_one_window_is_one():
    one = replace(metrics((1,), (2,), (3,)), windows=1)
    assert " on 1 test window: " in skill_of(one, span=1).sentence
    assert str(one).startswith("Mean absolute error on 1 test window\n")
    exact = replace(metrics((1,), (0,), (0,), part="training"), windows=1)
    assert "on 1 training window, which it was" in skill_of(exact, span=1).sentence


def test_windows_that_were_trained_on_are_called_so():
    skill = skill_of(metrics((1,), (2,), (3,), part="training"), span=1)
    assert "on 9 training windows, which it was trained on" in skill.sentence


@pytest.mark.parametrize("bad", [inf, nan])
def test_an_error_without_end_is_no_crash(bad):
    skill = skill_of(metrics((bad, 1), (2, 2), (3, 3)), span=1)
    assert not skill.beats_all
    assert skill.sentence


def test_numbers_to_read():
    assert ranges([1]) == "1"
    assert ranges([1, 2, 3, 5]) == "1 to 3 and 5"
    assert ranges([1, 3, 4, 9]) == "1, 3 to 4 and 9"
