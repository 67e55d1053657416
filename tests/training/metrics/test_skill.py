"""Skill, by hand; what the sentence claims is read back and held against the numbers."""

import re
from dataclasses import replace
from math import inf, nan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnwidget.training.metrics.metrics import Metrics
from cnnwidget.training.metrics.scores import Errors, Spread
from cnnwidget.training.metrics.skill import skill_of

NAMES = ("persistence", "mean of the history", "linear trend", "climatology")


def metrics(network, *others, part="test", span=1.0):
    """Errors of a network and of as many baselines, lead by lead, of data with a range."""
    first, *rest = [Errors(tuple(each), tuple(each), peak=span) for each in (network, *others)]
    return Metrics(part, 9, first, tuple(zip(NAMES, rest, strict=False)))


def sentence(*errors, span=10, **kwargs):
    return skill_of(metrics(*errors, span=span, **kwargs)).sentence


def test_one_less_the_ratio_to_the_best_baseline():
    skill = skill_of(metrics((1, 3), (2, 4), (8, 3.2), span=10))
    assert skill.total == pytest.approx(1 - 4 / 6)
    assert skill.per_lead == pytest.approx((1 - 1 / 2, 1 - 3 / 3.2))
    assert skill.beats_all
    assert str(skill) == skill.sentence
    assert skill.sentence == (
        "Beats every baseline at every lead time on 9 test windows: mean absolute error 2 "
        "against 3 of persistence, skill 33%."
    )


def test_better_from_a_lead_time_on():
    skill = skill_of(metrics((5, 5, 1, 1), (2, 4, 6, 8), (9, 9, 9, 9), (8, 3, 8, 9), span=10))
    assert skill.sentence == (
        "Beats every baseline from lead 3 on; at lead 1 persistence is better, at lead 2 the "
        "linear trend is better, on 9 test windows: mean absolute error 3 against 5 of "
        "persistence, skill 40% over all."
    )
    assert not skill.beats_all


def test_better_here_and_worse_there():
    skill = skill_of(metrics((1, 9, 9, 1), (2, 2, 2, 2), (3, 3, 3, 3), span=10))
    assert skill.sentence == (
        "Beats every baseline at leads 1 and 4; at leads 2 to 3 persistence is better, on 9 test "
        "windows: mean absolute error 5 against 2 of persistence, skill -150% over all."
    )
    assert skill.total == -1.5


def test_better_at_no_lead_time_may_still_be_better_than_either_over_all():
    skill = skill_of(metrics((1.5, 1.5), (1, 3), (3, 1), span=10))
    assert skill.total == 0.25
    assert skill.per_lead == (-0.5, -0.5)
    assert skill.sentence == (
        "At lead 1 persistence is better, at lead 2 the mean of the history is better, on 9 test "
        "windows: mean absolute error 1.5 against 2 of persistence, skill 25%. Train longer, or "
        "change the design."
    )
    assert not skill.beats_all


def test_a_baseline_that_is_better_at_every_lead_time():
    assert sentence((3, 3), (9, 9), (2, 2)).startswith(
        "The mean of the history is better at every lead time on 9 test windows: mean absolute "
        "error 3 against 2 of the mean of the history, skill -50%. Train longer"
    )


def test_there_is_none_where_the_best_baseline_is_perfect():
    skill = skill_of(metrics((1, 1), (0, 0), (3, 1), span=10))
    assert skill.total is None
    assert skill.per_lead == (None, None)
    assert skill.sentence == (
        "These data need no network: persistence is already exact on 9 test windows, so there is "
        "no skill to speak of."
    )
    assert not skill.beats_all
    skill = skill_of(metrics((1, 1), (0, 4), (0, 4), span=10))
    assert skill.per_lead == (None, 0.75)
    assert skill.total == 0.5
    assert "at lead 2; at lead 1 persistence is already exact, on" in skill.sentence
    assert not skill.beats_all
    # What counts as perfect is a share of the range of the data.
    assert skill_of(metrics((1,), (1e-3,), (1e-3,), span=1e4)).total is None
    assert skill_of(metrics((1,), (1e-3,), (1e-3,), span=10)).total == -999


def test_any_of_them_may_be_exact():
    text = sentence((1, 1), (5, 5), (5, 5), (1e-6, 1e-6), (5, 5))
    assert text.startswith("These data need no network: the linear trend is already exact on")
    text = sentence((1, 1), (5, 5), (5, 5), (5, 5), (0, 0))
    assert text.startswith("These data need no network: climatology is already exact on")


def test_one_window_is_one():
    one = replace(metrics((1,), (2,), (3,)), windows=1)
    assert " on 1 test window: " in skill_of(one).sentence
    assert str(one).startswith("Mean absolute error on 1 test window\n")
    exact = replace(metrics((1,), (0,), (0,), part="training"), windows=1)
    assert "on 1 training window, which it was" in skill_of(exact).sentence


def test_windows_that_were_trained_on_are_called_so():
    assert "on 9 training windows, which it was trained on: " in sentence(
        (1,), (2,), (3,), part="training"
    )


@pytest.mark.parametrize("bad", [inf, nan])
def test_an_error_without_end_is_no_crash(bad):
    skill = skill_of(metrics((bad, 1), (2, 2), (3, 3), span=1))
    assert not skill.beats_all
    assert "at lead 2; at lead 1 persistence is better" in skill.sentence
    # A baseline that goes beyond all numbers is none to beat.
    skill = skill_of(metrics((1, 1), (bad, bad), (3, 3), span=1))
    assert skill.total == pytest.approx(2 / 3)
    assert skill.beats_all


def test_a_lead_time_without_any_truth_says_nothing():
    skill = skill_of(metrics((nan, 1), (nan, 2), (nan, 3), span=1))
    assert (skill.total, skill.per_lead) == (0.5, (None, 0.5))
    assert "at lead 2; at lead 1 nothing is known of the truth, on" in skill.sentence
    assert "error 1 against 2 of persistence" in skill.sentence
    skill = skill_of(metrics((nan, nan), (nan, nan), (nan, nan), span=1))
    assert skill.total is None
    assert skill.sentence == (
        "Nothing is known of the truth on 9 test windows, so there is no skill to speak of."
    )


def leads_of(words, count):
    """The lead times that words name: a set, or how many where they are too many to name."""
    if found := re.fullmatch(r"from lead (\d+) on", words):
        return set(range(int(found[1]), count + 1))
    if found := re.fullmatch(rf"at (\d+) of {count} lead times", words):
        return int(found[1])
    names = re.fullmatch(r"at leads? (.*)", words)[1]
    named = set()
    for piece in re.split(r", | and ", names):
        first, _, last = piece.partition(" to ")
        named |= set(range(int(first), int(last or first) + 1))
    assert ("leads" in words) == (len(named) > 1)
    return named


def same(claimed, wanted):
    return claimed == (len(wanted) if isinstance(claimed, int) else wanted)


CLAUSE = re.compile(
    r"((?:at leads? \d[^a-z]*(?:(?:to|and) \d[^a-z]*)*?)|at \d+ of \d+ lead times) "
    r"(it does not beat the best of them|(?:the )?([a-z ]+?) is (better|as good|already exact))"
    r"(?:, |$)"
)
# Errors that tie, and that are as good as none.
some = st.sampled_from([0.0, 1e-8, 0.5, 1.0, 1.25, 2.0, 3.0])


@settings(max_examples=500, deadline=None)
@given(data=st.data(), count=st.integers(1, 14), others=st.integers(2, 4))
def test_what_the_sentence_claims_is_what_the_numbers_say(data, count, others):
    a_row = st.lists(some, min_size=count, max_size=count)
    network, *rest = [data.draw(a_row) for _ in range(others + 1)]
    skill = skill_of(metrics(network, *rest, span=1))
    text, floor = skill.sentence, 1e-6
    bests = [min(each) for each in zip(*rest, strict=True)]
    won = {k for k in range(1, count + 1) if network[k - 1] < bests[k - 1] > floor}
    means = {name: sum(each) / count for name, each in zip(NAMES, rest, strict=False)}
    if exact := re.match(r"These data need no network: (?:the )?(.*) is already exact on", text):
        assert means[exact[1]] == min(means.values()) <= floor
        assert skill.total is None
        return
    assert min(means.values()) > floor
    figures = re.search(r" error (\S+) against (\S+) of (?:the )?(.*), skill (\S+?)%", text)
    own = sum(network) / count
    assert figures[1] == f"{own:.3g}"
    assert means[figures[3]] == min(means.values())
    assert figures[2] == f"{min(means.values()):.3g}"
    assert figures[4] == f"{100 * (1 - own / min(means.values())):.0f}"
    assert len(text) < 330

    claim = re.split(r",? on 9 test windows", text)[0]
    claimed = re.match(r"Beats every baseline (.*?)(?:; |$)", claim)
    assert (claimed is not None) == bool(won)
    assert ("Train longer" in text) == (not won)
    assert (claimed is not None and claimed[1] == "at every lead time") == (len(won) == count)
    assert skill.beats_all == (len(won) == count)
    if len(won) == count:
        return
    if claimed:
        assert same(leads_of(claimed[1], count), won)
        claim = claim[claimed.end() :]
    elif claim.endswith(" at every lead time"):
        claim = f"at leads 1 to {count} {claim.removesuffix(' at every lead time')}"
        claim = claim.replace("leads 1 to 1", "lead 1")
    rest_of_it = claim[0].lower() + claim[1:]
    rest_of_it = re.sub(r"(?<=\d )The |(?<=\d )[PC]", lambda found: found[0].lower(), rest_of_it)
    clauses = list(CLAUSE.finditer(rest_of_it))
    assert "".join(each[0] for each in clauses) == rest_of_it
    lost = set(range(1, count + 1)) - won
    covered = [leads_of(each[1], count) for each in clauses]
    assert sum(each if isinstance(each, int) else len(each) for each in covered) == len(lost)
    for leads, clause in zip(covered, clauses, strict=True):
        if isinstance(leads, int):
            continue
        assert leads <= lost
        if clause[3] is None:
            continue
        of_name = rest[NAMES.index(clause[3])]
        for lead in leads:
            assert of_name[lead - 1] == bests[lead - 1]
            relation = (network[lead - 1] > bests[lead - 1]) - (network[lead - 1] < bests[lead - 1])
            wanted = (
                "already exact" if bests[lead - 1] <= floor else ("as good", "better")[relation]
            )
            assert clause[4] == wanted


def spread_of(network, other, windows=9, **spread):
    """The skill against one baseline, with the spread of the difference."""
    told = replace(metrics(network, other, span=10), windows=windows)
    return skill_of(replace(told, spreads=(Spread(**spread),)))


def test_a_difference_within_the_spread_is_no_clear_one():
    clear = spread_of((3, 3), (4, 4), per_lead=(0.5, 0.5), total=0.4)
    assert clear.beats_all
    assert "mean absolute error 3 against 4 of persistence, a difference of 1 ± 0.4," in str(clear)
    part = spread_of((3, 3), (4, 4), per_lead=(0.5, 1.5), total=0.9)
    assert not part.beats_all
    assert part.clear == (True, False)
    assert str(part).startswith(
        "Beats every baseline at lead 1; at lead 2 there is no clear difference from persistence,"
    )
    none = spread_of((3, 5), (4, 4), per_lead=(2.0, 2.0), total=1.5)
    assert str(none).startswith(
        "There is no clear difference from persistence at every lead time on 9 test windows:"
    )


def test_the_spread_is_told_of_few_windows_alone():
    many = spread_of((3, 3), (4, 4), windows=200, per_lead=(0.5, 0.5), total=0.4)
    assert "±" not in str(many)
    unknown = spread_of((3, 3), (4, 4), windows=1, per_lead=(None, None), total=None)
    assert unknown.beats_all
    assert "±" not in str(unknown)
